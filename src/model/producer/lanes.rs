//! What a producer has not sent yet: a queue of batches per partition, and a connection per broker.
//!
//! Follows Kafka's `RecordAccumulator`: which partitions are ready, and which batches one request takes
//! (at most one per partition, unexpired ones included). Knows nothing of when events are created.

use super::collector::Collector;
use super::session::Gate;
use crate::engine::Time;
use crate::model::ids::{BatchId, BrokerId, PartitionId, ProducerId, RequestId};
use crate::model::partitioning::Queues;
use crate::model::producer::Settings;
use crate::model::producer::numbers::Numbers;
use crate::model::record::{Batch, Batches, Record};
use std::collections::VecDeque;

/// The batches waiting for one partition, oldest first.
#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<BatchId>,
    /// Bytes in the last batch if it still takes records, else 0.
    open: u64,
    /// The last batch, while `open` is not 0.
    last: BatchId,
    leader: Option<BrokerId>,
    numbers: Numbers,
    /// Batches of this lane sent and not answered.
    in_flight: u32,
}

impl Lane {
    /// Everything sent has come back: what is to be sent again gets new numbers, from 0.
    fn number_anew(&mut self, batches: &mut Batches) {
        self.numbers.begin_anew();
        for id in &self.queue {
            if batches[*id].sends > 0 {
                batches[*id].sequence = self.numbers.take();
            }
        }
    }
    /// Whether its first batch may be sent, as far as its number goes.
    #[inline]
    fn in_sequence(&self, first: &Batch) -> bool {
        if self.numbers.is_broken() {
            self.in_flight == 0
        } else if first.sends > 0 {
            self.numbers.may_repeat(first.sequence)
        } else {
            self.numbers.open()
        }
    }
}

/// A connection to a broker.
#[derive(Debug, Default)]
pub struct Node {
    /// Requests sent and not answered.
    pub in_flight: u32,
    /// Throttled by the broker until then.
    pub muted_until: Time,
    /// Their deadlines, earliest first.
    pub waiting: VecDeque<(Time, RequestId)>,
    /// Lanes led by this broker that have batches, in the order they got them.
    active: VecDeque<u32>,
}

/// See the module's text.
#[derive(Debug)]
pub struct Lanes {
    producer: ProducerId,
    first: PartitionId,
    lanes: Vec<Lane>,
    nodes: Vec<Node>,
    /// Lanes without a leader that have batches.
    stranded: VecDeque<u32>,
    skipped: Vec<u32>,
    /// How many lanes have no leader.
    leaderless: u32,
    /// No batch here expires before this moment.
    expires: Time,
    /// Into a stream: what waits there instead of in the lanes.
    collector: Option<Box<Collector>>,
}

impl Lanes {
    pub(super) fn new(
        producer: ProducerId,
        first: PartitionId,
        partitions: u32,
        brokers: u32,
        collects: Option<u32>,
    ) -> Self {
        Lanes {
            producer,
            first,
            lanes: (0..partitions).map(|_| Lane::default()).collect(),
            nodes: (0..brokers).map(|_| Node::default()).collect(),
            stranded: VecDeque::new(),
            skipped: Vec::new(),
            leaderless: partitions,
            expires: Time::NEVER,
            collector: collects.map(|most| Box::new(Collector::new(most))),
        }
    }
    /// There are `partitions` by now, the new ones without a leader.
    pub(super) fn widen(&mut self, partitions: u32) {
        self.leaderless += partitions - self.count();
        self.lanes.resize_with(partitions as usize, Lane::default);
    }
    /// How many partitions there are, as far as it was heard.
    pub fn count(&self) -> u32 {
        self.lanes.len() as u32
    }
    /// The connection to a broker.
    #[inline]
    pub fn node(&mut self, broker: BrokerId) -> &mut Node {
        &mut self.nodes[broker.index()]
    }
    /// The list in which lanes of this leader stand while they have batches.
    fn list(&mut self, leader: Option<BrokerId>) -> &mut VecDeque<u32> {
        match leader {
            Some(broker) => &mut self.nodes[broker.index()].active,
            None => &mut self.stranded,
        }
    }
    /// A lane has no batches any more.
    fn is_empty(&mut self, index: usize) {
        let leader = self.lanes[index].leader;
        self.list(leader).retain(|l| *l as usize != index);
    }
    /// Lanes that have batches.
    fn filled(&self) -> impl Iterator<Item = usize> {
        let lists = self.nodes.iter().map(|n| &n.active).chain([&self.stranded]);
        lists.flatten().map(|l| *l as usize)
    }
    pub(super) fn lane_of(&self, partition: PartitionId) -> usize {
        (partition.0 - self.first.0) as usize
    }

    /// A partition has another leader, or none.
    pub fn led_by(&mut self, partition: PartitionId, leader: Option<BrokerId>) {
        let index = self.lane_of(partition);
        // Of partitions that were added it may not have heard yet.
        let Some(lane) = self.lanes.get_mut(index).filter(|lane| lane.leader != leader) else { return };
        self.leaderless += u32::from(leader.is_none());
        self.leaderless -= u32::from(lane.leader.is_none());
        let (old, waits) = (std::mem::replace(&mut lane.leader, leader), !lane.queue.is_empty());
        if waits {
            self.list(old).retain(|l| *l as usize != index);
            self.list(leader).push_back(index as u32);
        }
    }

    /// The broker a record for this lane could be sent to at once and alone: nothing waits in any lane, and
    /// no answer is late.
    #[inline(always)]
    pub(super) fn free(&self, index: u32, now: Time, settings: &Settings) -> Option<BrokerId> {
        let lane = &self.lanes[index as usize];
        let leader = lane.leader?;
        let node = &self.nodes[leader.index()];
        for node in &self.nodes {
            if !node.active.is_empty() || node.waiting.front().is_some_and(|(late, _)| now >= *late) {
                return None;
            }
        }
        let free = self.leaderless == 0
            && now < self.expires
            && (!settings.idempotence || lane.numbers.open())
            && node.in_flight < settings.max_in_flight
            && node.muted_until <= now;
        free.then_some(leader)
    }
    /// Sends a record as a batch of its own through a lane that is free.
    #[inline(always)]
    pub(super) fn pass(&mut self, index: u32, record: Record, batches: &mut Batches) -> BatchId {
        let lane = &mut self.lanes[index as usize];
        let id = batches.open(self.producer, PartitionId(self.first.0 + index), record.created);
        let batch = &mut batches[id];
        batch.push(record);
        batch.sends = 1;
        batch.sequence = lane.numbers.take();
        lane.in_flight += 1;
        id
    }

    /// Whether no request has waited too long for its answer and no batch has expired.
    #[inline]
    pub(super) fn in_time(&self, now: Time) -> bool {
        now < self.expires && now < self.next_deadline()
    }
    /// When the first answer will be late.
    #[inline]
    pub(super) fn next_deadline(&self) -> Time {
        self.nodes
            .iter()
            .filter_map(|n| n.waiting.front())
            .map(|(deadline, _)| *deadline)
            .fold(Time::NEVER, Time::min)
    }

    /// Puts a record into its lane's open batch, or into a new one.
    #[inline]
    pub(super) fn push(
        &mut self,
        index: u32,
        record: Record,
        at: Time,
        settings: &Settings,
        batches: &mut Batches,
    ) {
        let lane = &mut self.lanes[index as usize];
        let size = u64::from(record.size);
        if lane.open == 0 || lane.open + size > settings.batch_size {
            let partition = PartitionId(self.first.0 + index);
            let id = batches.open(self.producer, partition, at);
            self.expires = self.expires.min(at + settings.delivery_timeout);
            if let Some(collector) = &mut self.collector {
                collector.push(id, size);
            } else {
                if lane.queue.is_empty() {
                    let list = match lane.leader {
                        Some(broker) => &mut self.nodes[broker.index()].active,
                        None => &mut self.stranded,
                    };
                    list.push_back(index);
                }
                lane.queue.push_back(id);
            }
            lane.last = id;
            lane.open = 0;
        }
        let batch = &mut batches[lane.last];
        batch.push(record);
        // A record of size 0 still opens a batch.
        lane.open = if batch.bytes >= settings.batch_size { 0 } else { batch.bytes.max(1) };
    }

    /// Bytes in a lane's open batch.
    #[inline(always)]
    pub(super) fn open_bytes(&self, index: u32) -> u64 {
        self.lanes[index as usize].open
    }

    fn passes(opened: Time, gate: Gate) -> bool {
        match gate {
            Gate::Open => true,
            Gate::Upto(last) => opened <= last,
            Gate::Shut => false,
        }
    }

    /// When this lane's first batch may go, if its broker takes requests.
    #[inline]
    fn due(lane: &Lane, exhausted: bool, settings: &Settings, batches: &Batches) -> Time {
        let first = &batches[lane.queue[0]];
        if settings.idempotence && !lane.in_sequence(first) {
            return Time::NEVER;
        }
        if settings.gate != Gate::Open && !Self::passes(first.opened, settings.gate) {
            return Time::NEVER;
        }
        if first.sends > 0 {
            return first.retry_at;
        }
        let full = lane.queue.len() > 1 || lane.open == 0 || settings.gate != Gate::Open;
        if full || exhausted { Time::ZERO } else { first.opened + settings.linger }
    }

    /// The next request that is due: its broker, with its batches in `out`.
    pub(super) fn drain(
        &mut self,
        now: Time,
        exhausted: bool,
        settings: &Settings,
        batches: &mut Batches,
        out: &mut Vec<BatchId>,
    ) -> Option<BrokerId> {
        if self.collector.is_some() {
            return self.collect(now, exhausted, settings, batches, out);
        }
        for b in 0..self.nodes.len() {
            let node = &self.nodes[b];
            if node.active.is_empty() || node.in_flight >= settings.max_in_flight || node.muted_until > now {
                continue;
            }
            let ready = node
                .active
                .iter()
                .any(|l| Self::due(&self.lanes[*l as usize], exhausted, settings, batches) <= now);
            if ready {
                self.take(b, now, settings, batches, out);
                return Some(BrokerId(b as u32));
            }
        }
        None
    }

    /// The next request into a stream, which has one address for all its shards.
    fn collect(
        &mut self,
        now: Time,
        exhausted: bool,
        settings: &Settings,
        batches: &Batches,
        out: &mut Vec<BatchId>,
    ) -> Option<BrokerId> {
        let (collector, broker) = (self.collector.as_mut()?, self.lanes[0].leader?);
        let node = &self.nodes[broker.index()];
        let closed = node.in_flight >= settings.max_in_flight || node.muted_until > now;
        if closed || collector.due(exhausted, settings, batches) > now {
            return None;
        }
        collector.take(now, settings, batches, out);
        Some(broker)
    }

    /// Takes the first batch of every lane of a broker that is not waiting for a retry.
    fn take(
        &mut self,
        b: usize,
        now: Time,
        settings: &Settings,
        batches: &mut Batches,
        out: &mut Vec<BatchId>,
    ) {
        let mut bytes = 0;
        let mut kept = std::mem::take(&mut self.skipped);
        let node = &mut self.nodes[b];
        while let Some(index) = node.active.pop_front() {
            let lane = &mut self.lanes[index as usize];
            if settings.idempotence && lane.numbers.is_broken() && lane.in_flight == 0 {
                lane.number_anew(batches);
            }
            let id = lane.queue[0];
            let waits = batches[id].sends > 0 && batches[id].retry_at > now
                || settings.idempotence && !lane.in_sequence(&batches[id]);
            let batch = &mut batches[id];
            let too_large = !out.is_empty() && bytes + batch.bytes > settings.max_request_size;
            let shut = settings.gate != Gate::Open && !Self::passes(batch.opened, settings.gate);
            if waits || too_large || shut {
                kept.push(index);
                if too_large {
                    break;
                }
                continue;
            }
            bytes += batch.bytes;
            lane.queue.pop_front();
            lane.in_flight += 1;
            if batch.sends == 0 {
                batch.sequence = lane.numbers.take();
            }
            out.push(id);
            if lane.queue.is_empty() {
                lane.open = 0;
            } else {
                kept.push(index);
            }
        }
        node.active.extend(kept.iter());
        kept.clear();
        self.skipped = kept;
    }

    /// A batch came back, well or not: one less in flight on its lane.
    #[inline]
    pub fn returned(&mut self, partition: PartitionId) {
        if self.collector.is_some() {
            return;
        }
        let index = self.lane_of(partition);
        let lane = &mut self.lanes[index];
        debug_assert!(lane.in_flight > 0, "only what was sent comes back");
        lane.in_flight -= 1;
    }

    /// A batch goes back to be sent again, before everything that is younger.
    pub(super) fn push_back(&mut self, id: BatchId, batches: &Batches) {
        if let Some(collector) = &mut self.collector {
            self.expires = Time::ZERO;
            collector.push_back(id, batches);
            return;
        }
        let index = self.lane_of(batches[id].partition);
        if self.lanes[index].queue.is_empty() {
            let leader = self.lanes[index].leader;
            self.list(leader).push_back(index as u32);
        }
        let lane = &mut self.lanes[index];
        // It may be older than what is still here.
        self.expires = Time::ZERO;
        let first = |b: BatchId| batches[b].records[0].event;
        let place =
            lane.queue.iter().take_while(|b| batches[**b].sends > 0 && first(**b) < first(id)).count();
        lane.queue.insert(place, id);
        if lane.queue.len() == 1 {
            lane.open = 0;
        }
    }

    /// A batch of an idempotent producer is acknowledged.
    #[inline]
    pub fn acknowledged(&mut self, batch: &Batch) {
        let index = self.lane_of(batch.partition);
        self.lanes[index].numbers.acknowledge(batch.sequence);
    }
    /// A batch of one that was sent is given up.
    pub(super) fn given_up(&mut self, batch: &Batch) {
        let index = self.lane_of(batch.partition);
        self.lanes[index].numbers.give_up(batch.sequence);
    }
    /// The broker refused a batch of one as out of order.
    pub fn out_of_order(&mut self, batch: &Batch) {
        let index = self.lane_of(batch.partition);
        self.lanes[index].numbers.out_of_order(batch.sequence);
    }

    /// Takes out the batches whose delivery timeout has passed.
    pub(super) fn expire(
        &mut self,
        now: Time,
        settings: &Settings,
        batches: &mut Batches,
        given_up: &mut Vec<BatchId>,
    ) {
        if now < self.expires {
            return;
        }
        self.expires = Time::NEVER;
        if let Some(collector) = &mut self.collector {
            collector.expire(now, settings.delivery_timeout, batches, given_up);
            self.expires = collector.expires(settings.delivery_timeout, batches);
            return;
        }
        let timeout = settings.delivery_timeout;
        let mut filled: Vec<usize> = self.filled().collect();
        filled.sort_unstable();
        for index in filled {
            while let Some(id) = self.lanes[index].queue.front().copied() {
                if batches[id].opened + timeout > now {
                    self.expires = self.expires.min(batches[id].opened + timeout);
                    break;
                }
                let sent = batches[id].sends > 0;
                self.lanes[index].queue.pop_front();
                if sent && settings.idempotence {
                    self.given_up(&batches[id]);
                }
                given_up.push(id);
                let lane = &mut self.lanes[index];
                if lane.queue.is_empty() {
                    lane.open = 0;
                    self.is_empty(index);
                }
            }
        }
    }

    /// Drops the oldest record that was never sent; its batch goes if it was the only one.
    pub(super) fn drop_oldest(&mut self, batches: &mut Batches) -> Option<Record> {
        if let Some(collector) = &mut self.collector {
            return collector.drop_oldest(batches);
        }
        // What waits to be sent again stands before what was never sent.
        let unsent = |lane: &Lane| lane.queue.iter().position(|b| batches[*b].sends == 0);
        let (index, place) = self
            .filled()
            .filter_map(|i| Some((i, unsent(&self.lanes[i])?)))
            .min_by_key(|(i, place)| batches[self.lanes[*i].queue[*place]].records[0].creation_order())?;
        let lane = &mut self.lanes[index];
        let id = lane.queue[place];
        let batch = &mut batches[id];
        let record = batch.records.remove(0);
        batch.bytes -= u64::from(record.size);
        let empty = batch.records.is_empty();
        if lane.queue.len() == place + 1 && lane.open > 0 {
            lane.open = if empty { 0 } else { batch.bytes.max(1) };
        }
        if empty {
            lane.queue.remove(place);
            batches.release(id);
            if lane.queue.is_empty() {
                self.is_empty(index);
            }
        }
        Some(record)
    }

    /// No open batch takes more records.
    pub(super) fn close(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.open = 0);
    }
    /// Gives back everything that waits to be sent.
    pub(super) fn empty(&mut self, dropped: &mut Vec<BatchId>) {
        for lane in &mut self.lanes {
            dropped.extend(lane.queue.drain(..));
            lane.open = 0;
        }
        self.stranded.clear();
        self.nodes.iter_mut().for_each(|node| node.active.clear());
    }

    /// Gives up everything at once, as when the process dies. A new process has a new producer epoch.
    pub(super) fn clear(&mut self, dropped: &mut Vec<BatchId>, requests: &mut Vec<RequestId>) {
        if let Some(collector) = &mut self.collector {
            collector.clear(dropped);
        }
        for lane in &mut self.lanes {
            dropped.extend(lane.queue.drain(..));
            lane.open = 0;
            lane.in_flight = 0;
            lane.numbers.begin_anew();
        }
        self.stranded.clear();
        for node in &mut self.nodes {
            requests.extend(node.waiting.drain(..).map(|(_, request)| request));
            *node = Node::default();
        }
    }

    /// The earliest moment something here is due: a batch may go, a request times out, a batch expires.
    #[inline]
    pub(super) fn next_due(&self, now: Time, settings: &Settings, batches: &Batches) -> Time {
        let mut due = Time::NEVER;
        for node in &self.nodes {
            if let Some((deadline, _)) = node.waiting.front() {
                due = due.min(*deadline);
            }
            for index in &node.active {
                let lane = &self.lanes[*index as usize];
                if node.in_flight < settings.max_in_flight {
                    due = due.min(Self::due(lane, false, settings, batches).max(node.muted_until).max(now));
                }
                due = due.min(batches[lane.queue[0]].opened + settings.delivery_timeout);
            }
        }
        if let Some(collector) = &self.collector {
            due = due.min(collector.expires(settings.delivery_timeout, batches));
            if let Some(broker) = self.lanes[0].leader {
                let node = &self.nodes[broker.index()];
                if node.in_flight < settings.max_in_flight {
                    due = due.min(collector.due(false, settings, batches).max(node.muted_until).max(now));
                }
            }
        }
        for index in &self.stranded {
            let first = self.lanes[*index as usize].queue[0];
            due = due.min(batches[first].opened + settings.delivery_timeout);
        }
        due
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.nodes.iter().map(|n| n.in_flight).sum()
    }
    pub(super) fn each(&self, f: &mut impl FnMut(BatchId)) {
        if let Some(collector) = &self.collector {
            collector.each(f);
        }
        for lane in &self.lanes {
            lane.queue.iter().copied().for_each(&mut *f);
        }
    }
}

impl Queues for Lanes {
    fn complete(&self, partition: u32) -> bool {
        self.lanes[partition as usize].open == 0
    }
    fn begun(&self, partition: u32) -> bool {
        let lane = &self.lanes[partition as usize];
        lane.numbers.begun() || !lane.queue.is_empty()
    }
    fn led(&self, partition: u32) -> bool {
        self.lanes[partition as usize].leader.is_some()
    }
    fn all_led(&self) -> bool {
        self.leaderless == 0
    }
    fn waiting(&self, tell: &mut dyn FnMut(u32, u32)) {
        self.filled().for_each(|l| tell(l as u32, self.lanes[l].queue.len() as u32));
    }
}
