//! Which partitions have moved between which members so far, so that two never swap partitions of a topic.
//!
//! After Kafka's `AbstractStickyAssignor.PartitionMovements`.

use std::collections::{BTreeMap, BTreeSet};

/// The moves of one balancing, each partition with where it came from and where it is.
#[derive(Default)]
pub(super) struct Movements {
    /// First and present owner of each partition that moved.
    of: BTreeMap<usize, (usize, usize)>,
    /// Partitions by topic and by that pair.
    by_pair: BTreeMap<(usize, usize, usize), BTreeSet<usize>>,
}

impl Movements {
    /// A partition of `topic` that came from `new` to the first owner of `part`, and could go back
    /// instead of `part` going from `owner` to `new`.
    pub(super) fn reverse(&self, topic: usize, part: usize, owner: usize, new: usize) -> Option<usize> {
        let first = self.of.get(&part).map_or(owner, |(first, _)| *first);
        self.by_pair.get(&(topic, new, first))?.first().copied()
    }
    /// Notes that `part` of `topic` went from `owner` to `new`.
    pub(super) fn record(&mut self, topic: usize, part: usize, owner: usize, new: usize) {
        let mut first = owner;
        if let Some((source, there)) = self.of.remove(&part) {
            first = source;
            if let Some(parts) = self.by_pair.get_mut(&(topic, source, there)) {
                parts.remove(&part);
            }
        }
        if first != new {
            self.of.insert(part, (first, new));
            self.by_pair.entry((topic, first, new)).or_default().insert(part);
        }
    }
}
