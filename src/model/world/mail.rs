//! What consumers and their group's coordinator write to each other: as it was when it was sent, lost, sent again,
//! answered. What either side makes of it is decided elsewhere.

use super::{Ev, World};
use crate::engine::{EventQueue, Rank};
use crate::model::assignment::Part;
use crate::model::cause::RebalanceCause;
use crate::model::consumer::Membership;
use crate::model::coordinator::{Beat, Joiner, Member, Say};
use crate::model::fact::Facts;
use crate::model::ids::{ConsumerId, GroupId, PartitionId};

/// What a client wants of its coordinator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Message {
    /// A member id.
    Hello,
    Join,
    Sync,
    /// The committed offsets of what it was assigned.
    Lookup,
    #[default]
    Beat,
    /// A look at the table of leases.
    Take,
    Goodbye(RebalanceCause),
}

/// What the coordinator answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Named,
    Joined,
    Assigned,
    Offsets,
    Beat(Beat),
    /// To a join that comes to nothing.
    Unjoined(Beat),
    /// To a sync that comes to nothing.
    Unsynced(Beat),
}

/// A message on its way.
#[derive(Debug, Default)]
pub(super) struct Letter {
    who: Member,
    message: Message,
    generation: u32,
    /// With a Join: what it owns, and since which generation. With a Beat: what it owns, if that is news.
    owned: Vec<Part>,
    since: i64,
    news: bool,
}

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) who: Member,
    pub(super) answer: Answer,
    /// Of which generation it speaks.
    pub(super) generation: u32,
    /// With an assignment: what is assigned.
    pub(super) parts: Vec<Part>,
}

impl Default for Reply {
    fn default() -> Self {
        Reply { who: Member::default(), answer: Answer::Offsets, generation: 0, parts: Vec::new() }
    }
}

impl World {
    pub(super) fn member(&self, c: ConsumerId) -> Member {
        Member { consumer: c, number: self.consumers[c.index()].number }
    }
    /// Whether the process that this member is runs.
    fn is_there(&self, who: Member) -> bool {
        let consumer = &self.consumers[who.consumer.index()];
        consumer.up && consumer.number == who.number
    }

    pub(super) fn is_by_heartbeats(&self, c: ConsumerId) -> bool {
        self.groups[self.consumers[c.index()].group.index()].coordinator.by_heartbeats()
    }
    fn is_member(&self, c: ConsumerId) -> bool {
        self.consumers[c.index()].membership == Membership::Member
    }

    fn joiner(&self, who: Member, owned: Vec<Part>, since: i64) -> Joiner {
        let consumer = &self.consumers[who.consumer.index()];
        let plan = &self.groups[consumer.group.index()].plan;
        let place = format!("{}-{:05}", plan.name, consumer.index);
        Joiner {
            who,
            id: format!("{place}-{:05}", who.number),
            instance: plan.static_membership.then_some(place),
            owned,
            since,
        }
    }
    /// As a member of a group that has formed before the run.
    pub(super) fn founder(&self, c: ConsumerId) -> Joiner {
        self.joiner(self.member(c), Vec::new(), -1)
    }

    pub(super) fn parts_owned(&self, c: ConsumerId) -> Vec<Part> {
        let part = |p: PartitionId| {
            let topic = self.topic_of[p.index()];
            (topic, p.0 - self.first_partition[topic.index()].0)
        };
        let consumer = &self.consumers[c.index()];
        let owned = consumer.owned.iter().map(|o| o.partition);
        let mut parts: Vec<Part> = owned.chain(consumer.awaiting.iter().copied()).map(part).collect();
        parts.sort_unstable();
        parts
    }

    /// A client says something to its coordinator, and again if it was lost.
    pub(super) fn send<F: Facts>(&mut self, who: Member, message: Message, facts: &mut F) {
        if !self.is_there(who) {
            return;
        }
        let stands_still = self.consumers[who.consumer.index()].paused.is_some();
        if stands_still || !self.post(who, message, facts) {
            let at = self.now + super::RESEND;
            self.at(at, Ev::Send(who, message));
        }
    }

    /// Puts a message on the wire; `false` if it is lost there.
    pub(super) fn post<F: Facts>(&mut self, who: Member, message: Message, facts: &mut F) -> bool {
        let (c, coordinator) = (who.consumer, self.brokers.len());
        let Some(at) = self.consumer_wires[c.index()].out(coordinator, self.now) else { return false };
        let consumer = &self.consumers[c.index()];
        let generation = consumer.generation;
        let (owned, since) = match message {
            Message::Beat if consumer.unsaid => (self.parts_owned(c), -1),
            Message::Join if self.groups[consumer.group.index()].coordinator.cooperative() => {
                (self.parts_owned(c), consumer.last_assignment.1)
            }
            Message::Join => consumer.last_assignment.clone(),
            _ => (Vec::new(), -1),
        };
        let id = self.letters.place();
        let consumer = &mut self.consumers[c.index()];
        let news = message == Message::Beat && std::mem::take(&mut consumer.unsaid);
        consumer.beat_unanswered |= message == Message::Beat;
        self.letters[id] = Letter { who, message, generation, owned, since, news };
        if at == self.now {
            self.letter_arrives(id, facts);
        } else {
            self.at(at, Ev::Letter(id));
        }
        true
    }

    /// A message reaches the coordinator. Of what the dead have sent only a goodbye counts.
    pub(super) fn letter_arrives<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let Letter { who, message, generation, owned, since, news } = std::mem::take(&mut self.letters[id]);
        self.letters.leave(id);
        let (now, g) = (self.now, self.consumers[who.consumer.index()].group);
        if !self.is_there(who) && !matches!(message, Message::Goodbye(_)) {
            return;
        }
        match message {
            Message::Hello => self.groups[g.index()].coordinator.greet(who, now),
            Message::Join => {
                let joiner = self.joiner(who, owned, since);
                let beat = self.groups[g.index()].coordinator.join(joiner, now);
                if beat != Beat::Fine {
                    self.reply(who, Answer::Unjoined(beat), generation);
                }
            }
            Message::Sync => {
                let beat = self.groups[g.index()].coordinator.sync(who, generation, now);
                if beat != Beat::Fine {
                    self.reply(who, Answer::Unsynced(beat), generation);
                }
            }
            Message::Lookup => self.reply(who, Answer::Offsets, generation),
            Message::Beat => {
                let owned = news.then_some(owned.as_slice());
                let beat = self.groups[g.index()].coordinator.heartbeat(who, generation, owned, now);
                if !self.shards.is_empty() {
                    self.see_shard_ends(g, facts);
                }
                if beat != Beat::Fine {
                    self.reply(who, Answer::Beat(beat), generation);
                }
            }
            Message::Take => self.groups[g.index()].coordinator.take(who, now),
            Message::Goodbye(cause) => self.groups[g.index()].coordinator.leave(who, cause, now),
        }
        self.hear_coordinator(g, facts);
    }

    /// Carries out what the coordinator said, and sets its timer.
    pub(super) fn hear_coordinator<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let now = self.now;
        loop {
            let said = self.groups[g.index()].coordinator.said();
            if said.is_empty() {
                break;
            }
            for word in said {
                let coordinator = &self.groups[g.index()].coordinator;
                let generation = |who| coordinator.generation(who);
                match word {
                    Say::Began(cause) => facts.rebalance_began(g, cause, now),
                    Say::Stable(generation) => facts.rebalance_ended(g, generation, now),
                    Say::Named(who) => self.reply(who, Answer::Named, generation(who)),
                    Say::Joined(who) => self.reply(who, Answer::Joined, generation(who)),
                    Say::Assigned(who) => self.reply(who, Answer::Assigned, generation(who)),
                    Say::SentBack(who) => self.reply(who, Answer::Unsynced(Beat::Rejoin), generation(who)),
                    Say::Forgot => self.forget_offsets(g, facts),
                    Say::Removed(who, _) => {
                        if self.is_there(who) {
                            self.put_out(g, who.consumer, facts);
                        }
                    }
                }
            }
        }
        let group = &mut self.groups[g.index()];
        if let Some(due) = group.coordinator.due_sooner()
            && due < group.coordinator_at
        {
            group.coordinator_at = due;
            self.at(due, Ev::Coordinator(g));
        }
    }

    fn reply(&mut self, who: Member, answer: Answer, generation: u32) {
        if !self.is_there(who) {
            return;
        }
        let (c, coordinator) = (who.consumer, self.brokers.len());
        let Some(at) = self.consumer_wires[c.index()].back(coordinator, self.now) else {
            // Whose heartbeat got no answer says everything again.
            self.consumers[c.index()].unsaid |= self.is_by_heartbeats(c);
            let again = match answer {
                Answer::Named => Message::Hello,
                // A heartbeat's answer: the next heartbeat asks again.
                Answer::Assigned if self.is_by_heartbeats(c) && self.is_member(c) => return,
                Answer::Assigned if self.is_by_heartbeats(c) => Message::Join,
                Answer::Joined | Answer::Unjoined(_) => Message::Join,
                Answer::Assigned | Answer::Unsynced(_) => Message::Sync,
                Answer::Offsets => Message::Lookup,
                Answer::Beat(_) => return,
            };
            let at = self.now + super::RESEND;
            self.at(at, Ev::Send(who, again));
            return;
        };
        let parts = match answer {
            Answer::Assigned => {
                let g = self.consumers[c.index()].group;
                self.groups[g.index()].coordinator.assigned(who).unwrap_or_default().to_vec()
            }
            _ => Vec::new(),
        };
        let id = self.replies.place();
        self.replies[id] = Reply { who, answer, generation, parts };
        // Always through the queue: an answer must not reach into what its question set off.
        self.queue.push(at, Rank::Normal, Ev::Reply(id));
    }

    /// An answer of the coordinator reaches its member.
    pub(super) fn reply_arrives<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let who = self.replies[id].who;
        if self.is_there(who) && self.consumers[who.consumer.index()].paused.is_some() {
            // It lies in the socket until the process runs again.
            self.mail.push(id);
            return;
        }
        let reply = std::mem::take(&mut self.replies[id]);
        self.replies.leave(id);
        if self.is_there(who) {
            self.answered(reply, facts);
        }
    }

    /// What came while the process stood still is read now.
    pub(super) fn open_mail<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let replies = &self.replies;
        let (mine, others) = self.mail.iter().partition(|id| replies[**id].who.consumer == c);
        self.mail = others;
        let mine: Vec<u32> = mine;
        for id in mine {
            self.reply_arrives(id, facts);
        }
    }
}
