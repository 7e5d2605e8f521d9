//! A metric against one swept parameter: a line per variant, with intervals.

use crate::experiment::results::{Estimate, Results, SweepPoint, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::scale::{Places, axis, places};
use crate::report::chart::sheet::{Sheet, WIDTH};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink, Stroke};
use crate::report::draw::label::spread;
use crate::report::draw::panel::{BELOW, Frame, Lines, Panel};
use crate::report::draw::theme::{HUES, hue};
use crate::report::number::short;
use crate::report::overview::{last_part, sweep_metrics};
use crate::report::reading::estimate;
use crate::report::wording::Wording;

const HEIGHT: f64 = 320.0;

/// A variant's line: where on the axis, and what was found there.
struct Line<'a> {
    name: &'a str,
    points: Vec<(f64, &'a Estimate)>,
}

/// One chart per metric; none unless exactly one parameter was swept.
pub(crate) fn charts(results: &Results) -> Vec<Chart> {
    if results.sweep.len() < 2 || results.sweep.iter().any(|p| p.at.len() != 1) {
        return Vec::new();
    }
    sweep_metrics(results).iter().filter_map(|metric| chart(results, metric)).collect()
}

fn chart(results: &Results, metric: &str) -> Option<Chart> {
    let values: Vec<String> = results.sweep.iter().map(|p| p.at[0].1.clone()).collect();
    let places = places(&values);
    let lines: Vec<Line<'_>> = (0..results.sweep[0].variants.len())
        .map(|i| line(&results.sweep, i, metric, &places))
        .filter(|l| !l.points.is_empty())
        .collect();
    if lines.is_empty() {
        return None;
    }
    let words = Wording::of(metric, &results.groups, &results.producers);
    let path = &results.sweep[0].at[0].0;
    let finite = |v: &f64| v.is_finite();
    let all =
        || lines.iter().flat_map(|l| &l.points).flat_map(|(_, e)| [e.mean, e.low, e.high]).filter(finite);
    let top = all().fold(0.0, f64::max);
    let least = all().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
    let means = || lines.iter().flat_map(|l| &l.points).map(|(_, e)| e.mean);
    // Over a wide range a linear axis would show the largest point only.
    let log = means().all(|m| m > 0.0) && top / means().fold(f64::INFINITY, f64::min) > 50.0;
    let y = if log { Axis::log(least, top, words.unit) } else { Axis::linear(top * 1.06, words.unit, 6) };
    let n = results.replications;
    let sheet = Sheet {
        stem: format!("sweep-{metric}"),
        title: finding(results, &lines, &places, &words),
        subtitle: format!(
            "{}{}; {}, seed\u{a0}{}{}",
            words.full(),
            if log { ", logarithmic scale" } else { "" },
            if n > 1 {
                format!("mean of {n} replications per point with its 95\u{a0}% interval")
            } else {
                "one replication per point (no intervals)".to_owned()
            },
            results.seed,
            if places.log { format!("; {} spaced by ratio", last_part(path)) } else { String::new() },
        ),
        alt: describe(&lines, &values, &words),
    };
    let several = results.sweep[0].variants.len() > 1;
    let label = Ink::NOTE.bold();
    let room =
        if several { lines.iter().map(|l| label.width(l.name)).fold(40.0, f64::max).min(190.0) } else { 0.0 };
    let left = y.label_width() + 24.0;
    let width = WIDTH - left - room - 30.0;
    let x = axis(&values, &places, width).titled(path.clone());
    Some(sheet.draw(HEIGHT + BELOW + 6.0, |canvas, top| {
        let frame = Frame { left, top, width, height: HEIGHT };
        let mut panel = Panel::new(canvas, frame, x, y);
        panel.mesh(Lines { y_grid: true, base: true, ..Lines::default() });
        draw(canvas, &panel, &lines, several);
    }))
}

fn line<'a>(sweep: &'a [SweepPoint], i: usize, metric: &str, places: &Places) -> Line<'a> {
    let name = sweep[0].variants[i].name.as_str();
    let of = |p: &'a SweepPoint| -> Option<&'a VariantResult> { p.variants.iter().find(|v| v.name == name) };
    let points = sweep.iter().zip(&places.at);
    let mut points: Vec<_> = points.filter_map(|(p, x)| Some((*x, estimate(of(p)?, metric)?))).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Line { name, points }
}

fn draw(canvas: &Canvas<'_>, panel: &Panel<'_, '_>, lines: &[Line<'_>], several: bool) {
    // Side by side, so that the whiskers of one variant do not hide those of another.
    let step = (36.0 / lines.len() as f64).min(6.0) * panel.x_per_pixel();
    let aside = |i: usize| step * (i as f64 - (lines.len() - 1) as f64 / 2.0);
    for (i, l) in lines.iter().enumerate() {
        let colour = hue(i).fill;
        let stroke = Stroke { dashed: i >= HUES.len(), ..Stroke::new(colour, 1.8) };
        panel.line(l.points.iter().map(|(x, e)| (*x + aside(i), e.mean)), stroke);
        for (x, e) in &l.points {
            if e.n > 1 && e.high > e.low {
                panel.whisker(*x + aside(i), e.low, e.high, colour);
            }
            canvas.dot(panel.at(*x + aside(i), e.mean), 3.2, colour);
        }
    }
    if !several {
        return;
    }
    let ends: Vec<f64> = lines.iter().map(|l| panel.at(0.0, l.points[l.points.len() - 1].1.mean).1).collect();
    let frame = panel.frame;
    let spread = spread(&ends, 15.0, frame.top + 5.0, frame.bottom() - 5.0);
    for (i, (y, l)) in spread.into_iter().zip(lines).enumerate() {
        let ink = Ink::NOTE.bold().colour(hue(i).text);
        canvas.text_within((frame.right() + 4.0, y), l.name, ink, 190.0);
    }
}

/// What the first variant's line does between its ends, as far as the intervals show it.
fn finding(results: &Results, lines: &[Line<'_>], places: &Places, words: &Wording) -> String {
    let (parameter, points) = (last_part(&results.sweep[0].at[0].0), &lines[0].points);
    let variant = if lines.len() > 1 { format!(" ({})", lines[0].name) } else { String::new() };
    let say = |e: &Estimate| short(e.mean, words.unit);
    let at = |x: f64| {
        let i = places.at.iter().position(|p| *p == x).unwrap_or(0);
        format!("{parameter}\u{a0}=\u{a0}{}", results.sweep[i].at[0].1)
    };
    let ((from, first), (to, last)) = (points[0], points[points.len() - 1]);
    let by = |a: &&(f64, &Estimate), b: &&(f64, &Estimate)| a.1.mean.total_cmp(&b.1.mean);
    let lowest = *points.iter().min_by(by).expect("a line has points");
    let highest = *points.iter().rev().max_by(by).expect("a line has points");
    let apart = |a: &Estimate, b: &Estimate| a.n > 1 && b.n > 1 && (a.high < b.low || b.high < a.low);
    let turns = |e: &Estimate| apart(e, first) && apart(e, last);
    if !places.quantities && apart(lowest.1, highest.1) {
        let is = words.subject_with("is", "are");
        let (low, high) = (at(lowest.0), at(highest.0));
        return format!(
            "{is} least with {low} ({}) and greatest with {high} ({}){variant}",
            say(lowest.1),
            say(highest.1)
        );
    }
    if turns(lowest.1) {
        let is = words.subject_with("is", "are");
        return format!("{is} least at {}: {}{variant}", at(lowest.0), say(lowest.1));
    }
    if turns(highest.1) {
        let is = words.subject_with("is", "are");
        return format!("{is} greatest at {}: {}{variant}", at(highest.0), say(highest.1));
    }
    if apart(first, last) {
        let falls = last.mean < first.mean;
        let moves =
            if falls { words.subject_with("falls", "fall") } else { words.subject_with("rises", "rise") };
        let (low, high) = (at(from), at(to));
        return format!("{moves} from {} at {low} to {} at {high}{variant}", say(first), say(last));
    }
    if lowest.1.mean == 0.0 && highest.1.mean == 0.0 {
        return format!("No {} seen at any value of {parameter}{variant}", words.full());
    }
    match results.replications {
        0 | 1 => {
            let goes = words.subject_with("goes", "go");
            format!("{goes} from {} to {} in one run of each {parameter}{variant}", say(first), say(last))
        }
        _ => format!("No effect of {parameter} on {} is shown{variant}", words.full()),
    }
}

fn describe(lines: &[Line<'_>], values: &[String], words: &Wording) -> String {
    let rows = lines.iter().map(|l| {
        let points = l.points.iter().map(|(_, e)| short(e.mean, words.unit));
        format!("{}: {}", l.name, points.collect::<Vec<_>>().join(", "))
    });
    let rows = rows.collect::<Vec<_>>().join("; ");
    format!("Lines, one per variant, over {} values ({}). {rows}.", values.len(), values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_title_says_what_the_parameter_does_and_no_more() {
        let mut results = fixture::results();
        let title = |r: &Results| charts(r)[0].title.replace('\u{a0}', " ");
        assert_eq!(
            title(&results),
            "The p99 latency of billing falls from 140 s at consumers = 2 to 10.8 s at consumers = 12 (base)"
        );
        for e in results.sweep.iter_mut().flat_map(|p| &mut p.variants).flat_map(|v| v.estimates.values_mut())
        {
            (e.low, e.high) = (e.mean - 1e9, e.mean + 1e9);
        }
        assert_eq!(title(&results), "No effect of consumers on p99 latency of billing is shown (base)");
    }

    #[test]
    fn two_parameters_are_not_a_line() {
        assert!(charts(&fixture::two_parameters()).is_empty());
    }
}
