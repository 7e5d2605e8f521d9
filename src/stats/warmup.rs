//! Where a series has left its start behind: White's MSER-5.
//!
//! A run starts empty, and what it does until it has filled up says nothing about how it goes on. MSER cuts
//! where the standard error of the rest is least: cutting more of a start that is off makes the rest less
//! varied, cutting more of what is settled only makes it shorter (White, Simulation 1997; White, Cobb and
//! Spratt, WSC 2000). It looks for a level, so a series with a lasting trend or period has no warm-up to find.

use super::summary::Summary;

/// Values averaged before the search, to smooth it.
const BATCH: usize = 5;
/// The last batches, at which no cut is tried: so few may agree by chance (Hoad, Robinson and Davies, JORS 2010).
const LAST: usize = 5;
/// With fewer batches there is nothing to be found.
const LEAST: usize = 10;

/// Where to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUp {
    /// The first value that belongs to the settled part.
    pub cut: usize,
    /// Whether the cut lies in the first half. If not, the series is too short: there is no telling whether it
    /// has settled at all.
    pub settled: bool,
}

/// Finds the end of the warm-up in a series of equally spaced values; `None` of fewer than 50.
pub fn mser5(series: &[f64]) -> Option<WarmUp> {
    // Complete batches only; the incomplete one is the last.
    let means: Vec<f64> = series.chunks_exact(BATCH).map(|b| b.iter().sum::<f64>() / BATCH as f64).collect();
    if means.len() < LEAST {
        return None;
    }
    let (mut best, mut least) = (0, f64::INFINITY);
    let mut rest = Summary::default();
    for (i, mean) in means.iter().enumerate().rev() {
        rest.add(*mean);
        let n = rest.count() as f64;
        let statistic = rest.variance().unwrap_or(0.0) * (n - 1.0) / (n * n);
        // Of equally good cuts, the earliest, which is the last one seen.
        if i + LAST <= means.len() && statistic <= least {
            (best, least) = (i, statistic);
        }
    }
    Some(WarmUp { cut: best * BATCH, settled: best * 2 <= means.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamKey;

    fn noisy(n: usize, level: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut stream = StreamKey::new(15, 0).stream("warm-up");
        (0..n).map(|i| level(i) + stream.unit() - 0.5).collect()
    }

    #[test]
    fn a_start_that_is_off_is_cut() {
        // Decays to 3 % of the noise's width by the 350th value.
        let found = mser5(&noisy(2_000, |i| 10.0 - 10.0 * libm::exp(-(i as f64) / 60.0))).unwrap();
        assert!(found.settled);
        assert!((200..500).contains(&found.cut), "{found:?}");
    }

    #[test]
    fn a_step_is_cut_where_it_is() {
        let found = mser5(&noisy(1_000, |i| if i < 100 { 5.0 } else { 0.0 })).unwrap();
        assert!(found.settled && (100..=150).contains(&found.cut), "{found:?}");
    }

    #[test]
    fn a_settled_series_loses_little() {
        let found = mser5(&noisy(2_000, |_| 3.0)).unwrap();
        assert!(found.settled && found.cut < 400, "{found:?}");
        assert_eq!(mser5(&[4.0; 100]), Some(WarmUp { cut: 0, settled: true }));
    }

    #[test]
    fn a_series_that_still_grows_has_not_settled() {
        let found = mser5(&noisy(1_000, |i| i as f64 / 10.0)).unwrap();
        assert!(!found.settled, "{found:?}");
    }

    #[test]
    fn a_short_series_is_not_judged() {
        assert_eq!(mser5(&[1.0; 49]), None);
        assert!(mser5(&[1.0; 50]).is_some());
    }
}
