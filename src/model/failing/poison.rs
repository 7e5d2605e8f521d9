//! `poison`: some records fail at every try.

use super::{FailView, Failing};
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Failing> = Entry {
    name: "poison",
    summary: "A share of the records fails at every try; the others never do.",
    doc: "What it does. Each record is poison with the given probability. If it is, every try fails, \
at any consumer, however often it is delivered.\n\n\
When it helps. It shows why retries need an end. Without one, the partition waits behind the record \
for ever, and its lag grows in a straight line; with dead letters, only the retries' time is lost.\n\n\
When it hurts. What is poison stays poison: a fix that is rolled out is not in it. For records that \
fail from some schema version on see `by-schema`.\n\n\
Seen in. Records that cannot be parsed, that break a rule no one checked, or that crash their \
consumer.",
    params: &[Param {
        name: "share",
        kind: Kind::Ratio,
        default: Default::Required,
        doc: "Share of the records that always fail.",
    }],
    build: |args| Box::new(Poison { share: args.number("share") }),
};

struct Poison {
    share: f64,
}

impl Failing for Poison {
    fn fails(&self, view: &mut FailView) -> bool {
        view.of_event.happens(self.share)
    }
}
