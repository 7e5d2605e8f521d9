//! A partition's log: append, read, retention, truncation. Plain data without events or time of its own.
//!
//! Records below the log start are gone for readers, but stay in memory until no group can settle a
//! fate on them any more (`trim`). Knows nothing of brokers, producers or groups.
//!
//! Offsets are never given twice. What a truncation takes away leaves a hole that readers step over; Kafka
//! would fill those offsets with other records, which is the same to everybody but makes a bad name for them.

mod compaction;
mod decided;
mod gaps;
mod kept;
mod marked;
mod outlines;
mod segments;

pub use decided::Verdict;
pub use segments::Segments;

use crate::engine::Time;
use crate::model::ids::{BatchId, Offset, ProducerId};
use crate::model::plan::OffsetReset;
use crate::model::record::{Batches, Record};
use compaction::Compaction;
use decided::Decided;
use gaps::Gaps;
use outlines::{Outline, Outlines};
use segments::Extent;
use std::collections::VecDeque;

/// A batch in the log.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Offset of its first record.
    pub base: Offset,
    /// How many records.
    pub len: u32,
    /// The records.
    pub batch: BatchId,
    /// When it was appended.
    pub at: Time,
    /// Bytes of all records up to and including this entry, since the log began.
    pub bytes_through: u64,
    /// Whether it is a second copy of its batch.
    pub is_copy: bool,
    /// Its producer's epoch and number of it when it was appended; a batch that is sent again may get others.
    pub sequence: (u32, u32),
}

/// One partition's log.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    /// How many were there before the first of them.
    passed: u64,
    /// What retention removes, one after the other; none if it never does.
    segments: Option<Segments>,
    /// Batches from `start` on that are out of memory.
    outlines: Outlines,
    /// The next offset to be written.
    end: Offset,
    /// The first offset readers can get.
    start: Offset,
    bytes_total: u64,
    /// Bytes of all records below `start`.
    bytes_removed: u64,
    /// Bytes of the largest record ever appended.
    largest: u64,
    /// Readers see what is below.
    visible: Offset,
    /// Whether others say what readers may see, or they see all.
    replicated: bool,
    /// What truncations took away.
    holes: Gaps,
    /// Where there are transactions: which are decided, and what readers step over because of them.
    decided: Option<Box<Decided>>,
    /// What is left of each key, if not everything is.
    compaction: Option<Box<Compaction>>,
}

/// A batch that a truncation takes away.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// What it was in the log.
    pub entry: Entry,
    /// Readers may have seen it; it stays in memory.
    pub seen: bool,
    /// A marker had aborted it.
    pub aborted: bool,
}

impl Log {
    /// An empty log; with `segments` if it will be asked to retain only a part of itself, `replicated` if readers
    /// see no more than they are [shown](Self::show), `outlines` if it will be asked what was appended when.
    pub fn new(segments: Option<Segments>, replicated: bool, outlines: bool) -> Self {
        Log { segments, replicated, outlines: Outlines::new(outlines), ..Log::default() }
    }
    /// Offset the next record will get (Kafka's log end offset).
    #[inline(always)]
    pub fn end(&self) -> Offset {
        self.end
    }
    /// Readers see what is below (Kafka's high watermark).
    #[inline(always)]
    pub fn visible(&self) -> Offset {
        self.visible
    }
    /// Readers see what is below `upto` from now on.
    pub fn show(&mut self, upto: Offset) {
        self.visible = upto;
        if let Some(decided) = &mut self.decided {
            decided.show(upto);
        }
    }
    /// Whether there are transactions.
    #[inline(always)]
    pub fn is_transactional(&self) -> bool {
        self.decided.is_some()
    }
    /// Up to where a reader sees it: everything that is replicated, or what is `decided` of that (Kafka's last
    /// stable offset).
    #[inline(always)]
    pub fn shown(&self, decided: bool) -> Offset {
        match &self.decided {
            Some(d) if decided => self.visible.min(d.first().max(self.start)),
            _ => self.visible,
        }
    }
    /// Whether readers get it stretch by stretch: around markers, or around what the cleaner removed.
    #[inline(always)]
    pub fn has_stretches(&self) -> bool {
        self.decided.is_some() || self.compaction.is_some()
    }
    /// Whether readers have to step over anything.
    #[inline(always)]
    pub fn has_gaps(&self) -> bool {
        !self.holes.is_empty() || self.decided.is_some()
    }
    #[inline]
    fn gaps(&self, decided: bool) -> &Gaps {
        match &self.decided {
            None => &self.holes,
            Some(d) if decided => &d.for_committed,
            Some(d) => &d.for_all,
        }
    }
    /// Where a reader at `at` goes on, up to `limit`: there, or behind what it does not get.
    pub fn onward(&self, at: Offset, limit: Offset, decided: bool) -> Offset {
        self.gaps(decided).after(at).min(limit.max(at))
    }
    /// How far a reader gets from `at` towards `to` before something that it does not get.
    pub fn before_gap(&self, at: Offset, to: Offset, decided: bool) -> Offset {
        self.gaps(decided).before(at, to)
    }
    /// `at`, or behind the truncation's hole it lies in.
    pub fn after_hole(&self, at: Offset) -> Offset {
        self.holes.after(at)
    }
    /// First offset readers can get (Kafka's log start offset).
    #[inline(always)]
    pub fn start(&self) -> Offset {
        self.start
    }
    /// First offset still in memory.
    pub fn floor(&self) -> Offset {
        self.entries.front().map_or(self.end, |e| e.base)
    }
    /// Bytes readers can get.
    pub fn bytes(&self) -> u64 {
        self.bytes_total - self.bytes_removed - self.segments.as_ref().map_or(0, Segments::gone)
    }
    /// Bytes ever appended.
    pub fn bytes_total(&self) -> u64 {
        self.bytes_total
    }

    /// Appends a batch and returns the offset of its first record. The log holds the batch from now on.
    #[inline]
    pub fn append(&mut self, id: BatchId, batches: &mut Batches, at: Time) -> Offset {
        let base = self.end;
        let len = batches[id].records.len() as u32;
        assert!(len > 0, "an empty batch is never sent");
        self.push(id, len, batches, at);
        if !self.replicated {
            self.visible = self.end;
        }
        base
    }
    #[inline(always)]
    fn push(&mut self, id: BatchId, len: u32, batches: &mut Batches, at: Time) {
        let base = self.end;
        let batch = &mut batches[id];
        if let Some(segments) = &mut self.segments {
            segments.append(base, self.bytes_total, batch.bytes, newest(&batch.records, at));
        }
        if let Some(compaction) = &mut self.compaction {
            compaction.append(base, &batch.records);
        }
        self.bytes_total += batch.bytes;
        self.largest = self.largest.max(u64::from(batch.largest));
        let is_copy = batch.appended.is_some();
        if !is_copy {
            batch.appended = Some((batch.partition, base));
        }
        let (bytes_through, sequence) = (self.bytes_total, batch.sequence);
        self.entries.push_back(Entry { base, len, batch: id, at, bytes_through, is_copy, sequence });
        self.end += u64::from(len);
        batch.refs += 1;
    }

    /// Takes away everything from `to` on, except from memory what readers may have seen; returns the batches,
    /// first to last, and the verdicts whose markers are gone before anybody saw them. The log gives up its hold
    /// on batches that nobody can have seen, so let go of them.
    pub fn truncate(&mut self, to: Offset, batches: &Batches) -> (Vec<Cut>, Vec<Verdict>) {
        let to = to.max(self.start);
        if to >= self.end {
            return (Vec::new(), Vec::new());
        }
        let seen = self.visible;
        let decided = self.decided.as_ref();
        let aborted = |at| decided.is_some_and(|d| d.for_committed.after(at) != at);
        let cut = |e: &Entry| Cut { entry: *e, seen: e.base < seen, aborted: aborted(e.base) };
        let first = self.entries.partition_point(|e| e.base < to);
        let cuts: Vec<Cut> = self.entries.range(first..).map(cut).collect();
        let kept = cuts.iter().filter(|c| c.seen).count();
        if let Some(gone) = cuts.get(kept) {
            self.bytes_total = gone.entry.bytes_through - batches[gone.entry.batch].bytes;
        }
        self.entries.truncate(first + kept);
        if let Some(segments) = &mut self.segments {
            let (entries, floor) = (&self.entries, self.entries.front().map_or(self.end, |e| e.base));
            segments.truncate(to, self.bytes_total, |base| {
                let left = entries.iter().filter(|e| (base..to).contains(&e.base));
                left.map(|e| newest(&batches[e.batch].records, e.at)).max().filter(|_| floor <= base)
            });
        }
        self.truncate_kept(to);
        // A deeper cut takes in the holes of those before it.
        self.holes.add(to, self.end);
        let mut lost = Vec::new();
        if let Some(decided) = &mut self.decided {
            decided.skip(to, self.end);
            lost = decided.truncate(to);
        }
        self.visible = self.after_hole(self.visible.min(to));
        (cuts, lost)
    }

    #[inline]
    fn position(&self, offset: Offset) -> usize {
        // Readers mostly want the first or the last entries.
        let n = self.entries.len();
        if n > 0 && self.entries[n - 1].base <= offset {
            return n - 1;
        }
        if n > 1 && self.entries[1].base > offset {
            return 0;
        }
        self.search(offset)
    }
    /// Batches are of like size, so the place is about where proportion says; else by halving.
    fn search(&self, offset: Offset) -> usize {
        let n = self.entries.len();
        let first = self.entries[0].base;
        let guess = ((offset - first) as usize * n / (self.end - first) as usize).min(n - 1);
        let mut i = guess;
        for _ in 0..8 {
            if self.entries[i].base > offset {
                i -= 1;
            } else if i + 1 < n && self.entries[i + 1].base <= offset {
                i += 1;
            } else {
                return i;
            }
        }
        self.entries.partition_point(|e| e.base <= offset) - 1
    }

    /// Visits the records `[from, to)` as runs, each with the offset of its first record and its entry.
    #[inline]
    pub fn visit<'b>(
        &self,
        from: Offset,
        to: Offset,
        batches: &'b Batches,
        f: impl FnMut(Offset, &'b [Record], &Entry),
    ) {
        self.visit_near(u64::MAX, from, to, batches, f);
    }
    /// The same, where the first of them may lie in the batch of number `near`, if they are counted from the first
    /// that was ever appended: then it need not be looked for. Returns the number in which the record behind the last
    /// may lie.
    #[inline(always)]
    pub fn visit_near<'b>(
        &self,
        near: u64,
        from: Offset,
        to: Offset,
        batches: &'b Batches,
        mut f: impl FnMut(Offset, &'b [Record], &Entry),
    ) -> u64 {
        if from >= to {
            return near;
        }
        let (floor, end) = (self.floor(), self.end);
        // Its first batch may lie behind a hole.
        let there = from >= floor || self.holes.after(from) >= floor;
        assert!(there && to <= end, "{from}..{to} is read of a log that has {floor}..{end}");
        if self.entries.is_empty() {
            return near;
        }
        let mut at = from.max(floor);
        let mut i = near.wrapping_sub(self.passed) as usize;
        let holds = |e: &Entry| at >= e.base && at - e.base < u64::from(e.len);
        if !self.entries.get(i).is_some_and(holds) {
            i = self.position(at);
        }
        while let Some(entry) = self.entries.get(i) {
            // Between two entries there may be a hole.
            at = at.max(entry.base);
            if at >= to {
                break;
            }
            let skip = ((at - entry.base) as usize).min(entry.len as usize);
            let stop = (to - entry.base).min(u64::from(entry.len)) as usize;
            // A marker has an offset and no record.
            if skip < stop
                && let Some(records) = batches[entry.batch].records.get(skip..stop)
            {
                f(at, records, entry);
            }
            at = entry.base + stop as u64;
            i += usize::from(stop == entry.len as usize);
            if at == to {
                break;
            }
        }
        self.passed + i as u64
    }

    /// The record at `offset`, if it is in memory.
    pub fn record<'b>(&self, offset: Offset, batches: &'b Batches) -> Option<&'b Record> {
        if offset < self.floor() || offset >= self.end {
            return None;
        }
        let entry = &self.entries[self.position(offset)];
        batches[entry.batch].records.get((offset - entry.base) as usize)
    }

    /// The first offset that readers can get whose record was created at `moment` or later (Kafka's
    /// `offsetsForTimes`); the end, if there is none.
    pub fn since(&self, moment: Time, upto: Offset, batches: &Batches) -> Offset {
        let late = |e: &&Entry| batches[e.batch].records.iter().any(|r| r.created >= moment);
        let mut entries = self.entries.iter().filter(|e| e.base + u64::from(e.len) > self.start);
        let Some(entry) = entries.find(late) else { return upto };
        let records = batches[entry.batch].records.iter();
        let skipped = records.take_while(|r| r.created < moment).count() as u64;
        (entry.base + skipped).clamp(self.start, upto.max(self.start))
    }

    /// Where a reader without an offset begins.
    pub fn reset(&self, to: OffsetReset, decided: bool, now: Time, batches: &Batches) -> Offset {
        let at = match to {
            OffsetReset::Earliest | OffsetReset::Never => self.start,
            OffsetReset::Latest => self.shown(decided),
            OffsetReset::Back(span) => {
                self.since(Time(now.0.saturating_sub(span.0)), self.shown(decided), batches)
            }
        };
        self.after_hole(at)
    }

    /// How far a reader at `from` gets with at most `max_bytes` (always at least one batch), as Kafka fills
    /// a partition of a fetch: whole batches; and the bytes it gets.
    pub fn reach(&self, from: Offset, max_bytes: u64, batches: &Batches) -> (Offset, u64) {
        if from >= self.end {
            return (from, 0);
        }
        let first = self.position(from);
        let before = self.entries[first].bytes_through - batches[self.entries[first].batch].bytes;
        let fits =
            self.entries.partition_point(|e| e.bytes_through - before.min(e.bytes_through) <= max_bytes);
        let last = self.entries[fits.max(first + 1).min(self.entries.len()) - 1];
        (last.base + u64::from(last.len), last.bytes_through - before)
    }
    /// How far an instant fetch from `at` of at most `most` bytes reaches of what is there up to `end`.
    #[inline]
    pub fn direct_reach(&self, at: Offset, end: Offset, most: u64, batches: &Batches) -> Offset {
        if at >= end {
            return at;
        }
        if self.has_gaps() {
            let reach = end.min(self.reach(at, most, batches).0);
            // What has transactions is divided by whoever reads it.
            return if self.is_transactional() { reach } else { self.before_gap(at, reach, false) };
        }
        if (end - at) * self.largest <= most { end } else { end.min(self.reach(at, most, batches).0) }
    }
    /// The same for a follower, which fetches beyond what readers see.
    pub fn follow(&self, from: Offset, max_bytes: u64, batches: &Batches) -> (Offset, u64) {
        let from = self.after_hole(from);
        if from >= self.end {
            return (self.end, 0);
        }
        if from < self.floor()
            && let Some(mut found) = self.outlines.reach(from, max_bytes)
        {
            let more = self.entries.partition_point(|e| e.bytes_through <= found.before + max_bytes);
            if let Some(entry) = more.checked_sub(1).filter(|_| found.all).map(|i| self.entries[i]) {
                found.end = entry.base + u64::from(entry.len);
                found.through = entry.bytes_through;
            }
            return (self.after_hole(found.end), found.through - found.before);
        }
        let from = from.max(self.floor());
        let (to, bytes) = self.reach(from, max_bytes, batches);
        (self.after_hole(to), bytes)
    }
    /// Every replica has what is below `upto`: nobody will ask for it again.
    pub fn is_shared(&mut self, upto: Offset) {
        self.outlines.are_shared(upto);
    }
    /// The first offset that was appended after `at`, if outlines are kept.
    pub fn appended_after(&self, at: Time) -> Offset {
        if let Some(offset) = self.outlines.appended_after(at, self.start) {
            return offset;
        }
        let i = self.entries.partition_point(|e| e.at <= at);
        self.entries.get(i).map_or(self.end, |e| e.base)
    }

    /// Removes segments that are older than `oldest` or beyond `max_bytes` from the readers' sight; returns the new
    /// start if it moved.
    pub fn retain(&mut self, oldest: Option<Time>, max_bytes: Option<u64>) -> Option<Offset> {
        let log = Extent { end: self.end, visible: self.visible, bytes: self.bytes_total };
        let (start, removed) = self.segments.as_mut()?.retain(log, oldest, max_bytes);
        if start <= self.start {
            return None;
        }
        (self.start, self.bytes_removed) = (start, removed);
        self.outlines.drop_below(start);
        if let Some(compaction) = &mut self.compaction {
            compaction.start_at(start);
        }
        Some(start)
    }
    fn outline(entry: &Entry, batches: &Batches) -> Outline {
        let batch = &batches[entry.batch];
        Outline {
            end: entry.base + u64::from(entry.len),
            at: entry.at,
            bytes_through: entry.bytes_through,
            sent: (!batch.records.is_empty()).then_some((batch.producer, entry.sequence)),
        }
    }
    /// Batches beyond `from` whose records are out of memory: whose they were, and their producers' numbers of them.
    pub fn sent_beyond(&self, from: Offset) -> impl Iterator<Item = (ProducerId, (u32, u32))> {
        self.outlines.sent_beyond(from)
    }

    /// Forgets what lies wholly below `keep`.
    #[inline]
    pub fn trim(&mut self, keep: Offset, batches: &mut Batches) {
        while let Some(entry) = self.entries.front() {
            if entry.base + u64::from(entry.len) > keep {
                break;
            }
            if self.replicated || self.outlines.keep_all {
                if entry.base >= self.start {
                    self.outlines.push(Self::outline(entry, batches));
                } else {
                    self.outlines.pass(entry.bytes_through);
                }
            }
            batches.release(entry.batch);
            self.entries.pop_front();
            self.passed += 1;
        }
        self.outlines.drop_shared();
    }
}

/// The time of the newest of these records, which are in the order of creation; a marker, which has none, has the
/// time it was appended `at`.
#[inline(always)]
fn newest(records: &[Record], at: Time) -> Time {
    records.last().map_or(at, |r| r.created)
}

#[cfg(test)]
mod tests;
