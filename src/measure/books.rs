//! What is being counted of each group, producer, topic, broker and dependency while a run goes on.
//!
//! Only fields and their beginnings; `mod.rs` fills them, `finish.rs` reads them.

use super::batches::Batches;
use super::ledger::Ledger;
use super::series::{RateTrack, Track};
use super::timeline::{Rebalances, Standstill};
use super::{PARTITION_SERIES, none, order};
use crate::engine::{Places, Span, Time};
use crate::model::ids::{GroupId, PartitionId, TopicId};
use crate::model::plan::{GroupProtocol, Plan};

/// What is known of a group.
pub(super) struct GroupBook {
    pub(super) ledger: Ledger,
    pub(super) partitions: Vec<PartitionId>,
    /// Where each partition of the scenario stands among them, or `u32::MAX`.
    pub(super) place_of: Vec<u32>,
    /// Places of partitions on which it may be behind. All on which it is are here.
    pub(super) behind: Places,
    pub(super) lag: Track,
    pub(super) lag_time: Track,
    pub(super) consumers: Track,
    pub(super) applied_rate: RateTrack,
    pub(super) partition_lag: Vec<Track>,
    /// Samples after the warm-up, until the workload ends.
    pub(super) lag_samples: Vec<f64>,
    pub(super) lag_time_samples: Vec<f64>,
    /// Sum over those samples per partition.
    pub(super) partition_sums: Vec<f64>,
    pub(super) lag_end: Option<f64>,
    /// Lag before the first fault, and when it was back at it.
    pub(super) lag_before: f64,
    pub(super) calm_since: Option<Time>,
    pub(super) standstill: Standstill,
    pub(super) rebalances: Rebalances,
    pub(super) busy: u64,
    pub(super) busy_at: (Option<u64>, Option<u64>),
    pub(super) capacity: f64,
    pub(super) consumer_ns: f64,
    pub(super) consumers_max: u32,
    pub(super) scalings: u64,
    pub(super) polls: u64,
    pub(super) polled: u64,
    pub(super) commits: u64,
    pub(super) failures: u64,
    pub(super) finished: u64,
    pub(super) attempts: u64,
    pub(super) lookups: u64,
    pub(super) hits: u64,
    pub(super) resets: u64,
    pub(super) stopped: u64,
    pub(super) throttled: u64,
    /// Its workers hold leases on shards.
    pub(super) by_leases: bool,
    pub(super) reads: Reads,
    pub(super) workers: f64,
}

/// What is known of a `[producer.x]` table's instances together.
pub(super) struct ProducerBook {
    pub(super) created: u64,
    pub(super) created_ever: u64,
    pub(super) accepted: u64,
    pub(super) accepted_ever: u64,
    pub(super) acknowledged: u64,
    pub(super) shed: u64,
    pub(super) lost: u64,
    pub(super) retries: u64,
    pub(super) refused: u64,
    pub(super) extra_appends: u64,
    pub(super) transactions: u64,
    pub(super) transactions_aborted: u64,
    pub(super) blocked: u64,
    pub(super) throttled: u64,
    pub(super) batches: u64,
    pub(super) batched: u64,
    pub(super) wait_sum: u128,
    pub(super) waited: u64,
    pub(super) ack_sum: u128,
    pub(super) offered: RateTrack,
    pub(super) accepted_rate: RateTrack,
}

/// What is known of a topic.
#[derive(Default, Clone)]
pub(super) struct TopicBook {
    pub(super) created: u64,
    pub(super) appended: u64,
    pub(super) bytes: u64,
    pub(super) removed: u64,
    /// Records that a shard did not take, once per try.
    pub(super) refused: u64,
    pub(super) compacted: u64,
}

/// What is known of a broker.
#[derive(Default, Clone)]
pub(super) struct BrokerBook {
    pub(super) requests: u64,
    pub(super) busy: u64,
}

/// What is known of a dependency.
#[derive(Default, Clone)]
pub(super) struct DownstreamBook {
    pub(super) calls: u64,
    pub(super) errors: u64,
    pub(super) busy: u64,
    pub(super) queue_max: u32,
    pub(super) opened: u64,
}

impl GroupBook {
    /// Of group `g`; `first` is the first partition of each topic.
    pub(super) fn new(plan: &Plan, g: usize, topic_of: &[TopicId], first: &[usize]) -> Self {
        let (warm_up, work_end) = (Time(plan.warm_up.0), Time(plan.duration.0));
        let (group, all) = (&plan.groups[g], topic_of.len());
        let partitions: Vec<PartitionId> =
            (0..all).filter(|p| group.topics.contains(&topic_of[*p])).map(PartitionId::from).collect();
        let mut place_of = vec![u32::MAX; all];
        for (place, p) in (0..).zip(&partitions) {
            place_of[p.index()] = place;
        }
        let name = |what: &str| format!("group.{}.{what}", group.name);
        let partition_lag = partitions
            .iter()
            .take(if partitions.len() <= PARTITION_SERIES { partitions.len() } else { 0 })
            .map(|p| {
                let topic = topic_of[p.index()];
                let n = p.index() - first[topic.index()];
                let label = format!("partition.{}-{n}.lag", plan.topics[topic.index()].name);
                Track::new(name(&label), "records")
            })
            .collect();
        let in_order = order::told_in_order(plan, group);
        let mut ledger = Ledger::new(GroupId::from(g), group.commit, all, warm_up, in_order);
        ledger.batches = plan.batch_means.then(|| Batches::new(plan));
        GroupBook {
            ledger,
            lag: Track::new(name("lag"), "records"),
            lag_time: Track::new(name("lag-time"), "s"),
            consumers: Track::new(name("consumers"), "consumers"),
            applied_rate: RateTrack::new(name("applied-rate")),
            partition_lag,
            lag_samples: Vec::new(),
            lag_time_samples: Vec::new(),
            partition_sums: vec![0.0; partitions.len()],
            place_of,
            behind: none(partitions.len()),
            partitions,
            lag_end: None,
            lag_before: 0.0,
            calm_since: None,
            standstill: Standstill::new(all, work_end),
            rebalances: Rebalances::default(),
            throttled: 0,
            by_leases: matches!(group.protocol, GroupProtocol::Leases(_)),
            reads: Reads::default(),
            busy: 0,
            busy_at: (None, None),
            capacity: 0.0,
            consumer_ns: 0.0,
            consumers_max: 0,
            scalings: 0,
            polls: 0,
            polled: 0,
            commits: 0,
            failures: 0,
            finished: 0,
            attempts: 0,
            lookups: 0,
            hits: 0,
            resets: 0,
            stopped: 0,
            workers: f64::from(group.concurrency),
        }
    }
}

impl ProducerBook {
    /// Of the table `name`.
    pub(super) fn new(name: &str) -> Self {
        ProducerBook {
            created: 0,
            created_ever: 0,
            accepted: 0,
            accepted_ever: 0,
            acknowledged: 0,
            shed: 0,
            lost: 0,
            retries: 0,
            refused: 0,
            extra_appends: 0,
            transactions: 0,
            transactions_aborted: 0,
            blocked: 0,
            throttled: 0,
            batches: 0,
            batched: 0,
            wait_sum: 0,
            waited: 0,
            ack_sum: 0,
            offered: RateTrack::new(format!("producer.{}.offered-rate", name)),
            accepted_rate: RateTrack::new(format!("producer.{}.accepted-rate", name)),
        }
    }
}

/// What a group heard from the shards that it asked.
#[derive(Default, Clone)]
pub(super) struct Reads {
    /// Answers in the measured time.
    pub(super) counted: u64,
    /// How old the last records of them were, together and at most.
    pub(super) ages: u128,
    pub(super) oldest: Span,
    /// Questions without an answer, over the whole run.
    pub(super) refused: u64,
}
