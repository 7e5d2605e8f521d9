//! Simulated time: whole nanoseconds since the start of the run, and lengths of it.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A moment of the run, in nanoseconds since its start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub u64);

/// A length of time, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(pub u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Time = Time(0);
    /// Later than anything that happens.
    pub const NEVER: Time = Time(u64::MAX);

    /// How long after `earlier` this is; zero if it is not after it.
    #[inline(always)]
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
    /// In seconds, for reports.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any run.
    pub const FOREVER: Span = Span(u64::MAX);

    /// A length in whole nanoseconds.
    pub const fn nanos(n: u64) -> Span {
        Span(n)
    }
    /// A length in whole milliseconds.
    pub const fn millis(n: u64) -> Span {
        Span(n * 1_000_000)
    }
    /// A length in whole seconds.
    pub const fn from_secs(n: u64) -> Span {
        Span(n * 1_000_000_000)
    }
    /// In seconds, for reports and rates.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// This length times a factor, rounded to the nearest nanosecond.
    pub fn scaled(self, factor: f64) -> Span {
        Span(libm::round(self.0 as f64 * factor) as u64)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    #[inline(always)]
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}
impl AddAssign<Span> for Time {
    #[inline(always)]
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}
impl Sub<Time> for Time {
    type Output = Span;
    #[inline(always)]
    fn sub(self, earlier: Time) -> Span {
        debug_assert!(self >= earlier, "time runs forward");
        Span(self.0 - earlier.0)
    }
}
impl Add for Span {
    type Output = Span;
    #[inline(always)]
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}
impl AddAssign for Span {
    #[inline(always)]
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

impl fmt::Display for Span {
    /// The shortest exact-looking form in the largest fitting unit: `250ms`, `1.5s`, `2h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 7] = [
            (86_400_000_000_000, "d"),
            (3_600_000_000_000, "h"),
            (60_000_000_000, "m"),
            (1_000_000_000, "s"),
            (1_000_000, "ms"),
            (1_000, "us"),
            (1, "ns"),
        ];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let (unit, name) = UNITS.iter().find(|(u, _)| self.0 >= *u).expect("above zero");
        if self.0.is_multiple_of(*unit) {
            return write!(f, "{}{name}", self.0 / unit);
        }
        let text = format!("{:.3}", self.0 as f64 / *unit as f64);
        write!(f, "{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_in_the_largest_fitting_unit() {
        let cases = [
            (0, "0s"),
            (250_000_000, "250ms"),
            (1_500_000_000, "1.5s"),
            (7_200_000_000_000, "2h"),
            (5_000, "5us"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Span(nanos).to_string(), text);
        }
    }
}
