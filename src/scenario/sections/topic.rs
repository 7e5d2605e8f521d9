//! `[topic.NAME]`: a log with partitions.

use crate::engine::Span;
use crate::model::catalog::{Kind, Param};
use crate::model::plan::{StreamPlan, TopicPlan};
use crate::scenario::describe::{Section, count, param};
use crate::scenario::of_one_broker::Foreign;
use crate::scenario::read::{Fields, Reader};

pub(in crate::scenario) const SECTION: Section = Section {
    name: "topic",
    place: "[topic.NAME]",
    doc: "A topic: events are stored in its partitions, in order of arrival.",
    params: PARAMS,
};

const PARAMS: &[Param] = &[
    param(
        "broker",
        Kind::Word(&[
            ("kafka", "Apache Kafka 4: every default is Kafka's"),
            ("kinesis", "Amazon Kinesis Data Streams: partitions are shards, with limits of their own"),
        ]),
        "kafka",
        "The system it models, which every default is taken from.",
    ),
    param(
        "partitions",
        count(1, 100_000),
        "1",
        "How many partitions it has (Kafka 4 `num.partitions`), or shards (Kinesis: --shard-count).",
    ),
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
        "A segment whose records are all older than this is removed, read or not; \"none\" keeps them (Kafka 4 \
`retention.ms`). With Kinesis 24h.",
    ),
    param(
        "retention-bytes",
        Kind::OrNone(&Kind::Bytes),
        "none",
        "A partition loses its oldest segments as long as it has as much as this without them (Kafka 4 \
`retention.bytes`).",
    ),
    param(
        "segment-bytes",
        Kind::Bytes,
        "1GiB",
        "A segment that would become larger is followed by another; retention removes whole segments (Kafka 4 \
`segment.bytes`, which must be 1 MiB at least; a simulated one may be smaller).",
    ),
    param(
        "segment-time",
        Kind::Span,
        "7d",
        "A batch whose newest record is later than this after the segment's first begins another (Kafka 4 \
`segment.ms`). Without appends nothing begins.",
    ),
    param(
        "write-records",
        Kind::Rate,
        "1000/s",
        "Kinesis: how many records a shard takes per second; those beyond are refused (Kinesis Data Streams quotas).",
    ),
    param(
        "write-bytes",
        Kind::ByteRate,
        "1MB/s",
        "Kinesis: how many bytes a shard takes per second; records beyond are refused (Kinesis Data Streams quotas).",
    ),
    param(
        "read-calls",
        Kind::Rate,
        "5/s",
        "Kinesis: how many GetRecords a shard answers per second, those of all groups together (Kinesis Data Streams \
quotas).",
    ),
    param(
        "read-bytes",
        Kind::ByteRate,
        "2MB/s",
        "Kinesis: how many bytes per second a shard gives, to all groups that ask together, and to each that it pushes \
to (Kinesis Data Streams quotas).",
    ),
];

/// Keys that mean something for one of the brokers only, and what holds with the other.
pub(in crate::scenario) const FOREIGN: &[Foreign] = &[
    Foreign {
        key: "replication-factor",
        stream: false,
        help: "Kinesis keeps every record in three availability zones",
    },
    Foreign {
        key: "min-insync-replicas",
        stream: false,
        help: "Kinesis answers when a record is stored in three availability zones",
    },
    Foreign {
        key: "unclean-leader-election",
        stream: false,
        help: "Kinesis loses no record that it has answered for",
    },
    Foreign {
        key: "retention-bytes",
        stream: false,
        help: "Kinesis removes records by their age only: `retention`",
    },
    Foreign { key: "segment-bytes", stream: false, help: "Kinesis has no segments" },
    Foreign { key: "segment-time", stream: false, help: "Kinesis has no segments" },
    Foreign {
        key: "write-records",
        stream: true,
        help: "Kafka limits producers, not partitions: `[cluster] quota`",
    },
    Foreign {
        key: "write-bytes",
        stream: true,
        help: "Kafka limits producers, not partitions: `[cluster] quota`",
    },
    Foreign {
        key: "read-calls",
        stream: true,
        help: "Kafka limits consumers, not partitions: `[cluster] fetch-quota`",
    },
    Foreign {
        key: "read-bytes",
        stream: true,
        help: "Kafka limits consumers, not partitions: `[cluster] fetch-quota`",
    },
];

/// Whether the topic is a Kinesis stream.
pub(in crate::scenario) fn is_stream(f: &Fields) -> bool {
    f.args.try_text("broker").as_deref() == Some("kinesis")
}

/// Fills in what is another default with Kinesis.
pub(in crate::scenario) fn complete(reader: &mut Reader<'_, '_>, f: &mut Fields, path: &str) {
    if is_stream(f) {
        reader.instead(f, PARAMS, "retention", "24h", "default, Kinesis RetentionPeriodHours", path);
    }
}

pub(in crate::scenario) fn build(name: &str, f: &Fields) -> TopicPlan {
    let stream = is_stream(f).then(|| StreamPlan {
        write_records: f.args.number("write-records") as u64,
        write_bytes: f.args.number("write-bytes") as u64,
        read_calls: f.args.number("read-calls") as u64,
        read_bytes: f.args.number("read-bytes") as u64,
    });
    TopicPlan {
        name: name.to_owned(),
        partitions: f.args.count("partitions") as u32,
        replication_factor: f.args.count("replication-factor") as u32,
        min_insync: f.args.count("min-insync-replicas") as u32,
        unclean_election: f.args.flag("unclean-leader-election"),
        retention: f.args.try_span("retention"),
        retention_bytes: f.args.try_bytes("retention-bytes"),
        segment_bytes: f.args.bytes("segment-bytes"),
        // A stream forgets records by the minute.
        segment_time: if stream.is_some() { Span::from_secs(60) } else { f.args.span("segment-time") },
        stream,
    }
}
