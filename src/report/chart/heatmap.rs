//! Where the backlog sits: lag by partition and time as colours.

use crate::experiment::results::{Results, RunRecord, Series, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::marks::Bands;
use crate::report::chart::sheet::{EDGE, PANELS, Sheet, Tiles, WIDTH, left_out, one_run};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink, Stroke};
use crate::report::draw::panel::{Frame, Lines, Panel};
use crate::report::draw::theme::{BACKGROUND, Colour, INK, WHITE, viridis};
use crate::report::number::{Unit, number, short};
use crate::report::reading::{greatest, partitions};

/// Cells of one chart at most, so that a page with many partitions and variants stays small.
const CELLS: usize = 24_000;
/// Room for the colour scale.
const SCALE: f64 = 62.0;

/// The chart for a group; `None` unless it has several partitions and was behind on one.
pub(crate) fn chart(results: &Results, group: &str) -> Option<Chart> {
    let shown: Vec<&VariantResult> =
        results.variants.iter().take(PANELS).filter(|v| partitions(&v.first, group).len() > 1).collect();
    let all = || shown.iter().flat_map(|v| partitions(&v.first, group));
    let top = greatest(all().flat_map(|(_, s)| s.max.iter().copied())).filter(|top| *top > 0.0)?;
    let rows = shown.iter().map(|v| partitions(&v.first, group).len()).max()?;
    let single = shown.len() == 1;
    let wanted = if single { 150 } else { 75 };
    let columns = (CELLS / rows / shown.len()).clamp(24, wanted);
    let end = shown.iter().map(|v| v.first.end.secs()).fold(0.0, f64::max);
    let names = Ink::NOTE.width(partitions(&shown[0].first, group).last()?.0).min(110.0);
    let row = (if single { 320.0 } else { 200.0 } / rows as f64).clamp(if single { 5.0 } else { 3.0 }, 26.0);
    let tiles = Tiles { count: shown.len(), left: names + 16.0, right: SCALE + 8.0, plot: row * rows as f64 };
    let sheet = Sheet {
        stem: format!("lag-heatmap-{group}"),
        title: finding(&shown, group, top),
        subtitle: format!(
            "records that {group} is behind per partition, greatest in each of {columns} steps of time; square-root \
             colour scale{}; {}{}{}",
            if single { "" } else { ", the same in all panels" },
            one_run(results),
            if edges_of(&shown[0].first, group).is_empty() {
                ""
            } else {
                "; dashed: begin and end of faults and rebalances"
            },
            left_out(results)
        ),
        alt: format!(
            "Heat map of {rows} partitions over time; the greatest lag of one partition is {} records.",
            number(top, Unit::Count)
        ),
    };
    let x = Axis::time(end, if single { 7 } else { 4 });
    Some(sheet.draw(tiles.height(), |canvas, body| {
        for (i, v) in shown.iter().enumerate() {
            let frame = tiles.named(i, body, canvas, &v.name);
            let count = partitions(&v.first, group).len();
            let mut panel = Panel::new(canvas, frame, x.clone(), Axis::bare(count as f64, 0.0));
            cells(&panel, &v.first, group, columns, top);
            edges(&panel, &v.first, group);
            panel.mesh(Lines::default());
            labels(canvas, frame, &v.first, group);
        }
        scale(canvas, tiles.frame(0, body), top);
    }))
}

/// The greatest value in each of `columns` equal steps up to `end`.
fn steps(s: &Series, columns: usize, end: f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; columns];
    for (i, v) in s.max.iter().enumerate() {
        let from = s.step.secs() * i as f64 / end * columns as f64;
        let to = s.step.secs() * (i + 1) as f64 / end * columns as f64;
        // A bucket wider than a step fills all steps it covers.
        let first = (libm::floor(from + 1e-9).max(0.0) as usize).min(columns);
        let last = (libm::ceil(to - 1e-9) as usize).min(columns).max(first + 1);
        for cell in out.iter_mut().take(last).skip(first) {
            *cell = if cell.is_nan() { *v } else { cell.max(*v) };
        }
    }
    out
}

fn cells(panel: &Panel<'_, '_>, run: &RunRecord, group: &str, columns: usize, top: f64) {
    let all = partitions(run, group);
    let end = run.end.secs().max(1e-9);
    let gap = if panel.frame.height / all.len() as f64 >= 8.0 { 1.0 } else { 0.0 };
    for (row, (_, s)) in all.iter().enumerate() {
        let colours: Vec<Option<Colour>> = steps(s, columns, end)
            .into_iter()
            .map(|v| v.is_finite().then(|| viridis(libm::sqrt((v / top).max(0.0)))))
            .collect();
        let mut from = 0;
        for run in colours.chunk_by(|a, b| a == b) {
            let to = from + run.len();
            if let Some(colour) = run[0] {
                let time = |i: usize| end * i as f64 / columns as f64;
                let (a, b) = (panel.at(time(from), row as f64), panel.at(time(to), (row + 1) as f64));
                panel.canvas.rect(a, (b.0, b.1 - gap), colour, 1.0);
            }
            from = to;
        }
    }
}

/// Begin and end of the faults and rebalances, unless they are too many to help.
fn edges_of(run: &RunRecord, group: &str) -> Vec<f64> {
    let times = Bands::of(run, Some(group), 0.0).edges();
    if times.len() > 12 { Vec::new() } else { times }
}

fn edges(panel: &Panel<'_, '_>, run: &RunRecord, group: &str) {
    for time in edges_of(run, group) {
        let x = panel.at(time, 0.0).0;
        let line = [(x, panel.frame.top), (x, panel.frame.bottom())];
        panel.canvas.line(&line, Stroke { dashed: true, alpha: 0.9, ..Stroke::new(WHITE, 1.2) });
    }
}

/// Names of the partitions; of many, only as many as there is room for.
fn labels(canvas: &Canvas<'_>, frame: Frame, run: &RunRecord, group: &str) {
    let all = partitions(run, group);
    let row = frame.height / all.len() as f64;
    let every = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|n| row * *n as f64 >= 13.0).unwrap_or(100);
    let peaks: Vec<f64> = all.iter().map(|(_, s)| greatest(s.max.iter().copied()).unwrap_or(0.0)).collect();
    let most = greatest(peaks.iter().copied()).unwrap_or(0.0);
    let hot = peaks.iter().position(|p| *p == most && most > 0.0);
    for (i, (name, _)) in all.iter().enumerate() {
        let near = |hot: usize| hot != i && row * hot.abs_diff(i) as f64 <= 12.0;
        if hot != Some(i) && (i % every != 0 || hot.is_some_and(near)) {
            continue;
        }
        let y = frame.top + row * (i as f64 + 0.5);
        let ink = if hot == Some(i) { Ink::NOTE.bold().colour(INK) } else { Ink::NOTE };
        canvas.text_within((frame.left - 8.0, y), name, ink.right(), 112.0);
    }
}

fn scale(canvas: &Canvas<'_>, frame: Frame, top: f64) {
    let left = WIDTH - EDGE - SCALE + 18.0;
    let height = frame.height.clamp(90.0, 320.0);
    let n = 48;
    for i in 0..n {
        let y = |i: i32| frame.top + height * (1.0 - f64::from(i) / f64::from(n));
        canvas.rect((left, y(i + 1)), (left + 13.0, y(i)), viridis((f64::from(i) + 0.5) / f64::from(n)), 1.0);
    }
    canvas.line(&[(left - 1.0, frame.top), (left - 1.0, frame.top + height)], Stroke::new(BACKGROUND, 1.0));
    for share in [0.0, 0.1, 0.25, 0.5, 1.0] {
        let y = frame.top + height * (1.0 - libm::sqrt(share));
        canvas.text((left + 18.0, y), &short(top * share, Unit::Count), Ink::new(11.0, Ink::NOTE.colour));
    }
}

fn finding(shown: &[&VariantResult], group: &str, top: f64) -> String {
    let peak = |s: &Series| greatest(s.max.iter().copied()).unwrap_or(0.0);
    for v in shown {
        if let Some((name, s)) = partitions(&v.first, group).into_iter().find(|(_, s)| peak(s) >= top) {
            let at = s.max.iter().position(|v| *v >= top).unwrap_or(0);
            let time = number(s.step.secs() * (at + 1) as f64, Unit::Seconds);
            let place = if shown.len() > 1 { format!(" ({})", v.name) } else { String::new() };
            let size = short(top, Unit::Count);
            return format!(
                "The backlog of {group} is greatest on {name}: {size} records after {time}{place}"
            );
        }
    }
    format!("Lag of {group} by partition and time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Span;
    use crate::report::fixture;

    #[test]
    fn no_spike_is_lost_between_steps() {
        let mut max = vec![0.0; 1000];
        max[777] = 9.0;
        let s = Series {
            name: String::new(),
            unit: "records",
            step: Span::millis(100),
            value: max.clone(),
            min: max.clone(),
            max,
        };
        let out = steps(&s, 30, 100.0);
        assert_eq!(out.iter().filter(|v| **v == 9.0).count(), 1);
        assert_eq!(out[23], 9.0);
        // Fewer buckets than steps: none stays empty.
        assert!(
            steps(&Series { step: Span::from_secs(10), max: vec![1.0; 10], ..s }, 30, 100.0)
                .iter()
                .all(|v| *v == 1.0)
        );
    }

    #[test]
    fn the_chart_stays_small_with_many_partitions() {
        let chart = chart(&fixture::many(), "group-0").expect("partitions");
        assert!(chart.svg.len() < 1_500_000, "{}", chart.svg.len());
        assert!(chart.title.contains("orders-3"), "{}", chart.title);
    }
}
