//! The parts of the page, from top to bottom. Each writes HTML; texts of the user are escaped here.

use crate::experiment::compare;
use crate::experiment::results::{Results, Story, StoryKind, VariantResult};
use crate::report::chart::Chart;
use crate::report::command;
use crate::report::draw::canvas::escaped;
use crate::report::draw::theme::themed;
use crate::report::grid::Grid;
use crate::report::json::outcome;
use crate::report::number::{ABSENT, Unit, estimate, percent};
use crate::report::overview::{self, NONE_SEEN};
use crate::report::reading::{causes, group_metric, mean};
use crate::report::sentence::{self, Finding};
use crate::report::text::{all_warnings, provenance as how_made};
use crate::report::wording::{capital, cause, plural};
use std::fmt::Write;

/// Why writing cannot fail.
const TO_A_STRING: &str = "writing to a string cannot fail";

/// Title, question, how it was made, and the warnings in a frame.
pub(super) fn head(out: &mut String, results: &Results) {
    push(out, "h1", &results.title);
    if let Some(question) = &results.question {
        writeln!(out, "<p class=\"question\">{}</p>", escaped(question)).expect(TO_A_STRING);
    }
    let how = capital(&how_made(results));
    writeln!(out, "<p class=\"note\">{}.</p>", escaped(&how)).expect(TO_A_STRING);
    if let Some(note) = overview::precision_note(results) {
        writeln!(out, "<p class=\"note\">{}.</p>", escaped(&capital(&note))).expect(TO_A_STRING);
    }
    let warnings = all_warnings(results);
    if warnings.is_empty() {
        return;
    }
    out.push_str(
        "<div class=\"warning\" role=\"alert\">\n<h2>Read this before believing a number</h2>\n<ul>\n",
    );
    for w in warnings {
        writeln!(
            out,
            "<li>{} <span class=\"note\">(<code>laglab explain {}</code>)</span></li>",
            escaped(&capital(&w.text)),
            w.code
        )
        .expect(TO_A_STRING);
    }
    out.push_str("</ul>\n</div>\n");
}

/// The titles of the charts: what was found, in sentences, each leading to its chart.
pub(super) fn findings(out: &mut String, charts: &[Chart]) {
    if charts.is_empty() {
        return;
    }
    push(out, "h2", "What was found");
    out.push_str("<ul>\n");
    for c in charts {
        writeln!(out, "<li><a href=\"#{}\">{}</a></li>", c.file_stem, escaped(&c.title)).expect(TO_A_STRING);
    }
    out.push_str("</ul>\n");
}

/// What was expected, and what became of it.
pub(super) fn verdicts(out: &mut String, results: &Results) {
    if results.verdicts.is_empty() {
        return;
    }
    push(out, "h2", "What was expected");
    out.push_str(
        "<div class=\"scroll\"><table>\n<thead><tr><th>outcome</th><th class=\"text\">expectation</th>",
    );
    out.push_str("<th class=\"text\">judged on</th><th class=\"text\">evidence</th></tr></thead>\n<tbody>\n");
    for v in &results.verdicts {
        let word = outcome(v.outcome);
        writeln!(
            out,
            "<tr><td class=\"text\"><span class=\"badge {word}\">{word}</span></td><td class=\"text\">{}<br>\
             <code>{}</code></td><td class=\"text\">{}</td><td class=\"text\">{}</td></tr>",
            escaped(&v.name),
            escaped(&v.expression),
            escaped(&v.scope),
            escaped(&v.evidence)
        )
        .expect(TO_A_STRING);
    }
    out.push_str("</tbody></table></div>\n");
    out.push_str("<p class=\"note\">Held or broken: the whole 95\u{a0}% interval says so. Undecided: it holds both; more replications may decide.</p>\n");
}

/// A table per group, and what its losses and duplicates are due to.
pub(super) fn groups(out: &mut String, results: &Results) {
    if results.groups.is_empty() {
        return;
    }
    push(out, "h2", "The numbers");
    for group in &results.groups {
        push(out, "h3", &format!("Group {group}"));
        table(out, &overview::of_group(results, group));
        if let Some(note) = overview::none_seen_note(results, group) {
            writeln!(out, "<p class=\"note\">{}.</p>", escaped(&capital(&note))).expect(TO_A_STRING);
        }
        for note in overview::batch_notes(results, group).iter().chain(&overview::rare_notes(results, group))
        {
            writeln!(out, "<p class=\"note\">{}.</p>", escaped(&capital(note))).expect(TO_A_STRING);
        }
        blame(out, results, group);
    }
}

fn blame(out: &mut String, results: &Results, group: &str) {
    let mut rows = Vec::new();
    for (fate, label) in [("lost", "lost"), ("duplicates", "duplicated"), ("shed", "shed")] {
        for v in &results.variants {
            let total = mean(v, &group_metric(group, fate));
            for (name, e) in causes(v, group, fate).into_iter().filter(|_| total > 0.0) {
                let cells =
                    vec![v.name.clone(), cause(name), estimate(e, Unit::Count), percent(e.mean / total)];
                rows.push((label.to_owned(), cells));
            }
        }
    }
    if rows.is_empty() {
        return;
    }
    writeln!(out, "<h3>Why events for {} are lost or duplicated</h3>", escaped(group)).expect(TO_A_STRING);
    let columns = ["variant", "cause", "events", "share"].map(String::from).to_vec();
    table(out, &Grid { corner: "fate".into(), columns, rows });
}

/// Paired differences as sentences; those that show nothing are folded away.
pub(super) fn comparisons(out: &mut String, results: &Results) {
    let all = sentence::differences(results);
    if all.is_empty() {
        return;
    }
    push(out, "h2", "How the variants compare");
    let rule = compare::rule(results.variants.len());
    writeln!(
        out,
        "<p class=\"note\">Paired: every variant met the same arrivals, keys, service demands and faults. {}</p>",
        escaped(&rule)
    )
    .expect(TO_A_STRING);
    let (shown, rest): (Vec<_>, Vec<_>) = all.iter().partition(|s| s.finding == Finding::Differs);
    let list = |out: &mut String, items: &[&sentence::Sentence]| {
        out.push_str("<ul>\n");
        for s in items {
            writeln!(out, "<li>{}.</li>", escaped(&capital(&s.text))).expect(TO_A_STRING);
        }
        out.push_str("</ul>\n");
    };
    if !shown.is_empty() {
        list(out, &shown);
    }
    if !rest.is_empty() {
        let count = plural(rest.len(), "comparison");
        writeln!(out, "<details><summary>{count} without a shown difference</summary>").expect(TO_A_STRING);
        list(out, &rest);
        out.push_str("</details>\n");
    }
}

/// The table of the sweep.
pub(super) fn sweep(out: &mut String, results: &Results) {
    if let Some(grid) = overview::of_sweep(results) {
        push(out, "h2", "The sweep");
        table(out, &grid);
    }
}

/// The charts.
pub(super) fn figures(out: &mut String, charts: &[Chart]) {
    if charts.is_empty() {
        return;
    }
    push(out, "h2", "Charts");
    for c in charts {
        let stem = &c.file_stem;
        writeln!(
            out,
            "<figure id=\"{stem}\">\n{}<figcaption>{} <a href=\"charts/{stem}.svg\">SVG</a> \
             <a href=\"charts/{stem}.png\">PNG</a></figcaption>\n</figure>",
            themed(&c.svg),
            escaped(c.alt.strip_prefix(&c.title).map_or(&c.alt, |alt| alt.trim_start_matches(['.', ' ']))),
        )
        .expect(TO_A_STRING);
    }
}

/// For each cause, how it came about, step by step.
pub(super) fn stories(out: &mut String, results: &Results) {
    let told: Vec<(&VariantResult, &Story)> =
        results.variants.iter().flat_map(|v| v.stories.iter().map(move |s| (v, s))).collect();
    if told.is_empty() {
        return;
    }
    push(out, "h2", "How it came about");
    out.push_str("<p class=\"note\">For each cause, the first event that suffered it.</p>\n");
    for (i, (v, s)) in told.iter().enumerate() {
        // The same story in a later variant adds nothing.
        if told[..i].iter().any(|(_, earlier)| earlier == s) {
            continue;
        }
        let fate = match s.kind {
            StoryKind::Lost => "lost",
            StoryKind::Duplicate => "applied again",
            StoryKind::Shed => "shed",
        };
        let also = told.iter().filter(|(_, other)| other == s).map(|(v, _)| v.name.as_str());
        let who: Vec<_> = also.collect();
        let title = format!("{}: {} {fate} in {}", capital(&cause(&s.cause)), s.event, s.group);
        push(out, "h3", &title);
        let names = if results.variants.len() > 1 { who.join(", ") } else { v.name.clone() };
        writeln!(out, "<p class=\"note\">Variant: {}</p>\n<ol class=\"story\">", escaped(&names))
            .expect(TO_A_STRING);
        for step in &s.steps {
            writeln!(
                out,
                "<li><span class=\"when\">{:.3}\u{a0}s</span><span class=\"who\">{}</span><span>{}</span></li>",
                step.at.secs(),
                escaped(&step.who),
                escaped(&step.what)
            )
            .expect(TO_A_STRING);
        }
        out.push_str("</ol>\n");
    }
}

/// The words of the page.
pub(super) fn words(out: &mut String) {
    const WORDS: [(&str, &str); 9] = [
        (
            "event",
            "A business fact, created once by a producer's workload. It is counted from its creation, before any buffer.",
        ),
        ("applied", "Its effect on the outside world happened, at least once."),
        ("duplicate effect", "Its effect happened again: a card charged twice."),
        ("lost", "Its effect never happened and never will."),
        ("pending", "Still on its way when the run ended."),
        ("lag", "Records that a group still has before it; lag in time is the age of the next of them."),
        ("latency", "From an event's creation to its first effect."),
        (
            "partitions stood still",
            "Seconds for which partitions were not consumed, added up over the partitions.",
        ),
        (
            "±",
            "Half of the 95\u{a0}% interval of the mean over replications. A difference is claimed only where its own interval leaves out zero.",
        ),
    ];
    push(out, "h2", "What the words mean");
    out.push_str("<dl>\n");
    for (word, meaning) in WORDS {
        writeln!(out, "<dt>{word}</dt><dd>{meaning}</dd>").expect(TO_A_STRING);
    }
    out.push_str("</dl>\n");
}

/// Everything needed to get the same results again.
pub(super) fn provenance(out: &mut String, results: &Results, scenario_text: &str) {
    push(out, "h2", "How to get the same again");
    let command = command(&format!("{}.toml", results.scenario), &results.overrides);
    writeln!(out, "<pre><code>{}</code></pre>\n<dl>", escaped(&command)).expect(TO_A_STRING);
    let row = |out: &mut String, name: &str, value: &str| {
        writeln!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(value)).expect(TO_A_STRING);
    };
    row(out, "laglab", env!("CARGO_PKG_VERSION"));
    row(out, "seed", &results.seed.to_string());
    row(out, "replications", &results.replications.to_string());
    row(out, "scenario hash", &format!("{:016x} (text and overrides)", results.scenario_hash));
    for v in &results.variants {
        let digest = v.digests.first().map_or_else(|| ABSENT.to_owned(), |d| format!("{d:016x}"));
        row(out, "digest", &format!("{digest} ({}, first replication)", v.name));
    }
    out.push_str("</dl>\n<p class=\"note\">Equal digests mean that every fact of the run was the same. All numbers are in \
                  <a href=\"summary.json\">summary.json</a>, the series in <a href=\"series.csv\">series.csv</a>.</p>\n");
    if !scenario_text.is_empty() {
        writeln!(out, "<h3>The scenario</h3>\n<pre><code>{}</code></pre>", escaped(scenario_text))
            .expect(TO_A_STRING);
    }
}

fn push(out: &mut String, tag: &str, text: &str) {
    writeln!(out, "<{tag}>{}</{tag}>", escaped(text)).expect(TO_A_STRING);
}

fn table(out: &mut String, grid: &Grid) {
    out.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for label in std::iter::once(&grid.corner).chain(&grid.columns) {
        write!(out, "<th>{}</th>", escaped(label)).expect(TO_A_STRING);
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (label, cells) in &grid.rows {
        write!(out, "<tr><th>{}</th>", escaped(label)).expect(TO_A_STRING);
        for cell in cells {
            let class = if cell == NONE_SEEN || cell == ABSENT { " class=\"none\"" } else { "" };
            write!(out, "<td{class}>{}</td>", escaped(cell)).expect(TO_A_STRING);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}
