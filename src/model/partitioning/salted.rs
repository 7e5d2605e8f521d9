//! `salted`: hot keys are spread over several sub-keys.

use super::murmur2::{partition_of, partitions_of};
use super::sticky::Sticky;
use super::{Partitioner, PlaceView};
use crate::engine::{Stream, mix};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use crate::model::keys::{Keys, NO_KEY};

/// See its text.
pub static ENTRY: Entry<dyn Partitioner> = Entry {
    name: "salted",
    summary: "Hot keys are spread over several sub-keys; the others are placed as by `default`.",
    doc: "What it does. A key whose share of the events is at least `hot-share` gets a salt: the \
event goes where `default` would send the key `key#salt`, with salts 0 to salts - 1. The events of a \
producer go through the salts in turn, by their ordinal, and each round starts at another salt so \
that it does not fall in step with a pattern in the keys. Other keys, and events without one, are \
placed as by `default`.\n\n\
When it helps. A hot key's load is spread over up to `salts` partitions, so that no single one \
limits the group, while the order of all other keys is kept.\n\n\
When it hurts. The hot keys pay with their order: their events may be processed in any order, and at \
the same time. Whoever needs a total per key must add up the salts. Two salts of a key may hash to \
the same partition. And somebody has to know which keys are hot before they are.\n\n\
Seen in. Spark's and Flink's two-stage aggregation of skewed keys, and the sharded partition keys \
that Amazon recommends for DynamoDB.",
    params: &[
        Param {
            name: "salts",
            kind: Kind::Count { min: 1, max: 10_000 },
            default: Default::Required,
            doc: "How many sub-keys a hot key is spread over.",
        },
        Param {
            name: "hot-share",
            kind: Kind::Ratio,
            default: Default::Is("1%"),
            doc: "Keys with at least this share of the events are hot; 1%, which leaves 100 of them at most.",
        },
    ],
    build: |args| Box::new(Salted::new(args)),
};

/// Marks a place that depends on the salt; partitions are fewer than this.
const HOT: u32 = 1 << 31;

struct Salted {
    salts: u32,
    hot_share: f64,
    /// By key: its partition, or `HOT` and its number among the hot keys.
    places: Vec<u32>,
    /// The partitions of each hot key, `salts` of them in a row.
    salted: Vec<u32>,
    keyless: Sticky,
}

impl Salted {
    fn new(args: &Args) -> Self {
        Salted {
            salts: u32::try_from(args.count("salts")).expect("at most 10 000"),
            hot_share: args.number("hot-share"),
            places: Vec::new(),
            salted: Vec::new(),
            keyless: Sticky::new(true),
        }
    }
    /// Which salt an event gets: each row of `salts` events has every salt once, turned by a hash of the
    /// row's number.
    fn salt(&self, ordinal: u64) -> u64 {
        let salts = u64::from(self.salts);
        let turn = mix(ordinal / salts, salts) % salts;
        (ordinal % salts + turn) % salts
    }
}

impl Partitioner for Salted {
    fn by_key(&mut self, keys: &dyn Keys, partitions: u32) -> Option<Vec<u32>> {
        assert!(partitions < HOT, "a topic has fewer than 2^31 partitions");
        self.places = partitions_of(keys, partitions);
        self.salted.clear();
        let mut hot = 0;
        for (key, place) in (0..).zip(&mut self.places) {
            if keys.share(key).is_none_or(|share| share < self.hot_share) {
                continue;
            }
            let name = keys.name(key);
            let salted = (0..self.salts).map(|s| partition_of(format!("{name}#{s}").as_bytes(), partitions));
            self.salted.extend(salted);
            *place = HOT | hot;
            hot += 1;
        }
        if hot == 0 { Some(std::mem::take(&mut self.places)) } else { None }
    }
    fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        if view.key == NO_KEY {
            return self.keyless.place(view, rng);
        }
        let place = self.places[view.key as usize];
        if place & HOT == 0 {
            return place;
        }
        let first = u64::from(place ^ HOT) * u64::from(self.salts);
        self.salted[(first + self.salt(view.ordinal)) as usize]
    }
}
