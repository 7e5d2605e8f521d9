//! From what was read to the plan: names become ids. Also holds together settings of one section.

use super::draft::{Draft, Named};
use super::names::Names;
use super::outputs;
use super::read::Reader;
use super::sections::{cluster, downstream, fault, group, network, producer, top, topic};
use super::warm_up;
use crate::engine::Span;
use crate::model::catalog::Value;
use crate::model::ids::TopicId;
use crate::model::plan::{GroupPlan, Plan, WirePlan};

/// Who is called what.
pub(super) fn names(draft: &Draft) -> Names<'_> {
    fn list(all: &[Named]) -> Vec<&str> {
        all.iter().map(|n| n.name.as_str()).collect()
    }
    let groups = list(&draft.groups).into_iter();
    let producers = list(&draft.producers).into_iter();
    Names {
        topics: list(&draft.topics),
        producers: producers.zip(draft.producers.iter().map(|p| instances(draft, p))).collect(),
        groups: groups.zip(draft.groups.iter().map(most_consumers)).collect(),
        downstreams: list(&draft.downstreams),
        brokers: draft.cluster.args.count("brokers") as u32,
        racks: draft.cluster.args.count("racks") as u32,
    }
}

/// How many instances a producer has: as many as are written, or as its group has consumers.
fn instances(draft: &Draft, producer: &Named) -> u32 {
    let of = producer.fields.pick("rate").filter(|(member, _)| *member == "output-of");
    let of = of.and_then(|(_, args)| args.try_text("value"));
    let group = of.and_then(|name| draft.groups.iter().find(|g| g.name == name));
    match group {
        Some(group) => group.fields.args.count("consumers") as u32,
        None => producer.fields.args.count("instances") as u32,
    }
}

/// The most consumers a group can have: those it starts with, or what its autoscaler goes up to.
fn most_consumers(group: &Named) -> u32 {
    let start = group.fields.args.count("consumers") as u32;
    let Some((_, args)) = group.fields.pick("scaling") else { return start };
    let most = args.0.iter().find_map(|(name, value)| match value {
        Value::Count(n) if *name == "max" => Some(*n as u32),
        _ => None,
    });
    most.unwrap_or(u32::MAX).max(start)
}

/// The plan of this draft. Where a name is unknown, a complaint is kept and any id stands in.
pub(super) fn plan(reader: &mut Reader<'_, '_>, draft: &Draft) -> Plan {
    let names = names(draft);
    let wire = network::build(&draft.network);
    let duration = draft.top.args.span("duration");
    let sample_every = draft.top.args.try_span("sample-every").unwrap_or_else(|| top::sample_every(duration));
    let mut plan = Plan {
        seed: draft.top.args.count("seed"),
        duration,
        warm_up: warm_up::chosen(&draft.top).unwrap_or(Span::ZERO),
        end: top::end(&draft.top, duration),
        sample_every,
        cluster: cluster::build(&draft.cluster),
        topics: draft.topics.iter().map(|t| topic::build(&t.name, &t.fields)).collect(),
        producers: draft
            .producers
            .iter()
            .map(|p| {
                let topic = topic_of(reader, &names, p);
                let stream = draft.topics.get(topic.index()).is_some_and(|t| topic::is_stream(&t.fields));
                producer::build(&p.name, &p.fields, (topic, stream), &wire)
            })
            .collect(),
        groups: draft.groups.iter().map(|g| group_plan(reader, &names, g, &wire)).collect(),
        downstreams: draft.downstreams.iter().map(|d| downstream::build(&d.name, &d.fields)).collect(),
        faults: draft.faults.iter().filter_map(|f| fault::build(reader, f, &names, duration)).collect(),
        batch_means: top::batch_means(&draft.top),
        reference: false,
    };
    outputs::connect(reader, draft, &names, &mut plan);
    plan
}

fn topic_of(reader: &mut Reader<'_, '_>, names: &Names<'_>, section: &Named) -> TopicId {
    if !section.fields.written("topic") {
        return TopicId(0);
    }
    let found = names.topic(&section.fields.args.text("topic"), section.fields.place("topic"));
    found.unwrap_or_else(|complaint| {
        reader.say(complaint);
        TopicId(0)
    })
}

fn group_plan(reader: &mut Reader<'_, '_>, names: &Names<'_>, g: &Named, wire: &WirePlan) -> GroupPlan {
    let mut topics: Vec<TopicId> = Vec::new();
    if g.fields.written("topic") {
        topics.push(topic_of(reader, names, g));
    }
    for (name, place) in g.fields.names("topics") {
        match names.topic(name, place) {
            Ok(id) => topics.push(id),
            Err(complaint) => reader.say(complaint),
        }
    }
    topics.sort_unstable();
    topics.dedup();
    let call = g.fields.table("downstream").filter(|call| call.written("name"));
    let downstream = call.and_then(|call| {
        let found = names.downstream(&call.args.text("name"), call.place("name"));
        found.map_err(|complaint| reader.say(complaint)).ok()
    });
    group::build(&g.name, &g.fields, topics, downstream, wire)
}
