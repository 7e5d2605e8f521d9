//! From shard to worker: GetRecords, asked again and again, or records that are pushed (enhanced fan-out).
//!
//! Whoever asks shares what the shard gives with all other groups that ask; whoever is pushed to has it alone.

use super::{Ev, World};
use crate::engine::{Span, Time};
use crate::model::consumer::Reading;
use crate::model::fact::Facts;
use crate::model::ids::{ConsumerId, Offset, PartitionId};
use crate::model::plan::{GroupProtocol, ReadPlan};

/// Most records of an answer (GetRecords).
const MOST_RECORDS: u64 = 10_000;
/// Most bytes of an answer (GetRecords).
const MOST_BYTES: u64 = 10_000_000;
/// What the AWS SDK waits after a first refusal, at most; twice as long after a second (SDK for Java 2 standard retry
/// strategy: full jitter, base delay 1 s for throttling).
const REFUSED: Span = Span::from_secs(1);
/// After so many it tells its application, which goes on as after an answer (the same: 3 attempts).
const ATTEMPTS: u32 = 3;
/// As many that wait for their worker are not added to (KCL 3 PrefetchRecordsPublisher).
const MOST_WAITING: u64 = 30_000;
/// How soon a shard that pushes finds that a worker takes records again. Both ends of an HTTP/2 stream know at once; one
/// that looks so often is close to it, and costs little beside the records that it takes.
const HAS_ROOM: Span = Span::millis(10);

/// An answer on its way, or the question.
#[derive(Debug, Default)]
pub(super) struct Read {
    consumer: ConsumerId,
    ticket: u32,
    index: u32,
    partition: PartitionId,
    from: Offset,
    to: Offset,
    asked: Time,
    refused: bool,
}

impl World {
    fn reads(&self, c: ConsumerId) -> Option<ReadPlan> {
        match self.groups[self.consumers[c.index()].group.index()].plan.protocol {
            GroupProtocol::Leases(leases) => Some(leases.reads),
            _ => None,
        }
    }

    /// A worker begins to read the shards that it does not read yet, and leaves off with those it has no more.
    pub(super) fn read_shards(&mut self, c: ConsumerId) {
        let now = self.now;
        let consumer = &mut self.consumers[c.index()];
        if !consumer.up {
            return;
        }
        let owned = &consumer.owned;
        consumer.reading.retain(|r| owned.iter().any(|o| o.index == r.index));
        for i in 0..self.consumers[c.index()].owned.len() {
            let consumer = &mut self.consumers[c.index()];
            let o = consumer.owned[i];
            if consumer.reading.iter().all(|r| r.index != o.index) {
                consumer.tickets += 1;
                let ticket = consumer.tickets;
                consumer.reading.push(Reading {
                    index: o.index,
                    ticket,
                    sent: o.fetched,
                    due: true,
                    refused: 0,
                });
                self.at(now, Ev::Read(c, ticket, o.index));
            }
        }
    }

    /// Records came to a shard: those they are pushed to get them.
    pub(super) fn push_records(&mut self, partition: PartitionId) {
        for i in 0..self.readers[partition.index()].len() {
            let (g, index) = self.readers[partition.index()][i];
            let Some(c) = self.groups[g.index()].owner[index as usize] else { continue };
            if self.reads(c).is_none_or(|reads| reads.pushed.is_none()) {
                continue;
            }
            let reading = self.consumers[c.index()].reading.iter_mut().find(|r| r.index == index && !r.due);
            if let Some(reading) = reading {
                reading.due = true;
                let ticket = reading.ticket;
                self.at(self.now, Ev::Read(c, ticket, index));
            }
        }
    }

    /// The next turn of a worker's reading of a shard.
    pub(super) fn read_due<F: Facts>(&mut self, c: ConsumerId, ticket: u32, index: u32, facts: &mut F) {
        let (now, place) = (self.now, self.place_of(c, index));
        let consumer = &mut self.consumers[c.index()];
        let Some(nth) = consumer.reading.iter().position(|r| r.index == index && r.ticket == ticket) else {
            return;
        };
        let Some(place) = place else {
            consumer.reading.remove(nth);
            return;
        };
        let reads = self.reads(c).expect("it reads by turns");
        let consumer = &mut self.consumers[c.index()];
        let o = consumer.owned[place];
        let full = o.fetched.saturating_sub(o.position) >= MOST_WAITING;
        if full || consumer.paused.is_some() || consumer.held_back || consumer.on_hold {
            self.at(
                now + if reads.pushed.is_some() { HAS_ROOM } else { reads.idle },
                Ev::Read(c, ticket, index),
            );
            return;
        }
        if let Some(delay) = reads.pushed {
            self.push(c, nth, place, delay, facts);
            return;
        }
        let id = self.shard_reads.place();
        let from = o.fetched.max(o.position);
        self.shard_reads[id] = Read {
            consumer: c,
            ticket,
            index,
            partition: o.partition,
            from,
            to: from,
            asked: now,
            refused: false,
        };
        match self.consumer_wires[c.index()].out(0, now) {
            Some(at) if at == now => self.read_arrives(id, facts),
            Some(at) => self.at(at, Ev::ReadArrives(id)),
            None => self.read_failed(id),
        }
    }

    /// Nothing will come of a question: it is asked again after a while.
    fn read_failed(&mut self, id: u32) {
        let at = self.now + super::RESEND;
        self.at(at, Ev::ReadAnswer(id));
    }

    /// GetRecords reaches the shard: an answer, unless too much has been asked of it lately.
    pub(super) fn read_arrives<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let now = self.now;
        let Read { consumer: c, partition, from, .. } = self.shard_reads[id];
        if !self.readable(partition) {
            self.read_failed(id);
            return;
        }
        let shard = self.shards[partition.index()].as_mut().expect("leases are of shards");
        let group = self.consumers[c.index()].group;
        if shard.gives(now) {
            let (to, bytes) = self.reach_of(partition, from, MOST_BYTES);
            let shard = self.shards[partition.index()].as_mut().expect("as before");
            shard.gave(bytes);
            self.shard_reads[id].to = to;
            self.tell_read(c, partition, to, facts);
        } else {
            self.shard_reads[id].refused = true;
            facts.read_refused(group, partition, now);
        }
        match self.consumer_wires[c.index()].back(0, now) {
            Some(at) => self.at(at, Ev::ReadAnswer(id)),
            None => self.read_failed(id),
        }
    }

    fn reach_of(&self, partition: PartitionId, from: Offset, most: u64) -> (Offset, u64) {
        let log = &self.logs[partition.index()];
        if from < log.start() || from >= log.visible() {
            return (from, 0);
        }
        // Every record is a batch of its own.
        let (to, bytes) = log.reach(from, most, &self.batches);
        let most = from + MOST_RECORDS;
        if to <= most {
            return (to, bytes);
        }
        let mut bytes = 0;
        log.visit(from, most, &self.batches, |_, records, _| {
            bytes += records.iter().map(|r| u64::from(r.size)).sum::<u64>();
        });
        (most, bytes)
    }

    /// How old the last record of an answer is (GetRecords.IteratorAgeMilliseconds): nothing, if it is the last of all.
    fn tell_read<F: Facts>(&mut self, c: ConsumerId, partition: PartitionId, to: Offset, facts: &mut F) {
        let (log, now) = (&self.logs[partition.index()], self.now);
        let mut age = Span::ZERO;
        if to < log.end() && to > log.floor() {
            log.visit(to - 1, to, &self.batches, |_, _, entry| age = now.since(entry.at));
        }
        facts.read(self.consumers[c.index()].group, partition, age, now);
    }

    /// Records leave the shard for a worker that they are pushed to.
    fn push<F: Facts>(&mut self, c: ConsumerId, nth: usize, place: usize, delay: Span, facts: &mut F) {
        let now = self.now;
        let consumer = &mut self.consumers[c.index()];
        let (o, group) = (consumer.owned[place], consumer.group);
        let reading = &mut consumer.reading[nth];
        let (ticket, from) = (reading.ticket, reading.sent.max(o.position));
        if from < self.logs[o.partition.index()].start() {
            // Retention was faster. Where it goes on the next poll says.
            self.at(now + HAS_ROOM, Ev::Read(c, ticket, o.index));
            let consumer = &mut self.consumers[c.index()];
            consumer.ready.insert(place);
            if consumer.waiting {
                self.poll(c, facts);
            }
            return;
        }
        reading.due = false;
        let (to, bytes) = self.reach_of(o.partition, from, MOST_BYTES);
        if to == from || !self.readable(o.partition) {
            self.tell_read(c, o.partition, to, facts);
            return;
        }
        let room = &mut self.groups[group.index()].pushes[o.index as usize];
        let wait = room.wait(now);
        if wait.is_zero() {
            room.spend(bytes);
            self.consumers[c.index()].reading[nth].sent = to;
            let id = self.shard_reads.place();
            self.shard_reads[id] = Read {
                consumer: c,
                ticket,
                index: o.index,
                partition: o.partition,
                from,
                to,
                asked: now,
                refused: false,
            };
            self.tell_read(c, o.partition, to, facts);
            self.at(now + delay, Ev::ReadAnswer(id));
        }
        if !wait.is_zero() || to < self.logs[o.partition.index()].visible() {
            self.consumers[c.index()].reading[nth].due = true;
            self.at(now + wait, Ev::Read(c, ticket, o.index));
        }
    }

    /// How long the client waits after `times` refusals in a row.
    fn until_it_tries_again(&self, c: ConsumerId, partition: PartitionId, times: u32) -> Span {
        let consumer = &self.consumers[c.index()];
        let group = &self.groups[consumer.group.index()].plan.name;
        let draws = self.key.per_event(&format!("group.{group}/{}/refused", consumer.index));
        let chance = draws.at(self.now.0 ^ u64::from(partition.0) << 48).unit();
        Span(REFUSED.0 << (times - 1)).scaled(chance)
    }

    /// An answer reaches its worker.
    pub(super) fn read_answered<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let Read { consumer: c, ticket, index, from, to, asked, refused, partition } =
            std::mem::take(&mut self.shard_reads[id]);
        self.shard_reads.leave(id);
        let (now, place) = (self.now, self.place_of(c, index));
        let consumer = &mut self.consumers[c.index()];
        let reading = consumer.reading.iter_mut().find(|r| r.index == index && r.ticket == ticket);
        let (Some(reading), Some(place), true) = (reading, place, consumer.up) else { return };
        reading.refused = if refused { reading.refused + 1 } else { 0 };
        let times = reading.refused % ATTEMPTS;
        let o = &mut consumer.owned[place];
        // Some of it may have expired on the way, and more yet: then what is there begins inside, or beyond.
        if (from..to).contains(&o.fetched.max(o.position)) {
            o.fetched = to;
            consumer.ready.insert(place);
        }
        let gone = o.position < self.logs[o.partition.index()].start();
        if gone {
            consumer.ready.insert(place);
        }
        let reads = self.reads(c).expect("it reads by turns");
        if reads.pushed.is_none() {
            let next = match times {
                0 => (asked + reads.idle).max(now),
                n => now + self.until_it_tries_again(c, partition, n),
            };
            self.at(next, Ev::Read(c, ticket, index));
        }
        let consumer = &self.consumers[c.index()];
        if consumer.waiting && consumer.paused.is_none() {
            self.poll(c, facts);
        }
    }
}
