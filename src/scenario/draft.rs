//! A whole scenario as read, section by section, before names are resolved and settings are held together.

use super::codes;
use super::compaction;
use super::describe::Section;
use super::diagnostics::Diagnostic;
use super::of_one_broker;
use super::read::{Fields, Reader, join, refs};
use super::sections::{cluster, downstream, fault, group, network, producer, top, topic};
use super::tree::{Data, Entry, Node, Place, Table};

/// What stands in a scenario.
pub(super) struct Draft {
    pub top: Fields,
    pub cluster: Fields,
    pub network: Fields,
    /// By name, as ids ascend.
    pub topics: Vec<Named>,
    pub producers: Vec<Named>,
    pub groups: Vec<Named>,
    pub downstreams: Vec<Named>,
    pub faults: Vec<fault::Draft>,
}

/// A section with a name.
pub(super) struct Named {
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    pub fields: Fields,
}

/// The tables of a scenario, in the order they are shown.
pub(super) const TABLES: [&str; 11] = [
    "precision",
    "cluster",
    "network",
    "topic",
    "producer",
    "group",
    "downstream",
    "fault",
    "variant",
    "sweep",
    "expect",
];

/// Reads every section that describes the system.
pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Table) -> Draft {
    let top = reader.section(&refs(top::PARAMS), &TABLES, root, &Place::Nowhere, "");
    let cluster = single(reader, root, cluster::SECTION);
    let network = single(reader, root, network::SECTION);
    let mut topics = named(reader, root, topic::SECTION);
    for t in &mut topics {
        topic::complete(reader, &mut t.fields, &join("topic", &t.name));
        of_one_broker::hide(reader, &t.fields, topic::FOREIGN, is_stream(t), &join("topic", &t.name));
        compaction::hide(reader, &t.fields, &join("topic", &t.name));
    }
    let streams: Vec<String> = topics.iter().filter(|t| is_stream(t)).map(|t| t.name.clone()).collect();
    let mut producers = named(reader, root, producer::SECTION);
    for p in &mut producers {
        let path = join("producer", &p.name);
        let stream = p.fields.args.try_text("topic").is_some_and(|topic| streams.contains(&topic));
        if stream {
            producer::complete_stream(reader, &mut p.fields, &path);
        }
        of_one_broker::hide(reader, &p.fields, producer::FOREIGN, stream, &path);
        producer::complete(reader, &p.fields, &join("producer", &p.name));
    }
    let mut groups = named(reader, root, group::SECTION);
    for g in &mut groups {
        let stream = group::topics(&g.fields).iter().any(|topic| streams.contains(topic));
        group::complete(reader, &mut g.fields, stream, &join("group", &g.name));
    }
    let downstreams = named(reader, root, downstream::SECTION);
    let faults = faults(reader, root);
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    Draft { top, cluster, network, topics, producers, groups, downstreams, faults }
}

fn is_stream(topic: &Named) -> bool {
    topic::is_stream(&topic.fields)
}

/// A section that stands once, or not at all.
fn single(reader: &mut Reader<'_, '_>, root: &Table, section: Section) -> Fields {
    let empty = Table::default();
    let (table, place) = match root.entry(section.name) {
        Some(Entry { node, place, .. }) => match &node.data {
            Data::Table(table) => (table, place),
            _ => {
                wrong(reader, node, section.name, section);
                (&empty, place)
            }
        },
        None => (&empty, &Place::Nowhere),
    };
    reader.section(&refs(section.params), &[], table, place, section.name)
}

/// Sections with names of their own.
fn named(reader: &mut Reader<'_, '_>, root: &Table, section: Section) -> Vec<Named> {
    let params = refs(section.params);
    let Some(node) = root.get(section.name) else { return vec![] };
    let Some(tables) = node.table() else {
        wrong(reader, node, section.name, section);
        return vec![];
    };
    let mut all = Vec::with_capacity(tables.0.len());
    for Entry { key, place, node } in &tables.0 {
        let Some(table) = node.table() else {
            wrong(reader, node, &join(section.name, key), section);
            continue;
        };
        check_name(reader, section.name, key, place);
        let fields = reader.section(&params, &[], table, place, &join(section.name, key));
        all.push(Named { name: key.clone(), place: place.clone(), fields });
    }
    all
}

fn faults(reader: &mut Reader<'_, '_>, root: &Table) -> Vec<fault::Draft> {
    let Some(node) = root.get("fault") else { return vec![] };
    let Data::List(items) = &node.data else {
        wrong(reader, node, "fault", fault::SECTION);
        return vec![];
    };
    let read = |(i, item): (usize, &Node)| fault::read(reader, item, &format!("fault.{i}"));
    items.iter().enumerate().filter_map(read).collect()
}

/// Names become parts of metrics, of targets and of file names.
fn check_name(reader: &mut Reader<'_, '_>, what: &str, name: &str, place: &Place) {
    let good = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(good) {
        let title = format!("a {what} cannot be called `{name}`");
        let complaint = Diagnostic::new(codes::BAD_NAME, place, title);
        reader.say(complaint.label("names are made of letters, digits, `-`, `_` and `.`"));
    }
}

fn wrong(reader: &mut Reader<'_, '_>, node: &Node, path: &str, section: Section) {
    let title = format!("`{path}` is {}, but it is written as {}", node.kind(), section.place);
    reader.say(
        Diagnostic::new(codes::WRONG_TYPE, &node.place, title).label(format!("write {}", section.place)),
    );
}
