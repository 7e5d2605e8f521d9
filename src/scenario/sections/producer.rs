//! `[producer.NAME]`: who creates events, when, about what, and how they are sent.

use super::network;
use crate::engine::{Dist, Span};
use crate::model::backpressure::admission;
use crate::model::catalog::{Args, Choice, Kind, Param, Trace, Value};
use crate::model::ids::TopicId;
use crate::model::plan::{Acks, ProducerPlan, TransactionPlan, WirePlan};
use crate::model::{arrivals, backoff, keys, partitioning};
use crate::scenario::describe::{Section, count, optional, param, required};
use crate::scenario::of_one_broker::Foreign;
use crate::scenario::read::{Fields, Reader, State};
use std::sync::Arc;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "producer",
    place: "[producer.NAME]",
    doc: "One or several processes that create events and send them to a topic.",
    params: PARAMS,
};

pub(in crate::scenario) const TRANSACTIONS: Section = Section {
    name: "transactional",
    place: "producer.NAME.transactional",
    doc: "How a producer's transactions go (Kafka 4 `transactional.id`).",
    params: TRANSACTION_PARAMS,
};

const TRANSACTION_PARAMS: &[Param] = &[
    param(
        "commit-interval",
        Kind::Span,
        "100ms",
        "A transaction is committed this long after its first request, by a stage at the end of its batch; 100 ms, as Kafka \
Streams does with exactly-once (`commit.interval.ms`).",
    ),
    param(
        "timeout",
        Kind::Span,
        "60s",
        "The coordinator aborts one that is open for longer; it looks every 10 s (Kafka 4 `transaction.timeout.ms`).",
    ),
];

const ACKS: &[(&str, &str)] = &[
    ("all", "when every in-sync replica has it"),
    ("leader", "when the leader has appended it"),
    ("none", "never: a request counts as done when it is sent"),
    ("-1", "Kafka's notation of all"),
    ("1", "Kafka's notation of leader"),
    ("0", "Kafka's notation of none"),
];

pub(in crate::scenario) const PARAMS: &[Param] = &[
    required("topic", Kind::Name("topic"), "Where it sends."),
    param("instances", count(1, 100_000), "1", "How many processes of it there are, each at the full rate."),
    required("rate", Kind::Family("rate"), "When events are created; a bare rate is a Poisson process."),
    param(
        "keys",
        Kind::Family("keys"),
        "none",
        "What events are about; none, unless the rate is a recording with keys, which then are used.",
    ),
    param(
        "size",
        Kind::SizeDist,
        "1KiB",
        "Size of an event; 1 KiB, unless the rate is a recording with sizes, or else the keys are from one: \
         the n-th event then has the n-th line's.",
    ),
    param(
        "compression",
        Kind::Ratio,
        "100%",
        "What compression leaves of an event, in the batch, on the wire and in the log; all of it, as without \
a codec (Kafka 4 `compression.type`). How small a codec makes your events, only they can tell.",
    ),
    param(
        "deletes",
        Kind::Ratio,
        "0",
        "Share of the events that delete their key: in a compacted topic they are delete markers (records without a \
value).",
    ),
    optional(
        "priorities",
        Kind::Weights,
        "Shares of the priority classes, the most important first; without it all events are alike.",
    ),
    param(
        "schema",
        Kind::Versions,
        "[[\"0s\", 1]]",
        "The schema version that events are written with, by the moment from which it holds.",
    ),
    param(
        "partitioner",
        Kind::Family("partitioner"),
        "default",
        "Which partition an event goes to (Kafka 4 `partitioner.class`).",
    ),
    param("acks", Kind::Word(ACKS), "all", "When the broker answers (Kafka 4 `acks`)."),
    param("linger", Kind::Span, "5ms", "How long a batch waits for more events (Kafka 4 `linger.ms`)."),
    param("batch-size", Kind::Bytes, "16KiB", "Greatest size of a batch (Kafka 4 `batch.size`)."),
    param(
        "max-request-records",
        count(1, 500),
        "500",
        "Kinesis: most records of a request (PutRecords; the Kinesis Producer Library's CollectionMaxCount).",
    ),
    param(
        "max-request-size",
        Kind::Bytes,
        "1MiB",
        "Greatest size of a request, and so of an event (Kafka 4 `max.request.size`).",
    ),
    param(
        "max-in-flight",
        count(1, 1000),
        "5",
        "Requests on their way to one broker at once (Kafka 4 `max.in.flight.requests.per.connection`).",
    ),
    param(
        "request-timeout",
        Kind::Span,
        "30s",
        "A request without an answer is given up after this long, and tried again (Kafka 4 `request.timeout.ms`).",
    ),
    param(
        "delivery-timeout",
        Kind::Span,
        "2m",
        "A batch that is not acknowledged this long after its creation is lost (Kafka 4 `delivery.timeout.ms`).",
    ),
    param(
        "retries",
        count(0, 2_147_483_647),
        "2147483647",
        "How often a batch is sent again (Kafka 4 `retries`).",
    ),
    param(
        "retry-backoff",
        Kind::Family("backoff"),
        "kafka",
        "How long it waits before it sends again (Kafka 4 `retry.backoff.ms`).",
    ),
    param(
        "idempotence",
        Kind::Flag,
        "true",
        "Whether brokers recognise a batch that is sent again (Kafka 4 `enable.idempotence`).",
    ),
    optional(
        "transactional",
        Kind::Table("transactional"),
        "Its records are sent in transactions; without it each stands for itself (Kafka 4 `transactional.id`).",
    ),
    param(
        "backpressure",
        Kind::Family("backpressure"),
        "block",
        "What happens to an event when the send buffer is full (Kafka 4 `buffer.memory`).",
    ),
    optional("network", Kind::Table("own-network"), "What is different about its wires."),
];

/// Keys that mean something for one of the brokers only, and what holds with the other.
pub(in crate::scenario) const FOREIGN: &[Foreign] = &[
    Foreign {
        key: "acks",
        stream: false,
        help: "PutRecords is answered when a record is stored in three availability zones",
    },
    Foreign {
        key: "idempotence",
        stream: false,
        help: "Kinesis does not recognise what is sent again: it is stored again",
    },
    Foreign {
        key: "transactional",
        stream: false,
        help: "Kinesis has no transactions: make the effects idempotent",
    },
    Foreign { key: "deletes", stream: false, help: "Kinesis compacts nothing" },
    Foreign {
        key: "batch-size",
        stream: false,
        help: "records are collected for all shards together: `max-request-records`, `max-request-size`",
    },
    Foreign {
        key: "max-request-records",
        stream: true,
        help: "Kafka counts bytes: `batch-size`, `max-request-size`",
    },
];

/// What is another default for a producer into a Kinesis stream.
pub(in crate::scenario) fn complete_stream(reader: &mut Reader<'_, '_>, f: &mut Fields, path: &str) {
    let library = [
        ("linger", "100ms", "default, KPL RecordMaxBufferedTime"),
        ("max-request-size", "5MiB", "default, KPL CollectionMaxSize"),
        ("max-in-flight", "24", "default, KPL MaxConnections"),
        ("request-timeout", "6s", "default, KPL RequestTimeout"),
        ("delivery-timeout", "30s", "default, KPL RecordTtl"),
        ("partitioner", "md5", "default, Kinesis partition keys"),
        (
            "retry-backoff",
            "{ full-jitter = { base = \"100ms\", cap = \"20s\" } }",
            "default, AWS SDK standard retry mode",
        ),
    ];
    for (key, text, origin) in library {
        reader.instead(f, PARAMS, key, text, origin, path);
    }
}

/// Shows what a recording brings along: its keys, by its file; its sizes stand for themselves, so no default
/// is shown for them.
pub(in crate::scenario) fn complete(reader: &mut Reader<'_, '_>, f: &Fields, path: &str) {
    let file = format!("{path}.rate.trace.value");
    let file = reader.rows.iter().find(|r| r.path == file).map(|r| r.value.clone());
    if let (Some(_), Some(file)) = (recorded_keys(f), file) {
        let keys = format!("{path}.keys");
        if let Some(row) = reader.rows.iter_mut().find(|r| r.path == keys) {
            row.path.push_str(".traced.value");
            row.value = file;
            row.origin = "default with a recording that has keys".into();
        }
    }
    if recorded_sizes(f).is_some() {
        let size = format!("{path}.size");
        reader.rows.retain(|r| r.path != size);
    }
}

/// The recording a member of this family replays.
fn recording<'a>(f: &'a Fields, family: &str) -> Option<&'a Arc<Trace>> {
    let (_, args) = f.pick(family)?;
    args.0.iter().find_map(|(_, value)| if let Value::Trace(trace) = value { Some(trace) } else { None })
}
/// The recording whose keys the events have although `keys` does not say so.
fn recorded_keys(f: &Fields) -> Option<&Arc<Trace>> {
    recording(f, "rate").filter(|t| !t.key.is_empty() && f.state("keys") == State::Filled)
}
/// The recording whose sizes the events have: that of their moments, or else that of their keys. What is
/// written as `size` comes before both.
fn recorded_sizes(f: &Fields) -> Option<&Arc<Trace>> {
    let mut recordings = ["rate", "keys"].into_iter().filter_map(|family| recording(f, family));
    recordings.find(|t| !t.size.is_empty()).filter(|_| f.state("size") == State::Filled)
}

/// Whether Kafka would run this producer with idempotence: it needs acks=all, retries, and at most 5 requests
/// in flight.
pub(in crate::scenario) fn can_be_idempotent(f: &Fields) -> bool {
    acks(f) == Acks::All && f.args.count("retries") > 0 && f.args.count("max-in-flight") <= 5
}

pub(in crate::scenario) fn acks(f: &Fields) -> Acks {
    match f.args.text("acks").as_str() {
        "none" | "0" => Acks::None,
        "leader" | "1" => Acks::Leader,
        _ => Acks::All,
    }
}

/// The producer, writing to `topic`, which may be a Kinesis stream.
pub(in crate::scenario) fn build(
    name: &str,
    f: &Fields,
    (topic, stream): (TopicId, bool),
    common: &WirePlan,
) -> ProducerPlan {
    let pick =
        |key: &str| f.pick(key).map(|(member, args)| (member, args.clone())).expect("it has a default");
    let (member, args) = pick("rate");
    let arrivals = Choice::of(arrivals::MEMBERS, member, args);
    let keys = match recorded_keys(f) {
        Some(trace) => {
            Choice::of(keys::MEMBERS, "traced", Args(vec![("value", Value::Trace(trace.clone()))]))
        }
        None => {
            let (member, args) = pick("keys");
            Choice::of(keys::MEMBERS, member, args)
        }
    };
    let sizes = recorded_sizes(f);
    // Events after the last line of a recording, if there are any, have one of its sizes.
    let drawn = sizes.and_then(|t| Dist::empirical(t.size.iter().map(|s| u64::from(*s)).collect()).ok());
    let (partitioner, backoff, admission) =
        (pick("partitioner"), pick("retry-backoff"), pick("backpressure"));
    ProducerPlan {
        name: name.to_owned(),
        instances: f.args.count("instances") as u32,
        topic,
        arrivals,
        keys,
        size: drawn.unwrap_or_else(|| f.args.dist("size")),
        recorded_sizes: sizes.cloned(),
        compression: f.args.number("compression"),
        deletes: f.args.number("deletes"),
        priorities: f.args.try_weights("priorities").map_or_else(|| vec![1.0], shares),
        schema: f.args.versions("schema"),
        tables: Arc::default(),
        partitioner: Choice::of(partitioning::MEMBERS, partitioner.0, partitioner.1),
        acks: if stream { Acks::All } else { acks(f) },
        collects: stream.then(|| f.args.count("max-request-records") as u32),
        linger: f.args.span("linger"),
        batch_size: f.args.bytes("batch-size"),
        max_request_size: f.args.bytes("max-request-size"),
        max_in_flight: f.args.count("max-in-flight") as u32,
        request_timeout: f.args.span("request-timeout"),
        delivery_timeout: delivery_timeout(f),
        retries: f.args.count("retries") as u32,
        backoff: Choice::of(backoff::MEMBERS, backoff.0, backoff.1),
        idempotence: f.args.flag("idempotence") && can_be_idempotent(f) && !stream,
        from: None,
        transactional: f.table("transactional").map(|t| TransactionPlan {
            commit_interval: t.args.span("commit-interval"),
            timeout: t.args.span("timeout"),
        }),
        admission: Choice::of(admission::MEMBERS, admission.0, admission.1),
        wire: network::own(common, f.table("network")),
    }
}

/// As Kafka does, a delivery timeout that nobody set is raised to the least that is permitted.
fn delivery_timeout(f: &Fields) -> Span {
    let delivery = f.args.span("delivery-timeout");
    let least = f.args.span("linger") + f.args.span("request-timeout");
    if f.written("delivery-timeout") { delivery } else { delivery.max(least) }
}

/// Weights scaled to a sum of 1.
fn shares(mut weights: Vec<f64>) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= total);
    weights
}
