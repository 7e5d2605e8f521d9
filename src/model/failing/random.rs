//! `random`: any try may fail.

use super::{FailView, Failing};
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Failing> = Entry {
    name: "random",
    summary: "Each try fails with a given probability, whatever the record.",
    doc: "What it does. Every try of every record fails with the given probability p, independently \
of all others: a transient failure. A record needs 1 / (1 - p) tries on average, and is still not \
done after n of them with probability p^n.\n\n\
When it helps. The case retries are made for. It shows what they cost in time and load.\n\n\
When it hurts. Real failures come in clumps; independent ones make retries look better than they \
are.\n\n\
Seen in. Lost packets, deadlocks that a database resolves, an instance of a service that is just \
being replaced.",
    params: &[Param {
        name: "probability",
        kind: Kind::Ratio,
        default: Default::Required,
        doc: "Probability that a try fails.",
    }],
    build: |args| Box::new(Random { probability: args.number("probability") }),
};

struct Random {
    probability: f64,
}

impl Failing for Random {
    fn fails(&self, view: &mut FailView) -> bool {
        view.of_try.happens(self.probability)
    }
}
