//! Reads a table by its description: every key checked, every default filled in, every complaint kept.
//!
//! A key that cannot be read is complained about once and then stands at its default (or any value of
//! its kind), so that the rest can still be read and checked. Knows nothing of what sections mean.

use super::Effective;
use super::codes;
use super::describe;
use super::diagnostics::{Diagnostic, listed, suggest};
use super::files::Files;
use super::tree::{self, Data, Node, Place, Table};
use crate::engine::{Dist, Span, Time};
use crate::model::catalog::{Args, Default, Kind, Param, Trace, Value};
use std::sync::Arc;

/// Reads, and keeps what it complains about and what is in force.
pub(super) struct Reader<'f, 'g> {
    /// Every complaint so far.
    pub complaints: Vec<Diagnostic>,
    /// Every setting in force so far.
    pub rows: Vec<Effective>,
    /// Where recordings come from.
    pub files: &'f mut Files<'g>,
    /// Where the default comes from that is being read.
    origin: Option<String>,
}

/// What was read under one key.
pub(super) enum Got {
    Value(Value),
    Pick(&'static str, Args),
    Table(Fields),
    Names(Vec<(String, Place)>),
    /// The word `"none"`.
    None,
}

/// How a key came to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Written,
    Filled,
    Absent,
    Broken,
}

/// A section as read.
pub(super) struct Fields {
    /// Its heading.
    pub at: Place,
    /// Its plain values.
    pub args: Args,
    picks: Vec<(&'static str, &'static str, Args)>,
    tables: Vec<(&'static str, Fields)>,
    names: Vec<(&'static str, Vec<(String, Place)>)>,
    states: Vec<(&'static str, State, Place)>,
}

impl Fields {
    /// The member chosen under this key, with its values.
    pub fn pick(&self, key: &str) -> Option<(&'static str, &Args)> {
        self.picks.iter().find(|(k, ..)| *k == key).map(|(_, member, args)| (*member, args))
    }
    /// The table under this key.
    pub fn table(&self, key: &str) -> Option<&Fields> {
        self.tables.iter().find(|(k, _)| *k == key).map(|(_, fields)| fields)
    }
    /// The names under this key, with their places.
    pub fn names(&self, key: &str) -> &[(String, Place)] {
        self.names.iter().find(|(k, _)| *k == key).map_or(&[], |(_, names)| names)
    }
    /// How this key came to its value.
    pub fn state(&self, key: &str) -> State {
        self.states.iter().find(|(k, ..)| *k == key).map_or(State::Absent, |(_, state, _)| *state)
    }
    /// Whether it was written, and could be read.
    pub fn written(&self, key: &str) -> bool {
        self.state(key) == State::Written
    }
    /// Whether all of these keys are what they were meant to be.
    pub fn sound(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.state(key) != State::Broken)
    }
    /// Where to point for this key: at its value, or else at the heading.
    pub fn place(&self, key: &str) -> &Place {
        self.states.iter().find(|(k, ..)| *k == key).map_or(&self.at, |(_, _, place)| place)
    }
    fn put(&mut self, key: &'static str, got: Got) {
        match got {
            Got::Value(value) => self.args.0.push((key, value)),
            Got::Pick(member, args) => self.picks.push((key, member, args)),
            Got::Table(fields) => self.tables.push((key, fields)),
            Got::Names(names) => self.names.push((key, names)),
            Got::None => {}
        }
    }
}

impl<'f, 'g> Reader<'f, 'g> {
    /// Nothing read yet.
    pub fn new(files: &'f mut Files<'g>) -> Self {
        Reader { complaints: vec![], rows: vec![], files, origin: None }
    }

    /// Keeps a complaint.
    pub fn say(&mut self, complaint: Diagnostic) {
        self.complaints.push(complaint);
    }

    /// Notes a setting in force.
    pub fn note(&mut self, path: &str, node: &Node) {
        let origin = match &node.place {
            Place::Text(_) => "written".to_owned(),
            Place::Set(_) => "--set".to_owned(),
            Place::Nowhere => self.origin.clone().unwrap_or_else(|| "default".into()),
        };
        self.rows.push(Effective { path: path.to_owned(), value: node.toml(), origin });
    }

    /// Reads a table whose keys are those of `params`; keys in `others` are left to the caller.
    pub fn section(
        &mut self,
        params: &[&'static Param],
        others: &[&str],
        table: &Table,
        at: &Place,
        path: &str,
    ) -> Fields {
        let params = || params.iter().copied();
        for entry in &table.0 {
            if !others.contains(&entry.key.as_str()) && params().all(|p| p.name != entry.key) {
                let known = || params().map(|p| p.name).chain(others.iter().copied());
                self.unknown_key(&entry.key, &entry.place, path, known());
            }
        }
        let mut fields = Fields {
            at: at.clone(),
            args: Args::default(),
            picks: vec![],
            tables: vec![],
            names: vec![],
            states: vec![],
        };
        for param in params() {
            self.field(param, table, path, &mut fields);
        }
        fields
    }

    fn field(&mut self, param: &'static Param, table: &Table, path: &str, fields: &mut Fields) {
        let name = param.name;
        let path = join(path, name);
        let (state, place) = match (table.get(name), param.default) {
            (Some(node), _) => match self.read(param.kind, node, &path) {
                Some(got) => {
                    fields.put(name, got);
                    (State::Written, node.place.clone())
                }
                None => {
                    if let Some(got) = self.stand_in(param) {
                        fields.put(name, got);
                    }
                    (State::Broken, node.place.clone())
                }
            },
            (None, Default::Is(text)) => {
                if let Some(got) = self.fill_in(param, text, &path) {
                    fields.put(name, got);
                }
                (State::Filled, fields.at.clone())
            }
            (None, Default::Absent) => (State::Absent, fields.at.clone()),
            (None, Default::Required) => {
                self.missing_key(param, &fields.at, &path);
                if let Some(got) = self.stand_in(param) {
                    fields.put(name, got);
                }
                (State::Broken, fields.at.clone())
            }
        };
        fields.states.push((name, state, place));
    }

    /// A default, read like anything else.
    fn fill_in(&mut self, param: &Param, text: &str, path: &str) -> Option<Got> {
        let outer = self.origin.clone();
        let own = describe::origin(param.doc);
        // What a default consists of has its own sources, or else that of the whole.
        self.origin = Some(if own == "default" { outer.clone().unwrap_or(own) } else { own });
        let mut node = tree::parse_default(text);
        if matches!(param.kind, Kind::Text) {
            node.data = Data::Text(text.to_owned());
        }
        let got = self.read(param.kind, &node, path);
        self.origin = outer;
        got
    }

    /// Puts a value that nobody wrote, because of what other keys say.
    pub fn assume(
        &mut self,
        fields: &mut Fields,
        key: &'static str,
        kind: Kind,
        text: &str,
        origin: &str,
        path: &str,
    ) {
        self.origin = Some(origin.to_owned());
        if let Some(got) = self.read(kind, &tree::parse_default(text), path) {
            fields.put(key, got);
        }
        self.origin = None;
    }

    /// Puts another default in the place of one that was filled in.
    pub fn instead(
        &mut self,
        fields: &mut Fields,
        params: &'static [Param],
        key: &'static str,
        text: &str,
        origin: &str,
        path: &str,
    ) {
        if fields.state(key) != State::Filled {
            return;
        }
        let path = join(path, key);
        let inner = format!("{path}.");
        let place = self.rows.iter().position(|r| r.path == path || r.path.starts_with(&inner));
        let mut later = place.map_or(Vec::new(), |place| self.rows.split_off(place));
        later.retain(|r| r.path != path && !r.path.starts_with(&inner));
        fields.args.0.retain(|(k, _)| *k != key);
        fields.picks.retain(|(k, ..)| *k != key);
        let kind = params.iter().find(|p| p.name == key).expect("it was filled in").kind;
        self.assume(fields, key, kind, text, origin, &path);
        self.rows.append(&mut later);
    }

    /// What stands where nothing could be read: the default, or any value of the kind. Nobody sees it.
    fn stand_in(&mut self, param: &Param) -> Option<Got> {
        let (complaints, rows) = (self.complaints.len(), self.rows.len());
        let got = match param.default {
            Default::Is(text) => self.fill_in(param, text, ""),
            Default::Absent => None,
            Default::Required => self.example(param.kind),
        };
        self.complaints.truncate(complaints);
        self.rows.truncate(rows);
        got
    }

    fn example(&mut self, kind: Kind) -> Option<Got> {
        let value = match kind {
            Kind::Flag => Value::Flag(false),
            Kind::Count { min, .. } => Value::Count(min),
            Kind::Number { min, .. } => Value::Number(min.max(1.0)),
            Kind::Ratio => Value::Number(0.5),
            Kind::Rate | Kind::ByteRate => Value::Number(1.0),
            Kind::Span => Value::Span(Span::from_secs(1)),
            Kind::Dist | Kind::SizeDist => Value::Dist(Dist::Constant(1)),
            Kind::Bytes => Value::Bytes(1),
            Kind::Text | Kind::Target(_) | Kind::Name(_) => Value::Text(String::new()),
            Kind::Word(words) => Value::Text(words[0].0.to_owned()),
            Kind::Weights => Value::Weights(vec![1.0]),
            Kind::Counts => Value::Counts(vec![1]),
            Kind::Profile => Value::Profile(vec![(Time::ZERO, 1.0)]),
            Kind::Moments => Value::Moments(vec![Time::ZERO]),
            Kind::Versions => Value::Versions(vec![(Time::ZERO, 1)]),
            Kind::Trace => Value::Trace(Arc::new(Trace {
                at: vec![Time::ZERO],
                key: vec![],
                keys: vec![],
                size: vec![],
            })),
            Kind::OrNone(kind) => return self.example(*kind),
            Kind::Names(_) => return Some(Got::Names(vec![])),
            Kind::Family(family) => {
                let member = describe::family(family).into_iter().next()?;
                let fields = self.section(&refs(member.params), &[], &Table::default(), &Place::Nowhere, "");
                return Some(Got::Pick(member.name, fields.args));
            }
            Kind::Table(name) => {
                let params = describe::section(name).params;
                let fields = self.section(&refs(params), &[], &Table::default(), &Place::Nowhere, "");
                return Some(Got::Table(fields));
            }
        };
        Some(Got::Value(value))
    }

    /// Reads a table within a section. One whose first key is a name may be written as that name.
    pub fn nested(&mut self, section: &'static str, node: &Node, path: &str) -> Option<Fields> {
        let params = describe::section(section).params;
        let short = params.first().filter(|p| matches!(p.kind, Kind::Name(_)));
        match (&node.data, short) {
            (Data::Table(table), _) => Some(self.section(&refs(params), &[], table, &node.place, path)),
            (Data::Text(_), Some(name)) => {
                let entry =
                    tree::Entry { key: name.name.to_owned(), place: node.place.clone(), node: node.clone() };
                Some(self.section(&refs(params), &[], &Table(vec![entry]), &node.place, path))
            }
            _ => {
                let keys = listed(params.iter().map(|p| p.name));
                let title = format!("`{path}` is {}, but a table belongs here", node.kind());
                let complaint = Diagnostic::new(codes::WRONG_TYPE, &node.place, title);
                self.say(complaint.label("expected a table").help(format!("its keys: {keys}")));
                None
            }
        }
    }

    fn unknown_key<'a>(
        &mut self,
        key: &str,
        place: &Place,
        path: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let title = match path {
            "" => format!("there is no key `{key}` at the top of a scenario"),
            path => format!("`{path}` has no key `{key}`"),
        };
        let complaint =
            Diagnostic::new(codes::UNKNOWN_KEY, place, title).label(match known.clone().count() {
                0 => "it has no keys at all".into(),
                _ => suggest(key, known),
            });
        self.say(complaint);
    }

    fn missing_key(&mut self, param: &Param, at: &Place, path: &str) {
        let title = match path.rsplit_once('.') {
            None => format!("a scenario needs `{path}`"),
            Some((section, _)) => format!("`{section}` needs `{}`", param.name),
        };
        let complaint = Diagnostic::new(codes::MISSING_KEY, at, title)
            .label(format!("`{}` is missing here", param.name))
            .help(format!("{} Write {}.", param.doc, super::value::expected(param.kind)));
        self.say(complaint);
    }
}

/// A dotted path with one more part.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { tree::key(key) } else { format!("{path}.{}", tree::key(key)) }
}

/// One by one, as [`Reader::section`] takes them.
pub(super) fn refs(params: &'static [Param]) -> Vec<&'static Param> {
    params.iter().collect()
}
