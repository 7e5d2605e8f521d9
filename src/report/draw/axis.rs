//! Axes: linear, logarithmic and tail-of-a-distribution scales with round ticks, as plotters coordinates.
//!
//! plotters' own logarithmic scale puts ticks at 1.9 and 2.8; here they are where a person expects them.

use crate::report::draw::canvas::Ink;
use crate::report::number::{Unit, number, short};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Linear,
    Log,
    /// `-log10(1 - p)`: each step towards 1 that takes away nine tenths of the rest is equally long.
    Tail,
}

/// An axis: its range, its ticks with their labels, its minor grid lines.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    scale: Scale,
    from: f64,
    to: f64,
    ticks: Vec<(f64, String)>,
    minor: Vec<f64>,
    /// What stands beside the axis.
    pub(crate) title: String,
}

/// Round steps in seconds from a second on; below, decimal steps.
const TIME_STEPS: [f64; 19] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14_400.0,
    21_600.0, 43_200.0, 86_400.0, 172_800.0,
];

impl Axis {
    /// From 0 to a little above `top`, with at most `most` ticks.
    pub(crate) fn linear(top: f64, unit: Unit, most: usize) -> Axis {
        let top = if top.is_finite() && top > 0.0 { top } else { 1.0 };
        let step = match unit {
            Unit::Seconds => time_step(top, most),
            _ => decimal_step(top, most),
        };
        let label = |v: f64| match unit {
            Unit::Seconds => in_unit_of(v, top),
            _ => short(v, unit),
        };
        Axis { ticks: multiples(step, top, label), ..Axis::bare(0.0, top) }
    }

    /// Simulated time from 0 to `end` seconds.
    pub(crate) fn time(end: f64, most: usize) -> Axis {
        let end = if end.is_finite() && end > 0.0 { end } else { 1.0 };
        let (per, name) = match end {
            e if e >= 172_800.0 => (86_400.0, "days"),
            e if e >= 10_800.0 => (3600.0, "h"),
            e if e > 600.0 => (60.0, "min"),
            e if e >= 2.0 => (1.0, "s"),
            _ => (1e-3, "ms"),
        };
        let ticks = multiples(time_step(end, most), end, |v| short(v / per, Unit::Count));
        Axis { ticks, title: format!("simulated time ({name})"), ..Axis::bare(0.0, end) }
    }

    /// Logarithmic from at most `low` to at least `high`.
    pub(crate) fn log(low: f64, high: f64, unit: Unit) -> Axis {
        let low = if low.is_finite() { low.max(1e-9) } else { 1e-3 };
        let high = if high.is_finite() { high.max(low * 4.0) } else { low * 10.0 };
        let (from, to) = (rounded_down(low), rounded_up(high));
        let decades = libm::log10(to / from);
        let (mut ticks, mut minor) = (Vec::new(), Vec::new());
        for exponent in libm::floor(libm::log10(from)) as i32..=libm::ceil(libm::log10(to)) as i32 {
            for digit in 1..10 {
                let v = f64::from(digit) * libm::pow(10.0, f64::from(exponent));
                if v < from * 0.999 || v > to * 1.001 {
                    continue;
                }
                if digit == 1 || (decades <= 2.0 && [2, 5].contains(&digit)) {
                    ticks.push((v, decade_label(v, unit)));
                } else {
                    minor.push(v);
                }
            }
        }
        Axis { scale: Scale::Log, ticks, minor, ..Axis::bare(from, to) }
    }

    /// The share of values at or below: 0, half, nine tenths, and so on towards 1.
    pub(crate) fn tail() -> Axis {
        let shares = [0.0, 0.5, 0.9, 0.99, 0.999];
        let ticks = shares.iter().map(|p| (*p, format!("{}%", libm::round(p * 1e4) / 100.0))).collect();
        Axis { scale: Scale::Tail, ticks, ..Axis::bare(0.0, 0.9992) }
    }

    /// Without ticks: rows, or a scale that is labelled by hand.
    pub(crate) fn bare(from: f64, to: f64) -> Axis {
        let title = String::new();
        Axis { scale: Scale::Linear, from, to, ticks: Vec::new(), minor: Vec::new(), title }
    }

    /// The same axis with ticks of one's own.
    pub(crate) fn with_ticks(self, ticks: Vec<(f64, String)>) -> Axis {
        Axis { ticks, ..self }
    }

    /// The same axis with a title.
    pub(crate) fn titled(self, title: impl Into<String>) -> Axis {
        Axis { title: title.into(), ..self }
    }

    /// From the first value to the last.
    pub(crate) fn length(&self) -> f64 {
        self.to - self.from
    }

    /// The values of the ticks.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        self.ticks.iter().map(|(at, _)| *at)
    }

    /// Width of the widest label.
    pub(crate) fn label_width(&self) -> f64 {
        self.ticks.iter().map(|(_, label)| Ink::NOTE.width(label)).fold(0.0, f64::max)
    }

    /// Where a value stands between the ends of the axis, from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let place = |v: f64| match self.scale {
            Scale::Linear => v,
            Scale::Log => libm::log10(v.max(1e-12)),
            Scale::Tail => -libm::log10((1.0 - v).max(1e-9)),
        };
        let (from, to) = (place(self.from), place(self.to));
        if to == from { 0.0 } else { (place(value) - from) / (to - from) }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        // A little outside is drawn outside; far outside would overflow.
        let share = self.share(*value).clamp(-1.0, 2.0);
        limit.0 + libm::round(f64::from(limit.1 - limit.0) * share) as i32
    }

    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<f64> {
        if hint.weight().allow_light_points() { self.minor.clone() } else { self.ticks().collect() }
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.ticks.iter().find(|(at, _)| at == value).map_or_else(String::new, |(_, label)| label.clone())
    }
}

fn multiples(step: f64, top: f64, label: impl Fn(f64) -> String) -> Vec<(f64, String)> {
    let count = libm::floor(top / step * (1.0 + 1e-9)) as usize;
    (0..=count).map(|i| step * i as f64).map(|v| (v, label(v))).collect()
}

/// 1, 2 or 5 times a power of ten, so that at most `most` ticks fit below `top`.
fn decimal_step(top: f64, most: usize) -> f64 {
    let least = top / most.max(1) as f64;
    let power = libm::pow(10.0, libm::floor(libm::log10(least)));
    let step = [1.0, 2.0, 5.0].iter().map(|m| m * power).find(|s| *s >= least * (1.0 - 1e-9));
    step.unwrap_or(10.0 * power)
}

fn time_step(top: f64, most: usize) -> f64 {
    let least = top / most.max(1) as f64;
    if least <= 0.5 {
        return decimal_step(top, most);
    }
    let days = libm::ceil(least / 86_400.0) * 86_400.0;
    TIME_STEPS.into_iter().find(|s| *s >= least * (1.0 - 1e-9)).unwrap_or(days)
}

/// A time in the unit that suits the top of its axis, so that all labels of the axis are alike.
fn in_unit_of(value: f64, top: f64) -> String {
    let (per, name) = match top {
        t if t >= 10_800.0 => (3600.0, "h"),
        t if t > 600.0 => (60.0, "min"),
        t if t >= 1.0 => (1.0, "s"),
        t if t >= 1e-3 => (1e-3, "ms"),
        _ => return number(value, Unit::Seconds),
    };
    format!("{}\u{a0}{name}", short(value / per, Unit::Count))
}

/// Decades of time stay seconds from a second on: `1 s`, `10 s`, `1k s`, not `16.7 min`.
fn decade_label(value: f64, unit: Unit) -> String {
    if unit == Unit::Seconds && value >= 0.999 {
        format!("{}\u{a0}s", short(libm::round(value), Unit::Count))
    } else {
        short(value, unit)
    }
}

fn rounded_down(v: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(v)));
    [5.0, 2.0, 1.0].iter().map(|m| m * power).find(|r| *r <= v).unwrap_or(power)
}

fn rounded_up(v: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(v)));
    [1.0, 2.0, 5.0].iter().map(|m| m * power).find(|r| *r >= v).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|(_, label)| label.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::linear(44_000.0, Unit::Count, 5)), ["0", "10k", "20k", "30k", "40k"]);
        assert_eq!(labels(&Axis::linear(0.7, Unit::Seconds, 4)), ["0 ms", "200 ms", "400 ms", "600 ms"]);
        assert_eq!(labels(&Axis::linear(900.0, Unit::Seconds, 4)), ["0 min", "5 min", "10 min", "15 min"]);
        assert_eq!(labels(&Axis::time(120.0, 7)), ["0", "20", "40", "60", "80", "100", "120"]);
        assert_eq!(labels(&Axis::time(7200.0, 6)), ["0", "20", "40", "60", "80", "100", "120"]);
        assert_eq!(Axis::time(7200.0, 6).title, "simulated time (min)");
        assert_eq!(labels(&Axis::log(0.004, 30.0, Unit::Seconds)), ["10 ms", "100 ms", "1 s", "10 s"]);
        assert_eq!(labels(&Axis::log(0.1, 0.45, Unit::Seconds)), ["100 ms", "200 ms", "500 ms"]);
        assert_eq!(labels(&Axis::tail()), ["0%", "50%", "90%", "99%", "99.9%"]);
    }

    #[test]
    fn ticks_are_few_for_any_range() {
        for top in [1e-9, 0.3, 1.0, 61.0, 3700.0, 1e7, 1e12] {
            for axis in
                [Axis::linear(top, Unit::Seconds, 6), Axis::linear(top, Unit::Count, 6), Axis::time(top, 7)]
            {
                assert!((2..=9).contains(&axis.ticks.len()), "{top}: {:?}", axis.ticks);
            }
        }
    }

    #[test]
    fn odd_ranges_do_no_harm() {
        for bad in [f64::NAN, f64::INFINITY, 0.0, -3.0] {
            assert!(Axis::linear(bad, Unit::Count, 5).share(0.5).is_finite());
            assert!(Axis::log(bad, bad, Unit::Count).share(1.0).is_finite());
            assert!(Axis::time(bad, 5).share(0.5).is_finite());
        }
    }

    #[test]
    fn the_tail_scale_gives_each_nine_the_same_room() {
        let axis = Axis::tail();
        let step = axis.share(0.99) - axis.share(0.9);
        assert!((axis.share(0.999) - axis.share(0.99) - step).abs() < 1e-9);
        assert!(axis.share(0.999) > 0.95);
    }
}
