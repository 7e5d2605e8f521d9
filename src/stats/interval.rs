//! How sure a mean is: confidence intervals for means and for differences of means.
//!
//! They take the values for independent, as those of replications are; for one long series see
//! [`batch_means`](crate::stats::batch_means). For shares and quantiles see
//! [`proportion`](fn@crate::stats::proportion) and [`quantile_interval`](crate::stats::quantile_interval).

use super::student::t_quantile;
use super::summary::Summary;

/// An estimate and the interval that covers the true value with the asked-for probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate: a mean, a difference of means, a share or a quantile. `NaN` of no values.
    pub mean: f64,
    /// Lower end; minus infinity if the values say nothing about it.
    pub low: f64,
    /// Upper end; infinity if the values say nothing about it.
    pub high: f64,
    /// Values (or pairs) it rests on.
    pub n: usize,
}

impl Interval {
    /// Half the distance of the ends.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
    /// Whether a value lies inside, ends included.
    pub fn covers(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
    /// Whether the difference it describes is surely one: 0 lies outside.
    pub fn excludes_zero(&self) -> bool {
        !self.covers(0.0)
    }

    pub(super) fn around(mean: f64, std_error: f64, df: f64, level: f64, n: usize) -> Interval {
        let half = t_quantile(0.5 + level / 2.0, df) * std_error;
        Interval { mean, low: mean - half, high: mean + half, n }
    }
    fn unknown(mean: f64, n: usize) -> Interval {
        Interval { mean, low: f64::NEG_INFINITY, high: f64::INFINITY, n }
    }
}

/// The mean of independent values and its Student t interval at this level (such as 0.95).
///
/// Exact for normal values and good for others if there are many; of 30 exponential values, the nominal 95 %
/// are about 93 %. Fewer than two values give infinite ends. Equal values give an interval of no width.
pub fn mean_interval(values: &[f64], level: f64) -> Interval {
    let (seen, n) = (Summary::of(values), values.len());
    let mean = seen.mean().unwrap_or(f64::NAN);
    match seen.std_error() {
        Some(error) => Interval::around(mean, error, n as f64 - 1.0, level, n),
        None => Interval::unknown(mean, n),
    }
}

/// The mean of the differences `a[i] - b[i]` and its interval: the comparison to make when `a[i]` and `b[i]`
/// shared their random numbers.
///
/// # Panics
/// If there are not as many of one as of the other.
pub fn paired(a: &[f64], b: &[f64], level: f64) -> Interval {
    mean_interval(&differences(a, b), level)
}

/// What share of the variance of their mean difference the pairing of `a` and `b` takes away, against values
/// drawn independently: `1 - var(a - b) / (var a + var b)`. Below 0 if pairing does harm. With a share of 0.9, a
/// tenth of the replications does the same.
///
/// `None` of fewer than two pairs, or if neither side varies.
///
/// # Panics
/// If there are not as many of one as of the other.
pub fn variance_reduction(a: &[f64], b: &[f64]) -> Option<f64> {
    let apart = Summary::of(a).variance()? + Summary::of(b).variance()?;
    let together = Summary::of(&differences(a, b)).variance()?;
    (apart > 0.0).then(|| 1.0 - together / apart)
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len(), "pairs need as many of one as of the other");
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The difference of the means of two independent samples, `a` minus `b`, whose variances may differ.
///
/// Welch's interval with Satterthwaite's degrees of freedom (Welch, Biometrika 1947). Fewer than two values on
/// either side give infinite ends.
pub fn welch(a: &[f64], b: &[f64], level: f64) -> Interval {
    let (x, y) = (Summary::of(a), Summary::of(b));
    let n = a.len() + b.len();
    let mean = x.mean().unwrap_or(f64::NAN) - y.mean().unwrap_or(f64::NAN);
    let (Some(ex), Some(ey)) = (x.std_error(), y.std_error()) else {
        return Interval::unknown(mean, n);
    };
    let (vx, vy) = (ex * ex, ey * ey);
    if vx + vy == 0.0 {
        return Interval { mean, low: mean, high: mean, n };
    }
    let df = (vx + vy) * (vx + vy) / (vx * vx / (x.count() - 1) as f64 + vy * vy / (y.count() - 1) as f64);
    Interval::around(mean, libm::sqrt(vx + vy), df, level, n)
}

/// The level at which each of `comparisons` intervals must be made so that all of them together hold with
/// probability `level` at least (Bonferroni's inequality).
pub fn simultaneous_level(level: f64, comparisons: usize) -> f64 {
    1.0 - (1.0 - level) / comparisons.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{P, Stream, StreamKey};
    use rand::distr::Distribution;
    use rand_distr::{Exp1, StandardNormal};

    #[test]
    fn an_example_from_a_table() {
        // Mean 5, variance 2.5, five values: 2.776445 * sqrt(2.5 / 5).
        let i = mean_interval(&[3.0, 4.0, 5.0, 6.0, 7.0], 0.95);
        assert!((i.half_width() - 2.776_445 * libm::sqrt(0.5)).abs() < 1e-6);
        assert_eq!((i.mean, i.n), (5.0, 5));
    }

    #[test]
    fn too_few_values_leave_everything_open() {
        let one = mean_interval(&[2.0], 0.95);
        assert_eq!((one.mean, one.low, one.high), (2.0, f64::NEG_INFINITY, f64::INFINITY));
        assert!(mean_interval(&[], 0.95).mean.is_nan());
        assert_eq!(welch(&[1.0], &[2.0, 3.0], 0.95).high, f64::INFINITY);
    }

    #[test]
    fn equal_values_have_no_width() {
        let i = mean_interval(&[0.1; 7], 0.95);
        assert_eq!((i.mean, i.low, i.high), (0.1, 0.1, 0.1));
        assert_eq!(welch(&[0.5; 3], &[0.25; 4], 0.99).half_width(), 0.0);
    }

    #[test]
    fn welch_agrees_with_the_pooled_interval_for_samples_alike() {
        // Equal sizes and variances: df = 2 (n - 1) = 8 exactly; t 0.975 of 8 is 2.306004.
        let i = welch(&[3.0, 4.0, 5.0, 6.0, 7.0], &[1.0, 2.0, 3.0, 4.0, 5.0], 0.95);
        assert!((i.half_width() - 2.306_004).abs() < 1e-6, "{i:?}");
        assert_eq!((i.mean, i.n), (2.0, 10));
    }

    #[test]
    fn pairing_removes_what_both_share() {
        let a = [10.0, 25.0, 7.0, 80.0];
        let b = [9.0, 24.1, 6.0, 78.9];
        let i = paired(&a, &b, 0.95);
        assert!(i.excludes_zero() && (i.mean - 1.0).abs() < 1e-9, "{i:?}");
        assert!(variance_reduction(&a, &b).unwrap() > 0.9999);
        assert!(!welch(&a, &b, 0.95).excludes_zero());
        assert_eq!(variance_reduction(&a, &a), Some(1.0));
        assert_eq!(variance_reduction(&a[..1], &b[..1]), None);
        assert_eq!(variance_reduction(&[2.0, 2.0], &[3.0, 3.0]), None, "nothing varies");
    }

    #[test]
    fn pairing_opposites_does_harm() {
        // var(a - b) = 4 var a, twice the sum of both variances.
        let a = [1.0, 2.0, 3.0, 4.0];
        let b = [4.0, 3.0, 2.0, 1.0];
        assert!((variance_reduction(&a, &b).unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn many_comparisons_share_the_risk() {
        assert_eq!((simultaneous_level(0.95, 0), simultaneous_level(0.95, 1)), (0.95, 0.95));
        assert!((simultaneous_level(0.95, 10) - 0.995).abs() < 1e-12);
    }

    /// The share of 2000 intervals at 95 % that cover `truth`; its standard error is 0.5 %.
    fn coverage(truth: f64, mut interval: impl FnMut(&mut Stream) -> Interval) -> f64 {
        let mut stream = StreamKey::new(11, 0).stream("coverage");
        (0..2_000).filter(|_| interval(&mut stream).covers(truth)).count() as f64 / 2_000.0
    }

    fn normal(stream: &mut Stream) -> f64 {
        <StandardNormal as Distribution<P>>::sample(&StandardNormal, stream).0
    }
    fn exponential(stream: &mut Stream) -> f64 {
        <Exp1 as Distribution<P>>::sample(&Exp1, stream).0
    }
    fn sample(n: usize, mut draw: impl FnMut() -> f64) -> Vec<f64> {
        (0..n).map(|_| draw()).collect()
    }

    #[test]
    fn intervals_cover_as_often_as_they_say() {
        for n in [2, 5, 30] {
            let c = coverage(4.0, |s| mean_interval(&sample(n, || 4.0 + normal(s)), 0.95));
            assert!((0.93..=0.97).contains(&c), "mean of {n} normal values: {c}");
        }
        // What both sides share is far larger than what sets them apart, and the difference is symmetric.
        let c = coverage(1.0, |s| {
            let base = sample(30, || 10.0 * exponential(s));
            let a: Vec<f64> = base.iter().map(|x| x + 1.0 + exponential(s)).collect();
            let b: Vec<f64> = base.iter().map(|x| x + exponential(s)).collect();
            paired(&a, &b, 0.95)
        });
        assert!((0.93..=0.97).contains(&c), "paired: {c}");
        let c = coverage(-2.0, |s| {
            let (a, b) = (sample(30, || normal(s)), sample(8, || 2.0 + 6.0 * normal(s)));
            welch(&a, &b, 0.95)
        });
        assert!((0.93..=0.97).contains(&c), "Welch: {c}");
        // Skewed values: less than nominal, as the documentation says; lower bound four standard errors below.
        let c = coverage(1.0, |s| mean_interval(&sample(30, || exponential(s)), 0.95));
        assert!((0.91..=0.97).contains(&c), "mean of exponential values: {c}");
    }
}
