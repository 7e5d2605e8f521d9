//! Settings that Kafka had once: since which version it has them no more, and what to write now.

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Removed {
    /// The section in which somebody would write it.
    pub section: &'static str,
    /// What it was called.
    pub name: &'static str,
    /// The version that no longer had it.
    pub since: &'static str,
    /// What to do now.
    pub instead: &'static str,
}

impl Removed {
    /// Since when, as it stands under the place.
    pub fn fate(&self) -> String {
        format!("removed in Kafka {}", self.since)
    }
}

const fn gone(
    section: &'static str,
    name: &'static str,
    since: &'static str,
    instead: &'static str,
) -> Removed {
    Removed { section, name, since, instead }
}

const ZOOKEEPER: &str = "Kafka runs without ZooKeeper since; take the line out";
const SCALA_CONSUMER: &str = "the Scala consumer went with it";
const JMX: &str = "nothing is needed: the JMX reporter is the default of metric.reporters";
const FORMAT: &str = "nothing is needed: there is one message format";
const SKEW: &str = "write message.timestamp.before.max.ms and message.timestamp.after.max.ms; laglab's events carry true times";
const LOG_SKEW: &str = "write log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms; \
laglab's events carry true times";

/// The one of this name in this section.
pub(in crate::scenario) fn find(section: &str, name: &str) -> Option<&'static Removed> {
    SETTINGS.iter().find(|r| r.section == section && covers(r.name, name))
}

/// Whether a name is meant by `known`, which may end in `*`.
pub(super) fn covers(known: &str, name: &str) -> bool {
    known.strip_suffix('*').map_or(known == name, |stem| name.starts_with(stem))
}

/// Every one; `*` at the end of a name stands for any ending that is not listed before.
pub(in crate::scenario) const SETTINGS: &[Removed] = &[
    // The Java producer: KAFKA-3353.
    gone("producer", "block.on.buffer.full", "0.11", "write max.block.ms, or another `backpressure`"),
    gone("producer", "metadata.fetch.timeout.ms", "0.11", "write max.block.ms"),
    gone("producer", "timeout.ms", "0.11", "write request.timeout.ms"),
    // The Scala producer: notable changes in 2.0.0.
    gone("producer", "queue.buffering.max.ms", "2.0", "write linger.ms"),
    gone("producer", "queue.buffering.max.messages", "2.0", "write buffer.memory, which counts bytes"),
    gone("producer", "queue.enqueue.timeout.ms", "2.0", "write max.block.ms"),
    gone("producer", "batch.num.messages", "2.0", "write batch.size, which counts bytes"),
    gone("producer", "request.required.acks", "2.0", "write acks"),
    gone("producer", "message.send.max.retries", "2.0", "write retries and delivery.timeout.ms"),
    gone("producer", "compression.codec", "2.0", "write compression.type"),
    gone(
        "producer",
        "metadata.broker.list",
        "2.0",
        "it was renamed bootstrap.servers, which laglab does not need",
    ),
    gone("producer", "producer.type", "2.0", "nothing is needed: the producer is always asynchronous"),
    gone("producer", "serializer.class", "2.0", "write key.serializer and value.serializer"),
    gone("producer", "key.serializer.class", "2.0", "write key.serializer"),
    gone("producer", "auto.include.jmx.reporter", "4.0", JMX),
    // The Scala consumer: notable changes in 2.0.0.
    gone("group", "auto.commit.enable", "2.0", "write enable.auto.commit"),
    gone("group", "fetch.message.max.bytes", "2.0", "write max.partition.fetch.bytes"),
    gone("group", "fetch.wait.max.ms", "2.0", "write fetch.max.wait.ms"),
    gone("group", "zookeeper.connect", "2.0", SCALA_CONSUMER),
    gone("group", "zookeeper.session.timeout.ms", "2.0", "write session.timeout.ms"),
    gone("group", "zookeeper.connection.timeout.ms", "2.0", SCALA_CONSUMER),
    gone("group", "zookeeper.sync.time.ms", "2.0", SCALA_CONSUMER),
    gone("group", "rebalance.max.retries", "2.0", SCALA_CONSUMER),
    gone("group", "rebalance.backoff.ms", "2.0", SCALA_CONSUMER),
    gone("group", "queued.max.message.chunks", "2.0", "write max.poll.records"),
    gone("group", "consumer.timeout.ms", "2.0", "poll(Duration) takes the time; laglab polls without end"),
    gone("group", "offsets.storage", "2.0", "nothing is needed: offsets are kept in Kafka"),
    gone("group", "dual.commit.enabled", "2.0", "nothing is needed: offsets are kept in Kafka"),
    gone("group", "auto.include.jmx.reporter", "4.0", JMX),
    // Topics and brokers: notable changes in 4.0.0, and in 3.0.0 where it says so.
    gone("topic", "message.format.version", "4.0", FORMAT),
    gone("topic", "message.timestamp.difference.max.ms", "4.0", SKEW),
    gone("cluster", "log.message.format.version", "4.0", FORMAT),
    gone("cluster", "log.message.timestamp.difference.max.ms", "4.0", LOG_SKEW),
    gone(
        "cluster",
        "offsets.commit.required.acks",
        "4.0",
        "nothing is needed: a commit waits for all in-sync replicas",
    ),
    gone(
        "cluster",
        "delegation.token.master.key",
        "4.0",
        "it was renamed delegation.token.secret.key, which laglab does not model",
    ),
    gone("cluster", "auto.include.jmx.reporter", "4.0", JMX),
    gone(
        "cluster",
        "zookeeper.session.timeout.ms",
        "4.0",
        "a broker is missed after broker.session.timeout.ms; so it is here",
    ),
    gone("cluster", "zookeeper.*", "4.0", ZOOKEEPER),
    gone("cluster", "host.name", "3.0", "write listeners, which laglab does not need"),
    gone("cluster", "port", "3.0", "write listeners, which laglab does not need"),
    gone("cluster", "advertised.host.name", "3.0", "write advertised.listeners, which laglab does not need"),
    gone("cluster", "advertised.port", "3.0", "write advertised.listeners, which laglab does not need"),
    gone("cluster", "quota.producer.default", "3.0", "write `quota` in [cluster]"),
    gone("cluster", "quota.consumer.default", "3.0", "write `fetch-quota` in [cluster]"),
];
