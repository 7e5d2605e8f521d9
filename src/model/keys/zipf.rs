//! `zipf`: a few keys are frequent and many are rare, by a power law.

use super::alias::{Alias, total};
use super::{Keys, MOST_KEYS, PREFIX, narrow};
use crate::engine::EventRng;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use rand::Rng;

/// See its text.
pub static ENTRY: Entry<dyn Keys> = Entry {
    name: "zipf",
    summary: "A few keys are frequent and many are rare, by a power law.",
    doc: "What it does. Key 0 is the most frequent one; key k, counted from 0, has a share \
proportional to 1 / (k + 1)^exponent. With 10 000 keys and exponent 1 the first has 10.2 % of all \
events and the first hundred have 53 %. Exponent 0 makes all alike. The table takes 8 bytes per key.\n\n\
When it helps. The usual shape of who does how much: customers, products, accounts. It shows that \
adding partitions does not help the partition that has the hot key.\n\n\
When it hurts. One order of popularity holds for the whole run; what is hot never changes.\n\n\
Seen in. Words of a text (Zipf 1935), page views (Breslau et al. 1999), and the YCSB benchmark, with \
exponent 0.99.",
    params: &[
        Param {
            name: "count",
            kind: Kind::Count { min: 1, max: MOST_KEYS },
            default: Default::Required,
            doc: "How many distinct keys there are.",
        },
        Param {
            name: "exponent",
            kind: Kind::Number { min: 0.0, max: 10.0 },
            default: Default::Is("1.0"),
            doc: "How steep it is; 1, the law as Zipf found it.",
        },
        PREFIX,
    ],
    build: |args| Box::new(Zipf::new(args)),
};

struct Zipf {
    count: u32,
    exponent: f64,
    /// Sum of all weights.
    total: f64,
    table: Alias,
    prefix: String,
}

fn weight(key: u32, exponent: f64) -> f64 {
    libm::pow(f64::from(key) + 1.0, -exponent)
}

impl Zipf {
    fn new(args: &Args) -> Self {
        let (count, exponent) = (narrow(args.count("count")), args.number("exponent"));
        let total = total((0..count).rev().map(|k| weight(k, exponent)));
        let table = Alias::new(count, |k| weight(k, exponent) / total);
        Zipf { count, exponent, total, table, prefix: args.text("prefix") }
    }
}

impl Keys for Zipf {
    fn count(&self) -> u32 {
        self.count
    }
    fn name(&self, key: u32) -> String {
        format!("{}{key}", self.prefix)
    }
    fn fill(&self, draws: EventRng, first: u64, out: &mut [u32]) {
        for (ordinal, key) in (first..).zip(out) {
            *key = self.table.pick(draws.at(ordinal).next_u64());
        }
    }
    fn share(&self, key: u32) -> Option<f64> {
        (key < self.count).then(|| weight(key, self.exponent) / self.total)
    }
}
