//! Settings that mean something for Kafka's logs only, or for Kinesis's streams only: hidden where they do not hold,
//! and refused where they are written all the same.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::read::{Fields, Reader, join};
use super::sections::{fault, group, topic};
use crate::engine::Span;
use crate::model::ids::TopicId;
use crate::model::plan::{FaultPlan, Plan, When};

/// A setting of one of the two.
pub(super) struct Foreign {
    /// Its key.
    pub key: &'static str,
    /// Whether it belongs to Kinesis.
    pub stream: bool,
    /// What holds with the other.
    pub help: &'static str,
}

/// What holds with the other broker only is no setting in force.
pub(super) fn hide(reader: &mut Reader<'_, '_>, f: &Fields, all: &[Foreign], stream: bool, path: &str) {
    for foreign in all.iter().filter(|k| k.stream != stream && !f.written(k.key)) {
        let (key, inner) = (join(path, foreign.key), format!("{}.", join(path, foreign.key)));
        reader.rows.retain(|row| row.path != key && !row.path.starts_with(&inner));
    }
}

/// It would be read and do nothing.
pub(super) fn check(reader: &mut Reader<'_, '_>, section: &Named, all: &[Foreign], stream: bool) {
    let f = &section.fields;
    for foreign in all.iter().filter(|k| k.stream != stream && f.written(k.key)) {
        let (here, there) = if stream { ("Kinesis", "Kafka") } else { ("Kafka", "Kinesis") };
        let title = format!("`{}` has no `{}` with {here}", section.name, foreign.key);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place(foreign.key), title);
        reader.say(complaint.label(format!("this is a setting of {there}")).help(foreign.help));
    }
}

/// Into a stream there is one way only.
pub(super) fn check_partitioner(reader: &mut Reader<'_, '_>, producer: &Named, stream: bool) {
    let f = &producer.fields;
    let other = f.pick("partitioner").is_some_and(|(name, _)| name != "md5");
    if stream && other && f.written("partitioner") {
        let title = format!("`{}` cannot choose the shards of its events", producer.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("partitioner"), title);
        reader.say(
            complaint.label("Kinesis places every record by the MD5 of its partition key: leave it out"),
        );
    }
}

/// Streams are read by leases, and logs of Kafka's are not.
pub(super) fn check_group(reader: &mut Reader<'_, '_>, g: &Named, draft: &Draft) {
    let f = &g.fields;
    let names = group::topics(f);
    let of = |stream: bool| {
        let here = |t: &&Named| names.contains(&t.name) && topic::is_stream(&t.fields) == stream;
        draft.topics.iter().find(here).map(|t| &t.name)
    };
    if !f.sound(&["protocol", "failover-time", "topic", "topics"]) {
        return;
    }
    let (stream, log, leases) = (of(true), of(false), group::by_leases(f));
    if let (Some(stream), Some(log)) = (stream, log) {
        let title = format!("`{}` reads a stream and a log of Kafka's", g.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("topics"), title);
        reader.say(
            complaint.label(format!("`{stream}` is Kinesis's, `{log}` is Kafka's: write a group for each")),
        );
    } else if let (Some(stream), false) = (stream, leases) {
        let title = format!("`{}` reads a Kinesis stream, which has no coordinator of groups", g.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("protocol"), title);
        reader.say(complaint.label(format!("`{stream}` is read by leases: leave it out")));
    } else if let (Some(log), true) = (log, leases) {
        let title = format!("`{}` reads a log of Kafka's, which has no shards to lease", g.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("protocol"), title);
        let help = "write protocol = \"classic\" or protocol = \"consumer\"";
        reader.say(complaint.label(format!("`{log}` has broker = \"kafka\"")).help(help));
    }
    for key in ["failover-time", "lease-assignment-interval"] {
        if leases && f.args.span(key) < Span::from_secs(1) {
            let title = format!("`{key}` must be at least 1s");
            reader.say(Diagnostic::new(codes::OUT_OF_RANGE, f.place(key), title).label("this is less"));
        }
    }
}

/// What is done to the shards of a stream.
pub(super) fn check_resharding(
    reader: &mut Reader<'_, '_>,
    fault: &FaultPlan,
    written: &fault::Draft,
    plan: &Plan,
    t: TopicId,
) {
    let (topic, room) = (&plan.topics[t.index()].name, plan.room(t));
    if fault.what.entry.name == "add-partitions" {
        let title = format!("`{topic}` has shards, which are split, not added");
        let complaint = Diagnostic::new(codes::EXCLUSIVE, written.target_place(), title);
        reader.say(
            complaint.label("this is a Kinesis stream").help("write a fault `split-shard` for each of them"),
        );
    } else if matches!(fault.when, When::Random { .. }) {
        let title = format!("`{}` is done on purpose, not at random", fault.label);
        let complaint = Diagnostic::new(codes::FAULT_TIMING, written.place("mtbf"), title);
        reader.say(complaint.label("write `at`"));
    }
    for key in ["shard", "with"].into_iter().filter(|key| written.written(key)) {
        if fault.what.args.count(key) >= u64::from(room) {
            let title = format!("`{topic}` never has a shard {}", fault.what.args.count(key));
            let complaint = Diagnostic::new(codes::NO_SUCH_INDEX, written.place(key), title);
            reader.say(complaint.label(format!("with all that are made, there are {room}, numbered from 0")));
        }
    }
}
