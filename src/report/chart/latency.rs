//! Distribution of the end-to-end latency in every variant, down to one event in a thousand.
//!
//! The latency axis is logarithmic; the share of events is drawn as `-log10(1 - p)`, so that the tail,
//! which an ordinary distribution curve squeezes into its last pixel, gets most of the room.

use crate::experiment::results::Results;
use crate::report::chart::Chart;
use crate::report::chart::contrast::contrast;
use crate::report::chart::sheet::{EDGE, Sheet, WIDTH, all_runs};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink, Stroke};
use crate::report::draw::panel::{BELOW, Frame, Lines, Panel};
use crate::report::draw::theme::{FAINT, HUES, hue};
use crate::report::number::{ABSENT, Unit, number, times};
use crate::report::reading::group_metric;
use crate::stats::Histogram;

const HEIGHT: f64 = 320.0;
/// Height of a line of labels above the plot.
const LANE: f64 = 16.0;
const DOTS: [f64; 3] = [0.5, 0.99, 0.999];

/// A variant's curve.
struct Curve<'a> {
    index: usize,
    name: &'a str,
    latency: &'a Histogram,
}

impl Curve<'_> {
    fn quantile(&self, q: f64) -> Option<f64> {
        // With few events the far tail is not a quantile but the greatest value; it is not drawn.
        let stated = self.latency.count() as f64 * (1.0 - q) >= 1.0;
        self.latency.quantile(q).filter(|_| stated).map(|nanos| nanos as f64 / 1e9)
    }

    fn label(&self) -> String {
        let q = |q: f64| self.quantile(q).map_or_else(|| ABSENT.to_owned(), |s| number(s, Unit::Seconds));
        format!("p50 {}, p99 {}, p99.9 {}", q(0.5), q(0.99), q(0.999))
    }
}

/// The chart for a group; `None` if no event was applied.
pub(crate) fn chart(results: &Results, group: &str) -> Option<Chart> {
    let curves: Vec<Curve<'_>> = results
        .variants
        .iter()
        .enumerate()
        .filter_map(|(index, v)| Some(Curve { index, name: &v.name, latency: v.latency.get(group)? }))
        .filter(|c| c.latency.count() > 0)
        .collect();
    if curves.is_empty() {
        return None;
    }
    let count = curves.iter().map(|c| c.latency.count()).min().unwrap_or(0);
    let sheet = Sheet {
        stem: format!("latency-{group}"),
        title: finding(results, group, &curves),
        subtitle: format!(
            "from creation to effect, group {group}; share of events at or below; dots: p50, p99, p99.9; \
             at least {} events per variant; {}",
            number(count as f64, Unit::Count),
            all_runs(results).replace("mean of", "all of").replace(" with its 95\u{a0}% interval", ""),
        ),
        alt: describe(&curves),
    };
    let ends: Vec<f64> =
        curves.iter().filter_map(|c| c.quantile(0.999).or(c.quantile(0.99)).or(c.quantile(0.5))).collect();
    let starts = curves.iter().filter_map(|c| c.quantile(0.001).or(c.latency.min().map(|n| n as f64 / 1e9)));
    let low = starts.fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(0.0, f64::max);
    let x = Axis::log(low, high * 1.05, Unit::Seconds).titled("latency");
    let left = 62.0;
    let width = WIDTH - left - EDGE - 10.0;
    let lanes = LANE * (curves.len() + 1) as f64;
    Some(sheet.draw(lanes + HEIGHT + BELOW + 8.0, |canvas, top| {
        let frame = Frame { left, top: top + lanes, width, height: HEIGHT };
        let mut panel = Panel::new(canvas, frame, x, Axis::tail());
        panel.mesh(Lines { x_grid: true, y_grid: true, base: true });
        draw(canvas, &panel, &curves);
    }))
}

fn draw(canvas: &Canvas<'_>, panel: &Panel<'_, '_>, curves: &[Curve<'_>]) {
    for c in curves.iter().rev() {
        let n = c.latency.count() as f64;
        let points = c.latency.cumulative().map(|(nanos, below)| (nanos as f64 / 1e9, below as f64 / n));
        let stroke = Stroke { dashed: c.index >= HUES.len(), ..Stroke::new(hue(c.index).fill, 2.0) };
        let last = DOTS.iter().rev().find_map(|q| c.quantile(*q).map(|s| (s, *q)));
        let start = c.latency.min().map(|nanos| (nanos as f64 / 1e9, 0.0));
        let line = start.into_iter().chain(points.take_while(|(_, p)| *p <= 0.999)).chain(last);
        panel.line(line.filter(|(_, p)| last.is_none_or(|l| *p <= l.1)), stroke);
        for q in DOTS {
            if let Some(s) = c.quantile(q) {
                canvas.dot(panel.at(s, q), 3.4, hue(c.index).fill);
            }
        }
    }
    staircase(canvas, panel, curves);
}

/// Names stand above the plot, each to the left of a line down to the end of its curve; further right is
/// further up, so that no such line crosses another name.
fn staircase(canvas: &Canvas<'_>, panel: &Panel<'_, '_>, curves: &[Curve<'_>]) {
    let end = |c: &Curve<'_>| {
        DOTS.iter()
            .rev()
            .find_map(|q| c.quantile(*q).map(|s| panel.at(s, *q)))
            .unwrap_or((panel.frame.left, panel.frame.bottom()))
    };
    let mut order: Vec<(&Curve<'_>, (f64, f64))> = curves.iter().map(|c| (c, end(c))).collect();
    order.sort_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.0.index.cmp(&b.0.index)));
    let (name, note) = (Ink::NOTE.bold().right(), Ink::NOTE.right());
    let (mut lane, mut taken) = (0.0, f64::NEG_INFINITY);
    for (c, (x, y)) in order {
        let value =
            c.quantile(0.99).map_or_else(String::new, |s| format!("p99 {}", number(s, Unit::Seconds)));
        let width = name.width(c.name) + 7.0 + note.width(&value);
        let right = (x - 5.0).max(EDGE + width);
        if right - width < taken + 8.0 {
            lane += 1.0;
        }
        taken = x.max(right);
        let at = panel.frame.top - 12.0 - LANE * lane;
        canvas.line(&[(x, y - 4.5), (x, at - 6.0)], Stroke::new(FAINT, 0.8));
        canvas.text((right, at), &value, note);
        canvas.text((right - note.width(&value) - 7.0, at), c.name, name.colour(hue(c.index).text));
    }
}

fn finding(results: &Results, group: &str, curves: &[Curve<'_>]) -> String {
    let contrast = contrast(results, &group_metric(group, "latency.p99"));
    let name = |i: usize| &results.variants[i].name;
    match contrast {
        Some(c) if c.proven && c.least.1 > 0.0 && c.most.1 / c.least.1 >= 1.1 => format!(
            "The p99 latency of {group} is {} times as long with {} as with {}",
            times(c.most.1 / c.least.1),
            name(c.most.0),
            name(c.least.0)
        ),
        Some(c) if results.replications > 1 && !c.proven => {
            format!("No difference shown between the variants in the p99 latency of {group}")
        }
        _ => {
            let worst = curves.iter().filter_map(|c| Some((c.quantile(0.99)?, c.quantile(0.5)?)));
            let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0));
            worst.map_or_else(
                || format!("Latency of the events for {group}"),
                |(p99, p50)| {
                    let more = if curves.len() > 1 { " or more in the slowest variant" } else { " or more" };
                    format!(
                        "Half of the events for {group} take {} at most, one in a hundred {}{more}",
                        number(p50, Unit::Seconds),
                        number(p99, Unit::Seconds)
                    )
                },
            )
        }
    }
}

fn describe(curves: &[Curve<'_>]) -> String {
    let rows = curves.iter().map(|c| format!("{}: {}", c.name, c.label()));
    format!("Distribution curves, one per variant. {}.", rows.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn quantiles_that_few_events_cannot_state_are_not_drawn() {
        let mut latency = Histogram::default();
        latency.record_n(1_000_000, 90);
        latency.record_n(5_000_000, 110);
        let curve = Curve { index: 0, name: "base", latency: &latency };
        assert_eq!(curve.quantile(0.999), None);
        assert!(curve.quantile(0.99).is_some());
        let mut results = fixture::results();
        results.variants.truncate(1);
        results.variants[0].latency.insert("billing".into(), latency);
        let chart = chart(&results, "billing").expect("events");
        assert!(chart.alt.contains("p99.9 –"), "{}", chart.alt);
    }

    #[test]
    fn without_events_there_is_no_chart() {
        assert!(chart(&fixture::nothing(), "g").is_none());
    }
}
