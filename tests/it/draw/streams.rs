//! Plans of Kinesis streams: shards with limits, workers with leases, and shards that are split and merged.

use super::Draw;
use laglab::engine::Span;
use laglab::model::catalog::{Args, Choice, Value};
use laglab::model::ids::TopicId;
use laglab::model::plan::*;
use laglab::model::{backoff, fault, partitioning};
use std::sync::Arc;

/// The plan of this seed, with streams in the place of its topics.
pub fn stream_plan(seed: u64) -> Plan {
    let mut plan = super::plan(seed);
    Draw::again(seed, &plan, "streams").streams(&mut plan);
    plan
}

/// Faults that need what streams do not have: replicas, offsets that a group goes back to, partitions to add.
const NOT_OF_STREAMS: &[&str] = &["add-partitions", "replay", "power-loss"];

impl Draw {
    fn streams(&mut self, plan: &mut Plan) {
        for topic in &mut plan.topics {
            (topic.replication_factor, topic.min_insync, topic.compaction) = (1, 1, None);
            // Around what the producers send, so that some plans meet the limits.
            topic.stream = Some(StreamPlan {
                write_records: self.log(1.0, 100.0) as u64,
                write_bytes: self.log(500.0, 1e5) as u64,
                read_calls: self.log(1.0, 20.0) as u64,
                read_bytes: self.log(500.0, 1e5) as u64,
            });
        }
        for producer in &mut plan.producers {
            producer.partitioner = Choice::of(partitioning::MEMBERS, "md5", Args(Vec::new()));
            // What is refused comes again for as long as it may: not all the time.
            let wait = self.millis(100, 5000);
            producer.backoff =
                Choice::of(backoff::MEMBERS, "fixed", Args(vec![("value", Value::Span(wait))]));
            producer.acks = Acks::All;
            producer.collects = Some(self.log(1.0, 600.0) as u32);
            producer.idempotence = false;
            producer.transactional = None;
        }
        for group in &mut plan.groups {
            group.isolation = Isolation::ReadUncommitted;
            group.static_membership = false;
            group.max_poll_interval = Span::FOREVER;
            let pushed = self.coin().then(|| self.millis(1, 200));
            let reads = ReadPlan { idle: self.millis(1, 3000), pushed };
            group.protocol = GroupProtocol::Leases(LeasePlan {
                interval: self.millis(200, 30_000),
                steal: self.below(3) as u32 + 1,
                handoff: self.sometimes(0.5, |d| d.millis(10, 30_000)),
                reads,
                parents_first: true,
            });
        }
        plan.cluster.quota = None;
        plan.cluster.fetch_quota = None;
        plan.faults.retain(|f| !NOT_OF_STREAMS.contains(&f.what.entry.name));
        for _ in 0..self.below(4) {
            let fault = self.reshard(plan);
            plan.faults.push(fault);
        }
    }
    /// Some shard is split or merged with another, if both are there then.
    fn reshard(&mut self, plan: &Plan) -> FaultPlan {
        let topic = self.below(plan.topics.len());
        let shards = plan.topics[topic].partitions as usize + 2;
        let name = self.one(&["split-shard", "merge-shards"]);
        let mut what = self.this(fault::MEMBERS, name);
        let first = self.below(shards) as u64;
        let mut args = vec![("shard", Value::Count(first))];
        if name == "merge-shards" {
            args.push(("with", Value::Count(first + 1)));
        }
        what.args = Arc::new(Args(args));
        FaultPlan {
            when: When::At(vec![self.moment()]),
            lasts: None,
            target: Target::Topic(TopicId::from(topic)),
            what,
            label: name.to_owned(),
        }
    }
}
