//! Reads a member of a family: its name, a table with its name as the one key, or a bare value.

use super::codes;
use super::describe::{bare_member, family, family_of};
use super::diagnostics::{Diagnostic, listed, nearest, suggest};
use super::distribution;
use super::read::{Got, Reader, join, refs};
use super::tree::{Data, Entry, Node, Table};
use crate::engine::Dist;
use crate::model::catalog::{Args, Default, Kind, Member, Param};

impl Reader<'_, '_> {
    /// The member that `node` chooses, with its values, or nothing after a complaint.
    pub fn choice(&mut self, of: &'static str, node: &Node, path: &str) -> Option<(&'static str, Args)> {
        let members = family(of);
        let bare = bare_member(of).and_then(|name| members.iter().find(|m| m.name == name));
        let rows = self.rows.len();
        let chosen = match (&node.data, bare) {
            (Data::Text(name), _) if members.iter().any(|m| m.name == name) => {
                let member = members.iter().find(|m| m.name == name)?;
                let args = self.member(member, None, node, &join(path, member.name))?;
                (member.name, args)
            }
            (Data::Text(text), None) => {
                self.unknown_member(of, text, node, path, &members);
                return None;
            }
            (Data::Text(text), Some(_)) if text.starts_with(|c: char| c.is_alphabetic()) => {
                self.unknown_member(of, text, node, path, &members);
                return None;
            }
            (Data::Text(_) | Data::Whole(_) | Data::Decimal(_), Some(member)) => {
                let param = &member.params[0];
                let Got::Value(value) = self.read(param.kind, node, path)? else { return None };
                (member.name, Args(vec![(param.name, value)]))
            }
            (Data::Table(table), _) => self.keyed(of, table, node, path, &members)?,
            _ => {
                self.wrong_type(Kind::Family(of), node, path);
                return None;
            }
        };
        if self.rows.len() == rows {
            let name = Node::new(node.place.clone(), Data::Text(chosen.0.to_owned()));
            self.note(path, &name);
        }
        Some(chosen)
    }

    /// `{ zipf = { count = 1000 } }`, `{ fixed = "1s" }`.
    fn keyed(
        &mut self,
        of: &'static str,
        table: &Table,
        node: &Node,
        path: &str,
        members: &[Member],
    ) -> Option<(&'static str, Args)> {
        let [entry] = table.0.as_slice() else {
            let found = match table.0.len() {
                0 => "the table is empty".into(),
                _ => {
                    format!("these are {}: {}", table.0.len(), listed(table.0.iter().map(|e| e.key.as_str())))
                }
            };
            let complaint = Diagnostic::new(
                codes::ONE_CHOICE,
                &node.place,
                format!("`{path}` needs exactly one member of the family `{of}`"),
            );
            let names = listed(members.iter().map(|m| m.name));
            self.say(complaint.label(found).help(format!("members: {names}")));
            return None;
        };
        let Some(member) = members.iter().find(|m| m.name == entry.key) else {
            let at = Node::new(entry.place.clone(), Data::Flag(true));
            self.unknown_member(of, &entry.key, &at, path, members);
            return None;
        };
        let args = self.member(member, Some(&entry.node), &entry.node, &join(path, member.name))?;
        Some((member.name, args))
    }

    /// The values of a member, written as a table, as one bare value, or not at all.
    fn member(&mut self, member: &Member, given: Option<&Node>, at: &Node, path: &str) -> Option<Args> {
        let before = self.complaints.len();
        let empty = Table::default();
        let short = short_param(member);
        let args = match (given.map(|n| &n.data), short) {
            (None, _) => self.section(&refs(member.params), &[], &empty, &at.place, path).args,
            (Some(Data::Table(table)), short) if !short.is_some_and(|p| is_bare(p, table, member)) => {
                self.section(&refs(member.params), &[], table, &at.place, path).args
            }
            (Some(_), Some(param)) => {
                let entry = Entry { key: param.name.to_owned(), place: at.place.clone(), node: at.clone() };
                self.section(&refs(member.params), &[], &Table(vec![entry]), &at.place, path).args
            }
            (Some(_), None) => {
                let keys = listed(member.params.iter().map(|p| p.name));
                let title = format!("`{path}` is {}, but a table belongs here", at.kind());
                let complaint = Diagnostic::new(codes::WRONG_TYPE, &at.place, title);
                self.say(complaint.label("expected a table").help(format!("its keys: {keys}")));
                return None;
            }
        };
        (self.complaints[before..].iter().all(|c| !c.is_error())).then_some(args)
    }

    fn unknown_member(&mut self, of: &str, name: &str, node: &Node, path: &str, members: &[Member]) {
        let title = format!("`{path}`: the family `{of}` has no member `{name}`");
        let known = || members.iter().map(|m| m.name);
        let mut complaint =
            Diagnostic::new(codes::UNKNOWN_MEMBER, &node.place, title).label(suggest(name, known()));
        if nearest(name, known()).is_some() {
            complaint = complaint.help(format!("members: {}", listed(known())));
        }
        self.say(complaint);
    }

    /// A distribution of times or sizes.
    pub fn distribution(&mut self, kind: Kind, node: &Node, path: &str) -> Option<Dist> {
        let of = family_of(kind).expect("distributions are families");
        let (name, args) = self.choice(of, node, path)?;
        let made = if name == "empirical" {
            match self.files.values(&args.text("file"), kind, &node.place) {
                Ok(values) => Dist::empirical(values),
                Err(complaint) => {
                    self.say(complaint);
                    return None;
                }
            }
        } else {
            distribution::build(name, &args)
        };
        match made {
            Ok(dist) => Some(dist),
            Err(bad) => {
                let title = format!("`{path}` is no {name} distribution");
                let complaint = Diagnostic::new(codes::BAD_DISTRIBUTION, &node.place, title);
                self.say(complaint.label(distribution::reason(bad)));
                None
            }
        }
    }
}

/// The parameter that a bare value stands for: `value`, or else the only one that is required.
pub(super) fn short_param(member: &Member) -> Option<&'static Param> {
    let params: &'static [Param] = member.params;
    if let Some(value) = params.iter().find(|p| p.name == "value") {
        return Some(value);
    }
    let mut required = params.iter().filter(|p| p.default == Default::Required);
    required.next().filter(|_| required.next().is_none())
}

/// Whether a table is itself the bare value, because the parameter is a distribution.
fn is_bare(param: &Param, table: &Table, member: &Member) -> bool {
    family_of(param.kind).is_some() && table.0.iter().all(|e| member.params.iter().all(|p| p.name != e.key))
}
