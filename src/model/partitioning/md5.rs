//! `md5`: the hash of the key falls into the range of one shard.

use super::{Partitioner, PlaceView};
use crate::engine::Stream;
use crate::model::catalog::Entry;
use crate::model::hashes::{hash, shard_of};
use crate::model::keys::Keys;

/// See its text.
pub static ENTRY: Entry<dyn Partitioner> = Entry {
    name: "md5",
    summary: "The MD5 of the key, as a number of 128 bits, falls into the range of one shard.",
    doc: "What it does. The partitions share the numbers from 0 to 2^128 - 1 evenly: the first has the lowest of \
them, the last the highest. An event goes where the MD5 of its key's name lies. One without a key gets a key of its \
own, and so goes anywhere, all places being as likely. The only way into a Kinesis stream.\n\n\
When it helps. A range can be cut in two without any key moving between the others, which is what splitting a shard \
does.\n\n\
When it hurts. As with every hash of the key, a key that alone is more than a shard can take stays on one shard, \
however many there are.\n\n\
Seen in. Amazon Kinesis Data Streams (partition keys, \"Kinesis Data Streams key concepts\").",
    params: &[],
    build: |_| Box::new(ByHash),
};

struct ByHash;

impl Partitioner for ByHash {
    fn by_key(&mut self, keys: &dyn Keys, partitions: u32) -> Option<Vec<u32>> {
        Some((0..keys.count()).map(|key| shard_of(hash(keys.name(key).as_bytes()), partitions)).collect())
    }
    fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        rng.below(u64::from(view.partitions)) as u32
    }
}
