//! Transactions between producers and their coordinator: when they begin, how they end, and the markers that say so.
//!
//! The coordinator stands on none of the brokers in particular. What it decides is written to as many brokers as
//! Kafka's `__transaction_state` has replicas, and its markers go to the leaders. A new transaction begins when
//! the last one has all its markers: Kafka refuses it until then (CONCURRENT_TRANSACTIONS), and the client asks
//! again and again.

use super::{CommitNote, Ev, World};
use crate::engine::{Span, Stream, Time};
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, Offset, PartitionId, ProducerId};
use crate::model::log::Verdict;
use crate::model::plan::TransactionPlan;
use crate::model::producer::Stage;
use crate::model::transaction::{Entry, State};

/// Kafka `transaction.abort.timed.out.transaction.cleanup.interval.ms`.
const SCAN: Span = Span::from_secs(10);
/// Kafka `transaction.state.log.replication.factor`.
const STATE_REPLICAS: u32 = 3;
/// How long the coordinator waits before it asks again who leads a partition (Kafka `retry.backoff.ms`).
const ASK_AGAIN: Span = Span::millis(100);
/// A batch with a marker in it.
const MARKER_BYTES: u64 = 78;

/// What is due between a producer and its coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The commit interval is over.
    Due,
    /// The producer puts its EndTxn on the wire again: commit, or abort.
    End(bool),
    /// An EndTxn reaches the coordinator: commit, or abort.
    Ends(bool),
    /// The outcome is written: commit or abort, and whether the producer asked for it.
    Decided(bool, bool),
    /// The producer puts its InitProducerId on the wire again.
    Init,
    /// An InitProducerId reaches the coordinator.
    Inits,
    /// The producer puts its TxnOffsetCommit on the wire again.
    Offer,
    /// A TxnOffsetCommit reaches its group's coordinator.
    Offers,
    /// The positions are part of the transaction.
    Offered,
    /// The group does not take them.
    Refused,
    /// The transaction's marker reaches the group's offsets: committed, or aborted.
    OffsetsMarked(bool),
    /// The coordinator's answer is there.
    Answered,
    /// The same, and it is that somebody else has ended the transaction.
    Fenced,
}

/// What the coordinator knows of a producer, and its chance.
#[derive(Debug)]
pub(super) struct Coordinating {
    pub(super) entry: Entry,
    pub(super) plan: TransactionPlan,
    rng: Stream,
    /// The positions that are part of the transaction, or are to be.
    pub(super) note: Option<CommitNote>,
    /// What came for a consumer's producer while its process stood still, and the turn it came for.
    pub(super) held: Vec<(u32, Step)>,
}

impl Step {
    /// Whether the producer has to do it.
    fn is_the_producers(self) -> bool {
        match self {
            Step::Due | Step::End(_) | Step::Init | Step::Offer => true,
            Step::Answered | Step::Fenced | Step::Offered | Step::Refused => true,
            Step::Ends(_) | Step::Inits | Step::Offers | Step::Decided(..) | Step::OffsetsMarked(_) => false,
        }
    }
}

/// A marker on its way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marker {
    verdict: Option<Verdict>,
    partition: PartitionId,
    /// It was written before, and cut off.
    again: bool,
}

impl World {
    /// Producers with transactions get their coordinator, and their topics' logs learn of it.
    pub(super) fn prepare_transactions(&mut self) {
        let plan = self.plan.clone();
        for (entry, producer) in plan.producers.iter().enumerate() {
            let Some(settings) = producer.transactional else { continue };
            let first = self.first_partition[producer.topic.index()].index();
            let partitions = plan.room(producer.topic) as usize;
            for log in self.logs[first..first + partitions].iter_mut().filter(|l| !l.is_transactional()) {
                log.expect_transactions();
            }
            self.coordinating.resize_with(self.producers.len(), || None);
            for p in self.producers.iter().filter(|p| p.entry == entry) {
                let rng = self.key.stream(&format!("producer.{}/{}/transactions", producer.name, p.index));
                let (note, held) = (None, Vec::new());
                let new = Coordinating { entry: Entry::default(), plan: settings, rng, note, held };
                self.coordinating[p.id.index()] = Some(new);
            }
        }
        if !self.coordinating.is_empty() {
            self.at(Time::ZERO + SCAN, Ev::ScanTransactions);
        }
    }
    /// Whether a producer has transactions.
    pub(super) fn has_coordinator(&self, p: ProducerId) -> bool {
        self.coordinating.get(p.index()).is_some_and(Option::is_some)
    }
    pub(super) fn coordinator_of(&mut self, p: ProducerId) -> &mut Coordinating {
        self.coordinating[p.index()].as_mut().expect("asked only for producers with transactions")
    }

    /// What a producer sends belongs to its open transaction, or begins one.
    pub(super) fn send_in_transaction(&mut self, p: ProducerId, list: &[BatchId]) {
        if !self.has_coordinator(p) {
            return;
        }
        let now = self.now;
        let Some(session) = &mut self.producers[p.index()].session else { return };
        for id in list {
            self.batches[*id].transaction = session.epoch;
        }
        session.sent = true;
        if session.stage == Stage::Ready {
            session.enter(Stage::Open);
            session.opened = now;
            let turn = session.turn;
            let at = self.now + self.coordinator_of(p).plan.commit_interval;
            self.at(at, Ev::Transact(p, turn, Step::Due));
        }
    }

    /// Whether a broker may append this batch, as it asks the coordinator.
    pub(super) fn admits(&self, p: ProducerId, id: BatchId) -> bool {
        let of = self.coordinating[p.index()].as_ref();
        of.is_some_and(|c| c.entry.admits(self.batches[id].transaction))
    }
    /// A batch of a transaction was appended.
    pub(super) fn join_transaction(&mut self, id: BatchId, base: Offset) {
        let batch = &self.batches[id];
        let (p, partition, epoch) = (batch.producer, batch.partition, batch.transaction);
        let end = base + batch.records.len() as u64;
        self.logs[partition.index()].join(p, epoch, base, end);
        let now = self.now;
        self.coordinator_of(p).entry.add(partition, now);
    }

    pub(super) fn enter(&mut self, p: ProducerId, stage: Stage) -> u32 {
        let producer = &mut self.producers[p.index()];
        let session = producer.session.as_mut().expect("it has transactions");
        session.enter(stage);
        let turn = session.turn;
        producer.pass_gate(stage.gate());
        turn
    }
    fn stage(&self, p: ProducerId) -> Option<Stage> {
        self.producers[p.index()].session.map(|s| s.stage)
    }

    /// Ends the transaction if everything of it that was on its way has come back.
    pub(super) fn advance_transaction<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        let producer = &self.producers[p.index()];
        match self.stage(p) {
            Some(Stage::Flushing(upto)) if producer.flushed(upto, &self.batches) => match self.maker(p) {
                Some(c) => self.outputs_flushed(p, c, facts),
                None => self.end(p, true, facts),
            },
            Some(Stage::Failing) if producer.in_flight() == 0 => self.end(p, false, facts),
            _ => {}
        }
    }
    fn end<F: Facts>(&mut self, p: ProducerId, commit: bool, facts: &mut F) {
        self.enter(p, Stage::Ending);
        self.ask(p, Step::End(commit), facts);
    }

    /// Puts a request to the coordinator on the wire; one that is lost is sent again.
    pub(super) fn ask<F: Facts>(&mut self, p: ProducerId, step: Step, facts: &mut F) {
        let (now, coordinator) = (self.now, self.brokers.len());
        let producer = &self.producers[p.index()];
        let session = producer.session.expect("it has transactions");
        let again = now + producer.settings.request_timeout.max(Span::millis(1));
        let (arrives, number) = match step {
            Step::End(commit) => (Step::Ends(commit), session.epoch),
            Step::Offer => (Step::Offers, session.epoch),
            _ => (Step::Inits, session.turn),
        };
        match self.producer_wires[p.index()].out(coordinator, now) {
            Some(at) if at == now => self.transact(p, number, arrives, facts),
            Some(at) => self.at(at, Ev::Transact(p, number, arrives)),
            None => self.at(again, Ev::Transact(p, session.turn, step)),
        }
    }
    /// Puts the coordinator's answer on the wire. If it is lost, the client asks again and is told the same.
    fn tell<F: Facts>(&mut self, p: ProducerId, turn: u32, step: Step, facts: &mut F) {
        let (now, coordinator) = (self.now, self.brokers.len());
        let again = now + self.producers[p.index()].settings.request_timeout.max(Span::millis(1));
        match self.producer_wires[p.index()].back(coordinator, now) {
            Some(at) if at == now => self.transact(p, turn, step, facts),
            at => self.at(at.unwrap_or(again), Ev::Transact(p, turn, step)),
        }
    }

    /// Something is due between a producer and its coordinator. `number` is the producer's turn, or the
    /// transaction's epoch in what the coordinator hears and decides.
    pub(super) fn transact<F: Facts>(&mut self, p: ProducerId, number: u32, step: Step, facts: &mut F) {
        let session = self.producers[p.index()].session.expect("it has transactions");
        let current = session.turn == number;
        if step.is_the_producers()
            && let Some(c) = self.maker(p)
            && self.consumers[c.index()].paused.is_some()
        {
            self.coordinator_of(p).held.push((number, step));
            return;
        }
        match step {
            Step::Due if current => match self.maker(p) {
                // At work it commits when its batch is done.
                Some(c) => self.commit_if_idle(c, facts),
                None => {
                    let now = self.now;
                    self.producers[p.index()].settle(now, &mut self.batches, facts);
                    self.enter(p, Stage::Flushing(now));
                    self.run_producer(p, facts);
                }
            },
            Step::End(_) | Step::Init | Step::Offer if current => self.ask(p, step, facts),
            Step::Ends(commit) => self.end_arrives(p, number, commit, facts),
            Step::Inits => {
                if !self.abort(p) {
                    let entry = &mut self.coordinator_of(p).entry;
                    if entry.state == State::Empty {
                        entry.fence();
                    }
                }
                if current {
                    self.tell(p, number, Step::Answered, facts);
                }
            }
            Step::Decided(commit, asked) => self.decided(p, number, commit, asked, facts),
            Step::Answered if current => {
                if let Some(session) = &mut self.producers[p.index()].session {
                    session.answered = true;
                }
                if session.stage == Stage::Ending && !session.failed {
                    self.transaction_over(p, facts);
                }
                self.begin_again_if_it_may(p, facts);
            }
            Step::Fenced if current => {
                self.note_failure(p);
                self.start_transactions(p, facts);
            }
            Step::Offers => {
                let answer = self.offer_arrives(p, number, facts);
                if session.stage == Stage::Offering && session.epoch == number {
                    self.tell(p, session.turn, answer, facts);
                }
            }
            Step::Offered if current => self.end(p, true, facts),
            Step::Refused if current => {
                self.fail_transaction(p, facts);
                self.advance_transaction(p, facts);
            }
            Step::OffsetsMarked(commit) => {
                self.offsets_marked(p, commit, facts);
                if self.coordinator_of(p).entry.marked() {
                    self.begin_again_if_it_may(p, facts);
                }
            }
            _ => {}
        }
    }

    fn end_arrives<F: Facts>(&mut self, p: ProducerId, epoch: u32, commit: bool, facts: &mut F) {
        let session = self.producers[p.index()].session.expect("it has transactions");
        let entry = &mut self.coordinator_of(p).entry;
        let answer = if entry.epoch != epoch {
            Some(Step::Fenced)
        } else if entry.prepare() {
            let at = self.when_written(p);
            self.at(at, Ev::Transact(p, epoch, Step::Decided(commit, true)));
            None
        } else if entry.state == State::Empty {
            // Nothing of it was ever appended.
            entry.fence();
            Some(Step::Answered)
        } else {
            Some(Step::Fenced)
        };
        if let Some(answer) = answer
            && session.stage == Stage::Ending
            && session.epoch == epoch
        {
            self.tell(p, session.turn, answer, facts);
        }
    }

    /// The coordinator begins to abort what is open; says whether there was anything.
    fn abort(&mut self, p: ProducerId) -> bool {
        let entry = &mut self.coordinator_of(p).entry;
        let (epoch, open) = (entry.epoch, entry.prepare());
        if open {
            let at = self.when_written(p);
            self.at(at, Ev::Transact(p, epoch, Step::Decided(false, false)));
        }
        open
    }

    fn between_brokers_for(&mut self, p: ProducerId) -> Span {
        if self.brokers.len() < 2 {
            return Span::ZERO;
        }
        let plan = self.plan.clone();
        Span(plan.cluster.replication.delay.sample(&mut self.coordinator_of(p).rng))
    }
    /// When all replicas of the coordinator's log have what it writes now: each fetches it, and says so with its
    /// next fetch.
    fn when_written(&mut self, p: ProducerId) -> Time {
        let mut longest = Span::ZERO;
        for _ in 1..STATE_REPLICAS.min(self.brokers.len() as u32) {
            let there_and_back = self.between_brokers_for(p) + self.between_brokers_for(p);
            longest = longest.max(there_and_back);
        }
        self.now + longest
    }

    /// The outcome stands. The producer hears of it, and markers go to every partition.
    fn decided<F: Facts>(&mut self, p: ProducerId, epoch: u32, commit: bool, asked: bool, facts: &mut F) {
        facts.transaction_ended(p, commit, self.now);
        if self.maker(p).is_some() {
            self.outputs_of(p).transaction_ended(p, commit);
        }
        let entry = &mut self.coordinator_of(p).entry;
        entry.decided();
        let (partitions, offsets) = (entry.partitions.clone(), entry.offsets);
        if offsets {
            let at = self.now + self.between_brokers_for(p);
            self.at(at, Ev::Transact(p, epoch, Step::OffsetsMarked(commit)));
        }
        for partition in partitions {
            let verdict = Some(Verdict { whose: p, epoch, commit });
            self.send_marker(Marker { verdict, partition, again: false });
        }
        let session = self.producers[p.index()].session.expect("it has transactions");
        if asked && session.stage == Stage::Ending && session.epoch == epoch {
            self.tell(p, session.turn, Step::Answered, facts);
        }
    }
    fn send_marker(&mut self, marker: Marker) {
        let whose = marker.verdict.expect("a marker on its way says something").whose;
        let at = self.now + self.between_brokers_for(whose);
        let id = self.markers.place();
        self.markers[id] = marker;
        self.at(at, Ev::Mark(id));
    }
    /// Markers that are gone with their leader are written again.
    pub(super) fn mark_again(&mut self, partition: PartitionId, lost: Vec<Verdict>) {
        for verdict in lost {
            self.send_marker(Marker { verdict: Some(verdict), partition, again: true });
        }
    }

    /// A marker reaches its partition's leader, if there is one.
    pub(super) fn marker_arrives<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let Marker { verdict, partition, again } = self.markers[id];
        if self.leader[partition.index()].is_none() {
            self.at(self.now + ASK_AGAIN, Ev::Mark(id));
            return;
        }
        self.markers.leave(id);
        let verdict = verdict.expect("a marker on its way says something");
        let (now, p) = (self.now, verdict.whose);
        let batch = self.batches.open(p, partition, now);
        self.batches[batch].bytes = MARKER_BYTES;
        let log = &mut self.logs[partition.index()];
        let (base, aborted) = log.mark(verdict, batch, &mut self.batches, now);
        self.batches.release(batch);
        facts.marked(partition, base, p, verdict.commit, now);
        let mut outputs = Vec::new();
        let is_a_groups = self.maker(p).is_some();
        for (from, to) in aborted {
            let log = &self.logs[partition.index()];
            log.visit(from.max(log.floor()), to.max(log.floor()), &self.batches, |at, records, _| {
                facts.aborted(partition, at, records, now);
                if is_a_groups {
                    outputs.extend(records.iter().map(|r| r.event).zip(at..));
                }
            });
        }
        if is_a_groups {
            self.outputs_aborted(p, partition, &outputs, facts);
        }
        if self.replicas[partition.index()].several() {
            self.feed_followers(partition, base, facts);
            self.raise_high_watermark(partition, facts);
        } else {
            self.appear(partition, facts);
        }
        if !again && self.coordinator_of(p).entry.marked() {
            self.begin_again_if_it_may(p, facts);
        }
    }

    /// A producer may begin its next transaction when the coordinator has answered and is done with the last.
    fn begin_again_if_it_may<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        let entry = &self.coordinator_of(p).entry;
        let (epoch, done) = (entry.epoch, entry.state == State::Empty);
        let session = self.producers[p.index()].session.expect("it has transactions");
        if done && session.answered && matches!(session.stage, Stage::Ending | Stage::Starting) {
            self.enter(p, Stage::Ready);
            if let Some(session) = &mut self.producers[p.index()].session {
                session.epoch = epoch;
            }
            self.run_producer(p, facts);
            if let Some(c) = self.maker(p) {
                self.flush_and_commit(c, facts);
                if self.producers[p.index()].session.is_some_and(|s| s.failed) {
                    self.commit_if_idle(c, facts);
                }
            }
        }
    }
    /// What a consumer's producer has made came to nothing.
    fn note_failure(&mut self, p: ProducerId) {
        if self.maker(p).is_some()
            && let Some(session) = &mut self.producers[p.index()].session
        {
            session.failed = true;
        }
    }
    /// Its consumer knows.
    pub(super) fn begin_anew(&mut self, p: ProducerId) {
        if let Some(session) = &mut self.producers[p.index()].session {
            session.failed = false;
        }
    }

    /// The producer asks for an epoch of its own, which ends whatever its former self left open.
    pub(super) fn start_transactions<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        if self.has_coordinator(p) {
            self.enter(p, Stage::Starting);
            self.ask(p, Step::Init, facts);
        } else if self.stage(p).is_some() {
            self.enter(p, Stage::Ready);
        }
    }
    /// Its process dies, and leaves open what is.
    pub(super) fn leave_transaction(&mut self, p: ProducerId) {
        if self.stage(p).is_some() {
            self.enter(p, Stage::Down);
        }
        if self.has_coordinator(p) {
            self.coordinator_of(p).held.clear();
        }
    }

    /// Whether a batch that came back goes down with its transaction instead of being sent again. `told`: the
    /// broker has refused it.
    pub(super) fn goes_down(&self, p: ProducerId, id: BatchId, told: bool) -> bool {
        match self.stage(p).filter(|_| self.has_coordinator(p)) {
            None => false,
            Some(Stage::Failing) => true,
            Some(_) => told && !self.admits(p, id),
        }
    }
    /// Something of the open transaction was given up: it is aborted, and what was not sent goes down with it.
    pub(super) fn fail_transaction<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        let open = matches!(self.stage(p), Some(Stage::Open | Stage::Flushing(_) | Stage::Offering));
        if open && self.has_coordinator(p) {
            self.note_failure(p);
            self.enter(p, Stage::Failing);
            let mut dropped = Vec::new();
            self.producers[p.index()].drop_all(&mut self.batches, &mut dropped);
            for id in dropped {
                self.let_go(id, facts);
            }
        }
    }

    /// The coordinator looks for transactions that are open for too long.
    pub(super) fn scan_transactions(&mut self) {
        for p in 0..self.coordinating.len() {
            let late = self.coordinating[p].as_ref().is_some_and(
                |c| matches!(c.entry.state, State::Ongoing(since) if self.now > since + c.plan.timeout),
            );
            if late {
                self.abort(ProducerId::from(p));
            }
        }
        self.at(self.now + SCAN, Ev::ScanTransactions);
    }
}
