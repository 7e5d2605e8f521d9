//! `random`: every event to any partition, whatever its key.

use super::{Partitioner, PlaceView};
use crate::engine::Stream;
use crate::model::catalog::Entry;
use crate::model::keys::Keys;

/// See its text.
pub static ENTRY: Entry<dyn Partitioner> = Entry {
    name: "random",
    summary: "Every event goes to a partition drawn at random, whatever its key.",
    doc: "What it does. Each event goes to one of the partitions, all as likely, independently of \
its key and of every other event.\n\n\
When it helps. No pattern in the load can fall in step with it, as may happen with `round-robin`; \
the arrivals of each partition stay Poisson if those of the topic are, which makes formulas apply.\n\n\
When it hurts. As with `round-robin`, the order of a key is lost. Over short times partitions differ \
by chance: of n events each, by about the root of n.\n\n\
Seen in. librdkafka's `random`, and load balancers without memory.",
    params: &[],
    build: |_| Box::new(Random),
};

struct Random;

impl Partitioner for Random {
    fn by_key(&mut self, _keys: &dyn Keys, _partitions: u32) -> Option<Vec<u32>> {
        None
    }
    fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        rng.below(u64::from(view.partitions)) as u32
    }
}
