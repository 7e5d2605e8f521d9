//! Complaints about TOML itself, without those that only follow from another one.
//!
//! The parser goes on after a break as well as it can; what it says about the rest of a line, or about
//! everything behind a bracket that was never closed, would send the reader to the wrong place.

use super::codes;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::tree::{Data, Entry, Node, Place, SyntaxError, Table};
use std::ops::Range;

/// What is certain in spite of a break: complaints about keys and values that are there. What is missing,
/// or named nowhere, may be so because of the break.
const CERTAIN: [&str; 8] = [
    codes::UNKNOWN_KEY,
    codes::WRONG_TYPE,
    codes::NO_UNIT,
    codes::BAD_UNIT,
    codes::BAD_VALUE,
    codes::OUT_OF_RANGE,
    codes::UNKNOWN_WORD,
    codes::UNKNOWN_MEMBER,
];

/// Every break of TOML's rules, and of the other complaints those that hold all the same.
pub(super) fn complaints(
    text: &str,
    root: &Table,
    broken: Vec<SyntaxError>,
    others: Vec<Diagnostic>,
) -> Diagnostics {
    let lines = |span: &Range<usize>| line(text, span.start)..=line(text, span.end);
    let only_duplicates = broken.iter().all(|b| b.message.starts_with("duplicate key"));
    // From an open bracket on, nothing is what it seems.
    let open = broken.iter().filter(|b| b.message.starts_with("unclosed")).filter_map(|b| {
        let at = b.span.as_ref()?.start;
        innermost(root, at).map(|start| start..text.len())
    });
    let open = open.min_by_key(|span| span.start);
    let mut all: Vec<Diagnostic> = Vec::new();
    if let Some(span) = &open {
        let place = Place::Text(span.start..span.start + 1);
        all.push(Diagnostic::new(codes::SYNTAX, &place, "a bracket is not closed").label("opened here"));
    }
    let mut marked: Vec<Range<usize>> = Vec::new();
    for SyntaxError { message, span } in broken {
        if let Some(span) = &span {
            let follows = marked.iter().any(|m| line(text, m.start) == line(text, span.start));
            if follows || open.as_ref().is_some_and(|o| span.start >= o.start) {
                continue;
            }
            marked.push(span.clone());
        }
        let place = span.map_or(Place::Nowhere, Place::Text);
        all.push(match message.starts_with("duplicate key") {
            true => Diagnostic::new(codes::DUPLICATE, &place, "a key or table is written twice")
                .label("it stands above already"),
            false => Diagnostic::new(codes::SYNTAX, &place, "this is not TOML").label(message),
        });
    }
    all.extend(others.into_iter().filter(|c| {
        let Some(span) = &c.span else { return only_duplicates };
        let apart = marked
            .iter()
            .all(|m| lines(m).end() < lines(span).start() || lines(span).end() < lines(m).start());
        let before = open.as_ref().is_none_or(|o| span.end <= o.start);
        only_duplicates || CERTAIN.contains(&c.code) && apart && before
    }));
    Diagnostics::sorted(all)
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count()
}

/// Where the innermost list or inline table begins that reaches up to `at`.
fn innermost(table: &Table, at: usize) -> Option<usize> {
    let begin = |node: &Node| {
        let within = match &node.data {
            Data::List(items) => items.iter().filter_map(|item| below(item, at)).max(),
            Data::Table(table) => innermost(table, at),
            _ => return None,
        };
        let own = match &node.place {
            Place::Text(span) if span.start < at && at <= span.end => Some(span.start),
            _ => None,
        };
        within.max(own)
    };
    table.0.iter().filter_map(|entry| begin(&entry.node)).max()
}

/// The same for an item of a list.
fn below(item: &Node, at: usize) -> Option<usize> {
    let entry = Entry { key: String::new(), place: Place::Nowhere, node: item.clone() };
    innermost(&Table(vec![entry]), at)
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn titles(text: &str) -> Vec<String> {
        let (root, broken) = tree::parse(text);
        let found = complaints(text, &root, broken, vec![]);
        found
            .0
            .iter()
            .map(|c| format!("{}: {}", line(text, c.span.clone().unwrap().start) + 1, c.title))
            .collect()
    }

    #[test]
    fn each_break_is_told_once() {
        assert_eq!(
            titles("a = 5 ms\nb = 1\nc = \"x\nd = 2\n"),
            ["1: this is not TOML", "3: this is not TOML"]
        );
        assert_eq!(titles("a = 1\na = 2\n"), ["2: a key or table is written twice"]);
    }

    #[test]
    fn an_open_bracket_hides_what_is_behind_it() {
        assert_eq!(
            titles("a = 5 ms\nb = [1,\nc = 2\n[d]\ne = 3\n"),
            ["1: this is not TOML", "2: a bracket is not closed"]
        );
    }
}
