//! Stand-in: a run of nothing.

use super::results::RunRecord;
use super::watch::Watch;
use crate::engine::Time;
use crate::model::plan::Plan;
use std::collections::BTreeMap;

/// Runs a plan once.
pub fn run(plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
    watch.progress(plan.duration);
    RunRecord {
        metrics: BTreeMap::new(),
        series: Vec::new(),
        latency: BTreeMap::new(),
        marks: Vec::new(),
        states: Vec::new(),
        stories: Vec::new(),
        warnings: Vec::new(),
        digest: plan.seed + u64::from(replication),
        engine_events: 0,
        created: 0,
        end: Time(plan.duration.0),
    }
}
