//! Partitions that are added while the system runs: when they are there, and when clients hear of them.
//!
//! Their places have been kept from the start on, so nothing is numbered anew.

use super::World;
use crate::engine::Time;
use crate::model::fact::Facts;
use crate::model::ids::{GroupId, PartitionId, ProducerId, TopicId};
use crate::model::plan::Plan;

/// How many partitions a topic has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    /// By now.
    there: u32,
    /// As far as clients have heard.
    heard: u32,
}

impl Width {
    pub(super) fn there(self) -> u32 {
        self.there
    }
    /// Of each topic at the start.
    pub(super) fn all(plan: &Plan) -> Vec<Width> {
        plan.topics.iter().map(|t| Width { there: t.partitions, heard: t.partitions }).collect()
    }
}

impl World {
    /// A topic has `to` partitions from now on. Kafka refuses to have fewer. A coordinator that shares partitions out
    /// itself knows of it at once, clients when they next ask.
    pub(super) fn add_partitions<F: Facts>(&mut self, topic: TopicId, to: u32, facts: &mut F) {
        let width = &mut self.widths[topic.index()];
        if to <= width.there {
            return;
        }
        let from = std::mem::replace(&mut width.there, to);
        let first = self.first_partition[topic.index()].0;
        let age = self.plan.cluster.replication.metadata_max_age.0.max(1);
        let next = Time((self.now.0 / age + 1) * age);
        let new = (from..to).map(|n| PartitionId(first + n));
        for (g, p) in new.flat_map(|p| self.readers[p.index()].iter().map(move |(g, _)| (*g, p))) {
            // Until the group shares them out, nobody reads them.
            if self.groups[g.index()].owner.iter().any(Option::is_some) {
                facts.stalled(g, p, self.now);
            }
        }
        for g in (0..self.groups.len()).map(GroupId::from) {
            if self.groups[g.index()].coordinator.by_heartbeats() {
                self.groups[g.index()].coordinator.widen(topic, to);
                self.hear_coordinator(g, facts);
            }
        }
        self.announce((from..to).map(|n| PartitionId(first + n)).collect(), next);
    }

    /// So many shards more: everybody knows of them at once.
    pub(super) fn add_shards(&mut self, topic: TopicId, more: u32) {
        let width = &mut self.widths[topic.index()];
        width.there += more;
        width.heard = width.there;
    }

    /// Whether a partition is there by now.
    pub(super) fn has_partition(&self, partition: PartitionId) -> bool {
        let topic = self.topic_of[partition.index()].index();
        partition.0 - self.first_partition[topic].0 < self.widths[topic].there
    }

    /// Clients that ask who leads these partitions also hear how many there are. Everything up to now is settled.
    pub(super) fn hear_of_partitions<F: Facts>(&mut self, told: &[PartitionId], facts: &mut F) {
        for p in told {
            let topic = self.topic_of[p.index()];
            let width = &mut self.widths[topic.index()];
            if width.heard == width.there {
                continue;
            }
            width.heard = width.there;
            let n = width.heard;
            self.upsets += 1;
            for p in
                (0..self.producers.len()).filter(|p| self.producers[*p].topic == topic).collect::<Vec<_>>()
            {
                self.widen_producer(ProducerId::from(p));
                self.run_producer(ProducerId::from(p), facts);
            }
            for g in 0..self.groups.len() {
                if self.groups[g].coordinator.by_heartbeats() {
                    continue;
                }
                let Some(leader) = self.groups[g].coordinator.widen(topic, n) else { continue };
                let consumer = &mut self.consumers[leader.index()];
                consumer.rejoin |= consumer.membership == crate::model::consumer::Membership::Member;
                if consumer.rejoin && consumer.waiting {
                    self.poll(leader, facts);
                }
            }
        }
    }

    /// A producer hears how many partitions its topic has. Everything up to now is settled.
    pub(super) fn widen_producer(&mut self, p: ProducerId) {
        let producer = &mut self.producers[p.index()];
        let topic = producer.topic.index();
        let (before, now) = (producer.lanes.count(), self.widths[topic].there);
        if before < now {
            producer.widen(now);
            for n in before..now {
                let partition = PartitionId(self.first_partition[topic].0 + n);
                producer.lanes.led_by(partition, self.known[partition.index()]);
            }
        }
    }
}
