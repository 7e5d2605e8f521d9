//! The tables of the report, as grids of texts: one per group over the variants, and one of the sweep.
//!
//! Knows what is worth a row; knows nothing of terminals or pages.

use crate::experiment::LEVEL;
use crate::experiment::results::{BatchEstimate, Reached, Results, VariantResult};
use crate::report::grid::Grid;
use crate::report::number::{self, ABSENT, NBSP_TEXT, Unit};
use crate::report::reading::{any_seen, estimate, group_metric, trials};
use crate::report::wording::Wording;
use crate::stats::rate_upper_bound;

/// Written for a rate of which nothing was seen; its upper bound stands below the table.
pub(crate) const NONE_SEEN: &str = "none seen";

/// When a row is shown, and how its zero is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    /// Whenever a variant states it.
    Plain,
    /// The same; its zero is `none seen`.
    Harm,
    /// Only when something was seen.
    IfSeen,
}

const ROWS: [(&str, &str, Unit, Row); 22] = [
    ("created", "created", Unit::Count, Row::Plain),
    ("applied", "applied", Unit::Count, Row::Plain),
    ("lost", "lost", Unit::Count, Row::Harm),
    ("duplicate effects", "duplicates", Unit::Count, Row::Harm),
    ("shed", "shed", Unit::Count, Row::Harm),
    ("dead-lettered", "dead-lettered", Unit::Count, Row::Harm),
    ("expired", "expired", Unit::Count, Row::IfSeen),
    ("pending at the end", "pending", Unit::Count, Row::Plain),
    ("order violations", "order-violations", Unit::Count, Row::IfSeen),
    ("lag p50, records", "lag.p50", Unit::Count, Row::Plain),
    ("lag p99, records", "lag.p99", Unit::Count, Row::Plain),
    ("lag max, records", "lag.max", Unit::Count, Row::Plain),
    ("lag p50, time", "lag-time.p50", Unit::Seconds, Row::Plain),
    ("lag p99, time", "lag-time.p99", Unit::Seconds, Row::Plain),
    ("lag max, time", "lag-time.max", Unit::Seconds, Row::Plain),
    ("latency p50", "latency.p50", Unit::Seconds, Row::Plain),
    ("latency p99", "latency.p99", Unit::Seconds, Row::Plain),
    ("latency p99.9", "latency.p99.9", Unit::Seconds, Row::Plain),
    ("latency max", "latency.max", Unit::Seconds, Row::IfSeen),
    ("rebalances", "rebalances", Unit::Count, Row::Plain),
    ("partitions stood still", "stalled", Unit::Seconds, Row::Plain),
    ("drain time", "drain-time", Unit::Seconds, Row::Plain),
];

/// What happened to a group in each variant: metrics as rows, variants as columns.
pub(crate) fn of_group(results: &Results, group: &str) -> Grid {
    let variants = &results.variants;
    let mut rows = Vec::new();
    for (label, tail, unit, row) in ROWS {
        let metric = group_metric(group, tail);
        let stated = variants.iter().any(|v| estimate(v, &metric).is_some());
        if !stated || (row == Row::IfSeen && !any_seen(variants, &metric)) {
            continue;
        }
        let cells = variants.iter().map(|v| cell(v, &metric, unit, row != Row::Plain)).collect();
        rows.push((label.to_owned(), cells));
    }
    let columns = variants.iter().map(|v| v.name.clone()).collect();
    Grid { corner: String::new(), columns, rows }
}

fn cell(variant: &VariantResult, metric: &str, unit: Unit, harm: bool) -> String {
    match estimate(variant, metric) {
        None => ABSENT.to_owned(),
        Some(e) if harm && e.mean == 0.0 => NONE_SEEN.to_owned(),
        Some(e) => number::estimate(e, unit),
    }
}

/// What `none seen` in the table of a group allows to conclude; `None` where it is not written.
pub(crate) fn none_seen_note(results: &Results, group: &str) -> Option<String> {
    let harms: Vec<_> = ROWS.iter().filter(|r| r.3 == Row::Harm).map(|r| group_metric(group, r.1)).collect();
    let clean =
        |v: &&VariantResult| harms.iter().any(|metric| estimate(v, metric).is_some_and(|e| e.mean == 0.0));
    // The fewest trials give the weakest bound, which then holds for all.
    let n = results.variants.iter().filter(clean).map(|v| trials(v, group)).reduce(f64::min)?;
    (n >= 1.0).then(|| {
        format!(
            "none seen in {}{NBSP_TEXT}events: were they independent, the rate is below {} with 95{NBSP_TEXT}% \
             confidence",
            number::number(n, Unit::Count),
            number::small_share(rate_upper_bound(n as u64, LEVEL)),
        )
    })
}

/// Fewer events than this that met a fate are few enough to be named with their exact bounds.
const RARE: u64 = 30;

/// What was seen, but seldom, in each variant of a group: the count over all replications, and the exact bounds
/// of its probability, which hold where an interval around a mean of few does not.
pub(crate) fn rare_notes(results: &Results, group: &str) -> Vec<String> {
    let mut notes = Vec::new();
    for v in &results.variants {
        for (label, tail, ..) in ROWS {
            let Some(rate) = v.rates.get(&group_metric(group, tail)) else { continue };
            if rate.seen > 0 && rate.seen < RARE {
                notes.push(format!(
                    "{label}, {}: {} of {}{NBSP_TEXT}events; were they independent, the rate is {} to {} (exact \
                     95{NBSP_TEXT}% bounds)",
                    v.name,
                    rate.seen,
                    number::number(rate.of as f64, Unit::Count),
                    number::small_share(rate.low),
                    number::small_share(rate.high),
                ));
            }
        }
    }
    notes
}

/// The means of one long run with their intervals from batches, in each variant that has them.
pub(crate) fn batch_notes(results: &Results, group: &str) -> Vec<String> {
    let mut notes = Vec::new();
    for v in &results.variants {
        let own = |metric: &str| Wording::of(metric, &results.groups, &results.producers).owner == group;
        let one = |(metric, b): (&String, &BatchEstimate)| {
            let words = Wording::of(metric, &results.groups, &results.producers);
            let half = Some((b.high - b.low) / 2.0);
            format!("{} {}", words.noun, number::mean_and_half(b.mean, half, words.unit))
        };
        let parts: Vec<_> = v.batch_means.iter().filter(|(m, _)| own(m)).collect();
        if let Some((_, first)) = parts.first() {
            let n = first.batches;
            let means: Vec<_> = parts.into_iter().map(one).collect();
            notes.push(format!("by batch means, {n} batches of one run, {}: {}", v.name, means.join("; ")));
        }
    }
    notes
}

/// How well the metrics are known of which a precision was asked for; `None` if none was.
pub(crate) fn precision_note(results: &Results) -> Option<String> {
    let one = |p: &Reached| {
        let words = Wording::of(&p.metric, &results.groups, &results.producers);
        let (what, asked) = (words.full(), number::number(p.target, Unit::Share));
        match p.reached {
            None => format!("{what} cannot be stated everywhere ({asked} asked for)"),
            Some(reached) => {
                let only = if p.met { "" } else { "only " };
                format!("{what} known to {only}{} ({asked} asked for)", number::number(reached, Unit::Share))
            }
        }
    };
    let all: Vec<String> = results.precision.iter().map(one).collect();
    (!all.is_empty())
        .then(|| format!("precision after {} replications: {}", results.replications, all.join("; ")))
}

/// The metrics that a sweep shows: those the scenario asks for, else the headlines of the first group.
pub(crate) fn sweep_metrics(results: &Results) -> Vec<String> {
    if !results.sweep_metrics.is_empty() {
        return results.sweep_metrics.clone();
    }
    let headlines = ["latency.p99", "lag.max", "duplicates", "lost"];
    let group = results.groups.first();
    group.map_or_else(Vec::new, |g| headlines.iter().map(|tail| group_metric(g, tail)).collect())
}

/// The sweep: points (and variants, where there are several) as rows, metrics as columns.
pub(crate) fn of_sweep(results: &Results) -> Option<Grid> {
    let first = results.sweep.first()?;
    let metrics = sweep_metrics(results);
    let words: Vec<_> = metrics.iter().map(|m| Wording::of(m, &results.groups, &results.producers)).collect();
    let several = results.sweep.iter().any(|p| p.variants.len() > 1);
    let mut rows = Vec::new();
    for point in &results.sweep {
        let at: Vec<_> = point.at.iter().map(|(_, value)| value.as_str()).collect();
        for v in &point.variants {
            let label = if several { format!("{} · {}", at.join(" · "), v.name) } else { at.join(" · ") };
            let cells = metrics.iter().zip(&words).map(|(m, w)| cell(v, m, w.unit, false)).collect();
            rows.push((label, cells));
        }
    }
    let mut corner: Vec<_> = first.at.iter().map(|(path, _)| last_part(path)).collect();
    if several {
        corner.push("variant");
    }
    let columns = words.iter().map(Wording::full).collect();
    Some(Grid { corner: corner.join(" · "), columns, rows })
}

/// `consumers` of `group.billing.consumers`.
pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_zero_that_matters_is_none_seen_with_its_bound() {
        let results = fixture::results();
        let grid = of_group(&results, "billing");
        let row = |label: &str| grid.rows.iter().find(|(l, _)| l == label).map(|(_, cells)| cells.clone());
        assert_eq!(row("lost").expect("shown")[0], "none seen");
        assert!(row("lost").expect("shown")[1].contains('±'));
        assert_eq!(row("expired"), None, "rows of nothing are left out");
        // Ten replications of 210 400 events: 3 / 2.1e6 is 1.4 per million.
        let note = none_seen_note(&results, "billing").expect("something is none seen");
        assert!(note.replace('\u{a0}', " ").contains("below 1.4 per million"), "{note}");
    }

    #[test]
    fn what_was_seldom_seen_has_exact_bounds() {
        let notes = rare_notes(&fixture::results(), "billing");
        assert_eq!(notes.len(), 3, "one per variant");
        // Of three in 2 104 000, the exact bounds are 0.62 and 8.77 events.
        assert_eq!(
            notes[0].replace('\u{a0}', " "),
            "dead-lettered, base: 3 of 2.10M events; were they independent, the rate is 0.29 per million to 4.2 per \
             million (exact 95 % bounds)"
        );
        assert_eq!(rare_notes(&fixture::nothing(), "g"), [""; 0]);
    }

    #[test]
    fn batch_means_are_labelled_as_such() {
        let mut results = fixture::results();
        assert_eq!(batch_notes(&results, "billing"), [""; 0]);
        let b = BatchEstimate { mean: 0.012, low: 0.0115, high: 0.0125, batches: 20, correlation: 0.1 };
        results.variants[1].batch_means =
            [("group.billing.latency.mean", b), ("group.audit.latency.mean", b)]
                .map(|(m, b)| (m.to_owned(), b))
                .into();
        let notes = batch_notes(&results, "billing");
        assert_eq!(
            notes[0].replace('\u{a0}', " "),
            "by batch means, 20 batches of one run, careless: mean latency 12.00 ± 0.50 ms"
        );
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_precision_is_said_with_what_it_came_to() {
        let mut results = fixture::results();
        assert_eq!(precision_note(&results), None);
        let of = |metric: &str, reached, met| Reached {
            metric: metric.into(),
            target: 0.05,
            reached,
            at: "base".into(),
            cell: 0,
            met,
        };
        results.precision = vec![
            of("group.billing.latency.p99", Some(0.0417), true),
            of("group.billing.lag.p99", Some(0.2), false),
            of("group.billing.drain-time", None, false),
        ];
        assert_eq!(
            precision_note(&results).expect("asked for"),
            "precision after 10 replications: p99 latency of billing known to 4.17% (5% asked for); p99 lag of \
             billing known to only 20% (5% asked for); drain time of billing cannot be stated everywhere (5% asked \
             for)"
        );
    }

    #[test]
    fn a_sweep_has_a_row_per_point_and_variant() {
        let grid = of_sweep(&fixture::two_parameters()).expect("a sweep");
        assert_eq!(grid.corner, "service-time · consumers · variant");
        assert_eq!(grid.rows.len(), 12 * 3);
        assert_eq!(grid.rows[3].0, "1ms · 2 · base");
    }
}
