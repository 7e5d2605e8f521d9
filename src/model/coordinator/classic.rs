//! Kafka's classic group protocol: JoinGroup and SyncGroup as barriers, sessions kept alive by heartbeats and
//! commits, a rebalance learned from a heartbeat's answer, static members.
//!
//! Leaves out several protocols in one group. Committed offsets are kept elsewhere.
//!
//! ```text
//!            join                 all joined, or timeout        leader synced
//!  Empty ───────────► Preparing ───────────────────► Completing ─────────────► Stable
//!    ▲                    ▲  ▲                            │                      │
//!    └── last one left ───┘  └──────── join, leave, session or sync timeout ─────┘
//! ```
//!
//! A member whose SyncGroup waits, or comes, when the group prepares anew is sent back to join. A static member
//! that comes back with another number takes the place it had: without a rebalance if the group is stable.

use super::{Beat, Joiner, Member, Say, Times};
use crate::engine::{Span, Time};
use crate::model::assignment::{AssignView, Assignor, MemberView, Part};
use crate::model::cause::RebalanceCause;
use crate::model::ids::{ConsumerId, TopicId};
use std::rc::Rc;

/// See the module's diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody is a member.
    Empty,
    /// Waiting for members to (re)join.
    Preparing,
    /// Waiting for the leader's assignment.
    Completing,
    /// Everybody has one, or gets it on request.
    Stable,
}

/// A member's seat in the group.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// Who sits there.
    pub(super) who: Member,
    /// What it got.
    pub(super) assigned: Vec<Part>,
    member: MemberView,
    joined: bool,
    synced: bool,
    /// Its session ends then.
    expires: Time,
    /// An earlier membership of its consumer; the one that holds now has a seat of its own.
    haunted: bool,
}

impl Seat {
    fn is_static(&self) -> bool {
        self.member.instance.is_some()
    }
}

/// See the module's text.
#[derive(Clone)]
pub(super) struct Classic {
    /// Current generation; 0 before the first.
    pub(super) generation: u32,
    pub(super) phase: Phase,
    /// What was said and not yet heard.
    pub(super) said: Vec<Say>,
    seats: Vec<Seat>,
    /// Where each consumer sits with its present membership, or `u32::MAX`.
    place_of: Vec<u32>,
    /// Newcomers that were given a member id and have not joined with it, and until when they may.
    named: Vec<(Member, Time)>,
    /// How many seats have not joined, and how many have not synced.
    unjoined: usize,
    unsynced: usize,
    /// The leader has heard of more partitions than it gave out.
    wider: bool,
    /// Something may be due earlier than was last said.
    sooner: bool,
    leader: Option<Member>,
    deadline: Time,
    /// The first generation's wait, and whether someone new came since it was last extended.
    initial: Option<(Time, bool)>,
    assignor: Rc<dyn Assignor>,
    topics: Vec<(TopicId, u32)>,
    session: Span,
    rebalance: Span,
    initial_delay: Span,
}

impl Classic {
    pub(super) fn new(assignor: Box<dyn Assignor>, topics: Vec<(TopicId, u32)>, times: &Times) -> Self {
        Classic {
            generation: 0,
            phase: Phase::Empty,
            said: Vec::new(),
            seats: Vec::new(),
            place_of: Vec::new(),
            named: Vec::new(),
            unjoined: 0,
            unsynced: 0,
            wider: false,
            sooner: false,
            leader: None,
            deadline: Time::NEVER,
            initial: None,
            assignor: assignor.into(),
            topics,
            session: times.session,
            rebalance: times.rebalance,
            initial_delay: times.initial_delay,
        }
    }

    /// Whether members keep what they own during a rebalance.
    pub(super) fn cooperative(&self) -> bool {
        self.assignor.cooperative()
    }
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }
    pub(super) fn seat(&self, who: Member) -> Option<&Seat> {
        self.place(who).map(|place| &self.seats[place])
    }
    fn place(&self, who: Member) -> Option<usize> {
        self.present(who.consumer).filter(|place| self.seats[*place].who == who)
    }
    /// Where a consumer sits, whatever its number.
    fn present(&self, consumer: ConsumerId) -> Option<usize> {
        self.place_of
            .get(consumer.index())
            .map(|place| *place as usize)
            .filter(|place| *place < self.seats.len())
    }
    /// Where a member sits, or what to tell who is none.
    fn place_or_why(&self, who: Member) -> Result<usize, Beat> {
        let present = self.present(who.consumer);
        let fenced =
            present.is_some_and(|p| self.seats[p].is_static() && self.seats[p].who.number > who.number);
        self.place(who).ok_or(if fenced { Beat::Fenced } else { Beat::Unknown })
    }
    /// The seats have changed: counts anew, and notes who sits where.
    fn count(&mut self) {
        self.place_of.fill(u32::MAX);
        for (place, seat) in (0..).zip(&self.seats) {
            if !seat.haunted {
                self.place_of[seat.who.consumer.index()] = place;
            }
        }
        self.unjoined = self.seats.iter().filter(|s| !s.joined).count();
        self.unsynced = self.seats.iter().filter(|s| !s.synced).count();
    }

    pub(super) fn form(&mut self, members: Vec<Joiner>, now: Time) {
        for member in members {
            self.sit(member, now);
        }
        self.leader = self.seats.first().map(|s| s.who);
        self.generation = 1;
        // A cooperative group may need no second round here: nobody owns anything yet.
        self.assign();
        self.phase = if self.seats.is_empty() { Phase::Empty } else { Phase::Stable };
        self.seats.iter_mut().for_each(|s| s.synced = true);
        self.unsynced = 0;
        self.sooner = true;
    }

    fn sit(&mut self, joiner: Joiner, now: Time) {
        let topics: Vec<TopicId> = self.topics.iter().map(|(t, _)| *t).collect();
        let Joiner { who, id, instance, owned, since } = joiner;
        let member = MemberView { id, instance, topics, owned, generation: since };
        let expires = now + self.session;
        if let Some(place) = self.present(who.consumer) {
            self.seats[place].haunted = true;
        }
        if self.place_of.len() <= who.consumer.index() {
            self.place_of.resize(who.consumer.index() + 1, u32::MAX);
        }
        self.place_of[who.consumer.index()] = self.seats.len() as u32;
        self.unsynced += 1;
        self.seats.push(Seat {
            who,
            assigned: Vec::new(),
            member,
            joined: true,
            synced: false,
            expires,
            haunted: false,
        });
    }

    pub(super) fn greet(&mut self, who: Member, now: Time) {
        self.named.retain(|(member, _)| *member != who);
        self.named.push((who, now + self.session));
        self.said.push(Say::Named(who));
        self.sooner = true;
    }

    pub(super) fn join(&mut self, joiner: Joiner, now: Time) -> Beat {
        let who = joiner.who;
        self.named.retain(|(member, _)| *member != who);
        let known = self.place(who);
        let cause = match known {
            Some(_) if self.wider && self.leader == Some(who) => RebalanceCause::PartitionsAdded,
            Some(_) => RebalanceCause::FollowUp,
            None => RebalanceCause::Join,
        };
        let before = self.present(who.consumer).filter(|p| self.seats[*p].is_static());
        if let Some(place) = known {
            let expires = now + self.session;
            let lead = self.phase == Phase::Stable && self.leader == Some(who);
            let seat = &mut self.seats[place];
            let nothing_new = seat.member.owned == joiner.owned && seat.member.generation == joiner.since;
            (seat.member.owned, seat.member.generation) = (joiner.owned, joiner.since);
            self.unjoined -= usize::from(!seat.joined);
            (seat.joined, seat.expires) = (true, expires);
            if nothing_new && !lead && matches!(self.phase, Phase::Completing | Phase::Stable) {
                // It asks once more because the answer was lost.
                self.said.push(Say::Joined(who));
                return Beat::Fine;
            }
        } else if let Some(place) = before {
            if self.seats[place].who.number > who.number {
                return Beat::Fenced;
            }
            self.take_seat_again(place, joiner, now);
            if self.phase == Phase::Stable {
                self.said.push(Say::Joined(who));
                return Beat::Fine;
            }
        } else if joiner.since != -1 || !joiner.owned.is_empty() {
            // It was put out and has not heard of it: what it has, others may have by now.
            return Beat::Unknown;
        } else {
            // An earlier membership of the same consumer keeps its seat until its session ends.
            if let Some((_, newcomer)) = &mut self.initial {
                *newcomer = true;
            }
            self.sit(joiner, now);
        }
        match self.phase {
            Phase::Empty => {
                self.phase = Phase::Preparing;
                self.said.push(Say::Began(cause));
                self.initial = Some((now + self.rebalance, false));
                self.deadline = now + self.initial_delay;
                self.sooner = true;
            }
            Phase::Preparing => self.complete_if_all_joined(now),
            Phase::Completing | Phase::Stable => {
                self.begin(cause, now);
                let place = self.place(who).expect("it sits by now");
                self.seats[place].joined = true;
                self.unjoined -= 1;
                self.complete_if_all_joined(now);
            }
        }
        Beat::Fine
    }

    /// A static member is back, as another process: the one before is fenced, and what it got stands.
    fn take_seat_again(&mut self, place: usize, joiner: Joiner, now: Time) {
        let seat = &mut self.seats[place];
        if self.leader == Some(seat.who) {
            self.leader = Some(joiner.who);
        }
        seat.who = joiner.who;
        seat.member.id = joiner.id;
        (seat.member.owned, seat.member.generation) = (joiner.owned, joiner.since);
        seat.expires = now + self.session;
        if self.phase == Phase::Preparing {
            self.unjoined -= usize::from(!seat.joined);
            seat.joined = true;
        }
        if self.phase == Phase::Completing {
            // The sync that waits is that of the process before: nobody is there to be sent back.
            self.unsynced += usize::from(std::mem::replace(&mut seat.synced, false));
        }
    }

    pub(super) fn widen(&mut self, topic: TopicId, partitions: u32) -> Option<ConsumerId> {
        let entry = self.topics.iter_mut().find(|(t, _)| *t == topic)?;
        entry.1 = partitions;
        self.wider = self.phase == Phase::Stable;
        let leader = self.leader.filter(|leader| self.wider && self.seat(*leader).is_some());
        leader.map(|leader| leader.consumer)
    }

    fn begin(&mut self, cause: RebalanceCause, now: Time) {
        self.said.push(Say::Began(cause));
        let unanswered = self.phase == Phase::Completing;
        self.phase = Phase::Preparing;
        self.wider = false;
        self.initial = None;
        self.deadline = now + self.rebalance;
        for seat in &mut self.seats {
            if unanswered && seat.synced {
                // Its session did not count while it waited.
                seat.expires = now + self.session;
                if !seat.haunted {
                    self.said.push(Say::SentBack(seat.who));
                }
            }
            (seat.joined, seat.synced) = (false, false);
        }
        (self.unjoined, self.unsynced) = (self.seats.len(), self.seats.len());
        self.sooner = true;
    }

    fn complete_if_all_joined(&mut self, now: Time) {
        if self.initial.is_none() && self.unjoined == 0 && self.named.is_empty() {
            self.complete(now);
        }
    }

    /// Everybody has joined, or time is up: who is away and not static is out.
    fn complete(&mut self, now: Time) {
        self.remove(RebalanceCause::PollTimeout, |s| !s.joined && !s.is_static());
        self.initial = None;
        if self.seats.is_empty() {
            self.is_deserted();
            return;
        }
        let Some(first) = self.seats.iter().find(|s| s.joined).map(|s| s.who) else {
            // Only static members, and all of them away: their sessions will end, or they come back.
            self.deadline = now + self.rebalance;
            self.sooner = true;
            return;
        };
        self.generation += 1;
        self.phase = Phase::Completing;
        self.deadline = now + self.rebalance;
        if self.leader.and_then(|l| self.seat(l)).is_none_or(|seat| !seat.joined) {
            self.leader = Some(first);
        }
        let expires = now + self.session;
        for seat in &mut self.seats {
            (seat.synced, seat.expires) = (false, expires);
            if !seat.haunted && seat.joined {
                self.said.push(Say::Joined(seat.who));
            }
        }
        self.unsynced = self.seats.len();
        self.sooner = true;
    }

    pub(super) fn sync(&mut self, who: Member, generation: u32, now: Time) -> Beat {
        let place = match self.place_or_why(who) {
            Ok(place) => place,
            Err(why) => return why,
        };
        if generation != self.generation || self.phase == Phase::Preparing {
            return Beat::Rejoin;
        }
        let seat = &mut self.seats[place];
        let first = !std::mem::replace(&mut seat.synced, true);
        seat.expires = now + self.session;
        self.unsynced -= usize::from(first);
        if self.phase == Phase::Stable {
            self.said.push(Say::Assigned(who));
        } else if self.leader == Some(who) {
            self.assign();
            self.phase = Phase::Stable;
            self.said.push(Say::Stable(self.generation));
            // Who has waited for this has not beaten meanwhile.
            let expires = now + self.session;
            for seat in self.seats.iter_mut().filter(|s| s.synced) {
                seat.expires = expires;
                if !seat.haunted {
                    self.said.push(Say::Assigned(seat.who));
                }
            }
            self.sooner = true;
        }
        if self.unsynced == 0 {
            self.deadline = Time::NEVER;
        }
        Beat::Fine
    }

    fn assign(&mut self) {
        let members: Vec<MemberView> = self.seats.iter().map(|s| s.member.clone()).collect();
        let shares = self.assignor.assign(&AssignView { topics: &self.topics, members: &members });
        assert_eq!(shares.len(), self.seats.len(), "an assignor answers for every member");
        for (seat, share) in self.seats.iter_mut().zip(shares) {
            seat.assigned = share;
        }
    }

    pub(super) fn heartbeat(&mut self, who: Member, generation: u32, now: Time) -> Beat {
        let place = match self.place_or_why(who) {
            Ok(place) => place,
            Err(why) => return why,
        };
        if generation != self.generation {
            return Beat::Unknown;
        }
        self.seats[place].expires = now + self.session;
        if self.phase == Phase::Preparing { Beat::Rejoin } else { Beat::Fine }
    }

    /// Like a heartbeat a commit keeps the session alive (seen on a real broker: takeover comes one session after
    /// the last commit).
    pub(super) fn commit(&mut self, who: Member, generation: u32, now: Time) -> Beat {
        let place = match self.place_or_why(who) {
            Ok(place) => place,
            Err(why) => return why,
        };
        if generation != self.generation || self.phase == Phase::Completing {
            return Beat::Rejoin;
        }
        self.seats[place].expires = now + self.session;
        Beat::Fine
    }

    pub(super) fn leave(&mut self, who: Member, cause: RebalanceCause, now: Time) {
        if self.place(who).is_some() {
            self.remove(cause, |s| s.who == who);
            self.after_removal(cause, now);
        } else if self.named.iter().any(|(member, _)| *member == who) {
            self.forget_named(now, |(member, _)| *member == who);
        }
    }

    /// Takes these seats away. Of an earlier membership nobody needs to hear.
    fn remove(&mut self, cause: RebalanceCause, gone: impl Fn(&Seat) -> bool) {
        let leavers = self.seats.iter().filter(|s| gone(s) && !s.haunted);
        self.said.extend(leavers.map(|s| Say::Removed(s.who, cause)));
        self.seats.retain(|s| !gone(s));
        self.count();
    }

    fn forget_named(&mut self, now: Time, gone: impl Fn(&(Member, Time)) -> bool) {
        let before = self.named.len();
        self.named.retain(|named| !gone(named));
        if self.named.len() < before && self.phase == Phase::Preparing && !self.seats.is_empty() {
            self.complete_if_all_joined(now);
        }
    }

    fn is_deserted(&mut self) {
        self.phase = Phase::Empty;
        self.deadline = Time::NEVER;
        self.initial = None;
    }

    fn after_removal(&mut self, cause: RebalanceCause, now: Time) {
        if self.seats.is_empty() {
            self.is_deserted();
            return;
        }
        match self.phase {
            Phase::Stable | Phase::Completing => self.begin(cause, now),
            Phase::Preparing => self.complete_if_all_joined(now),
            Phase::Empty => {}
        }
    }

    /// Whether a seat's session counts down: not while its JoinGroup or SyncGroup waits for an answer.
    fn counts_down(&self, seat: &Seat) -> bool {
        match self.phase {
            Phase::Preparing => !seat.joined,
            Phase::Completing => !seat.synced,
            Phase::Empty | Phase::Stable => true,
        }
    }

    pub(super) fn timer(&mut self, now: Time) {
        self.sooner = true;
        self.forget_named(now, |(_, until)| *until <= now);
        while let Some(i) = self.seats.iter().position(|s| s.expires <= now && self.counts_down(s)) {
            let who = self.seats[i].who;
            self.remove(RebalanceCause::SessionTimeout, |s| s.who == who);
            self.after_removal(RebalanceCause::SessionTimeout, now);
        }
        if now < self.deadline {
            return;
        }
        match (self.phase, self.initial) {
            (Phase::Preparing, Some((limit, true))) if now < limit => {
                self.initial = Some((limit, false));
                self.deadline = limit.min(now + self.initial_delay);
            }
            (Phase::Preparing, _) => self.complete(now),
            (Phase::Completing | Phase::Stable, _) => {
                self.deadline = Time::NEVER;
                self.remove(RebalanceCause::SyncTimeout, |s| !s.synced);
                self.after_removal(RebalanceCause::SyncTimeout, now);
            }
            (Phase::Empty, _) => self.deadline = Time::NEVER,
        }
    }

    pub(super) fn due_sooner(&mut self) -> Option<Time> {
        std::mem::take(&mut self.sooner).then(|| self.next_due())
    }
    fn next_due(&self) -> Time {
        let sessions = self.seats.iter().filter(|s| self.counts_down(s)).map(|s| s.expires);
        let named = self.named.iter().map(|(_, until)| *until);
        sessions.chain(named).min().unwrap_or(Time::NEVER).min(self.deadline)
    }
}

#[cfg(test)]
impl Classic {
    /// The state in short, with generations and times as distances.
    pub(super) fn sketch(&self, now: Time, newest: u32, key: &mut String) {
        use std::fmt::Write;
        let left = |at: Time| if at == Time::NEVER { 99 } else { at.since(now).0 / 1_000_000_000 };
        let old = |g: i64| (i64::from(newest) - g).min(3);
        write!(
            key,
            "{:?} {:?} {} {:?}",
            self.phase,
            self.initial.map(|(t, n)| (left(t), n)),
            left(self.deadline),
            { self.leader.and_then(|l| self.place(l)) }
        )
        .unwrap();
        for s in &self.seats {
            let (owned, since) = (&s.member.owned, old(s.member.generation));
            let flags = (s.joined, s.synced, s.haunted, left(s.expires));
            write!(key, "|{} {flags:?} {:?} {owned:?} {since}", s.who.consumer.0, s.assigned).unwrap();
        }
    }
}
#[cfg(test)]
mod tests;
