//! Family `rate`: when is the next event created?

use crate::engine::{Stream, Time};
use crate::model::catalog::{Trace, family};
use std::sync::Arc;

/// An arrival process of one producer instance.
pub trait Arrivals {
    /// Appends the next creation times to `out`, in order, `n` of them or fewer; none once the process
    /// has ended for good. Several calls give the same times as one with their sum.
    fn fill(&mut self, n: usize, rng: &mut Stream, out: &mut Vec<Time>);
    /// Mean events per second over `[from, to)`: what the run should be ready for.
    fn mean_rate(&self, from: Time, to: Time) -> f64;
    /// The recording this process replays, whose keys and sizes go with its times.
    fn trace(&self) -> Option<Arc<Trace>> {
        None
    }
}

mod clock;
mod curve;
#[cfg(test)]
mod tests;

family! {
    /// Every arrival process.
    "rate" of dyn Arrivals { constant, poisson, profile, spike, bursts, daily, trace, output_of }
}
