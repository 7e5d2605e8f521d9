//! Producers whose events are what a group makes of the records it reads: which group, and what does not go with that.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::names::Names;
use super::read::Reader;
use crate::model::ids::GroupId;
use crate::model::plan::{Commit, Plan, Processing};

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
        let group = &plan.groups[g.index()];
        let (topics, consumers) = (group.topics.clone(), group.consumers);
        let source = plan.producers.iter().find(|s| s.from.is_none() && topics.contains(&s.topic));
        let keys = source.map(|s| s.keys.clone());
        let producer = &mut plan.producers[i];
        (producer.from, producer.instances) = (Some(g), consumers);
        if let Some(keys) = keys {
            producer.keys = keys;
        }
    }
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
    }
}

fn against_its_group(say: &mut dyn FnMut(&str, String, &str), p: &Named, g: GroupId, plan: &Plan, i: usize) {
    let (group, producer) = (&plan.groups[g.index()], &plan.producers[i]);
    let topic = &plan.topics[producer.topic.index()];
    if group.topics.contains(&producer.topic) {
        say("topic", format!("`{}` would feed itself", group.name), "the group reads this topic");
    }
    let streams =
        topic.stream.is_some() || group.topics.iter().any(|t| plan.topics[t.index()].stream.is_some());
    if streams {
        say(
            "rate",
            format!("`{}` reads or feeds a Kinesis stream", p.name),
            "this goes with Kafka's topics only",
        );
    }
    let power = plan.faults.iter().any(|f| f.what.entry.name == "power-loss");
    if topic.replication_factor > 1 || power {
        let title = format!("`{}` cannot keep account of what its topic loses", p.name);
        say("topic", title, "possible with `replication-factor = 1` and without power losses");
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
