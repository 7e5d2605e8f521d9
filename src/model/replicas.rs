//! The replicas of one partition: how much each has, who is in sync, who leads, and up to where all that are
//! in sync agree.
//!
//! Follows Kafka 4's `Partition`, `Replica` and `PartitionChangeBuilder`. Plain bookkeeping: knows nothing of
//! wires, events or records. Every replica holds a beginning of one history; where a new leader has less than
//! the old one had, the rest of the old history is dropped at the election, which is when it can be read no
//! more (Kafka drops it when the old leader comes back and follows).
//!
//! ```text
//!            in sync: caught up within replica.lag.time.max.ms
//!  leader    ├───────────────────────────────┬─────────┤ log end
//!  follower  ├─────────────────────────────┐ │
//!  follower  ├─────────────────────┐       │ │   what each has
//!                                  ▼       ▼ ▼
//!                        high watermark = least of what the leader knows its in-sync replicas to have
//! ```

use crate::engine::{Span, Time};
use crate::model::ids::{BrokerId, Offset};

/// One copy of the partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    /// Where it lies.
    pub broker: BrokerId,
    /// Whether that broker runs.
    pub running: bool,
    /// Whether it belongs to the in-sync replicas.
    pub in_sync: bool,
    /// Whether it left them when too few remained, and so has all that readers can see: Kafka's eligible leader
    /// replicas (KIP-966, the default of new clusters since 4.1).
    pub eligible: bool,
    /// One past the last record it has.
    pub end: Offset,
    /// The same, as the leader learned it from this replica's last fetch.
    known: Offset,
    /// The leader's log end at that fetch.
    leader_end: Offset,
    /// When that fetch came.
    fetched: Time,
    /// When it last had all that the leader had.
    caught_up: Time,
}

/// How a leader came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Election {
    /// Who leads now.
    pub leader: BrokerId,
    /// What it has; the history ends here.
    pub end: Offset,
    /// It was not in sync.
    pub unclean: bool,
}

/// See the module's text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replicas {
    /// In the order of assignment: the first is the preferred leader.
    all: Vec<Replica>,
    leader: Option<usize>,
    /// Who led last.
    last: usize,
    least: u32,
    unclean: bool,
    /// From here on records are on the one replica only that is in sync.
    alone_from: Option<Offset>,
}

impl Replicas {
    /// Replicas on these brokers, all empty and in sync, led by the first. `least` is Kafka's
    /// `min.insync.replicas`, `unclean` its `unclean.leader.election.enable`.
    pub fn new(brokers: impl IntoIterator<Item = BrokerId>, least: u32, unclean: bool) -> Self {
        let replica = |broker| Replica {
            broker,
            running: true,
            in_sync: true,
            eligible: false,
            end: 0,
            known: 0,
            leader_end: 0,
            fetched: Time::ZERO,
            caught_up: Time::ZERO,
        };
        let all = brokers.into_iter().map(replica).collect();
        Replicas { all, leader: Some(0), last: 0, least, unclean, alone_from: None }
    }
    /// All of them, in the order of assignment.
    pub fn all(&self) -> &[Replica] {
        &self.all
    }
    /// Whether there is more than one.
    #[inline(always)]
    pub fn several(&self) -> bool {
        self.all.len() > 1
    }
    /// Which of them leads.
    #[inline(always)]
    pub fn leading(&self) -> Option<usize> {
        self.leader
    }
    /// The broker that leads.
    pub fn leader(&self) -> Option<BrokerId> {
        self.leader.map(|slot| self.all[slot].broker)
    }
    /// The broker that should.
    pub fn preferred(&self) -> BrokerId {
        self.all[0].broker
    }
    /// The place of a broker's replica.
    pub fn on(&self, broker: BrokerId) -> Option<usize> {
        self.all.iter().position(|r| r.broker == broker)
    }
    /// How many are in sync.
    pub fn in_sync(&self) -> u32 {
        self.all.iter().filter(|r| r.in_sync).count() as u32
    }
    /// Whether writes with acks=all are refused.
    pub fn too_few(&self) -> bool {
        self.in_sync() < self.least
    }
    /// Whether a record at this offset was vouched for by one replica alone.
    pub fn alone_at(&self, offset: Offset) -> bool {
        self.alone_from.is_some_and(|from| offset >= from)
    }

    /// The leader's log ends here now.
    #[inline]
    pub fn appended(&mut self, end: Offset) {
        if let Some(slot) = self.leader {
            (self.all[slot].end, self.all[slot].known) = (end, end);
        }
    }
    /// A replica had everything up to the record that is appended now, at a fetch not earlier than `at`.
    pub fn was_level(&mut self, slot: usize, before: Offset, at: Time) {
        let r = &mut self.all[slot];
        if r.known == before {
            r.caught_up = r.caught_up.max(at);
            r.fetched = r.fetched.max(at);
            r.leader_end = before;
        }
    }
    /// A follower has stored what it fetched.
    pub fn received(&mut self, slot: usize, end: Offset) {
        self.all[slot].end = self.all[slot].end.max(end);
    }
    /// A follower's fetch reaches the leader and tells what it has (`Replica.updateFetchStateOrThrow`). Says
    /// whether that brings it back in sync: it must have all that readers can see (`canAddReplicaToIsr`).
    pub fn fetched(&mut self, slot: usize, leader_end: Offset, high_watermark: Offset, now: Time) -> bool {
        let r = &mut self.all[slot];
        r.known = r.end;
        if r.known >= leader_end {
            r.caught_up = r.caught_up.max(now);
        } else if r.known >= r.leader_end {
            r.caught_up = r.caught_up.max(r.fetched);
        }
        r.leader_end = leader_end;
        r.fetched = now;
        let joins = !r.in_sync && r.running && r.known >= high_watermark;
        if joins {
            r.in_sync = true;
            self.alone_from = None;
            self.note_eligible();
        }
        joins
    }
    /// Up to where readers see, given up to where they saw: all in-sync replicas have it, and there are enough
    /// of them (`maybeIncrementLeaderHW`, guarded by `isUnderMinIsr` since Kafka 4.0).
    pub fn high_watermark(&self, now: Offset) -> Offset {
        if self.leader.is_none() || self.too_few() {
            return now;
        }
        let least = self.all.iter().filter(|r| r.in_sync).map(|r| r.known).min().unwrap_or(now);
        least.max(now)
    }
    /// Drops from the in-sync replicas whoever has not caught up for longer than `lag`
    /// (`replica.lag.time.max.ms`); says whether anybody was dropped.
    pub fn shrink(&mut self, now: Time, lag: Span) -> bool {
        let Some(leader) = self.leader else { return false };
        let end = self.all[leader].end;
        let mut dropped = false;
        for (slot, r) in self.all.iter_mut().enumerate() {
            let late = r.known < end && now > r.caught_up + lag;
            if slot != leader && r.in_sync && late {
                (r.in_sync, r.eligible) = (false, true);
                dropped = true;
            }
        }
        self.note_alone();
        self.note_eligible();
        dropped
    }
    /// Where enough are in sync, only they may lead.
    fn note_eligible(&mut self) {
        if !self.too_few() {
            self.all.iter_mut().for_each(|r| r.eligible = false);
        }
    }
    fn note_alone(&mut self) {
        if self.several() && self.in_sync() == 1 && self.alone_from.is_none() {
            // Nobody else has what lies beyond what any other has.
            let others = self.all.iter().filter(|r| !r.in_sync);
            self.alone_from = others.map(|r| r.end).max();
        }
    }

    /// What every one of them has.
    pub fn least_end(&self) -> Offset {
        self.all.iter().map(|r| r.end).min().unwrap_or(0)
    }

    /// A broker has died, or runs again.
    pub fn runs(&mut self, broker: BrokerId, running: bool) {
        if let Some(slot) = self.on(broker) {
            self.all[slot].running = running;
        }
    }
    /// What a replica had beyond `end` was in memory only, and its broker lost its power: it comes back as one
    /// that may lack what others count on.
    pub fn forget(&mut self, slot: usize, end: Offset) {
        let r = &mut self.all[slot];
        r.end = r.end.min(end);
        (r.in_sync, r.eligible) = (false, false);
    }
    /// The controller counts on a broker no more: it leads no longer, and is not in sync unless it is the last
    /// that is. Says whether anything changed.
    pub fn fence(&mut self, broker: BrokerId) -> bool {
        let Some(slot) = self.on(broker) else { return false };
        let leads = self.leader == Some(slot);
        if leads {
            self.leader = None;
        }
        let drops = self.all[slot].in_sync && self.in_sync() > 1;
        if drops {
            (self.all[slot].in_sync, self.all[slot].eligible) = (false, true);
            self.note_alone();
            self.note_eligible();
        }
        leads || drops
    }
    /// Chooses a leader where there is none (`PartitionChangeBuilder.electLeader`): the first in the order of
    /// assignment that is in sync and runs and is `fit`, or else is eligible; where none is either, whoever led
    /// last; else, if permitted, the first that runs at all.
    pub fn elect(&mut self, now: Time, fit: impl Fn(BrokerId) -> bool) -> Option<Election> {
        if self.leader.is_some() {
            return None;
        }
        let first = |good: &dyn Fn(&Replica) -> bool| {
            self.all.iter().position(|r| good(r) && r.running && fit(r.broker))
        };
        let nobody = !self.all.iter().any(|r| r.in_sync || r.eligible);
        let last = self.all[self.last].broker;
        let clean = first(&|r| r.in_sync)
            .or_else(|| first(&|r| r.eligible))
            .or_else(|| first(&|r| nobody && r.broker == last));
        let slot = if self.unclean { clean.or_else(|| first(&|_| true)) } else { clean }?;
        let (unclean, known) = (clean.is_none(), self.all[slot].in_sync);
        if !known {
            for r in &mut self.all {
                // In sync so far and away now: it has all that readers can see, unless a worse one leads.
                r.eligible = !unclean && (r.eligible || r.in_sync);
                r.in_sync = false;
            }
            self.all[slot].in_sync = true;
        }
        self.all[slot].eligible = false;
        Some(self.lead(slot, unclean, now))
    }
    /// The preferred leader takes over, if it can and does not lead already.
    pub fn prefer(&mut self, now: Time) -> Option<Election> {
        let fit = self.leader.is_some_and(|l| l != 0) && self.all[0].in_sync && self.all[0].running;
        fit.then(|| self.lead(0, false, now))
    }
    fn lead(&mut self, slot: usize, unclean: bool, now: Time) -> Election {
        (self.leader, self.last) = (Some(slot), slot);
        let (broker, end) = (self.all[slot].broker, self.all[slot].end);
        for (i, r) in self.all.iter_mut().enumerate() {
            r.end = r.end.min(end);
            // What followers have the new leader learns from their first fetches.
            r.known = if i == slot { end } else { 0 };
            r.leader_end = end;
            (r.fetched, r.caught_up) = (now, if r.in_sync { now } else { Time::ZERO });
        }
        Election { leader: broker, end, unclean }
    }
    /// After an election and the cut that follows it: from where on the leader is alone, if it is.
    pub fn begin_again(&mut self) {
        self.alone_from = None;
        self.note_alone();
    }
    /// The history goes on at `end`, beyond offsets that were dropped: who had all there is still has it.
    pub fn skip_to(&mut self, from: Offset, end: Offset) {
        for r in &mut self.all {
            for place in [&mut r.end, &mut r.known, &mut r.leader_end] {
                if *place == from {
                    *place = end;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
