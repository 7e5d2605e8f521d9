//! `hot`: one key with a large share, the others alike.

use super::{Keys, MOST_KEYS, PREFIX, narrow};
use crate::engine::EventRng;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Keys> = Entry {
    name: "hot",
    summary: "One hot key has a given share of the events; the others are alike.",
    doc: "What it does. Key 0 has the given share. The rest is spread evenly over keys 1 to `count`.\n\n\
When it helps. The plainest skew there is: the hot key's partition gets share + (1 - share) / \
partitions of the load, however many partitions and consumers there are.\n\n\
When it hurts. Real skew has many warm keys beside the hot one; see `zipf`.\n\n\
Seen in. One large tenant among small ones, a bot, a default value where an id should be.",
    params: &[
        Param { name: "share", kind: Kind::Ratio, default: Default::Required, doc: "Share of the hot key." },
        Param {
            name: "count",
            kind: Kind::Count { min: 1, max: MOST_KEYS },
            default: Default::Required,
            doc: "How many other keys there are.",
        },
        PREFIX,
    ],
    build: |args| Box::new(Hot::new(args)),
};

struct Hot {
    share: f64,
    others: u32,
    prefix: String,
}

impl Hot {
    fn new(args: &Args) -> Self {
        Hot { share: args.number("share"), others: narrow(args.count("count")), prefix: args.text("prefix") }
    }
}

impl Keys for Hot {
    fn count(&self) -> u32 {
        self.others + 1
    }
    fn name(&self, key: u32) -> String {
        format!("{}{key}", self.prefix)
    }
    fn fill(&self, draws: EventRng, first: u64, out: &mut [u32]) {
        for (ordinal, key) in (first..).zip(out) {
            let mut chance = draws.at(ordinal);
            *key =
                if chance.happens(self.share) { 0 } else { 1 + chance.below(u64::from(self.others)) as u32 };
        }
    }
    fn share(&self, key: u32) -> Option<f64> {
        match key {
            0 => Some(self.share),
            k if k <= self.others => Some((1.0 - self.share) / f64::from(self.others)),
            _ => None,
        }
    }
}
