//! Changes to a scenario's tree by dotted path: what variants, sweeps and `--set` are made of.
//!
//! A changed value keeps the place where the change was written.

use super::choice::short_param;
use super::codes;
use super::describe::{self, family_of};
use super::diagnostics::{Diagnostic, suggest};
use super::draft::TABLES;
use super::kafka::{self, Setting};
use super::sections::top;
use super::tree::{self, Data, Entry, Node, Place, Table};
use crate::model::catalog::{Kind, Member, Param};

/// One setting changed.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    /// Its path, part by part.
    pub path: Vec<String>,
    /// Where the path stands.
    pub place: Place,
    /// The new value, in Kafka's notation if `kafka` says so.
    pub node: Node,
    /// Kafka's setting, if the path was written with Kafka's name for it.
    pub kafka: Option<&'static Setting>,
    /// The path as written.
    pub written: Vec<String>,
}

/// Sections whose tables have names.
const NAMED: [&str; 4] = ["topic", "producer", "group", "downstream"];
/// What else is written as a whole section.
const SPREAD: [&str; 3] = ["fault", "cluster", "network"];
/// What must be the same for runs that are compared one by one.
const FIXED: [&str; 9] = [
    "title",
    "question",
    "seed",
    "replications",
    "intervals",
    "precision",
    "duration",
    "warm-up",
    "sample-every",
];

impl Patch {
    /// A change under our own names.
    pub fn plain(path: Vec<String>, place: Place, node: Node) -> Patch {
        Patch { written: path.clone(), path, place, node, kafka: None }
    }
    /// A change to `root` under our names or Kafka's.
    ///
    /// # Errors
    /// If Kafka's name has no meaning here.
    pub fn new(path: Vec<String>, place: Place, node: Node, root: &Table) -> Result<Patch, Diagnostic> {
        Ok(match kafka::named_differently(&path, root, &place)? {
            Some((ours, setting)) => Patch { path: ours, place, node, kafka: Some(setting), written: path },
            None => Patch::plain(path, place, node),
        })
    }
    /// The path as written, in TOML's notation.
    pub fn dotted(&self) -> String {
        dotted(&self.written)
    }
}

/// A path in TOML's notation.
pub(super) fn dotted(path: &[String]) -> String {
    path.iter().map(|part| tree::key(part)).collect::<Vec<_>>().join(".")
}

/// The parts of a dotted path, in which a name with dots is quoted; nothing if it is none.
pub(super) fn parse_path(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, after) = match rest.chars().next()? {
            quote @ ('"' | '\'') => {
                let end = rest[1..].find(quote)? + 1;
                (&rest[1..end], &rest[end + 1..])
            }
            _ => rest.split_at(rest.find('.').unwrap_or(rest.len())),
        };
        if part.trim().is_empty() {
            return None;
        }
        parts.push(part.trim().to_owned());
        match after.trim_start().strip_prefix('.') {
            Some(more) => rest = more.trim_start(),
            None => return after.trim().is_empty().then_some(parts),
        }
    }
}

/// The changes a table lists, as quoted paths, dotted keys or nested tables.
pub(super) fn list(table: &Table, root: &Table, complaints: &mut Vec<Diagnostic>) -> Vec<Patch> {
    let mut patches = Vec::new();
    for entry in &table.0 {
        match parse_path(&entry.key) {
            Some(path) => {
                let keyed = path.len() == 1;
                flatten(path, keyed, entry, root, &mut patches, complaints);
            }
            None => complaints.push(
                Diagnostic::new(codes::NO_SUCH_PATH, &entry.place, format!("`{}` is no path", entry.key))
                    .label("expected names with dots between them"),
            ),
        }
    }
    patches
}

/// A quoted path, and a table in braces, replace what is there; a table written key by key (`keyed`), or of a
/// whole section, changes its keys.
fn flatten(
    path: Vec<String>,
    keyed: bool,
    entry: &Entry,
    root: &Table,
    out: &mut Vec<Patch>,
    complaints: &mut Vec<Diagnostic>,
) {
    let Entry { place, node, .. } = entry;
    let head = path[0].as_str();
    let exists = |name: &str| root.get(head).and_then(Node::table).is_some_and(|t| t.get(name).is_some());
    let by_key = keyed && !node.whole;
    let spread = match path.len() {
        1 => SPREAD.contains(&head) || NAMED.contains(&head) || by_key,
        2 if NAMED.contains(&head) => exists(&path[1]),
        2 if head == "fault" => true,
        _ => by_key,
    };
    match (&node.data, spread) {
        (Data::Table(table), true) => {
            for inner in &table.0 {
                let path = path.iter().cloned().chain([inner.key.clone()]).collect();
                flatten(path, keyed, inner, root, out, complaints);
            }
        }
        _ => match Patch::new(path, place.clone(), node.clone(), root) {
            Ok(patch) => out.push(patch),
            Err(complaint) => complaints.push(complaint),
        },
    }
}

/// Complains if a variant or sweep may not change this.
pub(super) fn permitted(patch: &Patch) -> Result<(), Diagnostic> {
    let head = patch.path[0].as_str();
    let complain = |code, title: String| Diagnostic::new(code, &patch.place, title);
    if FIXED.contains(&head) {
        let title = format!("`{head}` must be the same in every variant and at every point");
        return Err(complain(codes::FIXED_BY_DESIGN, title).label("this cannot be changed here"));
    }
    if ["variant", "sweep", "expect"].contains(&head) {
        let title = format!("`{head}` is no part of the system");
        return Err(complain(codes::NO_SUCH_PATH, title).label("this cannot be changed here"));
    }
    Ok(())
}

/// What is known about the keys of a table on the way.
#[derive(Clone, Copy)]
enum Known {
    Params(&'static [Param]),
    Members(&'static str),
    Nothing,
}

/// Changes the tree.
///
/// # Errors
/// If the path leads nowhere. A wrong last part is found when the changed tree is read.
pub(super) fn apply(root: &mut Table, patch: &Patch) -> Result<(), Diagnostic> {
    let Some(setting) = patch.kafka else { return apply_plain(root, patch) };
    kafka::permitted(setting, root, patch)?;
    let node = kafka::convert(setting, &patch.node);
    apply_plain(root, &Patch::plain(patch.path.clone(), patch.place.clone(), node))
}

fn apply_plain(root: &mut Table, patch: &Patch) -> Result<(), Diagnostic> {
    let head = patch.path[0].as_str();
    let heads = || top::PARAMS.iter().map(|p| p.name).chain(TABLES);
    let nowhere = |title: String, label: String| {
        Err(Diagnostic::new(codes::NO_SUCH_PATH, &patch.place, title).label(label))
    };
    if !heads().any(|h| h == head) {
        return nowhere(format!("there is nothing called `{head}`"), suggest(head, heads()));
    }
    if head == "fault" && patch.path.len() > 1 && root.get("fault").is_none() {
        return nowhere(
            format!("there is no `{}`", dotted(&patch.path[..2])),
            "the scenario has no faults".into(),
        );
    }
    if NAMED.contains(&head) && patch.path.len() > 1 {
        let name = patch.path[1].as_str();
        let empty = Table::default();
        let known = root.get(head).and_then(Node::table).unwrap_or(&empty);
        let adds = patch.path.len() == 2 && patch.node.table().is_some();
        if known.get(name).is_none() && !adds {
            let names: Vec<&str> = known.0.iter().map(|e| e.key.as_str()).collect();
            let label = match names.as_slice() {
                [] => format!("the scenario has no {head}"),
                _ => suggest(name, names.iter().copied()),
            };
            return nowhere(format!("there is no {head} `{name}`"), label);
        }
    }
    let known = match head {
        "topic" | "producer" | "group" | "downstream" => Known::Nothing,
        "cluster" | "network" => Known::Nothing,
        _ => Known::Params(top::PARAMS),
    };
    set(root, &patch.path, known, patch, 0)?;
    // A section written as a whole may hold Kafka's names.
    let mut complaints = Vec::new();
    if patch.path.len() <= 2 && patch.node.table().is_some() {
        kafka::rewrite(root, &mut complaints);
    }
    complaints.into_iter().find(Diagnostic::is_error).map_or(Ok(()), Err)
}

/// Changes a table of a section, by the path within it.
///
/// # Errors
/// If the path leads nowhere.
pub(super) fn set_below(table: &mut Table, section: &str, patch: &Patch) -> Result<(), Diagnostic> {
    set(table, &patch.path, Known::Params(describe::section(section).params), patch, 0)
}

fn set(
    table: &mut Table,
    path: &[String],
    known: Known,
    patch: &Patch,
    depth: usize,
) -> Result<(), Diagnostic> {
    let key = path[0].as_str();
    if let Known::Members(_) = known {
        table.0.retain(|e| e.key == key);
    }
    let index = table.0.iter().position(|e| e.key == key);
    if path.len() == 1 {
        let entry = Entry { key: key.to_owned(), place: patch.place.clone(), node: patch.node.clone() };
        match index {
            Some(i) => table.0[i] = entry,
            None => table.0.push(entry),
        }
        return Ok(());
    }
    let index = index.unwrap_or_else(|| {
        let node = Node::new(patch.place.clone(), Data::Table(Table::default()));
        table.0.push(Entry { key: key.to_owned(), place: patch.place.clone(), node });
        table.0.len() - 1
    });
    let (next, within) = step(known, key, &patch.path, depth);
    let node = &mut table.0[index].node;
    if let Data::List(items) = &mut node.data {
        return set_item(items, &path[1..], patch, depth + 1);
    }
    if node.table().is_none() {
        match open(node, next, within.as_ref(), &path[1]) {
            Some(table) => node.data = Data::Table(table),
            None => {
                let whole = dotted(&patch.path[..=depth]);
                let title = format!("`{whole}` is {}, and has no parts", node.kind());
                let complaint = Diagnostic::new(codes::NO_SUCH_PATH, &patch.place, title);
                return Err(complaint.label(format!("it has no `{}`", path[1])));
            }
        }
    }
    match &mut node.data {
        Data::Table(inner) => set(inner, &path[1..], next, patch, depth + 1),
        _ => Ok(()),
    }
}

/// Changes an item of a list of tables, by its number from 0.
fn set_item(items: &mut [Node], path: &[String], patch: &Patch, depth: usize) -> Result<(), Diagnostic> {
    let count = items.len();
    let item = path[0].parse::<usize>().ok().and_then(|i| items.get_mut(i));
    let Some(item) = item else {
        let title = format!("there is no `{}`", dotted(&patch.path[..=depth]));
        let label = match count {
            0 => "the list is empty".to_owned(),
            n => format!("its {n} entries are numbered from 0"),
        };
        return Err(Diagnostic::new(codes::NO_SUCH_PATH, &patch.place, title).label(label));
    };
    match (&mut item.data, path.len()) {
        (_, 1) => *item = patch.node.clone(),
        (Data::Table(table), _) => return set(table, &path[1..], Known::Nothing, patch, depth + 1),
        _ => {
            let title = format!("`{}` has no parts", dotted(&patch.path[..=depth]));
            return Err(Diagnostic::new(codes::NO_SUCH_PATH, &patch.place, title).label("it is no table"));
        }
    }
    Ok(())
}

/// What is known below `key`, and the member it is, if it is one.
fn step(known: Known, key: &str, path: &[String], depth: usize) -> (Known, Option<Member>) {
    let section = match (depth, path[0].as_str()) {
        (0, "cluster" | "network") => Some(path[0].as_str()),
        (1, head) if NAMED.contains(&head) => Some(head),
        _ => None,
    };
    if let Some(name) = section {
        return (Known::Params(describe::section(name).params), None);
    }
    match known {
        Known::Params(params) => match params.iter().find(|p| p.name == key).map(|p| p.kind) {
            Some(Kind::Table(section)) => (Known::Params(describe::section(section).params), None),
            Some(kind) => (family_of(kind).map_or(Known::Nothing, Known::Members), None),
            None => (Known::Nothing, None),
        },
        Known::Members(of) => match describe::family(of).into_iter().find(|m| m.name == key) {
            Some(member) => (Known::Params(member.params), Some(member)),
            None => (Known::Nothing, None),
        },
        Known::Nothing => (Known::Nothing, None),
    }
}

/// The long form of a value written in short form, so that a part of it can be changed.
fn open(node: &Node, below: Known, member: Option<&Member>, part: &str) -> Option<Table> {
    let with =
        |key: &str| Table(vec![Entry { key: key.to_owned(), place: node.place.clone(), node: node.clone() }]);
    if let Some(member) = member {
        return short_param(member).map(|p| with(p.name));
    }
    match below {
        // `backoff = "kafka"` and a change of `backoff.kafka.base`; another member replaces the choice.
        Known::Members(_) if node.text() == Some(part) => {
            let nothing = Node::new(node.place.clone(), Data::Table(Table::default()));
            Some(Table(vec![Entry { key: part.to_owned(), place: node.place.clone(), node: nothing }]))
        }
        Known::Members(_) => Some(Table::default()),
        Known::Params(params) => {
            params.first().filter(|p| matches!(p.kind, Kind::Name(_))).map(|p| with(p.name))
        }
        Known::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(text: &str, path: &str, value: &str) -> Result<String, String> {
        let (mut root, errors) = tree::parse(text);
        assert!(errors.is_empty());
        let argument = "--set".into();
        let node = tree::parse_argument(value, &argument);
        let patch =
            Patch::new(parse_path(path).unwrap(), Place::Nowhere, node, &root).map_err(|d| d.title)?;
        apply(&mut root, &patch).map_err(|d| d.title)?;
        Ok(Node::new(Place::Nowhere, Data::Table(root)).toml())
    }

    #[test]
    fn paths_are_split_at_dots_outside_quotes() {
        assert_eq!(
            parse_path("topic.\"orders.v1\".partitions").unwrap(),
            ["topic", "orders.v1", "partitions"]
        );
        assert_eq!(parse_path("fault.0.at").unwrap(), ["fault", "0", "at"]);
        for bad in ["", "a..b", "a.", ".a", "a.\"b"] {
            assert_eq!(parse_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn values_are_replaced_and_added() {
        let text = "[group.a]\nconsumers = 1\n";
        assert_eq!(patched(text, "group.a.consumers", "2").unwrap(), "{ group = { a = { consumers = 2 } } }");
        let added = patched(text, "group.a.dedupe.ttl", "1h").unwrap();
        assert_eq!(added, "{ group = { a = { consumers = 1, dedupe = { ttl = \"1h\" } } } }");
        assert_eq!(patched(text, "group.b.consumers", "2").unwrap_err(), "there is no group `b`");
        assert_eq!(patched(text, "grup.a.consumers", "2").unwrap_err(), "there is nothing called `grup`");
    }

    #[test]
    fn short_forms_open_when_a_part_of_them_changes() {
        let group = |inner: &str| format!("{{ group = {{ a = {{ {inner} }} }} }}");
        let cases = [
            ("commit = { every = \"5s\" }", "commit.every", "1s", "commit = { every = \"1s\" }"),
            ("commit = { every = \"5s\" }", "commit.after-batch", "{}", "commit = { after-batch = {} }"),
            ("commit = \"after-batch\"", "commit.every", "1s", "commit = { every = \"1s\" }"),
            (
                "downstream = \"d\"",
                "downstream.timeout",
                "1s",
                "downstream = { name = \"d\", timeout = \"1s\" }",
            ),
            (
                "retry = { backoff = \"kafka\" }",
                "retry.backoff.kafka.base",
                "1s",
                "retry = { backoff = { kafka = { base = \"1s\" } } }",
            ),
            (
                "service-time = \"2ms\"",
                "service-time.exponential.mean",
                "1ms",
                "service-time = { exponential = { mean = \"1ms\" } }",
            ),
        ];
        for (before, path, value, after) in cases {
            let text = format!("[group.a]\n{before}\n");
            assert_eq!(patched(&text, &format!("group.a.{path}"), value).unwrap(), group(after), "{path}");
        }
        let deep = patched("[group.a]\nconsumers = 1\n", "group.a.consumers.x", "1").unwrap_err();
        assert_eq!(deep, "`group.a.consumers` is a whole number, and has no parts");
    }

    #[test]
    fn faults_are_numbered() {
        let text = "[[fault]]\nat = \"1s\"\n";
        assert_eq!(patched(text, "fault.0.at", "2s").unwrap(), "{ fault = [{ at = \"2s\" }] }");
        assert_eq!(patched(text, "fault", "[]").unwrap(), "{ fault = [] }");
        assert_eq!(patched(text, "fault.1.at", "2s").unwrap_err(), "there is no `fault.1`");
    }
}
