//! Faults, rebalances and the warm-up as named bands behind charts over time.
//!
//! Hundreds of marks become a few bands: what would touch on the sheet is one, and only names with room are written.

use crate::experiment::results::{MarkKind, RunRecord};
use crate::report::draw::canvas::{Ink, Stroke};
use crate::report::draw::label::shortened_to;
use crate::report::draw::panel::Panel;
use crate::report::draw::theme::{CALM, Colour, FAULT, MUTED, REBALANCE};

/// The bands of one run.
pub(crate) struct Bands {
    marks: Vec<Band>,
    warm_up: f64,
}

#[derive(Clone, Debug, PartialEq)]
struct Band {
    fault: bool,
    label: String,
    from: f64,
    to: f64,
    count: usize,
    /// Seconds of the band that truly are a fault or rebalance.
    filled: f64,
}

/// What is nearer than this on the sheet becomes one band, in pixels.
const TOUCH: f64 = 4.0;
const LANE: f64 = 15.0;
const LANES: usize = 2;

impl Bands {
    /// The faults of a run, and the rebalances and scaling steps of one group (or of all).
    pub(crate) fn of(run: &RunRecord, group: Option<&str>, warm_up: f64) -> Bands {
        let wanted = |of: &Option<String>| group.is_none() || of.is_none() || of.as_deref() == group;
        let marks = run.marks.iter().filter(|m| wanted(&m.group)).map(|m| Band {
            fault: m.kind == MarkKind::Fault,
            label: m.label.clone(),
            from: m.from.secs(),
            to: m.to.secs().max(m.from.secs()),
            count: 1,
            filled: m.to.since(m.from).secs(),
        });
        Bands { marks: marks.collect(), warm_up }
    }

    /// Only the faults.
    pub(crate) fn faults_only(mut self) -> Bands {
        self.marks.retain(|m| m.fault);
        self
    }
    /// Only what another run had as well, for a panel that shows both: a variant may have faults of its own.
    pub(crate) fn shared_with(mut self, run: &RunRecord) -> Bands {
        let theirs = |m: &Band| run.marks.iter().any(|o| o.label == m.label && o.from.secs() == m.from);
        self.marks.retain(theirs);
        self
    }

    /// By how much the value axis must exceed the data, so that the names stand above them,
    /// on a plot of this height.
    pub(crate) fn headroom(&self, plot: f64) -> f64 {
        let names = if self.marks.is_empty() && self.warm_up <= 0.0 { 0.0 } else { LANE * LANES as f64 };
        1.0 / (1.0 - (names + 16.0) / plot)
    }

    /// How to read the bands, for the sub-title; begins with `; ` unless there are none.
    pub(crate) fn note(&self) -> String {
        let any = |fault: bool| self.marks.iter().any(|m| m.fault == fault);
        match (any(true), any(false)) {
            (true, true) => "; shaded: faults (orange), rebalances (blue)".to_owned(),
            (true, false) => "; shaded: faults".to_owned(),
            (false, true) => "; shaded: rebalances".to_owned(),
            (false, false) => String::new(),
        }
    }

    /// Begin and end of every mark, in seconds.
    pub(crate) fn edges(&self) -> Vec<f64> {
        let mut edges: Vec<f64> = self.marks.iter().flat_map(|m| [m.from, m.to]).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        edges
    }

    /// Shades the bands; call it before the grid is drawn.
    pub(crate) fn shade(&self, panel: &Panel<'_, '_>) {
        let frame = panel.frame;
        let rect = |from: f64, to: f64, colour: Colour, alpha: f64| {
            let x = |t: f64| panel.at(t, 0.0).0.clamp(frame.left, frame.right());
            let (a, b) = (x(from), x(to));
            if b - a < 1.5 {
                let line = [(a, frame.top), (a, frame.bottom())];
                panel.canvas.line(&line, Stroke { alpha: 0.45, ..Stroke::new(colour, 1.2) });
            } else {
                panel.canvas.rect((a, frame.top), (b, frame.bottom()), colour, alpha);
            }
        };
        if self.warm_up > 0.0 {
            rect(0.0, self.warm_up, CALM, 0.45);
        }
        for band in self.joined(panel) {
            let (colour, alpha) = if band.fault { (FAULT, 0.13) } else { (REBALANCE, 0.11) };
            // Many short marks in a row must not look like one long one.
            let share = if band.count > 1 { band.filled / (band.to - band.from).max(1e-9) } else { 1.0 };
            rect(band.from, band.to, colour, alpha * share.clamp(0.3, 1.0));
        }
    }

    /// Writes the names that have room; call it after the lines are drawn.
    pub(crate) fn name(&self, panel: &Panel<'_, '_>) {
        let mut bands = self.joined(panel);
        bands.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)).then(a.from.total_cmp(&b.from)));
        let most = if panel.frame.width > 500.0 { 5 } else { 2 };
        let mut taken: Vec<(usize, f64, f64)> = Vec::new();
        let mut place = |text: &str, from: f64, to: f64, colour: Colour, bold: bool| {
            let frame = panel.frame;
            let ink = Ink { bold, ..Ink::new(11.5, colour).centred() };
            let room = (frame.width * 0.4).min(230.0);
            // What stands in brackets is the first to go.
            let brief = text.split_once(" (").map_or(text, |(brief, _)| brief);
            let text = shortened_to(if ink.width(text) <= room { text } else { brief }, room, ink);
            let half = ink.width(&text) / 2.0;
            let (a, b) = (panel.at(from, 0.0).0, panel.at(to, 0.0).0);
            let x = match b - a {
                inside if inside >= 1.4 * half => (a + b) / 2.0,
                _ if b + 2.0 * half + 8.0 <= frame.right() => b + half + 5.0,
                _ => a - half - 5.0,
            };
            let x = x.max(frame.left + half + 3.0);
            let free = (0..LANES).find(|lane| {
                taken.iter().all(|(l, a, b)| l != lane || x + half + 7.0 < *a || x - half - 7.0 > *b)
            });
            if let Some(lane) = free {
                taken.push((lane, x - half, x + half));
                panel.canvas.text((x, frame.top + 10.0 + LANE * lane as f64), &text, ink);
            }
        };
        for band in bands.iter().take(most) {
            let colour = if band.fault { FAULT } else { REBALANCE };
            place(&band.title(), band.from, band.to, colour, true);
        }
        if self.warm_up > 0.0 {
            place("warm-up", 0.0, self.warm_up, MUTED, false);
        }
    }

    fn joined(&self, panel: &Panel<'_, '_>) -> Vec<Band> {
        let touch = TOUCH * panel.x_per_pixel();
        let mut out: Vec<Band> = Vec::new();
        for fault in [true, false] {
            let mut open: Option<Band> = None;
            for mark in self.marks.iter().filter(|m| m.fault == fault) {
                match &mut open {
                    Some(band) if mark.from <= band.to + touch => {
                        band.to = band.to.max(mark.to);
                        band.filled += mark.filled;
                        band.count += 1;
                        if band.label != mark.label {
                            band.label.clear();
                        }
                    }
                    _ => out.extend(open.replace(mark.clone())),
                }
            }
            out.extend(open);
        }
        out
    }
}

impl Band {
    fn title(&self) -> String {
        let kind = if self.fault { "faults" } else { "rebalances" };
        match (self.count, self.label.as_str()) {
            (1, label) => label.to_owned(),
            (n, "") => format!("{n} {kind}"),
            (n, label) => format!("{label}, {n} times"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::draw::axis::Axis;
    use crate::report::draw::canvas::picture;
    use crate::report::draw::panel::Frame;
    use crate::report::fixture;

    #[test]
    fn what_another_run_did_not_have_is_no_band_of_both() {
        let results = fixture::many();
        let run = &results.variants[0].first;
        let all = Bands::of(run, None, 0.0).faults_only();
        let mut other = run.clone();
        assert_eq!(Bands::of(run, None, 0.0).faults_only().shared_with(&other).marks.len(), all.marks.len());
        let gone = other.marks.iter().position(|m| m.kind == MarkKind::Fault).expect("there are faults");
        let gone = other.marks.remove(gone);
        let both = Bands::of(run, None, 0.0).faults_only().shared_with(&other);
        assert!(both.marks.len() < all.marks.len());
        assert!(both.marks.iter().all(|m| m.label != gone.label || m.from != gone.from.secs()));
    }

    #[test]
    fn many_faults_become_few_named_bands() {
        let results = fixture::many();
        let bands = Bands::of(&results.variants[0].first, Some("group-0"), 10.0);
        let svg = picture(900.0, 300.0, "", |canvas| {
            let frame = Frame { left: 60.0, top: 20.0, width: 700.0, height: 200.0 };
            let panel = Panel::new(
                canvas,
                frame,
                Axis::time(120.0, 6),
                Axis::linear(1.0, crate::report::number::Unit::Count, 4),
            );
            let joined = bands.joined(&panel);
            assert!(joined.iter().map(|b| b.count).sum::<usize>() >= 200, "none is forgotten");
            bands.shade(&panel);
            bands.name(&panel);
        });
        assert!((1..=6).contains(&svg.matches("<text").count()), "{svg}");
    }
}
