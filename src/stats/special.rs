//! The functions behind the distributions: incomplete beta and gamma, and the search for their inverse.
//!
//! All from `libm`, so that the bits are the same everywhere. Knows nothing of what is being tested.

/// Terms after which a continued fraction counts as converged; a few times the square root of the greatest
/// parameters in use, by which the number needed grows.
const TERMS: u32 = 20_000;
/// Relative error at which iterations stop.
const PRECISION: f64 = 1e-15;

/// The regularised incomplete beta function I_x(a, b) for `a` and `b` above 0: the probability that a
/// Beta(a, b) variable does not exceed `x`.
///
/// Continued fraction by Lentz's method (Numerical Recipes, 3rd edition, 6.4).
pub(super) fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side; the other is its mirror image.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_fraction(1.0 - x, b, a);
    }
    beta_fraction(x, a, b)
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let ln_front =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let mut lentz = Lentz::new(1.0);
    lentz.step(-(a + b) * x / (a + 1.0), 1.0);
    for m in 1..TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        lentz.step(even, 1.0);
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        if lentz.step(odd, 1.0) {
            break;
        }
    }
    libm::exp(ln_front) * lentz.value / a
}

/// The regularised lower incomplete gamma function P(a, x) for `a` above 0: the probability that a
/// Gamma(a, 1) variable does not exceed `x`.
///
/// Series below `a + 1`, continued fraction above (Numerical Recipes, 3rd edition, 6.2).
pub(super) fn gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for k in 1..TERMS {
            term *= x / (a + f64::from(k));
            sum += term;
            if term < sum * PRECISION {
                break;
            }
        }
        return front * sum;
    }
    let mut lentz = Lentz::new(x + 1.0 - a);
    for k in 1..TERMS {
        let k = f64::from(k);
        if lentz.step(-k * (k - a), x + 2.0 * k + 1.0 - a) {
            break;
        }
    }
    1.0 - front * lentz.value
}

/// Lentz's evaluation of 1 / (b0 + a1 / (b1 + a2 / (b2 + ...))).
struct Lentz {
    c: f64,
    d: f64,
    value: f64,
}

/// Stands in for a zero denominator.
const TINY: f64 = 1e-300;

fn away_from_zero(x: f64) -> f64 {
    if libm::fabs(x) < TINY { TINY } else { x }
}

impl Lentz {
    fn new(b0: f64) -> Self {
        let d = 1.0 / away_from_zero(b0);
        Lentz { c: 1.0 / TINY, d, value: d }
    }
    /// Adds a level; says whether it no longer matters.
    fn step(&mut self, a: f64, b: f64) -> bool {
        self.d = 1.0 / away_from_zero(b + a * self.d);
        self.c = away_from_zero(b + a / self.c);
        let factor = self.c * self.d;
        self.value *= factor;
        libm::fabs(factor - 1.0) < PRECISION
    }
}

/// Where the rising function `f` reaches `target` between `low` and `high`, by halving to the last bit.
pub(super) fn invert(target: f64, mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if f(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_is_what_closed_forms_say() {
        for x in [0.01, 0.3, 0.5, 0.77, 0.99] {
            assert!((beta(x, 1.0, 1.0) - x).abs() < 1e-14);
            assert!((beta(x, 3.0, 1.0) - x * x * x).abs() < 1e-14);
            assert!((beta(x, 1.0, 4.0) - (1.0 - libm::pow(1.0 - x, 4.0))).abs() < 1e-14);
            let arcsine = 2.0 / std::f64::consts::PI * libm::asin(libm::sqrt(x));
            assert!((beta(x, 0.5, 0.5) - arcsine).abs() < 1e-13);
        }
        assert_eq!((beta(0.0, 2.0, 3.0), beta(1.0, 2.0, 3.0)), (0.0, 1.0));
    }

    #[test]
    fn beta_converges_for_large_parameters() {
        // Symmetric, so half lies below 1/2; a mistake in the mirroring or too few terms would show.
        for a in [10.0, 1e3, 1e5, 1e6] {
            assert!((beta(0.5, a, a) - 0.5).abs() < 1e-8, "{a}: {}", beta(0.5, a, a));
        }
    }

    #[test]
    fn gamma_is_what_closed_forms_say() {
        for x in [0.1, 1.0, 2.0, 5.0, 20.0] {
            assert!((gamma(1.0, x) - (1.0 - libm::exp(-x))).abs() < 1e-14);
            assert!((gamma(2.0, x) - (1.0 - (1.0 + x) * libm::exp(-x))).abs() < 1e-13);
            assert!((gamma(0.5, x) - libm::erf(libm::sqrt(x))).abs() < 1e-13);
        }
        assert!((gamma(1e6, 1e6) - 0.5).abs() < 1e-3);
    }

    #[test]
    fn inversion_finds_the_place() {
        assert!((invert(2.0, 0.0, 10.0, |x| x * x) - std::f64::consts::SQRT_2).abs() < 1e-15);
    }
}
