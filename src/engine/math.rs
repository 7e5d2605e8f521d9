//! A float whose functions come from `libm`, so that distributions have the same bits everywhere.
//!
//! `rand_distr` computes over any `num_traits::Float`. Over plain `f64` its results depend on whether
//! some crate of the build switched on `num-traits/std` (then `ln` and `exp` are the platform's, and
//! plotters and criterion do switch it on). Over [`P`] they cannot. Knows nothing of distributions' use.

use crate::engine::ziggurat;
use num_traits::{Float, FloatConst, Num, NumCast, One, ToPrimitive, Zero};
use rand::distr::{Distribution, Open01, OpenClosed01, StandardUniform};
use rand::{Rng, RngExt};
use std::num::FpCategory;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

/// A portable `f64`.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct P(pub f64);

macro_rules! operators {
    ($($op:ident $f:ident $assign:ident $g:ident $sign:tt),*) => { $(
        impl $op for P {
            type Output = P;
            #[inline(always)]
            fn $f(self, other: P) -> P { P(self.0 $sign other.0) }
        }
        impl $assign for P {
            #[inline(always)]
            fn $g(&mut self, other: P) { self.0 = self.0 $sign other.0; }
        }
    )* };
}
operators!(Add add AddAssign add_assign +, Sub sub SubAssign sub_assign -, Mul mul MulAssign mul_assign *,
    Div div DivAssign div_assign /, Rem rem RemAssign rem_assign %);

impl Neg for P {
    type Output = P;
    fn neg(self) -> P {
        P(-self.0)
    }
}
impl std::iter::Sum for P {
    fn sum<I: Iterator<Item = P>>(items: I) -> P {
        P(items.map(|x| x.0).sum())
    }
}
impl Zero for P {
    fn zero() -> P {
        P(0.0)
    }
    fn is_zero(&self) -> bool {
        self.0 == 0.0
    }
}
impl One for P {
    fn one() -> P {
        P(1.0)
    }
}
impl Num for P {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<P, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(P)
    }
}
impl ToPrimitive for P {
    fn to_i64(&self) -> Option<i64> {
        self.0.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.0.to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        Some(self.0)
    }
}
impl NumCast for P {
    fn from<T: ToPrimitive>(n: T) -> Option<P> {
        n.to_f64().map(P)
    }
}

macro_rules! constants {
    ($($name:ident),*) => { impl FloatConst for P { $(fn $name() -> P { P(std::f64::consts::$name) })* } };
}
constants!(
    E,
    PI,
    FRAC_1_PI,
    FRAC_1_SQRT_2,
    FRAC_2_PI,
    FRAC_2_SQRT_PI,
    FRAC_PI_2,
    FRAC_PI_3,
    FRAC_PI_4,
    FRAC_PI_6,
    FRAC_PI_8,
    LN_10,
    LN_2,
    LOG10_E,
    LOG2_E,
    SQRT_2
);

macro_rules! values { ($($name:ident = $value:expr),* $(,)?) => { $(fn $name() -> P { P($value) })* }; }
macro_rules! unary { ($($name:ident = $f:path),* $(,)?) => { $(#[inline] fn $name(self) -> P { P($f(self.0)) })* }; }
macro_rules! binary { ($($name:ident = $f:path),* $(,)?) => { $(#[inline] fn $name(self, o: P) -> P { P($f(self.0, o.0)) })* }; }
macro_rules! tests { ($($name:ident),*) => { $(fn $name(self) -> bool { self.0.$name() })* }; }

impl Float for P {
    values!(
        nan = f64::NAN,
        infinity = f64::INFINITY,
        neg_infinity = f64::NEG_INFINITY,
        neg_zero = -0.0,
        min_value = f64::MIN,
        min_positive_value = f64::MIN_POSITIVE,
        max_value = f64::MAX,
        epsilon = f64::EPSILON,
    );
    tests!(is_nan, is_infinite, is_finite, is_normal, is_sign_positive, is_sign_negative);
    unary!(
        floor = libm::floor,
        ceil = libm::ceil,
        round = libm::round,
        trunc = libm::trunc,
        abs = libm::fabs,
        sqrt = libm::sqrt,
        exp = libm::exp,
        exp2 = libm::exp2,
        ln = libm::log,
        log2 = libm::log2,
        log10 = libm::log10,
        cbrt = libm::cbrt,
        sin = libm::sin,
        cos = libm::cos,
        tan = libm::tan,
        asin = libm::asin,
        acos = libm::acos,
        atan = libm::atan,
        exp_m1 = libm::expm1,
        ln_1p = libm::log1p,
        sinh = libm::sinh,
        cosh = libm::cosh,
        tanh = libm::tanh,
        asinh = libm::asinh,
        acosh = libm::acosh,
        atanh = libm::atanh,
    );
    binary!(
        powf = libm::pow,
        max = libm::fmax,
        min = libm::fmin,
        abs_sub = libm::fdim,
        hypot = libm::hypot,
        atan2 = libm::atan2,
    );
    fn classify(self) -> FpCategory {
        self.0.classify()
    }
    fn fract(self) -> P {
        P(self.0 - libm::trunc(self.0))
    }
    fn signum(self) -> P {
        P(self.0.signum())
    }
    fn mul_add(self, a: P, b: P) -> P {
        P(libm::fma(self.0, a.0, b.0))
    }
    fn recip(self) -> P {
        P(1.0 / self.0)
    }
    fn powi(self, n: i32) -> P {
        P(libm::pow(self.0, n as f64))
    }
    fn log(self, base: P) -> P {
        P(libm::log(self.0) / libm::log(base.0))
    }
    fn sin_cos(self) -> (P, P) {
        let (sin, cos) = libm::sincos(self.0);
        (P(sin), P(cos))
    }
    fn integer_decode(self) -> (u64, i16, i8) {
        Float::integer_decode(self.0)
    }
}

impl Distribution<P> for StandardUniform {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> P {
        P(rng.random())
    }
}
impl Distribution<P> for Open01 {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> P {
        P(rng.sample(Open01))
    }
}
impl Distribution<P> for OpenClosed01 {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> P {
        P(rng.sample(OpenClosed01))
    }
}
impl Distribution<P> for rand_distr::Exp1 {
    #[inline(always)]
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> P {
        P(ziggurat::exponential(rng))
    }
}
impl Distribution<P> for rand_distr::StandardNormal {
    /// Marsaglia's polar method; one of its two deviates is thrown away so that no state is kept.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> P {
        loop {
            let a = 2.0 * rng.random::<f64>() - 1.0;
            let b = 2.0 * rng.random::<f64>() - 1.0;
            let s = a * a + b * b;
            if s < 1.0 && s > 0.0 {
                return P(a * libm::sqrt(-2.0 * libm::log(s) / s));
            }
        }
    }
}
