//! Streams: what their shards take in.

use super::World;
use crate::model::cause::LossCause;
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, TopicId};
use crate::model::plan::Plan;
use crate::model::shards::Shard;

impl World {
    /// The shards among the partitions of these topics, if any is one.
    pub(super) fn shards_of(plan: &Plan, topic_of: &[TopicId]) -> Vec<Option<Shard>> {
        if plan.topics.iter().all(|t| t.stream.is_none()) {
            return Vec::new();
        }
        let shard = |t: &TopicId| {
            let stream = plan.topics[t.index()].stream?;
            Some(Shard::new(stream.write_records, stream.write_bytes, stream.read_calls, stream.read_bytes))
        };
        topic_of.iter().map(shard).collect()
    }

    /// Whether a batch, which is one record, is more than its shard takes now
    /// (ProvisionedThroughputExceededException).
    pub(super) fn is_too_much<F: Facts>(&mut self, id: BatchId, facts: &mut F) -> bool {
        let batch = &mut self.batches[id];
        let Some(shard) = &mut self.shards[batch.partition.index()] else { return false };
        if shard.takes(batch.bytes, self.now) {
            return false;
        }
        batch.lost_as = LossCause::ThroughputExceeded;
        facts.throughput_exceeded(batch.producer, batch.partition, &batch.records, self.now);
        true
    }
}
