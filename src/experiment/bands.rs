//! Series over replications: the mean and its interval in each bucket, and the extremes of all runs.

use super::LEVEL;
use super::results::{RunRecord, Series, SeriesBand};
use crate::stats::{Summary, t_quantile};
use std::collections::BTreeMap;

/// One band per series that any run has, in order of their names.
///
/// Runs that drain end at different moments. A run that has ended keeps its last level, and its rates
/// are zero: leaving it out would show only the slow runs, and the mean would jump where a run ends.
pub(super) fn bands(runs: &[RunRecord]) -> Vec<SeriesBand> {
    let mut by_name: BTreeMap<&str, Vec<&Series>> = BTreeMap::new();
    for series in runs.iter().flat_map(|r| &r.series) {
        by_name.entry(&series.name).or_default().push(series);
    }
    let reach = reach(runs.len());
    by_name.into_values().map(|all| band(&all, &reach)).collect()
}

/// Half-widths of intervals in standard errors, by number of values up to `most`. There are many buckets
/// and few such numbers, and Student's quantile takes a while.
fn reach(most: usize) -> Vec<f64> {
    (0..=most).map(|n| if n < 2 { 0.0 } else { t_quantile(0.5 + LEVEL / 2.0, n as f64 - 1.0) }).collect()
}

fn band(all: &[&Series], reach: &[f64]) -> SeriesBand {
    let first = all[0];
    assert!(all.iter().all(|s| s.step == first.step), "runs of one plan sample on one grid");
    let buckets = all.iter().map(|s| s.value.len()).max().unwrap_or(0);
    let mut band = SeriesBand {
        name: first.name.clone(),
        unit: first.unit,
        step: first.step,
        mean: Vec::with_capacity(buckets),
        low: Vec::with_capacity(buckets),
        high: Vec::with_capacity(buckets),
        min: Vec::with_capacity(buckets),
        max: Vec::with_capacity(buckets),
    };
    for i in 0..buckets {
        let (mut min, mut max) = (f64::NAN, f64::NAN);
        let mut seen = Summary::default();
        for series in all {
            let at = |of: &[f64]| of.get(i).copied().unwrap_or_else(|| after_end(series));
            let value = at(&series.value);
            if !value.is_nan() {
                seen.add(value);
            }
            min = min.min(at(&series.min));
            max = max.max(at(&series.max));
        }
        let mean = seen.mean().unwrap_or(f64::NAN);
        let half = reach[seen.count() as usize] * seen.std_error().unwrap_or(0.0);
        band.mean.push(mean);
        band.low.push(mean - half);
        band.high.push(mean + half);
        band.min.push(min);
        band.max.push(max);
    }
    band
}

/// What a series shows once its run is over.
fn after_end(series: &Series) -> f64 {
    let level = series.value.last().copied().unwrap_or(f64::NAN);
    if series.unit.ends_with("/s") { 0.0 } else { level }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Span;

    fn series(unit: &'static str, value: &[f64]) -> Series {
        let value = value.to_vec();
        let min = value.iter().map(|v| v - 1.0).collect();
        let max = value.iter().map(|v| v + 2.0).collect();
        Series { name: "s".into(), unit, step: Span(1), value, min, max }
    }

    #[test]
    fn extremes_of_all_runs_are_kept_and_the_interval_holds_the_mean() {
        let (a, b) = (series("records", &[1.0, 10.0]), series("records", &[3.0, 20.0]));
        let band = band(&[&a, &b], &reach(2));
        assert_eq!(
            (&band.mean[..], &band.min[..], &band.max[..]),
            (&[2.0, 15.0][..], &[0.0, 9.0][..], &[5.0, 22.0][..])
        );
        assert!(band.low[0] < 2.0 && band.high[0] > 2.0);
    }

    #[test]
    fn a_run_that_ended_keeps_its_level_and_has_no_rate() {
        let mean = |unit| band(&[&series(unit, &[4.0]), &series(unit, &[4.0, 8.0])], &reach(2)).mean[1];
        assert_eq!(mean("records"), 6.0);
        assert_eq!(mean("events/s"), 4.0);
    }

    #[test]
    fn a_bucket_nobody_can_state_stays_absent() {
        let band = band(&[&series("s", &[f64::NAN, 1.0]), &series("s", &[f64::NAN, f64::NAN])], &reach(2));
        assert!(band.mean[0].is_nan() && band.min[0].is_nan());
        assert_eq!((band.mean[1], band.low[1]), (1.0, 1.0));
    }
}
