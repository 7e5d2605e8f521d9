//! `block`: while the buffer is full the caller waits.

use super::buffer::{Buffer, MEMORY};
use super::{Admission, Admit, AdmitView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "block",
    summary: "While the send buffer is full the caller waits, up to a limit.",
    doc: "What it does. An event that does not fit makes its caller wait until there is room, and later \
events wait behind it. After `max-block` the event is given up. An event larger than the whole buffer never \
fits.\n\n\
When it helps. The pressure travels upstream, to whoever can slow down: nothing is dropped in short \
overloads, and memory is bounded.\n\n\
When it hurts. If the caller is a request handler, its threads are used up while they wait, and the outage \
spreads. A minute is longer than most callers' own timeouts.\n\n\
Seen in. Kafka's producer: send() blocks when buffer.memory (32 MiB) is used up, for at most max.block.ms \
(one minute).",
    params: &[
        MEMORY,
        Param {
            name: "max-block",
            kind: Kind::Span,
            default: Default::Is("1m"),
            doc: "How long a caller waits before its event is given up; Kafka's max.block.ms.",
        },
    ],
    build: |args| Box::new(Block { buffer: Buffer::new(args), max_block: args.span("max-block") }),
};

struct Block {
    buffer: Buffer,
    max_block: Span,
}

impl Admission for Block {
    fn room(&self, buffered: u64) -> u64 {
        self.buffer.room(buffered)
    }
    fn decide(&mut self, view: &AdmitView) -> Admit {
        if self.buffer.has_room(view) { Admit::Accept } else { Admit::Block }
    }
    fn max_block(&self) -> Span {
        self.max_block
    }
}
