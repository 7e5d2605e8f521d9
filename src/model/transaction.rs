//! One producer's transactions as their coordinator keeps them.
//!
//! Follows Kafka 4's `TransactionMetadata` with `transaction.version=2`: partitions are
//! added by the brokers that append, and every transaction has an epoch of its own, so that what comes late
//! belongs to none (KIP-890). Plain state: knows nothing of wires, logs or records.

use crate::engine::Time;
use crate::model::ids::PartitionId;

/// Where the coordinator is with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none (Kafka's Empty and Complete states).
    Empty,
    /// Since then.
    Ongoing(Time),
    /// Its outcome is being written (PrepareCommit, PrepareAbort).
    Preparing,
    /// Its markers are being written.
    Marking,
}

/// What the coordinator knows.
#[derive(Debug)]
pub struct Entry {
    /// Of the transaction that is, or comes next.
    pub epoch: u32,
    /// See [`State`].
    pub state: State,
    /// Where it has records.
    pub partitions: Vec<PartitionId>,
    /// Whether a group's positions are part of it.
    pub offsets: bool,
    unmarked: usize,
}

impl Default for Entry {
    fn default() -> Self {
        Entry { epoch: 1, state: State::Empty, partitions: Vec::new(), offsets: false, unmarked: 0 }
    }
}

impl Entry {
    /// Whether a broker may append records of this epoch.
    pub fn admits(&self, epoch: u32) -> bool {
        self.epoch == epoch && matches!(self.state, State::Empty | State::Ongoing(_))
    }
    /// Records were appended there.
    pub fn add(&mut self, partition: PartitionId, now: Time) {
        if self.state == State::Empty {
            self.state = State::Ongoing(now);
        }
        if !self.partitions.contains(&partition) {
            self.partitions.push(partition);
        }
    }
    /// A group's positions become part of it.
    pub fn offer(&mut self, now: Time) {
        if self.state == State::Empty {
            self.state = State::Ongoing(now);
        }
        self.offsets = true;
    }
    /// Begins to end the open transaction, if there is one.
    pub fn prepare(&mut self) -> bool {
        let open = matches!(self.state, State::Ongoing(_));
        if open {
            self.state = State::Preparing;
        }
        open
    }
    /// What comes of this epoch from now on is fenced off. Only while nothing is open.
    pub fn fence(&mut self) {
        self.epoch += 1;
    }
    /// The outcome is written: the markers follow.
    pub fn decided(&mut self) {
        self.state = State::Marking;
        self.unmarked = self.partitions.len() + usize::from(self.offsets);
    }
    /// One of them is written; says whether that was the last.
    pub fn marked(&mut self) -> bool {
        self.unmarked -= 1;
        if self.unmarked == 0 {
            self.state = State::Empty;
            self.partitions.clear();
            self.offsets = false;
            self.fence();
        }
        self.unmarked == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_belongs_to_no_transaction() {
        let mut e = Entry::default();
        assert!(e.admits(1) && !e.prepare());
        e.add(PartitionId(3), Time(5));
        e.add(PartitionId(4), Time(6));
        e.add(PartitionId(3), Time(7));
        assert_eq!((e.state, e.partitions.len()), (State::Ongoing(Time(5)), 2));
        assert!(e.prepare() && !e.prepare() && !e.admits(1));
        e.decided();
        assert!(!e.marked() && e.marked());
        assert!(!e.admits(1) && e.admits(2) && e.partitions.is_empty());
    }
}
