//! When enough replications have been made: rounds of a fixed size, until every metric that was named is known well
//! enough in every variant and at every sweep point.
//!
//! The sequential procedure for a relative precision (Law, Simulation Modeling and Analysis, section 9.4.1): stop as
//! soon as half the width of the interval is at most `t / (1 + t)` of the mean. Then the mean is off by at most the
//! share `t` of the *true* value, as often as the interval holds; of itself, by a little less. A round is looked at as
//! a whole, so which replications are made never hangs on which of them was done first.

use super::LEVEL;
use super::results::{Reached, VariantResult, Warning};
use super::summarise::{Gathering, estimate};
use super::warnings::warning;
use crate::scenario::{Precision, Scenario};

/// Replications of a round, and the least of the first: of fewer, the variance may look small by luck.
pub const ROUND: u32 = 10;

/// How many replications come first.
pub(super) fn first(scenario: &Scenario) -> u32 {
    let round = |p: &Precision| scenario.replications.max(ROUND).min(p.max_replications);
    scenario.precision.as_ref().map_or(scenario.replications, round)
}

/// How many replications there can be at most.
pub(super) fn most(scenario: &Scenario) -> u32 {
    scenario.precision.as_ref().map_or(scenario.replications, |p| p.max_replications)
}

/// How many come next, after so many of each cell; 0 for enough.
pub(super) fn more(scenario: &Scenario, done: u32, cells: &[Gathering]) -> u32 {
    let Some(precision) = &scenario.precision else { return 0 };
    let known = |(metric, target): &(String, f64)| {
        cells.iter().all(|cell| enough(half_width(cell.values(metric)), *target))
    };
    if precision.targets.iter().all(known) { 0 } else { ROUND.min(precision.max_replications - done) }
}

/// What became of each target, with the cell in which it is known worst. `names` are those of the cells.
pub(super) fn reached(scenario: &Scenario, names: &[String], cells: &[VariantResult]) -> Vec<Reached> {
    let Some(precision) = &scenario.precision else { return Vec::new() };
    let one = |(metric, target): &(String, f64)| {
        let each = cells.iter().map(|cell| half_width(cell.values.get(metric).map(Vec::as_slice)));
        // A metric that cannot be stated is known worst of all; of equals, the first.
        let size = |width: &Option<f64>| width.unwrap_or(f64::INFINITY);
        let (cell, width) = each
            .enumerate()
            .reduce(|worst, next| if size(&next.1) > size(&worst.1) { next } else { worst })
            .expect("there is a base");
        let (metric, at) = (metric.clone(), names[cell].clone());
        Reached { metric, target: *target, reached: width, at, cell, met: enough(width, *target) }
    };
    precision.targets.iter().map(one).collect()
}

/// What is to be said of a precision that was not reached.
pub(super) fn complaint(of: &Reached, replications: u32) -> Option<Warning> {
    let share = |x: f64| format!("{:.1} %", x * 100.0);
    let Reached { metric, at, .. } = of;
    let asked = share(of.target);
    let text = match of.reached {
        _ if of.met => return None,
        None => format!(
            "`{metric}` of `{at}` cannot be stated by two of {replications} replications, so its precision is unknown"
        ),
        Some(width) => format!(
            "`{metric}` of `{at}` is known to {} only after {replications} replications; {asked} were asked for",
            share(width)
        ),
    };
    Some(warning("W205", text))
}

/// Half the width of the interval of a metric over its mean. A metric that is the same in every replication is
/// taken for known. `None` if fewer than two replications can state it.
fn half_width(values: Option<&[f64]>) -> Option<f64> {
    let e = estimate(values?, LEVEL).filter(|e| e.n > 1)?;
    let half = (e.high - e.low) / 2.0;
    Some(if half == 0.0 { 0.0 } else { half / e.mean.abs() })
}

fn enough(half_width: Option<f64>, target: f64) -> bool {
    half_width.is_some_and(|width| width <= target / (1.0 + target))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::results::Results;
    use super::super::run::run_with;
    use super::super::watch::Unwatched;
    use super::*;

    const P99: &str = "group.billing.latency.p99";

    fn asked(targets: &[(&str, f64)], max_replications: u32) -> Scenario {
        let targets = targets.iter().map(|(m, t)| ((*m).to_owned(), *t)).collect();
        let precision = Some(Precision { targets, max_replications });
        Scenario { precision, ..fixture::scenario(&["base", "more"], 3) }
    }

    fn codes(results: &Results) -> Vec<&str> {
        results.variants.iter().flat_map(|v| v.warnings.iter().map(|w| w.code)).collect()
    }

    #[test]
    fn replications_end_as_soon_as_all_is_known_well_enough() {
        let results = fixture::results(&asked(&[(P99, 0.01)], 1000));
        let n = results.replications;
        assert!(n > 10 && n < 1000 && n.is_multiple_of(ROUND), "{n}");
        let bar = 0.01 / 1.01;
        for v in &results.variants {
            assert_eq!((v.values[P99].len(), v.digests.len()), (n as usize, n as usize));
            assert!(half_width(Some(&v.values[P99])).unwrap() <= bar);
        }
        // One round earlier, one of the variants was not known so well.
        let before = (n - ROUND) as usize;
        assert!(results.variants.iter().any(|v| half_width(Some(&v.values[P99][..before])).unwrap() > bar));
        let reached = &results.precision[0];
        assert!(reached.met && reached.at == "more", "the smaller latency has the same noise: {reached:?}");
        assert_eq!(codes(&results), [""; 0]);
    }

    #[test]
    fn the_number_of_threads_does_not_show() {
        let scenario = asked(&[(P99, 0.01)], 1000);
        let of = |jobs| format!("{:?}", run_with(&scenario, Some(jobs), &Unwatched, &fixture::made_up));
        assert_eq!(of(1), of(4));
    }

    #[test]
    fn the_most_is_the_most_and_what_was_reached_is_said() {
        let results = fixture::results(&asked(&[(P99, 0.001)], 25));
        assert_eq!(results.replications, 25, "10, 10 and 5");
        assert!(!results.precision[0].met);
        assert_eq!(codes(&results), ["W205"]);
        let text = &results.variants[1].warnings[0].text;
        assert!(
            text.contains("`more`") && text.contains("after 25 replications; 0.1 % were asked"),
            "{text}"
        );
    }

    #[test]
    fn a_constant_is_known_and_what_nobody_states_is_not() {
        assert_eq!(fixture::results(&asked(&[("group.billing.lost", 0.01)], 50)).replications, 10);
        let results = fixture::results(&asked(&[("group.billing.drain-time", 0.01)], 30));
        assert_eq!((results.replications, results.precision[0].reached), (30, None));
        assert_eq!(codes(&results), ["W205"]);
    }

    #[test]
    fn a_sweep_has_one_number_of_replications_for_all_its_points() {
        let targets = vec![(P99.to_owned(), 0.01)];
        let precision = Some(Precision { targets, max_replications: 1000 });
        let results = fixture::results(&Scenario { precision, ..fixture::sweep(&[1, 2, 4], 5) });
        let all = results.sweep.iter().flat_map(|p| &p.variants);
        assert!(all.into_iter().all(|v| v.digests.len() == results.replications as usize));
        assert_eq!(results.precision[0].at, "base at group.billing.consumers=4");
    }

    #[test]
    fn the_bar_is_relative_to_the_true_value() {
        assert!(enough(Some(0.2), 0.25) && !enough(Some(0.21), 0.25));
        assert!(!enough(None, 0.9) && !enough(Some(f64::INFINITY), 0.9));
        assert_eq!(half_width(Some(&[0.0, 0.0])), Some(0.0));
        assert_eq!(half_width(Some(&[-1.0, 1.0])), Some(f64::INFINITY));
        assert_eq!(half_width(Some(&[1.0, f64::NAN])), None);
    }
}
