//! From producer to log: requests over the wire, appends, answers, time-outs.

use super::{Ev, Receipt, World};
use crate::engine::{EventQueue, Rank, Span, Time};
use crate::model::broker::Job;
use crate::model::cause::LossCause;
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, BrokerId, GroupId, PartitionId, ProducerId, RequestId};
use crate::model::keys::NO_KEY;
use crate::model::plan::Acks;
use crate::model::sequences::Verdict;

impl World {
    /// A producer asked to be woken.
    #[inline]
    pub(super) fn producer_due<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        let producer = &mut self.producers[p.index()];
        if producer.wake_at == self.now {
            producer.wake_at = Time::NEVER;
            self.run_producer(p, facts);
        }
    }

    /// Lets a producer do everything that is due, and schedules its next wake.
    pub(super) fn run_producer<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        let now = self.now;
        let producer = &mut self.producers[p.index()];
        if !producer.up {
            return;
        }
        let straight = producer.straight(now, &mut self.batches, facts);
        match straight {
            Some((id, broker)) if self.goes_alone(p, broker) => self.send_alone(p, broker, id, facts),
            Some((id, broker)) => self.send_request(p, broker, &[id], facts),
            None => self.serve_producer(p, facts),
        }
        let producer = &mut self.producers[p.index()];
        let next = match straight {
            Some(_) => producer.next_wake_alone(),
            None => producer.next_wake(now, &self.batches),
        };
        if next < producer.wake_at {
            producer.wake_at = next;
            // Its own events come first at their moment, so that what happens then finds them in place.
            self.queue.push_done(next, u64::from(p.0), Ev::Wake(p));
        }
        if producer.session.is_some() {
            self.advance_transaction(p, facts);
        }
    }

    /// Takes in what was created, gives up what is late and sends what is due.
    fn serve_producer<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        loop {
            self.producers[p.index()].settle(self.now, &mut self.batches, facts);
            let blocked_by = self.producers[p.index()].blocked_by();
            self.time_out_requests(p, facts);
            self.send_due(p, facts);
            // Callers that stand blocked get in as soon as there is room.
            if blocked_by.is_none() || self.producers[p.index()].blocked_by() == blocked_by {
                break;
            }
        }
    }

    #[inline]
    fn send_due<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        loop {
            let mut list = std::mem::take(&mut self.batch_list);
            let due = self.producers[p.index()].next_request(self.now, &mut self.batches, &mut list);
            if let Some(broker) = due {
                self.send_request(p, broker, &list, facts);
            }
            list.clear();
            self.batch_list = list;
            if due.is_none() {
                break;
            }
        }
    }

    fn time_out_requests<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        let now = self.now;
        if self.producers[p.index()].in_time(now) {
            return;
        }
        let answers = self.producers[p.index()].settings.acks != Acks::None;
        for b in 0..if answers { self.brokers.len() } else { 0 } {
            let mut late = false;
            loop {
                let node = self.producers[p.index()].lanes.node(BrokerId::from(b));
                let Some((deadline, request)) = node.waiting.front().copied() else { break };
                if deadline > now {
                    break;
                }
                node.waiting.pop_front();
                node.in_flight -= 1;
                self.requests[request.0].awaited = false;
                self.give_batches_back(p, request, false, facts);
                self.free_request(request, facts);
                late = true;
            }
            if late {
                self.refresh_metadata(p);
            }
        }
        let mut given_up = Vec::new();
        self.producers[p.index()].expire(now, &mut self.batches, &mut given_up);
        if !given_up.is_empty() {
            self.fail_transaction(p, facts);
        }
        for id in given_up {
            self.let_go(id, facts);
        }
    }

    /// Sends one request; its producer's hold on the batches stays until they are answered.
    fn send_request<F: Facts>(&mut self, p: ProducerId, broker: BrokerId, list: &[BatchId], facts: &mut F) {
        let now = self.now;
        if self.producers[p.index()].session.is_some() {
            self.send_in_transaction(p, list);
        }
        let request = self.new_request(p, broker, list);
        for b in list {
            if self.producers[p.index()].settings.acks == Acks::None {
                self.send_and_forget(p, *b, facts);
            } else {
                let batch = &self.batches[*b];
                facts.sent(p, batch.partition, &batch.records, batch.sends, now);
                self.batches.hold(*b);
            }
        }
        self.producers[p.index()].request_sent(broker, request, now);
        match self.producer_wires[p.index()].out(broker.index(), now) {
            Some(at) if at == now => self.produce_arrives(request, facts),
            Some(at) => self.at(at, Ev::Produce(request)),
            None => self.forget_request(request, facts),
        }
    }
    /// A request that is about to be sent.
    fn new_request(&mut self, p: ProducerId, broker: BrokerId, list: &[BatchId]) -> RequestId {
        let id = self.requests.place();
        let request = &mut self.requests[id];
        request.producer = p;
        request.broker = broker;
        request.batches.clear();
        request.batches.extend_from_slice(list);
        request.answers.clear();
        request.broken = false;
        request.awaited = self.producers[p.index()].settings.acks != Acks::None;
        request.travelling = true;
        request.throttle = Span::ZERO;
        request.bytes = list.iter().map(|b| self.batches[*b].bytes).sum();
        request.unreplicated = 0;
        RequestId(id)
    }
    /// Sends a batch that nobody answers for: the producer is done with it, and its hold becomes the request's.
    #[inline(always)]
    pub(super) fn send_and_forget<F: Facts>(&mut self, p: ProducerId, id: BatchId, facts: &mut F) {
        let now = self.now;
        let (batch, producer) = (&mut self.batches[id], &mut self.producers[p.index()]);
        facts.sent(p, batch.partition, &batch.records, batch.sends, now);
        batch.lost_as = LossCause::UnacknowledgedSend;
        facts.acknowledged(p, &batch.records, now);
        producer.forget(batch.bytes);
        producer.lanes.returned(batch.partition);
    }

    /// A request reaches its broker.
    #[inline]
    pub(super) fn produce_arrives<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let broker = self.requests[request.0].broker;
        let server = &mut self.brokers[broker.index()];
        if !server.up {
            self.break_connection(request, facts);
            return;
        }
        if server.instant() {
            facts.served(broker, Span::ZERO, self.now);
            self.append_request(request, facts);
            return;
        }
        if let Some(done) = server.submit(Job::Produce(request), self.requests[request.0].bytes, self.now) {
            let epoch = server.epoch;
            self.queue.push(done, Rank::Normal, Ev::BrokerDone(broker, epoch));
        }
    }

    /// A broker has worked through a job.
    pub(super) fn broker_done<F: Facts>(&mut self, b: BrokerId, epoch: u32, facts: &mut F) {
        if self.brokers[b.index()].epoch != epoch {
            return;
        }
        let (job, length, next) = self.brokers[b.index()].finish(self.now);
        if let Some(at) = next {
            let epoch = self.brokers[b.index()].epoch;
            self.at(at, Ev::BrokerDone(b, epoch));
        }
        facts.served(b, length, self.now);
        match job {
            Job::Produce(request) => self.append_request(request, facts),
            Job::Fetch(fetch) => self.serve_fetch(fetch, facts),
            Job::Deliver(fetch) => self.deliver_fetch(fetch, facts),
            Job::Feed(link, epoch) => self.send_feed(link, epoch, facts),
            Job::Store(link, epoch) => self.store_feed(link, epoch, facts),
        }
    }

    /// The broker appends what a request carries, and answers if it is asked to: at once, or when all in-sync
    /// replicas have it.
    fn append_request<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let now = self.now;
        let r = &self.requests[request.0];
        let (p, broker, bytes, count) = (r.producer, r.broker, r.bytes, r.batches.len());
        let settings = &self.producers[p.index()].settings;
        let (acks, unanswered) = (settings.acks, settings.acks == Acks::None);
        let mut unheard = false;
        for i in 0..count {
            let id = self.requests[request.0].batches[i];
            if !self.shards.is_empty() {
                self.route(id);
            }
            let partition = self.batches[id].partition.index();
            if self.leader[partition] == Some(broker) {
                let answer = self.take_in(request, i, (p, id), acks, facts);
                if !unanswered {
                    self.requests[request.0].answers.push(answer);
                }
            } else if self.brokers[broker.index()].isolated {
                // It believes to lead. What it takes nobody else will ever have.
                self.batches[id].lost_as = LossCause::IsolatedLeader;
                unheard |= acks == Acks::All;
                self.requests[request.0].answers.push(Receipt::Taken);
            } else {
                self.requests[request.0].answers.push(Receipt::Refused);
            }
            if unanswered {
                // Nobody hears of it, and nobody else holds the batch.
                self.let_go(id, facts);
            }
        }
        let throttle = self.brokers[broker.index()].throttle(p, bytes, now);
        if unanswered {
            self.requests[request.0].travelling = false;
            self.requests.leave(request.0);
            // Without answers the broker can only stop reading the connection.
            if !throttle.is_zero() {
                self.mute(p, broker, throttle, facts);
            }
            return;
        }
        self.requests[request.0].throttle = throttle;
        if unheard {
            self.forget_request(request, facts);
        } else if self.requests[request.0].unreplicated == 0 {
            self.answer_request(request, facts);
        }
    }

    /// The leader takes one batch of a producer's request, or refuses it.
    #[inline]
    fn take_in<F: Facts>(
        &mut self,
        request: RequestId,
        place: usize,
        (p, id): (ProducerId, BatchId),
        acks: Acks,
        facts: &mut F,
    ) -> Receipt {
        let partition = self.batches[id].partition.index();
        let waits = acks == Acks::All && self.replicas[partition].several();
        if acks == Acks::All && self.replicas[partition].too_few() {
            self.refuse_for_want_of_replicas(request, place, facts);
            return Receipt::Refused;
        }
        let before = self.logs[partition].end();
        let receipt = self.take_batch(p, id, facts);
        if waits && receipt == Receipt::Taken {
            let log = &self.logs[partition];
            let batch = &self.batches[id];
            // What was there already has to be on all replicas just so.
            let first = if log.end() > before { before } else { batch.appended.map_or(before, |(_, at)| at) };
            let end = first + batch.records.len() as u64;
            if end > log.visible() {
                self.awaiting[partition].push((end, request, place as u32));
                self.requests[request.0].unreplicated += 1;
            }
        }
        receipt
    }
    /// The leader takes a batch, as far as it and its log alone are concerned, or refuses it.
    #[inline(always)]
    pub(super) fn take_batch<F: Facts>(&mut self, p: ProducerId, id: BatchId, facts: &mut F) -> Receipt {
        if !self.shards.is_empty() && self.is_too_much(id, facts) {
            return Receipt::Refused;
        }
        let batch = &mut self.batches[id];
        if self.logs[batch.partition.index()].is_compacted() && batch.records.iter().any(|r| r.key == NO_KEY)
        {
            // Kafka's InvalidRecordException, for the whole batch.
            batch.lost_as = LossCause::InvalidRecord;
            return Receipt::Invalid;
        }
        if batch.transaction != 0 && !self.admits(p, id) {
            return Receipt::Refused;
        }
        if self.producers[p.index()].settings.idempotence {
            if !self.append_in_sequence(p, id, facts) {
                return Receipt::OutOfOrder;
            }
        } else {
            self.append(id, facts);
        }
        Receipt::Taken
    }

    /// One batch of a request less that replicas lack.
    pub(super) fn one_less_to_wait_for<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let r = &mut self.requests[request.0];
        r.unreplicated -= 1;
        if r.unreplicated == 0 {
            self.answer_request(request, facts);
        }
    }

    /// The answer leaves the broker.
    #[inline]
    fn answer_request<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let (p, broker) = (self.requests[request.0].producer, self.requests[request.0].broker);
        match self.producer_wires[p.index()].back(broker.index(), self.now) {
            Some(at) => self.at(at, Ev::ProduceAnswer(request)),
            None => self.forget_request(request, facts),
        }
    }

    /// There will be no answer.
    pub(super) fn forget_request<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let p = self.requests[request.0].producer;
        for i in 0..self.requests[request.0].batches.len() {
            let id = self.requests[request.0].batches[i];
            facts.unanswered(p, &self.batches[id].records, self.now);
        }
        self.request_gone(request, facts);
    }

    /// Kafka's idempotence: appends what is next in sequence, recognises what it has, refuses what is early.
    fn append_in_sequence<F: Facts>(&mut self, p: ProducerId, id: BatchId, facts: &mut F) -> bool {
        let batch = &self.batches[id];
        let verdict = self.sequences[batch.partition.index()].judge(p, batch.sequence);
        match verdict {
            Verdict::Append => self.append(id, facts),
            Verdict::Known => facts.deduplicated(batch.partition, &batch.records, self.now),
            Verdict::OutOfOrder => {}
        }
        verdict != Verdict::OutOfOrder
    }

    /// Appends a batch and wakes whoever waits for it.
    #[inline(always)]
    fn append<F: Facts>(&mut self, id: BatchId, facts: &mut F) {
        let now = self.now;
        let batch = &self.batches[id];
        let (partition, copy_of, transaction) = (batch.partition, batch.appended, batch.transaction);
        let in_session = copy_of.is_none() && self.producers[batch.producer.index()].session.is_some();
        let base = self.logs[partition.index()].append(id, &mut self.batches, now);
        facts.appended(base, &self.batches[id], copy_of, now);
        if transaction != 0 {
            self.join_transaction(id, base);
        }
        if in_session {
            self.outputs_appended(id, base, facts);
        }
        if self.replicas[partition.index()].several() {
            self.feed_followers(partition, base, facts);
            self.raise_high_watermark(partition, facts);
        } else {
            self.appear(partition, facts);
        }
    }

    /// A group that reads the log directly has more to read on a partition of its own.
    #[inline(always)]
    fn tell_reader<F: Facts>(&mut self, (g, index): (GroupId, u32), facts: &mut F) {
        let group = &self.groups[g.index()];
        if !group.direct {
            return;
        }
        if let Some(c) = group.owner[index as usize] {
            let consumer = &mut self.consumers[c.index()];
            consumer.ready.insert(group.place[index as usize] as usize);
            if consumer.waiting {
                self.poll(c, facts);
            }
        }
    }

    /// Readers see more of a partition: who waits for it is woken.
    #[inline]
    pub(super) fn appear<F: Facts>(&mut self, partition: PartitionId, facts: &mut F) {
        let Some(mut reader) = self.readers[partition.index()].first().copied() else {
            let log = &mut self.logs[partition.index()];
            let seen = log.visible();
            log.trim(seen, &mut self.batches);
            return;
        };
        for next in 1.. {
            self.tell_reader(reader, facts);
            match self.readers[partition.index()].get(next) {
                Some(other) => reader = *other,
                None => break,
            }
        }
        if !self.parked[partition.index()].is_empty() {
            self.wake_parked(partition, facts);
        }
        if !self.shards.is_empty() {
            self.push_records(partition);
        }
    }

    /// The connection breaks under a request: the client learns of it after one way back.
    pub(super) fn break_connection<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let (p, broker) = (self.requests[request.0].producer, self.requests[request.0].broker);
        self.requests[request.0].broken = true;
        if !self.requests[request.0].awaited {
            self.request_gone(request, facts);
            return;
        }
        match self.producer_wires[p.index()].back(broker.index(), self.now) {
            Some(at) => self.at(at, Ev::ProduceAnswer(request)),
            None => self.request_gone(request, facts),
        }
    }

    /// An answer reaches its producer.
    pub(super) fn produce_answered<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let now = self.now;
        let r = &self.requests[request.0];
        let (p, broker, broken, throttle) = (r.producer, r.broker, r.broken, r.throttle);
        if !r.awaited {
            self.request_gone(request, facts);
            return;
        }
        self.producers[p.index()].settle(now, &mut self.batches, facts);
        self.requests[request.0].awaited = false;
        let node = self.producers[p.index()].lanes.node(broker);
        node.in_flight -= 1;
        let place =
            node.waiting.iter().position(|(_, r)| *r == request).expect("an awaited request is waited for");
        node.waiting.remove(place);
        if !throttle.is_zero() {
            self.mute(p, broker, throttle, facts);
        }
        self.give_batches_back(p, request, !broken, facts);
        self.request_gone(request, facts);
        self.run_producer(p, facts);
    }

    pub(super) fn mute<F: Facts>(&mut self, p: ProducerId, broker: BrokerId, throttle: Span, facts: &mut F) {
        facts.throttled(p, throttle, self.now);
        let node = self.producers[p.index()].lanes.node(broker);
        node.muted_until = node.muted_until.max(self.now + throttle);
    }

    /// The producer's hold on a request's batches ends: acknowledged, tried again, or given up, by what the answer
    /// says if one was `heard`.
    fn give_batches_back<F: Facts>(&mut self, p: ProducerId, request: RequestId, heard: bool, facts: &mut F) {
        let now = self.now;
        let mut gave_up = false;
        for i in 0..self.requests[request.0].batches.len() {
            let id = self.requests[request.0].batches[i];
            let answer = self.requests[request.0].answers.get(i).filter(|_| heard).copied();
            let told = answer.is_some_and(|a| a != Receipt::Taken);
            let answer = answer.unwrap_or(Receipt::Refused);
            let (partition, bytes) = (self.batches[id].partition, self.batches[id].bytes);
            self.producers[p.index()].lanes.returned(partition);
            let idempotent = self.producers[p.index()].settings.idempotence;
            if answer == Receipt::Taken {
                facts.acknowledged(p, &self.batches[id].records, now);
                if idempotent {
                    self.producers[p.index()].lanes.acknowledged(&self.batches[id]);
                }
                self.producers[p.index()].forget(bytes);
                self.let_go(id, facts);
                continue;
            }
            facts.unanswered(p, &self.batches[id].records, now);
            if idempotent && answer == Receipt::OutOfOrder {
                self.producers[p.index()].lanes.out_of_order(&self.batches[id]);
            }
            if answer == Receipt::Invalid {
                self.producers[p.index()].give_up(id, &self.batches);
            } else if self.goes_down(p, id, told) {
                self.producers[p.index()].drop_aborted(id, &mut self.batches);
            } else if self.producers[p.index()].retry(id, now, &mut self.batches).is_ok() {
                continue;
            }
            gave_up = true;
            self.let_go(id, facts);
        }
        if gave_up {
            self.fail_transaction(p, facts);
        }
    }

    /// Nothing of a request is on its way any more.
    fn request_gone<F: Facts>(&mut self, request: RequestId, facts: &mut F) {
        let r = &mut self.requests[request.0];
        r.travelling = false;
        let list = std::mem::take(&mut r.batches);
        for id in &list {
            self.let_go(*id, facts);
        }
        self.requests[request.0].batches = list;
        self.free_request(request, facts);
    }

    fn free_request<F: Facts>(&mut self, request: RequestId, _: &mut F) {
        let r = &self.requests[request.0];
        if !r.awaited && !r.travelling {
            self.requests.leave(request.0);
        }
    }

    /// One holder of a batch less. If it was the last and no copy is in a log, its events are lost.
    #[inline(always)]
    pub(super) fn let_go<F: Facts>(&mut self, id: BatchId, facts: &mut F) {
        let batch = &self.batches[id];
        if batch.appended.is_none() && batch.held_once() {
            self.lose_batch(id, facts);
        }
        self.batches.release(id);
    }
    #[inline(never)]
    fn lose_batch<F: Facts>(&mut self, id: BatchId, facts: &mut F) {
        let batch = &self.batches[id];
        if self.maker(batch.producer).is_some() {
            self.outputs_dropped(id, facts);
        } else {
            let topic = self.producers[batch.producer.index()].topic;
            facts.lost_on_the_way(&batch.records, topic, batch.lost_as, self.now);
        }
    }

    /// A producer process dies.
    pub(super) fn crash_producer<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        if !self.producers[p.index()].up {
            return;
        }
        self.producers[p.index()].settle(self.now, &mut self.batches, facts);
        let (mut dropped, mut requests) = (Vec::new(), Vec::new());
        self.producers[p.index()].lose_blocked(self.now, facts);
        self.producers[p.index()].crash(&mut self.batches, &mut dropped, &mut requests);
        for request in requests {
            self.requests[request.0].awaited = false;
            for i in 0..self.requests[request.0].batches.len() {
                let id = self.requests[request.0].batches[i];
                self.batches[id].lost_as = LossCause::ProducerCrashed;
                dropped.push(id);
            }
            self.free_request(request, facts);
        }
        for id in dropped {
            self.let_go(id, facts);
        }
        self.leave_transaction(p);
    }

    /// A producer process starts.
    pub(super) fn start_producer<F: Facts>(&mut self, p: ProducerId, facts: &mut F) {
        if !self.producers[p.index()].up {
            self.producers[p.index()].start(self.now);
            self.widen_producer(p);
            self.start_transactions(p, facts);
            self.run_producer(p, facts);
        }
    }
}
