//! Puts what stands under Kafka's names in a scenario's tree where our names would have it.
//!
//! Works on the tree before it is read, so that reader, variants and sweeps know one name for each thing.
//! A name may be quoted (`"linger.ms" = 5`) or stand as TOML's dotted key (`linger.ms = 5`).

use super::modelled::{DEFAULT_MEMBER, Form, SETTINGS, Setting};
use super::{Meaning, complaint, convert, meaning};
use crate::model::catalog::{Kind, Param};
use crate::scenario::codes;
use crate::scenario::describe;
use crate::scenario::diagnostics::{Diagnostic, nearest};
use crate::scenario::patch::{Patch, set_below};
use crate::scenario::tree::{Data, Entry, Node, Place, Table};

/// Sections that may hold Kafka's names, and whether their tables have names of their own.
const SECTIONS: [(&str, bool); 4] =
    [("topic", true), ("producer", true), ("group", true), ("cluster", false)];

/// Gives every setting under Kafka's name the name and notation it has here, and complains about those that
/// have none.
pub(in crate::scenario) fn rewrite(root: &mut Table, complaints: &mut Vec<Diagnostic>) {
    for (section, named) in SECTIONS {
        let Some(Data::Table(tables)) = entry_mut(root, section).map(|e| &mut e.node.data) else { continue };
        if !named {
            table(section, tables, complaints);
            continue;
        }
        for entry in &mut tables.0 {
            if let Data::Table(inner) = &mut entry.node.data {
                table(section, inner, complaints);
            }
        }
    }
    misplaced(root, complaints);
}

/// The way a path of a change goes under our names, if it uses one of Kafka's; `root` says which members are
/// chosen.
///
/// # Errors
/// If Kafka's name has no meaning here.
pub(in crate::scenario) fn named_differently(
    path: &[String],
    root: &Table,
    place: &Place,
) -> Result<Option<(Vec<String>, &'static Setting)>, Diagnostic> {
    let Some((section, named)) = SECTIONS.iter().find(|(s, _)| path.first().is_some_and(|p| p == s)) else {
        return Ok(None);
    };
    let (above, below) = path.split_at(path.len().min(if *named { 2 } else { 1 }));
    let name = below.join(".");
    let ours = |key: &str| describe::section(section).params.iter().any(|p| p.name == key);
    match (below, meaning(section, &name)) {
        ([], _) => Ok(None),
        ([key], _) if ours(key) => Ok(None),
        (_, Meaning::Ours(setting)) => {
            let within = above.iter().try_fold(root, |t, part| t.get(part).and_then(Node::table));
            let written = setting.path.iter().map(|part| member(part, within, setting.path[0]));
            Ok(Some((above.iter().cloned().chain(written).collect(), setting)))
        }
        ([first, ..], Meaning::Unknown | Meaning::Elsewhere(_))
            if below.len() > 1 && !first.contains('.') =>
        {
            Ok(None)
        }
        ([key], Meaning::Unknown) if !key.contains('.') => Ok(None),
        _ => complaint(section, &name, place).map_or(Ok(None), Err),
    }
}

/// Complains if a change of this setting would undo another one that excludes it.
pub(in crate::scenario) fn permitted(
    setting: &Setting,
    root: &Table,
    patch: &Patch,
) -> Result<(), Diagnostic> {
    if setting.path != ["commit", "every"] {
        return Ok(());
    }
    let above = &patch.path[..patch.path.len().saturating_sub(1)];
    let commit = above.iter().try_fold(None, |found: Option<&Node>, part| {
        let table = found.map_or(Some(root), Node::table)?;
        Some(table.get(part))
    });
    match commit.flatten().map(|node| &node.data) {
        Some(Data::Text(name)) if name != "every" => {
            let title = format!("`{}` has no effect", setting.name);
            let complaint = Diagnostic::new(codes::EXCLUSIVE, &patch.place, title);
            Err(complaint.label(format!("the group commits differently: `{name}`")))
        }
        _ => Ok(()),
    }
}

/// A part of a setting's path: for `*`, the member that `key` of the table chooses.
fn member(part: &str, table: Option<&Table>, key: &str) -> String {
    if part != "*" {
        return part.to_owned();
    }
    let chosen = table.and_then(|t| t.get(key)).and_then(|node| match &node.data {
        Data::Text(name) => Some(name.clone()),
        Data::Table(Table(entries)) => entries.first().map(|e| e.key.clone()),
        _ => None,
    });
    chosen.unwrap_or_else(|| DEFAULT_MEMBER.to_owned())
}

/// Kafka's names at the top, where no setting of Kafka's stands.
fn misplaced(root: &mut Table, complaints: &mut Vec<Diagnostic>) {
    root.0.retain(|entry| {
        let kafkas = entry.key.contains('.') && SETTINGS.iter().any(|s| s.name == entry.key);
        if kafkas {
            complaints.extend(complaint("scenario", &entry.key, &entry.place));
        }
        !kafkas
    });
}

/// One table of a section.
fn table(section: &'static str, table: &mut Table, complaints: &mut Vec<Diagnostic>) {
    let params = describe::section(section).params;
    let mut found = Vec::new();
    let mut kept = Vec::with_capacity(table.0.len());
    for entry in table.0.drain(..) {
        kept.extend(take(section, params, entry, &mut found));
    }
    table.0 = kept;
    // What depends on another setting stands behind it in the list of them.
    found.sort_by_key(|e| SETTINGS.iter().position(|s| s.name == e.key));
    let mut interval_idle = false;
    for entry in found {
        match meaning(section, &entry.key) {
            Meaning::Ours(setting) => {
                let node = convert(setting, &entry.node);
                if setting.name == "auto.commit.interval.ms" && interval_idle {
                    let title = "`auto.commit.interval.ms` has no effect";
                    let complaint = Diagnostic::new(codes::NO_EFFECT, &entry.place, title);
                    complaints.push(complaint.label("`enable.auto.commit` is false"));
                    continue;
                }
                interval_idle |= setting.form == Form::AutoCommit && node.text() == Some("after-batch");
                complaints.extend(put(table, setting, &entry, node).err());
            }
            _ => complaints.extend(complaint(section, &entry.key, &entry.place)),
        }
    }
}

/// Takes what stands under Kafka's names out of an entry; gives back what is left of it.
fn take(section: &str, params: &[Param], entry: Entry, found: &mut Vec<Entry>) -> Option<Entry> {
    let ours = params.iter().any(|p| p.name == entry.key);
    let known = |name: &str| !matches!(meaning(section, name), Meaning::Unknown | Meaning::Elsewhere(_));
    let dotted = entry.node.table().is_some() && !entry.node.whole;
    if !ours && !dotted && (entry.key.contains('.') || known(&entry.key)) {
        found.push(entry);
        return None;
    }
    if !dotted {
        return Some(entry);
    }
    let mut leaves = Vec::new();
    spell_out(&entry.key, &entry.place, &entry.node, &mut leaves);
    // Dotted keys below a setting that holds no table can only be meant as names.
    let holds_table = |p: &Param| describe::family_of(p.kind).is_some() || matches!(p.kind, Kind::Table(_));
    let table_of_ours = params.iter().any(|p| p.name == entry.key && holds_table(p));
    if !leaves.iter().any(|leaf| known(&leaf.key)) && (table_of_ours || !looks_like_kafka(section, &leaves)) {
        return Some(entry);
    }
    if !table_of_ours {
        found.extend(leaves);
        return None;
    }
    let Entry { key, place, mut node } = entry;
    let empty = match &mut node.data {
        Data::Table(inner) => {
            remove(inner, &key, &known);
            inner.0.is_empty()
        }
        _ => false,
    };
    found.extend(leaves.into_iter().filter(|leaf| known(&leaf.key)));
    (!empty).then_some(Entry { key, place, node })
}

/// Whether dotted keys that nobody knows come near to names of Kafka's.
fn looks_like_kafka(section: &str, leaves: &[Entry]) -> bool {
    let near = |leaf: &Entry| {
        nearest(&leaf.key, super::names(section)).is_some() || SETTINGS.iter().any(|s| s.name == leaf.key)
    };
    leaves.iter().all(near)
}

/// The values below a dotted key, each under its whole name.
fn spell_out(name: &str, place: &Place, node: &Node, out: &mut Vec<Entry>) {
    match &node.data {
        Data::Table(inner) if !node.whole => {
            for entry in &inner.0 {
                let name = format!("{name}.{}", entry.key);
                let place = match (place, &entry.place) {
                    (Place::Text(a), Place::Text(b)) if b.end.checked_sub(a.start) == Some(name.len()) => {
                        Place::Text(a.start..b.end)
                    }
                    _ => entry.place.clone(),
                };
                spell_out(&name, &place, &entry.node, out);
            }
        }
        _ => out.push(Entry { key: name.to_owned(), place: place.clone(), node: node.clone() }),
    }
}

/// Takes out of a table what `known` says of its dotted names.
fn remove(table: &mut Table, name: &str, known: &impl Fn(&str) -> bool) {
    table.0.retain_mut(|entry| {
        let name = format!("{name}.{}", entry.key);
        match &mut entry.node.data {
            Data::Table(inner) if !entry.node.whole => {
                remove(inner, &name, known);
                !inner.0.is_empty()
            }
            _ => !known(&name),
        }
    });
}

/// Puts a value where our name for it would have it.
fn put(table: &mut Table, setting: &Setting, entry: &Entry, node: Node) -> Result<(), Diagnostic> {
    let path: Vec<String> =
        setting.path.iter().map(|part| member(part, Some(table), setting.path[0])).collect();
    if let Some(other) = taken(table, &path) {
        let title = format!("`{}` is set twice", setting.key());
        let complaint = Diagnostic::new(codes::DUPLICATE, &entry.place, title);
        let label = format!("Kafka's name for `{}`", setting.key());
        return Err(complaint.label(label).also(&other, "it stands here already"));
    }
    set_below(table, setting.section, &Patch::plain(path, entry.place.clone(), node))
}

/// Where this path is taken already, itself or by something that excludes it; a path of several parts begins
/// with a family and its member.
fn taken(table: &Table, path: &[String]) -> Option<Place> {
    let (family, below) = path.split_first()?;
    let entry = table.entry(family)?;
    let place = Some(entry.place.clone());
    match (&entry.node.data, below) {
        (Data::Text(name), [member, ..]) if name == member => None,
        (Data::Table(chosen), [member, part @ ..]) => match chosen.0.as_slice() {
            [] => None,
            [only] if only.key != *member => place,
            _ => match (chosen.get(member).map(|node| &node.data), part) {
                (Some(Data::Table(values)), [name]) => values.entry(name).map(|e| e.place.clone()),
                (Some(_), _) => place,
                (None, _) => None,
            },
        },
        _ => place,
    }
}

fn entry_mut<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Entry> {
    table.0.iter_mut().find(|e| e.key == key)
}
