//! Lag of a group in every variant over time, in records and in time, with intervals.

use crate::experiment::results::{Results, SeriesBand, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::contrast::contrast;
use crate::report::chart::marks::Bands;
use crate::report::chart::sheet::{EDGE, Sheet, WIDTH, all_runs};
use crate::report::chart::traces::band;
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink, Stroke};
use crate::report::draw::label::spread;
use crate::report::draw::panel::{BELOW, Frame, Lines, Panel};
use crate::report::draw::theme::{HUES, hue};
use crate::report::number::{Unit, number, short, times};
use crate::report::reading::{greatest, group_metric, mean};

/// The chart for a group; `None` if its lag was not watched.
pub(crate) fn chart(results: &Results, group: &str) -> Option<Chart> {
    let records = lines(results, &group_metric(group, "lag"));
    let times = lines(results, &group_metric(group, "lag-time"));
    let first = records.first().or(times.first())?;
    let bands = Bands::of(&first.1.first, Some(group), results.warm_up.secs()).faults_only();
    let others = results.variants.iter().map(|v| &v.first);
    let bands = others.fold(bands, Bands::shared_with);
    let sheet = Sheet {
        stem: format!("lag-{group}"),
        title: finding(results, group),
        subtitle: format!("{}{}", all_runs(results), bands.note()),
        alt: describe(results, group),
    };
    let panels: Vec<_> = [
        (records, Unit::Count, format!("records that {group} is behind")),
        (times, Unit::Seconds, format!("age of the oldest record that {group} has yet to process")),
    ]
    .into_iter()
    .filter(|(lines, ..)| !lines.is_empty())
    .collect();
    let step = if panels.len() > 1 { 220.0 } else { 320.0 } + BELOW + 32.0;
    Some(sheet.draw(step * panels.len() as f64, |canvas, top| {
        for (i, (lines, unit, what)) in panels.iter().enumerate() {
            let top = top + step * i as f64 + 24.0;
            canvas.text((EDGE, top - 19.0), what, Ink::NOTE);
            draw(canvas, top, step - BELOW - 32.0, lines, *unit, &bands);
        }
    }))
}

type Line<'a> = (usize, &'a VariantResult, &'a SeriesBand);

fn lines<'a>(results: &'a Results, series: &str) -> Vec<Line<'a>> {
    let all = results.variants.iter().enumerate();
    all.filter_map(|(i, v)| Some((i, v, band(v, series)?))).collect()
}

fn draw(canvas: &Canvas<'_>, top: f64, height: f64, lines: &[Line<'_>], unit: Unit, bands: &Bands) {
    let end = lines.iter().map(|(_, v, _)| v.first.end.secs()).fold(0.0, f64::max);
    let highest = greatest(lines.iter().flat_map(|(_, _, b)| b.high.iter().chain(&b.mean).copied()));
    let least = if unit == Unit::Count { 10.0 } else { 0.001 };
    let y = Axis::linear(highest.unwrap_or(0.0).max(least) * bands.headroom(height), unit, 5);
    let label = Ink::NOTE.bold();
    let room = lines.iter().map(|(_, v, _)| label.width(&v.name)).fold(50.0, f64::max).min(190.0);
    let left = 56.0_f64.max(y.label_width() + 18.0);
    let frame = Frame { left, top, width: WIDTH - left - room - 22.0, height };
    let mut panel = Panel::new(canvas, frame, Axis::time(end, 7), y);
    bands.shade(&panel);
    panel.mesh(Lines { y_grid: true, base: true, ..Lines::default() });
    let at = |b: &SeriesBand, i: usize| b.step.secs() * (i + 1) as f64;
    for (i, v, b) in lines {
        if v.digests.len() > 1 {
            let edges = b.low.iter().zip(&b.high).enumerate().map(|(k, (low, high))| (at(b, k), *low, *high));
            // Many bands one over the other would hide the lines.
            panel.band(edges, hue(*i).fill, if lines.len() > 4 { 0.07 } else { 0.16 });
        }
    }
    for (i, _, b) in lines.iter().rev() {
        // Hues repeat after the sixth variant; dashes tell the second round apart.
        let stroke = Stroke { dashed: *i >= HUES.len(), ..Stroke::new(hue(*i).fill, 2.0) };
        panel.line(b.mean.iter().enumerate().map(|(k, v)| (at(b, k), *v)), stroke);
    }
    bands.name(&panel);
    let last = |b: &SeriesBand| b.mean.iter().rev().copied().find(|v| v.is_finite()).unwrap_or(0.0);
    let wishes: Vec<f64> = lines.iter().map(|(_, _, b)| panel.at(0.0, last(b)).1).collect();
    let places = spread(&wishes, 15.0, frame.top + 5.0, frame.bottom() - 5.0);
    for (y, (i, v, _)) in places.into_iter().zip(lines) {
        canvas.text_within((frame.right() + 7.0, y), &v.name, label.colour(hue(*i).text), room);
    }
}

fn finding(results: &Results, group: &str) -> String {
    let metric = group_metric(group, "lag.max");
    let name = |i: usize| &results.variants[i].name;
    match contrast(results, &metric) {
        Some(c) if c.proven && c.least.1 > 0.0 && c.most.1 / c.least.1 >= 1.1 => format!(
            "At its peak, {group} is {} times as far behind with {} as with {}",
            times(c.most.1 / c.least.1),
            name(c.most.0),
            name(c.least.0)
        ),
        Some(c) if c.proven => format!(
            "{group} falls furthest behind with {}: {} records, against {} with {}",
            name(c.most.0),
            short(c.most.1, Unit::Count),
            short(c.least.1, Unit::Count),
            name(c.least.0)
        ),
        Some(c) if c.most.1 == 0.0 => format!("{group} is never behind in any variant"),
        Some(c) if results.replications > 1 => format!(
            "No difference shown between the variants in the peak lag of {group}: {} to {} records",
            short(c.least.1, Unit::Count),
            short(c.most.1, Unit::Count)
        ),
        Some(c) => format!(
            "{group} falls {} to {} records behind, depending on the variant (one run of each)",
            short(c.least.1, Unit::Count),
            short(c.most.1, Unit::Count)
        ),
        None => alone(results, group, &metric),
    }
}

fn alone(results: &Results, group: &str, metric: &str) -> String {
    let Some(variant) = results.variants.iter().find(|v| v.estimates.contains_key(metric)) else {
        return format!("Lag of {group} over time");
    };
    match (mean(variant, metric), variant.estimates[metric].mean.is_finite()) {
        (_, false) => format!("The lag of {group} could not be measured"),
        (0.0, _) => format!("{group} is never behind"),
        (peak, _) => {
            let drain = mean(variant, &group_metric(group, "drain-time"));
            let after = if drain > 0.0 {
                format!(" and needs {} to catch up", number(drain, Unit::Seconds))
            } else {
                String::new()
            };
            format!("{group} falls up to {} records behind{after}", short(peak, Unit::Count))
        }
    }
}

fn describe(results: &Results, group: &str) -> String {
    let peaks = results
        .variants
        .iter()
        .map(|v| format!("{} {}", v.name, short(mean(v, &group_metric(group, "lag.max")), Unit::Count)));
    format!(
        "Lines over time, one per variant. Greatest lag in records: {}.",
        peaks.collect::<Vec<_>>().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_winner_only_with_proof() {
        let mut results = fixture::results();
        let title = |r: &Results| chart(r, "billing").expect("bands").title;
        assert_eq!(
            title(&results),
            "At its peak, billing is 2.4 times as far behind with effectively-once as with base"
        );
        for v in &mut results.variants {
            for e in v.estimates.values_mut() {
                (e.low, e.high) = (0.0, 10.0 * e.mean);
            }
        }
        assert!(title(&results).starts_with("No difference shown"), "{}", title(&results));
        results.variants.truncate(1);
        assert_eq!(
            title(&results).replace('\u{a0}', " "),
            "billing falls up to 41k records behind and needs 21 s to catch up"
        );
    }

    #[test]
    fn what_cannot_be_measured_is_not_zero() {
        assert!(!chart(&fixture::broken(), "billing").expect("bands").title.contains("never"));
    }
}
