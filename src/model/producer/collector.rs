//! What a producer into a stream has not stored yet: records that wait to be collected into a request, and records
//! that were refused and wait for their next try.
//!
//! Every record is a batch of its own here, since the service takes or refuses each by itself. One that is sent again
//! goes when its backoff is over, whatever was sent meanwhile: the order of a key is kept by nobody. In the world: the
//! collector of the Kinesis Producer Library, or an application around PutRecords. Knows nothing of shards.

use crate::engine::{Span, Time};
use crate::model::ids::{BatchId, EventId};
use crate::model::producer::Settings;
use crate::model::record::{Batches, Record};
use std::collections::{BTreeSet, VecDeque};

/// See the module's text.
#[derive(Debug)]
pub(super) struct Collector {
    /// Most records of a request.
    most: usize,
    /// Never sent, oldest first.
    fresh: VecDeque<BatchId>,
    fresh_bytes: u64,
    /// Refused, by when they go again.
    again: BTreeSet<(Time, EventId, BatchId)>,
    /// The same by age.
    aged: BTreeSet<(Time, EventId, BatchId)>,
}

impl Collector {
    pub(super) fn new(most: u32) -> Self {
        Collector {
            most: most as usize,
            fresh: VecDeque::new(),
            fresh_bytes: 0,
            again: BTreeSet::new(),
            aged: BTreeSet::new(),
        }
    }
    /// A record of this size has come.
    pub(super) fn push(&mut self, id: BatchId, size: u64) {
        self.fresh.push_back(id);
        self.fresh_bytes += size;
    }
    /// A record goes again, at its `retry_at`.
    pub(super) fn push_back(&mut self, id: BatchId, batches: &Batches) {
        let batch = &batches[id];
        let event = batch.records[0].event;
        self.again.insert((batch.retry_at, event, id));
        self.aged.insert((batch.opened, event, id));
    }
    fn forget(&mut self, id: BatchId, batches: &Batches) {
        let batch = &batches[id];
        let event = batch.records[0].event;
        self.again.remove(&(batch.retry_at, event, id));
        self.aged.remove(&(batch.opened, event, id));
    }
    fn pop_fresh(&mut self, batches: &Batches) -> Option<BatchId> {
        let id = self.fresh.pop_front()?;
        self.fresh_bytes -= batches[id].bytes;
        Some(id)
    }

    /// When the next request may go, if the connection is free.
    pub(super) fn due(&self, exhausted: bool, settings: &Settings, batches: &Batches) -> Time {
        let again = self.again.first().map_or(Time::NEVER, |(at, ..)| *at);
        let full =
            exhausted || self.fresh.len() >= self.most || self.fresh_bytes >= settings.max_request_size;
        let fresh = match self.fresh.front() {
            Some(_) if full => Time::ZERO,
            Some(id) => batches[*id].opened + settings.linger,
            None => Time::NEVER,
        };
        again.min(fresh)
    }
    /// Takes the records of one request: those whose backoff is over, then new ones.
    pub(super) fn take(&mut self, now: Time, settings: &Settings, batches: &Batches, out: &mut Vec<BatchId>) {
        let mut bytes = 0;
        while out.len() < self.most {
            let again = self.again.first().filter(|(at, ..)| *at <= now).map(|(.., id)| *id);
            let Some(id) = again.or_else(|| self.fresh.front().copied()) else { break };
            bytes += batches[id].bytes;
            if !out.is_empty() && bytes > settings.max_request_size {
                break;
            }
            if again.is_some() {
                self.forget(id, batches);
            } else {
                self.pop_fresh(batches);
            }
            out.push(id);
        }
    }

    /// When the first record here expires.
    pub(super) fn expires(&self, timeout: Span, batches: &Batches) -> Time {
        let fresh = self.fresh.front().map(|id| batches[*id].opened);
        let aged = self.aged.first().map(|(opened, ..)| *opened);
        fresh.into_iter().chain(aged).min().map_or(Time::NEVER, |opened| opened + timeout)
    }
    /// Takes out what has expired by now.
    pub(super) fn expire(&mut self, now: Time, timeout: Span, batches: &Batches, out: &mut Vec<BatchId>) {
        while let Some((opened, _, id)) = self.aged.first().copied()
            && opened + timeout <= now
        {
            self.forget(id, batches);
            out.push(id);
        }
        while let Some(id) = self.fresh.front().copied()
            && batches[id].opened + timeout <= now
        {
            self.pop_fresh(batches);
            out.push(id);
        }
    }
    /// Drops the oldest record that was never sent.
    pub(super) fn drop_oldest(&mut self, batches: &mut Batches) -> Option<Record> {
        let id = self.pop_fresh(batches)?;
        let record = batches[id].records[0];
        batches.release(id);
        Some(record)
    }
    /// Gives up everything at once.
    pub(super) fn clear(&mut self, dropped: &mut Vec<BatchId>) {
        self.each(&mut |id| dropped.push(id));
        self.fresh.clear();
        self.fresh_bytes = 0;
        self.again.clear();
        self.aged.clear();
    }
    pub(super) fn each(&self, f: &mut impl FnMut(BatchId)) {
        self.again.iter().map(|(.., id)| *id).chain(self.fresh.iter().copied()).for_each(f);
    }
}
