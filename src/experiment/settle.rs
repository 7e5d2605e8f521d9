//! Where a warm-up ends: found from pilot runs by MSER-5, one cut for everything that is compared.
//!
//! The pilots have random numbers that no result uses, so that a cut does not hang on the very values it is to
//! clean. Their lag is averaged over runs before the search, which takes out the noise but not the start (Law,
//! Simulation Modeling and Analysis, section 9.5.1, on Welch's procedure).

use super::bands::Bands;
use super::results::{RunRecord, Warning};
use super::warnings::{lag_of, steady, warning};
use crate::engine::Span;
use crate::model::plan::{End, Plan};
use crate::scenario::{PILOTS, Variant};
use crate::stats::mser5;
use rayon::prelude::*;
use std::ops::Range;

/// What the pilot runs say.
pub(super) struct Settled {
    /// Where the measured time begins.
    pub(super) warm_up: Span,
    /// Reasons to doubt it, by cell.
    pub(super) doubts: Vec<Vec<Warning>>,
}

/// Makes these replications of a plan; `None` if cancelled.
pub(super) type Make<'a> = dyn Fn(&Plan, Range<u32>) -> Option<Vec<RunRecord>> + Sync + 'a;

/// Pilot runs are numbered from the end, where no replication comes.
const NUMBERS: Range<u32> = u32::MAX - PILOTS..u32::MAX;

/// Finds the warm-up of all cells; `None` if cancelled.
pub(super) fn settle(cells: &[Variant], make: &Make<'_>) -> Option<Settled> {
    let each = cells.par_iter().with_max_len(1).map(|cell| {
        // What comes after the workload says nothing about its start.
        let plan = Plan { warm_up: Span::ZERO, end: End::Stop, ..cell.plan.clone() };
        Some(cut(&plan, &make(&plan, NUMBERS)?))
    });
    let found = each.collect::<Option<Vec<(Span, Vec<Warning>)>>>()?;
    let warm_up = found.iter().map(|(cut, _)| *cut).max().unwrap_or(Span::ZERO);
    Some(Settled { warm_up, doubts: found.into_iter().map(|(_, doubts)| doubts).collect() })
}

/// The latest cut over the groups of a plan.
fn cut(plan: &Plan, runs: &[RunRecord]) -> (Span, Vec<Warning>) {
    let mut doubts = Vec::new();
    if !steady(plan) {
        let text = "faults, scaling or a changing rate leave no steady state: the warm-up that was found means little";
        doubts.push(warning("W206", text.to_owned()));
    }
    let mut latest = Span::ZERO;
    for group in &plan.groups {
        let mut bands = Bands::default();
        for run in runs {
            bands.add(run.series.iter().filter(|s| s.name == lag_of(&group.name)));
        }
        let Some(band) = bands.finish().pop() else { continue };
        let samples = ((plan.duration.0 / band.step.0.max(1)) as usize).min(band.mean.len());
        let half = Span(plan.duration.0 / 2);
        let found = mser5(&band.mean[..samples]).map(|found| Span(found.cut as u64 * band.step.0));
        let doubt = match found {
            None => {
                format!("the lag of group `{}` has {samples} samples, too few to find a warm-up", group.name)
            }
            Some(cut) if cut > half => format!(
                "the lag of group `{}` has not settled in the first half of the run, which is all that was cut",
                group.name
            ),
            Some(_) => String::new(),
        };
        if !doubt.is_empty() {
            doubts.push(warning("W206", doubt));
        }
        latest = latest.max(found.unwrap_or(Span::ZERO).min(half));
    }
    (latest, doubts)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::results::Series;
    use super::*;
    use crate::engine::StreamKey;

    /// A run of ten seconds in which the lag of `billing` fills up to 1000 with this time constant.
    fn filling(seconds: f64, replication: u32) -> RunRecord {
        let mut noise = StreamKey::new(9, replication).stream("lag");
        let level =
            |i: i32| 1000.0 * (1.0 - libm::exp(-f64::from(i) / 50.0 / seconds)) + 100.0 * noise.unit();
        let value: Vec<f64> = (0..500).map(level).collect();
        let (min, max) = (value.clone(), value.clone());
        let (name, unit, step) = (lag_of("billing"), "records", Span::millis(20));
        RunRecord { series: vec![Series { name, unit, step, value, min, max }], ..fixture::record() }
    }

    fn settled(make: &Make<'_>) -> Settled {
        let cells = fixture::scenario(&["base", "more"], 1).variants;
        settle(&cells, make).expect("nobody cancels")
    }

    #[test]
    fn the_slowest_to_settle_sets_the_warm_up_of_all() {
        let found = settled(&|plan, numbers| {
            assert_eq!((plan.warm_up, numbers.len()), (Span::ZERO, PILOTS as usize));
            let constant = if plan.groups[0].consumers == 1 { 0.01 } else { 0.5 };
            Some(numbers.map(|n| filling(constant, n)).collect())
        });
        // At three time constants, a twentieth of the distance is left; the average over five runs varies by 13.
        assert!((1.0..3.5).contains(&found.warm_up.secs()), "{}", found.warm_up);
        assert!(found.doubts.iter().all(Vec::is_empty));
    }

    #[test]
    fn what_does_not_settle_in_half_of_the_run_is_said() {
        let found = settled(&|_, numbers| Some(numbers.map(|n| filling(20.0, n)).collect()));
        assert_eq!(found.warm_up, Span::from_secs(5));
        assert!(found.doubts[0][0].text.contains("has not settled"), "{:?}", found.doubts);
    }

    #[test]
    fn too_few_samples_find_nothing() {
        let found = settled(&|_, numbers| {
            let short = |n| {
                let mut run = filling(0.5, n);
                run.series[0].value.truncate(40);
                run
            };
            Some(numbers.map(short).collect())
        });
        assert_eq!(found.warm_up, Span::ZERO);
        assert!(found.doubts[1][0].text.contains("40 samples"), "{:?}", found.doubts);
    }

    #[test]
    fn who_cancels_gets_nothing() {
        assert!(settle(&fixture::scenario(&["base"], 1).variants, &|_, _| None).is_none());
    }
}
