//! How the world looks from outside, and what it says when the run ends.

use super::World;
use crate::engine::Time;
use crate::model::cause::LossCause;
use crate::model::fact::{Facts, View};
use crate::model::ids::{GroupId, Offset, PartitionId};
use crate::model::record::Record;

impl View for World {
    fn now(&self) -> Time {
        self.now
    }
    fn log_end(&self, partition: PartitionId) -> Offset {
        self.logs[partition.index()].end()
    }
    fn high_watermark(&self, partition: PartitionId) -> Offset {
        self.logs[partition.index()].visible()
    }
    fn log_start(&self, partition: PartitionId) -> Offset {
        self.logs[partition.index()].start()
    }
    fn committed(&self, group: GroupId, partition: PartitionId) -> Option<Offset> {
        let group = &self.groups[group.index()];
        group.coordinator.offset(group.index_of[partition.index()] as usize)
    }
    fn created(&self, partition: PartitionId, offset: Offset) -> Option<Time> {
        self.logs[partition.index()].record(offset, &self.batches).map(|r| r.created)
    }
    fn running(&self, group: GroupId) -> u32 {
        self.groups[group.index()].running
    }
    fn records(
        &self,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        visit: &mut dyn FnMut(Offset, &[Record], bool),
    ) {
        let log = &self.logs[partition.index()];
        log.visit(from.max(log.floor()), to, &self.batches, |at, records, entry| {
            visit(at, records, entry.is_copy);
        });
    }
    fn in_hand(&self, group: GroupId, partition: PartitionId, offset: Offset) -> bool {
        let index = self.groups[group.index()].index_of[partition.index()];
        self.holders(group, index).any(|c| self.consumers[c.index()].holds(partition, offset))
    }
}

impl World {
    /// Records below the log start that a group has not read are gone, whether it has noticed or not.
    pub(super) fn lose_what_is_gone<F: Facts>(&mut self, facts: &mut F) {
        for g in 0..self.groups.len() {
            for index in 0..self.groups[g].partitions.len() {
                let group = &self.groups[g];
                let partition = group.partitions[index];
                let position = self
                    .owners_position(GroupId::from(g), index)
                    .or(group.coordinator.offset(index))
                    .unwrap_or(0);
                let start = self.logs[partition.index()].start();
                if position < start {
                    self.pass_over(g, partition, position, start, LossCause::Retention, facts);
                }
                if self.logs[partition.index()].is_compacted() {
                    let seen = self.logs[partition.index()].visible();
                    self.expire_removed(g, partition, position.max(start), seen, facts);
                }
            }
        }
    }
}
