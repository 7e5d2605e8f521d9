//! `none`: events without a key.

use super::{Keys, NO_KEY};
use crate::engine::EventRng;
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Keys> = Entry {
    name: "none",
    summary: "Events have no key.",
    doc: "What it does. Every event is sent with a null key, so the partitioner is free to place it, \
and no order is promised between any two events.\n\n\
When it helps. Partitions fill evenly, and batches can be filled one partition at a time (Kafka's \
sticky partitioning), which makes fewer and larger requests.\n\n\
When it hurts. Two events about the same thing can be processed in either order, or at the same \
time.\n\n\
Seen in. Metrics, logs, and commands that stand for themselves.",
    params: &[],
    build: |_| Box::new(Keyless),
};

struct Keyless;

impl Keys for Keyless {
    fn count(&self) -> u32 {
        0
    }
    fn fill(&self, _draws: EventRng, _first: u64, out: &mut [u32]) {
        out.fill(NO_KEY);
    }
    fn share(&self, _key: u32) -> Option<f64> {
        None
    }
}
