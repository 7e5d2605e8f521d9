//! `[[fault]]`: what goes wrong, whom it strikes, and when.

use crate::engine::{Span, Time};
use crate::model::catalog::{Choice, Kind, Member, Param, TargetKind};
use crate::model::fault;
use crate::model::plan::{FaultPlan, When};
use crate::scenario::codes;
use crate::scenario::describe::{self, Section, count, optional};
use crate::scenario::diagnostics::{Diagnostic, listed, suggest};
use crate::scenario::names::Names;
use crate::scenario::read::{Fields, Reader};
use crate::scenario::tree::{Node, Place};

pub(in crate::scenario) const SECTION: Section = Section {
    name: "fault",
    place: "[[fault]]",
    doc: "Something that goes wrong. One key is the kind of fault, with its target (`crash = \"billing/2\"`); \
its own settings stand beside it.",
    params: PARAMS,
};

const PARAMS: &[Param] = &[
    optional("at", Kind::Moments, "When it strikes: a moment, or a list of them."),
    optional(
        "every",
        Kind::Span,
        "It strikes again and again, at this distance, for the first time at `at`.",
    ),
    optional(
        "times",
        count(1, MOST_STRIKES),
        "How often, with `every`; as often as fits the run without it.",
    ),
    optional(
        "until",
        Kind::Span,
        "Not after this moment, with `every` or `mtbf`; the end of the workload without it.",
    ),
    optional(
        "mtbf",
        Kind::Span,
        "It strikes at random: mean time between a repair and the next failure, exponential.",
    ),
    optional(
        "mttr",
        Kind::Span,
        "Mean time to repair, exponential; takes the place of `for` and `restart-after`.",
    ),
    optional("from", Kind::Span, "Not before this moment, with `mtbf`; the start of the run without it."),
    optional("label", Kind::Text, "What charts call it; the kind of fault and its target without it."),
];

/// More strikes than this are a mistake.
const MOST_STRIKES: u64 = 100_000;
/// What members call their length.
const LENGTHS: [&str; 2] = ["for", "restart-after"];

/// A fault as read.
pub(in crate::scenario) struct Draft {
    member: Member,
    fields: Fields,
}

impl Draft {
    /// Where to point for one of its settings.
    pub fn place(&self, key: &str) -> &Place {
        self.fields.place(key)
    }
    /// Whether this setting is written.
    pub fn written(&self, key: &str) -> bool {
        self.fields.written(key)
    }
    /// Where its target stands.
    pub fn target_place(&self) -> &Place {
        self.fields.place(self.member.name)
    }
}

/// Reads one table; nothing if it does not say which fault it is.
pub(in crate::scenario) fn read(reader: &mut Reader<'_, '_>, node: &Node, path: &str) -> Option<Draft> {
    let Some(table) = node.table() else {
        let title = format!("`{path}` is {}, but a table belongs here", node.kind());
        reader
            .say(Diagnostic::new(codes::WRONG_TYPE, &node.place, title).label("expected a [[fault]] table"));
        return None;
    };
    let members = describe::family(fault::FAMILY);
    let mut kinds = table.0.iter().filter_map(|e| members.iter().find(|m| m.name == e.key).map(|m| (m, e)));
    let Some((member, _)) = kinds.next() else {
        complain_of_no_kind(reader, node, &members);
        return None;
    };
    if let Some((_, other)) = kinds.next() {
        let title = format!("a fault is of one kind, and this is `{}` already", member.name);
        let complaint = Diagnostic::new(codes::ONE_CHOICE, &other.place, title);
        reader.say(complaint.label("write a [[fault]] table for each"));
        return None;
    }
    let random = table.get("mttr").is_some();
    let own = member.params.iter().filter(|p| !random || !LENGTHS.contains(&p.name));
    let params: Vec<&'static Param> = own.chain(PARAMS).collect();
    if let Some(length) = table.0.iter().find(|e| random && LENGTHS.contains(&e.key.as_str())) {
        let title = format!("`{}` and `mttr` both say how long the fault lasts", length.key);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, &length.place, title);
        reader.say(complaint.label("leave one of them out"));
    }
    let fields = reader.section(&params, if random { &LENGTHS } else { &[] }, table, &node.place, path);
    Some(Draft { member: *member, fields })
}

fn complain_of_no_kind(reader: &mut Reader<'_, '_>, node: &Node, members: &[Member]) {
    let known = || members.iter().map(|m| m.name);
    let timing = |key: &str| PARAMS.iter().any(|p| p.name == key) || LENGTHS.contains(&key);
    let entries = node.table().map_or(&[][..], |t| &t.0);
    let complaint = match entries.iter().find(|e| !timing(&e.key)) {
        Some(entry) => {
            let title = format!("there is no fault `{}`", entry.key);
            Diagnostic::new(codes::UNKNOWN_MEMBER, &entry.place, title).label(suggest(&entry.key, known()))
        }
        None => Diagnostic::new(codes::ONE_CHOICE, &node.place, "it is not said what goes wrong")
            .label("one key must name the kind of fault and its target, such as crash = \"billing/2\""),
    };
    reader.say(complaint.help(format!("faults: {}", listed(known()))));
}

/// The fault, if its target and its timing make sense.
pub(in crate::scenario) fn build(
    reader: &mut Reader<'_, '_>,
    draft: &Draft,
    names: &Names<'_>,
    duration: Span,
) -> Option<FaultPlan> {
    let (f, name) = (&draft.fields, draft.member.name);
    let kind = draft.member.params.iter().find_map(|p| match p.kind {
        Kind::Target(kind) if p.name == name => Some(kind),
        _ => None,
    });
    let written = f.args.try_text(name).filter(|_| f.written(name));
    let target = match (written.as_deref(), kind) {
        (Some(text), Some(kind)) => target(reader, names, kind, text, f.place(name)),
        _ => None,
    };
    let when = when(reader, f, duration);
    for param in draft.member.params.iter().filter(|p| p.name != name && f.written(p.name)) {
        let Kind::Target(kind) = param.kind else { continue };
        if let Some(text) = f.args.try_text(param.name) {
            self::target(reader, names, kind, &text, f.place(param.name))?;
        }
    }
    let (target, when) = (target?, when?);
    Some(FaultPlan {
        when,
        lasts: LENGTHS.iter().find_map(|length| f.args.try_span(length)),
        target,
        what: Choice::of(fault::MEMBERS, name, f.args.clone()),
        label: f.args.try_text("label").unwrap_or_else(|| format!("{name} {}", written.unwrap_or_default())),
    })
}

fn target(
    reader: &mut Reader<'_, '_>,
    names: &Names<'_>,
    kind: TargetKind,
    text: &str,
    place: &Place,
) -> Option<crate::model::plan::Target> {
    match names.target(kind, text, place) {
        Ok(target) => Some(target),
        Err(complaint) => {
            reader.say(complaint);
            None
        }
    }
}

/// When it strikes.
fn when(reader: &mut Reader<'_, '_>, f: &Fields, duration: Span) -> Option<When> {
    const KEYS: [&str; 7] = ["at", "every", "times", "until", "mtbf", "mttr", "from"];
    if !f.sound(&KEYS) {
        return None;
    }
    let mut wrong = |key: &str, title: &str, label: &str| {
        reader.say(Diagnostic::new(codes::FAULT_TIMING, f.place(key), title).label(label));
        None
    };
    let has = |key: &str| f.written(key);
    let end = Time(duration.0);
    let until = f.args.try_span("until").map_or(end, |s| Time(s.0).min(end));
    if has("mtbf") || has("mttr") {
        if let Some(key) = ["at", "every", "times"].iter().find(|key| has(key)) {
            return wrong(key, "a fault strikes at given moments or at random", "not together with `mtbf`");
        }
        let (Some(mtbf), Some(mttr)) = (f.args.try_span("mtbf"), f.args.try_span("mttr")) else {
            let key = if has("mtbf") { "mtbf" } else { "mttr" };
            return wrong(key, "random faults need both `mtbf` and `mttr`", "the other one is missing");
        };
        for (key, span) in [("mtbf", mtbf), ("mttr", mttr)] {
            if span.is_zero() {
                return wrong(key, "a mean time must be above zero", "this is zero");
            }
        }
        if duration.0 / (mtbf + mttr).0 > MOST_STRIKES {
            return wrong("mtbf", "the fault strikes too often", "more than 100000 times");
        }
        let from = f.args.try_span("from").map_or(Time::ZERO, |s| Time(s.0));
        return Some(When::Random { mtbf, mttr, from, until });
    }
    if has("from") {
        return wrong("from", "`from` belongs to random faults", "write `at` for the first moment");
    }
    let at = f.args.try_moments("at");
    let Some(every) = f.args.try_span("every") else {
        if let Some(key) = ["times", "until"].iter().find(|key| has(key)) {
            return wrong(key, "this says how long a fault goes on striking", "but `every` is missing");
        }
        return match at {
            Some(moments) => Some(When::At(moments)),
            None => {
                wrong("", "it is not said when the fault strikes", "`at`, `every` or `mtbf` is missing here")
            }
        };
    };
    let first = match at.as_deref() {
        None => Time(every.0),
        Some([first]) => *first,
        Some(_) => return wrong("at", "with `every`, a fault has one first moment", "this is a list"),
    };
    let times = f.args.try_count("times");
    let strikes =
        if first > until { 0 } else { ((until - first).0).checked_div(every.0).map_or(u64::MAX, |n| n + 1) };
    let strikes = times.map_or(strikes, |n| if has("until") { n.min(strikes) } else { n });
    if strikes > MOST_STRIKES || every.is_zero() && strikes > 1 {
        return wrong("every", "the fault strikes too often", "more than 100000 times");
    }
    Some(When::At((0..strikes).map(|i| Time(first.0.saturating_add(every.0.saturating_mul(i)))).collect()))
}
