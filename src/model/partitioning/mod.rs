//! Family `partitioner`: which partition does an event go to?

use crate::engine::Stream;
use crate::model::catalog::family;
use crate::model::keys::Keys;

/// What a partitioner sees of its producer's batches.
pub trait Queues {
    /// Whether no batch for this partition takes another record.
    fn complete(&self, partition: u32) -> bool;
    /// Whether there ever was a batch for it.
    fn begun(&self, partition: u32) -> bool;
    /// Whether the producer knows its leader.
    fn led(&self, partition: u32) -> bool;
    /// Whether it knows those of all.
    fn all_led(&self) -> bool;
    /// Tells the partitions for which batches wait, and how many, in any order.
    fn waiting(&self, tell: &mut dyn FnMut(u32, u32));
}

/// What a partitioner may look at.
#[derive(Clone, Copy)]
pub struct PlaceView<'v> {
    /// The event's key, or `NO_KEY`.
    pub key: u32,
    /// Its ordinal at its producer.
    pub ordinal: u64,
    /// Its size in bytes.
    pub size: u32,
    /// How many partitions the topic has.
    pub partitions: u32,
    /// The producer's `batch-size`, in bytes.
    pub batch_size: u64,
    /// Its batches.
    pub queues: &'v dyn Queues,
}

/// Decides for one producer instance.
pub trait Partitioner {
    /// The partition of every key, if a key alone decides; then `place` is asked about events without a
    /// key only, and the answer holds for all instances of a producer: only the first of them is asked.
    /// Otherwise each is asked once, before the first `place`, and may prepare tables for it.
    fn by_key(&mut self, keys: &dyn Keys, partitions: u32) -> Option<Vec<u32>>;
    /// The partition of this event, from 0.
    fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32;
}

pub mod murmur2;
mod sticky;
#[cfg(test)]
mod tests;

family! {
    /// Every partitioner.
    "partitioner" of dyn Partitioner { default, round_robin, random, salted, modulo, md5 }
}
