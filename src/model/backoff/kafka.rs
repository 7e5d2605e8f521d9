//! `kafka`: the exponential backoff of Kafka's Java client.

use super::Backoff;
use super::growth::{BASE, CAP, Growth};
use crate::engine::{Chance, Span};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Backoff> = Entry {
    name: "kafka",
    summary: "The wait doubles up to a cap, give or take a fifth, as in Kafka's clients.",
    doc: "What it does. After the n-th failed try, counted from 0, waits min(cap, base * 2^n) * \
U(0.8, 1.2), but never more than the cap; if the cap is not above the base, exactly the cap. So does \
the client's class ExponentialBackoff; the defaults are retry.backoff.ms and retry.backoff.max.ms \
(KIP-580).\n\n\
When it helps. It is what a Kafka producer does between tries of one request.\n\n\
When it hurts. A fifth more or less takes clients apart only slowly, and at the cap half of them \
wait exactly as long.\n\n\
Seen in. Kafka's Java clients since 3.7.",
    params: &[BASE, CAP],
    build: |args| Box::new(Kafka(Growth::new(args))),
};

/// How far a wait may lie above or below (`CommonClientConfigs.RETRY_BACKOFF_JITTER`).
const JITTER: f64 = 0.2;

struct Kafka(Growth);

impl Backoff for Kafka {
    fn delay(&self, failures: u32, chance: &mut Chance) -> Span {
        if !self.0.grows() {
            return self.0.cap;
        }
        let factor = 1.0 - JITTER + 2.0 * JITTER * chance.unit();
        self.0.after(failures).scaled(factor).min(self.0.cap)
    }
}
