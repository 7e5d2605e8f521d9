//! What each consumer was doing over time: one row per consumer, as in a Gantt chart.
//!
//! Consumers switch between processing and idle thousands of times; a row shows the share of time spent
//! processing as the height of its colour, and standing still as full height.

use crate::engine::Span;
use crate::experiment::results::{ConsumerTime, EIGHTHS, Results, RunRecord, STATES, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::sheet::{EDGE, PANELS, Sheet, Tiles, left_out, one_run};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink};
use crate::report::draw::panel::{Frame, Lines, Panel};
use crate::report::draw::theme::{CALM, Colour, HUES};
use crate::report::number::percent;

/// Rows in a panel at most.
const ROWS: usize = 40;
/// Heights of the processing colour that are told apart, so that equal-looking columns can be joined.
const LEVELS: f64 = EIGHTHS as f64;

/// Seconds in each state, in the order of [`STATES`].
type Times = [f64; 5];

fn colour(state: usize) -> Colour {
    [HUES[2].fill, CALM, HUES[3].fill, HUES[4].fill, HUES[1].fill][state]
}

/// A consumer's row.
struct Row<'a> {
    of: &'a ConsumerTime,
    times: Times,
}

impl Row<'_> {
    fn still(&self) -> f64 {
        self.times[2..].iter().sum()
    }
}

/// A variant's consumers: all of them for the shares, and which have a row.
struct Watched<'a> {
    name: &'a str,
    all: Vec<Row<'a>>,
    shown: Vec<usize>,
}

impl<'a> Watched<'a> {
    fn of(variant: &'a VariantResult, group: &str) -> Self {
        let all = rows(&variant.first, group);
        let shown = standing_still(&all);
        Watched { name: &variant.name, all, shown }
    }

    /// Share of time in each state, over all consumers.
    fn shares(&self) -> Times {
        let mut sum = [0.0; 5];
        for r in &self.all {
            sum.iter_mut().zip(r.times).for_each(|(s, t)| *s += t);
        }
        let total: f64 = sum.iter().sum();
        sum.map(|s| if total > 0.0 { s / total } else { 0.0 })
    }

    fn still(&self) -> f64 {
        self.shares()[2..].iter().sum()
    }
}

/// The chart for a group; `None` if its consumers were not watched.
pub(crate) fn chart(results: &Results, group: &str) -> Option<Chart> {
    let variants = results.variants.iter().take(PANELS);
    let end = variants.clone().map(|v| v.first.end.secs()).fold(0.0, f64::max);
    let shown: Vec<Watched<'_>> =
        variants.map(|v| Watched::of(v, group)).filter(|w| !w.all.is_empty()).collect();
    let most = shown.iter().map(|w| w.shown.len()).max()?;
    let consumers = shown.iter().map(|w| w.all.len()).max().unwrap_or(0);
    let single = shown.len() == 1;
    let row = (if single { 300.0 } else { 180.0 } / most as f64).clamp(if single { 8.0 } else { 6.0 }, 26.0);
    let names = shown.iter().flat_map(|w| &w.all).map(|r| Ink::NOTE.width(&r.of.consumer));
    let tiles = Tiles {
        count: shown.len(),
        left: names.fold(30.0, f64::max).min(110.0) + 16.0,
        right: 18.0,
        plot: row * most as f64,
    };
    let sheet = Sheet {
        stem: format!("consumers-{group}"),
        title: finding(&shown, group),
        subtitle: format!(
            "what the consumers of {group} do; height of green: share of time spent processing; {}{}{}",
            one_run(results),
            if consumers > most {
                format!("; {most} of {consumers} consumers, those that stood still longest")
            } else {
                String::new()
            },
            left_out(results)
        ),
        alt: describe(&shown),
    };
    // Rows too thin for a name each: every second or third is named.
    let every = libm::ceil(11.5 / row) as usize;
    let columns = if single { 360 } else { (16_000 / most / shown.len()).clamp(60, 160) };
    Some(sheet.draw(tiles.height() + 20.0, |canvas, top| {
        key(canvas, top, &shown);
        for (i, w) in shown.iter().enumerate() {
            let frame = tiles.named(i, top + 20.0, canvas, w.name);
            let frame = Frame { height: row * w.shown.len() as f64, ..frame };
            let y = Axis::bare(w.shown.len() as f64, 0.0);
            let mut panel = Panel::new(canvas, frame, Axis::time(end, if single { 7 } else { 4 }), y);
            for (k, r) in w.shown.iter().map(|&k| &w.all[k]).enumerate() {
                draw(&panel, k, r, columns, end);
                if k % every == 0 {
                    let place = (frame.left - 8.0, frame.top + row * (k as f64 + 0.5));
                    canvas.text_within(place, &r.of.consumer, Ink { size: 11.0, ..Ink::NOTE.right() }, 112.0);
                }
            }
            panel.mesh(Lines { base: true, ..Lines::default() });
        }
    }))
}

fn of_group(consumer: &str, group: &str) -> bool {
    consumer.rsplit_once('/').is_some_and(|(g, _)| g == group)
}

/// The consumers of a group in their order.
fn rows<'a>(run: &'a RunRecord, group: &str) -> Vec<Row<'a>> {
    let of_group = run.states.iter().filter(|of| of_group(&of.consumer, group));
    of_group.map(|of| Row { of, times: of.total.map(Span::secs) }).collect()
}

/// The rows to show, in their order: all, or of very many those that stood still longest.
fn standing_still(all: &[Row<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| all[b].still().total_cmp(&all[a].still()).then(a.cmp(&b)));
    order.truncate(ROWS);
    order.sort_unstable();
    order
}

/// What fills one column of a row.
#[derive(Clone, Copy, PartialEq)]
enum Fill {
    Nothing,
    Still(usize),
    /// Processing to this share of the height, in steps of [`LEVELS`].
    Busy(u8),
}

fn draw(panel: &Panel<'_, '_>, k: usize, row: &Row<'_>, columns: usize, end: f64) {
    let width = end / columns as f64;
    let mut times = vec![[0.0; 5]; columns];
    let mut from = 0.0;
    for s in &row.of.stretches {
        let to = s.to.secs() / width;
        let last = (libm::ceil(to) as usize).min(columns);
        for (i, cell) in times.iter_mut().enumerate().take(last).skip(libm::floor(from) as usize) {
            let part = (to.min((i + 1) as f64) - from.max(i as f64)).max(0.0);
            cell.iter_mut().zip(s.eighths).for_each(|(c, eighths)| *c += part * f64::from(eighths));
        }
        from = to;
    }
    let fills: Vec<Fill> = times.iter().map(fill).collect();
    let (top, bottom) = (panel.at(0.0, k as f64).1 + 1.0, panel.at(0.0, (k + 1) as f64).1 - 1.0);
    let x = |i: usize| panel.at(i as f64 * width, 0.0).0;
    // One outline of all the work, instead of a rectangle for each piece, keeps the picture small.
    let mut work = vec![(x(0), bottom)];
    let mut from = 0;
    for run in fills.chunk_by(|a, b| a == b || matches!((a, b), (Fill::Busy(_), Fill::Busy(_)))) {
        let to = from + run.len();
        match run[0] {
            Fill::Nothing => {}
            Fill::Still(state) => panel.canvas.rect((x(from), top), (x(to), bottom), colour(state), 1.0),
            Fill::Busy(_) => panel.canvas.rect((x(from), top), (x(to), bottom), colour(1), 1.0),
        }
        from = to;
    }
    from = 0;
    for run in fills.chunk_by(|a, b| a == b) {
        let to = from + run.len();
        let level = if let Fill::Busy(level) = run[0] { f64::from(level) } else { 0.0 };
        let edge = bottom - (bottom - top) * level / LEVELS;
        work.extend([(x(from), edge), (x(to), edge)]);
        from = to;
    }
    work.push((x(columns), bottom));
    panel.canvas.area(&work, colour(0), 1.0);
}

fn fill(times: &Times) -> Fill {
    let total: f64 = times.iter().sum();
    let still: f64 = times[2..].iter().sum();
    if total <= 0.0 {
        return Fill::Nothing;
    }
    if still >= total / 2.0 {
        let longest = (2..5).max_by(|&a, &b| times[a].total_cmp(&times[b])).unwrap_or(2);
        return Fill::Still(longest);
    }
    let share = times[0] / (times[0] + times[1]).max(1e-12);
    // A little work is not nothing.
    let level = libm::round(share * LEVELS).max(if share > 0.0 { 1.0 } else { 0.0 });
    Fill::Busy(level as u8)
}

/// The states that occur, each named in its colour; with their shares where there is one panel.
fn key(canvas: &Canvas<'_>, top: f64, shown: &[Watched<'_>]) {
    let mut x = EDGE;
    for (i, name) in STATES.iter().enumerate() {
        let share: f64 = shown.iter().map(|w| w.shares()[i]).fold(0.0, f64::max);
        if share > 0.0 {
            let text =
                if shown.len() == 1 { format!("{name} {}", percent(share)) } else { (*name).to_owned() };
            x = canvas.swatch((x, top + 2.0), colour(i), &text, Ink::NOTE) + 20.0;
        }
    }
}

fn finding(shown: &[Watched<'_>], group: &str) -> String {
    let Some(w) = shown.iter().rev().max_by(|a, b| a.still().total_cmp(&b.still())) else {
        return format!("What the consumers of {group} do");
    };
    let place = if shown.len() > 1 { format!(" ({})", w.name) } else { String::new() };
    let parts = w.shares();
    if w.still() >= 0.005 {
        let named: Vec<_> = (2..5)
            .filter(|&i| parts[i] > 0.0)
            .map(|i| format!("{} {}", STATES[i], percent(parts[i])))
            .collect();
        let (all, named) = (percent(w.still()), named.join(", "));
        return format!("The consumers of {group} stand still {all} of the time: {named}{place}");
    }
    let busy = |r: &Row<'_>| r.times[0] / r.times.iter().sum::<f64>().max(1e-12);
    let ends = w.all.iter().map(|r| (busy(r), &r.of.consumer));
    let least = ends.clone().min_by(|a, b| a.0.total_cmp(&b.0));
    let most = ends.max_by(|a, b| a.0.total_cmp(&b.0));
    match (least, most) {
        (Some((low, idle)), Some((high, busiest))) if high - low >= 0.3 => {
            format!("{busiest} is busy {} of the time, {idle} only {}{place}", percent(high), percent(low))
        }
        _ => format!("The consumers of {group} are busy {} of the time{place}", percent(parts[0])),
    }
}

fn describe(shown: &[Watched<'_>]) -> String {
    let text = shown.iter().map(|w| {
        let parts = w.shares();
        let named = STATES.iter().enumerate().filter(|(i, _)| parts[*i] > 0.0);
        let named: Vec<_> = named.map(|(i, name)| format!("{name} {}", percent(parts[i]))).collect();
        format!("{}: {}", w.name, named.join(", "))
    });
    format!("A row per consumer over time. {}.", text.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_column_shows_what_matters_in_it() {
        assert!(fill(&[0.0; 5]) == Fill::Nothing);
        assert!(fill(&[0.4, 0.0, 0.0, 0.0, 0.6]) == Fill::Still(4));
        assert!(fill(&[0.5, 0.5, 0.0, 0.0, 0.0]) == Fill::Busy(4));
        assert!(fill(&[0.001, 0.999, 0.0, 0.0, 0.0]) == Fill::Busy(1));
    }

    #[test]
    fn standing_still_is_the_finding() {
        let results = fixture::results();
        let title = chart(&results, "billing").expect("states").title;
        // Of 480 consumer-seconds: 12 rebalancing, 6 paused, 15 down.
        assert!(title.starts_with("The consumers of billing stand still 7% of the time"), "{title}");
    }

    #[test]
    fn of_very_many_consumers_those_that_stood_still_are_shown() {
        let results = fixture::many();
        let w = Watched::of(&results.variants[0], "group-0");
        assert_eq!((w.shown.len(), w.all.len()), (ROWS, 50));
        assert!(w.shown.iter().any(|&k| &*w.all[k].of.consumer == "group-0/2"), "the one that crashed");
    }
}
