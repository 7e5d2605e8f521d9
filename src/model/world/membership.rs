//! Consumers and their group: joining, rebalances as both sides see them, leaving, dying.

use super::holdings::reads_again;
use super::mail::{Answer, Message, Reply};
use super::{Ev, World};
use crate::engine::{EventQueue, Rank, Time};
use crate::model::assignment::Part;
use crate::model::cause::{DuplicateCause, RebalanceCause};
use crate::model::consumer::{After, Membership, Owned};
use crate::model::coordinator::Beat;
use crate::model::fact::{Doing, Facts};
use crate::model::ids::{ConsumerId, GroupId, PartitionId};
use crate::model::plan::Commit;
use crate::model::wire::Wire;

impl World {
    /// What a `poll()` does about its group before it fetches; `false` if it does not come to that.
    pub(super) fn attend_group<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) -> bool {
        if self.consumers[c.index()].expelled {
            self.drop_everything(c, facts);
            self.join(c, facts);
            return false;
        }
        if self.consumers[c.index()].leaving && self.consumers[c.index()].busy() {
            // Workers still have records: it takes no more, and looks again when the last one is done.
            self.consumers[c.index()].waiting = true;
            return false;
        }
        if self.consumers[c.index()].leaving {
            self.commit_and_then(c, After::Leave, facts);
            return false;
        }
        if self.consumers[c.index()].assignment.is_some() {
            self.take_assignment(c, facts);
            if self.consumers[c.index()].leaving {
                // It was assigned what it cannot read.
                return self.attend_group(c, facts);
            }
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
        self.consumers[c.index()].awaiting.clear();
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
        let by_heartbeats = self.is_by_heartbeats(c);
        let consumer = &mut self.consumers[c.index()];
        consumer.owned.clear();
        consumer.awaiting.clear();
        if !by_heartbeats {
            // Its member id is gone with its membership.
            consumer.number += 1;
        }
        (consumer.generation, consumer.unsaid, consumer.beat_unanswered) = (0, false, false);
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
        if self.groups[g.index()].coordinator.is_finished(o.index as usize) {
            // Nobody will ever read it again.
            return;
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
        let new = consumer.membership == Membership::Out;
        consumer.rejoin = false;
        consumer.membership = Membership::Joining;
        consumer.waiting = true;
        if consumer.owned.is_empty() && !consumer.busy() {
            facts.consumer_is(consumer.group, c, Doing::Rebalancing, self.now);
        }
        // A static member is known by its instance id; any other of a classic group asks for a member id first.
        let plan = &self.groups[self.consumers[c.index()].group.index()].plan;
        let named = !new || plan.static_membership || self.is_by_heartbeats(c);
        let message = if named { Message::Join } else { Message::Hello };
        self.send(self.member(c), message, facts);
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
        self.post(self.member(c), Message::Beat, facts);
    }

    /// The group's offsets have expired: it starts as if it had never been, where the reset rule says.
    pub(super) fn forget_offsets<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let again = reads_again(self.groups[g.index()].plan.offset_reset);
        for (index, partition) in self.groups[g.index()].partitions.clone().into_iter().enumerate() {
            if let Some(outputs) = &mut self.groups[g.index()].outputs {
                outputs.go_back(index as u32, 0);
            }
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

    /// A partition of one that believes to own it has gone to another.
    pub(super) fn displace<F: Facts>(
        &mut self,
        g: GroupId,
        c: ConsumerId,
        partition: PartitionId,
        facts: &mut F,
    ) {
        self.settle(c, facts);
        if let Some(o) = self.consumers[c.index()].owned.iter().find(|o| o.partition == partition).copied() {
            self.groups[g.index()].beside.insert((o.index, c));
            let leases = self.groups[g.index()].coordinator.by_leases();
            let cause = if leases { DuplicateCause::LeaseTaken } else { DuplicateCause::Expelled };
            self.expose(g, &o, cause, facts);
            self.is_zombie(c, true);
        }
    }

    /// The coordinator has put a member out: what it owns, nobody owns any more.
    pub(super) fn put_out<F: Facts>(&mut self, g: GroupId, c: ConsumerId, facts: &mut F) {
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

    /// What a member makes of its coordinator's answer.
    pub(super) fn answered<F: Facts>(&mut self, reply: Reply, facts: &mut F) {
        let Reply { who, answer, generation, parts } = reply;
        let c = who.consumer;
        let by_heartbeats = self.is_by_heartbeats(c);
        let consumer = &mut self.consumers[c.index()];
        // What is said of another generation than its own was overtaken on the way.
        let timely = generation == consumer.generation;
        let (member, syncing) = (
            timely && consumer.membership == Membership::Member,
            timely && consumer.membership == Membership::Syncing,
        );
        match answer {
            Answer::Beat(Beat::Rejoin) => consumer.rejoin |= member,
            Answer::Beat(_) => consumer.expelled |= member,
            Answer::Unsynced(Beat::Rejoin) => consumer.rejoin |= syncing,
            Answer::Unsynced(_) => consumer.expelled |= syncing,
            Answer::Unjoined(Beat::Unreleased) => {
                // Fatal to Kafka's client. Whoever watches over the process starts it again.
                let at = self.now + self.groups[consumer.group.index()].plan.heartbeat;
                self.at(at, Ev::Send(who, Message::Join));
                return;
            }
            Answer::Unjoined(_) => {
                consumer.expelled |= timely && consumer.membership == Membership::Joining;
            }
            Answer::Named => {
                if consumer.membership == Membership::Joining {
                    self.send(who, Message::Join, facts);
                }
                return;
            }
            Answer::Joined => {
                if consumer.membership == Membership::Joining {
                    consumer.membership = Membership::Syncing;
                    consumer.generation = generation;
                    self.send(who, Message::Sync, facts);
                }
                return;
            }
            Answer::Assigned if by_heartbeats => {
                consumer.beat_unanswered = false;
                let nothing_new = self.led(c, generation, parts);
                if self.consumers[c.index()].unsaid
                    && self.consumers[c.index()].membership == Membership::Member
                {
                    self.acknowledge(c, facts);
                }
                if nothing_new {
                    return;
                }
            }
            Answer::Assigned => {
                if !syncing {
                    return;
                }
                if self.groups[consumer.group.index()].coordinator.assigned(who).is_some() {
                    consumer.assignment = Some(parts);
                    consumer.membership = Membership::Member;
                    self.start_heartbeat(c);
                } else {
                    // It was put out while the answer was on its way: its first heartbeat would tell.
                    consumer.expelled = true;
                }
            }
            Answer::Offsets => {
                // Also of an earlier generation: what is no longer its own is not awaited any more.
                if !consumer.expelled && !consumer.awaiting.is_empty() {
                    self.begin_to_read(c, facts);
                    if self.consumers[c.index()].waiting {
                        self.poll(c, facts);
                    } else {
                        self.send_fetches(c, facts);
                    }
                }
                return;
            }
        }
        let consumer = &self.consumers[c.index()];
        if consumer.waiting && (consumer.rejoin || consumer.expelled || consumer.assignment.is_some()) {
            self.poll(c, facts);
        }
    }

    /// The coordinator is told at once what it owns now; the next heartbeats count from then.
    fn acknowledge<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        self.start_heartbeat(c);
        self.post(self.member(c), Message::Beat, facts);
    }

    /// A heartbeat's answer says what it may have now; `true` if that is nothing new.
    fn led(&mut self, c: ConsumerId, epoch: u32, parts: Vec<Part>) -> bool {
        let owned = self.parts_owned(c);
        let consumer = &mut self.consumers[c.index()];
        if consumer.membership == Membership::Out || consumer.expelled || epoch < consumer.generation {
            return true;
        }
        consumer.generation = epoch;
        let joined = std::mem::replace(&mut consumer.membership, Membership::Member) != Membership::Member;
        let news = parts != owned || joined;
        consumer.assignment = news.then_some(parts);
        if joined {
            self.start_heartbeat(c);
            self.plan_looks(c, None);
        }
        !news
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
        let consumer = &mut self.consumers[c.index()];
        let awaited = consumer.awaiting.len();
        consumer.awaiting.retain(|p| sorted.binary_search(p).is_ok());
        let given_up = consumer.awaiting.len() < awaited;
        let owned = &consumer.owned;
        let kept = owned.iter().filter(|o| wants(o)).map(|o| o.partition);
        let mut kept: Vec<PartitionId> = kept.chain(consumer.awaiting.iter().copied()).collect();
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
            self.lets_go_of_leases(c);
        }
        if !self.is_by_heartbeats(c) {
            // The freed partitions are given out in a second round.
            self.consumers[c.index()].rejoin |= given_up || !revoked.is_empty();
        }
        let new = wanted.into_iter().filter(|p| kept.binary_search(p).is_err());
        self.consumers[c.index()].awaiting.extend(new);
        self.note_places(c);
        if let Commit::Auto(every) = self.groups[g.index()].plan.commit {
            self.consumers[c.index()].commit_due = self.now + every;
        }
        if self.is_by_heartbeats(c) {
            self.consumers[c.index()].unsaid = true;
            if !self.consumers[c.index()].beat_unanswered {
                self.acknowledge(c, facts);
            }
        }
        if self.consumers[c.index()].awaiting.is_empty() {
            return;
        }
        if Wire::instant(&self.groups[g.index()].plan.wire) {
            self.begin_to_read(c, facts);
        } else {
            self.send(self.member(c), Message::Lookup, facts);
        }
    }

    /// The committed offsets are there: it reads what it was assigned.
    pub(super) fn begin_to_read<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        for partition in std::mem::take(&mut self.consumers[c.index()].awaiting) {
            if self.is_unstable(c, partition) {
                self.consumers[c.index()].awaiting.push(partition);
            } else {
                self.take_partition(c, partition, facts);
            }
        }
        if !self.consumers[c.index()].awaiting.is_empty() {
            self.look_up_again(c);
        }
        self.consumers[c.index()].owned.sort_unstable_by_key(|o| o.index);
        self.note_places(c);
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
        if self.says_goodbye(c) {
            self.post(self.member(c), Message::Goodbye(RebalanceCause::PollTimeout), facts);
        }
        let next = self.now + limit;
        self.watch_polls(c, next);
    }
    /// A static member of a classic group only falls silent.
    fn says_goodbye(&self, c: ConsumerId) -> bool {
        let plan = &self.groups[self.consumers[c.index()].group.index()].plan;
        !plan.static_membership || self.is_by_heartbeats(c)
    }
    pub(super) fn watch_polls(&mut self, c: ConsumerId, at: Time) {
        let consumer = &mut self.consumers[c.index()];
        if self.groups[consumer.group.index()].coordinator.by_leases() {
            // A worker renews whatever its application does.
            return;
        }
        consumer.deadline_at = at;
        let life = consumer.life;
        // After the work that ends at this moment.
        self.queue.push(at, Rank::Normal, Ev::Deadline(c, life));
    }

    /// A consumer process starts and joins its group.
    pub(super) fn start_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if consumer.up {
            consumer.returns = consumer.leaving;
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
        self.outlet_starts(c, facts);
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
        self.outlet_crashes(c, facts);
    }

    /// The process ends, well or not.
    fn die<F: Facts>(&mut self, c: ConsumerId, cause: DuplicateCause, facts: &mut F) {
        let owned = std::mem::take(&mut self.consumers[c.index()].owned);
        self.consumers[c.index()].awaiting.clear();
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

    /// A partition has no valid offset, and it was told not to choose one: the exception comes out of `poll()`, and
    /// the application closes its consumer on the way out (Kafka's `NoOffsetForPartitionException`, or
    /// `OffsetOutOfRangeException`).
    #[cold]
    pub(super) fn stop_for_want_of_offset<F: Facts>(
        &mut self,
        c: ConsumerId,
        partition: PartitionId,
        facts: &mut F,
    ) {
        if !std::mem::replace(&mut self.consumers[c.index()].leaving, true) {
            facts.stopped(self.consumers[c.index()].group, c, partition, self.now);
            self.plan_poll(c, self.now);
        }
    }

    /// Commits are done: says goodbye and stops.
    pub(super) fn leave_group<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let who = self.member(c);
        self.abandon(c, facts);
        self.die(c, DuplicateCause::RevokedBeforeCommit, facts);
        if self.says_goodbye(c) {
            // A goodbye that is lost is no worse than none: the session then ends by itself.
            self.post(who, Message::Goodbye(RebalanceCause::Leave), facts);
        }
        if self.consumers[c.index()].returns {
            self.start_consumer(c, facts);
        }
    }
}
