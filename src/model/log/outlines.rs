//! What is kept of batches whose records are out of memory: enough for followers to fetch them, and to know whose they
//! were when they are cut off. Knows nothing of records.

use crate::engine::Time;
use crate::model::ids::{Offset, ProducerId};
use std::collections::VecDeque;

/// One batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline {
    /// One past its last record.
    pub(super) end: Offset,
    /// When it was appended.
    pub(super) at: Time,
    /// Bytes of all records up to and including it, since the log began.
    pub(super) bytes_through: u64,
    /// Whose it was, and its producer's number of it; a marker is nobody's.
    pub(super) sent: Option<(ProducerId, (u32, u32))>,
}

/// How far a fetch gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// One past the last record.
    pub(super) end: Offset,
    /// Bytes through before the first batch, and through the last.
    pub(super) before: u64,
    pub(super) through: u64,
    /// It takes all that is out of memory: there may be room for more.
    pub(super) all: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Outlines {
    all: VecDeque<Outline>,
    /// Bytes through before the first of them.
    before: u64,
    /// Every replica has what is below, and none may lose it again.
    shared: Offset,
    /// What all replicas have is kept as well.
    pub(super) keep_all: bool,
}

impl Outlines {
    pub(super) fn new(keep_all: bool) -> Self {
        Outlines { keep_all, ..Outlines::default() }
    }
    /// One more, behind the others.
    pub(super) fn push(&mut self, outline: Outline) {
        self.all.push_back(outline);
    }
    /// A batch before all that will come is not kept.
    pub(super) fn pass(&mut self, bytes_through: u64) {
        self.before = bytes_through;
    }
    /// Nothing below `start` can be fetched any more.
    pub(super) fn drop_below(&mut self, start: Offset) {
        while let Some(batch) = self.all.pop_front_if(|b| b.end <= start) {
            self.before = batch.bytes_through;
        }
    }
    /// Every replica has what is below `upto`.
    pub(super) fn are_shared(&mut self, upto: Offset) {
        self.shared = upto;
    }
    #[inline(always)]
    pub(super) fn drop_shared(&mut self) {
        if !self.keep_all {
            self.drop_below(self.shared);
        }
    }

    /// How far a fetch of at most `max_bytes` from `from` gets among these, but always one batch; none if there is
    /// none here.
    pub(super) fn reach(&self, from: Offset, max_bytes: u64) -> Option<Reach> {
        let last = self.all.len().checked_sub(1)?;
        let first = self.all.partition_point(|b| b.end <= from).min(last);
        let before = first.checked_sub(1).map_or(self.before, |i| self.all[i].bytes_through);
        let fits = self.all.partition_point(|b| b.bytes_through <= before + max_bytes);
        let found = self.all[fits.max(first + 1) - 1];
        Some(Reach { end: found.end, before, through: found.bytes_through, all: fits > last })
    }
    /// The first offset that was appended after `at`, if it is among these; the first of all is `start`.
    pub(super) fn appended_after(&self, at: Time, start: Offset) -> Option<Offset> {
        let until = self.all.partition_point(|b| b.at <= at);
        (until < self.all.len()).then(|| until.checked_sub(1).map_or(start, |i| self.all[i].end))
    }
    /// Whose the batches beyond `from` were, and their producers' numbers of them; the last first.
    pub(super) fn sent_beyond(&self, from: Offset) -> impl Iterator<Item = (ProducerId, (u32, u32))> {
        self.all.iter().rev().take_while(move |b| b.end > from).filter_map(|b| b.sent)
    }
}
