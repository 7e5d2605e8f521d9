//! `[sweep]`: one or two settings with the values they take in turn.

use super::codes;
use super::diagnostics::Diagnostic;
use super::metrics;
use super::parse::Parser;
use super::patch::{self, Patch};
use super::tree::{Data, Entry, Node, Table};
use super::{Point, Sweep, Variant};

/// More points than this take too long even to prepare.
const MOST_POINTS: usize = 5_000;
/// What is shown if nothing else is asked for, per group.
const HEADLINES: [&str; 5] = ["latency.p99", "lag.max", "throughput", "lost", "duplicates"];

/// One setting and its values.
struct Axis {
    patch: Patch,
    values: Vec<Node>,
}

/// Reads the sweep, if there is one, with every variant at every point.
pub(super) fn read(
    parser: &mut Parser<'_, '_>,
    root: &Table,
    changes: &[(String, Vec<Patch>)],
    variants: &[Variant],
) -> Option<Sweep> {
    let entry = root.entry("sweep")?;
    let Some(table) = entry.node.table() else {
        let title = format!("the sweep is {}", entry.node.kind());
        let complaint = Diagnostic::new(codes::WRONG_TYPE, &entry.node.place, title);
        parser.complaints.push(complaint.label("write [sweep]"));
        return None;
    };
    let metrics = shown(parser, table, variants);
    let axes = axes(parser, entry, table, root, changes)?;
    let count = axes.iter().map(|a| a.values.len()).product::<usize>() * variants.len();
    if count > MOST_POINTS {
        let title = format!("the sweep has {count} points, counting variants");
        let complaint = Diagnostic::new(codes::TOO_MUCH, &entry.place, title);
        parser.complaints.push(complaint.label(format!("at most {MOST_POINTS} are possible")));
        return None;
    }
    let mut points = vec![];
    let before = parser.complaints.len();
    for combination in combinations(&axes) {
        points.push(point(parser, root, changes, &combination));
        // One bad value is enough: the same complaint about every later point would help nobody.
        if parser.complaints[before..].iter().filter(|c| c.is_error()).count() >= 20 {
            break;
        }
    }
    let axes = axes
        .iter()
        .map(|axis| (axis.patch.dotted(), axis.values.iter().map(Node::plain).collect()))
        .collect();
    Some(Sweep { axes, metrics, points })
}

fn axes(
    parser: &mut Parser<'_, '_>,
    entry: &Entry,
    table: &Table,
    root: &Table,
    changes: &[(String, Vec<Patch>)],
) -> Option<Vec<Axis>> {
    let paths = Table(table.0.iter().filter(|e| e.key != "metrics").cloned().collect());
    let before = parser.complaints.len();
    let patches = patch::list(&paths, root, &mut parser.complaints);
    if patches.is_empty() && parser.complaints.len() == before || patches.len() > 2 {
        let title = format!("the sweep varies {} settings", patches.len());
        let complaint = Diagnostic::new(codes::SWEEP, &entry.place, title).label("one or two are possible");
        parser.complaints.push(complaint.help("\"group.billing.consumers\" = [2, 4, 8]"));
        return None;
    }
    let mut axes = Vec::new();
    for patch in patches {
        let Data::List(values) = &patch.node.data else {
            let title = format!("`{}` needs the list of its values", patch.dotted());
            let complaint = Diagnostic::new(codes::SWEEP, &patch.node.place, title);
            parser.complaints.push(complaint.label(format!("this is {}", patch.node.kind())));
            continue;
        };
        let twice = values.iter().enumerate().find(|(i, v)| values[..*i].iter().any(|w| w.same(v)));
        if values.is_empty() {
            let title = format!("`{}` has no values", patch.dotted());
            let complaint = Diagnostic::new(codes::SWEEP, &patch.node.place, title);
            parser.complaints.push(complaint.label("the list is empty"));
        }
        if let Some((_, twice)) = twice {
            let title = format!("`{}` takes a value twice", patch.dotted());
            let complaint = Diagnostic::new(codes::SWEEP, &twice.place, title);
            parser.complaints.push(complaint.label("already in the list"));
        }
        for (variant, patches) in changes {
            if let Some(other) = patches.iter().find(|p| p.path == patch.path) {
                let title = format!("`{variant}` sets what the sweep varies");
                let complaint = Diagnostic::new(codes::EXCLUSIVE, &other.place, title);
                parser.complaints.push(complaint.label("its points would all be the same"));
            }
        }
        let mut tried = root.clone();
        let first = values.first().cloned().unwrap_or_else(|| patch.node.clone());
        let possible = parser.apply(&mut tried, &[Patch { node: first, ..patch.clone() }]);
        let values = values.clone();
        if possible {
            axes.push(Axis { patch, values });
        }
    }
    (parser.complaints.len() == before).then_some(axes)
}

/// Every combination of values, the last axis running fastest.
fn combinations(axes: &[Axis]) -> Vec<Vec<Patch>> {
    let mut all: Vec<Vec<Patch>> = vec![vec![]];
    for axis in axes {
        let with = |begun: &Vec<Patch>| {
            let one = |value: &Node| {
                let patch = Patch { node: value.clone(), ..axis.patch.clone() };
                begun.iter().cloned().chain([patch]).collect()
            };
            axis.values.iter().map(one).collect::<Vec<Vec<Patch>>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

fn point(
    parser: &mut Parser<'_, '_>,
    root: &Table,
    changes: &[(String, Vec<Patch>)],
    combination: &[Patch],
) -> Point {
    let at: Vec<(String, String)> = combination.iter().map(|p| (p.dotted(), p.node.plain())).collect();
    let mut base = root.clone();
    parser.apply(&mut base, combination);
    let label = at.iter().map(|(path, value)| format!("{path}={value}")).collect::<Vec<_>>().join(", ");
    let refs: Vec<&Patch> = combination.iter().collect();
    let wherein = format!("at {label}");
    let mut variants =
        vec![Variant { name: "base".into(), plan: parser.changed(&base, &refs, &wherein, false) }];
    for (name, patches) in changes {
        let mut changed = base.clone();
        parser.apply(&mut changed, patches);
        let refs: Vec<&Patch> = combination.iter().chain(patches).collect();
        let wherein = format!("variant `{name}` {wherein}");
        let plan = parser.changed(&changed, &refs, &wherein, false);
        variants.push(Variant { name: name.clone(), plan });
    }
    Point { at, variants }
}

/// The metrics to show: those asked for, or the headlines of every group.
fn shown(parser: &mut Parser<'_, '_>, table: &Table, variants: &[Variant]) -> Vec<String> {
    let plan = &variants[0].plan;
    let Some(node) = table.get("metrics") else {
        let of =
            |group: &crate::model::plan::GroupPlan| HEADLINES.map(|m| format!("group.{}.{m}", group.name));
        return plan.groups.iter().flat_map(of).collect();
    };
    let Data::List(items) = &node.data else {
        let complaint =
            Diagnostic::new(codes::WRONG_TYPE, &node.place, format!("`metrics` is {}", node.kind()));
        parser.complaints.push(complaint.label("expected a list of metrics, [\"group.billing.lost\"]"));
        return vec![];
    };
    let mut all = Vec::new();
    for item in items {
        let Some(text) = item.text() else {
            let title = format!("a metric is a text, and this is {}", item.kind());
            parser
                .complaints
                .push(Diagnostic::new(codes::WRONG_TYPE, &item.place, title).label("expected a text"));
            continue;
        };
        match metrics::resolve(text, plan) {
            Ok(found) => all.push(found.full()),
            Err(wrong) => {
                let title = format!("there is no metric `{text}`");
                let complaint = Diagnostic::new(codes::UNKNOWN_METRIC, &item.place, title);
                parser.complaints.push(complaint.label(wrong));
            }
        }
    }
    all
}
