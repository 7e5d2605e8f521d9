//! One producer's transactions, as the coordinator keeps them and as the producer itself sees them.
//!
//! Follows Kafka 4's `TransactionMetadata` and `TransactionManager` with `transaction.version=2`: partitions are
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
    unmarked: usize,
}

impl Default for Entry {
    fn default() -> Self {
        Entry { epoch: 1, state: State::Empty, partitions: Vec::new(), unmarked: 0 }
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
        self.unmarked = self.partitions.len();
    }
    /// One of them is written; says whether that was the last.
    pub fn marked(&mut self) -> bool {
        self.unmarked -= 1;
        if self.unmarked == 0 {
            self.state = State::Empty;
            self.partitions.clear();
            self.fence();
        }
        self.unmarked == 0
    }
}

/// What the producer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No transaction is open, and one may begin.
    Ready,
    /// Records are sent.
    Open,
    /// The interval is over: what was created up to then is sent and acknowledged first.
    Flushing(Time),
    /// Something of it failed: what is on its way comes back first.
    Failing,
    /// It has asked the coordinator to end it.
    Ending,
    /// It asks for a new epoch (`initTransactions`).
    Starting,
    /// The process does not run.
    Down,
}

/// How the producer sees it.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// See [`Stage`].
    pub stage: Stage,
    /// Of the transaction that is, or comes next.
    pub epoch: u32,
    /// Raised with every change of the stage: what was planned for an earlier one is void.
    pub turn: u32,
    /// The coordinator has answered.
    pub answered: bool,
}

impl Default for Session {
    fn default() -> Self {
        Session { stage: Stage::Ready, epoch: 1, turn: 0, answered: false }
    }
}

impl Session {
    /// Goes over to another stage.
    pub fn enter(&mut self, stage: Stage) {
        (self.stage, self.answered) = (stage, false);
        self.turn += 1;
    }
}

/// Which batches a producer may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// All, when they are due.
    Open,
    /// Those opened by then, at once; no others.
    Upto(Time),
    /// None.
    Shut,
}

impl Stage {
    /// See [`Gate`].
    pub fn gate(self) -> Gate {
        match self {
            Stage::Ready | Stage::Open => Gate::Open,
            Stage::Flushing(upto) => Gate::Upto(upto),
            Stage::Failing | Stage::Ending | Stage::Starting | Stage::Down => Gate::Shut,
        }
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
