//! The settings of Kafka that are settings here too: name, section, key, unit and Kafka's default.

use crate::scenario::read::join;

/// How Kafka writes a value, and so how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Form {
    /// A word, as here; Kafka joins its parts with underscores.
    Word,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Flag,
    /// Milliseconds as a bare number.
    Millis,
    /// The same; -1 for no limit.
    MillisOrNone,
    /// Seconds as a bare number.
    Seconds,
    /// Minutes as a bare number.
    Minutes,
    /// Bytes as a bare number.
    Bytes,
    /// The same; -1 for no limit.
    BytesOrNone,
    /// A share as a bare number from 0 to 1.
    Share,
    /// Names of classes, of which the first is meant.
    Assignor,
    /// The name of a class.
    Partitioner,
    /// A word, or `by_duration:` and a length of time as ISO 8601 writes it.
    Reset,
    /// Any name, which means yes.
    Presence,
    /// Whether polls commit, or the application does.
    AutoCommit,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Setting {
    /// Kafka's name.
    pub name: &'static str,
    /// The section it stands in.
    pub section: &'static str,
    /// Where it stands there; `*` is the member chosen, or the default one.
    pub path: &'static [&'static str],
    /// How Kafka writes it.
    pub form: Form,
    /// Kafka 4's default, as Kafka writes it.
    pub default: &'static str,
}

const fn of(
    section: &'static str,
    name: &'static str,
    path: &'static [&'static str],
    form: Form,
    default: &'static str,
) -> Setting {
    Setting { name, section, path, form, default }
}

/// Every one. What depends on another stands behind it.
pub(in crate::scenario) const SETTINGS: &[Setting] = &[
    of("topic", "num.partitions", &["partitions"], Form::Count, "1"),
    of("topic", "retention.ms", &["retention"], Form::MillisOrNone, "604800000"),
    of("topic", "retention.bytes", &["retention-bytes"], Form::BytesOrNone, "-1"),
    of("topic", "default.replication.factor", &["replication-factor"], Form::Count, "1"),
    of("topic", "min.insync.replicas", &["min-insync-replicas"], Form::Count, "1"),
    of("topic", "unclean.leader.election.enable", &["unclean-leader-election"], Form::Flag, "false"),
    of("topic", "segment.bytes", &["segment-bytes"], Form::Bytes, "1073741824"),
    of("topic", "segment.ms", &["segment-time"], Form::Millis, "604800000"),
    of("topic", "cleanup.policy", &["cleanup-policy"], Form::Word, "delete"),
    of("topic", "min.cleanable.dirty.ratio", &["min-cleanable-dirty-ratio"], Form::Share, "0.5"),
    of("topic", "min.compaction.lag.ms", &["min-compaction-lag"], Form::Millis, "0"),
    of("topic", "max.compaction.lag.ms", &["max-compaction-lag"], Form::MillisOrNone, "9223372036854775807"),
    of("topic", "delete.retention.ms", &["delete-retention"], Form::Millis, "86400000"),
    of("producer", "acks", &["acks"], Form::Word, "all"),
    of("producer", "linger.ms", &["linger"], Form::Millis, "5"),
    of("producer", "batch.size", &["batch-size"], Form::Bytes, "16384"),
    of("producer", "max.request.size", &["max-request-size"], Form::Bytes, "1048576"),
    of("producer", "max.in.flight.requests.per.connection", &["max-in-flight"], Form::Count, "5"),
    of("producer", "request.timeout.ms", &["request-timeout"], Form::Millis, "30000"),
    of("producer", "delivery.timeout.ms", &["delivery-timeout"], Form::Millis, "120000"),
    of("producer", "retries", &["retries"], Form::Count, "2147483647"),
    of("producer", "retry.backoff.ms", &["retry-backoff", "kafka", "base"], Form::Millis, "100"),
    of("producer", "retry.backoff.max.ms", &["retry-backoff", "kafka", "cap"], Form::Millis, "1000"),
    of("producer", "enable.idempotence", &["idempotence"], Form::Flag, "true"),
    of("producer", "partitioner.class", &["partitioner"], Form::Partitioner, ""),
    of(
        "producer",
        "partitioner.adaptive.partitioning.enable",
        &["partitioner", "default", "adaptive"],
        Form::Flag,
        "true",
    ),
    of("producer", "buffer.memory", &["backpressure", "*", "buffer-memory"], Form::Bytes, "33554432"),
    of("producer", "max.block.ms", &["backpressure", "*", "max-block"], Form::Millis, "60000"),
    of("group", "max.poll.records", &["max-poll-records"], Form::Count, "500"),
    of("group", "max.poll.interval.ms", &["max-poll-interval"], Form::Millis, "300000"),
    of("group", "fetch.min.bytes", &["fetch-min-bytes"], Form::Bytes, "1"),
    of("group", "fetch.max.wait.ms", &["fetch-max-wait"], Form::Millis, "500"),
    of("group", "max.partition.fetch.bytes", &["max-partition-fetch-bytes"], Form::Bytes, "1048576"),
    of("group", "enable.auto.commit", &["commit"], Form::AutoCommit, "true"),
    of("group", "auto.commit.interval.ms", &["commit", "every"], Form::Millis, "5000"),
    of("group", "auto.offset.reset", &["auto-offset-reset"], Form::Reset, "latest"),
    of("group", "isolation.level", &["isolation-level"], Form::Word, "read_uncommitted"),
    of("group", "session.timeout.ms", &["session-timeout"], Form::Millis, "45000"),
    of("group", "heartbeat.interval.ms", &["heartbeat-interval"], Form::Millis, "3000"),
    of("group", "group.initial.rebalance.delay.ms", &["initial-rebalance-delay"], Form::Millis, "3000"),
    of("group", "group.protocol", &["protocol"], Form::Word, "classic"),
    of("group", "group.instance.id", &["static-membership"], Form::Presence, ""),
    of("group", "group.remote.assignor", &["remote-assignor"], Form::Word, ""),
    of("group", "group.consumer.session.timeout.ms", &["server-session-timeout"], Form::Millis, "45000"),
    of("group", "group.consumer.heartbeat.interval.ms", &["server-heartbeat-interval"], Form::Millis, "5000"),
    of("group", "group.consumer.assignment.interval.ms", &["assignment-interval"], Form::Millis, "1000"),
    of("group", "partition.assignment.strategy", &["assignor"], Form::Assignor, "RangeAssignor"),
    of("cluster", "log.retention.check.interval.ms", &["retention-check"], Form::Millis, "300000"),
    of("cluster", "log.initial.task.delay.ms", &["initial-task-delay"], Form::Millis, "30000"),
    of("cluster", "log.cleaner.backoff.ms", &["cleaner-backoff"], Form::Millis, "15000"),
    of("cluster", "replica.lag.time.max.ms", &["replica-lag-time-max"], Form::Millis, "30000"),
    of("cluster", "replica.fetch.max.bytes", &["replica-fetch-max-bytes"], Form::Bytes, "1048576"),
    of("cluster", "broker.session.timeout.ms", &["broker-session-timeout"], Form::Millis, "9000"),
    of("cluster", "broker.heartbeat.interval.ms", &["broker-heartbeat-interval"], Form::Millis, "2000"),
    of("cluster", "leader.imbalance.check.interval.seconds", &["leader-check"], Form::Seconds, "300"),
    of("cluster", "offsets.retention.minutes", &["offsets-retention"], Form::Minutes, "10080"),
];

/// The backpressure a producer has unless another is written.
pub(in crate::scenario) const DEFAULT_MEMBER: &str = "block";

/// The one of this name in this section.
pub(in crate::scenario) fn find(section: &str, name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| s.section == section && s.name == name)
}

impl Setting {
    /// Its path within the section: `backpressure.block.max-block`.
    pub fn key(&self) -> String {
        let part = |p: &&'static str| if *p == "*" { DEFAULT_MEMBER } else { *p };
        self.path.iter().fold(String::new(), |path, p| join(&path, part(p)))
    }
    /// Whether Kafka calls it what it is called here.
    pub fn same_name(&self) -> bool {
        self.path == [self.name]
    }
    /// What it is here, and how it is written.
    pub fn about(&self) -> String {
        let written = match self.form {
            Form::Word => "a word",
            Form::Count => "a whole number",
            Form::Flag => "true or false",
            Form::Millis => "milliseconds as a bare number, or a time with its unit",
            Form::MillisOrNone => "milliseconds as a bare number, -1 for no limit, or a time with its unit",
            Form::Seconds => "seconds as a bare number, or a time with its unit",
            Form::Minutes => "minutes as a bare number, or a time with its unit",
            Form::Bytes => "bytes as a bare number, or a size with its unit",
            Form::BytesOrNone => "bytes as a bare number, -1 for no limit, or a size with its unit",
            Form::Share => "a number from 0 to 1, or a share in per cent",
            Form::Assignor => "names of Kafka's classes, of which the first is meant",
            Form::Presence => "any name, which laglab takes for a yes: each consumer has one of its own",
            Form::Reset => "earliest, latest, or by_duration:PT1H",
            Form::Partitioner => "the name of one of Kafka's classes",
            Form::AutoCommit => "true for a commit inside poll, false for one after each batch",
        };
        let default = match self.default {
            "" => "none".to_owned(),
            text => format!("`{text}`"),
        };
        format!("Here `{}`; written as {written}. Kafka 4's default is {default}.", self.key())
    }
}
