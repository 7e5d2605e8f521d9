//! Which variants truly differ: the two ends of a comparison by one metric, and whether it is proven.

use crate::experiment::results::{Estimate, Results};
use crate::report::reading::{estimate, shows_a_difference};

/// The two ends of a comparison of all variants by one metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Contrast {
    /// Index of the variant with the least mean, and that mean.
    pub(crate) least: (usize, f64),
    /// Index of the variant with the greatest mean, and that mean.
    pub(crate) most: (usize, f64),
    /// Whether replications show that the two differ; `false` also when one replication cannot.
    pub(crate) proven: bool,
}

/// Compares all variants by a metric; `None` unless two of them can state it.
pub(crate) fn contrast(results: &Results, metric: &str) -> Option<Contrast> {
    let stated: Vec<_> = results
        .variants
        .iter()
        .enumerate()
        .filter_map(|(i, v)| estimate(v, metric).map(|e| (i, e)))
        .collect();
    let least = *stated.iter().min_by(|a, b| a.1.mean.total_cmp(&b.1.mean))?;
    let most = *stated.iter().rev().max_by(|a, b| a.1.mean.total_cmp(&b.1.mean))?;
    if stated.len() < 2 {
        return None;
    }
    let proven = least.1.mean < most.1.mean && differ(results, metric, least, most);
    Some(Contrast { least: (least.0, least.1.mean), most: (most.0, most.1.mean), proven })
}

/// By the paired difference where there is one (it sees more), else by intervals that do not touch.
fn differ(results: &Results, metric: &str, a: (usize, &Estimate), b: (usize, &Estimate)) -> bool {
    let name = |i: usize| results.variants[i].name.as_str();
    let pair = results.differences.iter().find(|d| {
        d.metric == metric
            && ((d.a == name(a.0) && d.b == name(b.0)) || (d.a == name(b.0) && d.b == name(a.0)))
    });
    match pair {
        Some(d) => shows_a_difference(&d.estimate),
        None => a.1.n > 1 && b.1.n > 1 && a.1.high < b.1.low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_paired_difference_decides_where_there_is_one() {
        let mut results = fixture::results();
        let metric = "group.billing.lag.p99";
        let c = contrast(&results, metric).expect("three variants");
        assert_eq!((c.least.0, c.most.0, c.proven), (0, 2, true));
        // Wide intervals that overlap, but a difference that is the same in every replication.
        for v in &mut results.variants {
            let e = v.estimates.get_mut(metric).expect("stated");
            (e.low, e.high) = (0.0, 1e9);
        }
        assert!(contrast(&results, metric).expect("stated").proven);
        results.differences.clear();
        assert!(!contrast(&results, metric).expect("stated").proven);
        results.variants.truncate(1);
        assert_eq!(contrast(&results, metric), None);
    }
}
