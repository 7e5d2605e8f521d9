//! One coordinate system on the sheet: plotters' chart with our axes, and lines that stay small and exact.
//!
//! Knows values and colours, not what they mean.

use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, INTO_A_STRING, Ink, Point, SCALE, Stroke, units};
use crate::report::draw::theme::{Colour, GRID, INK, MUTED};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::{SVGBackend, TRANSPARENT};

/// Room below the plot for tick labels and the title of the axis.
pub(crate) const BELOW: f64 = 40.0;

/// Where the plot itself is on the sheet, in pixels; labels stand outside of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Frame {
    /// The x of the right edge.
    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }
    /// The y of the lower edge.
    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// What of its frame a panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Grid lines and labels for the ticks of the x axis.
    pub(crate) x_grid: bool,
    /// Grid lines for the ticks of the y axis.
    pub(crate) y_grid: bool,
    /// A line along the x axis.
    pub(crate) base: bool,
}

/// A coordinate system.
pub(crate) struct Panel<'c, 'a> {
    /// The sheet it is on.
    pub(crate) canvas: &'c Canvas<'a>,
    /// Where.
    pub(crate) frame: Frame,
    chart: ChartContext<'c, SVGBackend<'a>, Cartesian2d<Axis, Axis>>,
    x: Axis,
    y: Axis,
}

impl<'c, 'a> Panel<'c, 'a> {
    /// Lays it out; draws nothing yet, so that bands can be put behind the grid.
    pub(crate) fn new(canvas: &'c Canvas<'a>, frame: Frame, x: Axis, y: Axis) -> Self {
        let beside = frame.left.min(y.label_width() + 14.0);
        let part = canvas.part(frame.left - beside, frame.top, frame.width + beside, frame.height + BELOW);
        let chart = ChartBuilder::on(&part)
            .x_label_area_size(units(BELOW))
            .y_label_area_size(units(beside))
            .build_cartesian_2d(x.clone(), y.clone())
            .expect(INTO_A_STRING);
        Panel { canvas, frame, chart, x, y }
    }

    /// Draws grid, axis lines and labels.
    pub(crate) fn mesh(&mut self, lines: Lines) {
        let grid =
            |colour: Colour, on: bool| if on { Stroke::new(colour, 1.0).style() } else { TRANSPARENT.into() };
        let mut mesh = self.chart.configure_mesh();
        if !lines.x_grid {
            mesh.disable_x_mesh();
        }
        if !lines.y_grid {
            mesh.disable_y_mesh();
        }
        mesh.light_line_style(Stroke { alpha: 0.5, ..Stroke::new(GRID, 0.8) }.style())
            .bold_line_style(grid(GRID, lines.x_grid || lines.y_grid))
            .axis_style(TRANSPARENT)
            .label_style(Ink::NOTE.style())
            .set_all_tick_mark_size(units(4.0))
            .draw()
            .expect(INTO_A_STRING);
        if lines.base {
            let y = self.frame.bottom();
            let stroke = Stroke::new(MUTED, 1.0);
            self.canvas.line(&[(self.frame.left, y), (self.frame.right(), y)], stroke);
            for x in self.x.ticks().map(|v| self.at(v, 0.0).0) {
                self.canvas.line(&[(x, y), (x, y + 4.0)], stroke);
            }
        }
        let middle = (self.frame.left + self.frame.width / 2.0, self.frame.bottom() + BELOW - 8.0);
        self.canvas.text(middle, &self.x.title, Ink::NAME.centred());
        if !self.y.title.is_empty() {
            let place = (self.frame.left, self.frame.top - 10.0);
            self.canvas.text(place, &self.y.title, Ink::NOTE);
        }
    }

    /// The pixel place of a value.
    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        let (px, py) = self.chart.backend_coord(&(x, y));
        (f64::from(px) / SCALE, f64::from(py) / SCALE)
    }

    /// How much of a linear x axis a pixel covers.
    pub(crate) fn x_per_pixel(&self) -> f64 {
        self.x.length() / self.frame.width
    }

    /// Draws a line through values; what is not a number leaves a gap, and a value alone is a dot.
    pub(crate) fn line(&self, values: impl IntoIterator<Item = (f64, f64)>, stroke: Stroke) {
        for run in self.runs(values) {
            match run.as_slice() {
                [] => {}
                [only] => self.canvas.dot(*only, stroke.width.max(1.5), stroke.colour),
                run => self.canvas.line(&simplified(&thinned(run)), stroke),
            }
        }
    }

    /// Fills between a lower and an upper value at each x.
    pub(crate) fn band(&self, values: impl IntoIterator<Item = (f64, f64, f64)>, colour: Colour, alpha: f64) {
        let (low, high): (Vec<_>, Vec<_>) = values
            .into_iter()
            .filter(|(_, low, high)| low.is_finite() && high.is_finite())
            .map(|(x, low, high)| ((x, low), (x, high)))
            .unzip();
        let outline = |side: Vec<(f64, f64)>| {
            self.runs(side).first().map_or_else(Vec::new, |run| simplified(&thinned(run)))
        };
        let mut area = outline(high);
        area.extend(outline(low).into_iter().rev());
        if area.len() > 3 {
            self.canvas.area(&area, colour, alpha);
        }
    }

    /// A whisker from `low` to `high` across the value axis at `x`.
    pub(crate) fn whisker(&self, x: f64, low: f64, high: f64, colour: Colour) {
        let (a, b) = (self.at(x, low), self.at(x, high));
        let stroke = Stroke::new(colour, 1.3);
        self.canvas.line(&[a, b], stroke);
        for (cx, cy) in [a, b] {
            self.canvas.line(&[(cx - 4.0, cy), (cx + 4.0, cy)], stroke);
        }
    }

    /// A whisker lying down, centred at pixel `y`.
    pub(crate) fn whisker_across(&self, y: f64, low: f64, high: f64) {
        let (a, b) = (self.at(low, 0.0).0, self.at(high, 0.0).0);
        let stroke = Stroke::new(INK, 1.3);
        self.canvas.line(&[(a, y), (b, y)], stroke);
        for x in [a, b] {
            self.canvas.line(&[(x, y - 4.5), (x, y + 4.5)], stroke);
        }
    }

    fn runs(&self, values: impl IntoIterator<Item = (f64, f64)>) -> Vec<Vec<Point>> {
        let (f, mut runs) = (self.frame, vec![Vec::new()]);
        for (x, y) in values {
            if x.is_finite() && y.is_finite() {
                let (px, py) = self.at(x, y);
                // What lies beyond an axis is drawn on its edge, not over the labels.
                let inside = (px.clamp(f.left, f.right()), py.clamp(f.top, f.bottom()));
                runs.last_mut().expect("begins with one run").push(inside);
            } else if runs.last().is_some_and(|run| !run.is_empty()) {
                runs.push(Vec::new());
            }
        }
        runs.retain(|run| !run.is_empty());
        runs
    }
}

/// At most four points per half pixel across: the first, the extremes and the last, so no spike is lost.
fn thinned(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::new();
    let column = |p: &Point| libm::floor(p.0 * 2.0) as i64;
    for group in points.chunk_by(|a, b| column(a) == column(b)) {
        if group.len() <= 4 {
            out.extend(group);
            continue;
        }
        let by = |i: usize, j: usize| group[i].1.total_cmp(&group[j].1);
        let lowest = (0..group.len()).min_by(|&i, &j| by(i, j)).unwrap_or(0);
        let highest = (0..group.len()).max_by(|&i, &j| by(i, j)).unwrap_or(0);
        let mut keep = [0, lowest.min(highest), lowest.max(highest), group.len() - 1].to_vec();
        keep.dedup();
        out.extend(keep.into_iter().map(|i| group[i]));
    }
    out
}

/// Leaves out points that lie within a quarter pixel of the line without them (Ramer, Douglas and Peucker).
fn simplified(points: &[Point]) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut open = vec![(0, points.len() - 1)];
    while let Some((first, last)) = open.pop() {
        let far = (first + 1..last)
            .map(|i| (i, distance(points[i], points[first], points[last])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((i, d)) = far
            && d > 0.25
        {
            keep[i] = true;
            open.extend([(first, i), (i, last)]);
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| *p).collect()
}

/// Distance of a point from the piece of line between two others.
fn distance(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    let along = if square > 0.0 { ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    libm::hypot(p.0 - a.0 - along * dx, p.1 - a.1 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_spike_survives_and_a_straight_line_is_two_points() {
        let mut points: Vec<Point> = (0..10_000).map(|i| (f64::from(i) / 20.0, 100.0)).collect();
        assert_eq!(simplified(&thinned(&points)).len(), 2);
        points[5003].1 = 7.0;
        let small = simplified(&thinned(&points));
        assert!(small.iter().any(|p| p.1 == 7.0) && small.len() < 8, "{small:?}");
    }

    proptest! {
        #[test]
        fn every_point_left_out_is_near_what_is_drawn(ys in proptest::collection::vec(0.0..300.0f64, 3..60)) {
            let points: Vec<Point> = ys.iter().enumerate().map(|(i, y)| (i as f64 * 3.0, *y)).collect();
            let small = simplified(&points);
            for p in &points {
                let near = small.windows(2).map(|w| distance(*p, w[0], w[1])).fold(f64::MAX, f64::min);
                prop_assert!(near <= 0.2501);
            }
        }
    }
}
