//! A metric over two swept parameters: a heat map per variant, with the numbers in its cells.

use crate::experiment::results::{Results, SweepPoint};
use crate::report::chart::Chart;
use crate::report::chart::sheet::{PANELS, Sheet, Tiles, left_out};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::Ink;
use crate::report::draw::panel::{Lines, Panel};
use crate::report::draw::theme::{on_viridis, viridis};
use crate::report::number::short;
use crate::report::overview::{last_part, sweep_metrics};
use crate::report::reading::estimate;
use crate::report::wording::Wording;

/// The values of one parameter, in the order of the sweep.
struct Side {
    path: String,
    values: Vec<String>,
}

impl Side {
    fn of(sweep: &[SweepPoint], i: usize) -> Side {
        let mut values: Vec<String> = Vec::new();
        for p in sweep {
            if !values.contains(&p.at[i].1) {
                values.push(p.at[i].1.clone());
            }
        }
        Side { path: sweep[0].at[i].0.clone(), values }
    }

    fn place(&self, value: &str) -> usize {
        self.values.iter().position(|v| v == value).expect("every value of the sweep is listed")
    }
}

/// One chart per metric; none unless exactly two parameters were swept.
pub(crate) fn charts(results: &Results) -> Vec<Chart> {
    if results.sweep.is_empty() || results.sweep.iter().any(|p| p.at.len() != 2) {
        return Vec::new();
    }
    sweep_metrics(results).iter().filter_map(|metric| chart(results, metric)).collect()
}

/// A cell: column, row, mean.
type Cell = (usize, usize, f64);

fn chart(results: &Results, metric: &str) -> Option<Chart> {
    let (down, across) = (Side::of(&results.sweep, 0), Side::of(&results.sweep, 1));
    let names: Vec<&str> = results.sweep[0].variants.iter().take(PANELS).map(|v| v.name.as_str()).collect();
    let panels: Vec<Vec<Cell>> =
        names.iter().map(|name| cells(results, name, metric, &down, &across)).collect();
    let means = || panels.iter().flatten().map(|c| c.2);
    let (least, most) = (means().fold(f64::INFINITY, f64::min), means().fold(f64::NEG_INFINITY, f64::max));
    if !least.is_finite() || !most.is_finite() {
        return None;
    }
    let words = Wording::of(metric, &results.groups, &results.producers);
    let log = least > 0.0 && most / least > 30.0;
    let place = move |v: f64| if log { libm::log(v) } else { v };
    let share = move |v: f64| {
        if most > least { (place(v) - place(least)) / (place(most) - place(least)) } else { 0.0 }
    };
    let sheet = Sheet {
        stem: format!("sweep-{metric}"),
        title: finding(&panels, &names, &words, &down, &across),
        subtitle: format!(
            "{}, mean of {} per point, seed\u{a0}{}; rows: {}; {} colour scale from {} to {}, the same in all panels{}",
            words.full(),
            crate::report::wording::plural(results.replications as usize, "replication"),
            results.seed,
            down.path,
            if log { "logarithmic" } else { "linear" },
            short(least, words.unit),
            short(most, words.unit),
            left_out(results)
        ),
        alt: format!(
            "Heat map of {} by {} values; from {} to {}.",
            down.values.len(),
            across.values.len(),
            short(least, words.unit),
            short(most, words.unit)
        ),
    };
    let single = panels.len() == 1;
    let label = down.values.iter().map(|v| Ink::NOTE.width(v)).fold(20.0, f64::max).min(90.0);
    let row = (if single { 320.0 } else { 190.0 } / down.values.len() as f64).clamp(14.0, 44.0);
    let plot = row * down.values.len() as f64;
    let tiles = Tiles { count: panels.len(), left: label + 16.0, right: 22.0, plot };
    let column = tiles.plot_width() / across.values.len() as f64;
    let widest = across.values.iter().map(|v| Ink::NOTE.width(v)).fold(0.0, f64::max);
    let every = libm::ceil((widest + 6.0) / column).max(1.0) as usize;
    let ticks = across.values.iter().enumerate().filter(|(i, _)| i % every == 0);
    let ticks = ticks.map(|(i, v)| (i as f64 + 0.5, v.clone())).collect();
    let x = Axis::bare(0.0, across.values.len() as f64).with_ticks(ticks).titled(across.path.clone());
    Some(sheet.draw(tiles.height(), |canvas, top| {
        for (i, (name, cells)) in names.iter().zip(&panels).enumerate() {
            let frame = tiles.named(i, top, canvas, name);
            let y = Axis::bare(down.values.len() as f64, 0.0);
            let mut panel = Panel::new(canvas, frame, x.clone(), y);
            for (column, row, mean) in cells {
                let (a, b) = ((*column as f64, *row as f64), (*column as f64 + 1.0, *row as f64 + 1.0));
                let (a, b) = (panel.at(a.0, a.1), panel.at(b.0, b.1));
                canvas.rect(a, (b.0 - 1.0, b.1 - 1.0), viridis(share(*mean)), 1.0);
                let ink = Ink::NOTE.centred().colour(on_viridis(share(*mean)));
                let text = short(*mean, words.unit);
                if ink.width(&text) + 6.0 <= b.0 - a.0 {
                    canvas.text(((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0), &text, ink);
                }
            }
            panel.mesh(Lines::default());
            for (k, value) in down.values.iter().enumerate() {
                let place = (frame.left - 8.0, frame.top + row * (k as f64 + 0.5));
                canvas.text_within(place, value, Ink::NOTE.right(), 92.0);
            }
        }
    }))
}

fn cells(results: &Results, variant: &str, metric: &str, down: &Side, across: &Side) -> Vec<Cell> {
    let cell = |p: &SweepPoint| {
        let v = p.variants.iter().find(|v| v.name == variant)?;
        Some((across.place(&p.at[1].1), down.place(&p.at[0].1), estimate(v, metric)?.mean))
    };
    results.sweep.iter().filter_map(cell).collect()
}

fn finding(panels: &[Vec<Cell>], names: &[&str], words: &Wording, down: &Side, across: &Side) -> String {
    let cells = &panels[0];
    let variant = if names.len() > 1 { format!(" ({})", names[0]) } else { String::new() };
    let least = cells.iter().min_by(|a, b| a.2.total_cmp(&b.2));
    let most = cells.iter().rev().max_by(|a, b| a.2.total_cmp(&b.2));
    let at = |c: &Cell| {
        let value =
            |side: &Side, i: usize| format!("{}\u{a0}=\u{a0}{}", last_part(&side.path), side.values[i]);
        format!("{}, {}", value(down, c.1), value(across, c.0))
    };
    match (least, most) {
        (Some(least), Some(most)) if least.2 < most.2 => format!(
            "{} least at {} ({}) and greatest at {} ({}){variant}",
            words.subject_with("is", "are"),
            at(least),
            short(least.2, words.unit),
            at(most),
            short(most.2, words.unit)
        ),
        (Some(same), _) => format!(
            "{} {} at every point{variant}",
            words.subject_with("is", "are"),
            short(same.2, words.unit)
        ),
        _ => words.full(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_point_is_a_cell() {
        let results = fixture::two_parameters();
        let charts = charts(&results);
        assert_eq!(charts.len(), results.sweep_metrics.len());
        // Three variants of twelve points, and the sheet itself.
        assert_eq!(charts[0].svg.matches("<rect").count(), 3 * 12 + 1);
        assert!(
            charts[0].title.contains("least at service-time\u{a0}=\u{a0}1ms, consumers\u{a0}=\u{a0}1"),
            "{}",
            charts[0].title
        );
    }

    #[test]
    fn one_parameter_is_not_a_map() {
        assert!(charts(&fixture::results()).is_empty());
    }
}
