//! `weighted`: each key has the weight it is given.

use super::alias::{Alias, total};
use super::{Keys, PREFIX, narrow};
use crate::engine::EventRng;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use rand::Rng;

/// See its text.
pub static ENTRY: Entry<dyn Keys> = Entry {
    name: "weighted",
    summary: "Each key has the weight it is given.",
    doc: "What it does. There are as many keys as weights; the share of key k is its weight over the \
sum of all. The weights need not sum to 1.\n\n\
When it helps. When the shares are known, say from counting a topic's keys, or for an example with \
three tenants of different sizes.\n\n\
When it hurts. A long tail is tedious to write down; `zipf` has one.\n\n\
Seen in. Regions, tenants, event types: small sets with known sizes.",
    params: &[
        Param {
            name: "weights",
            kind: Kind::Weights,
            default: Default::Required,
            doc: "The weight of each key, none below 0 and not all 0.",
        },
        PREFIX,
    ],
    build: |args| Box::new(Weighted::new(args)),
};

struct Weighted {
    shares: Vec<f64>,
    table: Alias,
    prefix: String,
}

impl Weighted {
    fn new(args: &Args) -> Self {
        let mut shares = args.weights("weights");
        let sum = total(shares.iter().copied());
        assert!(
            sum > 0.0 && sum.is_finite() && shares.iter().all(|w| *w >= 0.0),
            "weights that reach the model are not negative, and not all zero: {shares:?}"
        );
        for share in &mut shares {
            *share /= sum;
        }
        let table = Alias::new(narrow(shares.len() as u64), |k| shares[k as usize]);
        Weighted { shares, table, prefix: args.text("prefix") }
    }
}

impl Keys for Weighted {
    fn count(&self) -> u32 {
        narrow(self.shares.len() as u64)
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
        self.shares.get(key as usize).copied()
    }
}
