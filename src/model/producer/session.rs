//! One producer's transactions as it sees them itself (Kafka's `TransactionManager`).
//!
//! Plain state: when a transaction begins and ends is the world's business.

use crate::engine::Time;

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
    /// It has put its consumer's positions into it, and waits for the answer.
    Offering,
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
    /// When the transaction that is open began.
    pub opened: Time,
    /// Something was sent since it was ready.
    pub sent: bool,
    /// What its consumer has made since it was ready came to nothing, and the consumer does not know it yet.
    pub failed: bool,
}

impl Default for Session {
    fn default() -> Self {
        let opened = Time::ZERO;
        Session {
            stage: Stage::Ready,
            epoch: 1,
            turn: 0,
            answered: false,
            opened,
            sent: false,
            failed: false,
        }
    }
}

impl Session {
    /// Goes over to another stage.
    pub fn enter(&mut self, stage: Stage) {
        (self.stage, self.answered) = (stage, false);
        self.sent &= stage != Stage::Ready;
        self.failed &= stage != Stage::Down;
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
            Stage::Failing | Stage::Offering | Stage::Ending | Stage::Starting | Stage::Down => Gate::Shut,
        }
    }
}
