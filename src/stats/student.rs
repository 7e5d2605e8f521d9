//! The distributions that intervals rest on: normal, Student's t and chi-square, as CDF and quantile.
//!
//! Quantiles by halving the CDF: slow (some microseconds) but right to about 12 digits, and no table to be
//! wrong in. Knows nothing of samples.

use super::special;

/// The probability that a standard normal variable does not exceed `x`.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// What a standard normal variable does not exceed with probability `p`, which is taken into 0..=1; infinite at
/// its ends.
pub fn normal_quantile(p: f64) -> f64 {
    symmetric_quantile(p, normal_cdf)
}

/// The probability that a variable with Student's t distribution of `df` degrees of freedom (above 0, not
/// necessarily whole; infinite for the normal distribution) does not exceed `x`.
pub fn t_cdf(x: f64, df: f64) -> f64 {
    if df.is_infinite() {
        return normal_cdf(x);
    }
    let square = x * x;
    // Of the two forms of the argument, each is precise where the other cancels.
    let beyond = if square > df {
        special::beta(df / (df + square), df / 2.0, 0.5)
    } else {
        1.0 - special::beta(square / (df + square), 0.5, df / 2.0)
    };
    if x > 0.0 { 1.0 - beyond / 2.0 } else { beyond / 2.0 }
}

/// What a variable with Student's t distribution of `df` degrees of freedom does not exceed with probability
/// `p`, which is taken into 0..=1; infinite at its ends.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    symmetric_quantile(p, |x| t_cdf(x, df))
}

/// What a chi-square variable of `df` degrees of freedom (above 0) does not exceed with probability `p`, which
/// is taken into 0..=1; infinite at 1.
pub fn chi_square_quantile(p: f64, df: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let cdf = |x: f64| special::gamma(df / 2.0, x / 2.0);
    let mut high = df.max(1.0);
    while cdf(high) < p {
        high *= 2.0;
    }
    special::invert(p, 0.0, high, cdf)
}

/// The quantile of a distribution symmetric about 0, searched for in its lower half, where small probabilities
/// keep all their digits.
fn symmetric_quantile(p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let tail = if p < 0.5 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if p < 0.5 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if tail == 0.5 {
        return 0.0;
    }
    let mut low = -1.0;
    while cdf(low) > tail {
        low *= 2.0;
    }
    let x = special::invert(tail, low, 0.0, cdf);
    if p < 0.5 { x } else { -x }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the usual tables (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7), with more digits.
    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        let cases = [
            (0.975, 1.0, 12.706_205),
            (0.975, 2.0, 4.302_653),
            (0.975, 9.0, 2.262_157),
            (0.975, 29.0, 2.045_230),
            (0.975, 100.0, 1.983_972),
            (0.975, f64::INFINITY, 1.959_964),
            (0.95, 5.0, 2.015_048),
            (0.995, 10.0, 3.169_273),
            (0.999, 3.0, 10.214_532),
            (0.75, 4.0, 0.740_697),
        ];
        for (p, df, expected) in cases {
            let got = t_quantile(p, df);
            assert!((got - expected).abs() < 1e-6, "{p} {df}: {got}");
            assert!((t_quantile(1.0 - p, df) + got).abs() < 1e-9 * got);
        }
        assert_eq!(
            (t_quantile(0.5, 3.0), t_quantile(1.0, 3.0), t_quantile(0.0, 3.0)),
            (0.0, f64::INFINITY, f64::NEG_INFINITY)
        );
    }

    #[test]
    fn with_many_degrees_of_freedom_student_is_normal() {
        assert!((t_quantile(0.975, 1e7) - normal_quantile(0.975)).abs() < 1e-6);
        assert!((t_cdf(1.0, 1e7) - normal_cdf(1.0)).abs() < 1e-6);
    }

    #[test]
    fn one_degree_of_freedom_is_the_cauchy_distribution() {
        for x in [-1e6, -3.0, -0.2, 0.0, 0.5, 1.0, 40.0] {
            let cauchy = 0.5 + libm::atan(x) / std::f64::consts::PI;
            assert!((t_cdf(x, 1.0) - cauchy).abs() < 1e-13, "{x}");
        }
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        let cases = [(0.5, 0.0), (0.9, 1.281_551_566), (0.995, 2.575_829_304), (1e-9, -5.997_807_015)];
        for (p, expected) in cases {
            assert!((normal_quantile(p) - expected).abs() < 1e-8, "{p}");
        }
        assert!((normal_cdf(1.959_963_985) - 0.975).abs() < 1e-9);
    }

    #[test]
    fn chi_square_quantiles_are_those_of_the_tables() {
        let cases = [
            (0.95, 1.0, 3.841_459),
            (0.05, 10.0, 3.940_299),
            (0.975, 30.0, 46.979_242),
            (0.999, 255.0, 330.519_7),
        ];
        for (p, df, expected) in cases {
            let got = chi_square_quantile(p, df);
            assert!((got - expected).abs() < 1e-3, "{p} {df}: {got}");
        }
        assert_eq!((chi_square_quantile(0.0, 2.0), chi_square_quantile(1.0, 2.0)), (0.0, f64::INFINITY));
    }
}
