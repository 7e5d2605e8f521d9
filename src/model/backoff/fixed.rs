//! `fixed`: always the same wait.

use super::Backoff;
use crate::engine::{Chance, Span};
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Backoff> = Entry {
    name: "fixed",
    summary: "The wait is always the same.",
    doc: "What it does. Waits the given time before every further try.\n\n\
When it helps. Simple to reason about: n tries take n - 1 waits. Enough where few clients share the \
dependency and outages are short.\n\n\
When it hurts. Clients that failed together try again together, time after time. In a long outage \
the load never lets up.\n\n\
Seen in. Spring Kafka's DefaultErrorHandler (FixedBackOff), and Kafka's clients before 3.7.",
    params: &[Param {
        name: "value",
        kind: Kind::Span,
        default: Default::Required,
        doc: "How long every wait is.",
    }],
    build: |args| Box::new(Fixed(args.span("value"))),
};

struct Fixed(Span);

impl Backoff for Fixed {
    fn delay(&self, _failures: u32, _chance: &mut Chance) -> Span {
        self.0
    }
}
