//! Topics: where their partitions lie, what they keep, and for how long.

use crate::engine::Span;

/// A topic.
#[derive(Clone, Debug)]
pub struct TopicPlan {
    /// As written.
    pub name: String,
    /// How many partitions at the start.
    pub partitions: u32,
    /// Copies of each partition (Kafka `replication.factor`).
    pub replication_factor: u32,
    /// Writes with acks=all need so many in-sync replicas (Kafka `min.insync.replicas`).
    pub min_insync: u32,
    /// Whether a replica that is not in sync may lead when no other can (Kafka
    /// `unclean.leader.election.enable`).
    pub unclean_election: bool,
    /// Records older than this may go (Kafka `retention.ms`); `None` keeps them.
    pub retention: Option<Span>,
    /// A partition larger than this loses its oldest records (Kafka `retention.bytes`); `None` keeps them.
    pub retention_bytes: Option<u64>,
    /// A segment that would become larger is followed by another (Kafka `segment.bytes`).
    pub segment_bytes: u64,
    /// And one that would span a longer time (Kafka `segment.ms`).
    pub segment_time: Span,
    /// It is a Kinesis stream, with these limits.
    pub stream: Option<StreamPlan>,
    /// When older records of a key are removed for newer ones, if they are (Kafka `cleanup.policy`).
    pub compaction: Option<CompactionRules>,
}

/// What each shard of a Kinesis stream takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamPlan {
    /// Records per second that can be written.
    pub write_records: u64,
    /// Bytes per second that can be written.
    pub write_bytes: u64,
    /// GetRecords per second, of all who ask together.
    pub read_calls: u64,
    /// Bytes per second that they get together; and each group that is pushed to.
    pub read_bytes: u64,
}

/// When older records of a key are removed for newer ones.
#[derive(Clone, Copy, Debug)]
pub struct CompactionRules {
    /// Not before more than this share of its bytes is dirty (Kafka `min.cleanable.dirty.ratio`).
    pub dirty_share: f64,
    /// Segments with a record younger than this are left alone (Kafka `min.compaction.lag.ms`).
    pub least_lag: Span,
    /// A dirty record older than this has the log cleaned (Kafka `max.compaction.lag.ms`).
    pub most_lag: Option<Span>,
    /// Delete markers stay for this long after they were cleaned (Kafka `delete.retention.ms`).
    pub keep_deletes: Span,
}
