//! What is offered, what the brokers accept and what each group applies, over time.

use crate::experiment::results::{Results, RunRecord, VariantResult};
use crate::report::chart::Chart;
use crate::report::chart::marks::Bands;
use crate::report::chart::sheet::{PANELS, Sheet, Tiles, left_out, one_run};
use crate::report::chart::traces::series;
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Ink, Stroke};
use crate::report::draw::label::spread;
use crate::report::draw::panel::{Lines, Panel};
use crate::report::draw::theme::{Colour, FAINT, HUES, MUTED, hue};
use crate::report::number::{Unit, number, percent};
use crate::report::reading::{greatest, group_metric};
use crate::report::wording::capital;

/// A rate over time.
struct Rate {
    label: String,
    points: Vec<(f64, f64)>,
    line: Colour,
    text: Colour,
    width: f64,
}

impl Rate {
    /// Mean of the last tenth: rates are noisy, and the label should stand at the height of the line.
    fn end(&self) -> f64 {
        let tail = &self.points[self.points.len() - (self.points.len() / 10).max(1)..];
        let finite: Vec<f64> = tail.iter().map(|p| p.1).filter(|v| v.is_finite()).collect();
        if finite.is_empty() { 0.0 } else { finite.iter().sum::<f64>() / finite.len() as f64 }
    }
}

/// The chart of all groups; `None` if no rate was watched.
pub(crate) fn chart(results: &Results) -> Option<Chart> {
    let shown: Vec<(&VariantResult, Vec<Rate>)> = results
        .variants
        .iter()
        .take(PANELS)
        .map(|v| (v, rates(results, &v.first)))
        .filter(|(_, rates)| !rates.is_empty())
        .collect();
    if shown.is_empty() {
        return None;
    }
    let of = |v: &VariantResult| Bands::of(&v.first, None, results.warm_up.secs()).faults_only();
    let bands: Vec<Bands> = shown.iter().map(|(v, _)| of(v)).collect();
    let note = bands.iter().map(Bands::note).find(|note| !note.is_empty()).unwrap_or_default();
    let all = || shown.iter().flat_map(|(_, rates)| rates);
    let top = greatest(all().flat_map(|r| r.points.iter().map(|p| p.1))).unwrap_or(0.0);
    let sheet = Sheet {
        stem: "throughput".to_owned(),
        title: finding(results),
        subtitle: format!("events per second, {}{note}{}", one_run(results), left_out(results)),
        alt: format!("Lines over time; the greatest rate is {}.", number(top, Unit::Rate)),
    };
    let several = shown.len() > 1;
    let plot = if several { 190.0 } else { 300.0 };
    let headroom = bands.iter().map(|b| b.headroom(plot)).fold(1.0, f64::max);
    let y = Axis::linear(top.max(1.0) * headroom, Unit::Rate, 5);
    let right = all().map(|r| Ink::NOTE.bold().width(&r.label)).fold(60.0, f64::max).min(130.0) + 16.0;
    let tiles = Tiles { count: shown.len(), left: y.label_width() + 14.0, right, plot };
    let end = shown.iter().map(|(v, _)| v.first.end.secs()).fold(0.0, f64::max);
    Some(sheet.draw(tiles.height(), |canvas, top| {
        for (i, (v, rates)) in shown.iter().enumerate() {
            let frame = tiles.named(i, top, canvas, &v.name);
            let mut panel =
                Panel::new(canvas, frame, Axis::time(end, if several { 4 } else { 7 }), y.clone());
            bands[i].shade(&panel);
            panel.mesh(Lines { y_grid: true, base: true, ..Lines::default() });
            draw(&panel, rates);
            bands[i].name(&panel);
        }
    }))
}

fn draw(panel: &Panel<'_, '_>, rates: &[Rate]) {
    for r in rates {
        panel.line(r.points.iter().copied(), Stroke::new(r.line, r.width));
    }
    let frame = panel.frame;
    let wishes: Vec<f64> = rates.iter().map(|r| panel.at(0.0, r.end()).1).collect();
    let places = spread(&wishes, 15.0, frame.top + 6.0, frame.bottom() - 6.0);
    for (y, r) in places.into_iter().zip(rates) {
        panel.canvas.text_within((frame.right() + 7.0, y), &r.label, Ink::NOTE.bold().colour(r.text), 130.0);
    }
}

/// Offered below, then accepted, then what each group applies.
fn rates(results: &Results, run: &RunRecord) -> Vec<Rate> {
    let mut out = Vec::new();
    let produced = |kind: &str| sum(run, results.sources.iter().map(|p| format!("producer.{p}.{kind}-rate")));
    if let Some(points) = produced("offered") {
        out.push(Rate { label: "offered".into(), points, line: FAINT, text: MUTED, width: 3.4 });
    }
    if let Some(points) = produced("accepted") {
        let hue = HUES[5];
        out.push(Rate { label: "accepted".into(), points, line: hue.fill, text: hue.text, width: 1.6 });
    }
    for (i, group) in results.groups.iter().enumerate() {
        if let Some(points) = sum(run, [group_metric(group, "applied-rate")]) {
            let label = if results.groups.len() > 1 { group.clone() } else { "applied".to_owned() };
            let hue = hue(i % (HUES.len() - 1));
            out.push(Rate { label, points, line: hue.fill, text: hue.text, width: 1.6 });
        }
    }
    out
}

/// The sum of several series, point by point; `None` if there is none of them.
fn sum(run: &RunRecord, names: impl IntoIterator<Item = String>) -> Option<Vec<(f64, f64)>> {
    let all: Vec<_> = names.into_iter().filter_map(|name| series(run, &name)).collect();
    let longest = all.iter().max_by_key(|s| s.value.len())?;
    let step = longest.step.secs();
    let at = |i: usize| all.iter().filter_map(|s| s.value.get(i)).sum::<f64>();
    Some((0..longest.value.len()).map(|i| (step * (i + 1) as f64, at(i))).collect())
}

/// For how many seconds a group applied less than half of what was offered.
fn slow_seconds(offered: &[(f64, f64)], applied: &[(f64, f64)], after: f64) -> f64 {
    let step = offered.first().map_or(0.0, |p| p.0);
    let slow = offered.iter().zip(applied).filter(|(o, a)| o.0 > after && a.1 < o.1 / 2.0);
    step * slow.count() as f64
}

fn finding(results: &Results) -> String {
    let warm_up = results.warm_up.secs();
    let total = |points: &[(f64, f64)]| points.iter().map(|p| p.1).filter(|v| v.is_finite()).sum::<f64>();
    let mut refused: Option<(f64, String)> = None;
    let mut slow: Option<(f64, String)> = None;
    let mut mean = None;
    for v in results.variants.iter().take(PANELS) {
        let run = &v.first;
        let produced =
            |kind: &str| sum(run, results.sources.iter().map(|p| format!("producer.{p}.{kind}-rate")));
        let Some(offered) = produced("offered").filter(|o| total(o) > 0.0) else { continue };
        mean.get_or_insert(total(&offered) / offered.iter().filter(|p| p.1 > 0.0).count().max(1) as f64);
        let place = if results.variants.len() > 1 { format!(" ({})", v.name) } else { String::new() };
        if let Some(accepted) = produced("accepted") {
            let share = total(&accepted) / total(&offered);
            if share < 0.98 && refused.as_ref().is_none_or(|(least, _)| share < *least) {
                refused = Some((share, place.clone()));
            }
        }
        for (group, feeds) in results.groups.iter().zip(&results.feeds) {
            let offered = sum(run, feeds.iter().map(|p| format!("producer.{p}.offered-rate")));
            let applied = sum(run, [group_metric(group, "applied-rate")]);
            let (Some(offered), Some(applied)) = (offered, applied) else { continue };
            let seconds = slow_seconds(&offered, &applied, warm_up);
            let of = run.end.secs() - warm_up;
            if seconds > 0.02 * of && slow.as_ref().is_none_or(|(most, _)| seconds > *most) {
                let time = number(seconds, Unit::Seconds);
                let text = format!("{group} applies less than half of what is offered for {time}{place}");
                slow = Some((seconds, text));
            }
        }
    }
    match (refused, slow, mean) {
        (_, Some((_, text)), _) => text,
        (Some((share, place)), ..) => {
            format!("Of the events offered, {} are accepted by the brokers{place}", percent(share))
        }
        (None, None, Some(mean)) => {
            let who = match results.groups.as_slice() {
                [only] => only.clone() + " keeps",
                _ => "every group keeps".to_owned(),
            };
            capital(&format!("{who} up with the {} offered", number(mean, Unit::Rate)))
        }
        (None, None, None) => "Events per second over time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn an_outage_shows_in_the_title() {
        let title = chart(&fixture::results()).expect("rates").title.replace('\u{a0}', " ");
        // The fixture applies almost nothing from 40 s to 58 s.
        assert_eq!(title, "billing applies less than half of what is offered for 18 s (base)");
    }

    #[test]
    fn nothing_offered_is_no_claim() {
        assert_eq!(chart(&fixture::nothing()).expect("rates").title, "Events per second over time");
    }
}
