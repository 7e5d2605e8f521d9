//! Looking things up in results: metrics of a group, causes, partitions.
//!
//! Knows nothing of how they are shown.

use crate::experiment::results::{Estimate, RunRecord, Series, VariantResult};

/// `group.billing.lag.p99` from `billing` and `lag.p99`.
pub(crate) fn group_metric(group: &str, tail: &str) -> String {
    format!("group.{group}.{tail}")
}

/// The estimate of a metric, if this variant can state it.
pub(crate) fn estimate<'a>(variant: &'a VariantResult, metric: &str) -> Option<&'a Estimate> {
    variant.estimates.get(metric).filter(|e| e.n > 0 && e.mean.is_finite())
}

/// The mean of a metric; 0 where it is absent.
pub(crate) fn mean(variant: &VariantResult, metric: &str) -> f64 {
    estimate(variant, metric).map_or(0.0, |e| e.mean)
}

/// Whether any variant saw more than nothing of a metric.
pub(crate) fn any_seen(variants: &[VariantResult], metric: &str) -> bool {
    variants.iter().any(|v| mean(v, metric) > 0.0)
}

/// The causes of a fate (`lost`, `duplicates`, `shed`) of a group that occurred, most frequent first.
pub(crate) fn causes<'a>(
    variant: &'a VariantResult,
    group: &str,
    fate: &str,
) -> Vec<(&'a str, &'a Estimate)> {
    let prefix = format!("group.{group}.{fate}.");
    let mut found: Vec<_> = variant
        .estimates
        .iter()
        .filter_map(|(name, e)| Some((name.strip_prefix(&prefix)?, e)))
        .filter(|(_, e)| e.mean > 0.0)
        .collect();
    found.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean).then(a.0.cmp(b.0)));
    found
}

/// Events created for a group over all replications: the trials behind a rate of which nothing was seen.
pub(crate) fn trials(variant: &VariantResult, group: &str) -> f64 {
    estimate(variant, &group_metric(group, "created")).map_or(0.0, |e| e.mean * f64::from(e.n))
}

/// The lag of each partition of a group in a run, by partition name, in the order a person counts.
pub(crate) fn partitions<'a>(run: &'a RunRecord, group: &str) -> Vec<(&'a str, &'a Series)> {
    let prefix = format!("group.{group}.partition.");
    let mut found: Vec<_> = run
        .series
        .iter()
        .filter(|s| !s.value.is_empty())
        .filter_map(|s| Some((s.name.strip_prefix(&prefix)?.strip_suffix(".lag")?, s)))
        .collect();
    found.sort_by(|a, b| natural(a.0).cmp(&natural(b.0)));
    found
}

/// The partition name of a per-partition series, whichever its group.
pub(crate) fn partition_of(series: &str) -> Option<&str> {
    let (_, rest) = series.split_once(".partition.")?;
    rest.strip_suffix(".lag")
}

/// A key that sorts `orders-2` before `orders-10`.
fn natural(name: &str) -> (&str, u64, &str) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem, name[stem.len()..].parse().unwrap_or(0), name)
}

/// Greatest finite number; `None` without one.
pub(crate) fn greatest(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    values.into_iter().filter(|v| v.is_finite()).reduce(f64::max)
}

/// Whether an interval of a difference leaves out zero.
pub(crate) fn shows_a_difference(e: &Estimate) -> bool {
    e.n > 1 && (e.low > 0.0 || e.high < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_counted_as_a_person_counts() {
        let mut names = ["orders-10", "orders-2", "audit-1", "orders-1"];
        names.sort_by(|a, b| natural(a).cmp(&natural(b)));
        assert_eq!(names, ["audit-1", "orders-1", "orders-2", "orders-10"]);
    }

    #[test]
    fn one_replication_shows_no_difference() {
        let e = |low, high, n| Estimate { mean: (low + high) / 2.0, low, high, n };
        assert!(shows_a_difference(&e(1.0, 3.0, 10)));
        assert!(shows_a_difference(&e(-3.0, -1.0, 10)));
        assert!(!shows_a_difference(&e(-1.0, 3.0, 10)));
        assert!(!shows_a_difference(&e(2.0, 2.0, 1)));
    }
}
