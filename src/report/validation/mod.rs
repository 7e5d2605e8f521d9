//! The validation suite's findings to bytes: a table for the terminal, `validate.json`, a page and its charts.
//!
//! Pure functions; equal findings give equal bytes.

#[cfg(feature = "charts")]
mod chart;
mod data;
#[cfg(feature = "charts")]
mod page;
mod table;

pub use data::json;
pub use table::text;

use crate::report::number::{Unit, digits, mean_and_half};
use crate::validate::{self, Expected, Finding, Findings, Outcome, Rule};

/// Everything that is written: `validate.json`, and with charts `index.html` and a chart per group.
pub fn files(findings: &Findings) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("validate.json".to_owned(), json(findings).into_bytes())];
    files.extend(pictures(findings));
    files
}

#[cfg(not(feature = "charts"))]
fn pictures(_: &Findings) -> Vec<(String, Vec<u8>)> {
    Vec::new()
}

#[cfg(feature = "charts")]
fn pictures(findings: &Findings) -> Vec<(String, Vec<u8>)> {
    let charts = chart::charts(findings);
    let page = page::index_html(findings, &charts);
    let mut files = vec![("index.html".to_owned(), page.into_bytes())];
    files.extend(charts.into_iter().map(|(_, c)| (format!("{}.svg", c.file_stem), c.svg.into_bytes())));
    files
}

/// The word for an outcome.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Explained => "explained",
        Outcome::Failed => "failed",
    }
}

fn unit(of: validate::Unit) -> Unit {
    match of {
        validate::Unit::Seconds => Unit::Seconds,
        validate::Unit::PerSecond => Unit::Rate,
        validate::Unit::Count | validate::Unit::Ratio | validate::Unit::Bytes => Unit::Count,
    }
}

/// What was expected, with its unit.
fn expected(finding: &Finding) -> String {
    let unit = unit(finding.case.unit);
    match finding.case.expected {
        // Three digits would hide what the cases are about.
        Expected::Value(v) => digits(v, unit, 4),
        Expected::Between(low, high) => format!("{} to {}", digits(low, unit, 3), digits(high, unit, 3)),
    }
}

/// The simulated mean, with half of its interval where the rule or the reader needs it.
fn simulated(finding: &Finding) -> String {
    let (interval, unit) = (&finding.interval, unit(finding.case.unit));
    let half = interval.half_width();
    let shown = interval.n > 1 && half.is_finite() && half > 1e-12 * libm::fabs(interval.mean);
    match finding.case.rule {
        // What was spread evenly has no interval, and what must be exact needs none.
        Rule::Mean { .. } | Rule::Every { .. } => digits(interval.mean, unit, 4),
        _ if shown => mean_and_half(interval.mean, Some(half), unit),
        _ => digits(interval.mean, unit, 4),
    }
}

/// `61 of 64 cases pass, 2 differ for a known reason, 1 fails`.
fn tally(outcomes: impl Iterator<Item = Outcome>) -> String {
    let outcomes: Vec<Outcome> = outcomes.collect();
    let count = |outcome| outcomes.iter().filter(|o| **o == outcome).count();
    let mut text = match (count(Outcome::Passed), outcomes.len()) {
        (1, 1) => "the one case passes".to_owned(),
        (n, all) if n == all => format!("all {all} cases pass"),
        (n, all) => format!("{n} of {all} cases pass"),
    };
    match count(Outcome::Explained) {
        0 => {}
        1 => text += ", 1 differs for a known reason",
        n => text += &format!(", {n} differ for a known reason"),
    }
    match count(Outcome::Failed) {
        0 => {}
        1 => text += ", 1 fails",
        n => text += &format!(", {n} fail"),
    }
    text
}

/// The same of all findings.
fn tally_of_all(findings: &Findings) -> String {
    tally(findings.cases.iter().map(|f| f.outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_pass_is_counted_by_its_kind() {
        use Outcome::{Explained, Failed, Passed};
        let said = |outcomes: &[Outcome]| tally(outcomes.iter().copied());
        assert_eq!(said(&[Passed]), "the one case passes");
        assert_eq!(said(&[Passed; 3]), "all 3 cases pass");
        let mixed = said(&[Passed, Explained, Failed, Failed]);
        assert_eq!(mixed, "1 of 4 cases pass, 1 differs for a known reason, 2 fail");
    }
}
