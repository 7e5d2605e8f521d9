//! `[cluster]`: the brokers, which are alike.

use crate::model::backpressure::quota;
use crate::model::catalog::{Choice, Kind, Param};
use crate::model::plan::{ClusterPlan, ReplicationPlan};
use crate::scenario::describe::{Section, count, optional, param};
use crate::scenario::read::Fields;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "cluster",
    place: "[cluster]",
    doc: "The brokers, which are alike. Partitions are led by them in turn.",
    params: PARAMS,
};

const PARAMS: &[Param] = &[
    param("brokers", count(1, 10_000), "1", "How many brokers there are."),
    param(
        "request-cost",
        Kind::Dist,
        "0s",
        "Time a broker is busy with each produce or fetch request; none, so that brokers are no bottleneck \
unless that is asked for.",
    ),
    optional(
        "bandwidth",
        Kind::ByteRate,
        "Bytes per second that a broker can take in and give out together; without it, any number.",
    ),
    param("racks", count(1, 10_000), "1", "Broker b stands in rack b modulo this (Kafka 4 `broker.rack`)."),
    param(
        "inter-broker-delay",
        Kind::Dist,
        "500us",
        "One-way delay between two brokers, about half a round trip between availability zones; without \
replication nothing passes between them.",
    ),
    param(
        "replica-lag-time-max",
        Kind::Span,
        "30s",
        "A follower that has not caught up for this long is not in sync (Kafka 4 `replica.lag.time.max.ms`).",
    ),
    param(
        "replica-fetch-max-bytes",
        Kind::Bytes,
        "1MiB",
        "Most bytes of one partition per fetch of a follower (Kafka 4 `replica.fetch.max.bytes`).",
    ),
    param(
        "broker-session-timeout",
        Kind::Span,
        "9s",
        "The controller gives a broker's partitions to others this long after its last heartbeat (Kafka 4 \
`broker.session.timeout.ms`).",
    ),
    param(
        "broker-heartbeat-interval",
        Kind::Span,
        "2s",
        "Distance of brokers' heartbeats to the controller (Kafka 4 `broker.heartbeat.interval.ms`).",
    ),
    optional(
        "failover",
        Kind::Span,
        "From a broker's death until the controller misses it, as one figure; without it, the session timeout \
less the time since the last heartbeat.",
    ),
    param(
        "leader-check",
        Kind::Span,
        "5m",
        "How often partitions go back to their preferred leaders (Kafka 4 \
`leader.imbalance.check.interval.seconds`).",
    ),
    param(
        "metadata-max-age",
        Kind::Span,
        "5m",
        "How often clients ask for the leaders although nothing went wrong (Kafka 4 `metadata.max.age.ms`).",
    ),
    param(
        "retention-check",
        Kind::Span,
        "5m",
        "How often old records are removed (Kafka 4 `log.retention.check.interval.ms`).",
    ),
    param(
        "initial-task-delay",
        Kind::Span,
        "30s",
        "When old records are removed for the first time (Kafka 4 `log.initial.task.delay.ms`).",
    ),
    param(
        "cleaner-backoff",
        Kind::Span,
        "15s",
        "How often the cleaner of compacted topics looks for something to clean (Kafka 4 `log.cleaner.backoff.ms`).",
    ),
    param(
        "offsets-retention",
        Kind::Span,
        "7d",
        "A group that has had no members for this long loses its committed offsets when it comes back (Kafka 4 \
`offsets.retention.minutes`).",
    ),
    optional(
        "quota",
        Kind::Family("quota"),
        "What brokers do about a producer that sends too much (Kafka 4 `producer_byte_rate`).",
    ),
    optional(
        "fetch-quota",
        Kind::Family("quota"),
        "What brokers do about a consumer that fetches too much (Kafka 4 `consumer_byte_rate`).",
    ),
];

pub(in crate::scenario) fn build(f: &Fields) -> ClusterPlan {
    ClusterPlan {
        brokers: f.args.count("brokers") as u32,
        request_cost: f.args.dist("request-cost"),
        byte_cost: f.args.try_number("bandwidth").filter(|b| *b > 0.0).map_or(0.0, |b| 1e9 / b),
        failover: f.args.try_span("failover"),
        replication: ReplicationPlan {
            delay: f.args.dist("inter-broker-delay"),
            max_lag: f.args.span("replica-lag-time-max"),
            fetch_max_bytes: f.args.bytes("replica-fetch-max-bytes"),
            session_timeout: f.args.span("broker-session-timeout"),
            heartbeat: f.args.span("broker-heartbeat-interval"),
            leader_check: f.args.span("leader-check"),
            metadata_max_age: f.args.span("metadata-max-age"),
            racks: f.args.count("racks") as u32,
        },
        retention_check: f.args.span("retention-check"),
        initial_task_delay: f.args.span("initial-task-delay"),
        cleaner_backoff: f.args.span("cleaner-backoff"),
        offsets_retention: f.args.span("offsets-retention"),
        quota: f.pick("quota").map(|(name, args)| Choice::of(quota::MEMBERS, name, args.clone())),
        fetch_quota: f.pick("fetch-quota").map(|(name, args)| Choice::of(quota::MEMBERS, name, args.clone())),
    }
}
