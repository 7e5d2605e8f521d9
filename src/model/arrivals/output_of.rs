//! `output-of`: one event for each record that a group processes.

use super::Arrivals;
use crate::engine::{Stream, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "output-of",
    summary: "One event for each record that a group processes.",
    doc: "What it does. Each consumer of the group has a producer of its own (the setting `instances` is not \
asked), and sends one event for each record whose effect it applies: with the same key and size, created at that \
moment; without a key it goes where the number of its partition says, and a delete marker becomes an event like any \
other. What is processed again is sent again, as another copy of the same event. Positions are committed when \
everything sent before is acknowledged; if the producer is transactional they are part of its transaction, and a \
consumer whose transaction is aborted goes back to what is committed.\n\n\
When it helps. It shows what a stage that reads one topic and writes another does to the events: where copies come \
from, and that with transactions, and readers that wait for them, there are none.\n\n\
When it hurts. The effects of the group itself, a mail that it sends, are outside of the transaction and happen \
again.\n\n\
Seen in. Kafka Streams (`processing.guarantee`), Flink's Kafka sink, consume-transform-produce loops with \
sendOffsetsToTransaction().",
    params: &[Param { name: "value", kind: Kind::Text, default: Default::Required, doc: "The group." }],
    build: |_: &Args| Box::new(OutputOf),
};

struct OutputOf;

impl Arrivals for OutputOf {
    /// The group makes the events.
    fn fill(&mut self, _: usize, _rng: &mut Stream, _: &mut Vec<Time>) {}
    fn mean_rate(&self, _from: Time, _to: Time) -> f64 {
        0.0
    }
}
