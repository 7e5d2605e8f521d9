//! Count, mean and variance of values seen once, without keeping them.
//!
//! Welford's recurrence (Technometrics 1962), merged by Chan, Golub and LeVeque's formula (1979): stable where
//! the sum of squares minus the square of the sum cancels. Says nothing of how sure a mean is.

/// What is known of the values seen so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    n: u64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Default for Summary {
    fn default() -> Self {
        Summary::EMPTY
    }
}

impl Summary {
    /// Nothing seen yet.
    pub const EMPTY: Summary = Summary { n: 0, mean: 0.0, squares: 0.0 };

    /// The summary of these values.
    pub fn of(values: &[f64]) -> Self {
        let mut summary = Summary::default();
        values.iter().for_each(|v| summary.add(*v));
        summary
    }
    /// Takes in a value.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.n += 1;
        let off = value - self.mean;
        // The same number; a signed one becomes a float in one instruction.
        self.mean += off / self.n as i64 as f64;
        self.squares += off * (value - self.mean);
    }
    /// Takes in all that another saw.
    pub fn merge(&mut self, other: &Summary) {
        if other.n == 0 {
            return;
        }
        let (mine, theirs) = (self.n as f64, other.n as f64);
        let off = other.mean - self.mean;
        self.n += other.n;
        self.mean += off * theirs / (mine + theirs);
        self.squares += other.squares + off * off * mine * theirs / (mine + theirs);
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.n
    }
    /// Their mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }
    /// Their variance as an estimate for where they come from (divided by n - 1); `None` of fewer than two.
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares / (self.n - 1) as f64)
    }
    /// The root of the variance; `None` of fewer than two.
    pub fn std_dev(&self) -> Option<f64> {
        self.variance().map(libm::sqrt)
    }
    /// Standard error of the mean of independent values; `None` of fewer than two.
    pub fn std_error(&self) -> Option<f64> {
        self.variance().map(|v| libm::sqrt(v / self.n as f64))
    }
    /// Coefficient of variation: standard deviation over mean; `None` of fewer than two or at mean 0.
    pub fn cv(&self) -> Option<f64> {
        self.std_dev().filter(|_| self.mean != 0.0).map(|sd| sd / self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_example_by_hand() {
        let s = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((s.count(), s.mean()), (8, Some(5.0)));
        assert!((s.variance().unwrap() - 32.0 / 7.0).abs() < 1e-12);
        assert!((s.std_error().unwrap() - libm::sqrt(4.0 / 7.0)).abs() < 1e-12);
        assert!((s.cv().unwrap() - libm::sqrt(32.0 / 7.0) / 5.0).abs() < 1e-12);
    }

    #[test]
    fn too_few_values_have_no_variance() {
        let none = Summary::default();
        assert_eq!((none.mean(), none.variance()), (None, None));
        let one = Summary::of(&[3.0]);
        assert_eq!((one.mean(), one.variance(), one.std_error(), one.cv()), (Some(3.0), None, None, None));
    }

    #[test]
    fn a_small_spread_far_from_zero_is_not_lost() {
        let s = Summary::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert!((s.variance().unwrap() - 30.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn merging_is_seeing_it_all(a in prop::collection::vec(-1e3..1e3_f64, 0..40),
                                    b in prop::collection::vec(-1e3..1e3_f64, 0..40)) {
            let mut merged = Summary::of(&a);
            merged.merge(&Summary::of(&b));
            let whole = Summary::of(&[a, b].concat());
            prop_assert_eq!(merged.n, whole.n);
            prop_assert!((merged.mean - whole.mean).abs() < 1e-9);
            prop_assert!((merged.squares - whole.squares).abs() < 1e-6);
        }
    }
}
