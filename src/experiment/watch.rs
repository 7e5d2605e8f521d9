//! Looking on while an experiment runs: how far it is, and a way to stop it. Knows nothing of screens or signals.

use crate::engine::Span;
use std::sync::atomic::{AtomicU64, Ordering};

/// Looks on, from several threads at once.
pub trait Watch: Sync {
    /// Whether the run should stop early. What it then returns is thrown away.
    fn cancelled(&self) -> bool;
    /// Simulated time done so far, of one run or of a whole experiment; called now and then.
    fn progress(&self, done: Span);
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn cancelled(&self) -> bool {
        false
    }
    fn progress(&self, _done: Span) {}
}

/// Sums the progress of many runs for one onlooker.
pub(super) struct Total<'a> {
    onlooker: &'a dyn Watch,
    done: AtomicU64,
}

/// One run's share of a [`Total`].
pub(super) struct Part<'a> {
    total: &'a Total<'a>,
    /// A run counts for this much and no more: draining takes it beyond the end of its workload.
    limit: Span,
    done: AtomicU64,
}

impl<'a> Total<'a> {
    pub(super) fn new(onlooker: &'a dyn Watch) -> Self {
        Total { onlooker, done: AtomicU64::new(0) }
    }
    /// The watch for one run that is `limit` long.
    pub(super) fn part(&'a self, limit: Span) -> Part<'a> {
        Part { total: self, limit, done: AtomicU64::new(0) }
    }
    pub(super) fn cancelled(&self) -> bool {
        self.onlooker.cancelled()
    }
}

impl Watch for Part<'_> {
    fn cancelled(&self) -> bool {
        self.total.cancelled()
    }
    fn progress(&self, done: Span) {
        let done = done.min(self.limit).0;
        let before = self.done.fetch_max(done, Ordering::Relaxed);
        let more = done.saturating_sub(before);
        let sum = self.total.done.fetch_add(more, Ordering::Relaxed) + more;
        self.total.onlooker.progress(Span(sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Last(AtomicU64);
    impl Watch for Last {
        fn cancelled(&self) -> bool {
            false
        }
        fn progress(&self, done: Span) {
            self.0.store(done.0, Ordering::Relaxed);
        }
    }

    #[test]
    fn parts_add_up_and_never_count_twice_or_beyond_their_limit() {
        let last = Last(AtomicU64::new(0));
        let total = Total::new(&last);
        let (a, b) = (total.part(Span(100)), total.part(Span(50)));
        a.progress(Span(60));
        a.progress(Span(60));
        b.progress(Span(10));
        assert_eq!(last.0.load(Ordering::Relaxed), 70);
        a.progress(Span(400));
        b.progress(Span(400));
        assert_eq!(last.0.load(Ordering::Relaxed), 150);
    }
}
