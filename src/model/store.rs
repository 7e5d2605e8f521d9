//! The idempotency store of a group: which events' effects were applied, as far as it still knows.
//!
//! Keys leave by age and by number, the oldest first. Knows nothing of consumers or of time passing by itself.

use crate::engine::{Span, Time};
use crate::model::cause::DuplicateCause;
use crate::model::ids::{EventId, Offset, PartitionId};
use std::collections::{BTreeMap, VecDeque};

/// Where the record of a key lies, so that what can never be asked again is forgotten for good.
pub type At = (PartitionId, Offset);

/// See the module's text.
#[derive(Debug, Default)]
pub struct Store {
    ttl: Option<Span>,
    capacity: Option<u64>,
    keys: BTreeMap<EventId, Time>,
    /// In the order of recording.
    age: VecDeque<(Time, EventId, At)>,
    /// Keys that are missing and may be asked for again, with the reason: they left, or never came.
    forgotten: BTreeMap<EventId, (DuplicateCause, At)>,
    sweep_at: usize,
    /// Whether it is down.
    pub down: bool,
}

impl Store {
    /// An empty store.
    pub fn new(ttl: Option<Span>, capacity: Option<u64>) -> Self {
        Store { ttl, capacity, sweep_at: 4096, ..Store::default() }
    }
    /// Whether the key is known at `now`.
    pub fn knows(&mut self, event: EventId, now: Time, asked_again: &dyn Fn(At) -> bool) -> bool {
        self.expire(now, asked_again);
        self.keys.contains_key(&event)
    }
    /// Why a key is not known that should be if the effect happened: for the ledger.
    pub fn reason(&self, event: EventId) -> DuplicateCause {
        self.forgotten.get(&event).map_or(DuplicateCause::KeyNotRecorded, |(cause, _)| *cause)
    }
    /// Records a key; `false` if it was there already.
    pub fn record(&mut self, event: EventId, at: At, now: Time, asked_again: &dyn Fn(At) -> bool) -> bool {
        self.expire(now, asked_again);
        if self.keys.contains_key(&event) {
            return false;
        }
        self.forgotten.remove(&event);
        self.keys.insert(event, now);
        self.age.push_back((now, event, at));
        while self.capacity.is_some_and(|most| self.keys.len() as u64 > most) {
            self.forget_oldest(DuplicateCause::KeyEvicted, asked_again);
        }
        true
    }
    /// A key could not be recorded, because the store is down.
    pub fn miss(&mut self, event: EventId, at: At, asked_again: &dyn Fn(At) -> bool) {
        if !self.keys.contains_key(&event) {
            self.remember_why(event, DuplicateCause::StoreDown, at, asked_again);
        }
    }
    fn expire(&mut self, now: Time, asked_again: &dyn Fn(At) -> bool) {
        let Some(ttl) = self.ttl else { return };
        while self.age.front().is_some_and(|(recorded, _, _)| *recorded + ttl <= now) {
            self.forget_oldest(DuplicateCause::KeyExpired, asked_again);
        }
    }
    fn forget_oldest(&mut self, cause: DuplicateCause, asked_again: &dyn Fn(At) -> bool) {
        let Some((_, event, at)) = self.age.pop_front() else { return };
        self.keys.remove(&event);
        self.remember_why(event, cause, at, asked_again);
    }
    fn remember_why(
        &mut self,
        event: EventId,
        cause: DuplicateCause,
        at: At,
        asked_again: &dyn Fn(At) -> bool,
    ) {
        if asked_again(at) {
            self.forgotten.insert(event, (cause, at));
            if self.forgotten.len() >= self.sweep_at {
                self.forgotten.retain(|_, (_, at)| asked_again(*at));
                self.sweep_at = (self.forgotten.len() * 2).max(4096);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_leave_by_age_and_by_number_and_the_reason_is_kept() {
        let event = EventId;
        let at = |n| (PartitionId(0), n);
        let always: &dyn Fn(At) -> bool = &|_| true;
        let mut store = Store::new(Some(Span(100)), Some(2));
        assert!(store.record(event(1), at(1), Time(0), always));
        assert!(!store.record(event(1), at(1), Time(1), always));
        assert!(store.record(event(2), at(2), Time(50), always));
        assert!(store.record(event(3), at(3), Time(60), always));
        assert!(!store.knows(event(1), Time(60), always));
        assert_eq!(store.reason(event(1)), DuplicateCause::KeyEvicted);
        assert!(store.knows(event(2), Time(149), always));
        assert!(!store.knows(event(2), Time(150), always));
        assert_eq!(store.reason(event(2)), DuplicateCause::KeyExpired);
        assert_eq!(store.reason(event(9)), DuplicateCause::KeyNotRecorded);
        store.miss(event(9), at(9), always);
        assert_eq!(store.reason(event(9)), DuplicateCause::StoreDown);
        assert!(store.record(event(9), at(9), Time(200), always));
        assert_eq!(store.reason(event(9)), DuplicateCause::KeyNotRecorded);
    }
}
