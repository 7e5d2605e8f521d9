//! What all charts share: the finding on top, where the numbers come from below it, and places for panels.

use crate::experiment::results::Results;
use crate::report::chart::Chart;
use crate::report::draw::canvas::{Canvas, Ink, picture};
use crate::report::draw::label::wrapped;
use crate::report::draw::panel::{BELOW, Frame};
use crate::report::draw::theme::{INK, MUTED};

/// Width of every chart in pixels.
pub(crate) const WIDTH: f64 = 900.0;
/// Distance of text from the edge of the sheet.
pub(crate) const EDGE: f64 = 16.0;
/// Panels in one chart at most: more variants than that are told apart better in the tables.
pub(crate) const PANELS: usize = 6;
/// Height of the line that names a panel.
const HEADING: f64 = 24.0;
const TITLE: Ink = Ink::new(17.0, INK).bold().top();
const SUBTITLE: Ink = Ink::new(12.5, MUTED).top();

/// A chart before it is drawn.
pub(crate) struct Sheet {
    /// File name without ending.
    pub(crate) stem: String,
    /// The finding, as a sentence without a final stop.
    pub(crate) title: String,
    /// Unit, replications, seed, how to read it.
    pub(crate) subtitle: String,
    /// What can be seen, beyond the title, for those who cannot see it.
    pub(crate) alt: String,
}

impl Sheet {
    /// Draws the head, and below it a body of this height; the body is told where it begins.
    pub(crate) fn draw(self, body: f64, draw: impl FnOnce(&Canvas<'_>, f64)) -> Chart {
        let room = WIDTH - 2.0 * EDGE;
        let titles = wrapped(&self.title, room, TITLE, 2);
        let subtitles = wrapped(&self.subtitle, room, SUBTITLE, 3);
        let top = 14.0 + 23.0 * titles.len() as f64 + 17.0 * subtitles.len() as f64 + 16.0;
        let alt = format!("{}. {}", self.title, self.alt);
        let svg = picture(WIDTH, libm::ceil(top + body), &alt, |canvas| {
            let mut y = 12.0;
            for (lines, ink, step) in [(titles, TITLE, 23.0), (subtitles, SUBTITLE, 17.0)] {
                for line in lines {
                    canvas.text((EDGE, y), &line, ink);
                    y += step;
                }
            }
            draw(canvas, top);
        });
        Chart { file_stem: self.stem, title: self.title, alt, svg }
    }
}

/// Panels of equal size, in two columns if there are several.
pub(crate) struct Tiles {
    /// How many there are.
    pub(crate) count: usize,
    /// Room for labels to the left of each plot.
    pub(crate) left: f64,
    /// Room for labels to the right of each plot.
    pub(crate) right: f64,
    /// Height of each plot.
    pub(crate) plot: f64,
}

impl Tiles {
    fn columns(&self) -> usize {
        self.count.clamp(1, 2)
    }

    fn row_height(&self) -> f64 {
        self.plot + BELOW + 6.0 + if self.count > 1 { HEADING } else { 0.0 }
    }

    /// Width of each plot.
    pub(crate) fn plot_width(&self) -> f64 {
        let columns = self.columns() as f64;
        (WIDTH - EDGE * columns) / columns - self.left - self.right
    }

    /// Height of all together.
    pub(crate) fn height(&self) -> f64 {
        self.count.div_ceil(self.columns()) as f64 * self.row_height()
    }

    /// The frame of the plot of the `i`-th panel, the first row beginning at `top`.
    pub(crate) fn frame(&self, i: usize, top: f64) -> Frame {
        let columns = self.columns();
        let step = (WIDTH - EDGE) / columns as f64;
        let left = EDGE * 0.5 + self.left + step * (i % columns) as f64;
        let heading = if self.count > 1 { HEADING } else { 0.0 };
        let top = top + self.row_height() * (i / columns) as f64 + heading;
        Frame { left, top, width: self.plot_width(), height: self.plot }
    }

    /// The same, with the panel's name above it when there are several panels.
    pub(crate) fn named(&self, i: usize, top: f64, canvas: &Canvas<'_>, name: &str) -> Frame {
        let frame = self.frame(i, top);
        if self.count > 1 {
            let ink = Ink::new(13.0, INK).bold();
            canvas.text_within((frame.left, frame.top - HEADING + 8.0), name, ink, frame.width);
        }
        frame
    }
}

/// `first of 10 replications, seed 7`: for charts of single runs.
pub(crate) fn one_run(results: &Results) -> String {
    let which = match results.replications {
        0 | 1 => "one replication".to_owned(),
        n => format!("first of {n} replications"),
    };
    format!("{which}, seed\u{a0}{}{}", results.seed, point(results))
}

/// `mean of 10 replications with 95 % interval, seed 7`: for charts over replications.
pub(crate) fn all_runs(results: &Results) -> String {
    let which = match results.replications {
        0 | 1 => "one replication (no intervals)".to_owned(),
        n => format!("mean of {n} replications with its 95\u{a0}% interval"),
    };
    format!("{which}, seed\u{a0}{}{}", results.seed, point(results))
}

/// At which point of the sweep, if there is one.
fn point(results: &Results) -> String {
    let at = results.sweep.first().map(|p| {
        p.at.iter()
            .map(|(path, value)| format!("{path}\u{a0}=\u{a0}{value}"))
            .collect::<Vec<_>>()
            .join(" and ")
    });
    at.map_or_else(String::new, |at| format!(", first point of the sweep ({at})"))
}

/// `; first 6 of 10 variants`, when not all fit.
pub(crate) fn left_out(results: &Results) -> String {
    match results.variants.len() {
        n if n > PANELS => format!("; first {PANELS} of {n} variants"),
        _ => String::new(),
    }
}
