//! From a group's records to another topic: what each consumer makes of them, the commit that waits for it, and the
//! transaction that holds both.
//!
//! A consumer's producer is a part of its process. What it sends is flushed before positions are committed; with
//! transactions the positions are committed inside of them, by Kafka's TxnOffsetCommit (KIP-447), and count when
//! the transaction does. A consumer whose transaction is aborted goes back to what is committed.

use super::transact::Step;
use super::{CommitNote, Ev, World};
use crate::engine::{Span, Time};
use crate::model::cause::{DuplicateCause, LossCause, Place};
use crate::model::consumer::{After, Item};
use crate::model::coordinator::{Beat, Member};
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, ConsumerId, EventId, Offset, PartitionId, ProducerId, TopicId};
use crate::model::outputs::{Aborted, Cut, Left, Outputs};
use crate::model::plan::{Commit, OffsetReset, ProducerPlan};
use crate::model::producer::{Session, Stage};
use crate::model::record::Record;

/// How long a consumer waits before it asks again for an offset that is part of an open transaction (Kafka
/// `retry.backoff.ms`, after UNSTABLE_OFFSET_COMMIT).
const ASK_AGAIN: Span = Span::millis(100);

impl World {
    /// Groups that make something of what they read get their books of it.
    pub(super) fn prepare_outputs(&mut self) {
        let plan = self.plan.clone();
        for (entry, producer) in plan.producers.iter().enumerate() {
            let Some(g) = producer.from else { continue };
            let group = &mut self.groups[g.index()];
            group.outlet = Some(ProducerPlan::first_id(&plan, entry));
            group.outputs = Some(Box::new(Outputs::new(group.partitions.len(), group.starts_over)));
            group.runs = false;
        }
    }
    /// The producer of a consumer that makes something of what it reads.
    pub(super) fn outlet_of(&self, c: ConsumerId) -> Option<ProducerId> {
        let consumer = &self.consumers[c.index()];
        let first = self.groups[consumer.group.index()].outlet?;
        Some(ProducerId(first.0 + consumer.index))
    }
    /// The consumer whose producer this is.
    pub(super) fn maker(&self, p: ProducerId) -> Option<ConsumerId> {
        let producer = &self.producers[p.index()];
        let g = self.plan.producers[producer.entry].from?;
        Some(self.groups[g.index()].consumers[producer.index as usize])
    }
    pub(super) fn outputs_of(&mut self, p: ProducerId) -> &mut Outputs {
        let g = self.plan.producers[self.producers[p.index()].entry]
            .from
            .expect("asked only of a group's producer");
        self.groups[g.index()].outputs.as_mut().expect("a group with a producer has books of what it makes")
    }

    /// A record is processed: what comes of it goes to the consumer's producer.
    pub(super) fn emit<F: Facts>(&mut self, c: ConsumerId, item: Item, facts: &mut F) {
        let Some(p) = self.outlet_of(c) else { return };
        let producer = &self.producers[p.index()];
        if producer.session.is_some_and(|s| s.failed) {
            // The next call of the application tells it that all this was in vain.
            return;
        }
        let (now, g) = (self.now, self.consumers[c.index()].group.index());
        let outputs = self.groups[g].outputs.as_mut().expect("a group with a producer has books");
        let (record, partition) = match outputs.make_again(item.index, item.offset) {
            Some(None) => return,
            Some(Some(again)) => again,
            None => {
                let producer = &mut self.producers[p.index()];
                let (record, lane) = producer.make(&item.record, item.index, now);
                let first = self.first_partition[producer.topic.index()];
                let partition = PartitionId(first.0 + lane);
                facts.created(p, producer.topic, record.event.ordinal(), &[now]);
                facts.accepted(p, record.event.ordinal(), 1);
                outputs.make(item.index, item.offset, record, partition);
                (record, partition)
            }
        };
        self.producers[p.index()].put(record, partition, now, &mut self.batches);
        self.run_producer(p, facts);
    }

    /// Records of a group's producer were appended: which of them are copies.
    pub(super) fn outputs_appended<F: Facts>(&mut self, id: BatchId, base: Offset, facts: &mut F) {
        let batch = &self.batches[id];
        let (p, partition, transaction) = (batch.producer, batch.partition, batch.transaction);
        let Some(maker) = self.maker(p) else { return };
        let g = self.consumers[maker.index()].group.index();
        let group = &mut self.groups[g];
        let outputs = group.outputs.as_mut().expect("a group with a producer has books");
        for (record, at) in self.batches[id].records.iter().zip(base..) {
            // What had been there for good, and was cut off, comes like anything else.
            let Some(index) = outputs.input_of(record.event) else { continue };
            let doomed = transaction != 0 && group.owner[index as usize].is_some_and(|o| o != maker);
            let copy = outputs.appended(record.event, at, p, (transaction == 0, doomed));
            if copy.of.is_some() || copy.of_committed.is_some() {
                facts.produced_again(partition, at, copy.of, copy.of_committed);
            }
            if let Some(at) = copy.superseded {
                facts.superseded(partition, at, record, self.now);
            }
        }
    }
    /// Records of a group's producer are aborted: those that had counted count no more.
    pub(super) fn outputs_aborted<F: Facts>(
        &mut self,
        p: ProducerId,
        partition: PartitionId,
        records: &[(EventId, Offset)],
        facts: &mut F,
    ) {
        let now = self.now;
        let topic = self.producers[p.index()].topic;
        let outputs = self.outputs_of(p);
        for (event, at) in records {
            let Aborted { stood, lost } = outputs.aborted(*event, *at);
            let Some(record) = stood else { continue };
            facts.superseded(partition, *at, &record, now);
            if lost {
                facts.lost_with_transactions(&record, topic, LossCause::TransactionAborted, now);
            }
        }
    }
    /// Records of a group's producer were cut off from a log. `seen`: readers may have had them; `kept`: the producer
    /// still has them.
    pub(super) fn outputs_cut<F: Facts>(
        &mut self,
        id: BatchId,
        base: Offset,
        (seen, kept): (bool, bool),
        cause: LossCause,
        facts: &mut F,
    ) {
        let batch = &self.batches[id];
        let (now, p, partition) = (self.now, batch.producer, batch.partition);
        let topic = self.producers[p.index()].topic;
        for (record, at) in batch.records.clone().into_iter().zip(base..) {
            let (lost, left) = match self.outputs_of(p).cut_off(record.event, at, (seen, kept), cause) {
                Some(Cut::Seen) => (Some(cause), None),
                Some(Cut::MayCome) => (None, None),
                Some(Cut::Lost(left)) => (None, Some(left)),
                None => ((!kept).then_some(cause), None),
            };
            facts.truncated(partition, at, &[record], lost, now);
            if let Some(left) = left {
                tell_lost(record, left, topic, cause, now, facts);
            }
        }
    }
    /// Records of a group's producer were given up on the way.
    pub(super) fn outputs_dropped<F: Facts>(&mut self, id: BatchId, facts: &mut F) {
        let (now, p) = (self.now, self.batches[id].producer);
        let (topic, cause) = (self.producers[p.index()].topic, self.batches[id].lost_as);
        let records = self.batches[id].records.clone();
        let outputs = self.outputs_of(p);
        let mut left = |r: &Record| match outputs.input_of(r.event) {
            Some(_) => outputs.dropped(r.event, cause),
            None => Some(Left::Nowhere),
        };
        let lost: Vec<(Record, Left)> = records.iter().filter_map(|r| Some((*r, left(r)?))).collect();
        for (record, place) in lost {
            tell_lost(record, place, topic, cause, now, facts);
        }
    }
    /// Inputs are committed: what did not come of them will not come any more.
    pub(super) fn outputs_committed<F: Facts>(
        &mut self,
        c: ConsumerId,
        index: u32,
        upto: Offset,
        facts: &mut F,
    ) {
        let g = self.consumers[c.index()].group.index();
        let Some(first) = self.groups[g].outlet else { return };
        let mut lost = Vec::new();
        let floor = self.groups[g].floor[index as usize];
        let outputs = self.groups[g].outputs.as_mut().expect("a group with a producer has books");
        outputs.commit(index, upto, &mut lost);
        outputs.forget(index, floor);
        let topic = self.producers[first.index()].topic;
        for (record, cause, place) in lost {
            tell_lost(record, place, topic, cause, self.now, facts);
        }
    }
    /// What is in no log, or only aborted there, at the end.
    pub(super) fn tell_outputs_left<F: Facts>(&mut self, facts: &mut F) {
        for group in &self.groups {
            let (Some(first), Some(outputs)) = (group.outlet, &group.outputs) else { continue };
            let topic = self.producers[first.index()].topic;
            for (record, left) in outputs.left() {
                match left {
                    Left::Nowhere => {
                        facts.left_before_log(record.event, record.created, topic, Place::Producer, self.now);
                    }
                    Left::Aborted => facts.left_aborted(record.created, topic, self.now),
                }
            }
        }
    }

    /// The application wants to commit, and has a producer of its own: that comes first. `false` if it has none, or
    /// commits without waiting for it.
    pub(super) fn commits_with_outputs<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) -> bool {
        let group = &self.groups[self.consumers[c.index()].group.index()];
        if group.outlet.is_none() || group.plan.commit != Commit::AfterBatch {
            return false;
        }
        if self.may_go_on(c) {
            self.go_on(c, facts);
        } else {
            self.flush_and_commit(c, facts);
        }
        true
    }
    /// The producer of a consumer that makes something in transactions, and where it stands.
    fn transactions_of(&self, c: ConsumerId) -> Option<(ProducerId, Session)> {
        let p = self.outlet_of(c).filter(|p| self.has_coordinator(*p))?;
        Some((p, self.producers[p.index()].session.expect("a group's producer has a session")))
    }
    /// Whether a consumer whose batch is done may take the next into the same transaction: it is younger than the
    /// commit interval, and nobody wants anything of the consumer before which it had to commit.
    fn may_go_on(&mut self, c: ConsumerId) -> bool {
        let Some((p, session)) = self.transactions_of(c) else { return false };
        let interval = self.coordinator_of(p).plan.commit_interval;
        let consumer = &self.consumers[c.index()];
        consumer.committing == Some(After::Poll)
            && !consumer.summoned()
            && session.stage == Stage::Open
            && !session.failed
            && self.now < session.opened + interval
    }
    /// Whether what a consumer has made is part of a transaction that is not over, or came to nothing without its
    /// knowing.
    pub(super) fn has_open_outputs(&self, c: ConsumerId) -> bool {
        let Some((_, session)) = self.transactions_of(c) else { return false };
        session.failed || matches!(session.stage, Stage::Open | Stage::Failing | Stage::Ending)
    }
    /// A consumer that waits for records commits what it has made.
    pub(super) fn commit_if_idle<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        let idle = consumer.waiting && !consumer.busy() && consumer.committing.is_none();
        if consumer.up && idle && consumer.paused.is_none() {
            consumer.waiting = false;
            self.commit_and_then(c, After::Poll, facts);
        }
    }
    /// A consumer that waits in its commit gets as far as it can.
    pub(super) fn flush_and_commit<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        let asks = consumer.committing.is_some() && consumer.paused.is_none();
        let Some(p) = self.outlet_of(c).filter(|_| asks) else { return };
        let session = self.producers[p.index()].session.expect("a group's producer has a session");
        match session.stage {
            Stage::Ready if session.failed => {
                self.begin_anew(p);
                self.go_back_to_committed(c, facts);
                self.go_on(c, facts);
            }
            Stage::Ready | Stage::Open => {
                self.enter(p, Stage::Flushing(self.now));
                self.run_producer(p, facts);
            }
            _ => {}
        }
    }
    /// All outputs are sent and answered: the positions follow.
    pub(super) fn outputs_flushed<F: Facts>(&mut self, p: ProducerId, c: ConsumerId, facts: &mut F) {
        if self.consumers[c.index()].paused.is_some() {
            // It notices when it goes on.
            return;
        }
        let sent = self.producers[p.index()].session.is_some_and(|s| s.sent);
        let note = self.note_to_commit(c, true, facts);
        if !self.has_coordinator(p) {
            self.enter(p, Stage::Ready);
            match note {
                Some(note) => self.commit_note(note, facts),
                None => self.go_on(c, facts),
            }
        } else if let Some(note) = note {
            self.offer(p, note, facts);
        } else if sent {
            // It is no member any more, so it may not commit what it made.
            self.fail_transaction(p, facts);
            self.advance_transaction(p, facts);
        } else {
            self.enter(p, Stage::Ready);
            self.go_on(c, facts);
        }
    }

    /// The positions of an open transaction reach the group's coordinator: whether it takes them.
    pub(super) fn offer_arrives<F: Facts>(&mut self, p: ProducerId, epoch: u32, _: &mut F) -> Step {
        let now = self.now;
        let coordinating = self.coordinator_of(p);
        let stands = coordinating.entry.admits(epoch);
        let Some(note) = coordinating.note.clone().filter(|_| stands) else { return Step::Refused };
        let c = note.consumer;
        let group = &mut self.groups[self.consumers[c.index()].group.index()];
        let who = Member { consumer: c, number: note.number };
        let verdict = group.coordinator.commit(who, note.generation, now);
        if verdict != Beat::Fine {
            let consumer = &mut self.consumers[c.index()];
            let gone = !matches!(verdict, Beat::Rejoin | Beat::Stale);
            consumer.expelled |= gone && consumer.life == note.life && consumer.number == note.number;
            return Step::Refused;
        }
        for (index, _) in &note.offsets {
            *group.unstable.entry(*index).or_default() += 1;
        }
        self.coordinator_of(p).entry.offer(now);
        Step::Offered
    }
    /// The transaction's outcome reaches the group's offsets.
    pub(super) fn offsets_marked<F: Facts>(&mut self, p: ProducerId, commit: bool, facts: &mut F) {
        let note = self.coordinator_of(p).note.take().expect("positions were offered");
        let g = self.consumers[note.consumer.index()].group;
        for (index, _) in &note.offsets {
            let unstable = &mut self.groups[g.index()].unstable;
            match unstable.get_mut(index) {
                Some(n) if *n > 1 => *n -= 1,
                _ => drop(unstable.remove(index)),
            }
        }
        if commit {
            self.take_offsets(&note, facts);
        }
    }
    /// Whether a partition's committed offset may change any moment, by a transaction that is open.
    pub(super) fn is_unstable(&self, c: ConsumerId, partition: PartitionId) -> bool {
        let group = &self.groups[self.consumers[c.index()].group.index()];
        !group.unstable.is_empty() && group.unstable.contains_key(&group.index_of[partition.index()])
    }
    /// The wait is over.
    pub(super) fn look_again<F: Facts>(&mut self, c: ConsumerId, life: u32, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        if consumer.life != life || consumer.expelled || consumer.awaiting.is_empty() {
            return;
        }
        self.begin_to_read(c, facts);
        if self.consumers[c.index()].paused.is_some() {
            return;
        }
        if self.consumers[c.index()].waiting {
            self.poll(c, facts);
        } else {
            self.send_fetches(c, facts);
        }
    }
    /// Asks for the committed offsets again.
    pub(super) fn look_up_again(&mut self, c: ConsumerId) {
        let (at, life) = (self.now + ASK_AGAIN, self.consumers[c.index()].life);
        self.at(at, Ev::LookAgain(c, life));
    }

    /// The outcome is known to the consumer: it goes on, or back.
    pub(super) fn transaction_over<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        if let Some(c) = self.maker(p)
            && self.consumers[c.index()].committing.is_some()
        {
            self.go_on(c, facts);
        }
    }
    /// What was aborted is read again from what is committed (Kafka's applications seek to the committed offsets).
    fn go_back_to_committed<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let (now, g) = (self.now, self.consumers[c.index()].group);
        for place in 0..self.consumers[c.index()].owned.len() {
            let owned = self.consumers[c.index()].owned[place];
            let group = &self.groups[g.index()];
            if group.owner[owned.index as usize] != Some(c) {
                continue;
            }
            let log = &self.logs[owned.partition.index()];
            let target = match group.coordinator.offset(owned.index as usize) {
                Some(committed) => committed,
                None if group.plan.offset_reset == OffsetReset::Latest => owned.position,
                None => log.reset(group.plan.offset_reset, group.decided, now, &self.batches),
            };
            let target = log.after_hole(target);
            if target >= owned.position {
                continue;
            }
            let consumer = &mut self.consumers[c.index()];
            let o = &mut consumer.owned[place];
            (o.position, o.fetched) = (target, target);
            o.committing = o.committing.min(target);
            consumer.ready.insert(place);
            consumer.moved.insert(place);
            facts.exposed(g, owned.partition, target, owned.position, DuplicateCause::TransactionAborted);
        }
        self.upsets += 1;
    }

    /// The process of a consumer with a producer ends at once.
    pub(super) fn outlet_crashes<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        if let Some(p) = self.outlet_of(c) {
            self.crash_producer(p, facts);
        }
    }
    /// It starts again.
    pub(super) fn outlet_starts<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        if let Some(p) = self.outlet_of(c) {
            self.start_producer(p, facts);
        }
    }
    /// It goes on after it stood still: with what came meanwhile.
    pub(super) fn outlet_goes_on<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let Some(p) = self.outlet_of(c) else { return };
        if self.has_coordinator(p) {
            for (turn, step) in std::mem::take(&mut self.coordinator_of(p).held) {
                self.transact(p, turn, step, facts);
            }
        }
        self.run_producer(p, facts);
        self.flush_and_commit(c, facts);
    }
    /// Puts a consumer's positions into its transaction.
    fn offer<F: Facts>(&mut self, p: ProducerId, note: CommitNote, facts: &mut F) {
        self.coordinator_of(p).note = Some(note);
        self.enter(p, Stage::Offering);
        self.ask(p, Step::Offer, facts);
    }
}

/// An output is given up. Whoever reads everything has a copy of it, if there is one.
fn tell_lost<F: Facts>(
    record: Record,
    place: Left,
    topic: TopicId,
    cause: LossCause,
    at: Time,
    facts: &mut F,
) {
    match place {
        Left::Nowhere => facts.lost_on_the_way(&[record], topic, cause, at),
        Left::Aborted => facts.lost_with_transactions(&record, topic, cause, at),
    }
}
