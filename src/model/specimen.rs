//! Test support: family members made from the values a test gives and the defaults they declare,
//! and what every family's list must keep to.
//!
//! Reads only as much of the scenario notation as defaults are written in; knows no TOML.

use crate::engine::{Dist, Span, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param, Trace, Value};
use std::sync::Arc;

/// A member with these values, and its defaults for the rest.
pub fn make<T: ?Sized>(entry: &'static Entry<T>, given: &[(&'static str, Value)]) -> Box<T> {
    (entry.build)(&args(entry.params, given))
}

/// Values of `params`: those given, and the defaults of the rest.
pub fn args(params: &'static [Param], given: &[(&'static str, Value)]) -> Args {
    for (name, _) in given {
        assert!(params.iter().any(|p| p.name == *name), "there is no parameter `{name}`");
    }
    let value = |p: &Param| match (given.iter().find(|(n, _)| *n == p.name), p.default) {
        (Some((_, value)), _) => Some(value.clone()),
        (None, Default::Is(text)) => Some(read(p.kind, text)),
        (None, Default::Absent) => None,
        (None, Default::Required) => panic!("parameter `{}` is required", p.name),
    };
    Args(params.iter().filter_map(|p| value(p).map(|v| (p.name, v))).collect())
}

/// Checks what a list of members must keep to, and builds each from its defaults.
pub fn inspect<T: ?Sized>(members: &'static [&'static Entry<T>]) {
    assert!(!members.is_empty());
    for (i, entry) in members.iter().enumerate() {
        let name = entry.name;
        assert!(kebab(name), "{name}");
        assert!(members[i + 1..].iter().all(|e| e.name != name), "`{name}` twice");
        assert!(sentence(entry.summary), "summary of {name}");
        assert!(sentence(entry.doc), "text of {name}");
        for heading in ["What it does.", "When it helps.", "When it hurts.", "Seen in."] {
            assert_eq!(entry.doc.matches(heading).count(), 1, "`{heading}` in the text of {name}");
        }
        for (i, param) in entry.params.iter().enumerate() {
            assert!(kebab(param.name), "{} of {name}", param.name);
            assert!(sentence(param.doc), "text of {} of {name}", param.name);
            assert!(entry.params[i + 1..].iter().all(|p| p.name != param.name), "{} of {name}", param.name);
        }
        let required = entry.params.iter().filter(|p| p.default == Default::Required);
        let given: Vec<_> = required.map(|p| (p.name, example(p.kind))).collect();
        let _built = make(entry, &given);
    }
}

/// A recording of three events a second apart with keys a, b, a.
pub fn recording() -> Arc<Trace> {
    let at = (1..=3).map(|s| Time(s * 1_000_000_000)).collect();
    Arc::new(Trace { at, key: vec![0, 1, 0], keys: vec!["a".into(), "b".into()], size: vec![] })
}

fn kebab(name: &str) -> bool {
    name.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

fn sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(|c: char| c.is_uppercase())
}

/// Some value of this kind.
fn example(kind: Kind) -> Value {
    match kind {
        Kind::Flag => Value::Flag(true),
        Kind::Count { min, .. } => Value::Count(min),
        Kind::Number { min, .. } => Value::Number(min),
        Kind::Ratio => Value::Number(0.5),
        Kind::Rate | Kind::ByteRate => Value::Number(100.0),
        Kind::Span => Value::Span(Span::from_secs(1)),
        Kind::Dist | Kind::SizeDist => Value::Dist(Dist::Constant(1000)),
        Kind::Bytes => Value::Bytes(1024),
        Kind::Text | Kind::Family(_) | Kind::Target(_) => Value::Text("x".into()),
        Kind::OrNone(kind) => example(*kind),
        Kind::Word(words) => Value::Text(words[0].0.into()),
        Kind::Weights => Value::Weights(vec![1.0, 3.0]),
        Kind::Counts => Value::Counts(vec![1, 2]),
        Kind::Profile => Value::Profile(vec![(Time::ZERO, 1.0), (Time(1_000_000_000), 2.0)]),
        Kind::Trace => Value::Trace(recording()),
        other => panic!("no member takes {other:?}"),
    }
}

/// A default as its parameter writes it.
fn read(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Flag => Value::Flag(text.parse().expect("a flag")),
        Kind::Count { min, max } => {
            let n = text.parse().expect("a count");
            assert!((min..=max).contains(&n), "`{text}`");
            Value::Count(n)
        }
        Kind::Number { min, max } => {
            let x: f64 = text.parse().expect("a number");
            assert!((min..=max).contains(&x), "`{text}`");
            Value::Number(x)
        }
        Kind::Ratio => Value::Number(before(text, "%") / 100.0),
        Kind::Rate => Value::Number(before(text, "/s")),
        Kind::Bytes => Value::Bytes((before(text, "MiB") * 1_048_576.0) as u64),
        Kind::Span => {
            let units = [("ms", 1e6), ("us", 1e3), ("ns", 1.0), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];
            let (unit, nanos) = units.iter().find(|(u, _)| text.ends_with(u)).expect("a unit");
            Value::Span(Span((before(text, unit) * nanos) as u64))
        }
        Kind::Text => Value::Text(text.into()),
        Kind::Word(words) => {
            assert!(words.iter().any(|(w, _)| *w == text), "`{text}`");
            Value::Text(text.into())
        }
        other => panic!("no default is written for {other:?}"),
    }
}

fn before(text: &str, unit: &str) -> f64 {
    text.strip_suffix(unit).and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("`{text}` in {unit}"))
}
