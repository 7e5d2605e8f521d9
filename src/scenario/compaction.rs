//! Settings of topics that act only where records are compacted, or only where they are not; and producers that a
//! compacted topic refuses.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::load::rate_of_all;
use super::read::{Fields, Reader, join};
use super::sections::topic;
use super::units::{show_count, show_span};
use crate::engine::Span;
use crate::model::plan::{Plan, ProducerPlan, TopicPlan};

/// Settings of a topic that have no effect in it: why, and which policy would give them one.
fn idle(topic: &Fields) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let (compacts, deletes) = topic::policy(topic);
    let of_compaction = topic::OF_COMPACTION.iter().filter(move |_| !compacts);
    let of_deletion = ["retention", "retention-bytes"].into_iter().filter(move |_| !deletes);
    of_compaction
        .map(|key| (*key, "nothing is compacted", "compact"))
        .chain(of_deletion.map(|key| (key, "nothing is removed for its age or size", "compact,delete")))
}

/// What has no effect is no setting in force.
pub(super) fn hide(reader: &mut Reader<'_, '_>, topic: &Fields, path: &str) {
    for (key, ..) in idle(topic).filter(|(key, ..)| !topic.written(key)) {
        let path = join(path, key);
        reader.rows.retain(|row| row.path != path);
    }
}

/// Complains about a scenario's topics, and whoever writes to them.
pub(super) fn check(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    let any = plan.topics.iter().any(|t| t.compaction.is_some());
    if !any && draft.cluster.written("cleaner-backoff") {
        let title = "no topic is compacted".to_owned();
        let complaint = Diagnostic::new(codes::NO_EFFECT, draft.cluster.place("cleaner-backoff"), title);
        reader.say(complaint.label("the cleaner has nothing to do"));
    }
    for written in draft.topics.iter().filter(|t| t.fields.sound(&["cleanup-policy"])) {
        let f = &written.fields;
        for (key, why, policy) in idle(f).filter(|(key, ..)| f.written(key) && !topic::is_stream(f)) {
            let title = format!("{why} in `{}`", written.name);
            let complaint = Diagnostic::new(codes::NO_EFFECT, f.place(key), title);
            let help = format!("`cleanup-policy = \"{policy}\"` would make it act");
            reader.say(complaint.label("has no effect").help(help));
        }
        lags(reader, written);
    }
    for (written, topic) in draft.topics.iter().zip(&plan.topics) {
        never_cleaned(reader, written, topic, plan);
    }
    for (written, producer) in draft.producers.iter().zip(&plan.producers) {
        if let Some(topic) = plan.topics.get(producer.topic.index())
            && written.fields.sound(&["topic"])
        {
            against_its_topic(reader, written, producer, topic);
        }
    }
}

/// The active segment is never compacted, and nothing before its time.
fn never_cleaned(reader: &mut Reader<'_, '_>, written: &Named, topic: &TopicPlan, plan: &Plan) {
    let Some(rules) = topic.compaction.filter(|_| !plan.duration.is_zero()) else { return };
    let mut say = |key: &str, title: String, label: String| {
        let complaint = Diagnostic::new(codes::NO_EFFECT, written.fields.place(key), title);
        reader.say(complaint.label(label));
    };
    if rules.least_lag >= plan.duration {
        let title = format!("nothing of `{}` is compacted before the workload ends", topic.name);
        say("min-compaction-lag", title, format!("it ends at {}", show_span(plan.duration)));
        return;
    }
    let here = |p: &&ProducerPlan| plan.topics.get(p.topic.index()).is_some_and(|t| t.name == topic.name);
    let writes = plan.producers.iter().filter(here);
    let per_second: f64 = writes.map(|p| rate_of_all(plan, p) * p.size.mean() * p.compression).sum();
    let bytes = per_second * plan.duration.secs() / f64::from(topic.partitions);
    let age = topic.segment_time.min(rules.most_lag.unwrap_or(Span::FOREVER));
    if bytes < topic.segment_bytes as f64 && age >= plan.duration {
        let title = format!("no segment of `{}` ends, and the active one is never compacted", topic.name);
        let label = format!("a partition gets about {} bytes in this run", show_count(bytes));
        say("segment-bytes", title, label);
    }
}

/// Kafka refuses a topic of which records would have to be compacted before they may be.
fn lags(reader: &mut Reader<'_, '_>, written: &Named) {
    let f = &written.fields;
    let (least, most) = (f.args.span("min-compaction-lag"), f.args.try_span("max-compaction-lag"));
    let Some(most) = most.filter(|most| *most < least) else { return };
    if topic::policy(f).0 && f.sound(&["min-compaction-lag", "max-compaction-lag"]) {
        let title = format!("records of `{}` would have to be compacted before they may be", written.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("max-compaction-lag"), title);
        let label = format!("not before {}, and after {} at the latest", show_span(least), show_span(most));
        reader.say(complaint.label(label).help("Kafka refuses this topic"));
    }
}

/// What a producer sends, and what its topic makes of it.
fn against_its_topic(
    reader: &mut Reader<'_, '_>,
    written: &Named,
    producer: &ProducerPlan,
    topic: &TopicPlan,
) {
    let f = &written.fields;
    let help = "write cleanup-policy = \"delete\"";
    if topic.compaction.is_none() {
        if f.written("deletes") && producer.deletes > 0.0 && topic.stream.is_none() {
            let title = format!("nothing is deleted by key in `{}`", topic.name);
            let complaint = Diagnostic::new(codes::NO_EFFECT, f.place("deletes"), title);
            let help = "`cleanup-policy = \"compact\"` would make it act";
            reader.say(complaint.label("has no effect").help(help));
        }
        return;
    }
    if producer.transactional.is_some() {
        let title = format!("`{}` writes transactions to `{}`, which is compacted", written.name, topic.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("transactional"), title);
        reader.say(complaint.label("laglab compacts no log with markers").help(help));
    }
    if producer.keys.entry.name == "none" && f.sound(&["keys"]) {
        let title = format!("`{}` takes nothing that `{}` sends", topic.name, written.name);
        let complaint = Diagnostic::new(codes::KEYLESS, f.place("keys"), title);
        let whose =
            if producer.from.is_some() { "give the events they are made of keys" } else { "give them keys" };
        reader.say(complaint.label("events without keys").help(format!("{whose}, or {help}")));
    }
}
