//! How sure the mean of one long series is whose neighbours resemble each other.
//!
//! Successive latencies of one run are far from independent, so the interval for independent values would be
//! much too narrow. Means of long batches nearly are (Schmeiser, Operations Research 1982). Knows nothing of
//! warm-up; cut it off first.

use super::interval::{Interval, mean_interval};

/// A good number of batches: Schmeiser found that more than 30 hardly narrow the interval, and that fewer than
/// 10 widen it much.
pub const USUAL_BATCHES: usize = 20;

/// What the batches of a series say about its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchMeans {
    /// The mean and its interval; `n` is the number of batches.
    pub interval: Interval,
    /// Values per batch.
    pub size: usize,
    /// Correlation of successive batch means. Far from 0 (by more than two over the root of the number of
    /// batches), the batches are too short and the interval too narrow.
    pub correlation: f64,
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
    let means: Vec<f64> = used.chunks_exact(size).map(|b| b.iter().sum::<f64>() / size as f64).collect();
    let correlation = lag_one_correlation(&means);
    Some(BatchMeans { interval: mean_interval(&means, level), size, correlation })
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
        assert!(batch_means(&values, 2_000, 0.95).unwrap().correlation > 0.7);
        assert!(batch_means(&values, 20, 0.95).unwrap().correlation.abs() < 2.0 / libm::sqrt(20.0));
    }

    #[test]
    fn the_remainder_is_left_out_at_the_start() {
        let b = batch_means(&[100.0, 1.0, 3.0, 5.0, 7.0], 2, 0.95).unwrap();
        assert_eq!((b.size, b.interval.mean, b.interval.n), (2, 4.0, 2));
        assert_eq!(batch_means(&[1.0, 2.0], 3, 0.95), None);
        assert_eq!(batch_means(&[1.0, 2.0], 1, 0.95), None);
    }

    #[test]
    fn alternation_is_negative_correlation() {
        assert!(lag_one_correlation(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]) < -0.7);
        assert_eq!((lag_one_correlation(&[]), lag_one_correlation(&[2.0, 2.0])), (0.0, 0.0));
    }
}
