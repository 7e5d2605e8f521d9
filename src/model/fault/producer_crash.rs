//! `producer-crash`: a producer dies with what it had not sent.

use super::reach::{RESTART_AFTER, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "producer-crash",
    summary: "A producer dies, and what it had not sent is gone.",
    doc: "What it does. The process is gone at once, with its send buffer. Requests on their way still \
arrive, but nobody hears the answer. Events that are due while it is away are not created by another. After \
`restart-after` it starts again with an empty buffer.\n\n\
When it helps. It shows the gap between `the business fact happened` and `the event is in the log`, \
which an outbox closes.\n\n\
When it hurts. The longer the linger time and the fuller the buffer, the more is lost.\n\n\
Seen in. Crashes of services that write to their database and then send an event.",
    params: &[target("producer-crash", TargetKind::Producer), RESTART_AFTER],
    build: |_| Box::new(ProducerCrash),
};

struct ProducerCrash;

impl Fault for ProducerCrash {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_producers(),
            |p| Lever::CrashProducer(*p),
            |p| Lever::StartProducer(*p),
        )
    }
}
