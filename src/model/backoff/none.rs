//! `none`: no wait.

use super::Backoff;
use crate::engine::{Chance, Span};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Backoff> = Entry {
    name: "none",
    summary: "The next try follows at once.",
    doc: "What it does. Waits 0.\n\n\
When it helps. The shortest recovery from a failure that was a mere accident, such as one lost \
packet.\n\n\
When it hurts. Against a dependency that is down or overloaded, every client turns into a loop that \
keeps it so: a retry storm.\n\n\
Seen in. Naive loops around a call, and immediate redelivery after a negative acknowledgement.",
    params: &[],
    build: |_| Box::new(AtOnce),
};

struct AtOnce;

impl Backoff for AtOnce {
    fn delay(&self, _failures: u32, _chance: &mut Chance) -> Span {
        Span::ZERO
    }
}
