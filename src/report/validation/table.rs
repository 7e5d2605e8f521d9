//! The findings in the terminal: a table per group, and what did not pass in full sentences.

use crate::report::grid::Grid;
use crate::report::text::Style;
use crate::report::text::layout::Page;
use crate::report::text::{BAD, BOLD, DIM, GOOD, WARN};
use crate::report::validation::{expected, simulated, tally_of_all, word};
use crate::report::wording::capital;
use crate::validate::{Finding, Findings, Group, Outcome, Size};

/// The whole of it, in lines of at most `width` characters (at least 60).
pub fn text(findings: &Findings, width: usize, style: Style) -> String {
    let mut page = Page::new(width.max(60), style);
    let form = if findings.size == Size::Quick { "quick" } else { "full" };
    page.styled("Validation", BOLD);
    page.styled(
        &format!(
            "{form} form, seed {}, intervals at {:.3} %, so that all of the suite hold together with 99 %",
            findings.seed,
            findings.level * 100.0
        ),
        DIM,
    );
    for group in Group::ALL {
        let cases: Vec<&Finding> =
            findings.cases.iter().filter(|f| findings.trials[f.trial].group == group).collect();
        if cases.is_empty() {
            continue;
        }
        page.heading(group.title(), BOLD);
        let rows = cases.iter().map(|f| {
            let label = format!("{}/{}", findings.trials[f.trial].name, f.case.name);
            (label, vec![expected(f), simulated(f), word(f.outcome).to_owned()])
        });
        let columns = ["expected", "simulated", "verdict"].map(String::from).to_vec();
        // Rows are what grows: the table is never turned.
        page.block(&Grid { corner: "case".into(), columns, rows: rows.collect() }.fit(page.width()));
    }
    page.heading("", BOLD);
    for f in &findings.cases {
        let said = format!(
            "{}: {}; expected {} ({}), simulated {}; rule: {}; {}",
            findings.name(f),
            f.case.figure,
            expected(f),
            f.case.formula,
            simulated(f),
            f.case.rule_in_words(findings.level),
            f.why
        );
        match f.outcome {
            Outcome::Passed => {}
            Outcome::Explained => page.item("explained", WARN, &said),
            Outcome::Failed => page.item("failed", BAD, &said),
        }
    }
    let failed = findings.count(Outcome::Failed) > 0;
    page.styled(&capital(&tally_of_all(findings)), if failed { BAD } else { GOOD });
    page.finish()
}
