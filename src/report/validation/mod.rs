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

/// `61 of 64 cases passed, 2 differ for a known reason, 1 failed`.
fn tally(findings: &Findings) -> String {
    let count = |outcome| findings.count(outcome);
    let mut text = format!("{} of {} cases passed", count(Outcome::Passed), findings.cases.len());
    match count(Outcome::Explained) {
        0 => {}
        1 => text += ", 1 differs for a known reason",
        n => text += &format!(", {n} differ for a known reason"),
    }
    match count(Outcome::Failed) {
        0 => {}
        n => text += &format!(", {n} failed"),
    }
    text
}
