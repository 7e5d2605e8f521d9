//! `[precision]`: metrics with the relative half-width their intervals shall have before replications end.

use super::Precision;
use super::codes;
use super::diagnostics::Diagnostic;
use super::metrics;
use super::read::{Got, Reader, join, refs};
use super::sections::precision::{PARAMS, SECTION};
use super::tree::{Data, Entry, Table};
use crate::model::catalog::{Kind, Value};
use crate::model::plan::Plan;

/// Reads what precision is asked for, if any is. `replications` are made in any case.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    root: &Table,
    plan: &Plan,
    replications: u32,
) -> Option<Precision> {
    let whole = root.entry(SECTION.name)?;
    let Some(table) = whole.node.table() else {
        let title = format!("the precision is {}", whole.node.kind());
        let complaint = Diagnostic::new(codes::WRONG_TYPE, &whole.node.place, title);
        reader.say(complaint.label("write [precision]"));
        return None;
    };
    if plan.batch_means {
        let title = "a precision is reached by replications, and batch means are made from one long run";
        let complaint = Diagnostic::new(codes::EXCLUSIVE, &whole.place, title);
        reader.say(complaint.label("contradicts `intervals = \"batch-means\"`"));
        return None;
    }
    let own = |e: &&Entry| PARAMS.iter().all(|p| p.name != e.key);
    let named: Vec<&str> = table.0.iter().filter(own).map(|e| e.key.as_str()).collect();
    let fields = reader.section(&refs(PARAMS), &named, table, &whole.place, SECTION.name);
    let before = reader.complaints.len();
    let targets: Vec<(String, f64)> =
        table.0.iter().filter(own).filter_map(|e| target(reader, e, plan)).collect();
    if targets.is_empty() && reader.complaints.len() == before {
        let complaint = Diagnostic::new(codes::PRECISION, &whole.place, "the precision names no metric");
        reader.say(complaint.label("of what?").help("\"group.billing.latency.p99\" = \"5%\""));
    }
    let most = fields.args.count("max-replications") as u32;
    if most < replications && fields.sound(&["max-replications"]) {
        let title = format!("`max-replications` is {most}, and `replications` is {replications}");
        let complaint = Diagnostic::new(codes::PRECISION, fields.place("max-replications"), title);
        reader.say(complaint.label("must not be below `replications`, which are made in any case"));
    }
    Some(Precision { targets, max_replications: most })
}

fn target(reader: &mut Reader<'_, '_>, entry: &Entry, plan: &Plan) -> Option<(String, f64)> {
    let path = join(SECTION.name, &entry.key);
    if let Data::Table(_) = entry.node.data {
        let title = format!("`{path}` is a table, but a share belongs here");
        let complaint = Diagnostic::new(codes::WRONG_TYPE, &entry.place, title).label("expected a metric");
        reader.say(complaint.help("a metric stands in quotes: \"group.billing.latency.p99\" = \"5%\""));
        return None;
    }
    let Got::Value(Value::Number(target)) = reader.read(Kind::Ratio, &entry.node, &path)? else {
        panic!("a share is a number");
    };
    match metrics::resolve(&entry.key, plan) {
        Err(wrong) => {
            let title = format!("there is no metric `{}`", entry.key);
            reader.say(Diagnostic::new(codes::UNKNOWN_METRIC, &entry.place, title).label(wrong));
            None
        }
        Ok(_) if target <= 0.0 => {
            let title = format!("`{}` can never be known exactly", entry.key);
            let complaint = Diagnostic::new(codes::PRECISION, &entry.node.place, title);
            reader.say(complaint.label("expected more than 0%"));
            None
        }
        Ok(found) => Some((found.full(), target)),
    }
}
