//! `validate.json`: every case with its prediction, what was simulated, its rule and its outcome; and every trial.
//!
//! Keys are sorted, numbers are the shortest that read back the same, and what is not a number is `null`.

use crate::report::json::{float, object, text};
use crate::report::validation::word;
use crate::validate::{Expected, Finding, Findings, Outcome, RISK, Size, Unit};
use serde_json::Value;

/// The content of `validate.json`.
pub fn json(findings: &Findings) -> String {
    let cases = findings.cases.iter().map(|f| case(findings, f));
    let trials = findings.trials.iter().map(|t| {
        object([
            ("group", text(t.group.name())),
            ("name", text(&t.name)),
            ("title", text(&t.title)),
            ("replications", Value::from(t.replications)),
            ("script", text(&t.script)),
        ])
    });
    let all = object([
        ("format", Value::from(1)),
        ("laglab", text(env!("CARGO_PKG_VERSION"))),
        ("seed", Value::from(findings.seed)),
        ("quick", Value::from(findings.size == Size::Quick)),
        ("only", findings.only.as_deref().map_or(Value::Null, text)),
        ("risk", float(RISK)),
        ("level", float(findings.level)),
        ("cases_in_suite", Value::from(findings.of)),
        ("passed", Value::from(findings.count(Outcome::Passed))),
        ("explained", Value::from(findings.count(Outcome::Explained))),
        ("failed", Value::from(findings.count(Outcome::Failed))),
        ("cases", Value::Array(cases.collect())),
        ("trials", Value::Array(trials.collect())),
    ]);
    let mut out = serde_json::to_string_pretty(&all).expect("values with string keys always serialize");
    out.push('\n');
    out
}

fn case(findings: &Findings, f: &Finding) -> Value {
    let (low, high) = match f.case.expected {
        Expected::Value(v) => (v, v),
        Expected::Between(low, high) => (low, high),
    };
    object([
        ("name", text(&findings.name(f))),
        ("figure", text(&f.case.figure)),
        ("formula", text(&f.case.formula)),
        ("source", text(f.case.source)),
        ("unit", text(unit(f.case.unit))),
        ("expected_low", float(low)),
        ("expected_high", float(high)),
        ("mean", float(f.interval.mean)),
        ("low", float(f.interval.low)),
        ("high", float(f.interval.high)),
        ("n", Value::from(f.interval.n)),
        ("rule", text(&f.case.rule_in_words(findings.level))),
        ("outcome", text(word(f.outcome))),
        ("why", text(&f.why)),
    ])
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Seconds => "seconds",
        Unit::PerSecond => "per second",
        Unit::Ratio => "ratio",
        Unit::Bytes => "bytes per second",
    }
}
