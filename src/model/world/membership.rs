//! Consumers and their group: joining, rebalances as both sides see them, leaving, dying, standing still.

use super::{Answer, Ev, Message, World};
use crate::engine::{EventQueue, Rank, Span, Time};
use crate::model::assignment::Part;
use crate::model::cause::{DuplicateCause, RebalanceCause};
use crate::model::consumer::{After, Membership, Owned};
use crate::model::coordinator::{Beat, Say};
use crate::model::fact::{Doing, Facts};
use crate::model::ids::{ConsumerId, GroupId, PartitionId};
use crate::model::plan::{Commit, OffsetReset};

impl World {
    /// What a `poll()` does about its group before it fetches; `false` if it does not come to that.
    pub(super) fn attend_group<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) -> bool {
        if self.consumers[c.index()].expelled {
            self.drop_everything(c, facts);
            self.join(c, facts);
            return false;
        }
        if self.consumers[c.index()].leaving {
            self.commit_and_then(c, After::Leave, facts);
            return false;
        }
        if self.consumers[c.index()].assignment.is_some() {
            self.take_assignment(c, facts);
        }
        if !self.consumers[c.index()].rejoin {
            return true;
        }
        let g = self.consumers[c.index()].group;
        if self.groups[g.index()].coordinator.cooperative() {
            // Everything owned is kept, and read on, while the others join.
            self.join(c, facts);
            return true;
        }
        self.consumers[c.index()].rejoin = false;
        if matches!(self.groups[g.index()].plan.commit, Commit::Auto(_)) {
            self.commit_and_then(c, After::Rejoin, facts);
        } else {
            self.give_up_and_join(c, facts);
        }
        false
    }

    /// The eager protocol: revokes everything, then joins.
    pub(super) fn give_up_and_join<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let owned = self.consumers[c.index()].owned.clone();
        for o in &owned {
            self.revoke(c, o, DuplicateCause::RevokedBeforeCommit, facts);
        }
        self.consumers[c.index()].owned.clear();
        self.note_places(c);
        self.is_zombie(c, false);
        self.join(c, facts);
    }

    pub(super) fn is_zombie(&mut self, c: ConsumerId, is: bool) {
        let consumer = &mut self.consumers[c.index()];
        let zombies = &mut self.groups[consumer.group.index()].zombies;
        let before = *zombies;
        *zombies = before + u32::from(is) - u32::from(std::mem::replace(&mut consumer.zombie, is));
        if (before == 0) != (*zombies == 0) {
            let group = &mut self.groups[self.consumers[c.index()].group.index()];
            group.turns.clear();
            if before == 0 {
                group.consumers.clone().into_iter().for_each(|c| self.await_turn(c));
            }
        }
    }

    fn drop_everything<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let owned = self.consumers[c.index()].owned.clone();
        for o in &owned {
            self.revoke(c, o, DuplicateCause::Expelled, facts);
        }
        self.is_zombie(c, false);
        let consumer = &mut self.consumers[c.index()];
        consumer.owned.clear();
        consumer.expelled = false;
        consumer.rejoin = false;
        consumer.assignment = None;
        consumer.membership = Membership::Out;
        consumer.last_assignment = (Vec::new(), -1);
        self.note_places(c);
    }

    /// A consumer gives a partition up.
    fn revoke<F: Facts>(&mut self, c: ConsumerId, o: &Owned, cause: DuplicateCause, facts: &mut F) {
        let g = self.consumers[c.index()].group;
        let group = &mut self.groups[g.index()];
        if group.owner[o.index as usize] != Some(c) {
            return;
        }
        group.owner[o.index as usize] = None;
        if self.consumers[c.index()].busy() {
            group.beside.insert((o.index, c));
        }
        facts.stalled(g, o.partition, self.now);
        self.expose(g, o, cause, facts);
    }

    /// What was handed out and is not committed may be handed out again.
    fn expose<F: Facts>(&mut self, g: GroupId, o: &Owned, cause: DuplicateCause, facts: &mut F) {
        let committed = self.groups[g.index()].coordinator.offset(o.index as usize).unwrap_or(0);
        if o.position > committed {
            facts.exposed(g, o.partition, committed, o.position, cause);
        }
    }

    fn join<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        consumer.rejoin = false;
        consumer.membership = Membership::Joining;
        consumer.waiting = true;
        let life = consumer.life;
        if consumer.owned.is_empty() && !consumer.busy() {
            facts.consumer_is(consumer.group, c, Doing::Rebalancing, self.now);
        }
        self.send(c, life, Message::Join, facts);
    }

    /// A client says something to its coordinator, and again if it was lost.
    pub(super) fn send<F: Facts>(&mut self, c: ConsumerId, life: u32, message: Message, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        if consumer.life != life || !consumer.up {
            return;
        }
        if consumer.paused.is_some() {
            let at = self.now + super::RESEND;
            self.at(at, Ev::Send(c, life, message));
            return;
        }
        let coordinator = self.brokers.len();
        match self.consumer_wires[c.index()].out(coordinator, self.now) {
            Some(at) if at == self.now => self.message_arrives(c, life, message, facts),
            Some(at) => self.at(at, Ev::Arrive(c, life, message)),
            None => {
                let at = self.now + super::RESEND;
                self.at(at, Ev::Send(c, life, message));
            }
        }
    }

    /// The heartbeat thread's turn. A beat that is lost is not repeated: the next one follows anyway.
    pub(super) fn beat<F: Facts>(&mut self, c: ConsumerId, life: u32, beats: u32, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        let silent = consumer.membership == Membership::Out || consumer.expelled || consumer.paused.is_some();
        if consumer.life != life || consumer.beats != beats || !consumer.up || silent {
            return;
        }
        let next = self.now + self.groups[consumer.group.index()].plan.heartbeat;
        self.at(next, Ev::Beat(c, life, beats));
        let coordinator = self.brokers.len();
        match self.consumer_wires[c.index()].out(coordinator, self.now) {
            Some(at) if at == self.now => self.message_arrives(c, life, Message::Beat, facts),
            Some(at) => self.at(at, Ev::Arrive(c, life, Message::Beat)),
            None => {}
        }
    }

    pub(super) fn member_id(&self, c: ConsumerId) -> String {
        let consumer = &self.consumers[c.index()];
        let name = &self.groups[consumer.group.index()].plan.name;
        format!("{name}-{:05}-{:05}", consumer.index, consumer.incarnation)
    }

    /// A message reaches the coordinator.
    pub(super) fn message_arrives<F: Facts>(
        &mut self,
        c: ConsumerId,
        life: u32,
        message: Message,
        facts: &mut F,
    ) {
        let now = self.now;
        let consumer = &self.consumers[c.index()];
        if consumer.life != life {
            return;
        }
        let (g, generation) = (consumer.group, consumer.generation);
        match message {
            Message::Join => {
                let (owned, since) = consumer.last_assignment.clone();
                let id = self.member_id(c);
                let cooperative = self.groups[g.index()].coordinator.cooperative();
                let owned = if cooperative { self.parts_owned(c) } else { owned };
                self.groups[g.index()].coordinator.join(c, id, owned, since, now);
            }
            Message::Sync => {
                let beat = self.groups[g.index()].coordinator.sync(c, generation, now);
                if beat != Beat::Fine {
                    self.reply(c, life, Answer::Unsynced(beat), facts);
                }
            }
            Message::Beat => {
                let beat = self.groups[g.index()].coordinator.heartbeat(c, generation, now);
                if beat != Beat::Fine {
                    self.reply(c, life, Answer::Beat(beat), facts);
                }
            }
        }
        self.hear_coordinator(g, facts);
    }

    fn parts_owned(&self, c: ConsumerId) -> Vec<Part> {
        let part = |p: PartitionId| {
            let topic = self.topic_of[p.index()];
            (topic, p.0 - self.first_partition[topic.index()].0)
        };
        self.consumers[c.index()].owned.iter().map(|o| part(o.partition)).collect()
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
                match word {
                    Say::Began(cause) => facts.rebalance_began(g, cause, now),
                    Say::Stable(generation) => facts.rebalance_ended(g, generation, now),
                    Say::Joined(c) => {
                        let generation = self.groups[g.index()].coordinator.generation;
                        let life = self.consumers[c.index()].life;
                        self.reply(c, life, Answer::Joined(generation), facts);
                    }
                    Say::Assigned(c) => {
                        let generation = self.groups[g.index()].coordinator.generation;
                        let life = self.consumers[c.index()].life;
                        self.reply(c, life, Answer::Assigned(generation), facts);
                    }
                    Say::SentBack(c) => {
                        let life = self.consumers[c.index()].life;
                        self.reply(c, life, Answer::Unsynced(Beat::Rejoin), facts);
                    }
                    Say::Forgot => self.forget_offsets(g, facts),
                    Say::Removed(c, _) => self.put_out(g, c, facts),
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

    /// The group's offsets have expired: it starts as if it had never been, where the reset rule says.
    fn forget_offsets<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let again = self.groups[g.index()].plan.offset_reset != OffsetReset::Latest;
        for partition in self.groups[g.index()].partitions.clone() {
            facts.offsets_expired(g, partition, self.now);
            let log = &self.logs[partition.index()];
            if again && log.start() < log.end() {
                facts.exposed(g, partition, log.start(), log.end(), DuplicateCause::OffsetReset);
            }
        }
    }

    /// The coordinator's timer.
    pub(super) fn coordinator_due<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        if self.groups[g.index()].coordinator_at != self.now {
            return;
        }
        self.groups[g.index()].coordinator_at = Time::NEVER;
        self.groups[g.index()].coordinator.timer(self.now);
        self.hear_coordinator(g, facts);
    }

    /// The coordinator has put a member out: what it owns, nobody owns any more.
    fn put_out<F: Facts>(&mut self, g: GroupId, c: ConsumerId, facts: &mut F) {
        self.settle(c, facts);
        let consumer = &self.consumers[c.index()];
        if !consumer.up {
            return;
        }
        for o in consumer.owned.clone() {
            if self.groups[g.index()].owner[o.index as usize] == Some(c) {
                self.groups[g.index()].owner[o.index as usize] = None;
                self.groups[g.index()].beside.insert((o.index, c));
                facts.stalled(g, o.partition, self.now);
                self.expose(g, &o, DuplicateCause::Expelled, facts);
                self.is_zombie(c, true);
            }
        }
    }

    fn reply<F: Facts>(&mut self, c: ConsumerId, life: u32, answer: Answer, _: &mut F) {
        let coordinator = self.brokers.len();
        match self.consumer_wires[c.index()].back(coordinator, self.now) {
            // Always through the queue: an answer must not reach into what its question set off.
            Some(at) => self.at(at, Ev::Reply(c, life, answer)),
            None => {
                let again = match answer {
                    Answer::Joined(_) => Message::Join,
                    Answer::Assigned(_) | Answer::Unsynced(_) => Message::Sync,
                    Answer::Beat(_) => return,
                };
                let at = self.now + super::RESEND;
                self.at(at, Ev::Send(c, life, again));
            }
        }
    }

    /// An answer of the coordinator reaches its member.
    pub(super) fn answered<F: Facts>(&mut self, c: ConsumerId, life: u32, answer: Answer, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if consumer.life != life || !consumer.up {
            return;
        }
        if consumer.paused.is_some() {
            // It lies in the socket until the process runs again.
            self.mail.push((c, life, answer));
            return;
        }
        match answer {
            Answer::Beat(Beat::Fine) | Answer::Unsynced(Beat::Fine) => {}
            Answer::Beat(Beat::Rejoin) => consumer.rejoin |= consumer.membership == Membership::Member,
            Answer::Beat(Beat::Unknown) => consumer.expelled |= consumer.membership == Membership::Member,
            Answer::Unsynced(Beat::Rejoin) => consumer.rejoin |= consumer.membership == Membership::Syncing,
            Answer::Unsynced(Beat::Unknown) => {
                consumer.expelled |= consumer.membership == Membership::Syncing;
            }
            Answer::Joined(generation) => {
                if consumer.membership == Membership::Joining {
                    consumer.membership = Membership::Syncing;
                    consumer.generation = generation;
                    self.send(c, life, Message::Sync, facts);
                }
                return;
            }
            Answer::Assigned(generation) => {
                if consumer.membership != Membership::Syncing || consumer.generation != generation {
                    return;
                }
                match self.groups[consumer.group.index()].coordinator.seat(c) {
                    Some(seat) => {
                        consumer.assignment = Some(seat.assigned.clone());
                        consumer.membership = Membership::Member;
                        self.start_heartbeat(c);
                    }
                    // It was put out while the answer was on its way: its first heartbeat would tell.
                    None => consumer.expelled = true,
                }
            }
        }
        let consumer = &self.consumers[c.index()];
        if consumer.waiting && (consumer.rejoin || consumer.expelled || consumer.assignment.is_some()) {
            self.poll(c, facts);
        }
    }

    /// Heartbeats count from the assignment, so those of a group keep step.
    pub(super) fn start_heartbeat(&mut self, c: ConsumerId) {
        let consumer = &mut self.consumers[c.index()];
        // Beats announced to the time before are void.
        consumer.beats += 1;
        let at = self.now + self.groups[consumer.group.index()].plan.heartbeat;
        let life = consumer.life;
        self.at(at, Ev::Beat(c, life, self.consumers[c.index()].beats));
    }

    /// Takes over what the coordinator assigned.
    fn take_assignment<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let Some(parts) = self.consumers[c.index()].assignment.take() else { return };
        let g = self.consumers[c.index()].group;
        let wanted: Vec<PartitionId> =
            parts.iter().map(|(t, n)| PartitionId(self.first_partition[t.index()].0 + n)).collect();
        let mut sorted = wanted.clone();
        sorted.sort_unstable();
        let wants = |o: &Owned| sorted.binary_search(&o.partition).is_ok();
        let generation = i64::from(self.consumers[c.index()].generation);
        self.consumers[c.index()].last_assignment = (parts, generation);
        let owned = &self.consumers[c.index()].owned;
        let mut kept: Vec<PartitionId> = owned.iter().filter(|o| wants(o)).map(|o| o.partition).collect();
        kept.sort_unstable();
        let revoked: Vec<Owned> = owned.iter().filter(|o| !wants(o)).copied().collect();
        if !revoked.is_empty() {
            if matches!(self.groups[g.index()].plan.commit, Commit::Auto(_)) {
                self.send_commit(c, false, facts);
            }
            for o in &revoked {
                self.revoke(c, o, DuplicateCause::RevokedBeforeCommit, facts);
            }
            self.consumers[c.index()].owned.retain(wants);
            // The freed partitions are given out in a second round.
            self.consumers[c.index()].rejoin = true;
        }
        for partition in wanted {
            if kept.binary_search(&partition).is_err() {
                self.take_partition(c, partition, facts);
            }
        }
        self.consumers[c.index()].owned.sort_unstable_by_key(|o| o.index);
        self.note_places(c);
        if let Commit::Auto(every) = self.groups[g.index()].plan.commit {
            self.consumers[c.index()].commit_due = self.now + every;
        }
    }

    /// The longest time between polls is over: the heartbeat thread leaves the group by itself.
    pub(super) fn poll_deadline<F: Facts>(&mut self, c: ConsumerId, life: u32, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if consumer.life != life || !consumer.up || consumer.deadline_at != self.now {
            return;
        }
        consumer.deadline_at = Time::NEVER;
        if consumer.paused.is_some() {
            // Its heartbeat thread stands still as well; it looks again when it wakes.
            return;
        }
        let g = consumer.group;
        let limit = self.groups[g.index()].plan.max_poll_interval;
        let idle = consumer.waiting || consumer.expelled || consumer.membership != Membership::Member;
        let due = if idle { self.now + limit } else { consumer.polled_at + limit };
        if due > self.now {
            self.watch_polls(c, due);
            return;
        }
        consumer.expelled = true;
        self.settle(c, facts);
        self.groups[g.index()].coordinator.leave(c, RebalanceCause::PollTimeout, self.now);
        self.hear_coordinator(g, facts);
        let next = self.now + limit;
        self.watch_polls(c, next);
    }
    pub(super) fn watch_polls(&mut self, c: ConsumerId, at: Time) {
        let consumer = &mut self.consumers[c.index()];
        consumer.deadline_at = at;
        let life = consumer.life;
        // After the work that ends at this moment.
        self.queue.push(at, Rank::Normal, Ev::Deadline(c, life));
    }

    /// A consumer process starts and joins its group.
    pub(super) fn start_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if consumer.up {
            return;
        }
        consumer.begin_life();
        let (g, every) = (consumer.group, self.groups[consumer.group.index()].plan.commit);
        self.groups[g.index()].running += 1;
        if let Commit::Auto(every) = every {
            self.consumers[c.index()].commit_due = self.now + every;
        }
        let limit = self.groups[g.index()].plan.max_poll_interval;
        self.watch_polls(c, self.now + limit);
        facts.consumer_is(g, c, Doing::Rebalancing, self.now);
        self.join(c, facts);
    }

    /// A consumer process dies: no goodbye, no commit.
    pub(super) fn crash_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        if !self.consumers[c.index()].up {
            return;
        }
        self.settle(c, facts);
        let g = self.consumers[c.index()].group;
        facts.crashed(g, c, self.now);
        self.abandon(c, facts);
        self.die(c, DuplicateCause::CrashBeforeCommit, facts);
    }

    /// The process ends, well or not.
    fn die<F: Facts>(&mut self, c: ConsumerId, cause: DuplicateCause, facts: &mut F) {
        let owned = std::mem::take(&mut self.consumers[c.index()].owned);
        for o in &owned {
            self.revoke(c, o, cause, facts);
        }
        self.note_places(c);
        self.is_zombie(c, false);
        self.groups[self.consumers[c.index()].group.index()].running -= 1;
        self.consumers[c.index()].end_life();
        facts.consumer_is(self.consumers[c.index()].group, c, Doing::Down, self.now);
    }

    /// A consumer is to leave: it does when its batch is done.
    pub(super) fn ask_to_leave<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if !consumer.up {
            return;
        }
        consumer.leaving = true;
        if consumer.waiting && !consumer.busy() {
            self.poll(c, facts);
        }
    }

    /// Commits are done: says goodbye and stops.
    pub(super) fn leave_group<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let g = self.consumers[c.index()].group;
        self.abandon(c, facts);
        self.die(c, DuplicateCause::RevokedBeforeCommit, facts);
        // A goodbye that is lost is no worse than none: the session then ends by itself.
        let coordinator = self.brokers.len();
        if self.consumer_wires[c.index()].out(coordinator, self.now).is_some() {
            self.groups[g.index()].coordinator.leave(c, RebalanceCause::Leave, self.now);
            self.hear_coordinator(g, facts);
        }
    }

    /// The process stands still: nothing of it moves, heartbeats included.
    pub(super) fn pause_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        if !self.consumers[c.index()].up || self.consumers[c.index()].paused.is_some() {
            return;
        }
        self.settle(c, facts);
        let consumer = &mut self.consumers[c.index()];
        consumer.paused = Some(self.now);
        consumer.epoch += 1;
        consumer.beats += 1;
        for w in &mut consumer.workers {
            w.ticket += 1;
        }
        let g = consumer.group;
        facts.consumer_is(g, c, Doing::Paused, self.now);
        for o in consumer.owned.clone() {
            if self.groups[g.index()].owner[o.index as usize] == Some(c) {
                facts.stalled(g, o.partition, self.now);
            }
        }
    }

    /// It goes on where it stopped, unaware of the time that passed.
    pub(super) fn resume_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let now = self.now;
        let Some(since) = self.consumers[c.index()].paused.take() else { return };
        let stood = now.since(since);
        let consumer = &mut self.consumers[c.index()];
        let g = consumer.group;
        consumer.run.shift(stood);
        consumer.run.begun += stood;
        let life = consumer.life;
        let doing = if consumer.busy() { Doing::Processing } else { Doing::Idle };
        facts.consumer_is(g, c, doing, now);
        for o in self.consumers[c.index()].owned.clone() {
            if self.groups[g.index()].owner[o.index as usize] == Some(c) {
                facts.resumed(g, o.partition, now);
            }
        }
        if self.consumers[c.index()].committing.is_none() {
            self.restart_run(c);
        }
        self.restart_workers(c, stood, facts);
        let mail: Vec<Answer> = self
            .mail
            .iter()
            .filter(|(to, l, _)| *to == c && *l == life)
            .map(|(_, _, answer)| *answer)
            .collect();
        self.mail.retain(|(to, _, _)| *to != c);
        for answer in mail {
            self.answered(c, life, answer, facts);
        }
        if self.consumers[c.index()].membership != Membership::Out {
            // The heartbeat thread wakes late and beats at once.
            self.consumers[c.index()].beats += 1;
            let beats = self.consumers[c.index()].beats;
            self.at(now, Ev::Beat(c, life, beats));
        }
        let limit = self.groups[g.index()].plan.max_poll_interval;
        let overdue = self.consumers[c.index()].polled_at + limit;
        self.watch_polls(c, overdue.max(now + Span(1)));
        if std::mem::take(&mut self.consumers[c.index()].commit_answer_waits) {
            self.commit_answered(c, life, facts);
        } else if self.consumers[c.index()].waiting {
            self.poll(c, facts);
        }
        self.send_fetches(c, facts);
    }
}
