//! Series of long or finely sampled runs: their buckets are longer, and nothing is lost by it but resolution.

use crate::support::{moment, pipeline, run, seconds, strike};
use laglab::engine::{Dist, Span};
use laglab::experiment::results::{RunRecord, Series};
use laglab::measure::{Measure, SAMPLES_PER_BUCKET};
use laglab::model::ids::GroupId;
use laglab::model::plan::{End, Plan, Target};
use laglab::model::world::World;
use std::sync::Arc;

/// Buckets of a workload, at most.
const MOST: usize = 4096;

/// Ten seconds with a crash, sampled so that there are 10 000 buckets.
fn plan() -> Plan {
    let mut plan = pipeline(500.0, Dist::Constant(1_500_000), 2, 10);
    plan.faults.push(strike("crash", moment(4.0), Some(seconds(1.0)), Target::Consumer(GroupId(0), 0)));
    plan.end = End::Stop;
    plan.sample_every = Span::millis(1);
    plan
}

/// The same with a bucket for every wish.
fn in_full(plan: &Plan) -> RunRecord {
    let mut plan = plan.clone();
    plan.sample_every = Span(plan.sample_every.0 / SAMPLES_PER_BUCKET);
    let plan = Arc::new(plan);
    let mut measure = Measure::new(&plan, Span(plan.sample_every.0 * SAMPLES_PER_BUCKET));
    let mut world = World::new(&plan, 0, &mut measure);
    while world.advance(10_000, &mut measure) {}
    measure.finish(world.events())
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs()
}

#[test]
fn a_long_series_has_longer_buckets_and_the_same_extremes() {
    let plan = plan();
    let (whole, short) = (in_full(&plan), run(&plan, 0));
    assert_eq!(whole.series.len(), short.series.len());
    assert!(short.series.iter().any(|s| s.max.iter().any(|v| *v > 300.0)), "there is something to see");
    for (fine, coarse) in whole.series.iter().zip(&short.series) {
        assert_eq!((&fine.name, fine.step, coarse.step), (&coarse.name, Span::millis(1), Span::millis(3)));
        assert!(fine.value.len() > 2 * MOST && coarse.value.len() <= MOST, "{}", coarse.value.len());
        assert_eq!(coarse.value.len(), fine.value.len().div_ceil(3));
        for i in 0..fine.value.len() / 3 {
            let three = |of: &[f64]| of[3 * i..3 * i + 3].to_vec();
            let value = match three(&fine.value) {
                rates if fine.unit.ends_with("/s") => rates.iter().sum::<f64>() / 3.0,
                levels => levels[2],
            };
            let min = three(&fine.min).into_iter().fold(f64::INFINITY, f64::min);
            let max = three(&fine.max).into_iter().fold(f64::NEG_INFINITY, f64::max);
            let found = (coarse.value[i], coarse.min[i], coarse.max[i]);
            assert!(same(found.0, value), "{} at {i}: {} for {value}", fine.name, found.0);
            assert_eq!((found.1, found.2), (min, max), "{} at {i}", fine.name);
        }
    }
}

#[test]
fn figures_do_not_depend_on_the_buckets() {
    let plan = plan();
    let (whole, short) = (in_full(&plan), run(&plan, 0));
    assert_eq!((whole.metrics, whole.digest), (short.metrics, short.digest));
}

#[test]
fn a_series_that_fits_has_the_buckets_that_were_asked_for() {
    let steps = |seconds: u64, wanted: Span| {
        let mut plan = pipeline(1.0, Dist::ZERO, 1, seconds);
        plan.sample_every = wanted;
        let series: Vec<Series> = run(&plan, 0).series;
        series.iter().map(|s| (s.step, s.value.len())).max_by_key(|(_, n)| *n).unwrap()
    };
    assert_eq!(steps(4, Span::millis(1)).0, Span::millis(1));
    assert_eq!(steps(5, Span::millis(1)).0, Span::millis(2));
    let (step, buckets) = steps(100_000, Span::millis(100));
    assert!(step == Span::millis(24_500) && buckets <= MOST + 1, "{step} {buckets}");
}
