//! Family `backpressure` of a producer: does an event get into the send buffer?

mod buffer;
#[cfg(test)]
mod tests;

use crate::engine::{Span, Time};
use crate::model::catalog::family;
use crate::model::cause::ShedReason;

/// What the decision may look at.
#[derive(Clone, Copy, Debug)]
pub struct AdmitView {
    /// Now.
    pub now: Time,
    /// Size of the event, in bytes.
    pub size: u32,
    /// Its priority class, 0 the most important.
    pub priority: u8,
    /// How many classes there are.
    pub classes: u8,
    /// Bytes in the send buffer, unacknowledged ones included.
    pub buffered: u64,
    /// Lag of the slowest group of the topic in records, as last reported (see [`Admission::watch`]).
    pub lag: u64,
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// Into the buffer.
    Accept,
    /// The caller waits until there is room (and later events behind it), at most [`Admission::max_block`].
    Block,
    /// Refuse this event.
    Refuse(ShedReason),
    /// Throw out the oldest event that is not yet being sent, and ask again; if there is none, refuse this one.
    DropOldest,
}

/// Decides for one producer instance.
pub trait Admission {
    /// With `buffered` bytes in the buffer: how many more bytes it takes without being asked. `u64::MAX` if
    /// it always accepts, 0 if it wants to see every event.
    fn room(&self, buffered: u64) -> u64 {
        let _ = buffered;
        0
    }
    /// What happens to this event.
    fn decide(&mut self, view: &AdmitView) -> Admit;
    /// How long a caller blocks before the event is given up (Kafka `max.block.ms`).
    fn max_block(&self) -> Span {
        Span::FOREVER
    }
    /// How often the lag is reported to it; `None` if it does not look.
    fn watch(&self) -> Option<Span> {
        None
    }
}

family! {
    /// Every way a producer may admit events.
    "backpressure" of dyn Admission {
        none, block, drop_newest, drop_oldest, shed_by_priority, token_bucket, lag_aware
    }
}
