//! `round-robin`: every event to the next partition, whatever its key.

use super::{Partitioner, PlaceView};
use crate::engine::Stream;
use crate::model::catalog::Entry;
use crate::model::keys::Keys;

/// See its text.
pub static ENTRY: Entry<dyn Partitioner> = Entry {
    name: "round-robin",
    summary: "Every event goes to the next partition, whatever its key.",
    doc: "What it does. Each producer instance goes through the partitions in order, starting with \
partition 0, one event each. Keys are ignored.\n\n\
When it helps. The load is spread as evenly as can be, even when one key has most of it.\n\n\
When it hurts. Events of one key are spread over all partitions, so they may be processed in any \
order, and at the same time. Every partition gets its own small batch, which costs requests.\n\n\
Seen in. Kafka's RoundRobinPartitioner, and services whose events are independent.",
    params: &[],
    build: |_| Box::new(RoundRobin { next: 0 }),
};

struct RoundRobin {
    next: u32,
}

impl Partitioner for RoundRobin {
    fn by_key(&mut self, _keys: &dyn Keys, _partitions: u32) -> Option<Vec<u32>> {
        None
    }
    fn place(&mut self, view: &PlaceView, _rng: &mut Stream) -> u32 {
        let partition = self.next;
        self.next = (partition + 1) % view.partitions;
        partition
    }
}
