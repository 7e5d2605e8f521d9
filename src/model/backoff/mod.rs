//! Family `backoff`: how long to wait before the next try?

use crate::engine::{Chance, Span};
use crate::model::catalog::family;

/// The wait between tries.
pub trait Backoff {
    /// The wait after `failures` failed tries (1 after the first). Draws come from the event and the try,
    /// so they are the same in every variant.
    fn delay(&self, failures: u32, chance: &mut Chance) -> Span;
}

mod growth;
#[cfg(test)]
mod tests;

family! {
    /// Every backoff.
    "backoff" of dyn Backoff { none, fixed, exponential, full_jitter, equal_jitter, kafka }
}
