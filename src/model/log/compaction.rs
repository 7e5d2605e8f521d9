//! What compaction leaves of a partition: of each key the latest record, and all that the cleaner has not looked at.
//!
//! Follows Kafka's `LogCleaner` and `LogCleanerManager`: a log is cleaned when enough of it is dirty, or a dirty record
//! has waited too long; then nothing below the cleanable end is left but the latest record of each key. Delete markers
//! go when they have been clean for their time. Cleaned segments are not merged. Knows nothing of batches or memory.

use super::gaps::Gaps;
use crate::engine::Time;
use crate::model::ids::{EventId, Offset};
use crate::model::plan::CompactionRules;
use crate::model::record::Record;
use std::collections::{BTreeMap, VecDeque};

/// A record, as far as the cleaner looks at it.
#[derive(Clone, Copy, Debug)]
struct Note {
    offset: Offset,
    event: EventId,
    created: Time,
    key: u32,
    size: u32,
}

/// A record that a cleaning removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Where it was.
    pub offset: Offset,
    /// Its bytes.
    pub size: u32,
}

/// See the module's text.
#[derive(Debug)]
pub struct Compaction {
    rules: CompactionRules,
    /// Records that the cleaner has not looked at.
    dirty: VecDeque<Note>,
    /// So many of the first of them were cleanable when it last asked, and their bytes.
    cleanable: (usize, u64),
    /// Of each key the latest that it has.
    latest: BTreeMap<u32, Note>,
    clean_bytes: u64,
    /// Delete markers and when they go, in order of time.
    graves: VecDeque<(Time, u32, Offset)>,
    /// What was removed.
    removed: Gaps,
}

impl Compaction {
    pub(super) fn new(rules: CompactionRules) -> Self {
        Compaction {
            rules,
            dirty: VecDeque::new(),
            cleanable: (0, 0),
            latest: BTreeMap::new(),
            clean_bytes: 0,
            graves: VecDeque::new(),
            removed: Gaps::default(),
        }
    }
    pub(super) fn rules(&self) -> CompactionRules {
        self.rules
    }
    /// These records are at the end now.
    #[inline]
    pub(super) fn append(&mut self, base: Offset, records: &[Record]) {
        self.dirty.extend(records.iter().zip(base..).map(|(r, offset)| Note {
            offset,
            event: r.event,
            created: r.created,
            key: r.key,
            size: r.size,
        }));
    }
    /// Where the dirty part begins, if there is one.
    pub(super) fn first_dirty(&self) -> Option<Offset> {
        self.dirty.front().map(|n| n.offset)
    }

    /// Cleans up to `upto`, if it is worth it; `is_delete` knows delete markers.
    pub(super) fn clean(
        &mut self,
        upto: Offset,
        now: Time,
        is_delete: impl Fn(EventId) -> bool,
    ) -> Vec<Removed> {
        let (n, cleanable) = self.count(upto);
        let share = cleanable as f64 / (self.clean_bytes + cleanable).max(1) as f64;
        let overdue = self.rules.most_lag.is_some_and(|lag| {
            self.dirty.front().is_some_and(|first| now.0.saturating_sub(first.created.0) > lag.0)
        });
        if n == 0 || share <= self.rules.dirty_share && !overdue {
            return Vec::new();
        }
        self.cleanable = (0, 0);
        let mut gone = self.bury(now);
        for note in self.dirty.drain(..n) {
            if is_delete(note.event) {
                self.graves.push_back((now + self.rules.keep_deletes, note.key, note.offset));
            }
            self.clean_bytes += u64::from(note.size);
            if let Some(old) = self.latest.insert(note.key, note) {
                self.clean_bytes -= u64::from(old.size);
                gone.push(Removed { offset: old.offset, size: old.size });
            }
        }
        gone.sort_unstable_by_key(|r| r.offset);
        self.removed.merge(gone.iter().map(|r| (r.offset, r.offset + 1)));
        gone
    }
    /// How many dirty records lie below `upto`, which never comes back but by a truncation, and their bytes.
    fn count(&mut self, upto: Offset) -> (usize, u64) {
        let (mut n, mut bytes) = self.cleanable;
        while let Some(note) = self.dirty.get(n).filter(|note| note.offset < upto) {
            bytes += u64::from(note.size);
            n += 1;
        }
        self.cleanable = (n, bytes);
        self.cleanable
    }
    /// Delete markers whose time is over.
    fn bury(&mut self, now: Time) -> Vec<Removed> {
        let mut gone = Vec::new();
        while let Some((_, key, offset)) = self.graves.pop_front_if(|(until, _, _)| *until <= now) {
            if self.latest.get(&key).is_some_and(|note| note.offset == offset)
                && let Some(note) = self.latest.remove(&key)
            {
                self.clean_bytes -= u64::from(note.size);
                gone.push(Removed { offset, size: note.size });
            }
        }
        gone
    }

    /// Nothing from `to` on is there any more.
    pub(super) fn truncate(&mut self, to: Offset) {
        self.dirty.truncate(self.dirty.partition_point(|n| n.offset < to));
        self.cleanable = (0, 0);
        self.drop_clean(|offset| offset >= to);
    }
    /// Nothing below `start` is there any more.
    pub(super) fn start_at(&mut self, start: Offset) {
        let n = self.dirty.partition_point(|n| n.offset < start);
        self.dirty.drain(..n);
        self.cleanable = (0, 0);
        self.drop_clean(|offset| offset < start);
    }
    fn drop_clean(&mut self, gone: impl Fn(Offset) -> bool) {
        let bytes = &mut self.clean_bytes;
        self.latest.retain(|_, note| {
            let keeps = !gone(note.offset);
            *bytes -= if keeps { 0 } else { u64::from(note.size) };
            keeps
        });
    }
    /// Bytes of what is left from `from` on.
    pub(super) fn bytes_from(&self, from: Offset) -> u64 {
        let clean = self.latest.values().chain(&self.dirty).filter(|n| n.offset >= from);
        clean.map(|n| u64::from(n.size)).sum()
    }
    /// What was removed.
    pub(super) fn removed(&self) -> &Gaps {
        &self.removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Span;
    use crate::model::ids::ProducerId;
    use proptest::prelude::*;

    const RULES: CompactionRules =
        CompactionRules { dirty_share: 0.5, least_lag: Span::ZERO, most_lag: None, keep_deletes: Span(100) };

    fn record(offset: Offset, key: u32, at: u64) -> Record {
        Record { event: EventId::new(ProducerId(0), offset), created: Time(at), key, size: 10 }
    }
    fn offsets(gone: &[Removed]) -> Vec<Offset> {
        gone.iter().map(|r| r.offset).collect()
    }

    proptest! {
        /// Against a plain table: after any cleanings, what is left below the last one's end is the latest of each
        /// key, what lies behind is all there, and the removed stretches are just the rest.
        #[test]
        fn the_latest_of_each_key_is_left(steps in prop::collection::vec((prop::collection::vec(0u32..6, 1..8), 0u64..10, any::<bool>()), 1..12)) {
            let rules = CompactionRules { dirty_share: 0.0, ..RULES };
            let (mut c, mut keys, mut cleaned) = (Compaction::new(rules), Vec::new(), 0);
            for (batch, back, cleans) in steps {
                let base = keys.len() as Offset;
                let records: Vec<_> = batch.iter().zip(base..).map(|(k, o)| record(o, *k, o)).collect();
                c.append(base, &records);
                keys.extend(batch);
                if !cleans {
                    continue;
                }
                let upto = (keys.len() as u64).saturating_sub(back).max(cleaned);
                c.clean(upto, Time(0), |_| false);
                cleaned = upto;
                let newer = |at: usize| keys[at + 1..cleaned as usize].contains(&keys[at]);
                let left: Vec<bool> = (0..keys.len()).map(|at| at >= cleaned as usize || !newer(at)).collect();
                for at in 0..keys.len() {
                    let next = (at..keys.len()).find(|i| left[*i]).unwrap_or(keys.len());
                    prop_assert_eq!(c.removed.after(at as u64), next as u64);
                    let end = (at..keys.len()).find(|i| !left[*i]).unwrap_or(keys.len());
                    prop_assert_eq!(c.removed.before(at as u64, keys.len() as u64), end as u64);
                }
                let bytes = 10 * left[..cleaned as usize].iter().filter(|l| **l).count() as u64;
                prop_assert_eq!(c.clean_bytes, bytes);
            }
        }
    }

    #[test]
    fn it_is_cleaned_when_enough_is_dirty_or_has_waited_too_long() {
        let mut c = Compaction::new(CompactionRules { most_lag: Some(Span(50)), ..RULES });
        c.append(0, &[record(0, 1, 0), record(1, 1, 1), record(2, 2, 2)]);
        assert_eq!(c.clean(0, Time(10), |_| false), []);
        assert_eq!(offsets(&c.clean(3, Time(10), |_| false)), [0]);
        // Two of four are dirty: that is half and not more.
        c.append(3, &[record(3, 1, 3), record(4, 1, 4)]);
        assert_eq!(c.clean(5, Time(53), |_| false), []);
        assert_eq!(offsets(&c.clean(5, Time(54), |_| false)), [1, 3]);
        assert_eq!((c.first_dirty(), c.clean_bytes), (None, 20));
    }

    #[test]
    fn a_delete_marker_goes_when_its_time_is_over_and_nothing_newer_came() {
        let mut c = Compaction::new(CompactionRules { dirty_share: 0.0, ..RULES });
        c.append(0, &[record(0, 1, 0), record(1, 1, 1), record(2, 2, 2)]);
        let deletes = |e: EventId| e.ordinal() == 1 || e.ordinal() == 2;
        assert_eq!(offsets(&c.clean(3, Time(10), deletes)), [0]);
        c.append(3, &[record(3, 2, 3)]);
        assert_eq!(offsets(&c.clean(4, Time(109), deletes)), [2]);
        c.append(4, &[record(4, 3, 4)]);
        assert_eq!(offsets(&c.clean(5, Time(110), deletes)), [1]);
        assert_eq!((c.removed.after(0), c.clean_bytes), (3, 20));
    }

    #[test]
    fn what_is_cut_off_or_removed_by_retention_is_neither_clean_nor_dirty() {
        let mut c = Compaction::new(CompactionRules { dirty_share: 0.0, ..RULES });
        c.append(0, &[record(0, 1, 0), record(1, 2, 1), record(2, 1, 2), record(3, 3, 3)]);
        c.clean(3, Time(0), |_| false);
        assert_eq!((c.first_dirty(), c.clean_bytes), (Some(3), 20));
        c.truncate(2);
        assert_eq!((c.first_dirty(), c.clean_bytes, c.bytes_from(0), c.bytes_from(2)), (None, 10, 10, 0));
        c.append(4, &[record(4, 2, 4)]);
        c.start_at(4);
        assert_eq!((c.first_dirty(), c.clean_bytes), (Some(4), 0));
    }
}
