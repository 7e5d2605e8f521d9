//! Duplicates, losses and what was given up on purpose, per 10 000 events: bars by variant, stacked by cause.

use crate::experiment::LEVEL;
use crate::experiment::results::{Estimate, Results, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::contrast::contrast;
use crate::report::chart::sheet::{EDGE, Sheet, WIDTH, all_runs};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink};
use crate::report::draw::panel::{BELOW, Frame, Lines, Panel};
use crate::report::draw::theme::{FAINT, HUES, Hue, MUTED, hue};
use crate::report::number::{Unit, half_width, mean_and_half, number, percent, small_share};
use crate::report::reading::{any_seen, causes, estimate, group_metric, mean, trials};
use crate::report::wording::cause;
use crate::stats::rate_upper_bound;
use std::collections::BTreeMap;

/// Rates are per this many events created.
const PER: f64 = 10_000.0;
/// Height of a variant's row: a bar and the causes below it.
const ROW: f64 = 50.0;
const BAR: f64 = 16.0;
/// Causes named below a bar at most.
const NAMED: usize = 3;

/// One kind of harm: the metric, and what the panel is called.
struct Harm {
    fate: &'static str,
    title: &'static str,
}

const HARMS: [Harm; 2] = [
    Harm { fate: "duplicates", title: "duplicate effects per 10\u{a0}000 events" },
    Harm { fate: "lost", title: "lost events per 10\u{a0}000" },
];
/// Shown only where it happens.
const SHED: Harm = Harm { fate: "shed", title: "events shed per 10\u{a0}000" };

/// The chart for a group; `None` if nothing was counted.
pub(crate) fn chart(results: &Results, group: &str) -> Option<Chart> {
    let variants: Vec<&VariantResult> =
        results.variants.iter().filter(|v| mean(v, &group_metric(group, "created")) > 0.0).collect();
    if variants.is_empty() {
        return None;
    }
    let shed = any_seen(&results.variants, &group_metric(group, "shed"));
    let harms: Vec<&Harm> = HARMS.iter().chain(shed.then_some(&SHED)).collect();
    let sheet = Sheet {
        stem: format!("harm-{group}"),
        title: finding(results, group),
        subtitle: format!("group {group}, coloured by cause; {}", all_runs(results)),
        alt: describe(&variants, group, &harms),
    };
    let hues = hues(&variants, group, &harms);
    let names = variants.iter().map(|v| Ink::NAME.width(&v.name)).fold(40.0, f64::max).min(190.0);
    let height = ROW * variants.len() as f64;
    Some(sheet.draw(height + BELOW + 34.0, |canvas, top| {
        let top = top + 22.0;
        for (row, v) in variants.iter().enumerate() {
            let place = (EDGE + names, top + ROW * row as f64 + 18.0);
            canvas.text_within(place, &v.name, Ink::NAME.right(), names);
        }
        let left = EDGE + names + 14.0;
        let step = (WIDTH - left) / harms.len() as f64;
        for (i, harm) in harms.iter().enumerate() {
            let frame = Frame { left: left + step * i as f64, top, width: step - 26.0, height };
            canvas.text((frame.left, top - 14.0), harm.title, Ink::NAME.bold());
            bars(canvas, frame, &variants, group, harm.fate, &hues);
        }
    }))
}

/// A hue for every cause, the same in all bars; the most frequent causes come first. Where there are more
/// causes than hues, each panel begins anew, and its rarest causes are grey.
fn hues(variants: &[&VariantResult], group: &str, harms: &[&Harm]) -> BTreeMap<String, Hue> {
    let mut panels: Vec<Vec<&str>> = Vec::new();
    for harm in harms {
        let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
        for (name, e) in variants.iter().flat_map(|v| causes(v, group, harm.fate)) {
            *totals.entry(name).or_default() += e.mean;
        }
        let mut order: Vec<_> = totals.into_iter().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        panels.push(order.into_iter().map(|(name, _)| name).collect());
    }
    let anew = panels.iter().map(Vec::len).sum::<usize>() > HUES.len();
    let mut hues = BTreeMap::new();
    let mut used = 0;
    for panel in panels {
        if anew {
            used = 0;
        }
        for name in panel {
            let next = HUES.get(used).copied().unwrap_or(Hue { fill: FAINT, text: MUTED });
            used += 1;
            hues.entry(name.to_owned()).or_insert(next);
        }
    }
    hues
}

fn bars(
    canvas: &Canvas<'_>,
    frame: Frame,
    variants: &[&VariantResult],
    group: &str,
    fate: &str,
    hues: &BTreeMap<String, Hue>,
) {
    let rates: Vec<_> = variants.iter().map(|v| rate(v, group, fate)).collect();
    let top = rates.iter().flatten().map(|e| e.high.max(e.mean)).fold(0.0, f64::max);
    // The value is written behind the longest bar.
    let room = (frame.width / (frame.width - 96.0)).max(1.0);
    let ticks = if frame.width > 300.0 { 5 } else { 3 };
    let axis = if top > 0.0 { Axis::linear(top * room, Unit::Count, ticks) } else { Axis::bare(0.0, 1.0) };
    let mut panel = Panel::new(canvas, frame, axis, Axis::bare(variants.len() as f64, 0.0));
    panel.mesh(Lines { x_grid: top > 0.0, ..Lines::default() });
    canvas.line(
        &[(frame.left, frame.top), (frame.left, frame.bottom())],
        crate::report::draw::canvas::Stroke::new(MUTED, 1.0),
    );
    for (row, (v, total)) in variants.iter().zip(&rates).enumerate() {
        let y = frame.top + ROW * row as f64 + 18.0;
        let Some(total) = total else {
            canvas.text((frame.left + 7.0, y), "not stated", Ink::NOTE);
            continue;
        };
        if total.mean <= 0.0 {
            nothing(canvas, frame, y, v, group);
            continue;
        }
        let found = causes(v, group, fate);
        let per = PER / mean(v, &group_metric(group, "created"));
        let mut from = 0.0;
        for (name, e) in &found {
            let to = from + e.mean * per;
            let (a, b) = (panel.at(from, 0.0).0, panel.at(to, 0.0).0);
            canvas.rect((a, y - BAR / 2.0), (b.max(a + 0.6), y + BAR / 2.0), hues[*name].fill, 1.0);
            from = to;
        }
        if found.is_empty() {
            canvas.rect(
                (frame.left, y - BAR / 2.0),
                (panel.at(total.mean, 0.0).0, y + BAR / 2.0),
                hue(0).fill,
                1.0,
            );
        }
        let half = half_width(total).filter(|h| *h > 0.0);
        if half.is_some() {
            panel.whisker_across(y, total.low.max(0.0), total.high);
        }
        let end = panel.at(total.mean.max(if half.is_some() { total.high } else { 0.0 }), 0.0).0;
        canvas.text((end + 7.0, y), &mean_and_half(total.mean, half, Unit::Count), Ink::NOTE);
        blame(canvas, frame, y + BAR / 2.0 + 9.0, &found, total.mean / per, hues);
    }
}

/// The causes of a bar, each in its colour, as far as there is room.
fn blame(
    canvas: &Canvas<'_>,
    frame: Frame,
    y: f64,
    found: &[(&str, &Estimate)],
    total: f64,
    hues: &BTreeMap<String, Hue>,
) {
    let mut x = frame.left + 4.0;
    for (i, (name, e)) in found.iter().enumerate() {
        let share = percent(e.mean / total);
        let text = if found.len() == 1 { cause(name) } else { format!("{} {share}", cause(name)) };
        let ink = Ink::new(11.0, hues[*name].text);
        let rest = format!("+{} more", found.len() - i);
        let needs = ink.width(&text) + if i + 1 < found.len() { 60.0 } else { 0.0 };
        if i >= NAMED || x + needs > frame.right() + 20.0 {
            canvas.text((x, y), &rest, Ink::new(11.0, MUTED));
            return;
        }
        canvas.text((x, y), &text, ink);
        x += ink.width(&text) + 12.0;
    }
}

fn nothing(canvas: &Canvas<'_>, frame: Frame, y: f64, v: &VariantResult, group: &str) {
    canvas.text((frame.left + 7.0, y), "none seen", Ink::NAME.bold());
    let n = trials(v, group);
    if n >= 1.0 {
        let bound = format!("rate below {} (95\u{a0}%)", small_share(rate_upper_bound(n as u64, LEVEL)));
        let full = format!("in {} events: {bound}", number(n, Unit::Count));
        let ink = Ink::new(11.0, MUTED);
        let text = if ink.width(&full) <= frame.width { full } else { bound };
        canvas.text_within((frame.left + 7.0, y + 16.0), &text, ink, frame.width);
    }
}

/// A harm per [`PER`] events created. The number created hardly varies between replications, so its own
/// uncertainty is left out.
fn rate(v: &VariantResult, group: &str, fate: &str) -> Option<Estimate> {
    let per = PER / mean(v, &group_metric(group, "created"));
    estimate(v, &group_metric(group, fate)).map(|e| Estimate {
        mean: e.mean * per,
        low: e.low * per,
        high: e.high * per,
        n: e.n,
    })
}

fn finding(results: &Results, group: &str) -> String {
    let part = |fate: &str, verb: &str| -> String {
        let metric = group_metric(group, fate);
        let dirty: Vec<_> = results.variants.iter().filter(|v| mean(v, &metric) > 0.0).collect();
        let worst = contrast(results, &metric);
        match (dirty.as_slice(), worst) {
            ([], _) => format!("none is {verb}"),
            ([only], Some(_)) => format!("only with {} are some {verb}", only.name),
            (_, Some(c)) if c.proven => {
                let name = |i: usize| &results.variants[i].name;
                format!("more are {verb} with {} than with {}", name(c.most.0), name(c.least.0))
            }
            (all, Some(_)) if all.len() == results.variants.len() => {
                format!("some are {verb} in every variant")
            }
            (all, Some(_)) => {
                format!("some are {verb} in {} of {} variants", all.len(), results.variants.len())
            }
            ([only, ..], None) => {
                let rate = rate(only, group, fate).map_or(0.0, |e| e.mean);
                let digits = mean_and_half(rate, Some(rate * 0.2), Unit::Count);
                let digits = digits.split('\u{a0}').next().unwrap_or_default();
                format!("{digits} in 10\u{a0}000 are {verb}")
            }
        }
    };
    let (duplicated, lost) = (part("duplicates", "duplicated"), part("lost", "lost"));
    if duplicated.starts_with("none") && lost.starts_with("none") {
        return format!("No event of {group} is seen duplicated or lost");
    }
    format!("Of the events for {group}, {duplicated}; {lost}")
}

fn describe(variants: &[&VariantResult], group: &str, harms: &[&Harm]) -> String {
    let rows = variants.iter().map(|v| {
        let parts = harms.iter().map(|h| {
            let text = match rate(v, group, h.fate) {
                Some(e) if e.mean > 0.0 => mean_and_half(e.mean, half_width(&e), Unit::Count),
                Some(_) => "none seen".to_owned(),
                None => "not stated".to_owned(),
            };
            format!("{} {text}", h.fate)
        });
        format!("{}: {}", v.name, parts.collect::<Vec<_>>().join(", "))
    });
    format!("Bars by variant, per 10\u{a0}000 events. {}.", rows.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn rates_are_per_ten_thousand_and_zero_has_a_bound() {
        let results = fixture::results();
        let chart = chart(&results, "billing").expect("counted");
        // 812 of 210 400 events are 38.6 in 10 000.
        assert!(
            chart.alt.replace('\u{a0}', " ").contains("base: duplicates 38.6 ± 1.9, lost none seen"),
            "{}",
            chart.alt
        );
        assert!(chart.svg.contains(">none seen</text>"));
        assert_eq!(
            chart.title,
            "Of the events for billing, more are duplicated with careless than with effectively-once; \
             only with careless are some lost"
        );
    }

    #[test]
    fn a_clean_group_is_said_to_be_clean() {
        let chart = chart(&fixture::nothing(), "g").expect("counted");
        assert_eq!(chart.title, "No event of g is seen duplicated or lost");
    }
}
