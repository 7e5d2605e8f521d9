//! `by-key`: the records of one key fail.

use super::{FailView, Failing};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use crate::model::keys::MOST_KEYS;

/// See its text.
pub static ENTRY: Entry<dyn Failing> = Entry {
    name: "by-key",
    summary: "Tries of records with one key fail, with a given probability.",
    doc: "What it does. Every try of a record with the given key fails with the given probability, \
each try by its own draw. Other keys never fail.\n\n\
When it helps. It shows whom one bad customer holds up: everyone whose keys share the partition, if \
retries wait in place.\n\n\
When it hurts. Real trouble with a key comes and goes; here it lasts for the whole run.\n\n\
Seen in. A tenant whose quota is used up, an account that is locked, an order in a state no one \
foresaw.",
    params: &[
        Param {
            name: "key",
            kind: Kind::Count { min: 0, max: MOST_KEYS },
            default: Default::Required,
            doc: "Number of the key, from 0; under `zipf` and `hot`, 0 is the most frequent one.",
        },
        Param {
            name: "probability",
            kind: Kind::Ratio,
            default: Default::Is("100%"),
            doc: "Probability that a try fails; 100%, so that only giving up ends it.",
        },
    ],
    build: |args| Box::new(ByKey::new(args)),
};

struct ByKey {
    key: u32,
    probability: f64,
}

impl ByKey {
    fn new(args: &Args) -> Self {
        let key = u32::try_from(args.count("key")).expect("numbers of keys stay below MOST_KEYS");
        ByKey { key, probability: args.number("probability") }
    }
}

impl Failing for ByKey {
    fn fails(&self, view: &mut FailView) -> bool {
        view.key == self.key && view.of_try.happens(self.probability)
    }
}
