//! Distributions of non-negative quantities (times in nanoseconds, sizes in bytes), drawn as whole numbers.
//!
//! Parameters are those a person knows: mean and coefficient of variation. Knows nothing of what is measured.

use crate::engine::math::P;
use rand::Rng;
use rand::distr::Distribution;
use rand_distr::{Exp1, Gamma, LogNormal, Pareto, Weibull};
use std::sync::Arc;

/// A distribution; sampling rounds to the nearest whole number.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always this.
    Constant(u64),
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Uniform between two values.
    Uniform {
        /// Least.
        low: f64,
        /// Greatest.
        high: f64,
    },
    /// Log-normal.
    Lognormal(LogNormal<P>, f64),
    /// Gamma (Erlang for whole shapes).
    Gamma(Gamma<P>, f64),
    /// Pareto.
    Pareto(Pareto<P>, f64),
    /// Weibull.
    Weibull(Weibull<P>, f64),
    /// One of these values, each as likely.
    Empirical(Arc<[u64]>),
}

/// Why a distribution cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDist {
    /// The mean is not above zero.
    Mean,
    /// The coefficient of variation is not above zero.
    Cv,
    /// A Pareto shape of 1 or less has no mean.
    Shape,
    /// The lower end lies above the upper, or below zero.
    Order,
    /// There is no value to choose from.
    Empty,
}

impl Dist {
    /// Always nothing.
    pub const ZERO: Dist = Dist::Constant(0);

    /// Exponential with this mean.
    ///
    /// # Errors
    /// If `mean` is not above zero.
    pub fn exponential(mean: f64) -> Result<Dist, BadDist> {
        positive(mean, BadDist::Mean)?;
        Ok(Dist::Exponential { mean })
    }
    /// Uniform from `low` to `high`.
    ///
    /// # Errors
    /// If `low` lies above `high`, or below zero.
    pub fn uniform(low: f64, high: f64) -> Result<Dist, BadDist> {
        if low > high || low < 0.0 { Err(BadDist::Order) } else { Ok(Dist::Uniform { low, high }) }
    }
    /// Log-normal by mean and coefficient of variation (standard deviation over mean):
    /// sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
    ///
    /// # Errors
    /// If `mean` or `cv` is not above zero.
    pub fn lognormal(mean: f64, cv: f64) -> Result<Dist, BadDist> {
        positive(mean, BadDist::Mean)?;
        positive(cv, BadDist::Cv)?;
        let variance = libm::log1p(cv * cv);
        let inner = LogNormal::new(P(libm::log(mean) - variance / 2.0), P(libm::sqrt(variance)));
        Ok(Dist::Lognormal(inner.map_err(|_| BadDist::Cv)?, mean))
    }
    /// Gamma by mean and coefficient of variation: shape 1/cv^2, scale mean * cv^2.
    ///
    /// # Errors
    /// If `mean` or `cv` is not above zero.
    pub fn gamma(mean: f64, cv: f64) -> Result<Dist, BadDist> {
        positive(mean, BadDist::Mean)?;
        positive(cv, BadDist::Cv)?;
        let inner = Gamma::new(P(1.0 / (cv * cv)), P(mean * cv * cv));
        Ok(Dist::Gamma(inner.map_err(|_| BadDist::Cv)?, mean))
    }
    /// Pareto by mean and shape: scale mean * (shape - 1) / shape.
    ///
    /// # Errors
    /// If `mean` is not above zero or `shape` not above 1.
    pub fn pareto(mean: f64, shape: f64) -> Result<Dist, BadDist> {
        positive(mean, BadDist::Mean)?;
        positive(shape - 1.0, BadDist::Shape)?;
        let inner = Pareto::new(P(mean * (shape - 1.0) / shape), P(shape));
        Ok(Dist::Pareto(inner.map_err(|_| BadDist::Shape)?, mean))
    }
    /// Weibull by mean and shape: scale mean / Gamma(1 + 1/shape).
    ///
    /// # Errors
    /// If `mean` or `shape` is not above zero.
    pub fn weibull(mean: f64, shape: f64) -> Result<Dist, BadDist> {
        positive(mean, BadDist::Mean)?;
        positive(shape, BadDist::Shape)?;
        let inner = Weibull::new(P(mean / libm::tgamma(1.0 + 1.0 / shape)), P(shape));
        Ok(Dist::Weibull(inner.map_err(|_| BadDist::Shape)?, mean))
    }
    /// One of `values`, each as likely.
    ///
    /// # Errors
    /// If there are none.
    pub fn empirical(values: Vec<u64>) -> Result<Dist, BadDist> {
        if values.is_empty() { Err(BadDist::Empty) } else { Ok(Dist::Empirical(values.into())) }
    }

    /// Its mean, before rounding.
    pub fn mean(&self) -> f64 {
        match self {
            Dist::Constant(v) => *v as f64,
            Dist::Exponential { mean }
            | Dist::Lognormal(_, mean)
            | Dist::Gamma(_, mean)
            | Dist::Pareto(_, mean)
            | Dist::Weibull(_, mean) => *mean,
            Dist::Uniform { low, high } => (low + high) / 2.0,
            Dist::Empirical(values) => values.iter().map(|v| *v as f64).sum::<f64>() / values.len() as f64,
        }
    }
    /// Whether every draw is zero.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        matches!(self, Dist::Constant(0))
    }
    /// The value of every draw, if they are all the same.
    pub fn constant(&self) -> Option<u64> {
        if let Dist::Constant(v) = self { Some(*v) } else { None }
    }
    /// A draw, rounded to the nearest whole number.
    #[inline(always)]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> u64 {
        match self {
            Dist::Constant(v) => *v,
            Dist::Exponential { mean } => round(mean * <Exp1 as Distribution<P>>::sample(&Exp1, rng).0),
            other => other.sample_rare(rng),
        }
    }
    #[inline(never)]
    fn sample_rare<R: Rng + ?Sized>(&self, rng: &mut R) -> u64 {
        match self {
            Dist::Constant(v) => *v,
            Dist::Exponential { mean } => round(mean * <Exp1 as Distribution<P>>::sample(&Exp1, rng).0),
            Dist::Uniform { low, high } => {
                let unit = (rng.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0);
                round(low + (high - low) * unit)
            }
            Dist::Lognormal(d, _) => round(d.sample(rng).0),
            Dist::Gamma(d, _) => round(d.sample(rng).0),
            Dist::Pareto(d, _) => round(d.sample(rng).0),
            Dist::Weibull(d, _) => round(d.sample(rng).0),
            Dist::Empirical(values) => {
                let wide = u128::from(rng.next_u64()) * values.len() as u128;
                values[(wide >> 64) as usize]
            }
        }
    }
}

fn positive(x: f64, otherwise: BadDist) -> Result<(), BadDist> {
    if x > 0.0 && x.is_finite() { Ok(()) } else { Err(otherwise) }
}

/// Nearest whole number; the cast saturates, so no draw can wrap around. It goes over a signed number, which is half as
/// many instructions: no draw is negative, and none of 292 years or more matters.
#[inline(always)]
fn round(x: f64) -> u64 {
    (x + 0.5) as i64 as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamKey;

    #[test]
    fn means_and_variations_are_those_asked_for() {
        let mean = 2e6;
        let cases = [
            (Dist::exponential(mean).unwrap(), 1.0),
            (Dist::uniform(1e6, 3e6).unwrap(), 1.0 / libm::sqrt(12.0)),
            (Dist::lognormal(mean, 1.5).unwrap(), 1.5),
            (Dist::gamma(mean, 0.5).unwrap(), 0.5),
            (Dist::weibull(mean, 1.0).unwrap(), 1.0),
            (Dist::empirical(vec![1_000_000, 3_000_000]).unwrap(), 0.5),
        ];
        for (dist, cv) in cases {
            let mut rng = StreamKey::new(1, 0).stream("dist");
            let n = 400_000;
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..n {
                let x = dist.sample(&mut rng) as f64;
                sum += x;
                squares += x * x;
            }
            let m = sum / f64::from(n);
            let sd = libm::sqrt(squares / f64::from(n) - m * m);
            assert!((m - mean).abs() < 5.0 * cv * mean / libm::sqrt(f64::from(n)), "{dist:?} mean {m}");
            assert!((sd / mean - cv).abs() < 0.05 * cv, "{dist:?} cv {}", sd / mean);
            assert!((dist.mean() - mean).abs() < 1e-6);
        }
    }

    #[test]
    fn bits_are_pinned() {
        // A change here changes every result: it belongs in the change log.
        let mut rng = StreamKey::new(42, 0).stream("golden");
        let draws: Vec<u64> = [
            Dist::exponential(1e9).unwrap(),
            Dist::lognormal(1e9, 1.5).unwrap(),
            Dist::gamma(1e9, 0.7).unwrap(),
            Dist::pareto(1e9, 2.5).unwrap(),
            Dist::weibull(1e9, 0.8).unwrap(),
        ]
        .iter()
        .map(|d| (0..1000).fold(0u64, |h, _| h.rotate_left(7) ^ d.sample(&mut rng)))
        .collect();
        assert_eq!(draws, GOLDEN_DRAWS);
    }

    const GOLDEN_DRAWS: [u64; 5] = [
        830022299013338582,
        5076937263262520120,
        13860443857063446635,
        16365305570276596529,
        1662480919201441958,
    ];
}
