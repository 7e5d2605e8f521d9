//! Variants against each other, paired on common random numbers; the one place of the correction rule.

use super::LEVEL;
use super::results::{Difference, Estimate, VariantResult};
use super::summarise::estimate;
use crate::stats;

/// The metrics of a group that variants are compared on.
pub const HEADLINES: &[&str] = &[
    "applied",
    "lost",
    "duplicates",
    "shed",
    "dead-lettered",
    "order-violations",
    "latency.p50",
    "latency.p99",
    "lag.max",
    "lag-time.max",
    "stalled",
    "drain-time",
];

/// The level of each interval when `variants` are compared pairwise.
///
/// Bonferroni: with `m` pairs each interval is given at `1 - 0.05 / m`, so that all the intervals of one
/// metric hold together with a probability of at least 95 %.
pub fn level(variants: usize) -> f64 {
    stats::simultaneous_level(LEVEL, pairs(variants).max(1))
}

/// The rule of [`level`] in a sentence for readers.
pub fn rule(variants: usize) -> String {
    let pairs = pairs(variants);
    if pairs < 2 {
        return "Each interval is given at 95 %: with one pair per metric, nothing is corrected for many."
            .into();
    }
    format!(
        "The intervals of the {pairs} pairs hold together at 95 % in each metric (Bonferroni: each at {:.2} %), \
         not over all metrics.",
        level(variants) * 100.0
    )
}

fn pairs(variants: usize) -> usize {
    variants * variants.saturating_sub(1) / 2
}

/// Every later variant minus every earlier one, in each headline metric of each group that both state.
pub(super) fn differences(groups: &[String], variants: &[VariantResult]) -> Vec<Difference> {
    let level = level(variants.len());
    let mut all = Vec::new();
    for metric in groups.iter().flat_map(|g| HEADLINES.iter().map(move |h| format!("group.{g}.{h}"))) {
        for (i, a) in variants.iter().enumerate().skip(1) {
            for b in &variants[..i] {
                let (Some(x), Some(y)) = (a.values.get(&metric), b.values.get(&metric)) else { continue };
                let Some((estimate, variance_reduction)) = paired(x, y, level) else { continue };
                let (metric, a, b) = (metric.clone(), a.name.clone(), b.name.clone());
                all.push(Difference { metric, a, b, estimate, variance_reduction });
            }
        }
    }
    all
}

/// The paired difference over the replications in which both are there, and the share of its variance that
/// pairing took away; `None` without any.
fn paired(a: &[f64], b: &[f64], level: f64) -> Option<(Estimate, Option<f64>)> {
    let there = || a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let differences: Vec<f64> = there().map(|(a, b)| a - b).collect();
    let point = estimate(&differences, level)?;
    let (a, b): (Vec<f64>, Vec<f64>) = there().unzip();
    let reduction = stats::variance_reduction(&a, &b);
    if point.low == point.high {
        return Some((point, reduction));
    }
    let i = stats::paired(&a, &b, level);
    Some((Estimate { mean: i.mean, low: i.low, high: i.high, n: point.n }, reduction))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_more_pairs_the_wider_each_interval() {
        assert_eq!((level(1), level(2)), (0.95, 0.95));
        assert!((level(3) - (1.0 - 0.05 / 3.0)).abs() < 1e-12);
        assert!(rule(3).contains("3 pairs") && rule(3).contains("98.33 %"), "{}", rule(3));
        assert!(rule(2).contains("95 %") && !rule(2).contains("Bonferroni"), "{}", rule(2));
    }

    #[test]
    fn every_later_variant_is_compared_with_every_earlier_one() {
        let scenario = fixture::scenario(&["base", "x", "y"], 4);
        let results = fixture::results(&scenario);
        let pairs: Vec<_> = results
            .differences
            .iter()
            .filter(|d| d.metric == "group.billing.latency.p99")
            .map(|d| (d.a.as_str(), d.b.as_str()))
            .collect();
        assert_eq!(pairs, [("x", "base"), ("y", "base"), ("y", "x")]);
        assert!(
            results.differences.iter().all(|d| d.metric != "group.billing.drain-time"),
            "nobody states it"
        );
    }

    #[test]
    fn pairing_removes_what_both_have_in_common() {
        let noise = [10.0, 250.0, 70.0, 8000.0];
        let more: Vec<f64> = noise.iter().zip([1.0, 1.1, 0.9, 1.0]).map(|(n, d)| n + d).collect();
        let (d, reduction) = paired(&more, &noise, LEVEL).unwrap();
        assert!(d.low > 0.5 && d.high < 1.5, "{d:?}");
        assert!(reduction.is_some_and(|share| share > 0.999), "{reduction:?}");
        let (one, unknown) = paired(&[f64::NAN, 3.0], &[1.0, 1.0], LEVEL).unwrap();
        assert_eq!((one.mean, one.n, unknown), (2.0, 1, None));
        assert_eq!(paired(&[f64::NAN], &[1.0], LEVEL), None);
    }
}
