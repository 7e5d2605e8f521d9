//! Producers whose events are what a group makes of the records it reads: which group, and what does not go with that.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::load;
use super::names::Names;
use super::read::Reader;
use crate::model::ids::{GroupId, TopicId};
use crate::model::plan::{Commit, Plan, Processing, ProducerPlan, Target};
use std::collections::BTreeSet;

/// Such producers learn their group: an instance for each of its consumers, and the keys of what it reads.
pub(super) fn connect(reader: &mut Reader<'_, '_>, draft: &Draft, names: &Names<'_>, plan: &mut Plan) {
    for (i, p) in draft.producers.iter().enumerate() {
        let Some(("output-of", args)) = p.fields.pick("rate") else { continue };
        let found = names.group(&args.text("value"), p.fields.place("rate"));
        let g = match found {
            Ok((g, _)) => g,
            Err(complaint) => {
                reader.say(complaint);
                continue;
            }
        };
        let consumers = plan.groups[g.index()].consumers;
        let producer = &mut plan.producers[i];
        (producer.from, producer.instances) = (Some(g), consumers);
    }
    let made = (0..plan.producers.len()).filter(|i| plan.producers[*i].from.is_some());
    for i in made.collect::<Vec<_>>() {
        let first =
            sources(plan, plan.producers[i].topic).into_iter().filter(|s| plan.producers[*s].from.is_none());
        let keys = first.map(|s| plan.producers[s].keys.clone()).max_by_key(load::key_count);
        if let Some(keys) = keys {
            plan.producers[i].keys = keys;
        }
    }
}

/// All producers whose events find their way to a topic, through however many groups.
fn sources(plan: &Plan, topic: TopicId) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    let mut topics = vec![topic];
    while let Some(topic) = topics.pop() {
        for (i, producer) in plan.producers.iter().enumerate().filter(|(_, p)| p.topic == topic) {
            if let (true, Some(g)) = (all.insert(i), producer.from) {
                topics.extend(&plan.groups[g.index()].topics);
            }
        }
    }
    all
}

/// What cannot be is refused.
pub(super) fn check(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    for (i, p) in draft.producers.iter().enumerate() {
        let Some(g) = plan.producers[i].from else { continue };
        let mut say = |place: &str, title: String, label: &str| {
            reader.say(Diagnostic::new(codes::EXCLUSIVE, p.fields.place(place), title).label(label));
        };
        for key in ["keys", "size", "compression", "priorities", "instances", "partitioner"] {
            if p.fields.written(key) {
                let title = format!("the events of `{}` are made of another group's records", p.name);
                say(key, title, "they have the keys and sizes of those, and a producer for each consumer");
            }
        }
        let other = plan.producers[..i].iter().any(|other| other.from == Some(g));
        if other {
            let title = format!("two producers send what `{}` makes", plan.groups[g.index()].name);
            say("rate", title, "a group has one");
        }
        against_its_group(&mut say, p, g, plan, i);
        dies_alone(reader, draft, plan, i);
    }
}

/// A consumer's producer is a part of its process.
fn dies_alone(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan, i: usize) {
    let first = ProducerPlan::first_id(plan, i);
    let own = first.0..first.0 + plan.producers[i].instances;
    for (fault, written) in plan.faults.iter().zip(&draft.faults) {
        let struck = matches!(fault.target, Target::Producers { first, .. } if own.contains(&first.0));
        if struck && fault.what.entry.name == "producer-crash" {
            let title = format!("`{}` cannot die alone", plan.producers[i].name);
            let complaint = Diagnostic::new(codes::EXCLUSIVE, written.target_place(), title);
            let label = "each of its instances is part of a consumer's process";
            let group = plan.producers[i].from.map_or("", |g| plan.groups[g.index()].name.as_str());
            reader.say(complaint.label(label).help(format!("write crash = \"{group}\"")));
        }
    }
}

fn against_its_group(say: &mut dyn FnMut(&str, String, &str), p: &Named, g: GroupId, plan: &Plan, i: usize) {
    let (group, producer) = (&plan.groups[g.index()], &plan.producers[i]);
    // Names that are unknown stand for a topic that may not be there; that is complained about elsewhere.
    let Some(topic) = plan.topics.get(producer.topic.index()) else { return };
    if group.topics.iter().any(|t| sources(plan, *t).contains(&i)) {
        say(
            "topic",
            format!("`{}` would feed itself", group.name),
            "this comes back to what the group reads",
        );
    }
    let streams = topic.stream.is_some()
        || group.topics.iter().any(|t| plan.topics.get(t.index()).is_some_and(|t| t.stream.is_some()));
    if streams {
        say(
            "rate",
            format!("`{}` reads or feeds a Kinesis stream", p.name),
            "this goes with Kafka's topics only",
        );
    }
    if group.scaling.is_some() {
        say("rate", format!("`{}` is scaled", group.name), "its consumers could not all have a producer");
    }
    let in_order = group.commit == Commit::AfterBatch && group.processing == Processing::Barrier;
    if producer.transactional.is_some() && !in_order {
        let title = format!("`{}` does not commit in the transactions of `{}`", group.name, p.name);
        say("transactional", title, "needs `commit = \"after-batch\"` and `processing = \"barrier\"`");
    } else if group.commit == Commit::AfterRecord || group.processing == Processing::Streaming {
        let title = format!("`{}` would commit without waiting for `{}`", group.name, p.name);
        say(
            "rate",
            title,
            "possible with `processing = \"barrier\"`, and not with `commit = \"after-record\"`",
        );
    }
}
