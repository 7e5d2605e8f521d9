//! How sure the mean of one long series is whose neighbours resemble each other.
//!
//! Successive latencies of one run are far from independent, so the interval for independent values would be
//! much too narrow. Means of long batches nearly are (Schmeiser, Operations Research 1982). Knows nothing of
//! warm-up; cut it off first.

use super::interval::Interval;
use super::summary::Summary;

/// A good number of batches: Schmeiser found that more than 30 hardly narrow the interval, and that fewer than
/// 10 widen it much.
pub const USUAL_BATCHES: usize = 20;

/// What the batches of a series say about its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchMeans {
    /// The mean and its interval; `n` is the number of batches.
    pub interval: Interval,
    /// Correlation of successive batches. Far from 0 (by more than two over the root of the number of batches),
    /// the batches are too short and the interval too narrow.
    pub correlation: f64,
}

impl BatchMeans {
    /// Whether successive batches resemble each other more than chance explains.
    pub fn too_short(&self) -> bool {
        self.correlation > 2.0 / libm::sqrt(self.interval.n as f64)
    }
}

/// Cuts a series into this many batches of equal size and makes the interval from their means.
///
/// What is left over by the division is left out at the start. `None` for fewer than two batches, or more
/// than there are values.
pub fn batch_means(series: &[f64], batches: usize, level: f64) -> Option<BatchMeans> {
    if batches < 2 || series.len() < batches {
        return None;
    }
    let size = series.len() / batches;
    let used = &series[series.len() - size * batches..];
    let sums: Vec<(f64, f64)> = used.chunks_exact(size).map(|b| (b.iter().sum(), size as f64)).collect();
    batch_ratio(&sums, level)
}

/// The mean of a series of which the sum and the number of values of each batch are known; the numbers may differ,
/// as they do where batches are equally long in time.
///
/// The mean of all values is a ratio of two sums, and its variance that of the residuals `sum - mean * number`, as
/// for regenerative cycles (Law, Simulation Modeling and Analysis, section 9.5.3); with equal numbers it is that of
/// the batch means. `None` for fewer than two batches, or without values.
pub fn batch_ratio(sums: &[(f64, f64)], level: f64) -> Option<BatchMeans> {
    let m = sums.len() as f64;
    let number = sums.iter().map(|(_, n)| n).sum::<f64>() / m;
    if sums.len() < 2 || number <= 0.0 {
        return None;
    }
    let mean = sums.iter().map(|(sum, _)| sum).sum::<f64>() / m / number;
    let residuals: Vec<f64> = sums.iter().map(|(sum, n)| (sum - mean * n) / number).collect();
    let error = Summary::of(&residuals).std_error()?;
    let interval = Interval::around(mean, error, m - 1.0, level, sums.len());
    Some(BatchMeans { interval, correlation: lag_one_correlation(&residuals) })
}

/// Correlation of each value with the next; 0 of fewer than two values, or if they do not vary.
pub fn lag_one_correlation(series: &[f64]) -> f64 {
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let squares: f64 = series.iter().map(|x| (x - mean) * (x - mean)).sum();
    let products: f64 = series.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum();
    if squares > 0.0 { products / squares } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{P, Stream, StreamKey};
    use crate::stats::mean_interval;
    use rand::distr::Distribution;
    use rand_distr::StandardNormal;

    /// An autoregressive series around 5 in which each value keeps 0.9 of the last one's distance.
    fn series(n: usize, stream: &mut Stream) -> Vec<f64> {
        let mut draw = || <StandardNormal as Distribution<P>>::sample(&StandardNormal, stream).0;
        let mut off = draw() / libm::sqrt(1.0 - 0.81);
        (0..n)
            .map(|_| {
                off = 0.9 * off + draw();
                5.0 + off
            })
            .collect()
    }

    #[test]
    fn batches_cover_the_mean_where_single_values_do_not() {
        let mut stream = StreamKey::new(13, 0).stream("series");
        let (mut batched, mut naive) = (0, 0);
        for _ in 0..1_000 {
            let values = series(4_000, &mut stream);
            batched += usize::from(batch_means(&values, USUAL_BATCHES, 0.95).unwrap().interval.covers(5.0));
            naive += usize::from(mean_interval(&values, 0.95).covers(5.0));
        }
        // Nominally 950 with a standard error of 7; correlation between batches of 200 costs about one percent.
        assert!((920..=975).contains(&batched), "{batched}");
        // The naive interval is too narrow by the factor sqrt(1.9 / 0.1) = 4.4: it covers at 0.35.
        assert!(naive < 450, "{naive}");
    }

    #[test]
    fn short_batches_are_given_away_by_their_correlation() {
        let values = series(4_000, &mut StreamKey::new(14, 0).stream("series"));
        let short = batch_means(&values, 2_000, 0.95).unwrap();
        assert!(short.correlation > 0.7 && short.too_short());
        assert!(batch_means(&values, 20, 0.95).unwrap().correlation.abs() < 2.0 / libm::sqrt(20.0));
    }

    #[test]
    fn the_remainder_is_left_out_at_the_start() {
        let b = batch_means(&[100.0, 1.0, 3.0, 5.0, 7.0], 2, 0.95).unwrap();
        assert_eq!((b.interval.mean, b.interval.n), (4.0, 2));
        assert_eq!(batch_means(&[1.0, 2.0], 3, 0.95), None);
        assert_eq!(batch_means(&[1.0, 2.0], 1, 0.95), None);
    }

    #[test]
    fn batches_of_equal_numbers_are_means_and_others_weigh_what_they_hold() {
        let equal = batch_ratio(&[(2.0, 2.0), (6.0, 2.0), (10.0, 2.0)], 0.95).unwrap();
        let means = mean_interval(&[1.0, 3.0, 5.0], 0.95);
        assert!((equal.interval.mean - 3.0).abs() < 1e-12);
        assert!((equal.interval.half_width() - means.half_width()).abs() < 1e-12);
        // Every value is 2, whatever the batches hold.
        let constant = batch_ratio(&[(2.0, 1.0), (60.0, 30.0), (10.0, 5.0)], 0.95).unwrap().interval;
        assert_eq!((constant.mean, constant.half_width()), (2.0, 0.0));
        assert_eq!(batch_ratio(&[(1.0, 1.0)], 0.95), None);
        assert_eq!(batch_ratio(&[(0.0, 0.0), (0.0, 0.0)], 0.95), None);
    }

    #[test]
    fn alternation_is_negative_correlation() {
        assert!(lag_one_correlation(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]) < -0.7);
        assert_eq!((lag_one_correlation(&[]), lag_one_correlation(&[2.0, 2.0])), (0.0, 0.0));
    }
}
