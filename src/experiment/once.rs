//! One run: one variant, one replication, from its first event to its record.

use crate::engine::Span;
use crate::experiment::watch::Watch;
use crate::measure::findings::RunRecord;
use crate::measure::story::Stories;
use crate::measure::{Measure, SAMPLES_PER_BUCKET};
use crate::model::plan::Plan;
use crate::model::world::World;
use std::sync::Arc;

/// Engine events between two looks at the watch.
const STRIDE: u64 = 20_000;

/// Runs `plan` with the random streams of `replication`; stops early (with a record of no use) if the
/// watch is cancelled. With `stories`, a second run tells the shortest example of each mishap.
///
/// # Panics
/// If the books of the run do not balance: that is a mistake of the program.
pub fn run(plan: &Plan, replication: u32, stories: bool, watch: &dyn Watch) -> RunRecord {
    let mut plan = plan.clone();
    let step = Span((plan.sample_every.0 / SAMPLES_PER_BUCKET).max(1) * SAMPLES_PER_BUCKET);
    plan.sample_every = Span(step.0 / SAMPLES_PER_BUCKET);
    let plan = Arc::new(plan);
    let mut measure = Measure::new(&plan, step);
    let mut world = World::new(&plan, replication, &mut measure);
    while world.advance(STRIDE, &mut measure) && !watch.cancelled() {
        watch.progress(Span(world.now().0));
    }
    let victims = measure.victims();
    let events = world.events();
    let mut record = measure.finish(events);
    if stories && !victims.is_empty() && !watch.cancelled() {
        let mut told = Stories::new(&plan, &victims);
        let mut world = World::new(&plan, replication, &mut told);
        while world.advance(STRIDE, &mut told) && !watch.cancelled() {}
        record.stories = told.finish();
    }
    record
}
