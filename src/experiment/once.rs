//! Stand-in: a made-up run.

use super::results::RunRecord;
use super::watch::Watch;
use crate::engine::{Span, StreamKey, Time};
use crate::model::plan::Plan;
use std::collections::BTreeMap;

/// Runs a plan once.
pub fn run(plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
    let mut rng = StreamKey::new(plan.seed, replication).stream("made up");
    for hour in 0..plan.duration.0 / 3_600_000_000_000 {
        if watch.cancelled() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        watch.progress(Span::from_secs(3600 * hour));
    }
    watch.progress(plan.duration);
    let mut metrics = BTreeMap::new();
    for group in &plan.groups {
        let n = |m: &str| format!("group.{}.{m}", group.name);
        metrics.insert(n("created"), 1000.0 + rng.below(100) as f64);
        metrics.insert(n("applied"), 1000.0);
        metrics.insert(n("lost"), 0.0);
        metrics.insert(n("latency.mean"), group.service.mean() / 1e9 + rng.unit() * 1e-4);
    }
    RunRecord {
        metrics,
        series: Vec::new(),
        latency: BTreeMap::new(),
        marks: Vec::new(),
        states: Vec::new(),
        stories: Vec::new(),
        warnings: Vec::new(),
        digest: rng.below(u64::MAX),
        engine_events: 0,
        created: 0,
        end: Time(plan.duration.0),
    }
}
