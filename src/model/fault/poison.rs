//! `poison`: events that a group cannot process come in.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "poison",
    summary: "Events come in that a group cannot process, however often it tries.",
    doc: "What it does. While it lasts, each event created is poison for the group with this probability: \
every try to process it fails. Events created before or after are not.\n\n\
When it helps. It shows what the retry policy makes of a record that can never succeed: a partition that \
waits for ever, a skipped record, or a dead letter.\n\n\
When it hurts. With endless retries one record stops its partition for good; with a few tries and long \
waits each one still costs that time.\n\n\
Seen in. A producer's new release with a broken field, a schema the consumer does not know, corrupt \
payloads.",
    params: &[
        target("poison", TargetKind::Group),
        Param {
            name: "share",
            kind: Kind::Ratio,
            default: Default::Is("100%"),
            doc: "Probability that an event is poison; all of them, as after a broken release.",
        },
        FOR,
    ],
    build: |args| Box::new(Poison(args.number("share"))),
};

struct Poison(f64);

impl Fault for Poison {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts([view.struck_group()], |g| Lever::Poison(*g, self.0), |g| Lever::Poison(*g, 0.0))
    }
}
