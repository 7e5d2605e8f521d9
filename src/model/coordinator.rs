//! The group coordinator: membership, generations, and the group's committed offsets.
//!
//! Kafka's classic group protocol: JoinGroup and SyncGroup as barriers, sessions kept alive by heartbeats
//! and commits, a rebalance learned from a heartbeat's answer, offsets that expire. Leaves out: static
//! members, several protocols in one group. It knows members by id; wires and consumers are the world's
//! business.
//!
//! ```text
//!            join                 all joined, or timeout        leader synced
//!  Empty ───────────► Preparing ───────────────────► Completing ─────────────► Stable
//!    ▲                    ▲  ▲                            │                      │
//!    └── last one left ───┘  └──────── join, leave, session or sync timeout ─────┘
//! ```
//!
//! A member whose SyncGroup waits, or comes, when the group prepares anew is sent back to join.

use crate::engine::{Span, Time};
use crate::model::assignment::{AssignView, Assignor, MemberView, Part};
use crate::model::cause::RebalanceCause;
use crate::model::ids::{ConsumerId, Offset, TopicId};

/// See the module's diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody is a member.
    Empty,
    /// Waiting for members to (re)join.
    Preparing,
    /// Waiting for the leader's assignment.
    Completing,
    /// Everybody has one, or gets it on request.
    Stable,
}

/// What the coordinator says in answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    /// A rebalance begins.
    Began(RebalanceCause),
    /// To a member: the generation is complete, now sync.
    Joined(ConsumerId),
    /// To a member: your assignment is ready.
    Assigned(ConsumerId),
    /// To a member whose sync waits: the generation will not be completed, join again.
    SentBack(ConsumerId),
    /// The generation is stable.
    Stable(u32),
    /// The group was without members for too long: nothing is committed any more.
    Forgot,
    /// A member was put out, for this reason.
    Removed(ConsumerId, RebalanceCause),
}

/// The answer to a heartbeat, or to a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// All is well.
    Fine,
    /// REBALANCE_IN_PROGRESS: join again.
    Rejoin,
    /// UNKNOWN_MEMBER_ID or ILLEGAL_GENERATION: you are out.
    Unknown,
}

/// A member's seat in the group.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Who sits there.
    pub consumer: ConsumerId,
    /// What it got.
    pub assigned: Vec<Part>,
    member: MemberView,
    joined: bool,
    synced: bool,
    /// Its session ends then.
    expires: Time,
    /// An earlier life of its consumer sat here; the one that runs now has a seat of its own.
    haunted: bool,
}

/// See the module's text.
pub struct Coordinator {
    /// Current generation; 0 before the first.
    pub generation: u32,
    /// Where it stands.
    pub phase: Phase,
    seats: Vec<Seat>,
    /// Where each consumer sits with its present life, or `u32::MAX`.
    place_of: Vec<u32>,
    /// How many seats have not joined, and how many have not synced.
    unjoined: usize,
    unsynced: usize,
    /// The leader has heard of more partitions than it gave out.
    wider: bool,
    /// Something may be due earlier than was last said.
    sooner: bool,
    leader: Option<ConsumerId>,
    deadline: Time,
    /// The first generation's wait, and whether someone new came since it was last extended.
    initial: Option<(Time, bool)>,
    assignor: Box<dyn Assignor>,
    topics: Vec<(TopicId, u32)>,
    session: Span,
    rebalance: Span,
    initial_delay: Span,
    offsets: Vec<Option<Offset>>,
    offsets_retention: Span,
    /// Since when nobody is a member.
    empty_since: Time,
    said: Vec<Say>,
}

impl Coordinator {
    /// For a group that reads `topics` (with their numbers of partitions, which may grow to `room` in all) and
    /// forgets its offsets after `offsets_retention` without members.
    pub fn new(
        assignor: Box<dyn Assignor>,
        topics: Vec<(TopicId, u32)>,
        session: Span,
        rebalance: Span,
        initial_delay: Span,
        offsets_retention: Span,
        room: usize,
    ) -> Self {
        Coordinator {
            generation: 0,
            phase: Phase::Empty,
            seats: Vec::new(),
            place_of: Vec::new(),
            unjoined: 0,
            unsynced: 0,
            wider: false,
            sooner: false,
            leader: None,
            deadline: Time::NEVER,
            initial: None,
            assignor,
            topics,
            session,
            rebalance,
            initial_delay,
            offsets: vec![None; room],
            offsets_retention,
            empty_since: Time::ZERO,
            said: Vec::new(),
        }
    }

    /// Whether members keep what they own during a rebalance.
    pub fn cooperative(&self) -> bool {
        self.assignor.cooperative()
    }
    /// What was said since the last call, in order.
    pub fn said(&mut self) -> Vec<Say> {
        std::mem::take(&mut self.said)
    }
    /// The seat of a member's present life.
    pub fn seat(&self, consumer: ConsumerId) -> Option<&Seat> {
        self.place(consumer).map(|place| &self.seats[place])
    }
    fn seat_mut(&mut self, consumer: ConsumerId) -> Option<&mut Seat> {
        self.place(consumer).map(|place| &mut self.seats[place])
    }
    fn place(&self, consumer: ConsumerId) -> Option<usize> {
        self.place_of
            .get(consumer.index())
            .map(|place| *place as usize)
            .filter(|place| *place < self.seats.len())
    }
    /// The seats have changed: counts anew, and notes who sits where.
    fn count(&mut self) {
        self.place_of.fill(u32::MAX);
        for (place, seat) in (0..).zip(&self.seats) {
            if !seat.haunted {
                self.place_of[seat.consumer.index()] = place;
            }
        }
        self.unjoined = self.seats.iter().filter(|s| !s.joined).count();
        self.unsynced = self.seats.iter().filter(|s| !s.synced).count();
    }
    /// How many members there are.
    pub fn members(&self) -> usize {
        self.seats.len()
    }

    /// The group exists already, with these members and nothing committed: no rebalance is played.
    pub fn form(&mut self, members: Vec<(ConsumerId, String)>, now: Time) {
        for (consumer, id) in members {
            self.sit(consumer, id, Vec::new(), -1, now);
        }
        self.leader = self.seats.first().map(|s| s.consumer);
        self.generation = 1;
        // A cooperative group may need no second round here: nobody owns anything yet.
        self.assign();
        self.phase = Phase::Stable;
        self.seats.iter_mut().for_each(|s| s.synced = true);
        self.unsynced = 0;
        self.sooner = true;
    }

    fn sit(&mut self, consumer: ConsumerId, id: String, owned: Vec<Part>, generation: i64, now: Time) {
        let topics: Vec<TopicId> = self.topics.iter().map(|(t, _)| *t).collect();
        let member = MemberView { id, instance: None, topics, owned, generation };
        let expires = now + self.session;
        if let Some(seat) = self.seat_mut(consumer) {
            seat.haunted = true;
        }
        if self.place_of.len() <= consumer.index() {
            self.place_of.resize(consumer.index() + 1, u32::MAX);
        }
        self.place_of[consumer.index()] = self.seats.len() as u32;
        self.unsynced += 1;
        self.seats.push(Seat {
            consumer,
            assigned: Vec::new(),
            member,
            joined: true,
            synced: false,
            expires,
            haunted: false,
        });
    }

    /// JoinGroup arrives: from a new member, or from one that joins again with what it owns.
    pub fn join(&mut self, consumer: ConsumerId, id: String, owned: Vec<Part>, generation: i64, now: Time) {
        let known = self.place(consumer).filter(|place| self.seats[*place].member.id == id);
        if known.is_none() {
            // An earlier life of the same consumer keeps its seat until its session ends: it has another id.
            if let Some((_, newcomer)) = &mut self.initial {
                *newcomer = true;
            }
        }
        let wider = self.wider && known.is_some() && self.leader == Some(consumer);
        let cause = match known {
            Some(_) if wider => RebalanceCause::PartitionsAdded,
            Some(_) => RebalanceCause::FollowUp,
            None => RebalanceCause::Join,
        };
        match known {
            Some(i) => {
                let expires = now + self.session;
                let seat = &mut self.seats[i];
                let nothing_new = seat.member.owned == owned && seat.member.generation == generation;
                (seat.member.owned, seat.member.generation) = (owned, generation);
                self.unjoined -= usize::from(!seat.joined);
                (seat.joined, seat.expires) = (true, expires);
                if nothing_new && !wider && matches!(self.phase, Phase::Completing | Phase::Stable) {
                    // It asks once more because the answer was lost.
                    self.said.push(Say::Joined(consumer));
                    return;
                }
            }
            None => self.sit(consumer, id, owned, generation, now),
        }
        match self.phase {
            Phase::Empty => {
                let late = now.since(self.empty_since) >= self.offsets_retention;
                if late && self.offsets.iter().any(Option::is_some) {
                    self.offsets.fill(None);
                    self.said.push(Say::Forgot);
                }
                self.phase = Phase::Preparing;
                self.said.push(Say::Began(cause));
                self.initial = Some((now + self.rebalance, false));
                self.deadline = now + self.initial_delay;
                self.sooner = true;
            }
            Phase::Preparing => self.complete_if_all_joined(now),
            Phase::Completing | Phase::Stable => {
                self.begin(cause, now);
                let seat = self.seat_mut(consumer).expect("it sits by now");
                seat.joined = true;
                self.unjoined -= 1;
                self.complete_if_all_joined(now);
            }
        }
    }

    fn begin(&mut self, cause: RebalanceCause, now: Time) {
        self.said.push(Say::Began(cause));
        let unanswered = self.phase == Phase::Completing;
        self.phase = Phase::Preparing;
        self.wider = false;
        self.initial = None;
        self.deadline = now + self.rebalance;
        for seat in &mut self.seats {
            if unanswered && seat.synced && !seat.haunted {
                self.said.push(Say::SentBack(seat.consumer));
            }
            (seat.joined, seat.synced) = (false, false);
        }
        (self.unjoined, self.unsynced) = (self.seats.len(), self.seats.len());
        self.sooner = true;
    }

    fn complete_if_all_joined(&mut self, now: Time) {
        if self.initial.is_none() && self.unjoined == 0 {
            self.complete(now);
        }
    }

    fn complete(&mut self, now: Time) {
        self.remove(RebalanceCause::PollTimeout, |s| !s.joined);
        self.initial = None;
        if self.seats.is_empty() {
            self.is_empty(now);
            return;
        }
        self.generation += 1;
        self.phase = Phase::Completing;
        self.deadline = now + self.rebalance;
        if self.leader.is_none_or(|l| self.seat(l).is_none()) {
            self.leader = self.seats.first().map(|s| s.consumer);
        }
        let expires = now + self.session;
        for seat in &mut self.seats {
            (seat.synced, seat.expires) = (false, expires);
            if !seat.haunted {
                self.said.push(Say::Joined(seat.consumer));
            }
        }
        self.unsynced = self.seats.len();
        self.sooner = true;
    }

    /// SyncGroup arrives. The leader's brings the assignment; the others' wait for it.
    pub fn sync(&mut self, consumer: ConsumerId, generation: u32, now: Time) -> Beat {
        let (phase, session, current) = (self.phase, self.session, self.generation);
        let Some(seat) = self.seat_mut(consumer) else { return Beat::Unknown };
        if generation != current || phase == Phase::Preparing {
            return Beat::Rejoin;
        }
        let first = !std::mem::replace(&mut seat.synced, true);
        seat.expires = now + session;
        self.unsynced -= usize::from(first);
        if phase == Phase::Stable {
            self.said.push(Say::Assigned(consumer));
        } else if self.leader == Some(consumer) {
            self.assign();
            self.phase = Phase::Stable;
            self.said.push(Say::Stable(self.generation));
            let synced = self.seats.iter().filter(|s| s.synced && !s.haunted);
            self.said.extend(synced.map(|s| Say::Assigned(s.consumer)));
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

    /// A heartbeat arrives.
    pub fn heartbeat(&mut self, consumer: ConsumerId, generation: u32, now: Time) -> Beat {
        let (session, current, phase) = (self.session, self.generation, self.phase);
        let Some(seat) = self.seat_mut(consumer) else { return Beat::Unknown };
        if generation != current {
            return Beat::Unknown;
        }
        seat.expires = now + session;
        if phase == Phase::Preparing { Beat::Rejoin } else { Beat::Fine }
    }

    /// Whether an offset commit of this member and generation is accepted. Like a heartbeat it keeps the
    /// session alive (seen on a real broker: takeover comes one session after the last commit).
    pub fn accepts_commit(&mut self, consumer: ConsumerId, generation: u32, now: Time) -> bool {
        let (session, current, phase) = (self.session, self.generation, self.phase);
        let Some(seat) = self.seat_mut(consumer) else { return false };
        if generation != current || phase == Phase::Completing {
            return false;
        }
        seat.expires = now + session;
        true
    }
    /// Committed offset of the group's `index`-th partition.
    #[inline]
    pub fn offset(&self, index: usize) -> Option<Offset> {
        self.offsets[index]
    }
    /// Sets it.
    pub fn set_offset(&mut self, index: usize, offset: Offset) {
        self.offsets[index] = Some(offset);
    }

    /// The members hear that a topic has so many partitions, of which the next assignment takes account. Kafka's
    /// leader compares with what its assignment was made from, and joins again; who that is, if it has to.
    pub fn widen(&mut self, topic: TopicId, partitions: u32) -> Option<ConsumerId> {
        let entry = self.topics.iter_mut().find(|(t, _)| *t == topic)?;
        entry.1 = partitions;
        self.wider = self.phase == Phase::Stable;
        self.leader.filter(|leader| self.wider && self.seat(*leader).is_some())
    }

    /// LeaveGroup arrives.
    pub fn leave(&mut self, consumer: ConsumerId, cause: RebalanceCause, now: Time) {
        if self.seat(consumer).is_some() {
            self.remove(cause, |s| s.consumer == consumer && !s.haunted);
            self.after_removal(cause, now);
        }
    }

    /// Takes these seats away. Of an earlier life nobody needs to hear.
    fn remove(&mut self, cause: RebalanceCause, gone: impl Fn(&Seat) -> bool) {
        let leavers = self.seats.iter().filter(|s| gone(s) && !s.haunted);
        self.said.extend(leavers.map(|s| Say::Removed(s.consumer, cause)));
        self.seats.retain(|s| !gone(s));
        self.count();
    }

    fn is_empty(&mut self, now: Time) {
        self.phase = Phase::Empty;
        self.empty_since = now;
        self.deadline = Time::NEVER;
        self.initial = None;
    }

    fn after_removal(&mut self, cause: RebalanceCause, now: Time) {
        if self.seats.is_empty() {
            self.is_empty(now);
            return;
        }
        match self.phase {
            Phase::Stable | Phase::Completing => self.begin(cause, now),
            Phase::Preparing => self.complete_if_all_joined(now),
            Phase::Empty => {}
        }
    }

    /// Whether a seat's session counts down: not while its JoinGroup waits for an answer.
    fn counts_down(&self, seat: &Seat) -> bool {
        !(self.phase == Phase::Preparing && seat.joined)
    }

    /// Does what is due at `now`.
    pub fn timer(&mut self, now: Time) {
        self.sooner = true;
        while let Some(i) = self.seats.iter().position(|s| s.expires <= now && self.counts_down(s)) {
            let id = self.seats[i].member.id.clone();
            self.remove(RebalanceCause::SessionTimeout, |s| s.member.id == id);
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

    /// When something is due next, if that may be earlier than when this was last asked.
    pub fn due_sooner(&mut self) -> Option<Time> {
        std::mem::take(&mut self.sooner).then(|| self.next_due())
    }
    fn next_due(&self) -> Time {
        let sessions = self.seats.iter().filter(|s| self.counts_down(s)).map(|s| s.expires).min();
        self.deadline.min(sessions.unwrap_or(Time::NEVER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::assignment;
    use crate::model::catalog::{Args, Choice};

    const A: ConsumerId = ConsumerId(0);
    const B: ConsumerId = ConsumerId(1);
    const C: ConsumerId = ConsumerId(2);

    fn at(seconds: u64) -> Time {
        Time::ZERO + Span::from_secs(seconds)
    }

    /// Sessions of 45 s, 10 s for a rebalance, 3 s for the first one, 100 s for offsets without members.
    fn coordinator() -> Coordinator {
        let range = Choice::of(assignment::MEMBERS, "range", Args(Vec::new())).build();
        let spans = [45, 10, 3, 100].map(Span::from_secs);
        Coordinator::new(range, vec![(TopicId(0), 3)], spans[0], spans[1], spans[2], spans[3], 6)
    }

    fn join(group: &mut Coordinator, who: ConsumerId, now: u64) -> Vec<Say> {
        group.join(who, format!("member-{}", who.0), Vec::new(), -1, at(now));
        group.said()
    }

    /// These have joined and wait to sync, since second 6.
    fn completing(members: &[ConsumerId]) -> Coordinator {
        let mut group = coordinator();
        for who in members {
            join(&mut group, *who, 0);
        }
        group.timer(at(3));
        group.timer(at(6));
        assert_eq!((group.phase, group.generation), (Phase::Completing, 1));
        group.said();
        group
    }

    #[test]
    fn who_waits_for_an_assignment_that_will_not_come_is_sent_back() {
        let mut group = completing(&[A, B]);
        // The follower's sync waits for the leader's, and the leader's comes too late.
        assert_eq!((group.sync(B, 1, at(6)), group.said()), (Beat::Fine, vec![]));
        assert_eq!(join(&mut group, C, 7), [Say::Began(RebalanceCause::Join), Say::SentBack(B)]);
        assert_eq!((group.sync(A, 1, at(8)), group.said()), (Beat::Rejoin, vec![]));
        join(&mut group, A, 8);
        assert_eq!(join(&mut group, B, 9), [A, B, C].map(Say::Joined));
        // A sync of the generation before, and one of nobody.
        assert_eq!(group.sync(A, 1, at(9)), Beat::Rejoin);
        assert_eq!(group.sync(ConsumerId(9), 2, at(9)), Beat::Unknown);
        assert_eq!(group.sync(A, 2, at(9)), Beat::Fine);
        assert_eq!(group.said(), [Say::Stable(2), Say::Assigned(A)]);
    }

    #[test]
    fn an_answer_that_was_lost_is_given_again() {
        let mut group = completing(&[A, B]);
        assert_eq!(join(&mut group, B, 7), [Say::Joined(B)]);
        assert_eq!(group.sync(A, 1, at(7)), Beat::Fine);
        group.said();
        assert_eq!(join(&mut group, B, 8), [Say::Joined(B)]);
        assert_eq!((group.phase, group.generation), (Phase::Stable, 1));
        assert_eq!((group.sync(B, 1, at(9)), group.said()), (Beat::Fine, vec![Say::Assigned(B)]));
    }

    #[test]
    fn who_does_not_sync_in_time_is_put_out() {
        let out = |who| vec![Say::Removed(who, RebalanceCause::SyncTimeout)];
        // A follower, when the others work already.
        let mut group = completing(&[A, B]);
        assert_eq!(group.sync(A, 1, at(7)), Beat::Fine);
        group.said();
        assert_eq!(group.due_sooner(), Some(at(16)));
        group.timer(at(16));
        let mut expected = out(B);
        expected.push(Say::Began(RebalanceCause::SyncTimeout));
        assert_eq!(group.said(), expected);
        // The leader, for which the follower has waited.
        let mut group = completing(&[A, B]);
        assert_eq!(group.sync(B, 1, at(7)), Beat::Fine);
        group.timer(at(16));
        let mut expected = out(A);
        expected.extend([Say::Began(RebalanceCause::SyncTimeout), Say::SentBack(B)]);
        assert_eq!(group.said(), expected);
        // Nobody, once all have.
        let mut group = completing(&[A, B]);
        assert_eq!((group.sync(A, 1, at(7)), group.sync(B, 1, at(8))), (Beat::Fine, Beat::Fine));
        assert_eq!(group.due_sooner(), Some(at(7 + 45)));
    }

    #[test]
    fn only_the_leader_joins_again_for_more_partitions() {
        let mut group = completing(&[A, B]);
        // While the leader has not synced yet, it gives out what it knows of then.
        assert_eq!(group.widen(TopicId(0), 4), None);
        assert_eq!((group.sync(A, 1, at(6)), group.sync(B, 1, at(6))), (Beat::Fine, Beat::Fine));
        group.said();
        assert_eq!(group.seat(A).map_or(0, |s| s.assigned.len()), 2);
        assert_eq!((group.widen(TopicId(1), 9), group.widen(TopicId(0), 6)), (None, Some(A)));
        assert_eq!(join(&mut group, B, 7), [Say::Joined(B)]);
        assert_eq!(join(&mut group, A, 8), [Say::Began(RebalanceCause::PartitionsAdded)]);
        assert_eq!(join(&mut group, B, 9), [Say::Joined(A), Say::Joined(B)]);
        assert_eq!(group.sync(A, 2, at(9)), Beat::Fine);
        assert_eq!(group.seat(A).map_or(0, |s| s.assigned.len()), 3);
    }

    #[test]
    fn a_group_that_stays_empty_forgets_its_offsets() {
        for (later, forgets) in [(99, false), (100, true)] {
            let mut group = completing(&[A]);
            group.set_offset(1, 7);
            group.leave(A, RebalanceCause::Leave, at(10));
            group.said();
            let said = join(&mut group, B, 10 + later);
            assert_eq!(said.contains(&Say::Forgot), forgets);
            assert_eq!(group.offset(1), (!forgets).then_some(7));
        }
    }
}
