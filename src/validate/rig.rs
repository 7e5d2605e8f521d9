//! What cases are tried on: plans are run, stations are run, and that is all a case may ask for.
//!
//! The suite runs on [`Plain`]. The tests of the suite itself put a rig with a fault in its place, to prove that
//! the suite notices.

use crate::engine::{EventRng, Stream, StreamKey, WheelQueue};
use crate::experiment::once;
use crate::experiment::results::RunRecord;
use crate::experiment::watch::Watch;
use crate::model::plan::Plan;
use crate::scenario::{Overrides, Scenario};
use crate::station::{self, StationPlan, StationRecord, Streams};

/// Runs what cases ask for.
pub trait Rig: Sync {
    /// One run of a plan.
    fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord;
    /// One run of a station.
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord;
}

/// The model as it is.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Rig for Plain {
    fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
        once::run(plan, replication, watch)
    }
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
        station::run(plan, Streams::new(plan, key), WheelQueue::default())
    }
}

/// A rig with a seed, and somebody who may call it off.
pub struct Stage<'a> {
    pub(super) rig: &'a dyn Rig,
    pub(super) seed: u64,
    pub(super) watch: &'a dyn Watch,
}

impl Stage<'_> {
    /// One run of a scenario.
    ///
    /// # Panics
    /// If the scenario is wrong, which is a mistake of the suite.
    pub fn scenario(&self, text: &str, replication: u32) -> RunRecord {
        self.rig.run(&plan(text, self.seed), replication, self.watch)
    }
    /// One run of a station.
    pub fn station(&self, plan: &StationPlan, replication: u32) -> StationRecord {
        self.rig.station(plan, StreamKey::new(self.seed, replication))
    }
    /// Draws by number for what a case itself leaves to chance.
    pub fn draws(&self, purpose: &str, replication: u32) -> EventRng {
        StreamKey::new(self.seed, replication).per_event(&format!("validate/{purpose}"))
    }
    /// A stream for what a case itself leaves to chance.
    pub fn chance(&self, purpose: &str, replication: u32) -> Stream {
        chance(self.seed, purpose, replication)
    }
}

/// See [`Stage::chance`].
pub(super) fn chance(seed: u64, purpose: &str, replication: u32) -> Stream {
    StreamKey::new(seed, replication).stream(&format!("validate/{purpose}"))
}

/// The base plan of a scenario.
fn plan(text: &str, seed: u64) -> Plan {
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let read =
        Scenario::parse("case", text, &overrides, &mut |file| Err(format!("{file}: there are no files")));
    let mut scenario = read.unwrap_or_else(|found| panic!("a case is a valid scenario: {found:?}\n{text}"));
    scenario.variants.swap_remove(0).plan
}
