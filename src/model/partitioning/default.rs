//! `default`: what Kafka's clients do unless told otherwise.

use super::murmur2::partitions_of;
use super::sticky::Sticky;
use super::{Partitioner, PlaceView};
use crate::engine::Stream;
use crate::model::catalog::{Default, Entry, Kind, Param};
use crate::model::keys::Keys;

const ADAPTIVE: Param = Param {
    name: "adaptive",
    kind: Kind::Flag,
    default: Default::Is("true"),
    doc: "Whether a partition for which many batches wait gets fewer events without a key (Kafka 4 \
`partitioner.adaptive.partitioning.enable`).",
};

/// See its text.
pub static ENTRY: Entry<dyn Partitioner> = Entry {
    name: "default",
    summary: "Kafka's own: by the hash of the key, and without a key one batch after another.",
    doc: "What it does. An event with a key goes to (murmur2(key) & 0x7fffffff) % partitions. Events \
without a key go to one partition until batch-size bytes have gone there and its last batch is full or sent \
(or twice as many), then to another: rather to one for which few batches wait, as in the Java client since 3.3 \
(KIP-794), unless it is not adaptive.\n\n\
When it helps. All events of a key are in one partition, so they are read in the order they were \
sent. Without keys, batches fill up fast.\n\n\
When it hurts. A hot key makes a hot partition, which no number of partitions cools. Adding \
partitions moves most keys, and their order across the change is lost. With few keys the hash \
spreads unevenly.\n\n\
Seen in. The Java client, kafka-python, aiokafka and kafkajs; in librdkafka under the name \
murmur2_random, whose own default is another hash.",
    params: &[ADAPTIVE],
    build: |args| Box::new(Hashed(Sticky::new(args.flag(ADAPTIVE.name)))),
};

struct Hashed(Sticky);

impl Partitioner for Hashed {
    fn by_key(&mut self, keys: &dyn Keys, partitions: u32) -> Option<Vec<u32>> {
        Some(partitions_of(keys, partitions))
    }
    fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        self.0.place(view, rng)
    }
}
