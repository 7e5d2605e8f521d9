//! `[topic.NAME]`: a log with partitions.

use crate::model::catalog::{Kind, Param};
use crate::model::plan::TopicPlan;
use crate::scenario::describe::{Section, count, param};
use crate::scenario::read::Fields;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "topic",
    place: "[topic.NAME]",
    doc: "A topic: events are stored in its partitions, in order of arrival.",
    params: PARAMS,
};

const PARAMS: &[Param] = &[
    param(
        "broker",
        Kind::Word(&[("kafka", "Apache Kafka 4: every default is Kafka's")]),
        "kafka",
        "The system it models, which every default is taken from.",
    ),
    param("partitions", count(1, 100_000), "1", "How many partitions it has (Kafka 4 `num.partitions`)."),
    param(
        "replication-factor",
        count(1, 100),
        "1",
        "On how many brokers each partition lies (Kafka 4 `default.replication.factor`).",
    ),
    param(
        "min-insync-replicas",
        count(1, 100),
        "1",
        "Writes with acks=all are refused while fewer replicas are in sync (Kafka 4 `min.insync.replicas`).",
    ),
    param(
        "unclean-leader-election",
        Kind::Flag,
        "false",
        "Whether a replica that is not in sync may lead when no other can (Kafka 4 \
`unclean.leader.election.enable`).",
    ),
    param(
        "retention",
        Kind::OrNone(&Kind::Span),
        "7d",
        "Records older than this may be removed, read or not; \"none\" keeps them (Kafka 4 `retention.ms`).",
    ),
    param(
        "retention-bytes",
        Kind::OrNone(&Kind::Bytes),
        "none",
        "A partition larger than this loses its oldest records (Kafka 4 `retention.bytes`).",
    ),
];

pub(in crate::scenario) fn build(name: &str, f: &Fields) -> TopicPlan {
    TopicPlan {
        name: name.to_owned(),
        partitions: f.args.count("partitions") as u32,
        replication_factor: f.args.count("replication-factor") as u32,
        min_insync: f.args.count("min-insync-replicas") as u32,
        unclean_election: f.args.flag("unclean-leader-election"),
        retention: f.args.try_span("retention"),
        retention_bytes: f.args.try_bytes("retention-bytes"),
    }
}
