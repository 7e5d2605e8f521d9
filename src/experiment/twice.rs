//! Runs a plan a second time and compares: the same plan must give the same facts, to the last one.

use super::once;
use super::watch::Watch;
use crate::model::plan::Plan;

/// The digests of two runs of one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twice {
    /// Of the first run.
    pub first: u64,
    /// Of the second.
    pub second: u64,
}

impl Twice {
    /// Whether nothing differed.
    pub fn same(self) -> bool {
        self.first == self.second
    }
}

/// Runs one replication again and compares it with the digest of its first run; `None` if cancelled.
pub fn again(plan: &Plan, replication: u32, first: u64, watch: &dyn Watch) -> Option<Twice> {
    let second = once::run(plan, replication, watch).digest;
    (!watch.cancelled()).then_some(Twice { first, second })
}

/// Runs one replication twice; `None` if cancelled.
pub fn run(plan: &Plan, replication: u32, watch: &dyn Watch) -> Option<Twice> {
    let first = once::run(plan, replication, watch).digest;
    again(plan, replication, first, watch)
}
