//! A log that is compacted, as the cleaner and readers meet it: what is removed, and what is left to read.
//!
//! Removed records stay in memory until no group can settle a fate on them; readers step over them. Knows nothing of
//! groups.

use super::{Compaction, Log};
use crate::engine::Time;
use crate::model::ids::{EventId, Offset};
use crate::model::plan::CompactionRules;
use crate::model::record::Batches;

impl Log {
    /// The cleaner will see to it; it needs segments.
    pub fn keep_latest(&mut self, rules: CompactionRules) {
        assert!(self.segments.is_some() && self.decided.is_none(), "what is cleaned is closed and decided");
        self.compaction = Some(Box::new(Compaction::new(rules)));
    }
    /// Whether the cleaner sees to it.
    #[inline(always)]
    pub fn is_compacted(&self) -> bool {
        self.compaction.is_some()
    }
    /// The cleaner's turn; returns how many records it removed. `is_delete` knows delete markers.
    pub fn clean(&mut self, now: Time, is_delete: impl Fn(EventId) -> bool) -> u64 {
        let (Some(compaction), Some(segments)) = (&mut self.compaction, &mut self.segments) else { return 0 };
        let Some(from) = compaction.first_dirty() else { return 0 };
        let lag = compaction.rules().least_lag;
        let newest = (!lag.is_zero()).then(|| Time(now.0.saturating_sub(lag.0)));
        let upto = segments.cleanable(from, self.visible, newest);
        let gone = compaction.clean(upto, now, is_delete);
        for removed in &gone {
            segments.shrink(removed.offset, u64::from(removed.size));
        }
        gone.len() as u64
    }
    /// A truncation has left nothing from `to` on.
    pub(super) fn truncate_kept(&mut self, to: Offset) {
        if let (Some(compaction), Some(segments)) = (&mut self.compaction, &mut self.segments) {
            compaction.truncate(to);
            segments.recount(self.bytes_total, |from| compaction.bytes_from(from));
        }
    }

    /// `at`, or behind all that the cleaner or a truncation took away there.
    pub fn next_left(&self, mut at: Offset) -> Offset {
        let Some(compaction) = &self.compaction else { return self.after_hole(at) };
        loop {
            let next = self.after_hole(compaction.removed().after(at));
            if next == at {
                return at;
            }
            at = next;
        }
    }
    /// How far a reader gets from `at`, where something is left, towards `to` before something was taken away.
    pub fn left_until(&self, at: Offset, to: Offset) -> Offset {
        let to = self.holes.before(at, to);
        self.compaction.as_ref().map_or(to, |c| c.removed().before(at, to))
    }
    /// The first stretch of `[from, to)` that the cleaner removed.
    pub fn removed_after(&self, from: Offset, to: Offset) -> Option<(Offset, Offset)> {
        let removed = self.compaction.as_ref()?.removed();
        let begin = removed.before(from, to);
        (begin < to).then(|| (begin, removed.after(begin).min(to)))
    }
    /// Bytes of what is left of `[from, to)`.
    pub fn bytes_left(&self, from: Offset, to: Offset, batches: &Batches) -> u64 {
        self.count_left(from, to, batches).1
    }
    fn count_left(&self, from: Offset, to: Offset, batches: &Batches) -> (u64, u64) {
        let (mut n, mut bytes) = (0, 0);
        let mut at = self.next_left(from);
        while at < to {
            let end = self.left_until(at, to);
            self.visit(at, end, batches, |_, records, _| {
                n += records.len() as u64;
                bytes += records.iter().map(|r| u64::from(r.size)).sum::<u64>();
            });
            at = self.next_left(end);
        }
        (n, bytes)
    }
    /// As [`reach`](Self::reach) of what readers see, where not everything is there any more; and while there is
    /// something to step over, no batch beyond those with the first `most` records. A reader whom nothing is left for
    /// gets nowhere.
    pub fn reach_kept(&self, from: Offset, max_bytes: u64, most: u64, batches: &Batches) -> (Offset, u64) {
        let (mut at, mut n, mut bytes) = (self.next_left(from), 0, 0);
        while at < self.visible {
            if self.left_until(at, self.visible) == self.visible {
                let (end, more) = self.reach(at, max_bytes.saturating_sub(bytes), batches);
                if n > 0 && (n >= most || bytes + more > max_bytes) {
                    break;
                }
                return (end.min(self.visible), bytes + more);
            }
            let entry = &self.entries[self.position(at)];
            let end = (entry.base + u64::from(entry.len)).min(self.visible);
            let (records, more) = self.count_left(at, end, batches);
            if n > 0 && (n >= most || bytes + more > max_bytes) {
                break;
            }
            (n, bytes) = (n + records, bytes + more);
            at = self.next_left(end);
        }
        if n > 0 { (at.min(self.visible), bytes) } else { (from, 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Segments;
    use super::*;
    use crate::engine::Span;
    use crate::model::ids::{PartitionId, ProducerId};
    use crate::model::plan::CompactionRules;
    use crate::model::record::Record;

    #[test]
    fn a_fetch_of_what_is_left_counts_what_is_left() {
        let segments = Segments::new(1, Span::FOREVER);
        let (mut log, mut batches) = (Log::new(Some(segments), false, false), Batches::default());
        let rules = CompactionRules {
            dirty_share: 0.0,
            least_lag: Span::ZERO,
            most_lag: None,
            keep_deletes: Span::ZERO,
        };
        log.keep_latest(rules);
        for (ordinal, key) in [1, 2, 1, 1, 3, 2].into_iter().enumerate() {
            let id = batches.open(ProducerId(0), PartitionId(0), Time(0));
            let event = EventId::new(ProducerId(0), ordinal as u64);
            batches[id].push(Record { event, created: Time(0), key, size: 10 });
            log.append(id, &mut batches, Time(0));
            batches.release(id);
        }
        // The last record is in the active segment.
        assert_eq!(log.clean(Time(1), |_| false), 2);
        let next: Vec<_> = (0..6).map(|at| log.next_left(at)).collect();
        assert_eq!((next, log.bytes()), (vec![1, 1, 3, 3, 4, 5], 40));
        assert_eq!((log.left_until(1, 6), log.left_until(3, 6)), (2, 6));
        assert_eq!((log.removed_after(0, 6), log.removed_after(1, 6)), (Some((0, 1)), Some((2, 3))));
        assert_eq!((log.removed_after(0, 1), log.removed_after(3, 6)), (Some((0, 1)), None));
        assert_eq!(log.reach_kept(0, 20, u64::MAX, &batches), (4, 20));
        assert_eq!(log.reach_kept(2, 1, u64::MAX, &batches), (4, 10));
        assert_eq!(log.reach_kept(0, 1_000, u64::MAX, &batches), (6, 40));
        assert_eq!(log.reach_kept(0, 1_000, 1, &batches), (3, 10));
        assert_eq!(log.bytes_left(0, 5, &batches), 30);
        assert_eq!(log.clean(Time(2), |_| false), 0);
    }
}
