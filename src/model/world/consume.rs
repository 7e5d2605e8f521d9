//! The poll loop: what a consumer takes from its partitions, works through, and commits.

use super::fetch::known_leader;
use super::{Ev, Group, World, whose_work};
use crate::engine::{EventQueue, Span, Time};
use crate::model::cause::LossCause;
use crate::model::consumer::{After, Consumer, Item, Membership, Stretch};
use crate::model::fact::{Doing, Facts, How, Reader};
use crate::model::ids::{ConsumerId, GroupId, Offset, PartitionId};
use crate::model::log::Log;
use crate::model::plan::{Commit, OffsetReset, Processing};
use crate::model::record::{Batches, Record};
use std::cmp::Reverse;

/// How far a poll has come with the consumer's partitions.
struct Round {
    /// How many partitions there were at its beginning, and where it began.
    of: usize,
    turn: usize,
    next: usize,
    /// Before it, for now.
    end: usize,
    /// How many records it may still take.
    left: u64,
}

/// The application gets the records of what it owns at a place, up to an offset.
#[inline]
fn give<F: Facts>(
    consumer: &mut Consumer,
    group: &Group,
    log: &Log,
    batches: &Batches,
    (place, to): (usize, Offset),
    now: Time,
    facts: &mut F,
) {
    let who =
        Reader { group: consumer.group, consumer: consumer.id, partition: consumer.owned[place].partition };
    let owned = &mut consumer.owned[place];
    let (index, from, near) = (owned.index, owned.position, owned.near);
    // Around markers it goes on by itself.
    let steps = log.has_gaps() && !log.is_transactional();
    owned.position = if steps { log.onward(to, log.visible(), false) } else { to };
    consumer.moved.insert(place);
    let next = if group.runs {
        let (service, draws, run) = (&group.plan.service, group.service, &mut consumer.run);
        run.stretches.push(Stretch { partition: who.partition, from, to, near });
        log.visit_near(near, from, to, batches, |at, records, _| {
            facts.delivered(who, at, records, now);
            run.demands.extend(records.iter().map(|r| service.sample(&mut draws.at(r.event.0))));
        })
    } else {
        let (queue, batch) = (&mut consumer.queue, consumer.batch);
        log.visit_near(near, from, to, batches, |at, records, _| {
            facts.delivered(who, at, records, now);
            queue.extend(records.iter().zip(at..).map(|(record, offset)| Item {
                partition: who.partition,
                index,
                offset,
                batch,
                record: *record,
            }));
        })
    };
    consumer.owned[place].near = next;
}

impl World {
    /// One `poll()`: membership, automatic commit, then records.
    pub(super) fn poll<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let now = self.now;
        let consumer = &mut self.consumers[c.index()];
        if !consumer.up || consumer.paused.is_some() || consumer.committing.is_some() {
            return;
        }
        consumer.polled_at = now;
        consumer.waiting = false;
        if consumer.summoned() {
            if self.has_open_outputs(c) {
                // Kafka Streams commits before it gives anything up.
                self.commit_and_then(c, After::Poll, facts);
                return;
            }
            if !self.attend_group(c, facts) {
                return;
            }
        }
        let consumer = &mut self.consumers[c.index()];
        let id = consumer.group;
        if let Commit::Auto(every) = self.groups[id.index()].plan.commit
            && now >= consumer.commit_due
        {
            // What earlier polls returned (Kafka's `maybeAutoCommitOffsetsAsync`).
            consumer.commit_due = now + every;
            self.send_commit(c, false, facts);
        }
        let taken = self.take_records(c, facts);
        let (consumer, group) = (&mut self.consumers[c.index()], &self.groups[id.index()]);
        let direct = group.direct;
        consumer.waiting = taken == 0;
        if taken == 0 {
            if !consumer.busy() {
                let doing =
                    if consumer.membership == Membership::Member { Doing::Idle } else { Doing::Rebalancing };
                facts.consumer_is(id, c, doing, now);
            }
            self.plan_idle_commit(c);
            if !direct {
                self.send_fetches(c, facts);
            }
            return;
        }
        let commits_first = group.plan.commit == Commit::Before;
        if !group.runs {
            consumer.batches.push_back((consumer.batch, taken));
            consumer.batch = consumer.batch.wrapping_add(1);
        }
        facts.polled(id, taken, now);
        facts.consumer_is(id, c, Doing::Processing, now);
        if !direct {
            self.send_fetches(c, facts);
        }
        if commits_first {
            self.commit_and_then(c, After::Process, facts);
        } else {
            self.process(c, facts);
        }
    }

    /// A poll that was planned for this moment.
    pub(super) fn poll_due<F: Facts>(&mut self, c: ConsumerId, life: u32, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if consumer.life != life || consumer.poll_at != self.now {
            return;
        }
        consumer.poll_at = Time::NEVER;
        if consumer.waiting || self.groups[consumer.group.index()].plan.processing == Processing::Streaming {
            self.poll(c, facts);
        }
    }

    pub(super) fn plan_poll(&mut self, c: ConsumerId, at: Time) {
        let consumer = &mut self.consumers[c.index()];
        if at < consumer.poll_at {
            consumer.poll_at = at;
            let life = consumer.life;
            self.at(at, Ev::Poll(c, life));
        }
    }

    /// A consumer that waits for records still polls, and so commits on time.
    fn plan_idle_commit(&mut self, c: ConsumerId) {
        let consumer = &mut self.consumers[c.index()];
        let due = consumer.commit_due.max(self.now);
        if due >= consumer.poll_at
            || !matches!(self.groups[consumer.group.index()].plan.commit, Commit::Auto(_))
        {
            return;
        }
        while let Some(place) = consumer.moved.next(0) {
            if consumer.owned[place].position > consumer.owned[place].committing {
                self.plan_poll(c, due);
                return;
            }
            consumer.moved.remove(place);
        }
    }

    /// Takes at most `max-poll-records` records into the consumer's hands.
    fn take_records<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) -> u64 {
        let consumer = &mut self.consumers[c.index()];
        let n = consumer.owned.len();
        if n == 0 || consumer.held_back || consumer.on_hold {
            return 0;
        }
        // The remainder, nearly always without a division.
        let (turn, places) = (consumer.turn, n as u32);
        let turn = match turn.checked_sub(places) {
            None => turn,
            Some(less) if less < places => less,
            Some(less) => less % places,
        } as usize;
        consumer.turn = turn as u32 + 1;
        if consumer.zombie {
            // It is not told of what comes to partitions that are not its own.
            consumer.ready.fill(n);
        }
        if consumer.ready.is_empty() {
            return 0;
        }
        let most = u64::from(self.groups[consumer.group.index()].plan.max_poll_records);
        let mut round = Round { of: n, turn, next: turn, end: n, left: most };
        while let Some(place) = self.take_plain(c, &mut round, facts) {
            let owned = self.consumers[c.index()].owned[place];
            let log = &self.logs[owned.partition.index()];
            if owned.position < log.start() {
                self.reset_position(c, place, facts);
                continue;
            }
            let group = &self.groups[self.consumers[c.index()].group.index()];
            let there = if group.direct { log.shown(group.decided) } else { owned.fetched };
            round.left -= if log.is_compacted() {
                self.take_kept(c, place, there, round.left, facts)
            } else {
                self.take_around_markers(c, place, there, round.left, facts)
            };
        }
        most - round.left
    }

    /// Goes on with a round of a consumer's partitions until it has enough, or comes to a place where more is to be
    /// done than to take one record after the other.
    #[inline]
    fn take_plain<F: Facts>(&mut self, c: ConsumerId, round: &mut Round, facts: &mut F) -> Option<usize> {
        let World { consumers, groups, logs, batches, known, leader, brokers, now, .. } = self;
        let consumer = &mut consumers[c.index()];
        let group = &groups[consumer.group.index()];
        while round.left > 0 && !consumer.ready.is_empty() {
            let Some(place) = consumer.ready.next(round.next).filter(|place| *place < round.end) else {
                if round.end < round.of || round.turn == 0 {
                    break;
                }
                // Once round.
                (round.next, round.end) = (0, round.turn);
                continue;
            };
            round.next = place + 1;
            let owned = &consumer.owned[place];
            let (at, partition) = (owned.position, owned.partition);
            let log = &logs[partition.index()];
            if at < log.start() || log.has_stretches() {
                return Some(place);
            }
            let (there, reach) = if group.direct {
                let there = log.shown(group.decided);
                let most = group.plan.max_partition_fetch_bytes;
                let readable = known_leader(partition, known, leader, brokers);
                (there, if readable { log.direct_reach(at, there, most, batches) } else { at })
            } else {
                (owned.fetched, owned.fetched)
            };
            let to = reach.min(at + round.left);
            if to >= there {
                consumer.ready.remove(place);
            }
            if to > at {
                give(consumer, group, log, batches, (place, to), *now, facts);
                round.left -= to - at;
            }
        }
        None
    }

    /// Takes at most `left` records of a partition with transactions, of what is there up to `there`: around its
    /// markers, and around what was aborted if the group reads only what is committed.
    fn take_around_markers<F: Facts>(
        &mut self,
        c: ConsumerId,
        place: usize,
        there: Offset,
        left: u64,
        facts: &mut F,
    ) -> u64 {
        let owned = self.consumers[c.index()].owned[place];
        let (partition, group) = (owned.partition, &self.groups[self.consumers[c.index()].group.index()]);
        let (decided, direct) = (group.decided, group.direct);
        let most = group.plan.max_partition_fetch_bytes;
        if direct && !self.readable(partition) {
            return 0;
        }
        let mut reach = there;
        let mut taken = 0;
        loop {
            let position = self.consumers[c.index()].owned[place].position;
            let log = &self.logs[partition.index()];
            // Behind a hole there may be nothing yet that could be fetched.
            let at = log.after_hole(log.onward(position, reach, decided));
            if direct && taken == 0 {
                reach = self.direct_reach(partition, at, there, most);
            }
            let to = log.before_gap(at, reach.min(at + left - taken), decided);
            let consumer = &mut self.consumers[c.index()];
            if at != position {
                consumer.owned[place].position = at;
                consumer.moved.insert(place);
            }
            if at >= there {
                consumer.ready.remove(place);
            }
            if to <= at {
                return taken;
            }
            self.hand_over(c, place, to, facts);
            taken += to - at;
        }
    }

    /// How far an instant fetch from `at` reaches of what is there up to `end`.
    fn direct_reach(&self, partition: PartitionId, at: Offset, end: Offset, most: u64) -> Offset {
        let readable = self.readable(partition);
        if readable { self.logs[partition.index()].direct_reach(at, end, most, &self.batches) } else { at }
    }

    /// The application gets the records of the partition it owns at `place`, up to `to`.
    pub(super) fn hand_over<F: Facts>(&mut self, c: ConsumerId, place: usize, to: Offset, facts: &mut F) {
        let World { consumers, groups, logs, batches, now, .. } = self;
        let consumer = &mut consumers[c.index()];
        let log = &logs[consumer.owned[place].partition.index()];
        give(consumer, &groups[consumer.group.index()], log, batches, (place, to), *now, facts);
    }

    /// There is no valid offset to go on from: `auto-offset-reset` says where to go.
    pub(super) fn reset_position<F: Facts>(&mut self, c: ConsumerId, place: usize, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        let owned = consumer.owned[place];
        let group = consumer.group;
        let reset = self.groups[group.index()].plan.offset_reset;
        if reset == OffsetReset::Never {
            self.consumers[c.index()].ready.remove(place);
            self.stop_for_want_of_offset(c, owned.partition, facts);
            return;
        }
        let log = &self.logs[owned.partition.index()];
        let (start, decided) = (log.start(), self.groups[group.index()].decided);
        let to = log.reset(reset, decided, self.now, &self.batches);
        facts.reset(group, owned.partition, self.now);
        self.pass_over(
            group.index(),
            owned.partition,
            owned.position,
            start.min(to),
            LossCause::Retention,
            facts,
        );
        self.pass_over(
            group.index(),
            owned.partition,
            owned.position.max(start),
            to,
            LossCause::OffsetReset,
            facts,
        );
        self.upsets += 1;
        let consumer = &mut self.consumers[c.index()];
        consumer.moved.insert(place);
        let o = &mut consumer.owned[place];
        o.position = to;
        o.fetched = o.fetched.max(to);
        self.lower_floor(group.index(), owned.index as usize);
    }

    /// A group will not read `[from, to)` any more.
    pub(super) fn pass_over<F: Facts>(
        &mut self,
        g: usize,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        cause: LossCause,
        facts: &mut F,
    ) {
        let from = from.max(self.logs[partition.index()].floor());
        let (group, now) = (crate::model::ids::GroupId::from(g), self.now);
        if self.logs[partition.index()].is_compacted() {
            self.expire_removed(g, partition, from, to, facts);
        }
        self.logs[partition.index()].visit(from, to, &self.batches, |at, records, _| {
            facts.passed_over(group, partition, at, records, cause, now);
        });
    }

    /// Begins the work on what was polled.
    #[inline]
    pub(super) fn process<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        let group = &self.groups[consumer.group.index()];
        let begin = self.now + Span(group.plan.poll_cost.sample(&mut consumer.rng));
        if !group.runs {
            self.begin_steps(c, begin, facts);
            return;
        }
        consumer.run.begun = begin;
        consumer.compute_run(begin);
        self.announce_run(c);
    }

    #[inline]
    fn announce_run(&mut self, c: ConsumerId) {
        let consumer = &mut self.consumers[c.index()];
        consumer.epoch += 1;
        let (epoch, end) = (consumer.epoch, *consumer.run.done_at.last().expect("a batch has records"));
        if self.groups[consumer.group.index()].zombies > 0 {
            self.await_turn(c);
        }
        self.queue.push_done(end, whose_work(c, 0), Ev::BatchDone(c, epoch));
    }

    /// The batch in hand goes on after a pause, or at another pace.
    pub(super) fn restart_run(&mut self, c: ConsumerId) {
        if !self.consumers[c.index()].run.is_empty() {
            self.announce_run(c);
        }
    }

    /// The pace has changed: what is left of the record in work takes `ratio` times as long.
    pub(super) fn slow_run(&mut self, c: ConsumerId, ratio: f64) {
        let since = self.consumers[c.index()].paused.unwrap_or(self.now);
        let consumer = &mut self.consumers[c.index()];
        if consumer.run.is_empty() || consumer.committing.is_some() {
            return;
        }
        let run = &mut consumer.run;
        let current = run.done_at[run.told];
        // It may lie ahead, inside the cost of the poll: then the record has not begun.
        let begun = run.begun;
        let end = if begun >= since {
            run.done_at.truncate(run.told);
            begun
        } else {
            let end = since + current.since(since).scaled(ratio);
            run.done_at.truncate(run.told);
            run.done_at.push(end);
            end
        };
        consumer.compute_run(end);
        if consumer.paused.is_none() {
            self.announce_run(c);
        }
    }

    /// Tells the records of a batch that are done by now.
    #[inline]
    pub(super) fn settle<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let now = self.now;
        let consumer = &self.consumers[c.index()];
        let run = &consumer.run;
        if run.is_empty() || run.done_at[run.told] > now || consumer.paused.is_some() {
            return;
        }
        if self.groups[consumer.group.index()].zombies > 0 {
            self.settle_in_turn(consumer.group, facts);
            return;
        }
        let done = if *run.done_at.last().expect("not empty") <= now {
            run.done_at.len()
        } else {
            run.told + run.done_at[run.told..].partition_point(|t| *t <= now)
        };
        self.tell_done(c, done, facts);
    }

    /// While two work on the same records it matters who was first: the whole group tells in order of time.
    #[cold]
    fn settle_in_turn<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        while let Some(Reverse((at, c))) = self.groups[g.index()].turns.peek().copied()
            && at <= self.now
        {
            self.groups[g.index()].turns.pop();
            let consumer = &self.consumers[c.index()];
            let run = &consumer.run;
            if consumer.paused.is_none() && !run.is_empty() && run.done_at[run.told] == at {
                self.tell_done(c, run.told + 1, facts);
                self.await_turn(c);
            }
        }
    }

    /// Notes when a consumer of a group with zombies is done with its record, if it has one.
    #[cold]
    pub(super) fn await_turn(&mut self, c: ConsumerId) {
        let consumer = &self.consumers[c.index()];
        if !consumer.run.is_empty() {
            let turn = (consumer.run.done_at[consumer.run.told], c);
            self.groups[consumer.group.index()].turns.push(Reverse(turn));
        }
    }

    /// Tells the records of a batch up to the `done`-th.
    #[inline]
    fn tell_done<F: Facts>(&mut self, c: ConsumerId, done: usize, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        let (group, run) = (&self.groups[consumer.group.index()], &mut consumer.run);
        let mut skip = run.told;
        let mut base = 0;
        for s in &run.stretches {
            let len = (s.to - s.from) as usize;
            let (a, b) = (skip.max(base), done.min(base + len));
            if a < b {
                let (from, to) = (s.from + (a - base) as u64, s.from + (b - base) as u64);
                let owner = group.owner[group.index_of[s.partition.index()] as usize];
                let how = if owner == Some(c) { How::Plainly } else { How::AsZombie };
                let who = Reader { group: consumer.group, consumer: c, partition: s.partition };
                let times = &run.done_at[a..b];
                self.logs[s.partition.index()].visit_near(
                    s.near,
                    from,
                    to,
                    &self.batches,
                    |at, records, _| {
                        let i = (at - from) as usize;
                        facts.applied(who, at, records, &times[i..i + records.len()], how);
                    },
                );
                skip = b;
            }
            base += len;
        }
        let last = run.done_at[done - 1];
        let (records, busy) = ((done - run.told) as u64, last.since(run.begun));
        run.told = done;
        run.begun = last;
        facts.finished(consumer.group, records, records, busy);
    }

    /// A batch is done: commit if that is the rule, then poll again.
    #[inline]
    pub(super) fn batch_done<F: Facts>(&mut self, c: ConsumerId, epoch: u32, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        if consumer.epoch != epoch {
            return;
        }
        if self.groups[consumer.group.index()].zombies > 0 {
            self.settle(c, facts);
        } else if !consumer.run.is_empty() {
            self.tell_done(c, consumer.run.done_at.len(), facts);
        }
        let consumer = &mut self.consumers[c.index()];
        assert!(consumer.run.is_empty(), "a batch that is done is told");
        consumer.run.clear();
        self.after_batch(c, facts);
    }

    /// What comes after a batch, however it was worked through.
    pub(super) fn after_batch<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let group = self.consumers[c.index()].group;
        if self.groups[group.index()].plan.commit == Commit::AfterBatch {
            self.commit_and_then(c, After::Poll, facts);
        } else {
            self.poll(c, facts);
        }
    }

    /// A record that lies in this group's consumers' hands.
    pub(super) fn abandon<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let now = self.now;
        let consumer = &mut self.consumers[c.index()];
        let group = consumer.group;
        for s in consumer.run.left() {
            let who = Reader { group, consumer: c, partition: s.partition };
            self.logs[s.partition.index()].visit(s.from, s.to, &self.batches, |at, records, _| {
                facts.abandoned(who, at, records, now);
            });
        }
        let consumer = &mut self.consumers[c.index()];
        consumer.run.clear();
        consumer.batches.clear();
        let worked = consumer.workers.iter_mut().filter_map(|w| w.task.take()).map(|(item, _)| item);
        for item in worked.chain(consumer.queue.drain(..)).collect::<Vec<Item>>() {
            let who = Reader { group, consumer: c, partition: item.partition };
            facts.abandoned(who, item.offset, &[item.record] as &[Record], now);
        }
    }
}
