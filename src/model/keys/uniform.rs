//! `uniform`: every key as likely as any other.

use super::{Keys, MOST_KEYS, PREFIX, narrow};
use crate::engine::EventRng;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Keys> = Entry {
    name: "uniform",
    summary: "Every key is as likely as any other.",
    doc: "What it does. Each event has one of `count` keys, all with the share 1/count.\n\n\
When it helps. With many keys, hashing them spreads the load well; what is uneven then comes from \
the hash alone. It is the case most designs have in mind.\n\n\
When it hurts. With few keys per partition the hash itself is uneven: of 12 keys on 12 partitions \
about a third of the partitions get none. And real keys are rarely alike; see `zipf`.\n\n\
Seen in. Request ids, session ids, and device ids of a fleet that reports in turn.",
    params: &[
        Param {
            name: "count",
            kind: Kind::Count { min: 1, max: MOST_KEYS },
            default: Default::Required,
            doc: "How many distinct keys there are.",
        },
        PREFIX,
    ],
    build: |args| Box::new(Uniform::new(args)),
};

struct Uniform {
    count: u32,
    prefix: String,
}

impl Uniform {
    fn new(args: &Args) -> Self {
        Uniform { count: narrow(args.count("count")), prefix: args.text("prefix") }
    }
}

impl Keys for Uniform {
    fn count(&self) -> u32 {
        self.count
    }
    fn name(&self, key: u32) -> String {
        format!("{}{key}", self.prefix)
    }
    fn fill(&self, draws: EventRng, first: u64, out: &mut [u32]) {
        for (ordinal, key) in (first..).zip(out) {
            *key = draws.at(ordinal).below(u64::from(self.count)) as u32;
        }
    }
    fn share(&self, key: u32) -> Option<f64> {
        (key < self.count).then(|| 1.0 / f64::from(self.count))
    }
}
