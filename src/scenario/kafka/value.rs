//! Values in Kafka's notation, given ours: a bare number of milliseconds or bytes gets its unit.
//!
//! What is written in our notation already, or cannot be read at all, stays as it is for the reader.

use super::modelled::{Form, Setting};
use crate::scenario::tree::{Data, Entry, Node, Table};

/// The value as it would be written under our name.
pub(in crate::scenario) fn convert(setting: &Setting, node: &Node) -> Node {
    let with = |data: Data| Node { data, ..node.clone() };
    let text = |text: String| with(Data::Text(text));
    let whole = whole(node);
    match (setting.form, whole) {
        (Form::MillisOrNone | Form::BytesOrNone, Some(-1)) => text("none".into()),
        // What Kafka writes where it means never.
        (Form::MillisOrNone, Some(n)) if n == i128::from(i64::MAX) => text("none".into()),
        (Form::Millis | Form::MillisOrNone, Some(n)) => text(format!("{n}ms")),
        (Form::Seconds, Some(n)) => text(format!("{n}s")),
        (Form::Minutes, Some(n)) => text(format!("{n}m")),
        (Form::Bytes | Form::BytesOrNone, Some(n)) => text(format!("{n}B")),
        (Form::Share, _) => match node.text().map(str::trim).filter(|t| t.parse::<f64>().is_ok()) {
            Some(number) => with(Data::Decimal(number.to_owned())),
            None => node.clone(),
        },
        (Form::Count, Some(n)) => with(Data::Whole(n)),
        (Form::Flag, _) => flag(node).map_or_else(|| node.clone(), |b| with(Data::Flag(b))),
        (Form::AutoCommit, _) => match flag(node) {
            Some(true) => text("every".into()),
            Some(false) => text("after-batch".into()),
            // Nothing that would pass for a member of the family.
            None => with(Data::List(vec![node.clone()])),
        },
        (Form::Word, None) => node.text().map_or_else(|| node.clone(), |word| text(word.replace('_', "-"))),
        (Form::Presence, _) => match node.text().map(str::trim) {
            Some("") => with(Data::Flag(false)),
            Some(_) => with(Data::Flag(true)),
            None => node.clone(),
        },
        (Form::Reset, _) => by_duration(node).unwrap_or_else(|| node.clone()),
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

/// `by_duration:PT1H30M` as `{ back = "5400s" }`.
fn by_duration(node: &Node) -> Option<Node> {
    let seconds = iso_8601(node.text()?.trim().strip_prefix("by_duration:")?)?;
    let back = Node { data: Data::Text(format!("{seconds}s")), ..node.clone() };
    let entry = Entry { key: "back".into(), place: node.place.clone(), node: back };
    Some(Node { data: Data::Table(Table(vec![entry])), ..node.clone() })
}

/// Seconds in days, hours, minutes and seconds, as Java's `Duration` reads them; no parts of a second.
fn iso_8601(text: &str) -> Option<u64> {
    let (days, rest) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let mut seconds = 0u64;
    let mut parts = 0;
    for (piece, units) in [(days, &[('D', 86_400)][..]), (rest, &[('H', 3_600), ('M', 60), ('S', 1)][..])] {
        let mut left = piece;
        for (unit, each) in units {
            if let Some((number, after)) = left.split_once(*unit) {
                seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(*each)?)?;
                (left, parts) = (after, parts + 1);
            }
        }
        if !left.is_empty() {
            return None;
        }
    }
    (parts > 0).then_some(seconds)
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

#[cfg(test)]
mod tests {
    use super::iso_8601;

    #[test]
    fn lengths_of_time_are_read_as_java_writes_them() {
        let cases =
            [("PT1H", 3600), ("PT1H30M", 5400), ("P1D", 86_400), ("P2DT3S", 172_803), ("PT90M", 5400)];
        for (text, seconds) in cases {
            assert_eq!(iso_8601(text), Some(seconds), "{text}");
        }
        for bad in ["", "P", "PT", "1H", "PT1", "PTH", "P1H", "PT1M1H", "PT-1H", "PT0.5S"] {
            assert_eq!(iso_8601(bad), None, "{bad}");
        }
    }
}
