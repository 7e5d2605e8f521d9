//! Expectations against results: held, broken, or undecided, by intervals rather than by means.

use super::quantity::{show, unit};
use super::scope::{Scope, scopes};
use crate::experiment::LEVEL;
use crate::experiment::estimate;
use crate::experiment::results::{Estimate, Outcome, Results, Verdict};
use crate::measure::metric::Unit;
use crate::scenario::{Expectation, Relation, Scenario, Term};

/// Judges every expectation of the scenario, in its order; one that leaves its variant or sweep point
/// open has a verdict for each.
///
/// Both sides are computed in every replication, so that sides from different variants are compared
/// pairwise, on the same random draws. `<` and its like hold (or are broken) when the whole 95 %
/// interval of left minus right is on one side. `==` speaks of every replication: one that differs
/// breaks it. `!=` holds when the interval leaves out zero, or no replication is equal.
pub fn judge(scenario: &Scenario, results: &Results) -> Vec<Verdict> {
    let each = scenario.expect.iter();
    each.flat_map(|e| scopes(e, results).into_iter().map(move |scope| verdict(e, &scope, results))).collect()
}

/// Left, right and their difference, per replication; `NaN` where a metric is absent.
struct Sides {
    left: Vec<f64>,
    right: Vec<f64>,
    difference: Vec<f64>,
}

fn verdict(expectation: &Expectation, scope: &Scope<'_>, results: &Results) -> Verdict {
    let (outcome, evidence) = match sides(expectation, scope, results) {
        Err(absent) => (Outcome::Undecided, absent),
        Ok(sides) => weigh(expectation, &sides),
    };
    Verdict {
        name: expectation.name.clone(),
        expression: expectation.expression.clone(),
        scope: scope.label.clone(),
        outcome,
        evidence,
    }
}

/// Both sides in every replication, or what is missing.
fn sides(expectation: &Expectation, scope: &Scope<'_>, results: &Results) -> Result<Sides, String> {
    let replications = results.replications as usize;
    let side = |term: &Term| -> Result<Vec<f64>, String> {
        let mut sum = vec![term.constant; replications];
        for (factor, reference) in &term.metrics {
            let variant = scope
                .resolve(reference, results)
                .ok_or_else(|| format!("there is no result for `{}` here", reference.metric))?;
            let values =
                variant.values.get(&reference.metric).filter(|v| v.iter().any(|v| !v.is_nan())).ok_or_else(
                    || format!("no replication of `{}` could state `{}`", variant.name, reference.metric),
                )?;
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += factor * value;
            }
        }
        Ok(sum)
    };
    let (left, right) = (side(&expectation.left)?, side(&expectation.right)?);
    let difference: Vec<f64> =
        left.iter().zip(&right).map(|(l, r)| settle(l - r, l.abs().max(r.abs()))).collect();
    if difference.iter().all(|d| d.is_nan()) {
        return Err("no replication could state every metric of it".to_owned());
    }
    Ok(Sides { left, right, difference })
}

/// A difference that is nothing but rounding is none: `0.1 + 0.2 == 0.3` should hold.
fn settle(difference: f64, size: f64) -> f64 {
    if difference.abs() <= 1e-12 * size { 0.0 } else { difference }
}

fn weigh(expectation: &Expectation, sides: &Sides) -> (Outcome, String) {
    let d = estimate(&sides.difference, LEVEL).expect("some difference is there");
    let outcome = outcome(expectation.relation, &sides.difference, d);
    let mut evidence = numbers(expectation, sides, d);
    if outcome == Outcome::Undecided {
        evidence.push_str("; ");
        evidence.push_str(&what_would_decide(&sides.difference, d));
    }
    (outcome, evidence)
}

fn outcome(relation: Relation, differences: &[f64], d: Estimate) -> Outcome {
    let there = || differences.iter().filter(|v| !v.is_nan());
    let (held, broken) = match relation {
        Relation::Less => (d.high < 0.0, d.low >= 0.0),
        Relation::AtMost => (d.high <= 0.0, d.low > 0.0),
        Relation::Greater => (d.low > 0.0, d.high <= 0.0),
        Relation::AtLeast => (d.low >= 0.0, d.high < 0.0),
        Relation::Equal => (there().all(|v| *v == 0.0), there().any(|v| *v != 0.0)),
        Relation::Differs => {
            let apart = d.low > 0.0 || d.high < 0.0 || there().all(|v| *v != 0.0);
            (apart, there().all(|v| *v == 0.0))
        }
    };
    match (held, broken) {
        (true, _) => Outcome::Held,
        (_, true) => Outcome::Broken,
        _ => Outcome::Undecided,
    }
}

/// The numbers in one line: a metric against a constant shows the metric, two sides show their difference.
fn numbers(expectation: &Expectation, sides: &Sides, d: Estimate) -> String {
    let unit = unit_of(expectation);
    let side = |values: &[f64]| {
        let e = estimate(values, LEVEL).expect("both sides are there where their difference is");
        interval(e, unit)
    };
    let mut text = match (expectation.left.metrics.is_empty(), expectation.right.metrics.is_empty()) {
        (false, true) => side(&sides.left),
        (true, false) => side(&sides.right),
        _ => format!(
            "{} against {}, difference {}",
            show(mean(&sides.left), unit),
            show(mean(&sides.right), unit),
            interval(d, unit)
        ),
    };
    let all = sides.difference.len();
    if (d.n as usize) < all {
        text.push_str(&format!(" (absent in {} of {all} replications)", all - d.n as usize));
    }
    if let Some(odd) = odd_one_out(expectation.relation, sides) {
        text.push_str(&format!("; replication {} has {}", odd, show(sides.left[odd], unit)));
    }
    text
}

/// For `==` broken by some replications only: the first that differs.
fn odd_one_out(relation: Relation, sides: &Sides) -> Option<usize> {
    let differs = |d: &f64| !d.is_nan() && *d != 0.0;
    let some = sides.difference.contains(&0.0);
    (relation == Relation::Equal && some).then(|| sides.difference.iter().position(differs)).flatten()
}

fn mean(values: &[f64]) -> f64 {
    estimate(values, LEVEL).map_or(f64::NAN, |e| e.mean)
}

fn interval(e: Estimate, unit: Option<Unit>) -> String {
    match e.n {
        1 => format!("{} (1 replication)", show(e.mean, unit)),
        n if e.low == e.high => format!("{} in each of {n} replications", show(e.mean, unit)),
        n => format!(
            "{} (95 % interval {} to {}, {n} replications)",
            show(e.mean, unit),
            show(e.low, unit),
            show(e.high, unit)
        ),
    }
}

/// The unit of its metrics, if they agree.
fn unit_of(expectation: &Expectation) -> Option<Unit> {
    let mut units =
        expectation.left.metrics.iter().chain(&expectation.right.metrics).map(|(_, r)| unit(&r.metric));
    let first = units.next()??;
    units.all(|u| u == Some(first)).then_some(first)
}

/// How many replications would likely decide: the half-width of the interval has to shrink to the
/// distance of the mean from zero, and it is about `2 s / sqrt(n)`.
fn what_would_decide(differences: &[f64], d: Estimate) -> String {
    const TOO_MANY: f64 = 10_000.0;
    let there: Vec<f64> = differences.iter().copied().filter(|v| !v.is_nan()).collect();
    let variance =
        there.iter().map(|v| (v - d.mean) * (v - d.mean)).sum::<f64>() / (there.len() as f64 - 1.0).max(1.0);
    let needed = libm::ceil(4.0 * variance / (d.mean * d.mean)) + 2.0;
    // A mean of zero gives infinity (or nothing, for 0 / 0): no number will do.
    if needed.is_nan() || needed > TOO_MANY {
        return "the two sides are so close that more replications will hardly decide it".to_owned();
    }
    let needed = needed.max(f64::from(d.n) + 1.0);
    format!("about {needed:.0} replications would likely decide it")
}

#[cfg(test)]
mod tests;
