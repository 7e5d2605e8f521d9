//! Where Kafka's clients put events without a key: on one partition until a batch is full, then on another.
//!
//! `BuiltInPartitioner` of the Java client since 3.3 (KIP-794), without its preference for partitions with
//! short queues, and without waiting for the end of a batch that is half full. Knows nothing of keys.

use super::PlaceView;
use crate::engine::Stream;

/// The partition of the moment.
#[derive(Debug, Default)]
pub(super) struct Sticky {
    current: Option<u32>,
    /// Bytes placed on it so far.
    bytes: u64,
}

impl Sticky {
    /// The partition of this event. The next one is drawn from all, so it may be the same again, as it
    /// may there.
    pub(super) fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        let partition = match self.current {
            Some(partition) => partition,
            None => rng.below(u64::from(view.partitions)) as u32,
        };
        self.bytes += u64::from(view.size);
        let full = self.bytes >= view.batch_size;
        self.current = (!full).then_some(partition);
        if full {
            self.bytes = 0;
        }
        partition
    }
}
