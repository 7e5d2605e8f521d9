//! A system ready to be built: what `scenario/` hands to `model/world/`, valid by construction.
//!
//! Names are resolved to indices, units to nanoseconds and bytes, defaults are filled in. The
//! world needs no second check. Nothing here knows how it was written.

mod tables;
mod topic;

pub use tables::{MadeTables, Tables};
pub use topic::{CompactionRules, StreamPlan, TopicPlan};

use crate::engine::{Dist, Span, Time};
use crate::model::arrivals::Arrivals;
use crate::model::assignment::Assignor;
use crate::model::backoff::Backoff;
use crate::model::backpressure::{Admission, Flow, Quota, Scaling};
use crate::model::catalog::{Choice, Trace};
use crate::model::failing::Failing;
use crate::model::fault::Fault;
use crate::model::ids::TopicId;
use crate::model::keys::Keys;
use crate::model::partitioning::Partitioner;
use std::sync::Arc;

/// A whole system and what happens to it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Seed of every random stream.
    pub seed: u64,
    /// How long the workload runs.
    pub duration: Span,
    /// Events created before this moment are left out of every statistic.
    pub warm_up: Span,
    /// What happens when the workload has run its time.
    pub end: End,
    /// Distance of the samples in every time series.
    pub sample_every: Span,
    /// The brokers.
    pub cluster: ClusterPlan,
    /// The topics, by `TopicId`.
    pub topics: Vec<TopicPlan>,
    /// One entry per `[producer.x]`; instances get their `ProducerId`s in this order.
    pub producers: Vec<ProducerPlan>,
    /// The groups, by `GroupId`.
    pub groups: Vec<GroupPlan>,
    /// The dependencies, by `DownstreamId`.
    pub downstreams: Vec<DownstreamPlan>,
    /// What goes wrong, and when.
    pub faults: Vec<FaultPlan>,
    /// Whether means are also kept by batches, for intervals from one long run.
    pub batch_means: bool,
    /// Take the plain path: one event per message, no look-ahead. Results are the same; only tests use it.
    pub reference: bool,
}

impl Plan {
    /// How many partitions a topic has at last: those of the start, and those that are added.
    pub fn room(&self, topic: TopicId) -> u32 {
        if self.topics[topic.index()].stream.is_some() {
            return self.topics[topic.index()].partitions + self.children(topic);
        }
        let widened =
            |f: &&FaultPlan| f.what.entry.name == "add-partitions" && f.target == Target::Topic(topic);
        let widths = self.faults.iter().filter(widened).map(|f| f.what.args.count("to") as u32);
        widths.fold(self.topics[topic.index()].partitions, u32::max)
    }
    /// How many shards are made by splitting and merging others, if every such strike finds its shards open.
    fn children(&self, topic: TopicId) -> u32 {
        let made = |fault: &FaultPlan| {
            let each = match fault.what.entry.name {
                "split-shard" => 2,
                "merge-shards" => 1,
                _ => 0,
            };
            match &fault.when {
                When::At(moments) if fault.target == Target::Topic(topic) => each * moments.len() as u32,
                _ => 0,
            }
        };
        self.faults.iter().map(made).sum()
    }
}

/// What happens at the end of the workload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The run stops at once; what is on its way stays pending.
    Stop,
    /// What is on its way is worked off, for at most this long.
    Drain(Span),
}

/// The brokers, which are alike.
#[derive(Clone, Debug)]
pub struct ClusterPlan {
    /// How many.
    pub brokers: u32,
    /// Time a broker is busy with each produce or fetch request.
    pub request_cost: Dist,
    /// Time a broker is busy with each byte in or out, in nanoseconds (1e9 / bandwidth); 0 for none.
    pub byte_cost: f64,
    /// From a broker's death until the controller counts on it no more; without it, its session timeout less
    /// what has passed since its last heartbeat.
    pub failover: Option<Span>,
    /// What replicas of a partition have to do with each other.
    pub replication: ReplicationPlan,
    /// How often retention is enforced (Kafka `log.retention.check.interval.ms`).
    pub retention_check: Span,
    /// When it is for the first time (Kafka `log.initial.task.delay.ms`).
    pub initial_task_delay: Span,
    /// The cleaner looks again after this long (Kafka `log.cleaner.backoff.ms`).
    pub cleaner_backoff: Span,
    /// A group without members for this long loses its committed offsets (Kafka `offsets.retention.minutes`).
    pub offsets_retention: Span,
    /// What the brokers do about clients that send too much.
    pub quota: Option<Choice<dyn Quota>>,
    /// And about consumers that fetch too much.
    pub fetch_quota: Option<Choice<dyn Quota>>,
}

/// How brokers follow each other, and how they are missed.
#[derive(Clone, Debug)]
pub struct ReplicationPlan {
    /// One-way delay between two brokers.
    pub delay: Dist,
    /// A follower that has not caught up for this long is not in sync (Kafka `replica.lag.time.max.ms`).
    pub max_lag: Span,
    /// Most bytes of one partition per fetch of a follower (Kafka `replica.fetch.max.bytes`).
    pub fetch_max_bytes: u64,
    /// The controller fences a broker this long after its last heartbeat (Kafka `broker.session.timeout.ms`).
    pub session_timeout: Span,
    /// Distance of those heartbeats (Kafka `broker.heartbeat.interval.ms`).
    pub heartbeat: Span,
    /// How often leadership goes back to the preferred replicas (Kafka
    /// `leader.imbalance.check.interval.seconds`).
    pub leader_check: Span,
    /// Clients ask for the leaders at least this often (Kafka `metadata.max.age.ms`).
    pub metadata_max_age: Span,
    /// Broker `b` stands in rack `b` modulo this.
    pub racks: u32,
}

impl Default for ReplicationPlan {
    /// Kafka 4's settings, one rack, and no delay.
    fn default() -> Self {
        ReplicationPlan {
            delay: Dist::ZERO,
            max_lag: Span::from_secs(30),
            fetch_max_bytes: 1 << 20,
            session_timeout: Span::from_secs(9),
            heartbeat: Span::from_secs(2),
            leader_check: Span::from_secs(300),
            metadata_max_age: Span::from_secs(300),
            racks: 1,
        }
    }
}

/// A wire between a client and the brokers.
#[derive(Clone, Debug)]
pub struct WirePlan {
    /// One-way delay from the client.
    pub out: Dist,
    /// One-way delay to the client.
    pub back: Dist,
    /// Share of requests that never arrive.
    pub loss: f64,
    /// Share of responses that never arrive.
    pub back_loss: f64,
    /// Whether messages on one connection arrive in the order they were sent, as over TCP.
    pub ordered: bool,
}

/// When a producer's broker answers (Kafka `acks`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// Never: the request counts as done when it is sent.
    None,
    /// When the leader has appended.
    Leader,
    /// When all in-sync replicas have it.
    All,
}

/// One `[producer.x]` table: `instances` producers that are alike.
#[derive(Clone, Debug)]
pub struct ProducerPlan {
    /// As written; instance `i` is called `name/i`.
    pub name: String,
    /// How many of it.
    pub instances: u32,
    /// Where it sends.
    pub topic: TopicId,
    /// Whose records it makes its events of, one of each that is processed: it has an instance per consumer, and
    /// neither arrivals nor keys nor sizes of its own.
    pub from: Option<crate::model::ids::GroupId>,
    /// When events are created (each instance draws its own).
    pub arrivals: Choice<dyn Arrivals>,
    /// Their keys.
    pub keys: Choice<dyn Keys>,
    /// Their sizes in bytes.
    pub size: Dist,
    /// A recording whose sizes its first events have instead, line by line.
    pub recorded_sizes: Option<Arc<Trace>>,
    /// What compression leaves of a size, from the batch to the log; 1 is none.
    pub compression: f64,
    /// Share of the events that delete their key in a compacted topic.
    pub deletes: f64,
    /// Shares of the priority classes, most important first; one entry means all alike.
    pub priorities: Vec<f64>,
    /// Schema version by creation time: `(from, version)`, ascending, the first at time 0.
    pub schema: Vec<(Time, u32)>,
    /// Which partition an event goes to.
    pub partitioner: Choice<dyn Partitioner>,
    /// What the two come to, for all runs.
    pub tables: Arc<MadeTables>,
    /// Kafka `acks`.
    pub acks: Acks,
    /// Kafka `linger.ms`.
    pub linger: Span,
    /// Kafka `batch.size`, in bytes.
    pub batch_size: u64,
    /// Kafka `max.request.size`, in bytes.
    pub max_request_size: u64,
    /// Most records of one PutRecords, for a producer into a Kinesis stream. It collects records instead of batches.
    pub collects: Option<u32>,
    /// Kafka `max.in.flight.requests.per.connection`.
    pub max_in_flight: u32,
    /// Kafka `request.timeout.ms`.
    pub request_timeout: Span,
    /// Kafka `delivery.timeout.ms`, from the creation of a batch.
    pub delivery_timeout: Span,
    /// Kafka `retries`.
    pub retries: u32,
    /// Between tries (Kafka `retry.backoff.ms`, `retry.backoff.max.ms`).
    pub backoff: Choice<dyn Backoff>,
    /// Kafka `enable.idempotence`.
    pub idempotence: bool,
    /// Its records are sent in transactions (Kafka `transactional.id`).
    pub transactional: Option<TransactionPlan>,
    /// What happens to an event when the producer's buffer is full, or should be spared.
    pub admission: Choice<dyn Admission>,
    /// Its wire to the brokers.
    pub wire: WirePlan,
}

/// How a producer's transactions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionPlan {
    /// A transaction is committed this long after its first request.
    pub commit_interval: Span,
    /// The coordinator aborts it after this long (Kafka `transaction.timeout.ms`).
    pub timeout: Span,
}

/// How a consumer works through what it polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processing {
    /// A poll is a barrier: the next poll comes when every record of this one is done.
    Barrier,
    /// Records are handed to workers, and polling goes on while a worker is free.
    Streaming,
}

/// When a consumer commits its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Commit {
    /// As Kafka's `enable.auto.commit`: inside `poll()`, when the interval has passed, the positions of
    /// what earlier polls returned.
    Auto(Span),
    /// After each polled batch is done, before the next poll.
    AfterBatch,
    /// After each record.
    AfterRecord,
    /// Before the polled batch is processed.
    Before,
}

/// What `delivery` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Commit, then process.
    AtMostOnce,
    /// Process, then commit.
    AtLeastOnce,
    /// At least once, asking an idempotency store before the effect.
    EffectivelyOnce,
}

/// Where a group starts without a committed offset, and goes when its offset is gone (Kafka `auto.offset.reset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    /// At the log start.
    Earliest,
    /// At the log end: what is there already is skipped.
    Latest,
    /// At what was created at most so long ago.
    Back(Span),
    /// Nowhere: who is to read there stops.
    Never,
}

/// What a group reads of transactions (Kafka `isolation.level`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Everything, whatever becomes of it.
    ReadUncommitted,
    /// Only what is committed, and nothing beyond the first open transaction.
    ReadCommitted,
}

/// What happens to a record whose retries are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// It goes to the dead-letter topic.
    DeadLetter,
    /// It is passed over.
    Skip,
}

/// How a group's members agree on who reads what (Kafka `group.protocol`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupProtocol {
    /// By rebalances in which all take part; the leader shares the partitions out.
    Classic,
    /// Each by its own heartbeats; the coordinator shares the partitions out (KIP-848).
    Consumer,
    /// By leases in a table, which nobody shares out (Amazon's Kinesis Client Library).
    Leases(LeasePlan),
}

/// How workers go about their leases. The failover time is the group's session timeout, and heartbeats renew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasePlan {
    /// Distance of a worker's looks at the table (KCL `leaseAssignmentIntervalMillis`).
    pub interval: Span,
    /// Most leases it takes from another at a time (KCL `maxLeasesToStealAtOneTime`).
    pub steal: u32,
    /// How long it waits for the other to give them up (KCL `gracefulLeaseHandoffTimeoutMillis`); `None` if it does not.
    pub handoff: Option<Span>,
    /// How a worker reads its shards.
    pub reads: ReadPlan,
    /// There is a lease for a shard only when all its parents are read to the end. Only tests do without.
    pub parents_first: bool,
}

/// How a worker gets the records of its shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPlan {
    /// Distance of its questions (KCL `idleTimeBetweenReadsInMillis`).
    pub idle: Span,
    /// Records are pushed, and take so long (enhanced fan-out).
    pub pushed: Option<Span>,
}

/// A consumer group.
#[derive(Clone, Debug)]
pub struct GroupPlan {
    /// As written; consumer `i` is called `name/i`.
    pub name: String,
    /// What it reads.
    pub topics: Vec<crate::model::ids::TopicId>,
    /// Consumers at the start.
    pub consumers: u32,
    /// When consumer `i` starts: `i` times this.
    pub start_spacing: Span,
    /// Time to process a record, per try.
    pub service: Dist,
    /// Time each `poll()` costs on top.
    pub poll_cost: Dist,
    /// Kafka `max.poll.records`.
    pub max_poll_records: u32,
    /// Kafka `max.poll.interval.ms`; also the rebalance timeout.
    pub max_poll_interval: Span,
    /// Kafka `fetch.min.bytes`.
    pub fetch_min_bytes: u64,
    /// Kafka `fetch.max.wait.ms`.
    pub fetch_max_wait: Span,
    /// Kafka `max.partition.fetch.bytes`.
    pub max_partition_fetch_bytes: u64,
    /// Workers per consumer.
    pub concurrency: u32,
    /// See [`Processing`].
    pub processing: Processing,
    /// See [`Delivery`].
    pub delivery: Delivery,
    /// See [`Commit`].
    pub commit: Commit,
    /// See [`OffsetReset`].
    pub offset_reset: OffsetReset,
    /// See [`Isolation`].
    pub isolation: Isolation,
    /// Kafka `group.protocol`.
    pub protocol: GroupProtocol,
    /// Kafka `session.timeout.ms`, or the server's `group.consumer.session.timeout.ms`.
    pub session_timeout: Span,
    /// Kafka `heartbeat.interval.ms`, or the server's `group.consumer.heartbeat.interval.ms`.
    pub heartbeat: Span,
    /// Kafka `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay: Span,
    /// The group starts with its partitions already assigned, as if it had formed before time 0.
    pub formed: bool,
    /// Members are static: each has a Kafka `group.instance.id`.
    pub static_membership: bool,
    /// How partitions are shared out (also decides eager or cooperative).
    pub assignor: Choice<dyn Assignor>,
    /// The same for the consumer protocol (Kafka `group.remote.assignor`).
    pub remote_assignor: Choice<dyn Assignor>,
    /// Kafka `group.consumer.assignment.interval.ms`.
    pub assignment_interval: Span,
    /// The idempotency store, if there is one.
    pub dedupe: Option<DedupePlan>,
    /// Which records fail, and how.
    pub failing: Option<Choice<dyn Failing>>,
    /// Between tries of one record.
    pub retry: RetryPlan,
    /// A dependency called for each record.
    pub calls: Option<CallPlan>,
    /// When a consumer stops fetching to protect its work queue.
    pub flow: Option<Choice<dyn Flow>>,
    /// How many consumers there should be.
    pub scaling: Option<Choice<dyn Scaling>>,
    /// Its wire to the brokers.
    pub wire: WirePlan,
}

/// Retry of a record that failed, in place.
#[derive(Clone, Debug)]
pub struct RetryPlan {
    /// Tries in all; `None` goes on for ever, and the partition waits.
    pub attempts: Option<u32>,
    /// Wait before the next try.
    pub backoff: Choice<dyn Backoff>,
    /// After the last try.
    pub then: GiveUp,
}

/// When the idempotency store learns that an event's effect was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DedupeWrite {
    /// In one transaction with the effect.
    Atomic,
    /// After it, one latency later.
    RecordAfterEffect,
    /// Before the record is processed.
    RecordBeforeEffect,
}

/// The store that remembers which events were processed.
#[derive(Clone, Debug)]
pub struct DedupePlan {
    /// How long a key is kept; `None` for ever.
    pub ttl: Option<Span>,
    /// How many keys fit; the oldest goes first. `None` for no limit.
    pub capacity: Option<u64>,
    /// Time of one look-up or one write.
    pub latency: Dist,
    /// See [`DedupeWrite`].
    pub write: DedupeWrite,
    /// While the store is down: `true` processes unchecked, `false` waits.
    pub fail_open: bool,
}

/// A call to a dependency, made once per try of a record after its own service time.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// Whom.
    pub downstream: crate::model::ids::DownstreamId,
    /// Give up on the call after this long; `None` waits.
    pub timeout: Option<Span>,
    /// The breaker in front of it.
    pub breaker: Option<BreakerPlan>,
}

/// A circuit breaker (Resilience4j's, count based).
#[derive(Clone, Debug)]
pub struct BreakerPlan {
    /// Opens at this share of failures (`failureRateThreshold`, 50 %).
    pub failure_rate: f64,
    /// Over this many last calls (`slidingWindowSize`, 100).
    pub window: u32,
    /// Not before this many calls (`minimumNumberOfCalls`, 100).
    pub min_calls: u32,
    /// Stays open this long (`waitDurationInOpenState`, 60 s).
    pub open_for: Span,
    /// Trial calls when half open (`permittedNumberOfCallsInHalfOpenState`, 10).
    pub trial_calls: u32,
}

/// A dependency with limited capacity.
#[derive(Clone, Debug)]
pub struct DownstreamPlan {
    /// As written.
    pub name: String,
    /// Time of one call once it is being served.
    pub latency: Dist,
    /// Calls served at once; further ones wait in line. `None` for no limit.
    pub concurrency: Option<u32>,
    /// Share of calls that fail (after their latency).
    pub errors: f64,
}

/// When a fault strikes.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// At these moments.
    At(Vec<Time>),
    /// At random: times between failures are exponential with mean `mtbf`, repairs with mean `mttr` (which
    /// then takes the place of the fault's duration), between `from` and `until`.
    Random {
        /// Mean time from a repair to the next failure.
        mtbf: Span,
        /// Mean time to repair.
        mttr: Span,
        /// Not before.
        from: Time,
        /// Not after.
        until: Time,
    },
}

/// Whom a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Consumer `index` of a group, counted from 0.
    Consumer(crate::model::ids::GroupId, u32),
    /// All consumers of a group.
    Group(crate::model::ids::GroupId),
    /// A broker.
    Broker(crate::model::ids::BrokerId),
    /// All brokers of a rack.
    Rack(u32),
    /// Producer instances `first..first + count`.
    Producers {
        /// First of them.
        first: crate::model::ids::ProducerId,
        /// How many.
        count: u32,
    },
    /// A dependency.
    Downstream(crate::model::ids::DownstreamId),
    /// A topic.
    Topic(TopicId),
}

/// One `[[fault]]` table.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    /// When.
    pub when: When,
    /// How long it lasts, for faults that last; `None` for ever (or, for a crash, no restart).
    pub lasts: Option<Span>,
    /// Whom.
    pub target: Target,
    /// What.
    pub what: Choice<dyn Fault>,
    /// As charts name it.
    pub label: String,
}

impl ProducerPlan {
    /// The `ProducerId` of the first instance of `plan.producers[entry]`.
    pub fn first_id(plan: &Plan, entry: usize) -> crate::model::ids::ProducerId {
        crate::model::ids::ProducerId(plan.producers[..entry].iter().map(|p| p.instances).sum())
    }
}
