//! A chart per group: for each case the simulated figure over the expected one, with its interval.

use crate::report::chart::Chart;
use crate::report::chart::sheet::{EDGE, Sheet, WIDTH};
use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::{Canvas, Ink, Stroke};
use crate::report::draw::panel::{BELOW, Frame, Lines, Panel};
use crate::report::draw::theme::{CALM, Colour, FAULT, HUES, MUTED};
use crate::report::validation::tally;
use crate::validate::{Expected, Finding, Findings, Group, Outcome, Rule, Size};

/// Height of a case's row, in pixels.
const ROW: f64 = 17.0;
/// Room for the names of cases, in pixels.
const NAMES: f64 = 270.0;

/// A chart for each group that has something to show.
pub(super) fn charts(findings: &Findings) -> Vec<(Group, Chart)> {
    Group::ALL.into_iter().filter_map(|group| Some((group, chart(findings, group)?))).collect()
}

/// A case on the sheet: all in shares of the expected figure.
struct Row {
    name: String,
    mean: f64,
    low: f64,
    high: f64,
    /// What was measured.
    band: Option<(f64, f64)>,
    colour: Colour,
}

fn row(findings: &Findings, f: &Finding) -> Option<Row> {
    let size = f.case.expected.middle();
    let per = |v: f64| v / size;
    // What was spread evenly has no interval.
    let spread = matches!(f.case.rule, Rule::Mean { .. });
    // Of nothing there is no share.
    (size != 0.0 && f.interval.mean.is_finite()).then(|| Row {
        name: format!("{}/{}", findings.trials[f.trial].name, f.case.name),
        mean: per(f.interval.mean),
        low: if spread { f64::NAN } else { per(f.interval.low) },
        high: if spread { f64::NAN } else { per(f.interval.high) },
        band: match f.case.expected {
            Expected::Value(_) => None,
            Expected::Between(low, high) => Some((per(low), per(high))),
        },
        colour: match f.outcome {
            Outcome::Passed => HUES[0].fill,
            Outcome::Explained => HUES[3].fill,
            Outcome::Failed => FAULT,
        },
    })
}

fn chart(findings: &Findings, group: Group) -> Option<Chart> {
    let own: Vec<&Finding> =
        findings.cases.iter().filter(|f| findings.trials[f.trial].group == group).collect();
    let rows: Vec<Row> = own.iter().filter_map(|f| row(findings, f)).collect();
    if rows.is_empty() {
        return None;
    }
    let ends = rows.iter().flat_map(|r| {
        let (a, b) = r.band.unwrap_or((r.mean, r.mean));
        [r.low, r.high, r.mean, a, b]
    });
    let far = ends.filter(|v| v.is_finite()).map(|v| libm::fabs(v - 1.0)).fold(0.0, f64::max);
    let reach = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|r| far <= *r).unwrap_or(1.0);
    let left_out = own.len() - rows.len();
    let sheet = Sheet {
        stem: group.name().to_owned(),
        title: format!("{}: {}", group.title(), tally(own.iter().map(|f| f.outcome))),
        subtitle: format!(
            "simulated over expected; dot: mean, whisker: its {:.3}\u{a0}% interval; grey: what was measured; seed\u{a0}{}, {} form{}",
            findings.level * 100.0,
            findings.seed,
            if findings.size == Size::Quick { "quick" } else { "full" },
            if left_out > 0 {
                format!("; {left_out} cases that expect nothing at all are left out")
            } else {
                String::new()
            },
        ),
        alt: format!(
            "Dots with whiskers, one row per case, along a line at 1. {}.",
            tally(own.iter().map(|f| f.outcome))
        ),
    };
    let height = ROW * rows.len() as f64;
    let ticks = [-1.0, -0.5, 0.0, 0.5, 1.0].map(|t| (1.0 + t * reach, label(t * reach)));
    let x =
        Axis::bare(1.0 - reach, 1.0 + reach).with_ticks(ticks.to_vec()).titled("simulated, against expected");
    Some(sheet.draw(height + BELOW + 6.0, |canvas, top| {
        let frame = Frame { left: EDGE + NAMES, top, width: WIDTH - NAMES - 2.0 * EDGE - 14.0, height };
        draw(canvas, frame, x, &rows);
    }))
}

/// `-5%`, `0`, `+2.5%`.
fn label(off: f64) -> String {
    let percent = libm::round(off * 1e4) / 100.0;
    match percent {
        p if p > 0.0 => format!("+{p}%"),
        p if p < 0.0 => format!("−{}%", -p),
        _ => "as expected".to_owned(),
    }
}

fn draw(canvas: &Canvas<'_>, frame: Frame, x: Axis, rows: &[Row]) {
    let mut panel = Panel::new(canvas, frame, x, Axis::bare(0.0, 1.0));
    let place = |panel: &Panel<'_, '_>, v: f64| panel.at(v, 0.0).0.clamp(frame.left, frame.right());
    let middle = |i: usize| frame.top + ROW * (i as f64 + 0.5);
    for (i, row) in rows.iter().enumerate() {
        if let Some((low, high)) = row.band {
            let (a, b) = (place(&panel, low), place(&panel, high));
            canvas.rect((a, middle(i) - 6.0), (b, middle(i) + 6.0), CALM, 1.0);
        }
    }
    panel.mesh(Lines { x_grid: true, base: true, ..Lines::default() });
    let one = place(&panel, 1.0);
    canvas.line(&[(one, frame.top), (one, frame.bottom())], Stroke::new(MUTED, 1.2));
    for (i, row) in rows.iter().enumerate() {
        let y = middle(i);
        let (a, b) = (place(&panel, row.low), place(&panel, row.high));
        if row.low.is_finite() && row.high.is_finite() && b > a {
            canvas.line(&[(a, y), (b, y)], Stroke::new(row.colour, 1.3));
            for end in [a, b] {
                canvas.line(&[(end, y - 3.0), (end, y + 3.0)], Stroke::new(row.colour, 1.3));
            }
        }
        canvas.dot((place(&panel, row.mean), y), 3.0, row.colour);
        canvas.text_within((EDGE, y), &row.name, Ink::NOTE, NAMES - 12.0);
    }
}
