//! Reads one value of a given kind: flags, numbers, quantities, words, lists, names.
//!
//! Choices from families are in `choice`. Knows nothing of which key it reads.

use super::codes;
use super::diagnostics::{Diagnostic, suggest};
use super::distribution;
use super::read::{Got, Reader};
use super::tree::{Data, Node};
use super::units::{self, Bad};
use crate::engine::{Span, Time};
use crate::model::catalog::{Kind, TargetKind, Value};

impl Reader<'_, '_> {
    /// The value of `node` as this kind, or nothing after a complaint.
    pub fn read(&mut self, kind: Kind, node: &Node, path: &str) -> Option<Got> {
        let got = match kind {
            Kind::Family(family) => {
                return self.choice(family, node, path).map(|(name, args)| Got::Pick(name, args));
            }
            Kind::Dist | Kind::SizeDist => {
                return self.distribution(kind, node, path).map(|d| Got::Value(Value::Dist(d)));
            }
            Kind::Table(section) => return self.nested(section, node, path).map(Got::Table),
            Kind::OrNone(_) if node.text() == Some("none") => Some(Got::None),
            Kind::OrNone(kind) => return self.read(*kind, node, path),
            Kind::Names(_) => self.names(kind, node, path).map(Got::Names),
            _ => self.value(kind, node, path).map(Got::Value),
        };
        if got.is_some() {
            self.note(path, node);
        }
        got
    }

    fn value(&mut self, kind: Kind, node: &Node, path: &str) -> Option<Value> {
        match (kind, &node.data) {
            (Kind::Flag, Data::Flag(b)) => Some(Value::Flag(*b)),
            (Kind::Count { min, max }, Data::Whole(n)) => {
                self.count(*n, min, max, node, path).map(Value::Count)
            }
            (Kind::Number { min, max }, Data::Whole(_) | Data::Decimal(_)) => {
                let x = number(node)?;
                self.bounded(x, min, max, node, path).map(Value::Number)
            }
            (Kind::Ratio, Data::Text(text)) => {
                let x = self.quantity(units::ratio(text), node, path)?;
                self.share(x, node, path).map(Value::Number)
            }
            (Kind::Ratio, Data::Whole(_) | Data::Decimal(_)) => {
                let x = number(node)?;
                self.share(x, node, path).map(Value::Number)
            }
            (Kind::Span, Data::Text(text)) => self.quantity(units::span(text), node, path).map(Value::Span),
            (Kind::Bytes, Data::Text(text)) => {
                self.quantity(units::bytes(text), node, path).map(Value::Bytes)
            }
            (Kind::Rate, Data::Text(text)) => self.quantity(units::rate(text), node, path).map(Value::Number),
            (Kind::ByteRate, Data::Text(text)) => {
                self.quantity(units::byte_rate(text), node, path).map(Value::Number)
            }
            (Kind::Span | Kind::Bytes | Kind::Rate | Kind::ByteRate, Data::Whole(_) | Data::Decimal(_)) => {
                self.no_unit(kind, node, path);
                None
            }
            (Kind::Text | Kind::Name(_) | Kind::Target(_), Data::Text(text)) => {
                Some(Value::Text(text.clone()))
            }
            (Kind::Target(TargetKind::Broker | TargetKind::Rack), Data::Whole(n)) => {
                Some(Value::Text(n.to_string()))
            }
            (Kind::Word(words), Data::Text(_) | Data::Whole(_)) => self.word(words, node, path),
            (Kind::Trace, Data::Text(file)) => match self.files.trace(file, &node.place) {
                Ok(trace) => Some(Value::Trace(trace)),
                Err(complaint) => {
                    self.say(complaint);
                    None
                }
            },
            (Kind::Moments, Data::Text(text)) => {
                let moment = self.quantity(units::span(text), node, path)?;
                Some(Value::Moments(vec![Time(moment.0)]))
            }
            (_, Data::List(items)) => self.list(kind, items, node, path),
            _ => {
                self.wrong_type(kind, node, path);
                None
            }
        }
    }

    fn list(&mut self, kind: Kind, items: &[Node], node: &Node, path: &str) -> Option<Value> {
        let value = match kind {
            Kind::Weights => Value::Weights(self.weights(items, node, path)?),
            Kind::Counts => {
                let each = Kind::Count { min: 0, max: u64::from(u32::MAX) };
                let counts: Option<Vec<u64>> = self.each(items, |reader, item| {
                    reader.value(each, item, path).map(|v| if let Value::Count(n) = v { n } else { 0 })
                });
                Value::Counts(counts?)
            }
            Kind::Moments => {
                let moments: Option<Vec<Time>> =
                    self.each(items, |reader, item| reader.time(item, path).map(|s| Time(s.0)));
                let mut moments = moments?;
                moments.sort_unstable();
                Value::Moments(moments)
            }
            Kind::Profile => Value::Profile(self.pairs(items, Kind::Rate, node, path)?),
            Kind::Versions => {
                let each = Kind::Count { min: 0, max: u64::from(u32::MAX) };
                let versions: Vec<(Time, f64)> = self.pairs(items, each, node, path)?;
                if versions.first().is_some_and(|(at, _)| *at > Time::ZERO) {
                    self.bad_list(node, path, "the first version must hold from \"0s\"");
                    return None;
                }
                Value::Versions(versions.into_iter().map(|(at, v)| (at, v as u32)).collect())
            }
            _ => {
                self.wrong_type(kind, node, path);
                return None;
            }
        };
        if items.is_empty() {
            self.bad_list(node, path, "the list is empty");
            return None;
        }
        Some(value)
    }

    /// Reads every item, also after one that cannot be read.
    fn each<T>(
        &mut self,
        items: &[Node],
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let all: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        all.into_iter().collect()
    }

    fn weights(&mut self, items: &[Node], node: &Node, path: &str) -> Option<Vec<f64>> {
        let weights = self.each(items, |reader, item| match &item.data {
            Data::Text(text) => reader.quantity(units::ratio(text), item, path),
            Data::Whole(_) | Data::Decimal(_) => {
                let x = number(item)?;
                reader.bounded(x, 0.0, f64::MAX, item, path)
            }
            _ => {
                reader.wrong_type(Kind::Number { min: 0.0, max: f64::MAX }, item, path);
                None
            }
        })?;
        if !items.is_empty() && weights.iter().sum::<f64>() <= 0.0 {
            self.bad_list(node, path, "all weights are 0");
            return None;
        }
        Some(weights)
    }

    /// A list of `[moment, number]`, ascending by moment.
    fn pairs(&mut self, items: &[Node], second: Kind, node: &Node, path: &str) -> Option<Vec<(Time, f64)>> {
        let pairs = self.each(items, |reader, item| {
            let Data::List(pair) = &item.data else {
                reader.bad_list(item, path, "each entry is a list of a moment and a value");
                return None;
            };
            let [moment, value] = pair.as_slice() else {
                reader.bad_list(item, path, "each entry has two parts, a moment and a value");
                return None;
            };
            let at = reader.time(moment, path);
            let value = reader.value(second, value, path);
            let value = match value? {
                Value::Number(x) => x,
                Value::Count(n) => n as f64,
                other => panic!("the second of a pair was read as {other:?}"),
            };
            Some((Time(at?.0), value))
        })?;
        if !pairs.is_sorted_by_key(|(at, _)| *at) {
            self.bad_list(node, path, "the moments must ascend");
            return None;
        }
        Some(pairs)
    }

    fn time(&mut self, node: &Node, path: &str) -> Option<Span> {
        match self.value(Kind::Span, node, path)? {
            Value::Span(span) => Some(span),
            other => panic!("a length of time was read as {other:?}"),
        }
    }

    fn names(&mut self, kind: Kind, node: &Node, path: &str) -> Option<Vec<(String, super::tree::Place)>> {
        let Data::List(items) = &node.data else {
            self.wrong_type(kind, node, path);
            return None;
        };
        let names = self.each(items, |reader, item| match item.text() {
            Some(name) => Some((name.to_owned(), item.place.clone())),
            None => {
                reader.wrong_type(Kind::Text, item, path);
                None
            }
        })?;
        if names.is_empty() {
            self.bad_list(node, path, "the list is empty");
            return None;
        }
        for (i, (name, place)) in names.iter().enumerate() {
            if names[..i].iter().any(|(n, _)| n == name) {
                let title = format!("`{path}` names `{name}` twice");
                self.say(Diagnostic::new(codes::BAD_LIST, place, title).label("already in the list"));
                return None;
            }
        }
        Some(names)
    }

    fn word(&mut self, words: &'static [(&str, &str)], node: &Node, path: &str) -> Option<Value> {
        let written = node.plain();
        if words.iter().any(|(w, _)| *w == written) {
            return Some(Value::Text(written));
        }
        let complaint =
            Diagnostic::new(codes::UNKNOWN_WORD, &node.place, format!("`{path}` cannot be `{written}`"))
                .label(suggest(&written, words.iter().map(|(w, _)| *w)))
                .help(words.iter().map(|(w, text)| format!("{w}: {text}")).collect::<Vec<_>>().join("; "));
        self.say(complaint);
        None
    }

    fn count(&mut self, n: i128, min: u64, max: u64, node: &Node, path: &str) -> Option<u64> {
        match u64::try_from(n) {
            Ok(count) if (min..=max).contains(&count) => Some(count),
            _ => {
                self.out_of_range(&min.to_string(), &max.to_string(), max >= i64::MAX as u64, node, path);
                None
            }
        }
    }

    fn bounded(&mut self, x: f64, min: f64, max: f64, node: &Node, path: &str) -> Option<f64> {
        if (min..=max).contains(&x) {
            return Some(x);
        }
        self.out_of_range(&min.to_string(), &max.to_string(), max == f64::MAX, node, path);
        None
    }

    fn share(&mut self, x: f64, node: &Node, path: &str) -> Option<f64> {
        if (0.0..=1.0).contains(&x) {
            return Some(x);
        }
        let title = format!("`{path}` is a share, and cannot be {}", node.plain());
        let label = if x > 1.0 && x <= 100.0 && node.text().is_none() {
            format!("did you mean \"{}%\"?", node.plain())
        } else {
            "expected 0% to 100%, or 0 to 1".into()
        };
        self.say(Diagnostic::new(codes::OUT_OF_RANGE, &node.place, title).label(label));
        None
    }

    fn out_of_range(&mut self, min: &str, max: &str, open: bool, node: &Node, path: &str) {
        let title = format!("`{path}` cannot be {}", node.plain());
        let range = if open { format!("expected {min} or more") } else { format!("expected {min} to {max}") };
        self.say(Diagnostic::new(codes::OUT_OF_RANGE, &node.place, title).label(range));
    }

    /// Passes a quantity on, or the reason why it is none.
    pub fn quantity<T>(&mut self, read: Result<T, Bad>, node: &Node, path: &str) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(bad) => {
                let title = format!("`{path}` cannot be read");
                let complaint = Diagnostic::new(bad.code, &node.place, title).label(bad.reason);
                self.say(complaint.help(format!("expected {}", bad.help)));
                None
            }
        }
    }

    fn no_unit(&mut self, kind: Kind, node: &Node, path: &str) {
        let n = node.plain();
        let (what, label) = match kind {
            Kind::Span => ("a length of time", format!("write \"{n}ms\" or \"{n}s\", for example")),
            Kind::Bytes => ("a size", format!("write \"{n}B\" or \"{n}KiB\", for example")),
            Kind::ByteRate => ("a rate", format!("write \"{n}MB/s\", for example")),
            _ => ("a rate", format!("write \"{n}/s\", for example")),
        };
        let complaint =
            Diagnostic::new(codes::NO_UNIT, &node.place, format!("`{path}` is {what} and needs a unit"));
        self.say(complaint.label(label).help(format!("expected {}", expected(kind))));
    }

    /// Complains that something else belongs here.
    pub fn wrong_type(&mut self, kind: Kind, node: &Node, path: &str) {
        let complaint = Diagnostic::new(
            codes::WRONG_TYPE,
            &node.place,
            format!("`{path}` is {}, but something else belongs here", node.kind()),
        );
        self.say(complaint.label(format!("expected {}", expected(kind))));
    }

    fn bad_list(&mut self, node: &Node, path: &str, reason: &str) {
        let title = format!("the list `{path}` cannot be used");
        self.say(Diagnostic::new(codes::BAD_LIST, &node.place, title).label(reason));
    }
}

/// A plain number; nothing for what is not finite.
fn number(node: &Node) -> Option<f64> {
    match &node.data {
        Data::Whole(n) => Some(*n as f64),
        // What TOML calls a number and Rust does not, such as one of 400 digits, is no number of ours.
        Data::Decimal(text) => Some(text.replace('_', "").parse().unwrap_or(f64::NAN)),
        _ => None,
    }
}

/// What a kind accepts, as it follows "expected".
pub(super) fn expected(kind: Kind) -> String {
    match kind {
        Kind::Flag => "true or false".into(),
        Kind::Count { min, max } if max >= u64::from(u32::MAX) => format!("a whole number from {min}"),
        Kind::Count { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Number { min, max } if max == f64::MAX => format!("a number from {min}"),
        Kind::Number { min, max } => format!("a number from {min} to {max}"),
        Kind::Ratio => units::RATIO_HELP.into(),
        Kind::Span => units::TIME_HELP.into(),
        Kind::Dist => {
            "a length of time (\"2ms\") or a distribution ({ lognormal = { mean = \"2ms\", cv = 1.5 } })"
                .into()
        }
        Kind::SizeDist => {
            "a size (\"1KiB\") or a distribution ({ lognormal = { mean = \"1KiB\", cv = 1 } })".into()
        }
        Kind::Bytes => units::SIZE_HELP.into(),
        Kind::ByteRate => units::BYTE_RATE_HELP.into(),
        Kind::Rate => units::RATE_HELP.into(),
        Kind::Text => "a text in quotes".into(),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|(w, _)| format!("\"{w}\"")).collect();
            format!("one of {}", words.join(", "))
        }
        Kind::Weights => "a list of weights, [0.1, 0.9]".into(),
        Kind::Counts => "a list of whole numbers, [2, 3]".into(),
        Kind::Profile => "a list of moments and rates, [[\"0s\", \"500/s\"], [\"2m\", \"5000/s\"]]".into(),
        Kind::Trace => "the path of a CSV file, relative to the scenario".into(),
        Kind::Family(distribution::OF_TIMES) => expected(Kind::Dist),
        Kind::Family(distribution::OF_SIZES) => expected(Kind::SizeDist),
        Kind::Family("rate") => {
            "a rate (\"2000/s\") or an arrival process ({ constant = \"2000/s\" })".into()
        }
        Kind::Family(family) => format!("a member of the family `{family}`"),
        Kind::Target(TargetKind::Consumer) => {
            "a group (\"billing\") or one of its consumers (\"billing/2\")".into()
        }
        Kind::Target(TargetKind::Group) => "the name of a group".into(),
        Kind::Target(TargetKind::Broker) => "the number of a broker, from 0".into(),
        Kind::Target(TargetKind::Rack) => "the number of a rack, from 0".into(),
        Kind::Target(TargetKind::Producer) => {
            "a producer (\"checkout\") or one of its instances (\"checkout/0\")".into()
        }
        Kind::Target(TargetKind::Downstream) => "the name of a downstream".into(),
        Kind::Target(TargetKind::Client) => "a producer or a group, or one of them (\"billing/2\")".into(),
        Kind::OrNone(kind) => format!("{}, or \"none\"", expected(*kind)),
        Kind::Moments => "a moment of the run (\"3m\"), or a list of them".into(),
        Kind::Versions => "a list of moments and versions, [[\"0s\", 1], [\"5m\", 2]]".into(),
        Kind::Name(of) => format!("the name of a {of}"),
        Kind::Names(of) => format!("a list of {of}s"),
        Kind::Table(_) => "a table".into(),
    }
}
