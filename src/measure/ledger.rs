//! The ledger of one group: one fate per event, every duplicate and loss with its cause.
//!
//! Counts events of the cohort (created after the warm-up). Knows nothing of lag, charts or units.

use crate::engine::{Digest, Time, mix};
use crate::measure::batches::Batches;
use crate::measure::copies::{Copy, origin, original};
use crate::measure::fates::{Fate, Fates};
use crate::model::cause::{DuplicateCause, LossCause, Place, ShedReason};
use crate::model::fact::{How, View, Without};
use crate::model::ids::{GroupId, Offset, PartitionId};
use crate::model::keys::NO_KEY;
use crate::model::plan::Commit;
use crate::model::record::Record;
use crate::stats::Histogram;
use std::collections::BTreeSet;

/// See the module's text.
#[derive(Debug)]
pub struct Ledger {
    group: GroupId,
    commit: Commit,
    warm_up: Time,
    /// Fates per partition of the scenario (empty for partitions the group does not read).
    fates: Vec<Fates>,
    /// What the digest calls an effect on each of them.
    labels: Vec<u64>,
    /// First copies whose event's effect came of another copy, and not yet of them.
    outrun: BTreeSet<(PartitionId, Offset)>,
    /// Whether the order of a key's effects is told in order of time: it is not where consumers that work
    /// side by side can meet the same key.
    told_in_order: bool,
    /// Otherwise: effects told and not looked at yet, as (time, creation, key, whether it counts).
    unordered: Vec<(Time, Time, u32, bool)>,
    /// Creation time of the newest event applied, per key.
    newest: Vec<u64>,
    /// Counts of the cohort, as metrics name them.
    pub applied: u64,
    /// Effects in all.
    pub effects: u64,
    /// By cause.
    pub lost: [u64; LossCause::ALL.len()],
    /// Dead-lettered.
    pub dead: u64,
    /// Compacted away before they were read.
    pub expired: u64,
    /// Extra effects by cause.
    pub duplicates: [u64; DuplicateCause::ALL.len()],
    /// Extra deliveries by cause.
    pub redelivered: [u64; DuplicateCause::ALL.len()],
    /// By reason.
    pub shed: [u64; ShedReason::ALL.len()],
    /// By place.
    pub pending: [u64; Place::ALL.len()],
    /// First effects after a later event of the same key.
    pub disorder: u64,
    /// First effects of any event, cohort or not.
    pub applied_ever: u64,
    /// From creation to first effect, nanoseconds.
    pub latency: Histogram,
    /// The same latencies by batches, where a plan asks for them.
    pub batches: Option<Batches>,
    /// Ages of what is pending at the end: lower bounds of latencies.
    pub waiting: Histogram,
    /// The latest first effect or final fate.
    pub last_settled: Time,
    /// First victim of each cause: what it suffered, the event, and when.
    pub victims: Vec<(Victim, u64, Time)>,
}

/// What an example is an example of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// Lost by this cause.
    Lost(LossCause),
    /// Applied again by this cause.
    Duplicate(DuplicateCause),
    /// Refused for this reason.
    Shed(ShedReason),
}

impl Ledger {
    /// An empty ledger over `partitions` partitions.
    pub fn new(
        group: GroupId,
        commit: Commit,
        partitions: usize,
        warm_up: Time,
        told_in_order: bool,
    ) -> Self {
        Ledger {
            group,
            commit,
            warm_up,
            fates: (0..partitions).map(|_| Fates::default()).collect(),
            labels: (0..partitions as u64).map(|p| mix(u64::from(group.0) << 32 | p, 0xEFFE)).collect(),
            outrun: BTreeSet::new(),
            told_in_order,
            unordered: Vec::new(),
            newest: Vec::new(),
            applied: 0,
            effects: 0,
            lost: [0; LossCause::ALL.len()],
            dead: 0,
            expired: 0,
            duplicates: [0; DuplicateCause::ALL.len()],
            redelivered: [0; DuplicateCause::ALL.len()],
            shed: [0; ShedReason::ALL.len()],
            pending: [0; Place::ALL.len()],
            disorder: 0,
            applied_ever: 0,
            latency: Histogram::default(),
            batches: None,
            waiting: Histogram::default(),
            last_settled: Time::ZERO,
            victims: Vec::new(),
        }
    }

    /// Up to where everything on a partition is done.
    #[inline]
    pub fn done_upto(&self, partition: PartitionId) -> Offset {
        self.fates[partition.index()].prefix()
    }

    fn counts(&self, record: &Record) -> bool {
        record.created >= self.warm_up
    }
    fn remember(&mut self, victim: Victim, record: &Record, at: Time) {
        if !self.victims.iter().any(|(v, _, _)| *v == victim) {
            self.victims.push((victim, record.event.0, at));
        }
    }

    /// Effects of records `from..` at `times`.
    #[inline]
    pub fn apply(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        times: &[Time],
        how: How,
        copies: &[Copy],
        digest: &mut Digest,
    ) {
        let label = self.labels[partition.index()];
        let effects = (from..).zip(records.iter().zip(times));
        if !copies.is_empty() || !self.fates[partition.index()].extend(from, records.len() as u64) {
            for (offset, (record, at)) in effects {
                digest.add(label ^ offset, at.0);
                self.apply_one(partition, offset, record, *at, how, copies);
            }
            return;
        }
        // None of them is a repetition.
        if self.batches.is_some() {
            let warm_up = self.warm_up;
            for (record, at) in records.iter().zip(times).filter(|(r, _)| r.created >= warm_up) {
                self.add_to_batch(record, *at);
            }
        }
        let mut counted = 0;
        for (offset, (record, at)) in effects {
            digest.add(label ^ offset, at.0);
            let counts = record.created >= self.warm_up;
            if counts {
                counted += 1;
                self.latency.record(at.0 - record.created.0);
            }
            self.see_order(record, *at, counts);
        }
        self.applied += counted;
        self.effects += counted;
        self.applied_ever += records.len() as u64;
        if let Some(last) = times.last() {
            self.last_settled = self.last_settled.max(*last);
        }
    }

    fn add_to_batch(&mut self, record: &Record, at: Time) {
        if let Some(batches) = &mut self.batches {
            batches.add(record.created, at.0 - record.created.0);
        }
    }

    #[inline(always)]
    fn see_order(&mut self, record: &Record, at: Time, counts: bool) {
        if record.key == NO_KEY {
            return;
        }
        if self.told_in_order {
            self.check_order(record.key, record.created, counts);
        } else {
            self.unordered.push((at, record.created, record.key, counts));
        }
    }
    #[inline(always)]
    fn check_order(&mut self, key: u32, created: Time, counts: bool) {
        let key = key as usize;
        if key >= self.newest.len() {
            self.newest.resize((key + 1).next_power_of_two(), 0);
        }
        let newest = &mut self.newest[key];
        if *newest > created.0 {
            self.disorder += u64::from(counts);
        } else {
            *newest = created.0;
        }
    }
    /// Everything up to now has been told: looks at the order of what was told out of it.
    pub fn put_in_order(&mut self) {
        let mut effects = std::mem::take(&mut self.unordered);
        effects.sort_unstable();
        for (_, created, key, counts) in effects.drain(..) {
            self.check_order(key, created, counts);
        }
        self.unordered = effects;
    }

    #[inline(never)]
    fn apply_one(
        &mut self,
        partition: PartitionId,
        offset: Offset,
        record: &Record,
        at: Time,
        how: How,
        copies: &[Copy],
    ) {
        let counts = self.counts(record);
        let of = original(copies, partition, offset);
        let event_at = of.unwrap_or((partition, offset));
        let before = self.fates[event_at.0.index()].get(event_at.1);
        let fates = &mut self.fates[partition.index()];
        // Each copy beyond the one that was first applied is the producer's doing once; what more comes of
        // it has causes of its own.
        let by_retry = match of {
            Some(_) => fates.get(offset) != Fate::Passed,
            None => self.outrun.remove(&(partition, offset)),
        };
        if of.is_some() {
            fates.set(offset, Fate::Passed);
        }
        self.effects += u64::from(counts);
        if before == Fate::Applied {
            let cause = match how {
                _ if by_retry => match of {
                    Some(_) if origin(copies, offset).is_some_and(|(.., c)| c.again) => {
                        DuplicateCause::ProducedAgain
                    }
                    None if copies.iter().any(|c| c.again && c.of == (partition, offset)) => {
                        DuplicateCause::ProducedAgain
                    }
                    _ => DuplicateCause::ProducerRetry,
                },
                How::AsZombie => DuplicateCause::Zombie,
                How::CallRepeated => DuplicateCause::CallTimedOut,
                How::StoreMissed(DuplicateCause::KeyNotRecorded) if !fates.unfinished.contains(&offset) => {
                    // Nobody died before the key was recorded: another had the record in hand as well.
                    fates.exposure(offset).unwrap_or(DuplicateCause::Zombie)
                }
                How::StoreMissed(cause) => cause,
                // Without an exposure, the first effect was a zombie's.
                How::Plainly => fates.exposure(offset).unwrap_or(DuplicateCause::Zombie),
            };
            if counts {
                self.duplicates[cause.index()] += 1;
                self.remember(Victim::Duplicate(cause), record, at);
            }
            return;
        }
        self.fates[event_at.0.index()].set(event_at.1, Fate::Applied);
        if of.is_some() {
            self.outrun.insert(event_at);
        }
        match before {
            Fate::Lost(cause) => {
                self.lost[cause.index()] -= u64::from(counts);
                // It is no example of a loss any more; the next one lost will be.
                self.victims.retain(|(v, e, _)| (*v, *e) != (Victim::Lost(cause), record.event.0));
            }
            Fate::Dead => self.dead -= u64::from(counts),
            Fate::Expired => self.expired -= u64::from(counts),
            Fate::Open | Fate::Passed | Fate::Applied => {}
        }
        self.applied += u64::from(counts);
        self.applied_ever += 1;
        self.last_settled = self.last_settled.max(at);
        if counts {
            self.latency.record(at.0 - record.created.0);
            self.add_to_batch(record, at);
        }
        self.see_order(record, at, counts);
    }

    /// Records `from..` were handed to a consumer.
    #[inline]
    pub fn deliver(&mut self, partition: PartitionId, from: Offset, records: &[Record]) {
        let fates = &mut self.fates[partition.index()];
        let end = from + records.len() as u64;
        if from < fates.delivered {
            self.deliver_again(partition, from, records);
        }
        let fates = &mut self.fates[partition.index()];
        fates.delivered = fates.delivered.max(end);
    }
    #[inline(never)]
    fn deliver_again(&mut self, partition: PartitionId, from: Offset, records: &[Record]) {
        let warm_up = self.warm_up;
        let fates = &mut self.fates[partition.index()];
        for (record, offset) in records.iter().zip(from..fates.delivered) {
            fates.orphans.retain(|(o, _)| *o != offset);
            if record.created >= warm_up {
                let cause = fates.exposure(offset).unwrap_or(DuplicateCause::Zombie);
                self.redelivered[cause.index()] += 1;
            }
        }
    }

    /// A record gets a fate other than its effect, if it has none. A dead letter outranks a loss, and what
    /// compaction did: someone had the record in hand all the same.
    fn settle(
        &mut self,
        partition: PartitionId,
        offset: Offset,
        record: &Record,
        fate: Fate,
        copies: &[Copy],
        at: Time,
    ) {
        let fates = &mut self.fates[partition.index()];
        if let (Fate::Expired, Fate::Dead) = (fates.get(offset), fate) {
            fates.set(offset, fate);
            self.expired -= u64::from(self.counts(record));
            self.dead += u64::from(self.counts(record));
            return;
        }
        if let (Fate::Lost(cause), Fate::Dead) = (fates.get(offset), fate) {
            fates.set(offset, fate);
            self.lost[cause.index()] -= u64::from(self.counts(record));
            self.dead += u64::from(self.counts(record));
            self.victims.retain(|(v, e, _)| (*v, *e) != (Victim::Lost(cause), record.event.0));
            return;
        }
        if fates.get(offset) != Fate::Open {
            return;
        }
        let of = original(copies, partition, offset);
        if let Some((place, of)) = of {
            // The event's fate is the original's; if that is settled, this copy changes nothing.
            fates.set(offset, Fate::Passed);
            if self.fates[place.index()].get(of) != Fate::Open {
                return;
            }
        }
        let (place, at_first) = of.unwrap_or((partition, offset));
        self.fates[place.index()].set(at_first, fate);
        self.last_settled = self.last_settled.max(at);
        if !self.counts(record) {
            return;
        }
        match fate {
            Fate::Lost(cause) => {
                self.lost[cause.index()] += 1;
                self.remember(Victim::Lost(cause), record, at);
            }
            Fate::Dead => self.dead += 1,
            Fate::Expired => self.expired += 1,
            Fate::Open | Fate::Applied | Fate::Passed => {}
        }
    }

    /// A record is done without its effect.
    pub fn done_without(
        &mut self,
        partition: PartitionId,
        offset: Offset,
        record: &Record,
        why: Without,
        copies: &[Copy],
        at: Time,
    ) {
        let fate = match why {
            Without::DeadLetter => Fate::Dead,
            Without::Skipped => Fate::Lost(LossCause::SkippedAfterRetries),
            // The store knew the key although the effect never came.
            Without::Suppressed => Fate::Lost(LossCause::KeyWithoutEffect),
        };
        self.settle(partition, offset, record, fate, copies, at);
    }

    /// The group will not read these records any more.
    pub fn pass_over(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        cause: LossCause,
        copies: &[Copy],
        at: Time,
    ) {
        for (record, offset) in records.iter().zip(from..) {
            self.settle(partition, offset, record, Fate::Lost(cause), copies, at);
        }
    }

    /// There is no record at this offset.
    pub fn mark(&mut self, partition: PartitionId, offset: Offset) {
        self.fates[partition.index()].set(offset, Fate::Passed);
    }

    /// Compaction removed these records before the group read them.
    pub fn expire(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        copies: &[Copy],
        at: Time,
    ) {
        for (record, offset) in records.iter().zip(from..) {
            self.settle(partition, offset, record, Fate::Expired, copies, at);
        }
    }

    /// This record will never count: its event's fate is another copy's, or is told apart from all copies.
    pub fn supersede(&mut self, partition: PartitionId, offset: Offset, record: &Record) {
        if let Fate::Lost(cause) = self.fates[partition.index()].get(offset) {
            // It was passed over before it was known to come to nothing.
            self.lost[cause.index()] -= u64::from(self.counts(record));
            self.victims.retain(|(v, e, _)| (*v, *e) != (Victim::Lost(cause), record.event.0));
        }
        self.mark(partition, offset);
    }

    /// These records are cut off from the log: lost by that cause, or still with their producer, or copies.
    pub fn truncate(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        lost: Option<LossCause>,
        copies: &[Copy],
        at: Time,
    ) {
        for (record, offset) in records.iter().zip(from..) {
            let fates = &mut self.fates[partition.index()];
            match lost {
                Some(cause) => self.settle(partition, offset, record, Fate::Lost(cause), copies, at),
                None if fates.get(offset) == Fate::Open => fates.set(offset, Fate::Passed),
                None => {}
            }
        }
    }

    /// The holder of these records is gone.
    pub fn abandon(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        copies: &[Copy],
        at: Time,
    ) {
        for (record, offset) in records.iter().zip(from..) {
            let fates = &mut self.fates[partition.index()];
            if offset >= fates.committed {
                fates.unfinished.insert(offset);
            }
            if fates.get(offset) != Fate::Open {
                continue;
            }
            if offset < fates.committed {
                self.settle(partition, offset, record, Fate::Lost(self.loss_by_commit()), copies, at);
            } else {
                fates.orphans.push((offset, *record));
            }
        }
    }
    fn loss_by_commit(&self) -> LossCause {
        if self.commit == Commit::Before {
            LossCause::CommittedBeforeEffect
        } else {
            LossCause::CommittedWhileInWork
        }
    }

    /// The group's committed offset moved.
    pub fn commit(&mut self, partition: PartitionId, to: Offset, copies: &[Copy], at: Time) {
        let fates = &mut self.fates[partition.index()];
        fates.committed = fates.committed.max(to);
        if !fates.unfinished.is_empty() {
            fates.unfinished = fates.unfinished.split_off(&fates.committed);
        }
        if fates.orphans.is_empty() {
            return;
        }
        let (gone, kept) = fates.orphans.iter().copied().partition(|(offset, _)| *offset < to);
        fates.orphans = kept;
        let gone: Vec<(Offset, Record)> = gone;
        for (offset, record) in gone {
            self.settle(partition, offset, &record, Fate::Lost(self.loss_by_commit()), copies, at);
        }
    }

    /// Nothing is committed any more.
    pub fn start_over(&mut self, partition: PartitionId) {
        self.fates[partition.index()].committed = 0;
    }

    /// Nothing beyond `to` is committed any more.
    pub fn go_back(&mut self, partition: PartitionId, to: Offset) {
        let fates = &mut self.fates[partition.index()];
        fates.committed = fates.committed.min(to);
    }

    /// `[from, to)` may be delivered again for this cause.
    pub fn expose(&mut self, partition: PartitionId, from: Offset, to: Offset, cause: DuplicateCause) {
        self.fates[partition.index()].expose(from, to, cause);
    }

    /// An event that never reached the log.
    pub fn lose_before_log(&mut self, record: &Record, cause: LossCause, at: Time) {
        if self.counts(record) {
            self.lost[cause.index()] += 1;
            self.remember(Victim::Lost(cause), record, at);
        }
    }
    /// An event that was refused.
    pub fn refuse(&mut self, record: &Record, reason: ShedReason, at: Time) {
        if self.counts(record) {
            self.shed[reason.index()] += 1;
            self.remember(Victim::Shed(reason), record, at);
        }
    }
    /// An event that has no fate at the end, before the log.
    pub fn leave(&mut self, created: Time, place: Place, now: Time) {
        if created >= self.warm_up {
            self.pending[place.index()] += 1;
            self.waiting.record(now.0 - created.0);
        }
    }
    /// Counts what has no fate at the end, in the log or in consumers' hands.
    pub fn close(&mut self, partition: PartitionId, copies: &[Copy], view: &dyn View) {
        let (from, to) = (self.done_upto(partition), view.log_end(partition));
        let now = view.now();
        view.records(partition, from, to, &mut |at, records, _| {
            for (record, offset) in records.iter().zip(at..) {
                let counts = record.created >= self.warm_up;
                let open = self.fates[partition.index()].get(offset) == Fate::Open;
                if !open || !counts || original(copies, partition, offset).is_some() {
                    continue;
                }
                let place =
                    if view.in_hand(self.group, partition, offset) { Place::Consumer } else { Place::Log };
                self.pending[place.index()] += 1;
                self.waiting.record(now.0 - record.created.0);
            }
        });
    }

    /// Checks that every event has exactly one fate and every effect is counted once.
    ///
    /// # Panics
    /// If the books do not balance: that is a mistake of the program, never of the scenario.
    pub fn balance(&self, name: &str, created: u64) {
        let lost: u64 = self.lost.iter().sum();
        let shed: u64 = self.shed.iter().sum();
        let pending: u64 = self.pending.iter().sum();
        let sum = self.applied + lost + self.dead + shed + self.expired + pending;
        assert!(
            created == sum,
            "the books of group `{name}` do not balance: {created} created, but {} applied + {lost} lost + {} \
             dead-lettered + {shed} shed + {} expired + {pending} pending = {sum}",
            self.applied,
            self.dead,
            self.expired
        );
        let extra: u64 = self.duplicates.iter().sum();
        assert!(
            self.effects == self.applied + extra,
            "the books of group `{name}` do not balance: {} effects, but {} applied + {extra} extra",
            self.effects,
            self.applied
        );
    }
}
