//! One run: one variant, one replication, from its first event to its record.

use super::results::{RunRecord, Story};
use super::watch::Watch;
use crate::engine::{Span, Time};
use crate::measure::story::Stories;
use crate::measure::{self, Measure, SAMPLES_PER_BUCKET, VictimOf};
use crate::model::plan::Plan;
use crate::model::world::World;
use std::sync::Arc;

/// Engine events between two looks at the watch.
const STRIDE: u64 = 20_000;

/// Runs `plan` with the random streams of `replication`; stops early, with a record of no use, if the
/// watch cancels it.
///
/// # Panics
/// If the books of the run do not balance: that is a mistake of the program.
pub fn run(plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
    let (plan, step) = sampled(plan);
    let mut measure = Measure::new(&plan, step);
    let mut world = World::new(&plan, replication, &mut measure);
    let end = Time(plan.duration.0);
    while world.advance(STRIDE, &mut measure) && !watch.cancelled() {
        watch.progress(Span(world.now().min(end).0));
    }
    measure.finish(world.events())
}

/// Runs the same again and tells the life of each of these events.
pub fn tell(plan: &Plan, replication: u32, victims: &[VictimOf], watch: &dyn Watch) -> Vec<Story> {
    let (plan, _) = sampled(plan);
    let mut stories = Stories::new(&plan, victims);
    let mut world = World::new(&plan, replication, &mut stories);
    while world.advance(STRIDE, &mut stories) && !watch.cancelled() {
        watch.progress(Span::ZERO);
    }
    stories.finish()
}

/// The plan with its samples several to a bucket, and the length of a bucket.
pub(super) fn sampled(plan: &Plan) -> (Arc<Plan>, Span) {
    let mut plan = plan.clone();
    plan.sample_every = Span((plan.sample_every.0 / SAMPLES_PER_BUCKET).max(1));
    let step = measure::bucket(Span(plan.sample_every.0 * SAMPLES_PER_BUCKET), plan.duration);
    (Arc::new(plan), step)
}
