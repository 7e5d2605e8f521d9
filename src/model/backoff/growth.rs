//! Waits that double from try to try up to a cap: what all exponential backoffs build on.
//!
//! Knows nothing of jitter.

use crate::engine::Span;
use crate::model::catalog::{Args, Default, Kind, Param};

/// The first wait.
pub(super) const BASE: Param = Param {
    name: "base",
    kind: Kind::Span,
    default: Default::Is("100ms"),
    doc: "The first wait, before jitter; as Kafka's retry.backoff.ms.",
};

/// The longest wait.
pub(super) const CAP: Param = Param {
    name: "cap",
    kind: Kind::Span,
    default: Default::Is("1s"),
    doc: "What the wait grows to, before jitter; as Kafka's retry.backoff.max.ms.",
};

/// `min(cap, base * 2^n)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    base: Span,
    pub(super) cap: Span,
}

impl Growth {
    pub(super) fn new(args: &Args) -> Self {
        Growth { base: args.span("base"), cap: args.span("cap") }
    }
    /// The wait after `failures` failed tries, 1 or more: the first is `base`.
    pub(super) fn after(self, failures: u32) -> Span {
        let doublings = failures.saturating_sub(1);
        let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Span(self.base.0.saturating_mul(factor)).min(self.cap)
    }
    /// Whether the wait grows at all.
    pub(super) fn grows(self) -> bool {
        self.base < self.cap
    }
}
