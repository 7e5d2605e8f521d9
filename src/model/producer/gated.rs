//! What a producer does with its batches because of transactions: holds them back, flushes them, drops them.
//!
//! When a transaction begins and ends is the world's business.

use super::Producer;
use super::session::Gate;
use crate::engine::Time;
use crate::model::cause::LossCause;
use crate::model::ids::BatchId;
use crate::model::record::Batches;

impl Producer {
    /// From now on only these batches may go. What may go up to a moment takes no more records.
    pub fn pass_gate(&mut self, gate: Gate) {
        self.settings.gate = gate;
        self.quiet_until = Time::ZERO;
        if matches!(gate, Gate::Upto(_)) {
            self.lanes.close();
        }
    }
    /// Whether everything created by then is sent and answered.
    pub fn flushed(&self, upto: Time, batches: &Batches) -> bool {
        let mut waiting = false;
        self.lanes.each(&mut |id| waiting |= batches[id].opened <= upto);
        !waiting && self.in_flight() == 0
    }
    /// A batch goes down with its transaction.
    pub fn drop_aborted(&mut self, id: BatchId, batches: &mut Batches) {
        batches[id].lost_as = LossCause::TransactionAborted;
        self.buffered -= batches[id].bytes;
        if batches[id].sends > 0 {
            self.lanes.given_up(&batches[id]);
        }
    }
    /// So does everything that is not on its way.
    pub fn drop_all(&mut self, batches: &mut Batches, dropped: &mut Vec<BatchId>) {
        let from = dropped.len();
        self.lanes.empty(dropped);
        for id in &dropped[from..] {
            self.drop_aborted(*id, batches);
        }
        self.quiet_until = Time::ZERO;
    }
}
