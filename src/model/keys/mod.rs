//! Family `keys`: what an event is about.

use crate::engine::EventRng;
use crate::model::catalog::family;

/// An event without a key.
pub const NO_KEY: u32 = u32::MAX;

/// A distribution of keys; the key of an event depends on its ordinal alone.
pub trait Keys {
    /// How many distinct keys there are; 0 if events have none.
    fn count(&self) -> u32;
    /// The text a partitioner hashes.
    fn name(&self, key: u32) -> String {
        format!("key-{key}")
    }
    /// The keys of events `first..first + out.len()`.
    fn fill(&self, draws: EventRng, first: u64, out: &mut [u32]);
    /// The share of events that have this key, if it is known beforehand.
    fn share(&self, key: u32) -> Option<f64>;
}

family! {
    /// Every key distribution.
    "keys" of dyn Keys {}
}
