//! Settings that Kafka 4 has and laglab does not model, with the reason: none is passed over in silence.

use super::removed::covers;

/// Settings that share a reason.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Group {
    /// The sections in which somebody would write them.
    pub sections: &'static [&'static str],
    /// Why there is nothing for them to act on.
    pub why: &'static str,
    /// What comes nearest, or nothing.
    pub nearest: &'static str,
    /// Their names with blanks between them; `*` at the end of one stands for any ending.
    names: &'static str,
}

impl Group {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split_whitespace()
    }
}

/// The group a name of this section is in.
pub(in crate::scenario) fn find(section: &str, name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|g| g.sections.contains(&section) && g.names().any(|known| covers(known, name)))
}

const CLIENTS: &[&str] = &["producer", "group"];
const PRODUCER: &[&str] = &["producer"];
const GROUP: &[&str] = &["group"];
const TOPIC: &[&str] = &["topic"];
const CLUSTER: &[&str] = &["cluster"];
const EVERYWHERE: &[&str] = &["producer", "group", "cluster"];

const fn group(
    sections: &'static [&'static str],
    why: &'static str,
    nearest: &'static str,
    names: &'static str,
) -> Group {
    Group { sections, why, nearest, names }
}

/// Every group.
pub(in crate::scenario) const GROUPS: &[Group] = &[
    group(
        EVERYWHERE,
        "security costs nothing here",
        "what encryption costs can be written as `request-cost` of [cluster]",
        "security.protocol security.providers ssl.* sasl.*",
    ),
    group(
        EVERYWHERE,
        "laglab has metrics of its own",
        "",
        "metric.reporters metrics.num.samples metrics.recording.level metrics.sample.window.ms \
enable.metrics.push metrics.jmx.include metrics.jmx.exclude",
    ),
    group(
        CLIENTS,
        "clients know their brokers, and their connections stand",
        "how long a message travels is written in [network]",
        "bootstrap.servers client.dns.lookup connections.max.idle.ms receive.buffer.bytes send.buffer.bytes \
socket.connection.setup.timeout.ms socket.connection.setup.timeout.max.ms reconnect.backoff.ms \
reconnect.backoff.max.ms",
    ),
    group(
        CLIENTS,
        "clients ask for the leaders alike",
        "`metadata-max-age` of [cluster] says how often",
        "metadata.max.age.ms metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms",
    ),
    group(
        PRODUCER,
        "clients ask for the leaders alike",
        "`metadata-max-age` of [cluster] says how often",
        "metadata.max.idle.ms",
    ),
    group(
        CLIENTS,
        "it names a client or its code, and changes nothing that is simulated",
        "",
        "client.id config.providers interceptor.classes",
    ),
    group(
        PRODUCER,
        "events have a size and no content",
        "the time that serializing takes belongs to whoever creates the events",
        "key.serializer value.serializer",
    ),
    group(
        GROUP,
        "events have a size and no content",
        "the time that reading a record takes is part of `service-time`",
        "key.deserializer value.deserializer check.crcs",
    ),
    group(
        PRODUCER,
        "how a producer's transactions go stands in one table here",
        "write transactional = { timeout = \"60s\" }",
        "transactional.id transaction.timeout.ms",
    ),
    group(
        PRODUCER,
        "the coordinator ends every transaction that takes too long",
        "",
        "transaction.two.phase.commit.enable",
    ),
    group(
        PRODUCER,
        "how small a codec makes events, only they can tell",
        "write what it leaves of them: compression = \"30%\"",
        "compression.type",
    ),
    group(
        PRODUCER,
        "compression costs no time here",
        "",
        "compression.gzip.level compression.lz4.level compression.zstd.level",
    ),
    group(
        PRODUCER,
        "the rules for partitions are members of a family here",
        "`laglab list partitioner` shows them",
        "partitioner.ignore.keys partitioner.availability.timeout.ms",
    ),
    group(GROUP, "a group is called by the name of its table", "write [group.NAME]", "group.id"),
    group(GROUP, "a fetch names one partition", "max.partition.fetch.bytes limits it", "fetch.max.bytes"),
    group(
        GROUP,
        "a consumer's requests are never given up",
        "what a slow network does to it is written in [network]",
        "request.timeout.ms default.api.timeout.ms retry.backoff.ms retry.backoff.max.ms",
    ),
    group(
        GROUP,
        "there is nothing for it to choose from",
        "",
        "client.rack allow.auto.create.topics exclude.internal.topics share.acknowledgement.mode",
    ),
    group(
        TOPIC,
        "segments have no files",
        "`segment-bytes` and `segment-time` say where they end",
        "segment.jitter.ms segment.index.bytes index.interval.bytes \
file.delete.delay.ms preallocate",
    ),
    group(
        TOPIC,
        "logs have no disks",
        "",
        "flush.messages flush.ms local.retention.bytes local.retention.ms remote.storage.enable \
remote.log.copy.disable remote.log.delete.on.disable",
    ),
    group(
        TOPIC,
        "what the broker would refuse is refused by the producer",
        "`max-request-size` of [producer.NAME] limits an event",
        "max.message.bytes",
    ),
    group(
        TOPIC,
        "events carry true times",
        "",
        "message.timestamp.type message.timestamp.before.max.ms message.timestamp.after.max.ms",
    ),
    group(
        TOPIC,
        "brokers leave batches as they come",
        "",
        "compression.type compression.gzip.level compression.lz4.level compression.zstd.level",
    ),
    group(
        TOPIC,
        "followers are not throttled",
        "`bandwidth` of [cluster] limits a broker",
        "leader.replication.throttled.replicas follower.replication.throttled.replicas",
    ),
    group(
        CLUSTER,
        "this is a setting of a topic here",
        "write it in [topic.NAME]",
        "log.retention.ms log.retention.minutes log.retention.hours log.retention.bytes log.cleanup.policy \
log.segment.bytes log.roll.ms log.roll.hours log.roll.jitter.ms log.roll.jitter.hours log.index.interval.bytes \
log.index.size.max.bytes log.segment.delete.delay.ms log.preallocate message.max.bytes \
log.message.timestamp.type log.message.timestamp.before.max.ms log.message.timestamp.after.max.ms",
    ),
    group(
        CLUSTER,
        "followers fetch without a pause, one thread and one request per leader",
        "`replica-lag-time-max` and `replica-fetch-max-bytes` say what matters",
        "num.replica.fetchers replica.fetch.min.bytes replica.fetch.wait.max.ms replica.fetch.response.max.bytes \
replica.fetch.backoff.ms replica.high.watermark.checkpoint.interval.ms replica.socket.timeout.ms \
replica.socket.receive.buffer.bytes replica.selector.class",
    ),
    group(
        CLUSTER,
        "leadership goes back whatever the imbalance",
        "`leader-check` says how often",
        "auto.leader.rebalance.enable leader.imbalance.per.broker.percentage",
    ),
    group(
        CLUSTER,
        "a controlled shutdown hands everything over at once",
        "it is what the fault `broker-restart` does",
        "controlled.shutdown.enable controlled.shutdown.max.retries controlled.shutdown.retry.backoff.ms",
    ),
    group(
        CLUSTER,
        "a broker's threads are not modelled",
        "`request-cost` and `bandwidth` say what a broker can do",
        "num.network.threads num.io.threads background.threads num.recovery.threads.per.data.dir \
queued.max.requests queued.max.request.bytes socket.send.buffer.bytes socket.receive.buffer.bytes \
socket.request.max.bytes socket.listen.backlog.size max.connections max.connections.per.ip \
max.connections.per.ip.overrides max.connection.creation.rate connections.max.idle.ms \
connection.failed.authentication.delay.ms request.timeout.ms group.coordinator.threads",
    ),
    group(
        CLUSTER,
        "it names a broker, and changes nothing that is simulated",
        "`brokers` says how many there are, `racks` where they stand",
        "node.id broker.id broker.rack process.roles listeners advertised.listeners \
listener.security.protocol.map inter.broker.listener.name security.inter.broker.protocol \
controller.listener.names controller.quorum.voters controller.quorum.bootstrap.servers log.dir log.dirs \
metadata.log.dir auto.create.topics.enable delete.topic.enable",
    ),
    group(
        CLUSTER,
        "this is a setting of a group here",
        "write it in [group.NAME]",
        "group.min.session.timeout.ms group.max.session.timeout.ms group.max.size",
    ),
    group(
        CLUSTER,
        "offsets are kept for the whole run, except for groups without members",
        "`offsets-retention` says for how long",
        "offsets.retention.check.interval.ms offsets.topic.num.partitions offsets.topic.replication.factor \
offsets.topic.segment.bytes offsets.topic.compression.codec offsets.load.buffer.size offsets.commit.timeout.ms \
offset.metadata.max.bytes",
    ),
    group(
        CLUSTER,
        "quotas are members of a family here",
        "`laglab list quota` shows them",
        "quota.window.num quota.window.size.seconds replication.quota.window.num \
replication.quota.window.size.seconds controller.quota.window.num controller.quota.window.size.seconds",
    ),
    group(
        CLUSTER,
        "the cleaner is always there, and cleaning takes no time",
        "what it cleans, and when, is written in [topic.NAME]",
        "log.cleaner.enable log.cleaner.threads log.cleaner.dedupe.buffer.size log.cleaner.delete.retention.ms \
log.cleaner.io.buffer.load.factor log.cleaner.io.buffer.size log.cleaner.io.max.bytes.per.second \
log.cleaner.max.compaction.lag.ms log.cleaner.min.cleanable.ratio log.cleaner.min.compaction.lag.ms",
    ),
    group(
        CLUSTER,
        "logs have no disks",
        "",
        "log.flush.interval.messages log.flush.interval.ms log.flush.offset.checkpoint.interval.ms \
log.flush.scheduler.interval.ms log.flush.start.offset.checkpoint.interval.ms log.dir.failure.timeout.ms",
    ),
    group(
        CLUSTER,
        "the transaction coordinator is always there, with Kafka's defaults, and forgets no producer",
        "",
        "transactional.id.expiration.ms transaction.max.timeout.ms transaction.state.log.num.partitions \
transaction.state.log.replication.factor transaction.state.log.min.isr transaction.state.log.segment.bytes \
transaction.abort.timed.out.transaction.cleanup.interval.ms \
transaction.remove.expired.transaction.cleanup.interval.ms producer.id.expiration.ms",
    ),
    group(
        CLUSTER,
        "brokers leave batches as they come",
        "",
        "compression.type compression.gzip.level compression.lz4.level compression.zstd.level",
    ),
];
