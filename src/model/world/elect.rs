//! Who leads: brokers that die, are missed by the controller, come back or are cut off, and when clients hear
//! of it.
//!
//! What replicas have and who of them may lead is the business of `model/replicas.rs`; how they come by it
//! is in `replicate`.

use super::{Ev, Receipt, World};
use crate::engine::{Dist, EventQueue, Rank, Span, Time};
use crate::model::broker::Job;
use crate::model::cause::LossCause;
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, BrokerId, Offset, PartitionId, ProducerId, RequestId};
use crate::model::plan::Acks;
use crate::model::replicas::Election;

/// A client that misses a leader asks for the metadata again after `retry.backoff.ms`, doubled up to
/// `retry.backoff.max.ms`.
const FIRST_REFRESH: Span = Span::millis(100);
const LONGEST_REFRESH: Span = Span::millis(1_000);

impl World {
    /// A broker's process dies: what it was doing breaks, and its partitions wait for another leader.
    pub(super) fn stop_broker<F: Facts>(&mut self, b: BrokerId, facts: &mut F) {
        if !self.brokers[b.index()].up {
            return;
        }
        self.settle_all(facts);
        let jobs = self.brokers[b.index()].stop();
        self.brokers[b.index()].incarnation += 1;
        self.break_links(b);
        for job in jobs {
            match job {
                Job::Produce(request) => self.break_connection(request, facts),
                Job::Fetch(fetch) | Job::Deliver(fetch) => self.refuse_fetch(fetch, facts),
                Job::Feed(..) | Job::Store(..) => {}
            }
        }
        self.break_parked(b, facts);
        let led = self.led_by(b);
        for request in self.requests_awaiting(&led) {
            self.break_connection(request, facts);
        }
        for p in &led {
            self.keep_account(p.index());
        }
        for p in 0..self.replicas.len() {
            self.replicas[p].runs(b, false);
        }
        self.lose_leaders(&led, facts);
        self.miss_broker(b);
    }

    /// Its machine loses power: what its replicas got in the last `unflushed` is gone.
    pub(super) fn cut_power<F: Facts>(&mut self, b: BrokerId, unflushed: Span, facts: &mut F) {
        if !self.brokers[b.index()].up {
            return;
        }
        self.stop_broker(b, facts);
        let since = Time(self.now.0.saturating_sub(unflushed.0));
        for p in 0..self.replicas.len() {
            if let Some(slot) = self.replicas[p].on(b) {
                let flushed = self.logs[p].appended_after(since);
                self.replicas[p].forget(slot, flushed);
            }
        }
    }

    /// Controlled shutdown: its partitions get other leaders first.
    pub(super) fn shut_down_broker<F: Facts>(&mut self, b: BrokerId, facts: &mut F) {
        if !self.brokers[b.index()].up {
            return;
        }
        self.settle_all(facts);
        self.brokers[b.index()].fenced = true;
        self.give_up_on(b, facts);
        self.stop_broker(b, facts);
    }

    /// The one replica of a partition has all there is; nobody keeps account of it with every append.
    fn keep_account(&mut self, p: usize) {
        self.replicas[p].appended(self.logs[p].end());
    }

    /// The controller will miss the broker when its session ends, unless it is in touch before.
    fn miss_broker(&mut self, b: BrokerId) {
        let plan = &self.plan.cluster;
        let wait = plan.failover.unwrap_or_else(|| {
            let since = Dist::Uniform { low: 0.0, high: plan.replication.heartbeat.0 as f64 };
            let since = Span(since.sample(&mut self.heartbeats[b.index()]));
            Span(plan.replication.session_timeout.0.saturating_sub(since.0))
        });
        let incarnation = self.brokers[b.index()].incarnation;
        let at = self.now + wait;
        self.at(at, Ev::Fence(b, incarnation));
    }

    /// The broker's session has ended.
    pub(super) fn fence_broker<F: Facts>(&mut self, b: BrokerId, incarnation: u32, facts: &mut F) {
        let server = &mut self.brokers[b.index()];
        if server.incarnation == incarnation && !server.fenced {
            server.fenced = true;
            self.settle_all(facts);
            self.give_up_on(b, facts);
        }
    }

    /// The controller takes a broker's partitions from it, and gives them to others.
    fn give_up_on<F: Facts>(&mut self, b: BrokerId, facts: &mut F) {
        let now = self.now;
        let mut changed = Vec::new();
        for p in 0..self.replicas.len() {
            if self.leader[p] == Some(b) {
                self.keep_account(p);
            }
            if !self.replicas[p].fence(b) {
                continue;
            }
            let partition = PartitionId::from(p);
            facts.in_sync_changed(partition, self.replicas[p].in_sync(), now);
            if self.replicas[p].leading().is_none() {
                self.elect_one(partition, facts);
                changed.push(partition);
            } else {
                self.raise_high_watermark(partition, facts);
            }
        }
        self.spread_the_word(&changed, facts);
    }

    /// A broker starts, and registers with the controller: what its former self led goes to others first.
    pub(super) fn start_broker<F: Facts>(&mut self, b: BrokerId, facts: &mut F) {
        if self.brokers[b.index()].up {
            return;
        }
        self.settle_all(facts);
        let server = &mut self.brokers[b.index()];
        server.incarnation += 1;
        if !std::mem::replace(&mut server.fenced, true) {
            self.give_up_on(b, facts);
        }
        self.brokers[b.index()].up = true;
        for p in 0..self.replicas.len() {
            self.replicas[p].runs(b, true);
        }
        self.count_on(b, facts);
    }

    /// The controller counts on a broker again: it leads what nobody else can, and follows the rest.
    fn count_on<F: Facts>(&mut self, b: BrokerId, facts: &mut F) {
        self.brokers[b.index()].fenced = false;
        let mut changed = Vec::new();
        for p in 0..self.replicas.len() {
            if self.replicas[p].on(b).is_some() && self.replicas[p].leading().is_none() {
                let partition = PartitionId::from(p);
                if self.elect_one(partition, facts) {
                    changed.push(partition);
                }
            }
        }
        self.spread_the_word(&changed, facts);
        self.mend_links(b, facts);
    }

    /// A broker cannot reach the others (and, `wholly`, the controller), or can again. Clients reach it.
    pub(super) fn isolate_broker<F: Facts>(&mut self, b: BrokerId, cut: bool, wholly: bool, facts: &mut F) {
        let server = &mut self.brokers[b.index()];
        server.cut = cut;
        if cut {
            server.isolated = wholly;
            self.break_links(b);
            if wholly {
                self.miss_broker(b);
            }
            return;
        }
        let was_isolated = std::mem::replace(&mut server.isolated, false);
        if was_isolated {
            server.incarnation += 1;
        }
        if server.up && server.fenced {
            self.count_on(b, facts);
            // It leads no more, and says so to whoever still asks it.
            let old: Vec<PartitionId> = (0..self.known.len())
                .filter(|p| self.known[*p] == Some(b) && self.leader[*p] != Some(b))
                .map(PartitionId::from)
                .collect();
            let at = self.now + FIRST_REFRESH;
            self.announce(old, at);
        } else if server.up {
            self.mend_links(b, facts);
        }
    }

    /// Leadership goes back to the preferred replicas of brokers that lead too few of theirs (Kafka
    /// `auto.leader.rebalance.enable`, above `leader.imbalance.per.broker.percentage` = 10).
    pub(super) fn prefer_leaders<F: Facts>(&mut self, facts: &mut F) {
        let now = self.now;
        let mut owed = vec![(0u64, 0u64); self.brokers.len()];
        for r in &self.replicas {
            let of = &mut owed[r.preferred().index()];
            of.0 += 1;
            of.1 += u64::from(r.leader() != Some(r.preferred()));
        }
        let mut changed = Vec::new();
        if owed.iter().any(|(all, elsewhere)| elsewhere * 10 > *all) {
            self.settle_all(facts);
            for p in 0..self.replicas.len() {
                let (all, elsewhere) = owed[self.replicas[p].preferred().index()];
                let fit = elsewhere * 10 > all && !self.brokers[self.replicas[p].preferred().index()].fenced;
                if let Some(election) = fit.then(|| self.replicas[p].prefer(now)).flatten() {
                    let partition = PartitionId::from(p);
                    self.take_over(partition, election, facts);
                    changed.push(partition);
                }
            }
        }
        self.spread_the_word(&changed, facts);
        let next = now + self.plan.cluster.replication.leader_check;
        self.at(next, Ev::PreferLeaders);
    }

    /// Elects a leader where there is none; says whether there is one now.
    fn elect_one<F: Facts>(&mut self, p: PartitionId, facts: &mut F) -> bool {
        let brokers = &self.brokers;
        let fit = |b: BrokerId| brokers[b.index()].up && !brokers[b.index()].fenced;
        let election = self.replicas[p.index()].elect(self.now, fit);
        match election {
            Some(election) => self.take_over(p, election, facts),
            None => {
                if self.leader[p.index()].take().is_some() {
                    facts.leader_changed(p, None, false, self.now);
                }
                self.follow_leader(p, facts);
            }
        }
        election.is_some()
    }

    /// A new leader begins where its log ends: what others had beyond is gone.
    fn take_over<F: Facts>(&mut self, p: PartitionId, election: Election, facts: &mut F) {
        self.leader[p.index()] = Some(election.leader);
        facts.leader_changed(p, Some(election.leader), election.unclean, self.now);
        if election.end < self.logs[p.index()].end() {
            self.truncate(p, election, facts);
        }
        self.replicas[p.index()].begin_again();
        if election.unclean {
            facts.in_sync_changed(p, self.replicas[p.index()].in_sync(), self.now);
        }
        self.follow_leader(p, facts);
        self.raise_high_watermark(p, facts);
    }

    fn truncate<F: Facts>(&mut self, p: PartitionId, election: Election, facts: &mut F) {
        let now = self.now;
        let from = election.end.max(self.logs[p.index()].start());
        let before = self.logs[p.index()].visible();
        facts.cut_off(p, from, self.logs[p.index()].end(), now);
        for (producer, number) in self.logs[p.index()].sent_beyond(from) {
            self.sequences[p.index()].take_back(producer, number);
        }
        let (cuts, markers) = self.logs[p.index()].truncate(from, &self.batches);
        self.mark_again(p, markers);
        // The last first: a copy is gone before its original asks whether anybody still has the batch.
        for cut in cuts.into_iter().rev() {
            let (base, id) = (cut.entry.base, cut.entry.batch);
            let batch = &self.batches[id];
            if batch.records.is_empty() {
                // A marker.
                if !cut.seen {
                    self.batches.release(id);
                }
                continue;
            }
            let copy = cut.entry.is_copy;
            // What is aborted does not come again, whoever still has it.
            let kept_elsewhere = !cut.seen && !cut.aborted && !batch.held_once();
            let acks = self.producers[batch.producer.index()].settings.acks;
            let cause = if acks == Acks::All && self.replicas[p.index()].alone_at(base) {
                LossCause::LoneReplica
            } else if election.unclean {
                LossCause::UncleanElection
            } else if base < before || !self.replicas[p.index()].several() {
                LossCause::PowerLoss
            } else {
                LossCause::NotReplicated
            };
            let lost = (!copy && !kept_elsewhere).then_some(cause);
            let producer = batch.producer;
            if !copy && self.maker(producer).is_some() {
                self.outputs_cut(id, base, (cut.seen, kept_elsewhere), cause, facts);
            } else {
                facts.truncated(p, base, &batch.records, lost, now);
            }
            self.sequences[p.index()].take_back(producer, cut.entry.sequence);
            if cut.seen {
                continue;
            }
            if !copy && kept_elsewhere {
                self.expect_again(id, cause);
            }
            self.batches.release(id);
        }
        self.replicas[p.index()].skip_to(from, self.logs[p.index()].end());
        self.step_over_hole(p, from);
    }

    /// A batch that its producer still has left the log: it may come again.
    fn expect_again(&mut self, id: BatchId, cause: LossCause) {
        let batch = &mut self.batches[id];
        (batch.appended, batch.lost_as) = (None, cause);
    }

    /// Readers that stand where something was taken away go on behind it (Kafka's consumers learn of the
    /// divergence from the leader epoch, KIP-320).
    fn step_over_hole(&mut self, p: PartitionId, from: Offset) {
        let log = &self.logs[p.index()];
        let end = log.end();
        for consumer in &mut self.consumers {
            for o in consumer.owned.iter_mut().filter(|o| o.partition == p) {
                if o.position >= from {
                    o.position = end;
                    o.fetched = end;
                }
                o.fetched = if o.position < from { o.fetched.min(from) } else { o.fetched };
            }
        }
        self.worth_a_look(p);
    }

    /// Partitions that a broker leads.
    fn led_by(&self, b: BrokerId) -> Vec<PartitionId> {
        (0..self.leader.len()).filter(|p| self.leader[*p] == Some(b)).map(PartitionId::from).collect()
    }

    /// Takes out the requests that wait for replicas of these partitions, each once.
    fn requests_awaiting(&mut self, partitions: &[PartitionId]) -> Vec<RequestId> {
        let mut all: Vec<RequestId> = Vec::new();
        for p in partitions {
            all.extend(self.awaiting[p.index()].drain(..).map(|(_, request, _)| request));
        }
        all.sort_unstable();
        all.dedup();
        for request in &all {
            for i in 0..self.requests[request.0].batches.len() {
                let p = self.batches[self.requests[request.0].batches[i]].partition;
                self.awaiting[p.index()].retain(|(_, r, _)| r != request);
            }
        }
        all
    }

    /// Clients find that nobody answers for these partitions.
    fn lose_leaders<F: Facts>(&mut self, partitions: &[PartitionId], facts: &mut F) {
        for p in partitions {
            self.leader[p.index()] = None;
            facts.leader_changed(*p, None, false, self.now);
        }
        self.tell_clients(partitions, facts);
    }

    /// Leaders have changed: who waits at an old one is sent on, and clients hear of the new ones when they next
    /// ask.
    fn spread_the_word<F: Facts>(&mut self, partitions: &[PartitionId], facts: &mut F) {
        let now = self.now;
        let (mut soon, mut late, mut told) = (Vec::new(), Vec::new(), Vec::new());
        let mut since = now;
        for p in partitions {
            let old = self.known[p.index()];
            match old {
                Some(b) if self.brokers[b.index()].isolated => late.push(*p),
                // It was handed over in order: the old leader says so when it is next asked.
                Some(_) => told.push(*p),
                None => {
                    since = since.min(self.leaderless_since[p.index()]);
                    soon.push(*p);
                }
            }
        }
        for request in self.requests_awaiting(&late) {
            self.forget_request(request, facts);
        }
        for p in &told {
            // NOT_LEADER_OR_FOLLOWER for what waits there.
            for (_, request, place) in std::mem::take(&mut self.awaiting[p.index()]) {
                if let Some(answer) = self.requests[request.0].answers.get_mut(place as usize) {
                    *answer = Receipt::Refused;
                }
                self.one_less_to_wait_for(request, facts);
            }
        }
        self.tell_clients(&told, facts);
        let at = next_refresh(since, now);
        self.announce(soon, at);
        self.announce(told, now + FIRST_REFRESH);
        let age = self.plan.cluster.replication.metadata_max_age.0.max(1);
        self.announce(late, Time((now.0 / age + 1) * age));
    }

    /// Clients hear of the leaders of these partitions at this moment.
    pub(super) fn announce(&mut self, partitions: Vec<PartitionId>, at: Time) {
        if partitions.is_empty() {
            return;
        }
        let id = self.news.place();
        self.news[id] = partitions;
        self.queue.push(at, Rank::Normal, Ev::Learn(id));
    }

    /// Clients ask who leads what.
    pub(super) fn learn_leaders<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let mut partitions = std::mem::take(&mut self.news[id]);
        self.news.leave(id);
        for p in &partitions {
            self.known[p.index()] = self.leader[p.index()];
        }
        self.settle_all(facts);
        self.hear_of_partitions(&partitions, facts);
        self.tell_clients(&partitions, facts);
        for p in partitions.drain(..) {
            if self.leader[p.index()].is_some() {
                self.leader_changed(p, facts);
            }
        }
    }

    /// Brings what producers know of these partitions up to date.
    fn tell_clients<F: Facts>(&mut self, partitions: &[PartitionId], facts: &mut F) {
        if partitions.is_empty() {
            return;
        }
        self.upsets += 1;
        for p in partitions {
            let told = self.known[p.index()];
            let still = told.filter(|b| self.leader[p.index()] == Some(*b));
            if told.is_some() && still.is_none() {
                self.leaderless_since[p.index()] = self.now;
            }
            self.known[p.index()] = still;
        }
        for i in 0..self.producers.len() {
            let topic = self.producers[i].topic;
            let mut concerned = false;
            for p in partitions.iter().filter(|p| self.topic_of[p.index()] == topic) {
                self.producers[i].lanes.led_by(*p, self.known[p.index()]);
                concerned = true;
            }
            if concerned {
                self.run_producer(ProducerId::from(i), facts);
            }
        }
    }

    /// A producer whose request had no answer asks who leads what.
    pub(super) fn refresh_metadata(&mut self, p: ProducerId) {
        self.widen_producer(p);
        let producer = &mut self.producers[p.index()];
        let first = self.first_partition[producer.topic.index()];
        for n in 0..producer.lanes.count() {
            let partition = PartitionId(first.0 + n);
            let leader = self.leader[partition.index()];
            if leader.is_some_and(|b| self.brokers[b.index()].up) && self.known[partition.index()].is_some() {
                producer.lanes.led_by(partition, leader);
            }
        }
    }
}

/// When a client that has asked again and again since `since` asks next.
fn next_refresh(since: Time, now: Time) -> Time {
    let (mut at, mut wait) = (since, FIRST_REFRESH);
    loop {
        at += wait;
        if at > now {
            return at;
        }
        wait = Span((wait.0 * 2).min(LONGEST_REFRESH.0));
    }
}
