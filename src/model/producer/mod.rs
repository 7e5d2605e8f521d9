//! A producer instance: admits events, batches them per partition, sends, waits for the answer, tries
//! again or gives up.
//!
//! When a transaction begins and ends is the world's business; here is only which batches may go meanwhile.
//! It knows batches and brokers by id only; wires, brokers and logs are the world's business.
//! In the world: a Kafka producer (`KafkaProducer` with its `RecordAccumulator` and `Sender`).

mod collector;
mod gated;
mod lanes;
mod numbers;
mod placing;
mod session;
mod workload;

pub use lanes::{Lanes, Node};
pub use session::{Gate, Session, Stage};
pub use workload::{UNPLACED, Workload};

use crate::engine::{EventRng, Span, Stream, StreamKey, Time};
use crate::model::backoff::Backoff;
use crate::model::backpressure::Admission;
use crate::model::backpressure::admission::{Admit, AdmitView};
use crate::model::cause::{LossCause, ShedReason};
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, BrokerId, PartitionId, ProducerId, RequestId, TopicId};
use crate::model::partitioning::Partitioner;
use crate::model::plan::{Acks, ProducerPlan, Tables};
use crate::model::record::{Batches, Record};
use placing::choose_lane;

/// The settings a running producer looks at.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// See [`ProducerPlan`]; the same names.
    pub acks: Acks,
    /// Kafka `linger.ms`.
    pub linger: Span,
    /// Kafka `batch.size`.
    pub batch_size: u64,
    /// Kafka `max.request.size`.
    pub max_request_size: u64,
    /// Kafka `max.in.flight.requests.per.connection`.
    pub max_in_flight: u32,
    /// Kafka `request.timeout.ms`.
    pub request_timeout: Span,
    /// Kafka `delivery.timeout.ms`.
    pub delivery_timeout: Span,
    /// Kafka `retries`.
    pub retries: u32,
    /// Kafka `enable.idempotence`.
    pub idempotence: bool,
    /// Most records of one request into a stream; none into a log of Kafka's.
    pub collects: Option<u32>,
    /// One event per message, no look-ahead.
    pub reference: bool,
    /// Which batches may go, as far as transactions are concerned.
    pub gate: Gate,
    /// An event may pass at once and alone, if nothing is in its way.
    straight: bool,
}

/// Which instance of what, and which partitions it sends to.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// Its id.
    pub id: ProducerId,
    /// Its table in the plan.
    pub entry: usize,
    /// Its number among the instances of that table.
    pub index: u32,
    /// The first partition of its topic ...
    pub first: PartitionId,
    /// ... and how many there are.
    pub partitions: u32,
    /// How many brokers there are.
    pub brokers: u32,
}

/// See the module's text.
pub struct Producer {
    /// Who this is.
    pub id: ProducerId,
    /// Its table in the plan.
    pub entry: usize,
    /// Its number among the instances of that table.
    pub index: u32,
    /// Where it sends.
    pub topic: TopicId,
    /// What it was told.
    pub settings: Settings,
    /// Its coming events.
    pub workload: Workload,
    /// What it has not sent, per partition, and its connections.
    pub lanes: Lanes,
    /// Whether the process runs.
    pub up: bool,
    /// Lag of the slowest group, as last reported.
    pub lag: u64,
    /// When it wants to be woken next, as scheduled.
    pub wake_at: Time,
    /// Where it stands with its transactions, if it has any.
    pub session: Option<Session>,
    partitioner: Box<dyn Partitioner>,
    place_rng: Stream,
    admission: Box<dyn Admission>,
    /// There is room for any event without asking, however many are buffered.
    boundless: bool,
    backoff: Box<dyn Backoff>,
    backoff_draws: EventRng,
    /// Ordinal of the first event not yet told as created.
    told: u64,
    /// Since when the next event's caller stands blocked.
    blocked_since: Option<Time>,
    /// Bytes in the buffer, unacknowledged ones included.
    buffered: u64,
    /// Nothing needs to be done for events created before this moment, as far as was looked ahead.
    quiet_until: Time,
    /// While it looks ahead: bytes in each lane's open batch as they will be, or 0.
    ahead: Vec<u64>,
    /// The lanes for which they are not 0.
    looked_at: Vec<u32>,
    retries_drawn: u64,
}

/// What a batch is lost by that is given up: what it was refused for, if it was.
fn given_up_as(before: LossCause) -> LossCause {
    if before == LossCause::ThroughputExceeded { before } else { LossCause::ProducerGaveUp }
}

impl Producer {
    /// One instance of a plan entry.
    pub fn new(
        plan: &ProducerPlan,
        seat: Seat,
        tables: &Tables,
        end: Time,
        reference: bool,
        key: StreamKey,
    ) -> Self {
        let Seat { id, entry, index, first, partitions, brokers } = seat;
        let name = format!("{}/{index}", plan.name);
        let mut partitioner = plan.partitioner.build();
        if tables.by_key.is_none() {
            // More than the key decides, and the partitioner has yet to see the keys.
            let _ = partitioner.by_key(tables.keys.as_ref(), partitions);
        }
        let admission = plan.admission.build();
        let settings = Settings {
            acks: plan.acks,
            linger: plan.linger,
            // Into a stream every record is a batch of its own.
            batch_size: if plan.collects.is_some() { 0 } else { plan.batch_size },
            max_request_size: plan.max_request_size,
            max_in_flight: plan.max_in_flight,
            request_timeout: plan.request_timeout,
            delivery_timeout: plan.delivery_timeout,
            retries: plan.retries,
            idempotence: plan.idempotence,
            collects: plan.collects,
            reference,
            gate: Gate::Open,
            straight: plan.linger.is_zero() && plan.collects.is_none() && !reference,
        };
        Producer {
            id,
            entry,
            index,
            topic: plan.topic,
            settings,
            workload: Workload::new(plan, id, &name, tables.clone(), end, key),
            lanes: Lanes::new(id, first, partitions, brokers, plan.collects),
            up: true,
            lag: 0,
            wake_at: Time::NEVER,
            session: (plan.transactional.is_some() || plan.from.is_some()).then(Session::default),
            partitioner,
            place_rng: key.stream(&format!("producer.{name}/partitioner")),
            boundless: admission.room(u64::MAX) == u64::MAX,
            admission,
            backoff: plan.backoff.build(),
            backoff_draws: key.per_event(&format!("producer.{name}/backoff")),
            told: 0,
            blocked_since: None,
            buffered: 0,
            quiet_until: Time::ZERO,
            ahead: vec![0; partitions as usize],
            looked_at: Vec::new(),
            retries_drawn: 0,
        }
    }

    /// How often it wants to hear the lag of its topic.
    pub fn watches_lag(&self) -> Option<Span> {
        self.admission.watch()
    }

    /// It hears that there are `partitions`: keys are placed over all of them from the next event on. A caller that
    /// stands blocked has placed its event already.
    pub fn widen(&mut self, partitions: u32) {
        self.lanes.widen(partitions);
        self.ahead.resize(partitions as usize, 0);
        let blocked = usize::from(self.blocked_since.is_some());
        self.workload.place_anew(self.partitioner.as_mut(), partitions, blocked);
        self.quiet_until = Time::ZERO;
    }

    /// Takes in every event created up to and including `now`.
    #[inline]
    pub fn settle<F: Facts>(&mut self, now: Time, batches: &mut Batches, facts: &mut F) {
        if !self.up || self.workload.time(0) > now && self.blocked_since.is_none() {
            return;
        }
        self.tell_created(now, facts);
        loop {
            if self.blocked_since.is_none() {
                self.take_in(now, batches, facts);
            }
            if self.workload.time(0) > now {
                return;
            }
            let (record, lane) = self.workload.record();
            if !self.ask(record, lane, now, batches, facts) {
                return;
            }
        }
    }

    /// Takes in events as long as there is room for them without asking.
    #[inline(always)]
    fn take_in<F: Facts>(&mut self, now: Time, batches: &mut Batches, facts: &mut F) {
        let (first, room) = (self.workload.ordinal(), self.admission.room(self.buffered));
        let mut left = room;
        let Producer { workload, lanes, settings, partitioner, place_rng, .. } = self;
        workload.take_while(now, |record, lane| {
            let fits = u64::from(record.size) <= left;
            if fits {
                left -= u64::from(record.size);
                let lane = if lane == UNPLACED {
                    choose_lane(partitioner.as_mut(), place_rng, &record, lanes, settings.batch_size)
                } else {
                    lane
                };
                lanes.push(lane, record, record.created, settings, batches);
            }
            fits
        });
        let n = self.workload.ordinal() - first;
        if n > 0 {
            self.buffered += room - left;
            facts.accepted(self.id, first, n);
        }
    }

    /// The one event that is due, if nothing keeps it from being sent at once and alone: no linger, nothing
    /// waiting before it, room in the buffer and a connection that is free. Its batch and its broker; what it
    /// comes to is the same as settling and asking for the next request.
    #[inline]
    pub fn straight<F: Facts>(
        &mut self,
        now: Time,
        batches: &mut Batches,
        facts: &mut F,
    ) -> Option<(BatchId, BrokerId)> {
        if !self.settings.straight
            || self.settings.gate != Gate::Open
            || self.blocked_since.is_some()
            || self.workload.time(0) != now
            || self.workload.time(1) <= now
        {
            return None;
        }
        let (record, lane) = self.workload.record();
        let (bytes, ordinal) = (u64::from(record.size), record.event.ordinal());
        if self.told > ordinal
            || lane == UNPLACED
            || !(self.boundless || bytes <= self.admission.room(self.buffered))
        {
            return None;
        }
        let broker = self.lanes.free(lane, now, &self.settings)?;
        facts.created(self.id, self.topic, ordinal, &[now]);
        facts.accepted(self.id, ordinal, 1);
        self.told = ordinal + 1;
        self.workload.advance();
        self.buffered += bytes;
        self.quiet_until = Time::ZERO;
        Some((self.lanes.pass(lane, record, batches), broker))
    }

    fn tell_created<F: Facts>(&mut self, now: Time, facts: &mut F) {
        let from = self.told.max(self.workload.ordinal());
        let times = self.workload.times_from(from, now);
        if !times.is_empty() {
            facts.created(self.id, self.topic, from, times);
            self.told = from + times.len() as u64;
        }
    }

    /// Asks the admission about the next event; `false` if its caller has to wait beyond `now`.
    fn ask<F: Facts>(
        &mut self,
        record: Record,
        lane: u32,
        now: Time,
        batches: &mut Batches,
        facts: &mut F,
    ) -> bool {
        let at = self.blocked_since.unwrap_or(Time::ZERO).max(record.created);
        let view = AdmitView {
            now: if self.blocked_since.is_some() { now } else { at },
            size: record.size,
            priority: self.workload.priority(record.event.ordinal()),
            classes: self.workload.classes(),
            buffered: self.buffered,
            lag: self.lag,
        };
        let give_up = at + self.admission.max_block();
        match self.admission.decide(&view) {
            Admit::Block if now >= give_up => {
                facts.blocked(self.id, give_up.since(at), give_up);
                facts.lost_on_the_way(&[record], self.topic, LossCause::BufferTimeout, give_up);
                self.workload.advance();
                // The caller's next event gets its turn only now.
                self.blocked_since = (self.workload.time(0) <= now).then_some(give_up);
                true
            }
            Admit::Block => {
                self.blocked_since = Some(at);
                false
            }
            Admit::Accept => {
                if self.blocked_since.take().is_some() {
                    if now > at {
                        facts.blocked(self.id, now.since(at), now);
                    }
                    self.place(record, lane, now, batches, facts);
                    // Later events were held up behind it and come at the same moment.
                    self.blocked_since = (self.workload.time(0) < now).then_some(now);
                } else {
                    self.place(record, lane, at, batches, facts);
                }
                true
            }
            Admit::Refuse(reason) => {
                facts.shed(&record, self.topic, reason, at);
                self.workload.advance();
                true
            }
            Admit::DropOldest => {
                let (dropped, reason) = match self.lanes.drop_oldest(batches) {
                    Some(old) => {
                        self.buffered -= u64::from(old.size);
                        (old, ShedReason::DropOldest)
                    }
                    // Everything in the buffer is on its way.
                    None => {
                        self.workload.advance();
                        (record, ShedReason::DropNewest)
                    }
                };
                facts.shed(&dropped, self.topic, reason, at);
                true
            }
        }
    }

    fn place<F: Facts>(&mut self, record: Record, lane: u32, at: Time, batches: &mut Batches, facts: &mut F) {
        let lane = if lane == UNPLACED {
            let batch_size = self.settings.batch_size;
            choose_lane(self.partitioner.as_mut(), &mut self.place_rng, &record, &self.lanes, batch_size)
        } else {
            lane
        };
        self.workload.advance();
        self.buffered += u64::from(record.size);
        facts.accepted(self.id, record.event.ordinal(), 1);
        self.lanes.push(lane, record, at, &self.settings, batches);
    }

    /// Whether no request and no batch has waited too long.
    #[inline]
    pub fn in_time(&self, now: Time) -> bool {
        self.lanes.in_time(now)
    }
    /// Gives up batches whose delivery timeout has passed; the world decides what that means for their events.
    pub fn expire(&mut self, now: Time, batches: &mut Batches, given_up: &mut Vec<BatchId>) {
        let from = given_up.len();
        self.lanes.expire(now, &self.settings, batches, given_up);
        for id in &given_up[from..] {
            let batch = &mut batches[*id];
            batch.lost_as = given_up_as(batch.lost_as);
            self.buffered -= batch.bytes;
            self.quiet_until = Time::ZERO;
        }
    }

    /// The next request that is due, if any: its broker, with its batches in `out`.
    #[inline]
    pub fn next_request(
        &mut self,
        now: Time,
        batches: &mut Batches,
        out: &mut Vec<BatchId>,
    ) -> Option<BrokerId> {
        let exhausted = self.blocked_since.is_some();
        let broker = self.lanes.drain(now, exhausted, &self.settings, batches, out)?;
        for id in out.iter() {
            batches[*id].sends += 1;
        }
        // Open batches are gone: the next events may begin new ones, with lingers of their own.
        self.quiet_until = Time::ZERO;
        Some(broker)
    }

    /// A request is on its way (with acks=0: and done).
    #[inline]
    pub fn request_sent(&mut self, broker: BrokerId, request: RequestId, now: Time) {
        if self.settings.acks != Acks::None {
            let deadline = now + self.settings.request_timeout;
            let node = self.lanes.node(broker);
            node.in_flight += 1;
            node.waiting.push_back((deadline, request));
        }
    }

    /// Bytes in the buffer for which a caller stands blocked, if one does.
    #[inline]
    pub fn blocked_by(&self) -> Option<u64> {
        self.blocked_since.map(|_| self.buffered)
    }
    /// A batch is done with: its bytes leave the buffer.
    #[inline]
    pub fn forget(&mut self, bytes: u64) {
        self.buffered -= bytes;
    }

    /// A batch failed and is to be tried again, if it may; otherwise it is given back to be dropped.
    pub fn retry(&mut self, id: BatchId, now: Time, batches: &mut Batches) -> Result<(), BatchId> {
        let batch = &mut batches[id];
        if batch.sends > self.settings.retries || now >= batch.opened + self.settings.delivery_timeout {
            batch.lost_as = given_up_as(batch.lost_as);
            self.give_up(id, batches);
            return Err(id);
        }
        self.retries_drawn += 1;
        let mut chance = self.backoff_draws.at(self.retries_drawn);
        // Kafka counts in milliseconds; and what is refused at once must not be sent again at once for ever.
        batch.retry_at = now + self.backoff.delay(batch.sends, &mut chance).max(Span::millis(1));
        self.lanes.push_back(id, batches);
        Ok(())
    }

    /// A batch that came back is not tried again.
    pub fn give_up(&mut self, id: BatchId, batches: &Batches) {
        self.buffered -= batches[id].bytes;
        if self.settings.idempotence {
            self.lanes.given_up(&batches[id]);
        }
    }

    /// The process dies: what it had not sent is given back to be dropped, and the requests it waits for
    /// are named in `requests`.
    pub fn crash(
        &mut self,
        batches: &mut Batches,
        dropped: &mut Vec<BatchId>,
        requests: &mut Vec<RequestId>,
    ) {
        self.up = false;
        self.lanes.clear(dropped, requests);
        for id in dropped.iter() {
            batches[*id].lost_as = LossCause::ProducerCrashed;
        }
        self.buffered = 0;
        self.wake_at = Time::NEVER;
    }
    /// Events whose callers stand blocked when the process dies.
    pub fn lose_blocked<F: Facts>(&mut self, now: Time, facts: &mut F) {
        while self.workload.time(0) <= now && self.workload.ordinal() < self.told {
            let (record, _) = self.workload.record();
            facts.lost_on_the_way(&[record], self.topic, LossCause::ProducerCrashed, now);
            self.workload.advance();
        }
        self.blocked_since = None;
    }
    /// The process runs again. What would have been created meanwhile never was.
    pub fn start(&mut self, now: Time) {
        while self.workload.time(0) <= now {
            self.workload.advance();
        }
        self.up = true;
        self.quiet_until = Time::ZERO;
    }

    /// When it next has to do something, if nothing happens to it before. Call after `settle(now)`.
    #[inline]
    pub fn next_wake(&mut self, now: Time, batches: &Batches) -> Time {
        if !self.up {
            return Time::NEVER;
        }
        let timers = self.lanes.next_due(now, &self.settings, batches);
        if let Some(since) = self.blocked_since {
            return timers.min(since + self.admission.max_block());
        }
        if self.quiet_until <= now {
            self.quiet_until = self.look_ahead(timers);
        }
        timers.min(self.quiet_until)
    }

    /// The first coming event that makes something due: fills a batch, fills the buffer, or (with the
    /// linger counted from it) is the first of a batch that will be due before `horizon`.
    fn look_ahead(&mut self, horizon: Time) -> Time {
        let room = self.admission.room(self.buffered);
        let first = self.workload.time(0);
        if first == Time::NEVER || self.settings.reference || room == 0 || self.settings.linger.is_zero() {
            // Nothing to look for: the very next event makes something due.
            return first;
        }
        let mut due = horizon;
        let (mut i, mut total) = (0, 0u64);
        let found = loop {
            let at = self.workload.time(i);
            if at >= due {
                break due.min(at);
            }
            let (lane, size) = self.workload.lane_and_size(i);
            let size = u64::from(size);
            total += size;
            if lane == UNPLACED || total > room {
                break at;
            }
            let open = &mut self.ahead[lane as usize];
            if *open == 0 {
                self.looked_at.push(lane);
                *open = self.lanes.open_bytes(lane);
                if *open == 0 {
                    due = due.min(at + self.settings.linger);
                }
            }
            *open += size;
            if *open >= self.settings.batch_size {
                break at;
            }
            i += 1;
        };
        // A topic may have many lanes, and few of them are looked at.
        for lane in self.looked_at.drain(..) {
            self.ahead[lane as usize] = 0;
        }
        found
    }

    /// The same after [`straight`](Self::straight): nothing waits here but for answers.
    #[inline]
    pub fn next_wake_alone(&mut self) -> Time {
        self.workload.time(0).min(self.lanes.next_deadline())
    }

    /// What has no fate yet before the log: events waiting for room, and batches not yet sent.
    pub fn left_over(
        &mut self,
        now: Time,
        mut waiting: impl FnMut(&Record),
        mut unsent: impl FnMut(BatchId),
    ) {
        let mut ahead = 0;
        while self.workload.time(ahead) <= now && self.workload.ordinal() + (ahead as u64) < self.told {
            waiting(&self.workload.record_at(ahead).0);
            ahead += 1;
        }
        self.lanes.each(&mut unsent);
    }
    /// How many of these there are.
    pub fn left_over_count(&mut self, now: Time) -> u32 {
        let (mut events, mut batches) = (0, 0);
        self.left_over(now, |_| events += 1, |_| batches += 1);
        events + batches
    }
    /// Requests sent and not answered.
    pub fn in_flight(&self) -> u32 {
        self.lanes.in_flight()
    }
}
