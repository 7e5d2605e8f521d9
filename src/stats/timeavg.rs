//! A quantity that jumps from one whole value to another over time: its mean, integral and quantiles over time.
//!
//! A queue that holds 1000 for a second and 0 for an hour was empty nearly all the time, however often either
//! was seen; so every value weighs as long as it was held. Time is in whole nanoseconds, and all sums are exact.

use super::histogram::Histogram;

/// Mean, integral, greatest and last value over time.
///
/// Results cover the time up to the last [`set`](Self::set) or [`advance`](Self::advance).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeAverage {
    start: u64,
    now: u64,
    value: u64,
    max: u64,
    integral: u128,
}

impl TimeAverage {
    /// Starts at `at` (ns) with `value`.
    pub fn new(at: u64, value: u64) -> Self {
        TimeAverage { start: at, now: at, value, max: value, integral: 0 }
    }
    /// Moves on to `at`, through which the value is held. Returns for how long (ns).
    ///
    /// # Panics
    /// In debug builds, if `at` lies before the last moment it was given.
    #[inline]
    pub fn advance(&mut self, at: u64) -> u64 {
        debug_assert!(at >= self.now, "time runs forward");
        let held = at.saturating_sub(self.now);
        self.integral += u128::from(self.value) * u128::from(held);
        self.now += held;
        held
    }
    /// From `at` (ns) on, the quantity is `value`.
    #[inline]
    pub fn set(&mut self, at: u64, value: u64) {
        self.advance(at);
        self.value = value;
        self.max = self.max.max(value);
    }
    /// Forgets everything before `at` (ns), the end of a warm-up, but for the value that is held.
    pub fn restart(&mut self, at: u64) {
        *self = TimeAverage::new(at, self.value);
    }

    /// The mean over time; `None` if no time has passed.
    pub fn mean(&self) -> Option<f64> {
        (self.now > self.start).then(|| self.integral as f64 / (self.now - self.start) as f64)
    }
    /// Value times time, in nanoseconds.
    pub fn integral(&self) -> u128 {
        self.integral
    }
    /// The greatest value it ever had, even if only between two events of one moment.
    pub fn max(&self) -> u64 {
        self.max
    }
    /// The value it has.
    pub fn last(&self) -> u64 {
        self.value
    }
    /// The time covered (ns).
    pub fn elapsed(&self) -> u64 {
        self.now - self.start
    }
}

/// As [`TimeAverage`], and for what share of the time the quantity lay where; a few KB instead of a few bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeHistogram {
    average: TimeAverage,
    held: Histogram,
}

impl TimeHistogram {
    /// Starts at `at` (ns) with `value`.
    pub fn new(at: u64, value: u64) -> Self {
        TimeHistogram { average: TimeAverage::new(at, value), held: Histogram::default() }
    }
    /// Moves on to `at` (ns), through which the value is held.
    #[inline]
    pub fn advance(&mut self, at: u64) {
        let held = self.average.advance(at);
        self.held.record_n(self.average.last(), held);
    }
    /// From `at` (ns) on, the quantity is `value`.
    #[inline]
    pub fn set(&mut self, at: u64, value: u64) {
        self.advance(at);
        self.average.set(at, value);
    }
    /// Forgets everything before `at` (ns), but for the value that is held.
    pub fn restart(&mut self, at: u64) {
        self.average.restart(at);
        self.held = Histogram::default();
    }
    /// Mean, integral, greatest and last value.
    pub fn average(&self) -> &TimeAverage {
        &self.average
    }
    /// What the quantity did not exceed for a share `q` of the time, within the precision of [`Histogram`];
    /// `None` if no time has passed.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        self.held.quantile(q)
    }
    /// The share of time for which the quantity lay above `value`.
    pub fn share_above(&self, value: u64) -> f64 {
        self.held.share_above(value)
    }
    /// Values by nanoseconds held: its `count` is the time covered.
    pub fn histogram(&self) -> &Histogram {
        &self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_weigh_as_long_as_they_are_held() {
        let mut q = TimeHistogram::new(100, 0);
        q.set(200, 10);
        q.set(300, 4);
        q.advance(500);
        let average = q.average();
        assert_eq!((average.integral(), average.elapsed(), average.mean()), (1_800, 400, Some(4.5)));
        assert_eq!((average.max(), average.last()), (10, 4));
        // 0 for a quarter of the time, 4 for half of it, 10 for a quarter.
        assert_eq!((q.quantile(0.2), q.quantile(0.5), q.quantile(0.76)), (Some(0), Some(4), Some(10)));
        assert_eq!((q.share_above(4), q.share_above(0)), (0.25, 0.75));
    }

    #[test]
    fn without_time_there_is_no_mean() {
        let mut q = TimeHistogram::new(7, 3);
        q.set(7, 9);
        q.set(7, 5);
        assert_eq!((q.average().mean(), q.quantile(0.5)), (None, None));
        assert_eq!((q.average().max(), q.average().last()), (9, 5));
    }

    #[test]
    fn a_restart_keeps_the_value_only() {
        let mut q = TimeHistogram::new(0, 1_000);
        q.set(50, 2);
        q.restart(100);
        q.advance(200);
        assert_eq!((q.average().mean(), q.average().max(), q.quantile(1.0)), (Some(2.0), 2, Some(2)));
    }

    #[test]
    fn a_year_of_huge_values_does_not_overflow() {
        let mut q = TimeAverage::new(0, u64::MAX);
        q.advance(u64::MAX);
        assert_eq!(q.mean(), Some(u64::MAX as f64));
    }

    proptest! {
        #[test]
        fn asking_in_between_changes_nothing(steps in prop::collection::vec((0..1_000_u64, 0..50_u64, any::<bool>()), 1..50)) {
            let (mut plain, mut asked) = (TimeHistogram::new(0, 0), TimeHistogram::new(0, 0));
            let mut at = 0;
            for (wait, value, ask) in steps {
                if ask {
                    asked.advance(at + wait / 2);
                }
                at += wait;
                plain.set(at, value);
                asked.set(at, value);
            }
            prop_assert_eq!(plain.histogram().count(), at);
            prop_assert_eq!(plain.histogram().mean(), plain.average().mean());
            prop_assert_eq!(plain, asked);
        }
    }
}
