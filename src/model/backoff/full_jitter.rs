//! `full-jitter`: a wait drawn between nothing and the exponential one.

use super::Backoff;
use super::growth::{BASE, CAP, Growth};
use crate::engine::{Chance, Span};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Backoff> = Entry {
    name: "full-jitter",
    summary: "The wait is drawn between nothing and the exponential one.",
    doc: "What it does. After the n-th failed try, counted from 0, waits U(0, min(cap, base * 2^n)): \
on average half of the exponential wait (Brooker, Exponential Backoff and Jitter, AWS Architecture \
Blog, 2015).\n\n\
When it helps. It takes clients that failed together apart more than any other form, so contention \
is worked off with few calls and soon.\n\n\
When it hurts. Some waits are next to nothing, so a try may come before the cause is gone.\n\n\
Seen in. The standard retry mode of the AWS SDKs.",
    params: &[BASE, CAP],
    build: |args| Box::new(FullJitter(Growth::new(args))),
};

struct FullJitter(Growth);

impl Backoff for FullJitter {
    fn delay(&self, failures: u32, chance: &mut Chance) -> Span {
        self.0.after(failures).scaled(chance.unit())
    }
}
