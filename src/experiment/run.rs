//! Runs a whole scenario: every sweep point, variant and replication, on all cores.
//!
//! Each run is alone and exact; runs are summed up in the order of the scenario, so the number of
//! threads never shows in the results.

use super::compare::differences;
use super::once;
use super::precision;
use super::results::{Results, RunRecord, SweepPoint, VariantResult};
use super::settle::settle;
use super::summarise::Gathering;
use super::watch::{Total, Watch};
use crate::engine::Span;
use crate::model::plan::{GroupPlan, Plan};
use crate::scenario::{PILOTS, Point, Scenario, Variant};
use rayon::prelude::*;
use std::ops::Range;

/// Runs everything the scenario asks for on `jobs` threads (`None`: one per core). `None` if the
/// onlooker cancelled it. Verdicts are left empty: they are the lab's.
pub fn run_all(scenario: &Scenario, jobs: Option<usize>, watch: &dyn Watch) -> Option<Results> {
    run_with(scenario, jobs, watch, &once::run)
}

/// One run: a plan, the number of its replication, and an onlooker.
pub(super) type RunOnce = dyn Fn(&Plan, u32, &dyn Watch) -> RunRecord + Sync;

/// [`run_all`] with another way to run a plan.
pub(super) fn run_with(
    scenario: &Scenario,
    jobs: Option<usize>,
    watch: &dyn Watch,
    run: &RunOnce,
) -> Option<Results> {
    assert!(scenario.replications > 0, "a scenario has at least one replication");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.unwrap_or(0))
        .build()
        .expect("the system lets a program start as many threads as it was asked for");
    let total = Total::new(watch);
    let mut cells: Vec<Variant> = cells(scenario).into_iter().cloned().collect();
    let mut doubts = vec![Vec::new(); cells.len()];
    if scenario.auto_warm_up {
        let make = |plan: &Plan, numbers| made(plan, numbers, &total, run);
        let settled = pool.install(|| settle(&cells, &make))?;
        cells.iter_mut().for_each(|cell| cell.plan.warm_up = settled.warm_up);
        doubts = settled.doubts;
    }
    let in_full = scenario.variants.len();
    let mut gathered: Vec<Gathering> = (0..cells.len()).map(|i| Gathering::new(i < in_full)).collect();
    let (mut replications, mut next) = (0, precision::first(scenario));
    while next > 0 {
        pool.install(|| round(&cells, &mut gathered, replications..replications + next, &total, run))?;
        replications += next;
        next = precision::more(scenario, replications, &gathered);
    }
    let summed = gathered.into_iter().zip(&cells).map(|(g, variant)| g.finish(&variant.name, &variant.plan));
    let mut done: Vec<VariantResult> = summed.collect();
    let reached = precision::reached(scenario, &names(scenario), &done);
    for (variant, doubts) in done.iter_mut().zip(doubts) {
        variant.warnings.extend(doubts);
    }
    for of in &reached {
        done[of.cell].warnings.extend(precision::complaint(of, replications));
    }
    let sweep = match &scenario.sweep {
        None => Vec::new(),
        Some(sweep) => {
            let each = sweep.points[0].variants.len();
            let first = done[..each].to_vec();
            let points = sweep.points.iter().zip(done.chunks(each));
            let points = points
                .map(|(point, variants)| SweepPoint {
                    at: point.at.clone(),
                    variants: variants.iter().cloned().map(slim).collect(),
                })
                .collect();
            done = first;
            points
        }
    };
    let plan = &cells[0].plan;
    let groups: Vec<String> = plan.groups.iter().map(|g| g.name.clone()).collect();
    Some(Results {
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        question: scenario.question.clone(),
        text: scenario.text.clone(),
        scenario_hash: scenario.hash,
        overrides: scenario.overrides.clone(),
        seed: scenario.seed,
        replications,
        precision: reached,
        duration: plan.duration,
        warm_up: plan.warm_up,
        warm_up_found: scenario.auto_warm_up,
        producers: plan.producers.iter().map(|p| p.name.clone()).collect(),
        sources: plan.producers.iter().filter(|p| p.from.is_none()).map(|p| p.name.clone()).collect(),
        feeds: plan.groups.iter().map(|g| feeds(plan, g)).collect(),
        differences: differences(&groups, &done),
        groups,
        variants: done,
        sweep,
        sweep_metrics: scenario.sweep.iter().flat_map(|s| s.metrics.clone()).collect(),
        verdicts: Vec::new(),
    })
}

/// How much simulated time [`run_all`] will go through: what its onlooker's progress ends at, or before it if a
/// precision is reached early.
pub fn work(scenario: &Scenario) -> Span {
    let once: u64 = cells(scenario).iter().map(|v| v.plan.duration.0).sum();
    let pilots = if scenario.auto_warm_up { PILOTS } else { 0 };
    Span(once * u64::from(precision::most(scenario) + pilots))
}

/// Every variant at every sweep point, points first.
fn cells(scenario: &Scenario) -> Vec<&Variant> {
    match &scenario.sweep {
        None => scenario.variants.iter().collect(),
        Some(sweep) => sweep.points.iter().flat_map(|p| &p.variants).collect(),
    }
}

/// The producers that write to what a group reads.
fn feeds(plan: &Plan, group: &GroupPlan) -> Vec<String> {
    let feeds = plan.producers.iter().filter(|p| group.topics.contains(&p.topic));
    feeds.map(|p| p.name.clone()).collect()
}

/// What each cell is called.
fn names(scenario: &Scenario) -> Vec<String> {
    let at = |at: &[(String, String)]| {
        let at: Vec<String> = at.iter().map(|(path, value)| format!("{path}={value}")).collect();
        at.join(", ")
    };
    match &scenario.sweep {
        None => scenario.variants.iter().map(|v| v.name.clone()).collect(),
        Some(sweep) => {
            let of = |p: &Point| p.variants.iter().map(|v| format!("{} at {}", v.name, at(&p.at))).collect();
            sweep.points.iter().flat_map(|p| -> Vec<String> { of(p) }).collect()
        }
    }
}

/// These replications of every cell, added to what was gathered of it. `None` if cancelled.
///
/// Nested on purpose: a cell's runs are taken in as soon as they are done, so that a large sweep never holds all
/// of its runs at once.
fn round(
    cells: &[Variant],
    gathered: &mut [Gathering],
    replications: Range<u32>,
    total: &Total<'_>,
    run: &RunOnce,
) -> Option<()> {
    let each = gathered.par_iter_mut().zip(cells).with_max_len(1);
    each.map(|(gathering, variant)| {
        let runs = made(&variant.plan, replications.clone(), total, run)?;
        for (replication, mut record) in replications.clone().zip(runs) {
            let untold = gathering.untold(&record);
            if !untold.is_empty() && !total.cancelled() {
                record.stories = once::tell(&variant.plan, replication, &untold, &total.part(Span::ZERO));
            }
            gathering.add(&variant.plan, record);
        }
        (!total.cancelled()).then_some(())
    })
    .collect()
}

/// These replications of one plan, in their order.
fn made(plan: &Plan, replications: Range<u32>, total: &Total<'_>, run: &RunOnce) -> Option<Vec<RunRecord>> {
    let one = |replication| {
        if total.cancelled() {
            return None;
        }
        let part = total.part(plan.duration);
        let record = run(plan, replication, &part);
        part.progress(plan.duration);
        (!total.cancelled()).then_some(record)
    };
    replications.into_par_iter().with_max_len(1).map(one).collect()
}

/// The first point's variants stand in full beside the sweep; in it, they are as slim as the others.
fn slim(mut variant: VariantResult) -> VariantResult {
    variant.bands = Vec::new();
    variant.first.series = Vec::new();
    variant.first.states = Vec::new();
    variant
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::watch::Unwatched;
    use super::*;
    use fixture::made_up;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn the_number_of_threads_never_shows() {
        for scenario in [fixture::scenario(&["base", "more"], 5), fixture::sweep(&[1, 2, 3], 4)] {
            let one = run_with(&scenario, Some(1), &Unwatched, &made_up).unwrap();
            let four = run_with(&scenario, Some(4), &Unwatched, &made_up).unwrap();
            assert_eq!(format!("{one:?}"), format!("{four:?}"));
        }
    }

    #[test]
    fn a_sweep_keeps_every_point_in_order_and_its_first_point_in_full() {
        let scenario = fixture::sweep(&[1, 2, 4], 3);
        let results = fixture::results(&scenario);
        let at: Vec<&str> = results.sweep.iter().map(|p| p.at[0].1.as_str()).collect();
        assert_eq!(at, ["1", "2", "4"]);
        let p99 = |v: &VariantResult| v.estimates["group.billing.latency.p99"].mean;
        assert!(p99(&results.sweep[0].variants[0]) > p99(&results.sweep[2].variants[0]));
        assert_eq!(results.variants[0].digests, results.sweep[0].variants[0].digests);
        assert!(!results.variants[0].bands.is_empty() && results.sweep[0].variants[0].bands.is_empty());
    }

    struct Stopper(AtomicU64, u64);
    impl Watch for Stopper {
        fn cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed) >= self.1
        }
        fn progress(&self, done: Span) {
            self.0.fetch_max(done.0, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_cancelled_experiment_has_no_results() {
        let scenario = fixture::scenario(&["base", "more"], 20);
        let half = work(&scenario).0 / 2;
        assert!(run_with(&scenario, Some(2), &Stopper(AtomicU64::new(0), half), &made_up).is_none());
    }

    #[test]
    fn progress_ends_at_the_announced_work() {
        let scenario = fixture::sweep(&[1, 2], 3);
        let watch = Stopper(AtomicU64::new(0), u64::MAX);
        run_with(&scenario, Some(2), &watch, &made_up).unwrap();
        assert_eq!(watch.0.load(Ordering::Relaxed), work(&scenario).0);
        let scenario = Scenario { auto_warm_up: true, ..scenario };
        let watch = Stopper(AtomicU64::new(0), u64::MAX);
        run_with(&scenario, Some(2), &watch, &made_up).unwrap();
        assert_eq!(watch.0.load(Ordering::Relaxed), work(&scenario).0);
    }
}
