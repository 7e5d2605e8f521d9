//! `[expect]`: sentences with the comparison that makes them true, resolved against metrics and variants.

use super::codes;
use super::diagnostics::{Diagnostic, suggest};
use super::expression::{self, Part, Reference, Summand};
use super::metrics;
use super::patch::{dotted, parse_path};
use super::tree::{Node, Place, Table};
use super::{Expectation, MetricRef, Sweep, Term, Variant};
use crate::measure::metric::Unit;
use crate::model::plan::Plan;
use std::ops::Range;

/// Reads every expectation.
pub(super) fn read(
    root: &Table,
    variants: &[Variant],
    sweep: Option<&Sweep>,
    complaints: &mut Vec<Diagnostic>,
) -> Vec<Expectation> {
    let Some(node) = root.get("expect") else { return vec![] };
    let Some(table) = node.table() else {
        let complaint =
            Diagnostic::new(codes::WRONG_TYPE, &node.place, format!("the expectations are {}", node.kind()));
        complaints.push(complaint.label("write [expect]"));
        return vec![];
    };
    let mut all = Vec::with_capacity(table.0.len());
    for entry in &table.0 {
        let Some(text) = entry.node.text() else {
            let title = format!("an expectation is a text, and this is {}", entry.node.kind());
            let complaint = Diagnostic::new(codes::WRONG_TYPE, &entry.node.place, title);
            complaints.push(complaint.label("expected a comparison such as \"group.billing.lost == 0\""));
            continue;
        };
        let mut one = Resolver { root, node: &entry.node, text, variants, sweep, complaints };
        all.extend(one.expectation(&entry.key));
    }
    all
}

struct Resolver<'a> {
    root: &'a Table,
    node: &'a Node,
    text: &'a str,
    variants: &'a [Variant],
    sweep: Option<&'a Sweep>,
    complaints: &'a mut Vec<Diagnostic>,
}

/// A summand with its unit.
struct Resolved {
    factor: f64,
    unit: Option<Unit>,
    metric: Option<MetricRef>,
    span: Range<usize>,
}

impl<'a> Resolver<'a> {
    fn expectation(&mut self, name: &str) -> Option<Expectation> {
        let read = match expression::parse(self.text) {
            Ok(read) => read,
            Err(wrong) => {
                self.say(wrong.code, wrong.span, "this expectation cannot be read", wrong.reason);
                return None;
            }
        };
        let before = self.complaints.len();
        let parts = read.left.len() + read.right.len();
        let in_time = [&read.left, &read.right]
            .into_iter()
            .flatten()
            .any(|p| p.of == Summand::Number(Some(Unit::Seconds)));
        let left: Vec<Resolved> = read.left.into_iter().filter_map(|p| self.part(p, in_time)).collect();
        let right: Vec<Resolved> = read.right.into_iter().filter_map(|p| self.part(p, in_time)).collect();
        if self.complaints.len() > before || left.len() + right.len() < parts {
            return None;
        }
        self.check_units(&left, &right);
        (self.complaints.len() == before).then(|| Expectation {
            name: name.to_owned(),
            expression: self.text.to_owned(),
            left: term(left),
            relation: read.relation,
            right: term(right),
        })
    }

    fn part(&mut self, part: Part, in_time: bool) -> Option<Resolved> {
        let Part { factor, of, span } = part;
        match of {
            Summand::Number(unit) => Some(Resolved { factor, unit, metric: None, span }),
            Summand::Metric(reference) => {
                let (metric, unit) = self.metric(reference, &span, in_time)?;
                Some(Resolved { factor, unit: Some(unit), metric: Some(metric), span })
            }
        }
    }

    fn metric(&mut self, of: Reference, span: &Range<usize>, in_time: bool) -> Option<(MetricRef, Unit)> {
        let plan = self.plan_of(of.variant.as_ref());
        let at = self.point(&of);
        let plan = plan?;
        let found = match metrics::resolve(&of.name, plan) {
            Ok(found) => found,
            Err(reason) => {
                let title = format!("there is no metric `{}`", of.name);
                self.say(codes::UNKNOWN_METRIC, span.start..span.start + of.name.len(), &title, reason);
                return None;
            }
        };
        let found = if in_time { found.in_time() } else { found };
        let (metric, unit) = (found.full(), found.unit);
        Some((MetricRef { metric, variant: of.variant.map(|(name, _)| name), at: at? }, unit))
    }

    /// The plan of the variant that is named, or of the base.
    fn plan_of(&mut self, variant: Option<&(String, Range<usize>)>) -> Option<&'a Plan> {
        let Some((name, span)) = variant else { return self.variants.first().map(|v| &v.plan) };
        let found = self.variants.iter().find(|v| v.name == *name);
        // A variant that could not be read was complained about where it stands.
        let written = self.root.get("variant").and_then(Node::table).is_some_and(|t| t.get(name).is_some());
        if found.is_none() && !written {
            let reason = suggest(name, self.variants.iter().map(|v| v.name.as_str()));
            let title = format!("there is no variant `{name}`");
            self.say(codes::NO_SUCH_VARIANT, span.clone(), &title, reason);
        }
        found.map(|v| &v.plan)
    }

    fn point(&mut self, of: &Reference) -> Option<Vec<(String, String)>> {
        let mut at = Vec::with_capacity(of.at.len());
        for (path, value, span) in &of.at {
            let Some(sweep) = self.sweep else {
                let reason = "the scenario has no sweep".to_owned();
                self.say(codes::NO_SUCH_VARIANT, span.clone(), "there is no such sweep point", reason);
                return None;
            };
            let path = parse_path(path).map_or_else(|| path.clone(), |parts| dotted(&parts));
            let Some((_, values)) = sweep.axes.iter().find(|(axis, _)| *axis == path) else {
                let reason = suggest(&path, sweep.axes.iter().map(|(axis, _)| axis.as_str()));
                let title = format!("the sweep does not vary `{path}`");
                self.say(codes::NO_SUCH_VARIANT, span.clone(), &title, reason);
                return None;
            };
            if !values.contains(value) {
                let title = format!("the sweep has no point `{path}={value}`");
                let reason = format!("its values: {}", values.join(", "));
                self.say(codes::NO_SUCH_VARIANT, span.clone(), &title, reason);
                return None;
            }
            at.push((path, value.clone()));
        }
        Some(at)
    }

    fn check_units(&mut self, left: &[Resolved], right: &[Resolved]) {
        let all = || left.iter().chain(right);
        let Some(first) = all().find(|r| r.metric.is_some()) else {
            let reason = "only numbers are compared".to_owned();
            self.say(codes::EXPECTATION, 0..self.text.len(), "this expectation names no metric", reason);
            return;
        };
        let unit = first.unit.expect("metrics have units");
        for other in all() {
            match other.unit {
                Some(own) if own != unit => {
                    let reason = format!("this is {}, and the rest {}", describe(own), describe(unit));
                    self.say(codes::UNITS_DIFFER, other.span.clone(), "the units do not go together", reason);
                    return;
                }
                None if other.factor != 0.0 && !matches!(unit, Unit::Count | Unit::Ratio) => {
                    let reason = format!("write {}", example(unit));
                    let title = format!("a number without a unit is compared with {}", describe(unit));
                    self.say(codes::NO_UNIT, other.span.clone(), &title, reason);
                    return;
                }
                _ => {}
            }
        }
    }

    /// Complains about a part of the expression; points into the text where the text is written plainly.
    fn say(&mut self, code: &'static str, span: Range<usize>, title: &str, reason: String) {
        let place = match &self.node.place {
            // A text between single quotes has no escapes, and one as long as its source has none either.
            Place::Text(whole) if whole.len() == self.text.len() + 2 => {
                let start = whole.start + 1;
                let end = (start + span.end).max(start + span.start);
                Place::Text(start + span.start..end)
            }
            other => other.clone(),
        };
        self.complaints.push(Diagnostic::new(code, &place, title).label(reason));
    }
}

fn term(parts: Vec<Resolved>) -> Term {
    let mut term = Term { metrics: vec![], constant: 0.0 };
    for part in parts {
        match part.metric {
            Some(metric) => term.metrics.push((part.factor, metric)),
            None => term.constant += part.factor,
        }
    }
    term
}

fn describe(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "a count",
        Unit::Seconds => "a time",
        Unit::PerSecond => "a rate",
        Unit::Ratio => "a share or ratio",
        Unit::Bytes => "a size",
    }
}

fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "a plain number",
        Unit::Seconds => "it with a unit, such as 500ms or 30s",
        Unit::PerSecond => "it with a unit, such as 200/s",
        Unit::Ratio => "a share, such as 5%",
        Unit::Bytes => "it with a unit, such as 10MiB",
    }
}
