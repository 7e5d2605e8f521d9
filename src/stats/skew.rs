//! How unevenly a load is spread over those who carry it.
//!
//! Two numbers that tell different things: the greatest load over the typical one says how much earlier the
//! busiest reaches its limit, the Gini coefficient how far from even the whole is. Knows nothing of what bears.

/// The greatest load over the median one; `None` without loads, or if the median is not above 0.
pub fn max_over_median(loads: &[f64]) -> Option<f64> {
    let sorted = sorted(loads);
    let max = *sorted.last()?;
    let half = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 { sorted[half] } else { (sorted[half - 1] + sorted[half]) / 2.0 };
    (median > 0.0).then(|| max / median)
}

/// The Gini coefficient of loads that are not below 0: 0 if all carry the same, up to `1 - 1 / n` if one of `n`
/// carries it all. `None` without any load.
pub fn gini(loads: &[f64]) -> Option<f64> {
    let sorted = sorted(loads);
    let n = sorted.len() as f64;
    let total: f64 = sorted.iter().sum();
    if total <= 0.0 {
        return None;
    }
    // Each load's place, counted from the middle: half the mean difference of all pairs.
    let off: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - n) * x).sum();
    Some((off / (n * total)).max(0.0))
}

fn sorted(loads: &[f64]) -> Vec<f64> {
    let mut sorted = loads.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn examples_by_hand() {
        assert_eq!((gini(&[2.0; 6]), max_over_median(&[2.0; 6])), (Some(0.0), Some(1.0)));
        assert_eq!((gini(&[0.0, 0.0, 0.0, 8.0]), max_over_median(&[0.0, 0.0, 0.0, 8.0])), (Some(0.75), None));
        assert_eq!(max_over_median(&[6.0, 1.0, 3.0]), Some(2.0));
        assert_eq!(max_over_median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
        // 1, 2, 3: pairs differ by 1, 1 and 2; 4 * 2 / (2 * 9 * 2) = 2/9.
        assert!((gini(&[3.0, 1.0, 2.0]).unwrap() - 2.0 / 9.0).abs() < 1e-12);
        assert_eq!((gini(&[]), gini(&[0.0]), max_over_median(&[])), (None, None, None));
    }

    proptest! {
        #[test]
        fn gini_is_half_the_relative_mean_difference(loads in prop::collection::vec(0.0..100.0_f64, 1..20)) {
            let total: f64 = loads.iter().sum();
            prop_assume!(total > 0.0);
            let pairs: f64 = loads.iter().flat_map(|a| loads.iter().map(move |b| (a - b).abs())).sum();
            let expected = pairs / (2.0 * loads.len() as f64 * total);
            prop_assert!((gini(&loads).unwrap() - expected).abs() < 1e-9);
        }
    }
}
