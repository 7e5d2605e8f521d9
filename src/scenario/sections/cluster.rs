//! `[cluster]`: the brokers, which are alike.

use crate::model::backpressure::quota;
use crate::model::catalog::{Choice, Kind, Param};
use crate::model::plan::ClusterPlan;
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
    param(
        "failover",
        Kind::Span,
        "8s",
        "From a broker's death until another leads its partitions: Kafka's controller misses it after 9 s \
without a heartbeat (Kafka 4 `broker.session.timeout.ms`), of which half a heartbeat has passed on average.",
    ),
    param(
        "retention-check",
        Kind::Span,
        "5m",
        "How often old records are removed (Kafka 4 `log.retention.check.interval.ms`).",
    ),
    param(
        "offsets-retention",
        Kind::Span,
        "7d",
        "A group that has had no members for this long loses its committed offsets when it comes back (Kafka 4 \
`offsets.retention.minutes`).",
    ),
    optional("quota", Kind::Family("quota"), "What brokers do about a client that sends too much."),
];

pub(in crate::scenario) fn build(f: &Fields) -> ClusterPlan {
    ClusterPlan {
        brokers: f.args.count("brokers") as u32,
        request_cost: f.args.dist("request-cost"),
        byte_cost: f.args.try_number("bandwidth").filter(|b| *b > 0.0).map_or(0.0, |b| 1e9 / b),
        failover: f.args.span("failover"),
        retention_check: f.args.span("retention-check"),
        offsets_retention: f.args.span("offsets-retention"),
        quota: f.pick("quota").map(|(name, args)| Choice::of(quota::MEMBERS, name, args.clone())),
    }
}
