//! `[topic.NAME]`: a log with partitions.

use crate::engine::Span;
use crate::model::catalog::{Kind, Param};
use crate::model::plan::{CompactionRules, StreamPlan, TopicPlan};
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
        "cleanup-policy",
        Kind::Word(&[
            ("delete", "old records are removed, as `retention` and `retention-bytes` say"),
            ("compact", "of each key the latest record is kept, for ever"),
            ("compact,delete", "of each key the latest record is kept, until it is old"),
            ("delete,compact", "the same"),
        ]),
        "delete",
        "What is removed of it (Kafka 4 `cleanup.policy`).",
    ),
    param(
        "min-cleanable-dirty-ratio",
        Kind::Ratio,
        "0.5",
        "A partition is compacted when more than this share of its bytes, without the active segment, is dirty (Kafka 4 \
`min.cleanable.dirty.ratio`).",
    ),
    param(
        "min-compaction-lag",
        Kind::Span,
        "0s",
        "Segments with a record younger than this are not compacted (Kafka 4 `min.compaction.lag.ms`).",
    ),
    param(
        "max-compaction-lag",
        Kind::OrNone(&Kind::Span),
        "none",
        "A partition with a dirty record older than this is compacted in any case (Kafka 4 \
`max.compaction.lag.ms`).",
    ),
    param(
        "delete-retention",
        Kind::Span,
        "24h",
        "Delete markers go this long after they were first compacted (Kafka 4 `delete.retention.ms`).",
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
    Foreign {
        key: "cleanup-policy",
        stream: false,
        help: "Kinesis removes records by their age only: `retention`",
    },
    Foreign { key: "min-cleanable-dirty-ratio", stream: false, help: "Kinesis compacts nothing" },
    Foreign { key: "min-compaction-lag", stream: false, help: "Kinesis compacts nothing" },
    Foreign { key: "max-compaction-lag", stream: false, help: "Kinesis compacts nothing" },
    Foreign { key: "delete-retention", stream: false, help: "Kinesis compacts nothing" },
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

/// What has a meaning in a compacted topic only.
pub(in crate::scenario) const OF_COMPACTION: [&str; 4] =
    ["min-cleanable-dirty-ratio", "min-compaction-lag", "max-compaction-lag", "delete-retention"];

/// Whether anything is compacted, and whether old records are removed.
pub(in crate::scenario) fn policy(f: &Fields) -> (bool, bool) {
    let policy = f.args.text("cleanup-policy");
    (policy.contains("compact"), policy.contains("delete"))
}

pub(in crate::scenario) fn build(name: &str, f: &Fields) -> TopicPlan {
    let stream = is_stream(f).then(|| StreamPlan {
        write_records: f.args.number("write-records") as u64,
        write_bytes: f.args.number("write-bytes") as u64,
        read_calls: f.args.number("read-calls") as u64,
        read_bytes: f.args.number("read-bytes") as u64,
    });
    let (compacts, deletes) = policy(f);
    TopicPlan {
        name: name.to_owned(),
        partitions: f.args.count("partitions") as u32,
        replication_factor: f.args.count("replication-factor") as u32,
        min_insync: f.args.count("min-insync-replicas") as u32,
        unclean_election: f.args.flag("unclean-leader-election"),
        retention: f.args.try_span("retention").filter(|_| deletes),
        retention_bytes: f.args.try_bytes("retention-bytes").filter(|_| deletes),
        segment_bytes: f.args.bytes("segment-bytes"),
        // A stream forgets records by the minute.
        segment_time: if stream.is_some() { Span::from_secs(60) } else { f.args.span("segment-time") },
        compaction: compacts.then(|| CompactionRules {
            dirty_share: f.args.number("min-cleanable-dirty-ratio"),
            least_lag: f.args.span("min-compaction-lag"),
            most_lag: f.args.try_span("max-compaction-lag"),
            keep_deletes: f.args.span("delete-retention"),
        }),
        stream,
    }
}
