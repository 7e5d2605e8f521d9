//! From log to consumer: fetches over the wire, parked at the broker until there is enough or time is up.
//!
//! Groups whose fetches take no time read the logs directly instead (`Group::direct`).

use super::{Ev, World};
use crate::engine::Time;
use crate::model::broker::{Broker, Job};
use crate::model::fact::Facts;
use crate::model::ids::{BrokerId, ConsumerId, Offset, PartitionId, RequestId};

/// Whether the broker that clients take for the leader runs, and is it.
#[inline(always)]
pub(super) fn known_leader(
    partition: PartitionId,
    known: &[Option<BrokerId>],
    leader: &[Option<BrokerId>],
    brokers: &[Broker],
) -> bool {
    let who = known[partition.index()];
    who.is_some_and(|b| brokers[b.index()].up) && who == leader[partition.index()]
}

impl World {
    /// Sends a fetch to every broker that leads a partition this consumer owns and has nothing buffered of,
    /// one at a time per broker (Kafka's `AbstractFetch`).
    pub(super) fn send_fetches<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        let group = &self.groups[consumer.group.index()];
        if group.coordinator.by_leases() {
            self.read_shards(c);
            return;
        }
        if group.direct || !consumer.up || consumer.paused.is_some() || consumer.held_back || consumer.on_hold
        {
            return;
        }
        for b in 0..self.brokers.len() {
            let consumer = &self.consumers[c.index()];
            if consumer.fetching[b] {
                continue;
            }
            let broker = BrokerId::from(b);
            let leader = &self.known;
            let mut wanted = consumer
                .owned
                .iter()
                .filter(|o| o.position >= o.fetched && leader[o.partition.index()] == Some(broker))
                .map(|o| (o.partition, o.index, o.position, o.position))
                .peekable();
            if wanted.peek().is_none() {
                continue;
            }
            let id = self.fetches.place();
            let fetch = &mut self.fetches[id];
            fetch.consumer = c;
            fetch.life = consumer.life;
            fetch.broker = broker;
            fetch.parked = false;
            fetch.failed = false;
            fetch.use_ += 1;
            fetch.parts.clear();
            fetch.parts.extend(wanted);
            fetch.found.clear();
            self.consumers[c.index()].fetching[b] = true;
            let id = RequestId(id);
            match self.consumer_wires[c.index()].out(b, self.now) {
                Some(at) => self.at(at, Ev::Fetch(id)),
                None => self.fail_fetch(id, super::RESEND, facts),
            }
        }
    }

    /// The consumer learns after `wait` that nothing will come.
    fn fail_fetch<F: Facts>(&mut self, id: RequestId, wait: crate::engine::Span, _: &mut F) {
        self.fetches[id.0].failed = true;
        let at = self.now + wait;
        self.at(at, Ev::Fetched(id));
    }

    /// A fetch reaches its broker.
    pub(super) fn fetch_arrives<F: Facts>(&mut self, id: RequestId, facts: &mut F) {
        let broker = self.fetches[id.0].broker;
        let server = &mut self.brokers[broker.index()];
        if !server.up {
            self.refuse_fetch(id, facts);
        } else if server.instant() {
            self.serve_fetch(id, facts);
        } else if let Some(done) = server.submit(Job::Fetch(id), 0, self.now) {
            let epoch = server.epoch;
            self.at(done, Ev::BrokerDone(broker, epoch));
        }
    }

    /// A fetch that a broker cannot answer: the connection broke.
    pub(super) fn refuse_fetch<F: Facts>(&mut self, id: RequestId, facts: &mut F) {
        let (c, broker) = (self.fetches[id.0].consumer, self.fetches[id.0].broker);
        // Kafka's reconnect.backoff.ms keeps a client from asking a dead broker in a tight loop.
        let backoff = crate::engine::Span::millis(50);
        let wait = match self.consumer_wires[c.index()].back(broker.index(), self.now) {
            Some(at) => at.since(self.now) + backoff,
            None => super::RESEND,
        };
        self.fail_fetch(id, wait, facts);
    }

    /// The broker looks for what a fetch asks for, and parks it if that is too little.
    pub(super) fn serve_fetch<F: Facts>(&mut self, id: RequestId, facts: &mut F) {
        let group = self.consumers[self.fetches[id.0].consumer.index()].group;
        let plan = &self.groups[group.index()].plan;
        let (least, wait) = (plan.fetch_min_bytes, plan.fetch_max_wait);
        if self.find_for(id) >= least || self.out_of_range(id) {
            self.deliver_or_queue(id, facts);
            return;
        }
        let fetch = &mut self.fetches[id.0];
        fetch.parked = true;
        let use_ = fetch.use_;
        for i in 0..self.fetches[id.0].parts.len() {
            let partition = self.fetches[id.0].parts[i].0;
            self.parked[partition.index()].push((id, i as u32));
        }
        let at = self.now + wait;
        self.at(at, Ev::FetchWaited(id, use_));
    }

    /// Works out how far each partition of a fetch reaches; returns the bytes in all. Nothing is found for a
    /// client that has died or reads on elsewhere: its answer would be thrown away.
    fn find_for(&mut self, id: RequestId) -> u64 {
        let mut total = 0;
        self.fetches[id.0].found.clear();
        self.fetches[id.0].as_of = self.upsets;
        let (c, broker) = (self.fetches[id.0].consumer, self.fetches[id.0].broker);
        let most = self.brokers[broker.index()].most_per_fetch(c);
        for i in 0..self.fetches[id.0].parts.len() {
            let (mut to, mut bytes) = self.find_part(id, i, most - total.min(most));
            if total > 0 && total + bytes > most {
                // Only the first partition may give a batch that is too large.
                (to, bytes) = (self.fetches[id.0].parts[i].2, 0);
            }
            let fetch = &mut self.fetches[id.0];
            if to > fetch.parts[i].2 {
                fetch.found.push(i as u32);
            }
            fetch.parts[i].3 = to;
            total += bytes;
        }
        total
    }
    /// How far one partition of a fetch reaches, and the bytes that are.
    #[inline]
    fn find_part(&self, id: RequestId, i: usize, most: u64) -> (Offset, u64) {
        let fetch = &self.fetches[id.0];
        let (partition, index, from, _) = fetch.parts[i];
        let log = &self.logs[partition.index()];
        let consumer = &self.consumers[fetch.consumer.index()];
        let group = &self.groups[consumer.group.index()];
        let shown = log.shown(group.decided);
        // Most have nothing: that is seen at once.
        if from >= shown || from < log.start() || self.leader[partition.index()] != Some(fetch.broker) {
            return (from, 0);
        }
        let place = if fetch.life == consumer.life { self.place_of(fetch.consumer, index) } else { None };
        if place.is_none_or(|place| consumer.owned[place].position != from) {
            return (from, 0);
        }
        let most = most.min(group.plan.max_partition_fetch_bytes);
        if log.is_compacted() {
            return log.reach_kept(from, most, u64::MAX, &self.batches);
        }
        let (to, bytes) = log.reach(from, most, &self.batches);
        if to <= shown && !log.has_gaps() {
            return (to, bytes);
        }
        // Markers and what was aborted come along, as they do in Kafka.
        let seen = to.min(shown);
        let seen = if log.is_transactional() { seen } else { log.before_gap(from, seen, false) };
        (seen, if seen > from { bytes } else { 0 })
    }
    fn out_of_range(&self, id: RequestId) -> bool {
        self.ages && self.fetches[id.0].parts.iter().any(|p| p.2 < self.logs[p.0.index()].start())
    }

    /// Records came to a partition on which fetches are parked.
    pub(super) fn wake_parked<F: Facts>(&mut self, partition: PartitionId, facts: &mut F) {
        for (id, part) in self.parked[partition.index()].clone() {
            let fetch = &self.fetches[id.0];
            let group = self.consumers[fetch.consumer.index()].group;
            let least = self.groups[group.index()].plan.fetch_min_bytes;
            // Where any record will do, nothing was found when it was parked, and nothing but this is new.
            let nothing_else = least <= 1 && fetch.as_of == self.upsets;
            if nothing_else && self.find_part(id, part as usize, u64::MAX).1 < least {
                continue;
            }
            if self.find_for(id) >= least {
                self.unpark(id);
                self.deliver_or_queue(id, facts);
            }
        }
    }

    /// The longest wait of a parked fetch is over.
    pub(super) fn fetch_waited<F: Facts>(&mut self, id: RequestId, use_: u32, facts: &mut F) {
        let fetch = &self.fetches[id.0];
        if fetch.use_ == use_ && fetch.parked {
            self.unpark(id);
            self.find_for(id);
            self.deliver_or_queue(id, facts);
        }
    }

    fn unpark(&mut self, id: RequestId) {
        self.fetches[id.0].parked = false;
        for i in 0..self.fetches[id.0].parts.len() {
            let partition = self.fetches[id.0].parts[i].0;
            self.parked[partition.index()].retain(|(f, _)| *f != id);
        }
    }

    /// A broker dies: the fetches parked there break.
    pub(super) fn break_parked<F: Facts>(&mut self, broker: BrokerId, facts: &mut F) {
        let mut all: Vec<RequestId> = self.parked.iter().flatten().map(|(id, _)| *id).collect();
        all.sort_unstable();
        all.dedup();
        for id in all {
            if self.fetches[id.0].broker == broker {
                self.unpark(id);
                self.refuse_fetch(id, facts);
            }
        }
    }

    /// The broker spends its time on the bytes of an answer, then sends it.
    fn deliver_or_queue<F: Facts>(&mut self, id: RequestId, facts: &mut F) {
        let broker = self.fetches[id.0].broker;
        let bytes: u64 = self.found_bytes(id);
        if self.throttle_fetch(id, bytes, facts) {
            return;
        }
        let server = &mut self.brokers[broker.index()];
        if server.instant() || bytes == 0 {
            self.deliver_fetch(id, facts);
        } else if let Some(done) = server.submit(Job::Deliver(id), bytes, self.now) {
            let epoch = server.epoch;
            self.at(done, Ev::BrokerDone(broker, epoch));
        }
    }
    /// A client beyond its quota gets an answer without records, and is not heard until the throttle time is over
    /// (Kafka's KIP-219): to it that is the same as an answer that comes so much later.
    fn throttle_fetch<F: Facts>(&mut self, id: RequestId, bytes: u64, facts: &mut F) -> bool {
        let (c, broker, now) = (self.fetches[id.0].consumer, self.fetches[id.0].broker, self.now);
        let wait = self.brokers[broker.index()].throttle_fetch(c, bytes, now);
        if wait.is_zero() {
            return false;
        }
        facts.fetch_throttled(self.consumers[c.index()].group, c, wait, now);
        self.fetches[id.0].found.clear();
        match self.consumer_wires[c.index()].back(broker.index(), now) {
            Some(at) => self.at(at + wait, Ev::Fetched(id)),
            None => self.fail_fetch(id, super::RESEND.max(wait), facts),
        }
        true
    }
    fn found_bytes(&self, id: RequestId) -> u64 {
        let mut bytes = 0;
        let fetch = &self.fetches[id.0];
        for i in &fetch.found {
            let (partition, _, from, to) = &fetch.parts[*i as usize];
            let log = &self.logs[partition.index()];
            if log.is_compacted() {
                bytes += log.bytes_left(*from, *to, &self.batches);
                continue;
            }
            log.visit(*from, *to, &self.batches, |_, records, _| {
                bytes += records.iter().map(|r| u64::from(r.size)).sum::<u64>();
            });
        }
        bytes
    }

    /// The answer leaves the broker.
    pub(super) fn deliver_fetch<F: Facts>(&mut self, id: RequestId, facts: &mut F) {
        let (c, broker) = (self.fetches[id.0].consumer, self.fetches[id.0].broker);
        match self.consumer_wires[c.index()].back(broker.index(), self.now) {
            Some(at) => self.at(at, Ev::Fetched(id)),
            None => self.fail_fetch(id, super::RESEND, facts),
        }
    }

    /// An answer reaches its consumer.
    pub(super) fn fetch_answered<F: Facts>(&mut self, id: RequestId, facts: &mut F) {
        let fetch = &self.fetches[id.0];
        let (c, broker, failed) = (fetch.consumer, fetch.broker, fetch.failed);
        let current = fetch.life == self.consumers[c.index()].life;
        if current {
            self.consumers[c.index()].fetching[broker.index()] = false;
            for i in 0..if failed { 0 } else { self.fetches[id.0].found.len() } {
                let fetch = &self.fetches[id.0];
                let (_, index, from, to) = fetch.parts[fetch.found[i] as usize];
                let Some(place) = self.place_of(c, index) else { continue };
                let consumer = &mut self.consumers[c.index()];
                let o = &mut consumer.owned[place];
                if o.position == from && to > o.fetched {
                    o.fetched = to;
                    consumer.ready.insert(place);
                }
            }
        }
        let out_of_range = self.out_of_range(id);
        self.fetches.leave(id.0);
        if !current || !self.consumers[c.index()].up {
            return;
        }
        if self.consumers[c.index()].waiting && self.consumers[c.index()].paused.is_none() {
            self.poll(c, facts);
        } else if !out_of_range {
            self.send_fetches(c, facts);
        }
        // Otherwise the position is reset inside the next `poll()`, and fetched from then.
    }

    /// A partition has another leader: who reads it may fetch again.
    pub(super) fn leader_changed<F: Facts>(&mut self, partition: PartitionId, facts: &mut F) {
        for i in 0..self.readers[partition.index()].len() {
            let (g, place) = self.readers[partition.index()][i];
            let Some(c) = self.groups[g.index()].owner[place as usize] else { continue };
            if self.groups[g.index()].direct {
                if self.consumers[c.index()].waiting {
                    self.poll(c, facts);
                }
            } else {
                self.send_fetches(c, facts);
            }
        }
    }

    /// Whether a partition can be read now.
    pub(super) fn readable(&self, partition: PartitionId) -> bool {
        known_leader(partition, &self.known, &self.leader, &self.brokers)
    }

    /// When the broker's retention looks next.
    pub(super) fn retain<F: Facts>(&mut self, facts: &mut F) {
        let now = self.now;
        for i in 0..self.logs.len() {
            let plan = &self.plan.topics[self.topic_of[i].index()];
            let oldest = plan.retention.map(|keep| Time(now.0.saturating_sub(keep.0)));
            let before = self.logs[i].start();
            if let Some(start) = self.logs[i].retain(oldest, plan.retention_bytes) {
                facts.removed(PartitionId::from(i), before, start, now);
                self.worth_a_look(PartitionId::from(i));
            }
        }
        let next = now + self.plan.cluster.retention_check;
        self.at(next, Ev::Retain);
    }
}
