//! `modulo`: the number of the key decides, without a hash.

use super::sticky::Sticky;
use super::{Partitioner, PlaceView};
use crate::engine::Stream;
use crate::model::catalog::Entry;
use crate::model::keys::Keys;

/// See its text.
pub static ENTRY: Entry<dyn Partitioner> = Entry {
    name: "modulo",
    summary: "Key k goes to partition k % partitions, without a hash.",
    doc: "What it does. Keys are numbered from 0; key k goes to partition k % partitions. Events \
without a key are placed as by `default`.\n\n\
When it helps. Where each key goes is known beforehand, so an experiment can be held against a \
formula: with as many alike keys as partitions, every partition gets exactly its share.\n\n\
When it hurts. Real keys have names, not numbers in a row; the luck of the hash is left out.\n\n\
Seen in. Custom partitioners on numeric ids, such as tenant or shard numbers.",
    params: &[],
    build: |_| Box::new(Modulo(Sticky::new(true))),
};

struct Modulo(Sticky);

impl Partitioner for Modulo {
    fn by_key(&mut self, keys: &dyn Keys, partitions: u32) -> Option<Vec<u32>> {
        Some((0..keys.count()).map(|key| key % partitions).collect())
    }
    fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        self.0.place(view, rng)
    }
}
