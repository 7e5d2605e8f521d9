//! A log that is compacted, as the cleaner and readers meet it: what is removed, and what is left to read.
//!
//! Removed records stay in memory until no group can settle a fate on them; readers step over them. Knows nothing of
//! groups.

use super::Log;
use crate::engine::Time;
use crate::model::ids::{EventId, Offset};
use crate::model::record::Batches;

impl Log {
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
    /// Where a reader at `at` goes on: there, or behind what the cleaner removed there.
    pub fn after_removed(&self, at: Offset) -> Offset {
        self.compaction.as_ref().map_or(at, |c| c.after(at))
    }
    /// How far a reader gets from `at` towards `to` before something that the cleaner removed.
    pub fn before_removed(&self, at: Offset, to: Offset) -> Offset {
        self.compaction.as_ref().map_or(to, |c| c.before(at, to))
    }
    /// As [`reach`](Self::reach), where not everything is there any more.
    pub fn reach_kept(&self, from: Offset, max_bytes: u64, batches: &Batches) -> (Offset, u64) {
        let (mut to, mut bytes) = (from, 0);
        if from >= self.visible {
            return (to, bytes);
        }
        for entry in self.entries.range(self.position(from)..) {
            let records = (entry.base..).zip(&batches[entry.batch].records);
            let kept = records.filter(|(at, _)| *at >= from && self.after_removed(*at) == *at);
            let here: u64 = kept.map(|(_, r)| u64::from(r.size)).sum();
            let end = entry.base + u64::from(entry.len);
            if bytes > 0 && bytes + here > max_bytes || end > self.visible {
                break;
            }
            (to, bytes) = (self.after_hole(end), bytes + here);
        }
        (to.min(self.visible), bytes)
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
        let next: Vec<_> = (0..6).map(|at| log.after_removed(at)).collect();
        assert_eq!((next, log.bytes()), (vec![1, 1, 3, 3, 4, 5], 40));
        assert_eq!((log.before_removed(1, 6), log.before_removed(3, 6)), (2, 6));
        assert_eq!(log.reach_kept(0, 20, &batches), (4, 20));
        assert_eq!(log.reach_kept(2, 1, &batches), (4, 10));
        assert_eq!(log.reach_kept(0, 1_000, &batches), (6, 40));
        assert_eq!(log.clean(Time(2), |_| false), 0);
    }
}
