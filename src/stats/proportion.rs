//! How sure a share or a quantile is: exact intervals from the binomial distribution.
//!
//! They hold whatever the values' distribution is, and at least as often as they say. The cases must be
//! independent. Knows nothing of what is counted.

use super::interval::Interval;
use super::special::{beta, invert};

/// The share of successes among `n` cases and its exact interval (Clopper and Pearson, Biometrika 1934).
///
/// Of no cases, the share is `NaN` and the interval everything, 0 to 1.
///
/// # Panics
/// If there are more successes than cases.
pub fn proportion(successes: u64, n: u64, level: f64) -> Interval {
    assert!(successes <= n, "more successes than cases");
    let (k, all) = (successes as f64, n as f64);
    let outside = (1.0 - level) / 2.0;
    let low = if successes == 0 { 0.0 } else { invert(outside, 0.0, 1.0, |p| beta(p, k, all - k + 1.0)) };
    let high =
        if successes == n { 1.0 } else { invert(1.0 - outside, 0.0, 1.0, |p| beta(p, k + 1.0, all - k)) };
    Interval { mean: k / all, low, high, n: n as usize }
}

/// The greatest probability that something has, at this level of confidence, if it did not happen once in `n`
/// cases; 1 of no cases.
///
/// The exact form of the rule of three, by which it is about 3 / n at 95 % (Hanley and Lippman-Hand, JAMA 1983).
pub fn rate_upper_bound(n: u64, level: f64) -> f64 {
    if n == 0 { 1.0 } else { -libm::expm1(libm::log1p(-level) / n as f64) }
}

/// The `q`-quantile of values sorted in ascending order, and the exact interval between two of the values that
/// covers the true quantile; `None` if there are too few values for any such interval.
pub fn quantile_interval(sorted: &[f64], q: f64, level: f64) -> Option<Interval> {
    debug_assert!(sorted.is_sorted(), "the values are not sorted");
    let n = sorted.len();
    if n == 0 || !(q > 0.0 && q < 1.0) {
        return None;
    }
    let outside = (1.0 - level) / 2.0;
    // The probability that at least `k` of the `n` values lie at or below the true quantile, 1 <= k <= n.
    let at_least = |k: usize| beta(q, k as f64, (n - k) as f64 + 1.0);
    // The k-th value misses from above if fewer than k values lie below the quantile, and from below if k do;
    // either may happen with probability `outside`, and both are monotone in k.
    let low = partition(n, |k| 1.0 - at_least(k) <= outside);
    let high = partition(n, |k| at_least(k) > outside) + 1;
    if low == 0 || high > n {
        return None;
    }
    let middle = (libm::ceil(q * n as f64) as usize).clamp(1, n);
    Some(Interval { mean: sorted[middle - 1], low: sorted[low - 1], high: sorted[high - 1], n })
}

/// The greatest `k` in `1..=n` for which `holds`, which holds up to there and not beyond; 0 if it never does.
fn partition(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut yes, mut no) = (0, n + 1);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    yes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Dist, StreamKey};

    #[test]
    fn shares_have_the_published_intervals() {
        // 10 of 100 and 1 of 20 at 95 %: the standard tables give 4.90 to 17.62 % and 0.13 to 24.87 %.
        for (k, n, low, high) in [(10, 100, 0.0490, 0.1762), (1, 20, 0.0013, 0.2487), (0, 10, 0.0, 0.3085)] {
            let i = proportion(k, n, 0.95);
            assert!((i.low - low).abs() < 5e-5 && (i.high - high).abs() < 5e-5, "{i:?}");
            let mirror = proportion(n - k, n, 0.95);
            assert!((mirror.high - (1.0 - i.low)).abs() < 1e-9 && (mirror.low - (1.0 - i.high)).abs() < 1e-9);
        }
        assert!(proportion(0, 0, 0.95).mean.is_nan());
        let rare = proportion(3, 1_000_000_000, 0.95);
        assert!(rare.low > 6e-10 && rare.high < 8.8e-9, "{rare:?}");
    }

    #[test]
    fn what_never_happened_is_bounded_by_the_rule_of_three() {
        assert_eq!(rate_upper_bound(0, 0.95), 1.0);
        assert!((rate_upper_bound(1, 0.95) - 0.95).abs() < 1e-12);
        assert!((rate_upper_bound(1_000_000, 0.95) * 1e6 - 2.9957).abs() < 1e-3);
        // One-sided, so the two-sided interval at 90 % has the same end.
        assert!((rate_upper_bound(50, 0.95) - proportion(0, 50, 0.90).high).abs() < 1e-12);
    }

    #[test]
    fn the_median_of_ten_lies_between_the_second_and_the_ninth() {
        // P(1 < Bin(10, 1/2) < 9) = 0.9785, the usual example; the third to the eighth give only 0.8906.
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let i = quantile_interval(&values, 0.5, 0.95).unwrap();
        assert_eq!((i.mean, i.low, i.high), (5.0, 2.0, 9.0));
        assert_eq!(quantile_interval(&values, 0.99, 0.95), None, "ten values say little about the p99");
        assert_eq!(quantile_interval(&[], 0.5, 0.95), None);
    }

    #[test]
    fn exact_intervals_cover_at_least_as_often_as_they_say() {
        let mut stream = StreamKey::new(12, 0).stream("coverage");
        for p in [0.01, 0.2, 0.5] {
            let held = (0..2_000)
                .filter(|_| {
                    let successes = (0..150).filter(|_| stream.happens(p)).count();
                    proportion(successes as u64, 150, 0.95).covers(p)
                })
                .count();
            // Two standard errors below; exact intervals are conservative.
            assert!(held >= 1_860, "{p}: {held}");
        }
        let dist = Dist::exponential(1e9).unwrap();
        for q in [0.5, 0.9] {
            let truth = -1e9 * libm::log(1.0 - q);
            let held = (0..2_000)
                .filter(|_| {
                    let mut values: Vec<f64> = (0..100).map(|_| dist.sample(&mut stream) as f64).collect();
                    values.sort_by(f64::total_cmp);
                    quantile_interval(&values, q, 0.95).unwrap().covers(truth)
                })
                .count();
            assert!((1_860..=1_970).contains(&held), "{q}: {held}");
        }
    }
}
