//! Kafka's consumer group protocol (KIP-848): the coordinator computes who should have what, and each member is led
//! there by the answers to its own heartbeats, without a barrier.
//!
//! After Kafka's `GroupMetadataManager.consumerGroupHeartbeat` and `CurrentAssignmentBuilder`. Leaves out members
//! of the classic protocol in the same group. Committed offsets are kept elsewhere.
//!
//! ```text
//!  join, leave ─► group epoch + 1 ─► target assignment of that epoch ─► each member, at its heartbeat:
//!
//!            must give something up                    has given it up
//!  Stable ───────────────────────────► Unrevoked ───────────────────────┐
//!    ▲  ▲                                                               ▼
//!    │  └────────────── everything it should have is free ◄──────── computed anew
//!    └───────────────── ... and now it is ◄──── Unreleased ◄──── something is not
//! ```

use super::{Beat, Joiner, Member, Say, Times};
use crate::engine::{Span, Time};
use crate::model::assignment::{AssignView, Assignor, MemberView, Part};
use crate::model::cause::RebalanceCause;
use crate::model::ids::{ConsumerId, TopicId};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Where a member stands on the way to its target. See the module's diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    /// It has what it should have.
    Stable,
    /// It has not yet said that it gave up what it must.
    Unrevoked,
    /// Others have not yet given up what it should have.
    Unreleased,
}

/// A member's seat in the group.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) who: Member,
    /// The epoch it has reached, and the one before.
    pub(super) epoch: u32,
    previous: u32,
    pub(super) state: State,
    /// What it may read, sorted.
    pub(super) assigned: Vec<Part>,
    /// What it must give up, sorted.
    revoking: Vec<Part>,
    /// What it should have, sorted; as `member.owned`, which the assignor is shown.
    member: MemberView,
    /// Its session ends then.
    expires: Time,
    /// It must have given up what it must by then.
    gives_up_by: Time,
    /// A static member that has said it will be back (epoch -2).
    away: bool,
    /// An earlier process of its consumer; the one that runs now has a seat of its own.
    haunted: bool,
}

/// See the module's text.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) group_epoch: u32,
    pub(super) target_epoch: u32,
    /// What was said and not yet heard.
    pub(super) said: Vec<Say>,
    seats: Vec<Seat>,
    /// Where each consumer sits with its present process, or `u32::MAX`.
    place_of: Vec<u32>,
    /// What somebody has, or has not yet given up.
    taken: BTreeSet<Part>,
    /// Seats that are not where they should be.
    unsettled: usize,
    /// A rebalance was begun and is not over.
    open: bool,
    /// When the target was last computed, and when somebody waits for it to be computed again.
    computed: Option<Time>,
    compute_at: Time,
    sooner: bool,
    assignor: Rc<dyn Assignor>,
    topics: Vec<(TopicId, u32)>,
    session: Span,
    rebalance: Span,
    /// Shortest time between two targets.
    interval: Span,
}

fn both(a: &[Part], b: &[Part]) -> Vec<Part> {
    a.iter().copied().filter(|p| b.binary_search(p).is_ok()).collect()
}
fn without(a: &[Part], b: &[Part]) -> Vec<Part> {
    a.iter().copied().filter(|p| b.binary_search(p).is_err()).collect()
}
/// Whether a member has something of what it is to give up. One that says nothing new has all of it.
fn still_has(owned: Option<&[Part]>, revoking: &[Part]) -> bool {
    !owned.map_or_else(|| revoking.to_vec(), |owned| both(owned, revoking)).is_empty()
}

impl Server {
    pub(super) fn new(
        assignor: Box<dyn Assignor>,
        topics: Vec<(TopicId, u32)>,
        times: &Times,
        interval: Span,
    ) -> Self {
        Server {
            group_epoch: 0,
            target_epoch: 0,
            said: Vec::new(),
            seats: Vec::new(),
            place_of: Vec::new(),
            taken: BTreeSet::new(),
            unsettled: 0,
            open: false,
            computed: None,
            compute_at: Time::NEVER,
            sooner: false,
            assignor: assignor.into(),
            topics,
            session: times.session,
            rebalance: times.rebalance,
            interval,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }
    pub(super) fn seat(&self, who: Member) -> Option<&Seat> {
        self.place(who).map(|place| &self.seats[place])
    }
    fn present(&self, consumer: ConsumerId) -> Option<usize> {
        let place = *self.place_of.get(consumer.index())? as usize;
        (place < self.seats.len()).then_some(place)
    }
    fn place(&self, who: Member) -> Option<usize> {
        self.present(who.consumer).filter(|place| self.seats[*place].who == who)
    }
    /// Where a member sits, or what to tell who is none.
    fn place_or_why(&self, who: Member) -> Result<usize, Beat> {
        let present = self.present(who.consumer).map(|place| &self.seats[place]);
        let fenced = present.is_some_and(|s| s.member.instance.is_some() && s.who.number > who.number);
        self.place(who).ok_or(if fenced { Beat::Fenced } else { Beat::Unknown })
    }
    fn settled(&self, seat: &Seat) -> bool {
        seat.away || seat.state == State::Stable && seat.epoch == self.target_epoch
    }
    /// Seats or target have changed: counts anew, and notes who sits where.
    fn count(&mut self) {
        self.place_of.fill(u32::MAX);
        for (place, seat) in (0..).zip(&self.seats) {
            if !seat.haunted {
                self.place_of[seat.who.consumer.index()] = place;
            }
        }
        self.unsettled = self.seats.iter().filter(|s| !self.settled(s)).count();
    }

    pub(super) fn form(&mut self, members: Vec<Joiner>, now: Time) {
        for member in members {
            self.sit(member, now);
        }
        self.group_epoch = 1;
        self.compute_target(now);
        for seat in &mut self.seats {
            (seat.epoch, seat.previous) = (1, 1);
            seat.assigned.clone_from(&seat.member.owned);
            self.taken.extend(&seat.assigned);
        }
        self.count();
        self.sooner = true;
    }

    fn sit(&mut self, joiner: Joiner, now: Time) {
        let Joiner { who, id, instance, .. } = joiner;
        let topics = self.topics.iter().map(|(t, _)| *t).collect();
        if let Some(place) = self.present(who.consumer) {
            self.seats[place].haunted = true;
        }
        if self.place_of.len() <= who.consumer.index() {
            self.place_of.resize(who.consumer.index() + 1, u32::MAX);
        }
        self.seats.push(Seat {
            who,
            epoch: 0,
            previous: 0,
            state: State::Stable,
            assigned: Vec::new(),
            revoking: Vec::new(),
            member: MemberView { id, instance, topics, owned: Vec::new(), generation: -1 },
            expires: now + self.session,
            gives_up_by: Time::NEVER,
            away: false,
            haunted: false,
        });
        self.sooner = true;
        self.count();
    }

    /// The group changes: a new target is due.
    fn bump(&mut self, cause: RebalanceCause) {
        self.group_epoch += 1;
        self.open = true;
        self.said.push(Say::Began(cause));
    }

    pub(super) fn widen(&mut self, topic: TopicId, partitions: u32) {
        let Some(entry) = self.topics.iter_mut().find(|(t, _)| *t == topic) else { return };
        entry.1 = partitions;
        if !self.is_empty() {
            self.bump(RebalanceCause::PartitionsAdded);
        }
    }

    /// A heartbeat with epoch 0 arrives.
    pub(super) fn join(&mut self, joiner: Joiner, now: Time) -> Beat {
        let who = joiner.who;
        match self.present(who.consumer) {
            Some(place) if self.seats[place].who == who => {
                // The answer was lost, or its epoch was refused and it begins again.
                if self.seats[place].previous != 0 || self.seats[place].away {
                    self.release(place);
                    self.bump(RebalanceCause::Join);
                }
            }
            Some(place) if self.seats[place].member.instance.is_some() => {
                if self.seats[place].who.number > who.number {
                    return Beat::Fenced;
                }
                if !self.seats[place].away {
                    return Beat::Unreleased;
                }
                let seat = &mut self.seats[place];
                (seat.who, seat.member.id) = (who, joiner.id);
                (seat.epoch, seat.previous, seat.away) = (0, 0, false);
                self.count();
            }
            _ => {
                self.sit(joiner, now);
                self.bump(RebalanceCause::Join);
            }
        }
        let place = self.place(who).expect("it sits by now");
        self.lead_on(place, Some(&[]), now)
    }

    /// A member begins again with nothing.
    fn release(&mut self, place: usize) {
        let seat = &mut self.seats[place];
        for part in seat.assigned.drain(..).chain(seat.revoking.drain(..)) {
            self.taken.remove(&part);
        }
        (seat.epoch, seat.previous, seat.state, seat.away) = (0, 0, State::Stable, false);
        seat.gives_up_by = Time::NEVER;
        self.count();
    }

    /// A heartbeat arrives, with what the member owns (sorted) unless it has said that before.
    pub(super) fn heartbeat(&mut self, who: Member, epoch: u32, owned: Option<&[Part]>, now: Time) -> Beat {
        let place = match self.place_or_why(who) {
            Ok(place) => place,
            Err(why) => return why,
        };
        let seat = &self.seats[place];
        // The answer that raised its epoch may have been lost.
        let within = owned.is_some_and(|owned| without(owned, &seat.assigned).is_empty());
        let lost = epoch == seat.previous && within;
        if seat.away || epoch > seat.epoch || epoch < seat.epoch && !lost {
            return Beat::Fenced;
        }
        self.lead_on(place, owned, now)
    }

    /// One step towards the target, and the answer.
    fn lead_on(&mut self, place: usize, owned: Option<&[Part]>, now: Time) -> Beat {
        self.seats[place].expires = now + self.session;
        if self.group_epoch > self.target_epoch {
            let at = self.computed.map_or(now, |last| (last + self.interval).max(now));
            if at == now {
                self.compute_target(now);
            } else {
                self.sooner |= at < self.compute_at;
                self.compute_at = at;
            }
        }
        let before = self.settled(&self.seats[place]);
        let seat = &self.seats[place];
        match seat.state {
            State::Stable if seat.epoch == self.target_epoch => {}
            State::Unrevoked if still_has(owned, &seat.revoking) => {}
            State::Unrevoked => self.step(place, seat.epoch + 1, owned, now),
            State::Stable | State::Unreleased => self.step(place, seat.epoch, owned, now),
        }
        let after = self.settled(&self.seats[place]);
        self.unsettled = self.unsettled + usize::from(before) - usize::from(after);
        self.said.push(Say::Assigned(self.seats[place].who));
        self.close_if_settled();
        Beat::Fine
    }

    /// Kafka's `CurrentAssignmentBuilder.computeNextAssignment`.
    fn step(&mut self, place: usize, epoch: u32, owned: Option<&[Part]>, now: Time) {
        let seat = &self.seats[place];
        let target = &seat.member.owned;
        let mut assigned = both(&seat.assigned, target);
        let mut revoking = without(&seat.assigned, target);
        let wanted = without(target, &assigned);
        let free: Vec<Part> = wanted.iter().copied().filter(|p| !self.taken.contains(p)).collect();
        let unreleased = free.len() < wanted.len();
        let (state, epoch) = if !still_has(owned, &revoking) {
            revoking.clear();
            assigned.extend(free);
            assigned.sort_unstable();
            (if unreleased { State::Unreleased } else { State::Stable }, self.target_epoch)
        } else {
            (State::Unrevoked, epoch)
        };
        let seat = &mut self.seats[place];
        for part in seat.assigned.iter().chain(&seat.revoking) {
            self.taken.remove(part);
        }
        self.taken.extend(assigned.iter().chain(&revoking));
        (seat.assigned, seat.revoking, seat.state) = (assigned, revoking, state);
        (seat.previous, seat.epoch) = (seat.epoch, epoch);
        seat.gives_up_by = Time::NEVER;
        if state == State::Unrevoked {
            seat.gives_up_by = now + self.rebalance;
            self.sooner = true;
        }
    }

    fn compute_target(&mut self, now: Time) {
        let members: Vec<MemberView> = self.seats.iter().map(|s| s.member.clone()).collect();
        let shares = self.assignor.assign(&AssignView { topics: &self.topics, members: &members });
        assert_eq!(shares.len(), self.seats.len(), "an assignor answers for every member");
        for (seat, share) in self.seats.iter_mut().zip(shares) {
            seat.member.owned = share;
        }
        self.target_epoch = self.group_epoch;
        (self.computed, self.compute_at) = (Some(now), Time::NEVER);
        self.count();
    }

    fn close_if_settled(&mut self) {
        if self.open && self.unsettled == 0 && self.target_epoch == self.group_epoch {
            self.open = false;
            self.said.push(Say::Stable(self.group_epoch));
        }
    }

    /// A commit must name the member's present epoch. It does not count as a sign of life.
    pub(super) fn commit(&self, who: Member, epoch: u32) -> Beat {
        match self.place_or_why(who) {
            Ok(place) if self.seats[place].epoch == epoch && !self.seats[place].away => Beat::Fine,
            Ok(_) => Beat::Stale,
            Err(why) => why,
        }
    }

    /// A heartbeat with epoch -1 arrives, or -2 from a static member, whose seat stays.
    pub(super) fn leave(&mut self, who: Member, cause: RebalanceCause) {
        let Some(place) = self.place(who) else { return };
        if self.seats[place].member.instance.is_none() {
            self.remove(place, cause);
            return;
        }
        let seat = &mut self.seats[place];
        seat.away = true;
        seat.gives_up_by = Time::NEVER;
        for part in seat.revoking.drain(..) {
            self.taken.remove(&part);
        }
        self.count();
        self.close_if_settled();
    }

    fn remove(&mut self, place: usize, cause: RebalanceCause) {
        let seat = self.seats.remove(place);
        for part in seat.assigned.iter().chain(&seat.revoking) {
            self.taken.remove(part);
        }
        if !seat.haunted {
            self.said.push(Say::Removed(seat.who, cause));
        }
        self.count();
        if self.seats.is_empty() {
            self.group_epoch += 1;
            self.open = false;
        } else {
            self.bump(cause);
        }
    }

    pub(super) fn timer(&mut self, now: Time) {
        self.sooner = true;
        while let Some(place) = self.seats.iter().position(|s| s.expires <= now) {
            self.remove(place, RebalanceCause::SessionTimeout);
        }
        while let Some(place) = self.seats.iter().position(|s| s.gives_up_by <= now) {
            self.remove(place, RebalanceCause::PollTimeout);
        }
        if self.compute_at <= now {
            self.compute_target(now);
        }
    }

    pub(super) fn due_sooner(&mut self) -> Option<Time> {
        std::mem::take(&mut self.sooner).then(|| {
            let seats = self.seats.iter().map(|s| s.expires.min(s.gives_up_by));
            seats.min().unwrap_or(Time::NEVER).min(self.compute_at)
        })
    }
}

#[cfg(test)]
impl Server {
    /// The state in short, with epochs and times as distances.
    pub(super) fn sketch(&self, now: Time, newest: u32, key: &mut String) {
        use std::fmt::Write;
        let left = |at: Time| if at == Time::NEVER { 99 } else { at.since(now).0 / 1_000_000_000 };
        let old = |epoch: u32| newest.saturating_sub(epoch).min(3);
        let ahead = (self.group_epoch.abs_diff(newest).min(3), self.group_epoch - self.target_epoch);
        write!(key, "{ahead:?} {}", left(self.compute_at)).unwrap();
        for s in &self.seats {
            let flags = (s.away, s.haunted, left(s.expires), left(s.gives_up_by), s.state);
            let epochs = (old(s.epoch), old(s.previous), s.epoch == 0, s.previous == 0);
            let parts = (&s.assigned, &s.revoking, &s.member.owned);
            write!(key, "|{} {flags:?} {epochs:?} {parts:?}", s.who.consumer.0).unwrap();
        }
    }
}

#[cfg(test)]
mod tests;
