//! Shards that are split and merged while the system runs: where records go from then on, and when groups may read the
//! children.
//!
//! Their places have been kept from the start on, so nothing is numbered anew.

use super::World;
use crate::model::hashes;
use crate::model::ids::{BatchId, ConsumerId, GroupId, PartitionId, TopicId};
use crate::model::keys::NO_KEY;
use crate::model::plan::GroupProtocol;

impl World {
    /// A shard is closed, and two children have its hashes. One that is not open is left alone.
    pub(super) fn split_shard(&mut self, topic: TopicId, shard: u32) {
        let there = self.widths[topic.index()].there();
        let Some(ranges) = &mut self.ranges[topic.index()] else { return };
        if ranges.split(shard, (there, there + 1)) {
            self.add_shards(topic, 2);
            self.succeed(topic, &[shard], &[there, there + 1]);
        }
    }

    /// Two shards are closed, and one child has their hashes.
    pub(super) fn merge_shards(&mut self, topic: TopicId, shards: (u32, u32)) {
        let there = self.widths[topic.index()].there();
        let Some(ranges) = &mut self.ranges[topic.index()] else { return };
        if ranges.merge(shards, there) {
            self.add_shards(topic, 1);
            self.succeed(topic, &[shards.0, shards.1], &[there]);
        }
    }

    fn shard(&self, topic: TopicId, n: u32) -> PartitionId {
        PartitionId(self.first_partition[topic.index()].0 + n)
    }

    fn succeed(&mut self, topic: TopicId, parents: &[u32], children: &[u32]) {
        for n in parents {
            let partition = self.shard(topic, *n);
            self.shards[partition.index()].as_mut().expect("it belongs to a stream").closed = true;
        }
        for n in children {
            let partition = self.shard(topic, *n);
            let child = self.shards[partition.index()].as_mut().expect("it belongs to a stream");
            child.parents = parents.to_vec();
        }
        for g in (0..self.groups.len()).map(GroupId::from) {
            let GroupProtocol::Leases(leases) = self.groups[g.index()].plan.protocol else { continue };
            for n in if leases.parents_first { parents } else { children } {
                let partition = self.shard(topic, *n);
                let index = self.groups[g.index()].index_of[partition.index()];
                if index == u32::MAX {
                    continue;
                }
                if leases.parents_first {
                    self.see_shard_end(g, index as usize);
                } else {
                    self.groups[g.index()].coordinator.create_lease(index as usize);
                }
            }
        }
    }

    /// Whether a group has done and committed all of a shard that is closed: then there are leases for those of its
    /// children whose parents all are.
    pub(super) fn see_shard_end(&mut self, g: GroupId, index: usize) {
        let group = &self.groups[g.index()];
        let partition = group.partitions[index];
        let closed = self.shards[partition.index()].as_ref().is_some_and(|s| s.closed);
        let done = group.coordinator.offset(index).unwrap_or(0) >= self.logs[partition.index()].end();
        if !closed || !done || group.coordinator.is_finished(index) {
            return;
        }
        // A checkpoint may have been written before the work was done.
        let busy = |c: ConsumerId| self.consumers[c.index()].lowest_in_hand(partition).is_some();
        if self.holders(g, index as u32).any(busy) {
            return;
        }
        self.groups[g.index()].coordinator.finish_lease(index);
        let topic = self.topic_of[partition.index()];
        let parent = partition.0 - self.first_partition[topic.index()].0;
        for n in 0..self.widths[topic.index()].there() {
            let child = self.shard(topic, n);
            let parents = self.shards[child.index()].as_ref().map_or(&[][..], |s| &s.parents);
            let index_of = &self.groups[g.index()].index_of;
            let finished = |p: &u32| {
                let index = index_of[self.shard(topic, *p).index()] as usize;
                self.groups[g.index()].coordinator.is_finished(index)
            };
            if parents.contains(&parent) && parents.iter().all(finished) {
                let index = index_of[child.index()] as usize;
                self.groups[g.index()].coordinator.create_lease(index);
            }
        }
    }

    /// Looks for closed shards that a worker has read to the end since it last committed.
    pub(super) fn see_shard_ends(&mut self, g: GroupId) {
        for index in 0..self.groups[g.index()].partitions.len() {
            self.see_shard_end(g, index);
        }
    }

    /// The service puts a record where its key's hash lies by now.
    pub(super) fn route(&mut self, id: BatchId) {
        let batch = &self.batches[id];
        let partition = batch.partition;
        if !self.shards[partition.index()].as_ref().is_some_and(|s| s.closed) {
            return;
        }
        let (topic, record) = (self.topic_of[partition.index()], batch.records[0]);
        let hash = if record.key == NO_KEY {
            // A key of its own: any hash of the range that its last choice had.
            let n = partition.0 - self.first_partition[topic.index()].0;
            let chance = self.key.per_event("shard/keyless").at(record.event.0).unit();
            self.ranges[topic.index()].as_ref().expect("it is a stream").some_hash(n, chance)
        } else {
            let entry = self.producers[batch.producer.index()].entry;
            self.hash_of(entry, record.key)
        };
        let ranges = self.ranges[topic.index()].as_ref().expect("it is a stream");
        self.batches[id].partition = self.shard(topic, ranges.owner(hash));
    }

    fn hash_of(&mut self, entry: usize, key: u32) -> u128 {
        if self.hashes[entry].is_empty() {
            let keys = self.plan.producers[entry].keys.build();
            self.hashes[entry] = (0..keys.count()).map(|k| hashes::hash(keys.name(k).as_bytes())).collect();
        }
        self.hashes[entry][key as usize]
    }
}
