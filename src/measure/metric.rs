//! The catalogue of metrics: name, unit, which way is better, and what exactly is counted.
//!
//! `[expect]`, sweeps, tables, `summary.json` and `laglab list metrics` all read it.

use crate::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};

/// Stands among the causes of standstill for: none, nothing but its owner's absence.
pub const NO_REBALANCE: &str = "no-rebalance";

/// What a metric belongs to; it stands between its prefix and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// `group.NAME.…`
    Group,
    /// `producer.NAME.…` (all instances of the table together).
    Producer,
    /// `topic.NAME.…`
    Topic,
    /// `broker.N.…`
    Broker,
    /// `downstream.NAME.…`
    Downstream,
}

impl Of {
    /// The first part of the dotted name.
    pub const fn prefix(self) -> &'static str {
        match self {
            Of::Group => "group",
            Of::Producer => "producer",
            Of::Topic => "topic",
            Of::Broker => "broker",
            Of::Downstream => "downstream",
        }
    }
}

/// The unit of a metric's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Events, records, requests, ...: a count.
    Count,
    /// Seconds.
    Seconds,
    /// Per second.
    PerSecond,
    /// A share or ratio.
    Ratio,
    /// Bytes.
    Bytes,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither in itself.
    Neither,
}

/// A metric. Its full name is `prefix.NAME.name`.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// What it belongs to.
    pub of: Of,
    /// The last part or parts of its name. A name ending in `.*` stands for one metric per cause or place.
    pub name: &'static str,
    /// See [`Unit`].
    pub unit: Unit,
    /// See [`Better`].
    pub better: Better,
    /// What is counted, over which events. "Cohort" means: created after the warm-up.
    pub doc: &'static str,
}

macro_rules! metrics {
    ($($of:ident $name:literal $unit:ident $better:ident $doc:literal)*) => {
        /// Every metric.
        pub static METRICS: &[Metric] = &[$(Metric {
            of: Of::$of, name: $name, unit: Unit::$unit, better: Better::$better, doc: $doc,
        }),*];
    };
}

metrics! {
    Group "created" Count Neither "Events of the cohort created for the topics this group reads, before any buffer."
    Group "applied" Count More "Events of the cohort whose effect was applied at least once."
    Group "lost" Count Less "Events of the cohort whose effect will never be applied, by mistake."
    Group "lost.*" Count Less "The same by cause."
    Group "shed" Count Less "Events of the cohort refused on purpose before they were sent."
    Group "shed.*" Count Less "The same by reason."
    Group "dead-lettered" Count Less "Events of the cohort that went to the dead-letter topic after their last try."
    Group "expired" Count Less "Events of the cohort that compaction removed before the group read them: for a newer one of their key, or as a delete marker after its time."
    Group "pending" Count Less "Events of the cohort without a final fate when the run ended."
    Group "pending.*" Count Less "The same by where they are."
    Group "duplicates" Count Less "Extra effects: times an effect of the cohort was applied beyond the first."
    Group "duplicates.*" Count Less "The same by cause."
    Group "duplicate-rate" Ratio Less "Extra effects per event applied."
    Group "loss-rate" Ratio Less "Lost events per event created."
    Group "extra-deliveries" Count Less "Deliveries of the cohort's records beyond the first of each record."
    Group "extra-deliveries.*" Count Less "The same by cause."
    Group "order-violations" Count Less "First effects applied after a later-created event of the same key."
    Group "throughput" PerSecond More "Events of the cohort applied per second of measured workload time."
    Group "latency.mean" Seconds Less "From creation to first effect, over applied events of the cohort."
    Group "latency.p50" Seconds Less "Its median. A percentile is left out of a run in which fewer than ten latencies lie beyond it."
    Group "latency.p90" Seconds Less "Its 90th percentile."
    Group "latency.p99" Seconds Less "Its 99th percentile."
    Group "latency.p99.9" Seconds Less "Its 99.9th percentile."
    Group "latency.max" Seconds Less "Its greatest value."
    Group "lag.mean" Count Less "Lag in records (log end minus the position up to which everything is done), summed over partitions: mean over the samples after the warm-up."
    Group "lag.p50" Count Less "Its median over the samples. A percentile is left out of a run in which fewer than ten samples lie beyond it."
    Group "lag.p99" Count Less "Its 99th percentile over the samples."
    Group "lag.max" Count Less "Its greatest sample."
    Group "lag.end" Count Less "Its value at the end of the workload."
    Group "lag-time.mean" Seconds Less "Lag in time: age of the oldest record not yet done on any partition. Mean over the samples after the warm-up."
    Group "lag-time.p50" Seconds Less "Its median over the samples, left out as that of the lag."
    Group "lag-time.p99" Seconds Less "Its 99th percentile over the samples."
    Group "lag-time.max" Seconds Less "Its greatest sample."
    Group "lag.skew" Ratio Less "Greatest over median time-averaged lag of its partitions."
    Group "lag.gini" Ratio Less "Gini coefficient of the time-averaged lag of its partitions: 0 even, 1 all on one."
    Group "rebalances" Count Less "Generations completed after the first, over the whole run."
    Group "rebalances.*" Count Less "The same by what began them."
    Group "stalled" Seconds Less "Partition-seconds during which a partition had no consumer ready to read it, after the group first formed."
    Group "stalled.max" Seconds Less "The longest single such pause of a partition."
    Group "stalled.per-rebalance" Seconds Less "Partition-seconds put down to rebalances, over the number of rebalances."
    Group "stalled-by.*" Seconds Less "Partition-seconds as in `stalled`, by what began the first rebalance that was under way meanwhile."
    Group "takeover" Seconds Less "Mean time from the death of a consumer until another consumer gets a record of its partitions."
    Group "drain-time" Seconds Less "From the end of the last fault (or of the workload, if there is none) until the lag is back at its level before the first fault, or everything is worked off."
    Group "fetch-throttled" Seconds Less "Throttle time brokers asked of its consumers."
    Group "reads" Count Neither "Answers that its workers got from shards after the warm-up, pushed ones included (Kinesis only)."
    Group "reads-refused" Count Less "Times a shard did not answer its workers, having been asked too much, over the whole run (Kinesis only)."
    Group "iterator-age.mean" Seconds Less "Time since the arrival of the last record of an answer of a shard, 0 if there was no later one: mean over the answers after the warm-up (Kinesis only)."
    Group "iterator-age.max" Seconds Less "Its greatest value."
    Group "utilisation" Ratio Neither "Share of its consumers' worker time spent processing, over the workload time after the warm-up."
    Group "consumer-hours" Count Less "Hours its consumers ran, summed."
    Group "consumers.max" Count Neither "Most consumers running at once."
    Group "scalings" Count Less "Times the autoscaler changed the number of consumers."
    Group "polls" Count Neither "Polls that returned records."
    Group "batch.mean" Count Neither "Records per such poll."
    Group "commits" Count Neither "Offset commits sent."
    Group "failures" Count Less "Tries of a record that failed."
    Group "attempts.mean" Ratio Less "Tries per record finished."
    Group "store-lookups" Count Neither "Look-ups in the idempotency store."
    Group "store-hits" Count Neither "Look-ups that found the key: repeats that were suppressed."
    Group "resets" Count Less "Times a partition's position was reset for want of a valid offset."
    Group "stopped" Count Less "Times a consumer stopped because a partition had no valid offset (`auto-offset-reset = \"none\"`)."
    Producer "created" Count Neither "Events of the cohort created."
    Producer "accepted" Count More "Events of the cohort let into the send buffer."
    Producer "acknowledged" Count More "Events of the cohort whose batch was acknowledged (sent, with acks=0)."
    Producer "shed" Count Less "Events of the cohort refused on purpose."
    Producer "lost" Count Less "Events of the cohort lost before the log."
    Producer "retries" Count Less "Batches sent again."
    Producer "too-few-in-sync" Count Less "Batches with acks=all that a broker refused, or could not vouch for, for want of in-sync replicas."
    Producer "extra-appends" Count Less "Records appended beyond the first copy of their event."
    Producer "transactions" Count Neither "Transactions committed."
    Producer "transactions-aborted" Count Less "Transactions aborted, by the producer or by the coordinator."
    Producer "blocked" Seconds Less "Time its callers stood blocked on a full buffer."
    Producer "throttled" Seconds Less "Throttle time its brokers asked for."
    Producer "batch.mean" Count Neither "Records per batch sent."
    Producer "batch.wait" Seconds Less "Mean time from creation until the batch is first sent, over events of the cohort."
    Producer "ack-latency.mean" Seconds Less "Mean time from creation to acknowledgement, over events of the cohort."
    Topic "appended" Count Neither "Records appended, copies included, over the whole run."
    Topic "bytes" Bytes Neither "Bytes appended over the whole run."
    Topic "removed" Count Neither "Records removed by retention over the whole run."
    Topic "throughput-exceeded" Count Less "Records that a shard refused, once per try, over the whole run (Kinesis only)."
    Topic "compacted" Count Neither "Records removed by the log cleaner over the whole run."
    Topic "elections" Count Less "Times a partition got a leader, over the whole run."
    Topic "unclean-elections" Count Less "The same with a leader that was not in sync."
    Topic "isr-shrinks" Count Less "Times a replica of a partition fell out of sync."
    Topic "truncated" Count Less "Records that were cut off at an election, read or not, lost or not."
    Topic "under-replicated" Seconds Less "Partition-seconds with fewer in-sync replicas than the replication factor, while the workload ran."
    Topic "under-min-isr" Seconds Less "Partition-seconds with fewer in-sync replicas than `min-insync-replicas`."
    Topic "offline" Seconds Less "Partition-seconds without a leader."
    Topic "skew" Ratio Less "Records of the fullest partition over the median partition."
    Broker "utilisation" Ratio Neither "Share of the workload time it was busy with requests."
    Broker "requests" Count Neither "Produce and fetch requests served."
    Downstream "calls" Count Neither "Calls that reached it."
    Downstream "errors" Count Less "Calls that failed."
    Downstream "utilisation" Ratio Neither "Mean share of its places in use (only with a concurrency limit)."
    Downstream "queue.max" Count Less "Most calls waiting at once."
    Downstream "breaker-opened" Count Less "Times a breaker in front of it opened."
}

impl Metric {
    /// The names this entry stands for: itself, or one per cause.
    pub fn names(&self) -> Vec<String> {
        let Some(stem) = self.name.strip_suffix('*') else { return vec![self.name.to_owned()] };
        let members: Vec<&str> = match stem {
            "lost." => LossCause::ALL.iter().map(|c| c.name()).collect(),
            "shed." => ShedReason::ALL.iter().map(|c| c.name()).collect(),
            "pending." => Place::ALL.iter().map(|c| c.name()).collect(),
            "duplicates." | "extra-deliveries." => DuplicateCause::ALL.iter().map(|c| c.name()).collect(),
            "rebalances." => RebalanceCause::ALL.iter().map(|c| c.name()).collect(),
            "stalled-by." => RebalanceCause::ALL.iter().map(|c| c.name()).chain([NO_REBALANCE]).collect(),
            other => panic!("`{other}*` has a list of members"),
        };
        members.iter().map(|m| format!("{stem}{m}")).collect()
    }
}

/// Whether a metric is a percentile, by its full name.
pub fn is_percentile(name: &str) -> bool {
    name.rsplit_once(".p").is_some_and(|(_, rank)| rank.starts_with(|c: char| c.is_ascii_digit()))
        && [".latency.p", ".lag.p", ".lag-time.p"].iter().any(|stem| name.contains(stem))
}

/// The metric with this last part, `lost.retention` for a group.
pub fn find(of: Of, name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| {
        m.of == of && (m.name == name || m.name.ends_with('*') && m.names().iter().any(|n| n == name))
    })
}
