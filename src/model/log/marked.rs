//! A log with transactions, as their coordinators meet it: which records are part of one, and its marker.

use super::{Decided, Log, Verdict};
use crate::engine::Time;
use crate::model::ids::{BatchId, Offset, ProducerId};
use crate::model::record::Batches;

impl Log {
    /// There will be transactions.
    pub fn expect_transactions(&mut self) {
        assert!(self.compaction.is_none(), "a compacted log is refused transactions");
        self.decided = Some(Box::<Decided>::default());
    }
    /// Records `[from, to)` belong to this producer's transaction.
    pub fn join(&mut self, whose: ProducerId, epoch: u32, from: Offset, to: Offset) {
        if let Some(decided) = &mut self.decided {
            decided.join(whose, epoch, from, to);
        }
    }
    /// Appends a marker, which takes an offset; returns it, and where the records lie that it aborts. The log
    /// holds the marker's batch, which has no records, from now on.
    pub fn mark(
        &mut self,
        verdict: Verdict,
        id: BatchId,
        batches: &mut Batches,
        at: Time,
    ) -> (Offset, Vec<(Offset, Offset)>) {
        let base = self.end;
        self.push(id, 1, batches, at);
        let aborted = self.decided.as_mut().map_or_else(Vec::new, |d| d.mark(verdict, base));
        if !self.replicated {
            self.show(self.end);
        }
        (base, aborted)
    }
}
