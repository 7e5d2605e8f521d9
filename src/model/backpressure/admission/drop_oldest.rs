//! `drop-oldest`: the oldest events make room for a new one.

use super::buffer::{Buffer, MEMORY};
use super::{Admission, Admit, AdmitView};
use crate::model::catalog::Entry;
use crate::model::cause::ShedReason;

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "drop-oldest",
    summary: "The oldest events that are not yet being sent make room for a new one.",
    doc: "What it does. While the buffer is full, the oldest event in it that is not yet being sent is \
thrown out, and so on until the new one fits; if none is left, the new one is refused. An event larger than \
the whole buffer is refused at once.\n\n\
When it helps. What arrives is fresh: the right choice for positions, prices and measurements, where a newer \
value replaces an older one.\n\n\
When it hurts. An event that was accepted may still vanish, and its caller never learns of it. For orders \
and payments that is data loss.\n\n\
Seen in. RabbitMQ's overflow drop-head (its default), ring buffers, logging libraries, ROS topics.",
    params: &[MEMORY],
    build: |args| Box::new(DropOldest(Buffer::new(args))),
};

struct DropOldest(Buffer);

impl Admission for DropOldest {
    fn room(&self, buffered: u64) -> u64 {
        self.0.room(buffered)
    }
    fn decide(&mut self, view: &AdmitView) -> Admit {
        if self.0.has_room(view) {
            Admit::Accept
        } else if self.0.could_hold(view) {
            Admit::DropOldest
        } else {
            Admit::Refuse(ShedReason::DropNewest)
        }
    }
}
