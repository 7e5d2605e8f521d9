//! What a producer does with its batches because of transactions: holds them back, flushes them, drops them; and how
//! a consumer's own producer gets its records.
//!
//! When a transaction begins and ends is the world's business.

use super::Producer;
use super::session::Gate;
use crate::engine::Time;
use crate::model::cause::LossCause;
use crate::model::ids::{BatchId, EventId, PartitionId};
use crate::model::keys::NO_KEY;
use crate::model::record::{Batches, Record};

impl Producer {
    /// What a consumer makes of a record that it read from the group's partition number `index`, and the partition
    /// it goes to: that of its key. Without a key all copies go where the first one went, by the partition they came
    /// from.
    pub fn make(&mut self, input: &Record, index: u32, now: Time) -> (Record, u32) {
        let event = EventId::new(self.id, self.told);
        self.told += 1;
        let by_key = if input.key == NO_KEY { None } else { self.workload.lane_of(input.key) };
        let lane = by_key.unwrap_or_else(|| index % self.lanes.count());
        (Record { event, created: now, ..*input }, lane)
    }
    /// Its application sends a record.
    pub fn put(&mut self, record: Record, partition: PartitionId, now: Time, batches: &mut Batches) {
        let lane = self.lanes.lane_of(partition) as u32;
        self.buffered += u64::from(record.size);
        self.lanes.push(lane, record, now, &self.settings, batches);
        self.quiet_until = Time::ZERO;
    }
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
