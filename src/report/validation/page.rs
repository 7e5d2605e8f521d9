//! The page of the validation suite: every case with formula, source, rule, prediction and outcome, and what was run.

use crate::report::chart::Chart;
use crate::report::draw::canvas::escaped;
use crate::report::draw::theme::themed;
use crate::report::html::framed;
use crate::report::validation::{expected, simulated, tally_of_all, word};
use crate::report::wording::capital;
use crate::validate::{Finding, Findings, Group, Outcome, Size};
use std::fmt::Write;

/// Why writing cannot fail.
const TO_A_STRING: &str = "writing to a string cannot fail";

/// `index.html`.
pub(super) fn index_html(findings: &Findings, charts: &[(Group, Chart)]) -> String {
    let mut body = String::new();
    head(&mut body, findings);
    differences(&mut body, findings);
    for group in Group::ALL {
        let chart = charts.iter().find(|(g, _)| *g == group).map(|(_, c)| c);
        section(&mut body, findings, group, chart);
    }
    again(&mut body, findings);
    framed("Validation of laglab", &body)
}

fn head(out: &mut String, findings: &Findings) {
    out.push_str("<h1>Validation of laglab</h1>\n");
    writeln!(out, "<p class=\"question\">{}.</p>", escaped(&capital(&tally_of_all(findings))))
        .expect(TO_A_STRING);
    let part = match &findings.only {
        Some(pattern) => format!(
            " Only cases whose name contains <code>{}</code> were run, of {} in all.",
            escaped(pattern),
            findings.of
        ),
        None => String::new(),
    };
    writeln!(
        out,
        "<p class=\"note\">{} form, seed {}.{part} Every case states its formula or measurement, its source and its \
         rule; what is simulated has no part in them. Intervals of means are Student's over independent \
         replications, at {:.4}\u{a0}% each, so that a right program fails a case of the whole suite with a \
         probability of at most 1\u{a0}% when the seed is drawn anew. A rule also asks that the interval be \
         narrow enough to notice a bias.</p>",
        if findings.size == Size::Quick { "Quick" } else { "Full" },
        findings.seed,
        findings.level * 100.0
    )
    .expect(TO_A_STRING);
}

/// What failed, and what differs for a reason.
fn differences(out: &mut String, findings: &Findings) {
    let differing: Vec<&Finding> = findings.cases.iter().filter(|f| f.outcome != Outcome::Passed).collect();
    if differing.is_empty() {
        return;
    }
    out.push_str("<h2>What differs</h2>\n<ul>\n");
    for f in differing {
        writeln!(
            out,
            "<li>{} <code>{}</code>: {}; expected {}, simulated {}. {}.</li>",
            badge(f.outcome),
            escaped(&findings.name(f)),
            escaped(&f.case.figure),
            escaped(&expected(f)),
            escaped(&simulated(f)),
            escaped(&capital(&f.why))
        )
        .expect(TO_A_STRING);
    }
    out.push_str("</ul>\n");
}

fn badge(outcome: Outcome) -> String {
    let class = match outcome {
        Outcome::Passed => "held",
        Outcome::Explained => "undecided",
        Outcome::Failed => "broken",
    };
    format!("<span class=\"badge {class}\">{}</span>", word(outcome))
}

fn section(out: &mut String, findings: &Findings, group: Group, chart: Option<&Chart>) {
    let trials: Vec<usize> =
        (0..findings.trials.len()).filter(|i| findings.trials[*i].group == group).collect();
    if trials.is_empty() {
        return;
    }
    writeln!(
        out,
        "<h2 id=\"{}\">{}</h2>\n<p>{}</p>",
        group.name(),
        escaped(group.title()),
        escaped(group.about())
    )
    .expect(TO_A_STRING);
    if let Some(c) = chart {
        writeln!(
            out,
            "<figure>\n{}<figcaption><a href=\"{}.svg\">SVG</a></figcaption>\n</figure>",
            themed(&c.svg),
            c.file_stem
        )
        .expect(TO_A_STRING);
    }
    out.push_str(
        "<div class=\"scroll\"><table>\n<thead><tr><th>figure</th><th class=\"text\">formula or measurement</th>\
         <th>expected</th><th>simulated</th><th class=\"text\">verdict</th></tr></thead>\n",
    );
    for i in trials {
        trial(out, findings, i);
    }
    out.push_str("</table></div>\n");
}

fn trial(out: &mut String, findings: &Findings, i: usize) {
    let trial = &findings.trials[i];
    let times = if trial.replications == 1 {
        "one replication".to_owned()
    } else {
        format!("{} replications", trial.replications)
    };
    writeln!(
        out,
        "<tbody>\n<tr><td class=\"text\" colspan=\"5\"><h3>{}</h3><span class=\"note\"><code>{}/{}</code>, {times}</span>\
         <details><summary>what was run</summary><pre><code>{}</code></pre></details></td></tr>",
        escaped(&trial.title),
        trial.group.name(),
        escaped(&trial.name),
        escaped(trial.script.trim_end())
    )
    .expect(TO_A_STRING);
    for f in findings.cases.iter().filter(|f| f.trial == i) {
        writeln!(
            out,
            "<tr><td class=\"text\">{}</td><td class=\"text\">{}<br><span class=\"note\">{}</span></td>\
             <td>{}</td><td>{}</td><td class=\"text\">{}<br><span class=\"note\">{}</span></td></tr>",
            escaped(&capital(&f.case.figure)),
            escaped(&f.case.formula),
            escaped(f.case.source),
            escaped(&expected(f)),
            escaped(&simulated(f)),
            badge(f.outcome),
            escaped(&f.case.rule_in_words(findings.level))
        )
        .expect(TO_A_STRING);
    }
    out.push_str("</tbody>\n");
}

fn again(out: &mut String, findings: &Findings) {
    let quick = if findings.size == Size::Quick { " --quick" } else { "" };
    let only = findings.only.as_ref().map_or_else(String::new, |p| format!(" --only '{p}'"));
    writeln!(
        out,
        "<h2>How to get the same again</h2>\n<pre><code>laglab validate{quick} --seed {}{}</code></pre>\n\
         <p class=\"note\">laglab {}. The same version and seed give the same bytes, on any number of threads. A \
         scenario shown under \u{201c}what was run\u{201d}, saved as a file, is run by <code>laglab run FILE --seed \
         {}</code>. All figures are in <a href=\"validate.json\">validate.json</a>.</p>",
        findings.seed,
        escaped(&only),
        env!("CARGO_PKG_VERSION"),
        findings.seed
    )
    .expect(TO_A_STRING);
}
