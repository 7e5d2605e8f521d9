//! Any scenario that is understood, cut to a few seconds, run in each of its variants: the books balance, or
//! the run panics.
#![no_main]

use laglab::engine::Span;
use laglab::measure::{Measure, SAMPLES_PER_BUCKET};
use laglab::model::plan::Plan;
use laglab::model::world::World;
use laglab::scenario::{Overrides, Scenario};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

/// A run that takes more engine events than this is left unfinished: it only costs time.
const MOST_EVENTS: u64 = 300_000;
/// Plans with more of anything than this are passed over.
const MOST: u64 = 5_000;

fn small(plan: &Plan) -> bool {
    let partitions: u64 = plan.topics.iter().map(|t| u64::from(t.partitions)).sum();
    let consumers: u64 = plan.groups.iter().map(|g| u64::from(g.consumers)).sum();
    let producers: u64 = plan.producers.iter().map(|p| u64::from(p.instances)).sum();
    partitions + consumers + producers + u64::from(plan.cluster.brokers) < MOST
}

fuzz_target!(|text: &str| {
    let mut traces = |_: &str| Ok(b"at,key,size\n0,a,10\n1.5,b,20\n".to_vec());
    let Ok(scenario) = Scenario::parse("fuzz", text, &Overrides::default(), &mut traces) else { return };
    for variant in scenario.variants.iter().take(3) {
        let mut plan = variant.plan.clone();
        if !small(&plan) {
            continue;
        }
        plan.duration = plan.duration.min(Span::from_secs(60));
        plan.warm_up = plan.warm_up.min(plan.duration);
        plan.sample_every = plan.sample_every.max(Span(plan.duration.0 / 1_000)).max(Span(1));
        let plan = Arc::new(plan);
        let mut measure = Measure::new(&plan, Span(plan.sample_every.0 * SAMPLES_PER_BUCKET));
        let mut world = World::new(&plan, 0, &mut measure);
        while world.advance(10_000, &mut measure) {
            if world.events() > MOST_EVENTS {
                return;
            }
        }
        measure.finish(world.events());
    }
});
