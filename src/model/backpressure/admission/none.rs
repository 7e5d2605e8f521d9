//! `none`: every event is accepted, whatever is waiting already.

use super::{Admission, Admit, AdmitView};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "none",
    summary: "Every event is accepted; the send buffer has no limit.",
    doc: "What it does. Events go into the send buffer however full it is.\n\n\
When it helps. As the case to compare with, and where the broker is known to keep up.\n\n\
When it hurts. When the brokers are slow or away, memory grows without bound, latency with it, and events \
at the back of the queue run into the delivery timeout.\n\n\
Seen in. Hand-written queues in front of a client, and Node.js clients that ignore their stream's \
backpressure.",
    params: &[],
    build: |_| Box::new(Unlimited),
};

struct Unlimited;

impl Admission for Unlimited {
    fn room(&self, _buffered: u64) -> u64 {
        u64::MAX
    }
    fn decide(&mut self, _view: &AdmitView) -> Admit {
        Admit::Accept
    }
}
