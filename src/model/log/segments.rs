//! The segments of a partition's log: where one ends and the next begins, and which of them may be removed.
//!
//! Sees offsets, bytes and times of what is appended, and keeps a few words per segment; the records themselves,
//! and whether they are in memory, are the log's business.

use crate::engine::{Span, Time};
use crate::model::ids::Offset;
use std::collections::VecDeque;

/// A run of batches that is removed as a whole.
#[derive(Clone, Copy, Debug)]
struct Segment {
    base: Offset,
    /// Bytes of the log before it.
    before: u64,
    /// Time of the newest record of its first batch, if it has one.
    first: Option<Time>,
    /// Time of its newest record.
    newest: Time,
    /// Bytes of it that compaction removed.
    gone: u64,
}

/// What the log says of itself when segments are asked to go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// The next offset to be written.
    pub end: Offset,
    /// Readers see what is below.
    pub visible: Offset,
    /// Bytes through its last record.
    pub bytes: u64,
}

/// See the module's text.
#[derive(Debug)]
pub struct Segments {
    most_bytes: u64,
    most_time: Span,
    /// Oldest first; the last one is the active one.
    all: VecDeque<Segment>,
    /// Bytes that compaction removed of all of them.
    gone: u64,
}

impl Segments {
    /// One empty segment; one that would grow beyond these limits is followed by another.
    pub fn new(most_bytes: u64, most_time: Span) -> Self {
        let first = Segment { base: 0, before: 0, first: None, newest: Time::ZERO, gone: 0 };
        Segments { most_bytes, most_time, all: VecDeque::from([first]), gone: 0 }
    }
    fn active(&mut self) -> &mut Segment {
        self.all.back_mut().expect("there is always an active segment")
    }

    /// A batch is about to be appended at `base`, behind `before` bytes (Kafka's `LogSegment.shouldRoll`; a larger
    /// batch than a segment may be has one of its own, which Kafka would refuse). Its indexes are never full
    /// before a segment of at most 2 GiB is.
    #[inline]
    pub(super) fn append(&mut self, base: Offset, before: u64, bytes: u64, newest: Time) {
        let (most_bytes, most_time) = (self.most_bytes, self.most_time);
        let active = self.active();
        if let Some(first) = active.first {
            let full = before - active.before > most_bytes.saturating_sub(bytes);
            if full || newest.0.saturating_sub(first.0) > most_time.0 {
                self.all.push_back(Segment { base, before, first: Some(newest), newest, gone: 0 });
            } else {
                active.newest = active.newest.max(newest);
            }
        } else {
            *active = Segment { first: Some(newest), newest, ..*active };
        }
    }

    /// Nothing from `to` on is there any more, so that the log has `bytes`; `newest` knows the newest record from
    /// an offset on, where it can be told.
    pub(super) fn truncate(&mut self, to: Offset, bytes: u64, newest: impl Fn(Offset) -> Option<Time>) {
        while self.all.len() > 1 && self.active().base >= to {
            self.gone -= self.active().gone;
            self.all.pop_back();
        }
        let active = self.active();
        if active.base >= to {
            (active.before, active.first, active.newest) = (bytes, None, Time::ZERO);
        } else if let Some(newest) = newest(active.base) {
            active.newest = newest;
        }
    }

    /// Up to where the cleaner may go, from `from` on: not into the active segment, beyond what readers see, or into a
    /// segment with a record newer than `newest`.
    pub(super) fn cleanable(&self, from: Offset, visible: Offset, newest: Option<Time>) -> Offset {
        let old = |s: &Segment| newest.is_none_or(|newest| s.newest <= newest);
        let first = self.all.partition_point(|s| s.base <= from).saturating_sub(1);
        let dirty = self.all.range(first..).zip(self.all.range(first + 1..));
        let clean = dirty.take_while(|(s, next)| next.base <= visible && old(s));
        clean.last().map_or(from, |(_, next)| next.base)
    }
    /// Bytes that compaction removed of what is there.
    pub(super) fn gone(&self) -> u64 {
        self.gone
    }
    /// The log has `bytes` after a truncation, and `left` knows how many are left of them from an offset on.
    pub(super) fn recount(&mut self, bytes: u64, left: impl Fn(Offset) -> u64) {
        let active = self.active();
        let before = active.gone;
        active.gone = bytes - active.before - left(active.base);
        let after = active.gone;
        self.gone = self.gone - before + after;
    }
    /// The record at `offset` is gone.
    pub(super) fn shrink(&mut self, offset: Offset, bytes: u64) {
        let i = self.all.partition_point(|s| s.base <= offset);
        if let Some(segment) = i.checked_sub(1).and_then(|i| self.all.get_mut(i)) {
            segment.gone += bytes;
            self.gone += bytes;
        }
    }

    /// Removes segments, from the oldest on: first while the log stays at or above `most` bytes without it, then
    /// while all of its records are older than `oldest` (Kafka's `deleteOldSegments`). One that reaches beyond what
    /// readers see stays, and all behind one that stays. Returns where the log begins now, and the bytes before.
    pub(super) fn retain(&mut self, log: Extent, oldest: Option<Time>, most: Option<u64>) -> (Offset, u64) {
        if let Some(most) = most {
            let mut excess = (log.bytes - self.all[0].before - self.gone).checked_sub(most);
            self.remove(log, |size, _| {
                excess = excess.and_then(|excess| excess.checked_sub(size));
                excess.is_some()
            });
        }
        if let Some(oldest) = oldest {
            self.remove(log, |_, newest| newest < oldest);
        }
        (self.all[0].base, self.all[0].before)
    }
    fn remove(&mut self, log: Extent, mut may_go: impl FnMut(u64, Time) -> bool) {
        while let Some(first) = self.all.front().copied().filter(|s| s.first.is_some()) {
            let (upto, through) = self.all.get(1).map_or((log.end, log.bytes), |s| (s.base, s.before));
            if log.visible < upto || !may_go(through - first.before - first.gone, first.newest) {
                break;
            }
            if self.all.len() == 1 {
                // All may go: an empty segment is rolled first.
                let newest = Time::ZERO;
                self.all.push_back(Segment { base: upto, before: through, first: None, newest, gone: 0 });
            }
            self.gone -= first.gone;
            self.all.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Batches of one record: bytes and second.
    fn filled(most_bytes: u64, most_time: u64, batches: &[(u64, u64)]) -> (Segments, Extent) {
        let mut segments = Segments::new(most_bytes, Span(most_time));
        let mut log = Extent { end: 0, visible: 0, bytes: 0 };
        for (bytes, at) in batches {
            segments.append(log.end, log.bytes, *bytes, Time(*at));
            log.end += 1;
            log.bytes += bytes;
        }
        log.visible = log.end;
        (segments, log)
    }
    fn bases(segments: &Segments) -> Vec<Offset> {
        segments.all.iter().map(|s| s.base).collect()
    }

    #[test]
    fn a_segment_ends_before_it_is_too_large_or_spans_too_long() {
        let bases_of = |b, t, batches: &[(u64, u64)]| bases(&filled(b, t, batches).0);
        // Exactly full is not too large, exactly as long not too long.
        assert_eq!(bases_of(100, 1_000, &[(60, 0), (40, 0), (1, 0), (99, 0), (1, 0)]), [0, 2, 4]);
        assert_eq!(bases_of(100, 10, &[(1, 5), (1, 15), (1, 16), (1, 14), (1, 27)]), [0, 2, 4]);
        // A batch that no segment can hold has one for itself.
        assert_eq!(bases_of(100, 10, &[(500, 0), (500, 0), (1, 0)]), [0, 1, 2]);
    }

    #[test]
    fn size_removes_what_leaves_the_limit_and_stops() {
        let batches = [(60, 0), (40, 1), (60, 2), (40, 3), (10, 4)];
        let (mut segments, log) = filled(100, 1_000, &batches);
        assert_eq!(segments.retain(log, None, Some(111)), (0, 0));
        assert_eq!(segments.retain(log, None, Some(110)), (2, 100));
        assert_eq!(segments.retain(log, None, Some(0)), (5, 210));
        assert_eq!(bases(&segments), [5]);
    }

    #[test]
    fn time_stops_at_the_first_that_is_young_and_below_what_readers_see() {
        // A record of the future pins its segment and all behind it.
        let (mut segments, mut log) = filled(1, 1_000, &[(1, 0), (1, 900), (1, 2), (1, 3)]);
        assert_eq!(segments.retain(log, Some(Time(100)), None), (1, 1));
        log.visible = 3;
        assert_eq!(segments.retain(log, Some(Time(901)), None), (3, 3));
        log.visible = 4;
        assert_eq!(segments.retain(log, Some(Time(3)), None), (3, 3));
        assert_eq!(segments.retain(log, Some(Time(4)), None), (4, 4));
        // The fresh one is empty and stays.
        assert_eq!(segments.retain(log, Some(Time(999)), Some(0)), (4, 4));
    }

    #[test]
    fn the_cleaner_stays_out_of_what_is_active_unseen_or_young() {
        let batches = [(60, 0), (40, 10), (60, 20), (40, 30), (10, 40)];
        let (mut segments, log) = filled(100, 1_000, &batches);
        assert_eq!(bases(&segments), [0, 2, 4]);
        assert_eq!(segments.cleanable(0, 5, None), 4);
        assert_eq!(segments.cleanable(0, 3, None), 2);
        assert_eq!(segments.cleanable(0, 5, Some(Time(10))), 2);
        assert_eq!(segments.cleanable(0, 5, Some(Time(9))), 0);
        assert_eq!((segments.cleanable(3, 5, None), segments.cleanable(4, 5, None)), (4, 4));
        // What it removed counts for no size any more: 150 of 210 B are left.
        segments.shrink(0, 60);
        assert_eq!(segments.retain(log, None, Some(111)), (0, 0));
        assert_eq!(segments.retain(log, None, Some(110)), (2, 100));
        assert_eq!(segments.gone(), 0);
        // Of the 60 B that a truncation leaves of the second segment, 40 B are left.
        segments.shrink(2, 20);
        segments.shrink(3, 40);
        assert_eq!(segments.gone(), 60);
        segments.truncate(3, 160, |_| None);
        segments.recount(160, |_| 40);
        assert_eq!((bases(&segments), segments.gone()), (vec![2], 20));
    }

    #[test]
    fn a_truncation_takes_segments_and_the_newest_time() {
        let (mut segments, _) = filled(2, 1_000, &[(1, 0), (1, 9), (1, 2), (1, 3)]);
        segments.truncate(3, 3, |base| (base == 2).then_some(Time(2)));
        assert_eq!((bases(&segments), segments.active().newest), (vec![0, 2], Time(2)));
        segments.truncate(1, 1, |_| Some(Time(0)));
        assert_eq!((bases(&segments), segments.active().newest), (vec![0], Time(0)));
        segments.truncate(0, 0, |_| None);
        assert!(segments.active().first.is_none());
        segments.append(7, 0, 1, Time(5));
        assert_eq!((bases(&segments), segments.active().newest), (vec![0], Time(5)));
    }
}
