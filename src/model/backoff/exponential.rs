//! `exponential`: waits that double up to a cap.

use super::Backoff;
use super::growth::{BASE, CAP, Growth};
use crate::engine::{Chance, Span};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Backoff> = Entry {
    name: "exponential",
    summary: "The wait doubles from try to try, up to a cap.",
    doc: "What it does. After the n-th failed try, counted from 0, waits min(cap, base * 2^n). There \
is no chance in it.\n\n\
When it helps. The longer an outage lasts, the less load the retries add.\n\n\
When it hurts. Clients that failed together stay together: they come back in waves, ever further \
apart, and each wave collides again. With contention that takes far longer than with jitter.\n\n\
Seen in. Most retry libraries before jitter is switched on, such as Spring's ExponentialBackOff and \
Resilience4j's exponential interval function.",
    params: &[BASE, CAP],
    build: |args| Box::new(Exponential(Growth::new(args))),
};

struct Exponential(Growth);

impl Backoff for Exponential {
    fn delay(&self, failures: u32, _chance: &mut Chance) -> Span {
        self.0.after(failures)
    }
}
