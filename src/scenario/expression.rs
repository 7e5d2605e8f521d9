//! The grammar of expectations: a sum of metrics and numbers, a relation, another sum.
//!
//! `2 * group.a.lost@base + 10 <= group.b.created[group.b.consumers=8]`. Knows neither which metrics there
//! are nor which units go together.

use super::Relation;
use super::codes;
use super::units;
use crate::measure::metric::Unit;
use std::ops::Range;

/// Both sides and what is between them.
#[derive(Debug)]
pub(super) struct Comparison {
    pub left: Vec<Part>,
    pub relation: Relation,
    pub right: Vec<Part>,
}

/// One summand.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub factor: f64,
    pub of: Summand,
    /// Where it stands in the expression.
    pub span: Range<usize>,
}

/// See [`Part`].
#[derive(Debug, PartialEq)]
pub(super) enum Summand {
    /// A number with its unit; the factor includes the number.
    Number(Option<Unit>),
    /// A metric.
    Metric(Reference),
}

/// A metric as written.
#[derive(Debug, PartialEq)]
pub(super) struct Reference {
    pub name: String,
    pub variant: Option<(String, Range<usize>)>,
    pub at: Vec<(String, String, Range<usize>)>,
}

/// Why an expression cannot be read, and where.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub code: &'static str,
    pub span: Range<usize>,
    pub reason: String,
}

type Read<T> = Result<T, Wrong>;

const RELATIONS: [(&str, Relation); 6] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("==", Relation::Equal),
    ("!=", Relation::Differs),
    ("<", Relation::Less),
    (">", Relation::Greater),
];

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Read<Comparison> {
    let mut cursor = Cursor { text, at: 0 };
    let left = cursor.sum()?;
    let relation = cursor.relation()?;
    let right = cursor.sum()?;
    cursor.space();
    match cursor.rest().chars().next() {
        None => Ok(Comparison { left, relation, right }),
        Some(_) => Err(cursor.wrong("the expression should end here")),
    }
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }
    fn wrong(&self, reason: impl Into<String>) -> Wrong {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Wrong { code: codes::EXPECTATION, span: self.at..self.at + length, reason: reason.into() }
    }
    /// Moves past this character if it is next.
    fn takes(&mut self, c: char) -> bool {
        self.space();
        let next = self.rest().starts_with(c);
        if next {
            self.at += c.len_utf8();
        }
        next
    }
    fn while_(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn relation(&mut self) -> Read<Relation> {
        self.space();
        let found = RELATIONS.iter().find(|(sign, _)| self.rest().starts_with(sign));
        match found {
            Some((sign, relation)) => {
                self.at += sign.len();
                Ok(*relation)
            }
            None if self.rest().starts_with('=') => Err(self.wrong("equality is written ==")),
            None => Err(self.wrong("expected one of < <= > >= == !=")),
        }
    }

    fn sum(&mut self) -> Read<Vec<Part>> {
        let mut sign = if self.takes('-') { -1.0 } else { 1.0 };
        let mut parts = Vec::new();
        loop {
            let mut part = self.product()?;
            part.factor *= sign;
            parts.push(part);
            if self.takes('+') {
                sign = 1.0;
            } else if self.takes('-') {
                sign = -1.0;
            } else {
                return Ok(parts);
            }
        }
    }

    /// A number, a metric, or a number times a metric.
    fn product(&mut self) -> Read<Part> {
        let first = self.single()?;
        if !self.takes('*') {
            return Ok(first);
        }
        let second = self.single()?;
        let span = first.span.start..second.span.end;
        let factor = first.factor * second.factor;
        match (first.of, second.of) {
            (Summand::Number(None), of) | (of, Summand::Number(None)) => Ok(Part { factor, of, span }),
            _ => {
                let reason = "one side of * must be a plain number".into();
                Err(Wrong { code: codes::EXPECTATION, span, reason })
            }
        }
    }

    fn single(&mut self) -> Read<Part> {
        self.space();
        let start = self.at;
        match self.rest().chars().next() {
            Some(c) if c.is_ascii_digit() => {
                let (factor, unit) = self.number()?;
                Ok(Part { factor, of: Summand::Number(unit), span: start..self.at })
            }
            Some(c) if c.is_alphabetic() => {
                let reference = self.reference()?;
                Ok(Part { factor: 1.0, of: Summand::Metric(reference), span: start..self.at })
            }
            Some(_) => Err(self.wrong("expected a metric or a number")),
            None => Err(self.wrong("a metric or a number is missing here")),
        }
    }

    /// A number in the base unit of what it measures: seconds, bytes, per second.
    fn number(&mut self) -> Read<(f64, Option<Unit>)> {
        let start = self.at;
        let word = self.while_(|c| c.is_alphanumeric() || "._%/".contains(c));
        let plain = word.bytes().all(|b| b.is_ascii_digit() || b"._eE".contains(&b));
        if let Some(x) = word.replace('_', "").parse::<f64>().ok().filter(|_| plain) {
            return Ok((x, None));
        }
        let read = if word.ends_with('%') {
            units::ratio(word).map(|x| (x, Unit::Ratio))
        } else if word.contains('/') {
            units::rate(word).map(|x| (x, Unit::PerSecond))
        } else if word.ends_with('B') {
            units::bytes(word).map(|n| (n as f64, Unit::Bytes))
        } else {
            units::span(word).map(|s| (s.secs(), Unit::Seconds))
        };
        match read {
            Ok((x, unit)) => Ok((x, Some(unit))),
            Err(bad) => Err(Wrong { code: bad.code, span: start..self.at, reason: bad.reason }),
        }
    }

    /// `group.billing.lost@variant[path=value]`.
    fn reference(&mut self) -> Read<Reference> {
        let mut reference = Reference { name: self.dotted()?, variant: None, at: vec![] };
        loop {
            if self.rest().starts_with('@') && reference.variant.is_none() {
                self.at += 1;
                let start = self.at;
                let name = self.while_(|c| c.is_alphanumeric() || "-_.".contains(c)).to_owned();
                if name.is_empty() {
                    return Err(self.wrong("expected the name of a variant, or `base`"));
                }
                reference.variant = Some((name, start..self.at));
            } else if self.rest().starts_with('[') && reference.at.is_empty() {
                self.at += 1;
                reference.at = self.point()?;
            } else {
                return Ok(reference);
            }
        }
    }

    /// A dotted name whose parts may be quoted.
    fn dotted(&mut self) -> Read<String> {
        let start = self.at;
        loop {
            self.while_(|c| c.is_alphanumeric() || "-_.".contains(c));
            let Some(quote @ ('"' | '\'')) = self.rest().chars().next() else { break };
            if !self.text[start..self.at].ends_with('.') {
                break;
            }
            self.quoted(quote)?;
        }
        Ok(self.text[start..self.at].to_owned())
    }

    fn quoted(&mut self, quote: char) -> Read<&'a str> {
        let rest = &self.rest()[1..];
        let Some(end) = rest.find(quote) else { return Err(self.wrong("this quote is not closed")) };
        self.at += end + 2;
        Ok(&rest[..end])
    }

    /// `path=value, path=value]`.
    fn point(&mut self) -> Read<Vec<(String, String, Range<usize>)>> {
        let mut all = Vec::new();
        loop {
            self.space();
            let start = self.at;
            let path = self.dotted()?;
            if path.is_empty() || !self.takes('=') {
                return Err(self.wrong("expected path=value, such as group.billing.consumers=8"));
            }
            self.space();
            let value = match self.rest().chars().next() {
                Some(quote @ ('"' | '\'')) => self.quoted(quote)?.to_owned(),
                _ => self.value(),
            };
            all.push((path, value, start..self.at));
            if self.takes(']') {
                return Ok(all);
            }
            if !self.takes(',') {
                return Err(self.wrong("expected a comma or a closing bracket"));
            }
        }
    }

    /// A bare value up to the comma or bracket that ends it; brackets and braces inside it are its own.
    fn value(&mut self) -> String {
        let start = self.at;
        let mut depth = 0_i32;
        for (i, c) in self.rest().char_indices() {
            match c {
                '{' | '[' => depth += 1,
                ',' | ']' if depth == 0 => {
                    self.at = start + i;
                    return self.text[start..self.at].trim().to_owned();
                }
                '}' | ']' => depth -= 1,
                _ => {}
            }
        }
        self.at = self.text.len();
        self.text[start..].trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str) -> Summand {
        Summand::Metric(Reference { name: name.into(), variant: None, at: vec![] })
    }

    #[test]
    fn sums_have_factors_signs_and_units() {
        let read = parse("2 * group.a.lost - 10 + group.b-c.created*0.5 <= 1m30s").unwrap();
        let factors: Vec<f64> = read.left.iter().map(|p| p.factor).collect();
        assert_eq!(factors, [2.0, -10.0, 0.5]);
        assert_eq!(read.left[0].of, metric("group.a.lost"));
        assert_eq!(read.left[1].of, Summand::Number(None));
        assert_eq!(read.left[2].of, metric("group.b-c.created"));
        assert_eq!(read.relation, Relation::AtMost);
        assert_eq!((read.right[0].factor, &read.right[0].of), (90.0, &Summand::Number(Some(Unit::Seconds))));
        for (text, value, unit) in [
            ("5%", 0.05, Unit::Ratio),
            ("120/m", 2.0, Unit::PerSecond),
            ("2KiB", 2048.0, Unit::Bytes),
            ("0.5ms", 0.0005, Unit::Seconds),
        ] {
            let part = &parse(&format!("a.b.c < {text}")).unwrap().right[0];
            assert_eq!((part.factor, &part.of), (value, &Summand::Number(Some(unit))), "{text}");
        }
    }

    #[test]
    fn metrics_name_variants_and_points() {
        let text =
            "topic.\"orders.v1\".skew@wide-2[group.a.consumers=8, group.a.keys={ hot = 1, b = [2] }] == 1";
        let read = parse(text).unwrap();
        let Summand::Metric(m) = &read.left[0].of else { panic!("a metric") };
        assert_eq!(m.name, "topic.\"orders.v1\".skew");
        assert_eq!(m.variant.as_ref().unwrap().0, "wide-2");
        let at: Vec<(&str, &str)> = m.at.iter().map(|(p, v, _)| (p.as_str(), v.as_str())).collect();
        assert_eq!(at, [("group.a.consumers", "8"), ("group.a.keys", "{ hot = 1, b = [2] }")]);
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let wrong = |text: &str| {
            let wrong = parse(text).unwrap_err();
            (wrong.span.start, wrong.reason)
        };
        assert_eq!(wrong("a.b = 1"), (4, "equality is written ==".into()));
        assert_eq!(wrong("a.b 1"), (4, "expected one of < <= > >= == !=".into()));
        assert_eq!(wrong("a.b <"), (5, "a metric or a number is missing here".into()));
        assert_eq!(wrong("a.b < 5 x"), (8, "the expression should end here".into()));
        assert_eq!(wrong("a.b < 5parsec").0, 6);
        assert_eq!(wrong("a.b[x=1 < 2").0, 11);
    }
}
