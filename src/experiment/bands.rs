//! Series over replications: the mean and its interval in each bucket, and the extremes of all runs.

use super::LEVEL;
use super::results::{Series, SeriesBand};
use crate::engine::Span;
use crate::stats::{Summary, t_quantile};
use std::collections::BTreeMap;

/// Series over the runs that have come in so far, by name.
///
/// Runs that drain end at different moments. A run that has ended keeps its last level, and its rates
/// are zero: leaving it out would show only the slow runs, and the mean would jump where a run ends.
#[derive(Default)]
pub(super) struct Bands(BTreeMap<String, Growing>);

/// One series over the runs so far.
struct Growing {
    unit: &'static str,
    step: Span,
    buckets: Vec<Bucket>,
    /// What each run so far shows once it is over.
    ends: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Bucket {
    seen: Summary,
    min: f64,
    max: f64,
}

impl Bucket {
    const EMPTY: Bucket = Bucket { seen: Summary::EMPTY, min: f64::INFINITY, max: f64::NEG_INFINITY };

    fn add(&mut self, value: f64, min: f64, max: f64) {
        if !value.is_nan() {
            self.seen.add(value);
        }
        // As `f64::min` and `max` for what may be no number, in an instruction.
        self.min = if min < self.min { min } else { self.min };
        self.max = if max > self.max { max } else { self.max };
    }
    /// Its extremes, if any run has some.
    fn extremes(&self) -> (f64, f64) {
        if self.min <= self.max { (self.min, self.max) } else { (f64::NAN, f64::NAN) }
    }
}

impl Bands {
    /// The next run has come in, with these series.
    pub(super) fn add<'a>(&mut self, series: impl IntoIterator<Item = &'a Series>) {
        for s in series {
            let new = || Growing { unit: s.unit, step: s.step, buckets: Vec::new(), ends: Vec::new() };
            self.0.entry(s.name.clone()).or_insert_with(new).add(s);
        }
    }
    /// One band per series that any run has, in order of their names.
    pub(super) fn finish(self) -> Vec<SeriesBand> {
        let mut reaches = BTreeMap::new();
        self.0.into_iter().map(|(name, growing)| growing.finish(name, &mut reaches)).collect()
    }
}

impl Growing {
    fn add(&mut self, series: &Series) {
        assert!(series.step == self.step, "runs of one plan sample on one grid");
        let end = after_end(series);
        if self.buckets.len() < series.value.len() {
            // No run so far has lasted so long.
            let mut bucket = Bucket::EMPTY;
            self.ends.iter().for_each(|end| bucket.add(*end, *end, *end));
            self.buckets.resize(series.value.len(), bucket);
        }
        let (during, after) = self.buckets.split_at_mut(series.value.len());
        let values = series.value.iter().zip(&series.min).zip(&series.max);
        for (bucket, ((value, min), max)) in during.iter_mut().zip(values) {
            bucket.add(*value, *min, *max);
        }
        after.iter_mut().for_each(|bucket| bucket.add(end, end, end));
        self.ends.push(end);
    }
    fn finish(self, name: String, reaches: &mut BTreeMap<u64, f64>) -> SeriesBand {
        let n = self.buckets.len();
        let (mut low, mut mean, mut high) =
            (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
        for bucket in &self.buckets {
            let middle = bucket.seen.mean().unwrap_or(f64::NAN);
            let n = bucket.seen.count();
            let reach = *reaches.entry(n).or_insert_with(|| reach(n));
            let half = reach * bucket.seen.std_error().unwrap_or(0.0);
            mean.push(middle);
            low.push(middle - half);
            high.push(middle + half);
        }
        let (min, max) = self.buckets.iter().map(Bucket::extremes).unzip();
        SeriesBand { name, unit: self.unit, step: self.step, mean, low, high, min, max }
    }
}

/// Half the width of an interval in standard errors. There are many buckets and few such numbers, and Student's
/// quantile takes a while.
fn reach(n: u64) -> f64 {
    if n < 2 { 0.0 } else { t_quantile(0.5 + LEVEL / 2.0, n as f64 - 1.0) }
}

/// What a series shows once its run is over.
fn after_end(series: &Series) -> f64 {
    let level = series.value.last().copied().unwrap_or(f64::NAN);
    if series.unit.ends_with("/s") { 0.0 } else { level }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(unit: &'static str, value: &[f64]) -> Series {
        let value = value.to_vec();
        let min = value.iter().map(|v| v - 1.0).collect();
        let max = value.iter().map(|v| v + 2.0).collect();
        Series { name: "s".into(), unit, step: Span(1), value, min, max }
    }

    fn band(all: &[&Series]) -> SeriesBand {
        let mut bands = Bands::default();
        all.iter().for_each(|s| bands.add([*s]));
        bands.finish().remove(0)
    }

    #[test]
    fn extremes_of_all_runs_are_kept_and_the_interval_holds_the_mean() {
        let (a, b) = (series("records", &[1.0, 10.0]), series("records", &[3.0, 20.0]));
        let band = band(&[&a, &b]);
        assert_eq!(
            (&band.mean[..], &band.min[..], &band.max[..]),
            (&[2.0, 15.0][..], &[0.0, 9.0][..], &[5.0, 22.0][..])
        );
        assert!(band.low[0] < 2.0 && band.high[0] > 2.0);
    }

    #[test]
    fn a_run_that_ended_keeps_its_level_and_has_no_rate() {
        let (short, long): (&[f64], &[f64]) = (&[4.0], &[4.0, 8.0]);
        for (first, second) in [(short, long), (long, short)] {
            let mean = |unit| band(&[&series(unit, first), &series(unit, second)]).mean[1];
            assert_eq!(mean("records"), 6.0);
            assert_eq!(mean("events/s"), 4.0);
        }
    }

    #[test]
    fn a_bucket_nobody_can_state_stays_absent() {
        let band = band(&[&series("s", &[f64::NAN, 1.0]), &series("s", &[f64::NAN, f64::NAN])]);
        assert!(band.mean[0].is_nan() && band.min[0].is_nan());
        assert_eq!((band.mean[1], band.low[1]), (1.0, 1.0));
    }
}
