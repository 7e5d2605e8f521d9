//! Small matters of wording: paragraphs in lines, what a parameter accepts, and the nearest valid name.

use crate::model::catalog::{Default, Kind, Param, TargetKind};
use std::fmt::Write;

/// Breaks paragraphs into lines of at most `width` characters, each after `indent` blanks.
pub(super) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines = Vec::new();
    for paragraph in text.split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    let pad = " ".repeat(indent);
    lines.iter().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{pad}{l}\n") }).collect()
}

/// Names with a sentence each, in two columns.
pub(super) fn columns<'a>(rows: impl Iterator<Item = (&'a str, &'a str)> + Clone, width: usize) -> String {
    let left = rows.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(40);
    let mut text = String::new();
    for (name, sentence) in rows {
        let body = wrap(sentence, width, left + 4);
        let first = if name.chars().count() > left {
            format!("\n{body}")
        } else {
            body[(left + 4).min(body.len())..].to_owned()
        };
        // Writing to a string cannot fail, here and below.
        let name = format!("{name:<left$}");
        let _ = write!(text, "  {name}{}{first}", if first.starts_with('\n') { "" } else { "  " });
    }
    text
}

/// `; did you mean ...?` with the nearest of these names, or nothing if none is near.
pub(super) fn suggestion<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    let near = names
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance);
    near.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

/// Parameters with what they accept, their default, and their sentence.
pub(super) fn parameters(params: &[Param], width: usize) -> String {
    let mut text = String::new();
    for p in params {
        let _ = writeln!(text, "  {}: {}", p.name, accepts(p));
        text.push_str(&wrap(p.doc, width, 6));
        text.push_str(&meanings(p.kind));
    }
    text
}

/// What a parameter accepts, and what holds without it.
pub(super) fn accepts(p: &Param) -> String {
    let default = match p.default {
        Default::Required => "required".to_owned(),
        Default::Absent => "optional".to_owned(),
        Default::Is(value) => format!("default {value}"),
    };
    format!("{}; {default}", kind_words(p.kind))
}

/// A line for each word of a choice between words.
pub(super) fn meanings(kind: Kind) -> String {
    let Kind::Word(words) = kind else { return String::new() };
    words.iter().map(|(word, meaning)| format!("        {word}: {meaning}\n")).collect()
}

/// What is accepted, in words.
fn kind_words(kind: Kind) -> String {
    match kind {
        Kind::Flag => "true or false".into(),
        Kind::Count { min, max: u64::MAX } => format!("a whole number of at least {min}"),
        Kind::Count { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Number { min, max } if max == f64::INFINITY || max == f64::MAX => {
            format!("a number of at least {min}")
        }
        Kind::Number { min, max } => format!("a number from {min} to {max}"),
        Kind::Ratio => "a share, `\"5%\"` or `0.05`".into(),
        Kind::Span => "a length of time, `\"250ms\"`".into(),
        Kind::Dist => "a length of time, `\"2ms\"`, or a distribution of it".into(),
        Kind::SizeDist => "a size, `\"1KiB\"`, or a distribution of it".into(),
        Kind::Bytes => "a size, `\"16KiB\"`".into(),
        Kind::ByteRate => "bytes per second, `\"30MB/s\"`".into(),
        Kind::Rate => "events per second, `\"2000/s\"`".into(),
        Kind::Text => "text".into(),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|(w, _)| format!("`{w}`")).collect();
            words.join(" or ")
        }
        Kind::Weights => "a list of weights, `[0.1, 0.9]`".into(),
        Kind::Counts => "a list of whole numbers, `[2, 3]`".into(),
        Kind::Profile => "rates at moments, `[[\"0s\", \"500/s\"], [\"2m\", \"5000/s\"]]`".into(),
        Kind::Trace => "a CSV file".into(),
        Kind::Family(family) => format!("a member of family `{family}`"),
        Kind::Target(target) => target_words(target).into(),
        Kind::OrNone(inner) => format!("{}, or `\"none\"`", kind_words(*inner)),
        Kind::Moments => "a moment, `\"3m\"`, or a list of them".into(),
        Kind::Versions => "versions by the moment from which they hold, `[[\"0s\", 1], [\"5m\", 2]]`".into(),
        Kind::Name(what) => format!("the name of a {what}"),
        Kind::Names(what) => format!("a list of names of a {what}"),
        Kind::Table(section) => format!("a table, see `laglab explain {section}`"),
    }
}

fn target_words(target: TargetKind) -> &'static str {
    match target {
        TargetKind::Consumer => "a consumer (`\"billing/2\"`) or all of a group (`\"billing\"`)",
        TargetKind::Group => "a group (`\"billing\"`)",
        TargetKind::Broker => "a broker (`\"1\"`)",
        TargetKind::Rack => "a rack (`\"1\"`)",
        TargetKind::Producer => "a producer (`\"checkout/0\"`) or all of its table (`\"checkout\"`)",
        TargetKind::Downstream => "a dependency (`\"fraud\"`)",
        TargetKind::Client => "a producer or consumer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_keep_apart_and_lines_keep_their_width() {
        let text = wrap("one two three four five six seven\neight\n\nnine", 24, 4);
        assert_eq!(text, "    one two three four\n    five six seven eight\n\n    nine\n");
    }

    #[test]
    fn columns_line_up_and_long_sentences_stay_in_theirs() {
        let rows = [("a", "one two three four five six"), ("bcd", "x")];
        assert_eq!(columns(rows.into_iter(), 27), "  a    one two three four\n       five six\n  bcd  x\n");
    }

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["salted", "sticky", "random"];
        assert_eq!(suggestion("saltd", names.into_iter()), "; did you mean `salted`?");
        assert_eq!(suggestion("RANDOM", names.into_iter()), "; did you mean `random`?");
        assert_eq!(suggestion("murmur", names.into_iter()), "");
    }
}
