//! `shed-by-priority`: the fuller the buffer, the more important an event must be.

use super::buffer::{Buffer, MEMORY};
use super::{Admission, Admit, AdmitView};
use crate::model::catalog::{Default, Entry, Kind, Param};
use crate::model::cause::ShedReason;

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "shed-by-priority",
    summary: "The fuller the send buffer, the more important an event must be to get in.",
    doc: "What it does. Each class has its own limit. The least important may fill the buffer up to `start`, \
the most important all of it, and those between have limits at even distances: class c of k (0 the most \
important) up to the share 1 - (1 - start) * c / (k - 1). An event that would exceed the limit of its class \
is refused. With one class this is `drop-newest`.\n\n\
When it helps. In an overload the events that matter find room and pass quickly, at the price of those that \
matter less.\n\n\
When it hurts. Below saturation a part of the buffer stands empty for most events. If nearly everything is \
in the most important class, nothing is gained.\n\n\
Seen in. Load shedders such as those of Netflix and Stripe (critical requests before best-effort ones), \
Weighted RED in routers.",
    params: &[
        MEMORY,
        Param {
            name: "start",
            kind: Kind::Ratio,
            default: Default::Is("50%"),
            doc: "Fill of the buffer from which the least important class is refused; half, so that every \
class keeps a part of its own.",
        },
    ],
    build: |args| Box::new(ShedByPriority { buffer: Buffer::new(args), start: args.number("start") }),
};

struct ShedByPriority {
    buffer: Buffer,
    /// A share of the buffer.
    start: f64,
}

impl ShedByPriority {
    /// Bytes up to which the event's class may fill the buffer.
    fn limit(&self, view: &AdmitView) -> u64 {
        let memory = self.buffer.memory();
        let Some(lowest) = u64::from(view.classes).checked_sub(1).filter(|l| *l > 0) else { return memory };
        let reserved = memory.saturating_sub(libm::round(memory as f64 * self.start) as u64);
        let class = u64::from(view.priority).min(lowest);
        memory - (u128::from(reserved) * u128::from(class) / u128::from(lowest)) as u64
    }
}

impl Admission for ShedByPriority {
    fn decide(&mut self, view: &AdmitView) -> Admit {
        if view.buffered.saturating_add(u64::from(view.size)) <= self.limit(view) {
            Admit::Accept
        } else if self.buffer.has_room(view) {
            Admit::Refuse(ShedReason::Priority)
        } else {
            // The most important event would not fit either.
            Admit::Refuse(ShedReason::DropNewest)
        }
    }
}
