//! `equal-jitter`: half of the exponential wait, and a draw up to the other half.

use super::Backoff;
use super::growth::{BASE, CAP, Growth};
use crate::engine::{Chance, Span};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Backoff> = Entry {
    name: "equal-jitter",
    summary: "Half of the wait is the exponential one's, the other half is drawn.",
    doc: "What it does. With e = min(cap, base * 2^n) after the n-th failed try, counted from 0, \
waits e / 2 + U(0, e / 2): on average three quarters of the exponential wait (Brooker, Exponential \
Backoff and Jitter, AWS Architecture Blog, 2015).\n\n\
When it helps. It takes clients apart, and still never tries again almost at once.\n\n\
When it hurts. In Brooker's experiment it takes longer than full jitter, for about as many calls.\n\n\
Seen in. Client libraries whose authors feared the short waits of full jitter.",
    params: &[BASE, CAP],
    build: |args| Box::new(EqualJitter(Growth::new(args))),
};

struct EqualJitter(Growth);

impl Backoff for EqualJitter {
    fn delay(&self, failures: u32, chance: &mut Chance) -> Span {
        self.0.after(failures).scaled(0.5 + 0.5 * chance.unit())
    }
}
