//! Values in Kafka's notation, given ours: a bare number of milliseconds or bytes gets its unit.
//!
//! What is written in our notation already, or cannot be read at all, stays as it is for the reader.

use super::modelled::{Form, Setting};
use crate::scenario::tree::{Data, Node};

/// The value as it would be written under our name.
pub(in crate::scenario) fn convert(setting: &Setting, node: &Node) -> Node {
    let with = |data: Data| Node { data, ..node.clone() };
    let text = |text: String| with(Data::Text(text));
    let whole = whole(node);
    match (setting.form, whole) {
        (Form::MillisOrNone | Form::BytesOrNone, Some(-1)) => text("none".into()),
        (Form::Millis | Form::MillisOrNone, Some(n)) => text(format!("{n}ms")),
        (Form::Minutes, Some(n)) => text(format!("{n}m")),
        (Form::Bytes | Form::BytesOrNone, Some(n)) => text(format!("{n}B")),
        (Form::Count, Some(n)) => with(Data::Whole(n)),
        (Form::Flag, _) => flag(node).map_or_else(|| node.clone(), |b| with(Data::Flag(b))),
        (Form::AutoCommit, _) => match flag(node) {
            Some(true) => text("every".into()),
            Some(false) => text("after-batch".into()),
            // Nothing that would pass for a member of the family.
            None => with(Data::List(vec![node.clone()])),
        },
        (Form::Assignor, _) => class(node, assignor).map_or_else(|| node.clone(), text),
        (Form::Partitioner, _) => class(node, partitioner).map_or_else(|| node.clone(), text),
        _ => node.clone(),
    }
}

/// A whole number, also in quotes, as every value of a properties file is.
fn whole(node: &Node) -> Option<i128> {
    match &node.data {
        Data::Whole(n) => Some(*n),
        Data::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn flag(node: &Node) -> Option<bool> {
    match &node.data {
        Data::Flag(b) => Some(*b),
        Data::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Data::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The first class of a list with commas, or of a list, as a member; without its package.
fn class(node: &Node, member: fn(&str) -> Option<&'static str>) -> Option<String> {
    let first = match &node.data {
        Data::List(items) => items.first()?.text()?,
        _ => node.text()?,
    };
    let first = first.split(',').next()?.trim();
    let simple = first.rsplit('.').next()?;
    Some(member(simple).map_or_else(|| first.to_owned(), str::to_owned))
}

fn assignor(class: &str) -> Option<&'static str> {
    Some(match class {
        "RangeAssignor" => "range",
        "RoundRobinAssignor" => "roundrobin",
        "StickyAssignor" => "sticky",
        "CooperativeStickyAssignor" => "cooperative-sticky",
        _ => return None,
    })
}

fn partitioner(class: &str) -> Option<&'static str> {
    Some(match class {
        "RoundRobinPartitioner" => "round-robin",
        _ => return None,
    })
}
