//! `drop-newest`: an event that does not fit is refused.

use super::buffer::{Buffer, MEMORY};
use super::{Admission, Admit, AdmitView};
use crate::model::catalog::Entry;
use crate::model::cause::ShedReason;

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "drop-newest",
    summary: "An event that does not fit into the send buffer is refused.",
    doc: "What it does. While the buffer is full, new events are refused at once; what is in it stays.\n\n\
When it helps. The caller never waits and knows at once, so it can answer `try again later`. What was \
accepted is not disturbed.\n\n\
When it hurts. In a long overload the buffer holds old events and fresh ones are refused, so everybody gets \
stale data late. Important and unimportant events are refused alike.\n\n\
Seen in. Bounded queues with offer(), RabbitMQ's overflow reject-publish, Kafka producers with max.block.ms \
at zero, UDP sockets.",
    params: &[MEMORY],
    build: |args| Box::new(DropNewest(Buffer::new(args))),
};

struct DropNewest(Buffer);

impl Admission for DropNewest {
    fn room(&self, buffered: u64) -> u64 {
        self.0.room(buffered)
    }
    fn decide(&mut self, view: &AdmitView) -> Admit {
        if self.0.has_room(view) { Admit::Accept } else { Admit::Refuse(ShedReason::DropNewest) }
    }
}
