//! `summary.json`: every number of an experiment for a program to read; the series are in `series.csv`.
//!
//! Keys are sorted and numbers are the shortest that read back the same, so equal results give equal
//! bytes. What is not a number is `null`.
//!
//! | key | content |
//! |---|---|
//! | `format` | 1; grows when a reader of the old form would misread the new one |
//! | `laglab` | version of the program |
//! | `scenario`, `title`, `question` | file stem, title, question (or `null`) |
//! | `command` | the command that gives these results, with what was given on the command line |
//! | `source` | `{text, set, seed, replications, unlimited}`: the scenario and what the command line changed in it; [`source`] reads it back |
//! | `scenario_hash` | hash of the scenario text and the overrides, 16 hexadecimal digits |
//! | `seed`, `replications` | as run |
//! | `precision` | `[{metric, target, reached, at, met}]`: what was asked for, and what it came to where it is known worst |
//! | `duration`, `warm_up` | seconds |
//! | `warm_up_found` | whether the warm-up was found (`"auto"`), and not given |
//! | `variants` | name to `{ metric: {mean, low, high, n}, ..., "digests": [16 hexadecimal digits each], "rates": { metric: {seen, of, low, high} }, "batch_means": { metric: {mean, low, high, batches, correlation} } }`, the last only where asked for |
//! | `differences` | `[{metric, a, b, mean, low, high, n, variance_reduction}]`: `a` minus `b`, paired |
//! | `sweep` | `[{at: [{path, value}], variants}]` |
//! | `verdicts` | `[{name, expression, scope, outcome, evidence}]`, outcome `held`, `broken` or `undecided` |
//! | `warnings` | `[{code, text}]` over all variants, each once |

use crate::experiment::results::{BatchEstimate, Estimate, Outcome, Rate, Results, VariantResult, Warning};
use crate::report::command;
use crate::scenario::Overrides;
use serde_json::{Map, Number, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The content of `summary.json`.
pub fn summary_json(results: &Results) -> String {
    let differences = results.differences.iter().map(|d| {
        let mut fields = estimate_fields(&d.estimate);
        fields.extend([("metric", text(&d.metric)), ("a", text(&d.a)), ("b", text(&d.b))]);
        fields.push(("variance_reduction", d.variance_reduction.map_or(Value::Null, float)));
        object(fields)
    });
    let sweep = results.sweep.iter().map(|point| {
        let at = point.at.iter().map(|(path, value)| object([("path", text(path)), ("value", text(value))]));
        object([("at", Value::Array(at.collect())), ("variants", variants(&point.variants))])
    });
    let verdicts = results.verdicts.iter().map(|v| {
        object([
            ("name", text(&v.name)),
            ("expression", text(&v.expression)),
            ("scope", text(&v.scope)),
            ("outcome", text(outcome(v.outcome))),
            ("evidence", text(&v.evidence)),
        ])
    });
    let precision = results.precision.iter().map(|p| {
        object([
            ("metric", text(&p.metric)),
            ("target", float(p.target)),
            ("reached", p.reached.map_or(Value::Null, float)),
            ("at", text(&p.at)),
            ("met", Value::from(p.met)),
        ])
    });
    let warnings: BTreeSet<&Warning> = all_variants(results).flat_map(|v| &v.warnings).collect();
    let summary = object([
        ("format", Value::from(1)),
        ("laglab", text(env!("CARGO_PKG_VERSION"))),
        ("scenario", text(&results.scenario)),
        ("title", text(&results.title)),
        ("question", results.question.as_deref().map_or(Value::Null, text)),
        ("command", text(&command(&format!("{}.toml", results.scenario), &results.overrides))),
        ("source", source_fields(results)),
        ("scenario_hash", text(&format!("{:016x}", results.scenario_hash))),
        ("seed", Value::from(results.seed)),
        ("replications", Value::from(results.replications)),
        ("precision", Value::Array(precision.collect())),
        ("duration", float(results.duration.secs())),
        ("warm_up", float(results.warm_up.secs())),
        ("warm_up_found", Value::from(results.warm_up_found)),
        ("variants", variants(&results.variants)),
        ("differences", Value::Array(differences.collect())),
        ("sweep", Value::Array(sweep.collect())),
        ("verdicts", Value::Array(verdicts.collect())),
        ("warnings", warning_list(warnings)),
    ]);
    let mut out = serde_json::to_string_pretty(&summary).expect("values with string keys always serialize");
    out.push('\n');
    out
}

fn source_fields(results: &Results) -> Value {
    let given = &results.overrides;
    let set = given.set.iter().map(|(path, value)| Value::Array(vec![text(path), text(value)]));
    object([
        ("text", text(&results.text)),
        ("set", Value::Array(set.collect())),
        ("seed", given.seed.map_or(Value::Null, Value::from)),
        ("replications", given.replications.map_or(Value::Null, Value::from)),
        ("unlimited", Value::from(given.unlimited)),
    ])
}

/// Where results come from, as their `summary.json` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// File stem of the scenario.
    pub scenario: String,
    /// Its text.
    pub text: String,
    /// What the command line changed in it.
    pub overrides: Overrides,
    /// The version of laglab that made them.
    pub version: String,
}

/// Reads back from a `summary.json` where it comes from.
///
/// # Errors
/// One line, if it is no such file or one of a version that did not write its source.
pub fn source(summary: &[u8]) -> Result<Source, String> {
    let value: Value = serde_json::from_slice(summary).map_err(|e| format!("it is not JSON: {e}"))?;
    let missing = |key: &str| format!("it has no `{key}`, so it is no summary of this version of laglab");
    let word = |value: &Value, key: &str| value[key].as_str().map(str::to_owned).ok_or_else(|| missing(key));
    let source = &value["source"];
    let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
    let set = source["set"].as_array().and_then(|all| all.iter().map(pair).collect());
    let replications = source["replications"].as_u64().map(u32::try_from).transpose();
    Ok(Source {
        scenario: word(&value, "scenario")?,
        text: word(source, "text").map_err(|_| missing("source.text"))?,
        overrides: Overrides {
            set: set.ok_or_else(|| missing("source.set"))?,
            seed: source["seed"].as_u64(),
            replications: replications.map_err(|_| missing("source.replications"))?,
            unlimited: source["unlimited"].as_bool().unwrap_or_default(),
        },
        version: word(&value, "laglab")?,
    })
}

/// The word for an outcome, as data files and tables write it.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Held => "held",
        Outcome::Broken => "broken",
        Outcome::Undecided => "undecided",
    }
}

fn all_variants(results: &Results) -> impl Iterator<Item = &VariantResult> {
    results.variants.iter().chain(results.sweep.iter().flat_map(|p| &p.variants))
}

fn variants(variants: &[VariantResult]) -> Value {
    let named = variants.iter().map(|v| {
        let metrics = v.estimates.iter().map(|(name, e)| (name.as_str(), object(estimate_fields(e))));
        let digests = v.digests.iter().map(|d| text(&format!("{d:016x}")));
        let rates = v.rates.iter().map(|(name, r)| (name.as_str(), rate_fields(r)));
        // Every metric name has a dot, so that nothing can clash.
        let mut others = vec![("digests", Value::Array(digests.collect())), ("rates", object(rates))];
        if !v.batch_means.is_empty() {
            let batched = v.batch_means.iter().map(|(name, b)| (name.as_str(), batch_fields(b)));
            others.push(("batch_means", object(batched)));
        }
        (v.name.as_str(), object(metrics.chain(others)))
    });
    object(named)
}

fn warning_list<'a>(warnings: impl IntoIterator<Item = &'a Warning>) -> Value {
    let list = warnings.into_iter().map(|w| object([("code", text(w.code)), ("text", text(&w.text))]));
    Value::Array(list.collect())
}

fn rate_fields(r: &Rate) -> Value {
    object([
        ("seen", Value::from(r.seen)),
        ("of", Value::from(r.of)),
        ("low", float(r.low)),
        ("high", float(r.high)),
    ])
}

fn batch_fields(b: &BatchEstimate) -> Value {
    object([
        ("mean", float(b.mean)),
        ("low", float(b.low)),
        ("high", float(b.high)),
        ("batches", Value::from(b.batches)),
        ("correlation", float(b.correlation)),
    ])
}

fn estimate_fields(e: &Estimate) -> Vec<(&'static str, Value)> {
    vec![("mean", float(e.mean)), ("low", float(e.low)), ("high", float(e.high)), ("n", Value::from(e.n))]
}

/// An object with its keys sorted.
pub(crate) fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let sorted: BTreeMap<&str, Value> = fields.into_iter().collect();
    Value::Object(sorted.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())
}

/// A text.
pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A number; `null` if it is none.
pub(crate) fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn keys_are_sorted(value: &Value) -> bool {
        match value {
            Value::Object(map) => {
                map.keys().zip(map.keys().skip(1)).all(|(a, b)| a < b) && map.values().all(keys_are_sorted)
            }
            Value::Array(items) => items.iter().all(keys_are_sorted),
            _ => true,
        }
    }

    #[test]
    fn it_reads_back_with_sorted_keys_and_exact_numbers() {
        let results = fixture::results();
        let value: Value = serde_json::from_str(&summary_json(&results)).expect("valid");
        assert!(keys_are_sorted(&value));
        assert_eq!(value["scenario_hash"], "123456789abcdef0");
        assert_eq!(value["duration"], 120.0);
        let e = results.variants[1].estimates["group.billing.lag.p99"];
        assert_eq!(value["variants"]["careless"]["group.billing.lag.p99"]["low"], e.low);
        assert_eq!(value["warnings"].as_array().map(Vec::len), Some(1), "the same warning once");
        assert_eq!(value["sweep"].as_array().map(Vec::len), Some(5));
    }

    #[test]
    fn what_is_not_a_number_is_null() {
        let value: Value = serde_json::from_str(&summary_json(&fixture::broken())).expect("valid");
        assert!(value["variants"]["base"]["group.billing.lag.p99"]["mean"].is_null());
    }
}
