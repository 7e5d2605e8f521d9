//! The group coordinator: who is a member, who gets what, and the group's committed offsets.
//!
//! This file is what the rest of the model sees of it; `classic` and `consumer` hold a protocol each. It knows members
//! by id; wires and consumers are the world's business.

mod classic;
mod consumer;
mod leases;
#[cfg(test)]
mod walk;

use crate::engine::{Span, Stream, Time};
use crate::model::assignment::{Assignor, Part};
use crate::model::cause::RebalanceCause;
use crate::model::ids::{ConsumerId, Offset, TopicId};
use classic::Classic;
use consumer::Server;
use leases::Leases;

/// A member: a consumer, and which of its memberships. Whoever joins without a member id gets another number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Who.
    pub consumer: ConsumerId,
    /// Which of its memberships.
    pub number: u32,
}

/// What a member says of itself when it joins.
#[derive(Clone, Debug)]
pub struct Joiner {
    /// Who.
    pub who: Member,
    /// Kafka `member.id`.
    pub id: String,
    /// Kafka `group.instance.id`, of static members.
    pub instance: Option<String>,
    /// What it owns, or last had.
    pub owned: Vec<Part>,
    /// Since which generation; -1 without any.
    pub since: i64,
}

/// What the coordinator says, unasked or in answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    /// A rebalance begins.
    Began(RebalanceCause),
    /// To a newcomer: here is your member id, now join with it (MEMBER_ID_REQUIRED).
    Named(Member),
    /// To a member: the generation is complete, now sync.
    Joined(Member),
    /// To a member: your assignment is ready.
    Assigned(Member),
    /// To a member whose sync waits: the generation will not be completed, join again.
    SentBack(Member),
    /// The generation is stable.
    Stable(u32),
    /// The group was without members for too long: nothing is committed any more.
    Forgot,
    /// A member was put out, for this reason.
    Removed(Member, RebalanceCause),
}

/// The answer to a heartbeat, a sync, or a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// All is well.
    Fine,
    /// REBALANCE_IN_PROGRESS: join again.
    Rejoin,
    /// UNKNOWN_MEMBER_ID or ILLEGAL_GENERATION: you are out.
    Unknown,
    /// FENCED_INSTANCE_ID: another one has your place; or FENCED_MEMBER_EPOCH: you are behind.
    Fenced,
    /// UNRELEASED_INSTANCE_ID: the process before has not said that it is gone.
    Unreleased,
    /// STALE_MEMBER_EPOCH: commit again with the epoch you have by now.
    Stale,
}

/// Who shares the partitions out, and so which protocol the group speaks.
pub enum Protocol {
    /// The leader does (Kafka `group.protocol=classic`).
    Classic(Box<dyn Assignor>),
    /// The coordinator does (Kafka `group.protocol=consumer`), not more often than this.
    Consumer(Box<dyn Assignor>, Span),
    /// Nobody does: workers take leases out of a table. With room for so many shards of each topic.
    Leases(LeaseTimes, Vec<u32>, Stream),
}

/// How workers go about their leases.
#[derive(Clone, Copy, Debug)]
pub struct LeaseTimes {
    /// A lease that is not renewed for longer than this may be taken.
    pub failover: Span,
    /// Distance of a worker's looks at the table.
    pub interval: Span,
    /// Most leases it takes from another at a time.
    pub steal: u32,
    /// It waits until the other has given them up, but no longer than this; without it, it does not wait.
    pub handoff: Option<Span>,
}

#[derive(Clone)]
enum Rules {
    Classic(Classic),
    Consumer(Server),
    Leases(Leases),
}

/// How long things take at a coordinator.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Without a sign of life for this long a member is put out.
    pub session: Span,
    /// Longest wait for members to join, and to sync.
    pub rebalance: Span,
    /// Wait of an empty group for more members.
    pub initial_delay: Span,
    /// Without members for this long the group's offsets go.
    pub offsets_retention: Span,
}

/// See the module's text.
#[derive(Clone)]
pub struct Coordinator {
    rules: Rules,
    offsets: Vec<Option<Offset>>,
    offsets_retention: Span,
    /// Since when nobody is a member.
    empty_since: Option<Time>,
    said: Vec<Say>,
}

impl Coordinator {
    /// For a group that reads `topics` (with their numbers of partitions).
    pub fn new(protocol: Protocol, topics: Vec<(TopicId, u32)>, times: &Times) -> Self {
        let partitions = topics.iter().map(|(_, n)| *n as usize).sum();
        let rules = match protocol {
            Protocol::Classic(assignor) => Rules::Classic(Classic::new(assignor, topics, times)),
            Protocol::Consumer(assignor, interval) => {
                Rules::Consumer(Server::new(assignor, topics, times, interval))
            }
            Protocol::Leases(times, rooms, rng) => Rules::Leases(Leases::new(&topics, &rooms, times, rng)),
        };
        Coordinator {
            rules,
            offsets: vec![None; partitions],
            offsets_retention: times.offsets_retention,
            empty_since: Some(Time::ZERO),
            said: Vec::new(),
        }
    }

    /// The topics may come to have so many partitions in all.
    pub fn keep_room(&mut self, partitions: usize) {
        self.offsets.resize(partitions, None);
    }
    /// The group hears that a topic has so many partitions by now, of which its next assignment takes account. In a
    /// classic group the leader compares that with what its assignment was made from, and has to join again: who that
    /// is, if it has to.
    pub fn widen(&mut self, topic: TopicId, partitions: u32) -> Option<ConsumerId> {
        match &mut self.rules {
            Rules::Classic(group) => group.widen(topic, partitions),
            Rules::Consumer(group) => {
                group.widen(topic, partitions);
                None
            }
            Rules::Leases(_) => None,
        }
    }
    /// Whether members keep what they own while the group changes.
    pub fn cooperative(&self) -> bool {
        match &self.rules {
            Rules::Classic(group) => group.cooperative(),
            Rules::Consumer(_) | Rules::Leases(_) => true,
        }
    }
    /// Whether members are led by their own heartbeats, and say with each what they own.
    pub fn by_heartbeats(&self) -> bool {
        matches!(self.rules, Rules::Consumer(_) | Rules::Leases(_))
    }
    /// Whether members hold leases, which nobody shares out.
    pub fn by_leases(&self) -> bool {
        matches!(self.rules, Rules::Leases(_))
    }
    /// A worker looks through the table of leases.
    pub fn take(&mut self, who: Member, now: Time) {
        if let Rules::Leases(group) = &mut self.rules {
            group.take(who, now);
        }
    }
    /// There is a lease for the group's `index`-th partition from now on; it is read from its beginning.
    pub fn create_lease(&mut self, index: usize) {
        if let Rules::Leases(group) = &mut self.rules {
            group.create(index);
            self.offsets[index].get_or_insert(0);
        }
    }
    /// The group's `index`-th partition is closed and read to its end.
    pub fn finish_lease(&mut self, index: usize) {
        if let Rules::Leases(group) = &mut self.rules {
            group.finish(index);
        }
    }
    /// Whether that was said.
    pub fn is_finished(&self, index: usize) -> bool {
        matches!(&self.rules, Rules::Leases(group) if group.is_done(index))
    }
    /// Whether this member may commit on the group's `index`-th partition, once its commit is accepted.
    pub fn may_commit(&self, who: Member, index: usize) -> bool {
        if let Rules::Leases(group) = &self.rules { group.may_commit(who, index) } else { true }
    }
    /// What was said since the last call, in order.
    pub fn said(&mut self) -> Vec<Say> {
        let mut said = std::mem::take(&mut self.said);
        said.append(match &mut self.rules {
            Rules::Classic(group) => &mut group.said,
            Rules::Consumer(group) => &mut group.said,
            Rules::Leases(group) => &mut group.said,
        });
        said
    }
    /// The generation in force, or the epoch this member has reached.
    pub fn generation(&self, who: Member) -> u32 {
        match &self.rules {
            Rules::Classic(group) => group.generation,
            Rules::Consumer(group) => group.seat(who).map_or(0, |s| s.epoch),
            Rules::Leases(group) => group.answers(who),
        }
    }
    /// What a member is assigned, if it is one.
    pub fn assigned(&self, who: Member) -> Option<&[Part]> {
        match &self.rules {
            Rules::Classic(group) => group.seat(who).map(|s| s.assigned.as_slice()),
            Rules::Consumer(group) => group.seat(who).map(|s| s.assigned.as_slice()),
            Rules::Leases(group) => group.assigned(who),
        }
    }
    /// The group exists already, with these members and nothing committed: no rebalance is played.
    pub fn form(&mut self, members: Vec<Joiner>, now: Time) {
        match &mut self.rules {
            Rules::Classic(group) => group.form(members, now),
            Rules::Consumer(group) => group.form(members, now),
            Rules::Leases(group) => group.form(members, now),
        }
        self.note_members(now);
    }
    /// A JoinGroup without a member id arrives: the coordinator gives it one.
    pub fn greet(&mut self, who: Member, now: Time) {
        match &mut self.rules {
            Rules::Classic(group) => group.greet(who, now),
            Rules::Consumer(_) | Rules::Leases(_) => unreachable!("its members choose their ids themselves"),
        }
    }
    /// A member joins, or joins again with what it owns.
    pub fn join(&mut self, joiner: Joiner, now: Time) -> Beat {
        if let Some(since) = self.empty_since
            && now.since(since) >= self.offsets_retention
            && self.offsets.iter().any(Option::is_some)
        {
            self.offsets.fill(None);
            self.said.push(Say::Forgot);
        }
        let answer = match &mut self.rules {
            Rules::Classic(group) => group.join(joiner, now),
            Rules::Consumer(group) => group.join(joiner, now),
            Rules::Leases(group) => {
                group.join(joiner.who, now);
                Beat::Fine
            }
        };
        self.note_members(now);
        answer
    }
    /// SyncGroup arrives. The leader's brings the assignment; the others' wait for it.
    pub fn sync(&mut self, who: Member, generation: u32, now: Time) -> Beat {
        match &mut self.rules {
            Rules::Classic(group) => group.sync(who, generation, now),
            Rules::Consumer(_) | Rules::Leases(_) => {
                unreachable!("nobody syncs in a group without generations")
            }
        }
    }
    /// A heartbeat arrives, with what the member owns if its protocol asks for that and it has changed.
    pub fn heartbeat(&mut self, who: Member, generation: u32, owned: Option<&[Part]>, now: Time) -> Beat {
        match &mut self.rules {
            Rules::Classic(group) => group.heartbeat(who, generation, now),
            Rules::Consumer(group) => group.heartbeat(who, generation, owned, now),
            Rules::Leases(group) => {
                group.renew(who, owned, now);
                Beat::Fine
            }
        }
    }
    /// An offset commit arrives: whether it is accepted.
    pub fn commit(&mut self, who: Member, generation: u32, now: Time) -> Beat {
        match &mut self.rules {
            Rules::Classic(group) => group.commit(who, generation, now),
            Rules::Consumer(group) => group.commit(who, generation),
            Rules::Leases(_) => Beat::Fine,
        }
    }
    /// A goodbye arrives.
    pub fn leave(&mut self, who: Member, cause: RebalanceCause, now: Time) {
        match &mut self.rules {
            Rules::Classic(group) => group.leave(who, cause, now),
            Rules::Consumer(group) => group.leave(who, cause),
            Rules::Leases(group) => group.leave(who),
        }
        self.note_members(now);
    }
    /// Does what is due at `now`.
    pub fn timer(&mut self, now: Time) {
        match &mut self.rules {
            Rules::Classic(group) => group.timer(now),
            Rules::Consumer(group) => group.timer(now),
            Rules::Leases(_) => {}
        }
        self.note_members(now);
    }
    /// When something is due next, if that may be earlier than when this was last asked.
    pub fn due_sooner(&mut self) -> Option<Time> {
        match &mut self.rules {
            Rules::Classic(group) => group.due_sooner(),
            Rules::Consumer(group) => group.due_sooner(),
            Rules::Leases(_) => None,
        }
    }
    fn note_members(&mut self, now: Time) {
        let empty = match &self.rules {
            Rules::Classic(group) => group.is_empty(),
            Rules::Consumer(group) => group.is_empty(),
            Rules::Leases(group) => group.is_empty(),
        };
        self.empty_since = if empty { self.empty_since.or(Some(now)) } else { None };
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::assignment;
    use crate::model::catalog::{Args, Choice};

    #[test]
    fn a_group_that_stays_empty_forgets_its_offsets() {
        let at = |seconds: u64| Time::ZERO + Span::from_secs(seconds);
        let joiner = |c: u32| Joiner {
            who: Member { consumer: ConsumerId(c), number: 1 },
            id: format!("member-{c}"),
            instance: None,
            owned: Vec::new(),
            since: -1,
        };
        for (later, forgets) in [(99, false), (100, true)] {
            let range = Choice::of(assignment::MEMBERS, "range", Args(Vec::new())).build();
            let [session, rebalance, initial_delay, offsets_retention] =
                [45, 10, 3, 100].map(Span::from_secs);
            let times = Times { session, rebalance, initial_delay, offsets_retention };
            let mut group = Coordinator::new(Protocol::Classic(range), vec![(TopicId(0), 3)], &times);
            group.join(joiner(0), at(0));
            group.set_offset(1, 7);
            group.leave(joiner(0).who, RebalanceCause::Leave, at(10));
            group.said();
            group.join(joiner(1), at(10 + later));
            assert_eq!(group.said().contains(&Say::Forgot), forgets);
            assert_eq!(group.offset(1), (!forgets).then_some(7));
        }
    }
}
