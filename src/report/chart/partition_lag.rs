//! Lag of each partition over time: grey for the many, colour for those that stand out.

use crate::experiment::results::{Results, RunRecord, Series, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::marks::Bands;
use crate::report::chart::sheet::{PANELS, Sheet, Tiles, left_out, one_run};
use crate::report::chart::traces::position_of_greatest;
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Ink, Stroke};
use crate::report::draw::label::spread;
use crate::report::draw::panel::{Lines, Panel};
use crate::report::draw::theme::{FAINT, MUTED, hue};
use crate::report::number::{Unit, number, percent, short, times};
use crate::report::reading::{greatest, partitions};

/// Partitions in colour at most.
const COLOURED: usize = 5;

/// The chart for a group; `None` if no partition was watched.
pub(crate) fn chart(results: &Results, group: &str) -> Option<Chart> {
    let shown: Vec<&VariantResult> =
        results.variants.iter().take(PANELS).filter(|v| !partitions(&v.first, group).is_empty()).collect();
    let first = shown.first()?;
    let coloured = standing_out(&shown, group);
    let runs = shown.iter().map(|v| &v.first);
    let end = runs.clone().map(|r| r.end.secs()).fold(0.0, f64::max);
    let bands: Vec<_> = runs.clone().map(|r| Bands::of(r, Some(group), results.warm_up.secs())).collect();
    let top = greatest(runs.flat_map(|r| partitions(r, group)).map(|(_, s)| peak(s))).unwrap_or(0.0);
    let plot = if shown.len() > 1 { 200.0 } else { 320.0 };
    let headroom = bands.iter().map(|b| b.headroom(plot)).fold(1.0, f64::max);
    let n = partitions(&first.first, group).len();
    let names: Vec<&str> = coloured.iter().map(String::as_str).collect();
    let sheet = Sheet {
        stem: format!("lag-by-partition-{group}"),
        title: finding(&shown, group),
        subtitle: format!(
            "records that {group} is behind on {}; {}{}{}",
            if n == 1 { "its one partition".to_owned() } else { format!("each of its {n} partitions") },
            one_run(results),
            bands[0].note(),
            left_out(results)
        ),
        alt: format!(
            "Lines over time, one per partition{}. The greatest lag of one partition is {} records.",
            if names.is_empty() { String::new() } else { format!("; in colour: {}", names.join(", ")) },
            number(top, Unit::Count)
        ),
    };
    let y = Axis::linear(top.max(10.0) * headroom, Unit::Count, 6);
    let right = names.iter().map(|n| Ink::NOTE.bold().width(n)).fold(66.0, f64::max).min(150.0) + 16.0;
    let tiles = Tiles { count: shown.len(), left: y.label_width() + 14.0, right, plot };
    let x = Axis::time(end, if shown.len() > 1 { 5 } else { 7 });
    Some(sheet.draw(tiles.height(), |canvas, top| {
        for (i, v) in shown.iter().enumerate() {
            let frame = tiles.named(i, top, canvas, &v.name);
            let mut panel = Panel::new(canvas, frame, x.clone(), y.clone());
            bands[i].shade(&panel);
            panel.mesh(Lines { y_grid: true, base: true, ..Lines::default() });
            lines(&panel, &v.first, group, &coloured);
            bands[i].name(&panel);
        }
    }))
}

fn lines(panel: &Panel<'_, '_>, run: &RunRecord, group: &str, coloured: &[String]) {
    let all = partitions(run, group);
    let points = |s: &Series| -> Vec<(f64, f64)> {
        s.max.iter().enumerate().map(|(i, v)| (s.step.secs() * (i + 1) as f64, *v)).collect()
    };
    let last = |s: &Series| s.max.iter().rev().copied().find(|v| v.is_finite()).unwrap_or(0.0);
    let rank = |name: &str| coloured.iter().position(|c| c == name);
    let (others, stars): (Vec<_>, Vec<_>) = all.iter().partition(|(name, _)| rank(name).is_none());
    for (_, s) in &others {
        panel.line(points(s), Stroke { alpha: 0.8, ..Stroke::new(FAINT, 1.0) });
    }
    let mut labels = Vec::new();
    if !others.is_empty() {
        let end = others.iter().map(|(_, s)| last(s)).fold(0.0, f64::max);
        let text = if stars.is_empty() {
            format!("{} partitions", all.len())
        } else {
            format!("{} others", others.len())
        };
        labels.push((end, text, MUTED, false));
    }
    for (name, s) in stars.iter().rev() {
        let hue = hue(rank(name).unwrap_or(0));
        panel.line(points(s), Stroke::new(hue.fill, 2.1));
        labels.push((last(s), (*name).to_owned(), hue.text, true));
    }
    if let Some((name, s)) = stars.iter().max_by(|a, b| peak(a.1).total_cmp(&peak(b.1)))
        && let Some(i) = position_of_greatest(&s.max).filter(|_| peak(s) > 0.0)
    {
        let place = panel.at(s.step.secs() * (i + 1) as f64, s.max[i]);
        let colour = hue(rank(name).unwrap_or(0)).text;
        panel.canvas.text(
            (place.0 + 6.0, place.1 - 4.0),
            &short(s.max[i], Unit::Count),
            Ink::NOTE.colour(colour),
        );
    }
    let frame = panel.frame;
    // Where lines end at the same height, the coloured ones are named above the others.
    let wish = |(v, _, _, bold): &(f64, _, _, bool)| panel.at(0.0, *v).1 + if *bold { 0.0 } else { 0.5 };
    let wishes: Vec<f64> = labels.iter().map(wish).collect();
    for (y, (_, text, colour, bold)) in
        spread(&wishes, 15.0, frame.top + 6.0, frame.bottom() - 6.0).into_iter().zip(&labels)
    {
        let ink = Ink { bold: *bold, ..Ink::NOTE.colour(*colour) };
        panel.canvas.text_within((frame.right() + 7.0, y), text, ink, 150.0);
    }
}

/// Names of the partitions whose peak is well above the typical one, greatest first, over all variants.
fn standing_out(shown: &[&VariantResult], group: &str) -> Vec<String> {
    let mut found: Vec<(f64, String)> = Vec::new();
    for v in shown {
        let all = partitions(&v.first, group);
        let mut peaks: Vec<f64> = all.iter().map(|(_, s)| peak(s)).collect();
        peaks.sort_by(f64::total_cmp);
        let typical = peaks[peaks.len() / 2];
        let greatest = peaks[peaks.len() - 1];
        for (name, s) in &all {
            let few = all.len() <= 4;
            let far = peak(s) > 1.5 * typical && peak(s) > 0.2 * greatest;
            if !(few || far) {
                continue;
            }
            match found.iter_mut().find(|(_, other)| other == name) {
                Some(same) => same.0 = same.0.max(peak(s)),
                None => found.push((peak(s), (*name).to_owned())),
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().take(COLOURED).map(|(_, name)| name).collect()
}

fn peak(s: &Series) -> f64 {
    greatest(s.max.iter().copied()).unwrap_or(0.0)
}

/// How the lag of a run is shared out when there is most of it.
struct Share<'a> {
    partition: &'a str,
    share: f64,
    total: f64,
    count: usize,
}

fn share<'a>(run: &'a RunRecord, group: &str) -> Option<Share<'a>> {
    let all = partitions(run, group);
    let length = all.iter().map(|(_, s)| s.value.len()).max()?;
    let at = |s: &Series, i: usize| s.value.get(i).copied().unwrap_or(f64::NAN);
    let totals: Vec<f64> = (0..length).map(|i| all.iter().map(|(_, s)| at(s, i)).sum()).collect();
    let moment = position_of_greatest(&totals)?;
    let (partition, s) = *all.iter().rev().max_by(|a, b| at(a.1, moment).total_cmp(&at(b.1, moment)))?;
    let total = totals[moment];
    let share = if total > 0.0 { at(s, moment) / total } else { 0.0 };
    Some(Share { partition, share, total, count: all.len() })
}

fn finding(shown: &[&VariantResult], group: &str) -> String {
    let all: Vec<_> =
        shown.iter().filter_map(|v| share(&v.first, group).map(|s| (v.name.as_str(), s))).collect();
    let greatest = all.iter().rev().max_by(|a, b| a.1.share.total_cmp(&b.1.share));
    let Some((variant, s)) = greatest else {
        return format!("The lag of {group} could not be measured");
    };
    if s.total <= 0.0 {
        return format!("{group} is never behind on any partition");
    }
    let place = if shown.len() > 1 { format!(" ({variant})") } else { String::new() };
    let part = percent(s.share);
    match s.count {
        1 => format!(
            "{group} falls up to {} records behind on its only partition{place}",
            short(s.total, Unit::Count)
        ),
        // A lag of a handful of records falls unevenly by chance.
        n if s.total < 10.0 * n as f64 => {
            format!(
                "{group} is at most {} records behind on {n} partitions together{place}",
                number(libm::ceil(s.total), Unit::Count)
            )
        }
        n if s.share * n as f64 >= 2.0 => {
            let times = times(s.share * n as f64);
            let most = format!("{} carries {part} of the lag of {group} at its peak", s.partition);
            format!("{most}, {times} times its even share{place}")
        }
        n => format!(
            "No partition stands out: none of {n} carries more than {part} of the lag of {group} at its peak"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_hot_partition_is_named_and_coloured() {
        let results = fixture::results();
        let chart = chart(&results, "billing").expect("partitions");
        // Weights of the fixture: at most 3.2 for orders-3, 1.7 for orders-8, about 0.85 for ten others.
        assert!(chart.title.starts_with("orders-3 carries 24% of the lag of billing"), "{}", chart.title);
        assert!(chart.svg.contains(">orders-8</text>") && !chart.svg.contains(">orders-7</text>"));
    }

    #[test]
    fn no_claim_without_lag() {
        assert_eq!(
            chart(&fixture::nothing(), "g").expect("a series").title,
            "g is never behind on any partition"
        );
        let blind = chart(&fixture::broken(), "billing").expect("a series");
        assert_eq!(blind.title, "The lag of billing could not be measured");
    }
}
