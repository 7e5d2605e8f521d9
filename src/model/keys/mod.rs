//! Family `keys`: what an event is about.

use crate::engine::EventRng;
use crate::model::catalog::{Default, Kind, Param, family};

/// An event without a key.
pub const NO_KEY: u32 = u32::MAX;

/// The most keys a distribution is offered for: tables of 8 bytes per key then take 800 MB.
pub const MOST_KEYS: u64 = 100_000_000;

/// A distribution of keys; the key of an event depends on its ordinal alone. All runs of a plan share one.
pub trait Keys: Send + Sync {
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

/// What tables and counters of keys index by; scenarios keep within [`MOST_KEYS`].
fn narrow(count: u64) -> u32 {
    u32::try_from(count).expect("counts of keys stay below MOST_KEYS")
}

/// The parameter that names keys, for the members that make their keys up.
const PREFIX: Param = Param {
    name: "prefix",
    kind: Kind::Text,
    default: Default::Is("key-"),
    doc: "What a key's name begins with, before its number from 0; the name decides its partition.",
};

mod alias;
#[cfg(test)]
mod tests;

family! {
    /// Every key distribution.
    "keys" of dyn Keys { none, uniform, zipf, hot, weighted, traced }
}
