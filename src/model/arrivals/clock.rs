//! The clock of a Poisson process: exponential gaps summed in fixed point.
//!
//! A sum of rounded gaps would drift, and a sum of floats would coarsen as the run grows. This one is
//! exact to 2^-11 ns per gap, whatever the time of the run. Knows nothing of changing rates.

use crate::engine::{P, Stream, Time};
use rand::distr::Distribution;
use rand_distr::Exp1;

/// Binary places below the nanosecond.
const PLACES: u32 = 10;

/// Where a Poisson process stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Time of the last arrival in units of 2^-10 ns.
    at: u128,
    /// Mean gap in the same units; infinite if nothing ever arrives.
    gap: f64,
}

impl Clock {
    /// A clock at the start of the run, with `rate` events per second to come.
    pub(super) fn new(rate: f64) -> Self {
        Clock { at: 0, gap: 1e9 / rate * f64::from(1u32 << PLACES) }
    }
    /// The next arrival; `NEVER` if there is none within the 584 years a `Time` can tell.
    #[inline(always)]
    pub(super) fn next(&mut self, rng: &mut Stream) -> Time {
        // The cast saturates at 2^53 ns, a hundred days: no longer gap is told apart.
        let gap = (self.gap * unit_gap(rng) + 0.5) as i64;
        self.at += u128::from(gap.unsigned_abs());
        let whole = self.at >> PLACES;
        if whole >> 64 == 0 { Time(whole as u64) } else { Time::NEVER }
    }
    /// Whether anything arrives at all.
    pub(super) fn runs(&self) -> bool {
        self.gap.is_finite()
    }
}

/// An exponential deviate of mean 1: how much of the cumulative rate passes until the next arrival.
#[inline(always)]
pub(super) fn unit_gap(rng: &mut Stream) -> f64 {
    <Exp1 as Distribution<P>>::sample(&Exp1, rng).0
}
