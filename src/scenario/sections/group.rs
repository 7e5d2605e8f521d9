//! `[group.NAME]`: the consumers of a topic, how they process, commit, retry, and stay a group.

use super::network;
use crate::engine::Span;
use crate::model::backpressure::{flow, scaling};
use crate::model::catalog::{Choice, Kind, Param};
use crate::model::ids::{DownstreamId, TopicId};
use crate::model::plan::{
    BreakerPlan, CallPlan, Commit, DedupePlan, DedupeWrite, Delivery, GiveUp, GroupPlan, GroupProtocol,
    Isolation, LeasePlan, OffsetReset, Processing, ReadPlan, RetryPlan, WirePlan,
};
use crate::model::{assignment, backoff, failing, remote_assignment};
use crate::scenario::commit;
use crate::scenario::describe::{Section, count, optional, param, required};
use crate::scenario::read::{Fields, Reader, State, join};
use crate::scenario::reset;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "group",
    place: "[group.NAME]",
    doc: "A consumer group: its consumers share the partitions of its topics.",
    params: PARAMS,
};

pub(in crate::scenario) const RETRY: Section = Section {
    name: "retry",
    place: "group.NAME.retry",
    doc: "What happens to a record whose processing failed.",
    params: RETRY_PARAMS,
};

pub(in crate::scenario) const DEDUPE: Section = Section {
    name: "dedupe",
    place: "group.NAME.dedupe",
    doc: "The idempotency store, which remembers what was processed.",
    params: DEDUPE_PARAMS,
};

pub(in crate::scenario) const CALL: Section = Section {
    name: "call",
    place: "group.NAME.downstream",
    doc: "The call to a dependency, made once per try of a record, after its own service time.",
    params: CALL_PARAMS,
};

pub(in crate::scenario) const BREAKER: Section = Section {
    name: "breaker",
    place: "group.NAME.downstream.breaker",
    doc: "The circuit breaker in front of a dependency; defaults are Resilience4j's.",
    params: BREAKER_PARAMS,
};

const PROCESSING: &[(&str, &str)] = &[
    ("barrier", "the next poll comes when every record of this one is done"),
    ("streaming", "records are handed to workers, and polling goes on while a worker is free"),
];
const DELIVERY: &[(&str, &str)] = &[
    ("at-most-once", "commits, then processes"),
    ("at-least-once", "processes, then commits"),
    ("effectively-once", "at least once, asking an idempotency store before the effect"),
];
const ISOLATION: &[(&str, &str)] = &[
    ("read-uncommitted", "everything, as soon as it is replicated"),
    ("read-committed", "only what is committed, and nothing beyond the first open transaction"),
];
const PROTOCOLS: &[(&str, &str)] = &[
    ("classic", "members join and sync together, and a leader among them shares the partitions out"),
    (
        "consumer",
        "the coordinator shares the partitions out and leads each member by its heartbeats (KIP-848)",
    ),
    ("leases", "workers take leases on shards out of a table (Amazon's Kinesis Client Library)"),
];
const MOST_WORKERS: u64 = 100_000;

pub(in crate::scenario) const PARAMS: &[Param] = &[
    optional("topic", Kind::Name("topic"), "What it reads."),
    optional("topics", Kind::Names("topic"), "What it reads, if it reads several topics."),
    param("consumers", count(1, 10_000), "1", "How many consumers it has at the start."),
    param("start-spacing", Kind::Span, "0s", "When consumers start: number i at i times this."),
    param(
        "formed",
        Kind::Flag,
        "true",
        "Whether the group has its partitions from the start, as if it had formed before; if false, the run \
begins with its first rebalance.",
    ),
    required("service-time", Kind::Dist, "Time to process a record, per try."),
    param("poll-cost", Kind::Dist, "0s", "Time that each poll costs on top."),
    param(
        "max-poll-records",
        count(1, 10_000_000),
        "500",
        "Most records that a poll returns (Kafka 4 `max.poll.records`).",
    ),
    param(
        "max-poll-interval",
        Kind::Span,
        "5m",
        "A consumer that does not poll for this long leaves its group (Kafka 4 `max.poll.interval.ms`).",
    ),
    param(
        "fetch-min-bytes",
        Kind::Bytes,
        "1B",
        "A broker answers a fetch when it has this much (Kafka 4 `fetch.min.bytes`).",
    ),
    param("fetch-max-wait", Kind::Span, "500ms", "Or after this long (Kafka 4 `fetch.max.wait.ms`)."),
    param(
        "max-partition-fetch-bytes",
        Kind::Bytes,
        "1MiB",
        "Most bytes of one partition per fetch (Kafka 4 `max.partition.fetch.bytes`).",
    ),
    param("concurrency", count(1, MOST_WORKERS), "1", "Workers of each consumer."),
    param("processing", Kind::Word(PROCESSING), "barrier", "How a consumer works through what it polled."),
    param("delivery", Kind::Word(DELIVERY), "at-least-once", "Which of the delivery semantics it keeps."),
    optional(
        "commit",
        Kind::Family("commit"),
        "When it commits its position; every 5s inside poll (Kafka 4 `enable.auto.commit`), and before \
processing if the delivery is at-most-once.",
    ),
    param(
        "auto-offset-reset",
        Kind::Family(reset::FAMILY),
        "earliest",
        "Where it starts, and goes when its offset is gone; the log start, so that every event counts. \
Kafka's own default is latest.",
    ),
    param(
        "isolation-level",
        Kind::Word(ISOLATION),
        "read-uncommitted",
        "What it reads of producers' transactions (Kafka 4 `isolation.level`).",
    ),
    param(
        "protocol",
        Kind::Word(PROTOCOLS),
        "classic",
        "How its members agree on who reads what (Kafka 4 `group.protocol`); with Kinesis leases.",
    ),
    param(
        "session-timeout",
        Kind::Span,
        "45s",
        "A consumer is put out of its group this long after its last heartbeat (Kafka 4 `session.timeout.ms`).",
    ),
    param(
        "heartbeat-interval",
        Kind::Span,
        "3s",
        "Distance of its heartbeats (Kafka 4 `heartbeat.interval.ms`).",
    ),
    param(
        "initial-rebalance-delay",
        Kind::Span,
        "3s",
        "How long the first rebalance waits for more members (Kafka 4 `group.initial.rebalance.delay.ms`).",
    ),
    param(
        "static-membership",
        Kind::Flag,
        "false",
        "Whether its consumers are static members: one that stops says nothing, and takes its old place if it is back \
within the session timeout (Kafka 4 `group.instance.id`).",
    ),
    param(
        "assignor",
        Kind::Family("assignor"),
        "range",
        "How partitions are shared out (Kafka 4 `partition.assignment.strategy`).",
    ),
    param(
        "server-session-timeout",
        Kind::Span,
        "45s",
        "The session timeout of the consumer protocol, which the server sets (Kafka 4 `group.consumer.session.timeout.ms`).",
    ),
    param(
        "server-heartbeat-interval",
        Kind::Span,
        "5s",
        "Distance of heartbeats in the consumer protocol, which the server sets (Kafka 4 \
`group.consumer.heartbeat.interval.ms`).",
    ),
    param(
        "assignment-interval",
        Kind::Span,
        "1s",
        "Shortest time between two assignments of the consumer protocol; 0s before Kafka 4.3 (Kafka 4 \
`group.consumer.assignment.interval.ms`).",
    ),
    param(
        "remote-assignor",
        Kind::Family("remote-assignor"),
        "uniform",
        "How the coordinator shares partitions out in the consumer protocol (Kafka 4 `group.remote.assignor`).",
    ),
    param(
        "failover-time",
        Kind::Span,
        "10s",
        "Leases: one whose counter has not moved for longer than this is taken by whoever sees it; a worker renews \
its own each third of it (KCL 3 failoverTimeMillis).",
    ),
    param(
        "lease-assignment-interval",
        Kind::Span,
        "20s",
        "Leases: distance of a worker's looks at the table (KCL 3 leaseAssignmentIntervalMillis, two failover times).",
    ),
    param(
        "max-leases-to-steal",
        count(1, 10_000),
        "1",
        "Leases: most that a worker takes at a time from the one that has most (KCL 3 maxLeasesToStealAtOneTime).",
    ),
    param(
        "graceful-handoff",
        Kind::OrNone(&Kind::Span),
        "30s",
        "Leases: how long a worker waits for the other to finish and commit before it reads what it has taken from it; \
\"none\" reads at once, and both work on what is in hand (KCL 3 gracefulLeaseHandoffTimeoutMillis).",
    ),
    param(
        "fan-out",
        Kind::Word(&[
            ("shared", "workers ask for records, and share what a shard gives with all groups that ask"),
            ("enhanced", "records are pushed to the group, which has the shard's limit for itself"),
        ]),
        "shared",
        "Kinesis: how its workers get records (KCL 3 RetrievalConfig).",
    ),
    param(
        "idle-between-reads",
        Kind::Span,
        "1500ms",
        "Kinesis: distance of a worker's GetRecords on a shard (KCL 3 idleTimeBetweenReadsInMillis).",
    ),
    param(
        "push-delay",
        Kind::Span,
        "70ms",
        "Kinesis: how long a record takes that is pushed (Amazon on enhanced fan-out: typically 70 ms).",
    ),
    optional(
        "dedupe",
        Kind::Table("dedupe"),
        "The idempotency store; there is one with its defaults if the delivery is effectively-once.",
    ),
    optional("failures", Kind::Family("failures"), "Which records processing fails on; none without it."),
    optional(
        "retry",
        Kind::Table("retry"),
        "What happens to a record that failed; its own defaults without it.",
    ),
    optional("downstream", Kind::Table("call"), "A dependency called for each record."),
    optional("flow", Kind::Family("flow"), "When a consumer stops fetching to protect its work queue."),
    optional("scaling", Kind::Family("scaling"), "What changes the number of consumers during the run."),
    optional("network", Kind::Table("own-network"), "What is different about its wires."),
];

const RETRY_PARAMS: &[Param] = &[
    param(
        "attempts",
        count(1, 1_000_000_000),
        "10",
        "Tries in all; 10, as in Spring Kafka's DefaultErrorHandler.",
    ),
    param(
        "backoff",
        Kind::Family("backoff"),
        "none",
        "The wait before the next try; none, as in Spring Kafka's DefaultErrorHandler.",
    ),
    param(
        "then",
        Kind::Word(&[
            ("skip", "it is passed over, which loses it"),
            ("dead-letter", "it goes to the dead-letter topic"),
            ("block", "there is no last try: the partition waits until one succeeds"),
        ]),
        "skip",
        "What happens after the last try; it is logged and skipped, as in Spring Kafka's DefaultErrorHandler.",
    ),
];

const DEDUPE_PARAMS: &[Param] = &[
    param(
        "ttl",
        Kind::OrNone(&Kind::Span),
        "24h",
        "How long a key is kept; a day, as Stripe's API keeps them.",
    ),
    param(
        "capacity",
        Kind::OrNone(&Kind::Count { min: 1, max: u64::MAX }),
        "none",
        "How many keys fit; beyond that the oldest goes first.",
    ),
    param(
        "latency",
        Kind::Dist,
        "1ms",
        "Time of one look-up or one write; as of a Redis in the same datacentre.",
    ),
    param(
        "write",
        Kind::Word(&[
            ("atomic", "in one transaction with the effect"),
            ("record-after-effect", "after the effect, one latency later"),
            ("record-before-effect", "before the record is processed"),
        ]),
        "atomic",
        "When it learns that an event was processed; with the effect, the only way without a gap.",
    ),
    param(
        "when-down",
        Kind::Word(&[("wait", "the consumer waits"), ("pass", "records are processed unchecked")]),
        "wait",
        "What happens while it is down; waiting, which keeps the promise.",
    ),
];

const CALL_PARAMS: &[Param] = &[
    required("name", Kind::Name("downstream"), "Whom it calls."),
    optional("timeout", Kind::Span, "It gives up on a call after this long; without it, it waits."),
    optional("breaker", Kind::Table("breaker"), "The circuit breaker in front of it; none without it."),
];

const BREAKER_PARAMS: &[Param] = &[
    param("failure-rate", Kind::Ratio, "50%", "It opens at this share of failures (failureRateThreshold)."),
    param("window", count(1, 1_000_000), "100", "Over this many last calls (slidingWindowSize)."),
    param("min-calls", count(1, 1_000_000), "100", "Not before this many calls (minimumNumberOfCalls)."),
    param("open-for", Kind::Span, "60s", "How long it stays open (waitDurationInOpenState)."),
    param(
        "trial-calls",
        count(1, 1_000_000),
        "10",
        "Calls that are let through to see whether things are better (permittedNumberOfCallsInHalfOpenState).",
    ),
];

pub(in crate::scenario) fn delivery(f: &Fields) -> Delivery {
    match f.args.text("delivery").as_str() {
        "at-most-once" => Delivery::AtMostOnce,
        "effectively-once" => Delivery::EffectivelyOnce,
        _ => Delivery::AtLeastOnce,
    }
}

pub(in crate::scenario) fn protocol(f: &Fields) -> GroupProtocol {
    match f.args.text("protocol").as_str() {
        "consumer" => GroupProtocol::Consumer,
        "leases" => GroupProtocol::Leases(LeasePlan {
            interval: f.args.span("lease-assignment-interval"),
            steal: f.args.count("max-leases-to-steal") as u32,
            handoff: f.args.try_span("graceful-handoff"),
            reads: ReadPlan {
                idle: f.args.span("idle-between-reads"),
                pushed: (f.args.text("fan-out") == "enhanced").then(|| f.args.span("push-delay")),
            },
            parents_first: true,
        }),
        _ => GroupProtocol::Classic,
    }
}
/// The key that says how long a session lasts under the group's protocol.
pub(in crate::scenario) fn session_key(f: &Fields) -> &'static str {
    match protocol(f) {
        GroupProtocol::Classic => "session-timeout",
        GroupProtocol::Consumer => "server-session-timeout",
        GroupProtocol::Leases(_) => "failover-time",
    }
}
/// The key that says how often members beat under the group's protocol.
pub(in crate::scenario) fn heartbeat_key(f: &Fields) -> &'static str {
    match protocol(f) {
        GroupProtocol::Classic => "heartbeat-interval",
        GroupProtocol::Consumer => "server-heartbeat-interval",
        GroupProtocol::Leases(_) => "failover-time",
    }
}

/// Whether its members hold leases.
pub(in crate::scenario) fn by_leases(f: &Fields) -> bool {
    f.args.text("protocol") == "leases"
}
/// How often a worker renews (KCL: a third of the failover time, less 25 ms).
fn renewal(failover: Span) -> Span {
    Span((failover.0 / 3).saturating_sub(Span::millis(25).0).max(1))
}
/// The topics a group reads, as written.
pub(in crate::scenario) fn topics(f: &Fields) -> Vec<String> {
    let listed = f.names("topics").iter().map(|(name, _)| name.clone());
    f.args.try_text("topic").into_iter().chain(listed).collect()
}

/// Keys that hold under one protocol only; each with what holds instead, and why.
pub(in crate::scenario) const OF_ONE_PROTOCOL: &[(&str, &str, &str)] = &[
    (
        "session-timeout",
        "classic",
        "the server sets it: write `server-session-timeout` (Kafka `group.consumer.session.timeout.ms`)",
    ),
    (
        "heartbeat-interval",
        "classic",
        "the server sets it: write `server-heartbeat-interval` (Kafka `group.consumer.heartbeat.interval.ms`)",
    ),
    (
        "assignor",
        "classic",
        "the coordinator shares the partitions out, not a member: write `remote-assignor`",
    ),
    (
        "initial-rebalance-delay",
        "classic",
        "nobody waits for more members: who joins is served at once, or after `assignment-interval`",
    ),
    ("server-session-timeout", "consumer", "the client sets it: write `session-timeout`"),
    ("server-heartbeat-interval", "consumer", "the client sets it: write `heartbeat-interval`"),
    ("assignment-interval", "consumer", "every rebalance ends with one assignment"),
    ("remote-assignor", "consumer", "a member shares the partitions out: write `assignor`"),
    ("failover-time", LEASES, "the coordinator watches over members: see `laglab list settings`"),
    ("lease-assignment-interval", LEASES, "nobody takes partitions by himself"),
    ("max-leases-to-steal", LEASES, "nobody takes partitions by himself"),
    ("graceful-handoff", LEASES, "nobody takes partitions by himself"),
    ("fan-out", LEASES, "a broker answers fetches: `fetch-min-bytes`, `fetch-max-wait`"),
    ("idle-between-reads", LEASES, "a broker answers fetches: `fetch-min-bytes`, `fetch-max-wait`"),
    ("push-delay", LEASES, "a broker answers fetches: `fetch-min-bytes`, `fetch-max-wait`"),
];
const LEASES: &str = "leases";
/// What holds instead of the settings of coordinators.
pub(in crate::scenario) const INSTEAD_BY_LEASES: &str = "nobody watches over workers: what is not renewed, others take (`failover-time`, `lease-assignment-interval`)";

/// Keys that mean nothing to workers with leases; each with the reason.
pub(in crate::scenario) const NOT_OF_LEASES: &[(&str, &str)] = &[
    ("max-poll-interval", "a worker renews its leases however long its application takes"),
    ("static-membership", "there are no members: whoever starts takes what nobody renews"),
    ("isolation-level", "Kinesis has no transactions to wait for"),
    ("fetch-min-bytes", "GetRecords answers at once, with what there is"),
    ("fetch-max-wait", "GetRecords answers at once, with what there is"),
    ("max-partition-fetch-bytes", "GetRecords answers with 10 MB at most"),
];

/// Fills in what depends on other keys: the commit and the store by the delivery, the retry by what can fail.
pub(in crate::scenario) fn complete(reader: &mut Reader<'_, '_>, f: &mut Fields, stream: bool, path: &str) {
    if stream {
        for (key, text, origin) in [
            ("protocol", "leases", "default with Kinesis"),
            ("max-poll-records", "10000", "default, KCL 3 maxRecords"),
        ] {
            reader.instead(f, PARAMS, key, text, origin, path);
        }
    }
    // What holds under another protocol only is no setting in force.
    let protocol = f.args.text("protocol");
    let other = OF_ONE_PROTOCOL.iter().filter(|(key, of, _)| *of != protocol && !f.written(key));
    let mut other: Vec<String> = other.map(|(key, ..)| join(path, key)).collect();
    if by_leases(f) {
        other.extend(NOT_OF_LEASES.iter().filter(|(key, _)| !f.written(key)).map(|(key, _)| join(path, key)));
    }
    reader
        .rows
        .retain(|row| !other.iter().any(|key| row.path == *key || row.path.starts_with(&format!("{key}."))));
    let delivery = delivery(f);
    if f.state("commit") == State::Absent {
        let (text, origin) = match delivery {
            Delivery::AtMostOnce => ("before-processing", "default of at-most-once delivery"),
            _ if stream => ("after-batch", "default with Kinesis, whose applications write the checkpoints"),
            _ => ("every", "default, Kafka 4 enable.auto.commit"),
        };
        reader.assume(f, "commit", Kind::Family("commit"), text, origin, &join(path, "commit"));
    }
    if f.state("dedupe") == State::Absent && delivery == Delivery::EffectivelyOnce {
        let origin = "default of effectively-once delivery";
        reader.assume(f, "dedupe", Kind::Table("dedupe"), "{}", origin, &join(path, "dedupe"));
    }
    // What is written and no table has no default to stand in for it.
    let absent = f.state("retry") == State::Absent;
    if absent || f.table("retry").is_none() {
        let rows = reader.rows.len();
        let origin = "default, Spring Kafka DefaultErrorHandler";
        reader.assume(f, "retry", Kind::Table("retry"), "{}", origin, &join(path, "retry"));
        if !absent || f.state("failures") == State::Absent && f.state("downstream") == State::Absent {
            reader.rows.truncate(rows);
        }
    }
}

/// The group, reading `topics` and calling `downstream`.
pub(in crate::scenario) fn build(
    name: &str,
    f: &Fields,
    topics: Vec<TopicId>,
    downstream: Option<DownstreamId>,
    common: &WirePlan,
) -> GroupPlan {
    let args = &f.args;
    let retry = f.table("retry").expect("it is always completed");
    let (assignor, assignor_args) = f.pick("assignor").expect("it has a default");
    let (remote, remote_args) = f.pick("remote-assignor").expect("it has a default");
    GroupPlan {
        name: name.to_owned(),
        topics,
        consumers: args.count("consumers") as u32,
        start_spacing: args.span("start-spacing"),
        service: args.dist("service-time"),
        poll_cost: args.dist("poll-cost"),
        max_poll_records: args.count("max-poll-records") as u32,
        // A worker renews its leases whatever its application does.
        max_poll_interval: if by_leases(f) { Span::FOREVER } else { args.span("max-poll-interval") },
        fetch_min_bytes: args.bytes("fetch-min-bytes"),
        fetch_max_wait: args.span("fetch-max-wait"),
        max_partition_fetch_bytes: args.bytes("max-partition-fetch-bytes"),
        concurrency: args.count("concurrency") as u32,
        processing: match args.text("processing").as_str() {
            "streaming" => Processing::Streaming,
            _ => Processing::Barrier,
        },
        delivery: delivery(f),
        commit: f.pick("commit").map_or(Commit::AfterBatch, |(name, args)| commit::build(name, args)),
        offset_reset: f
            .pick("auto-offset-reset")
            .map_or(OffsetReset::Earliest, |(name, args)| reset::build(name, args)),
        isolation: match args.text("isolation-level").as_str() {
            "read-committed" => Isolation::ReadCommitted,
            _ => Isolation::ReadUncommitted,
        },
        protocol: protocol(f),
        session_timeout: args.span(session_key(f)),
        heartbeat: if by_leases(f) {
            renewal(args.span("failover-time"))
        } else {
            args.span(heartbeat_key(f))
        },
        initial_rebalance_delay: args.span("initial-rebalance-delay"),
        formed: args.flag("formed"),
        static_membership: args.flag("static-membership"),
        assignor: Choice::of(assignment::MEMBERS, assignor, assignor_args.clone()),
        remote_assignor: Choice::of(remote_assignment::MEMBERS, remote, remote_args.clone()),
        assignment_interval: args.span("assignment-interval"),
        dedupe: f.table("dedupe").map(build_dedupe),
        failing: f.pick("failures").map(|(name, args)| Choice::of(failing::MEMBERS, name, args.clone())),
        retry: build_retry(retry),
        calls: downstream.zip(f.table("downstream")).map(|(id, call)| build_call(id, call)),
        flow: f.pick("flow").map(|(name, args)| Choice::of(flow::MEMBERS, name, args.clone())),
        scaling: f.pick("scaling").map(|(name, args)| Choice::of(scaling::MEMBERS, name, args.clone())),
        wire: network::own(common, f.table("network")),
    }
}

fn build_dedupe(f: &Fields) -> DedupePlan {
    DedupePlan {
        ttl: f.args.try_span("ttl"),
        capacity: f.args.try_count("capacity"),
        latency: f.args.dist("latency"),
        write: match f.args.text("write").as_str() {
            "record-after-effect" => DedupeWrite::RecordAfterEffect,
            "record-before-effect" => DedupeWrite::RecordBeforeEffect,
            _ => DedupeWrite::Atomic,
        },
        fail_open: f.args.text("when-down") == "pass",
    }
}

fn build_retry(f: &Fields) -> RetryPlan {
    let (backoff, args) = f.pick("backoff").expect("it has a default");
    let then = f.args.text("then");
    RetryPlan {
        attempts: (then != "block").then(|| f.args.count("attempts") as u32),
        backoff: Choice::of(backoff::MEMBERS, backoff, args.clone()),
        then: if then == "dead-letter" { GiveUp::DeadLetter } else { GiveUp::Skip },
    }
}

fn build_call(downstream: DownstreamId, f: &Fields) -> CallPlan {
    let breaker = f.table("breaker").map(|b| BreakerPlan {
        failure_rate: b.args.number("failure-rate"),
        window: b.args.count("window") as u32,
        min_calls: b.args.count("min-calls") as u32,
        open_for: b.args.span("open-for"),
        trial_calls: b.args.count("trial-calls") as u32,
    });
    CallPlan { downstream, timeout: f.args.try_span("timeout"), breaker }
}
