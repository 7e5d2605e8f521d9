//! The events a producer instance will create: drawn ahead in chunks, in order, whatever the producer does.
//!
//! Knows nothing of batches or brokers. What an event is (time, key, size, priority) depends on its
//! ordinal alone, so every variant of a scenario sees the same events.

use crate::engine::{Dist, EventRng, Stream, StreamKey, Time};
use crate::model::arrivals::Arrivals;
use crate::model::catalog::Trace;
use crate::model::ids::{EventId, ProducerId};
use crate::model::keys::NO_KEY;
use crate::model::partitioning::Partitioner;
use crate::model::plan::{ProducerPlan, Tables};
use crate::model::record::Record;
use std::sync::Arc;

/// How many events are drawn at a time.
const CHUNK: usize = 512;
/// How many events are looked at one by one before the rest is searched by halving.
const NEAR: usize = 8;

/// The coming events of one producer instance.
pub struct Workload {
    producer: ProducerId,
    arrivals: Box<dyn Arrivals>,
    rng: Stream,
    tables: Tables,
    key_draws: EventRng,
    size: Dist,
    /// What compression leaves of a size.
    compression: f64,
    size_draws: EventRng,
    priorities: Vec<f64>,
    priority_draws: EventRng,
    deletes: f64,
    delete_draws: EventRng,
    /// Sizes of the first events; those after them are drawn.
    recorded: Option<Arc<Trace>>,
    /// Events at or after this moment do not happen.
    end: Time,
    drained: bool,
    times: Vec<Time>,
    key: Vec<u32>,
    lane: Vec<u32>,
    sizes: Vec<u32>,
    /// Position in the vectors of the next event.
    next: usize,
    /// Ordinal of the event at position 0.
    base: u64,
}

/// An event whose partition is not chosen by its key alone.
pub const UNPLACED: u32 = u32::MAX;

impl Workload {
    /// The workload of instance `name` (`checkout/0`) of a plan entry.
    pub fn new(
        plan: &ProducerPlan,
        id: ProducerId,
        name: &str,
        tables: Tables,
        end: Time,
        key: StreamKey,
    ) -> Self {
        let path = |what: &str| format!("producer.{name}/{what}");
        Workload {
            producer: id,
            arrivals: plan.arrivals.build(),
            rng: key.stream(&path("arrivals")),
            tables,
            key_draws: key.per_event(&path("keys")),
            size: plan.size.clone(),
            compression: plan.compression,
            size_draws: key.per_event(&path("sizes")),
            priorities: plan.priorities.clone(),
            priority_draws: key.per_event(&path("priorities")),
            deletes: plan.deletes,
            delete_draws: key.per_event(&path("deletes")),
            recorded: plan.recorded_sizes.clone(),
            end,
            drained: false,
            times: Vec::new(),
            key: Vec::new(),
            lane: Vec::new(),
            sizes: Vec::new(),
            next: 0,
            base: 0,
        }
    }

    /// Makes sure that the event `ahead` places after the next one is drawn; `false` if there is none.
    #[inline(always)]
    fn has(&mut self, ahead: usize) -> bool {
        if self.next + ahead < self.times.len() {
            return true;
        }
        self.draw(ahead)
    }

    #[cold]
    #[inline(never)]
    fn draw(&mut self, ahead: usize) -> bool {
        if self.next >= CHUNK {
            self.times.drain(..self.next);
            self.key.drain(..self.next);
            self.lane.drain(..self.next);
            self.sizes.drain(..self.next.min(self.sizes.len()));
            self.base += self.next as u64;
            self.next = 0;
        }
        while !self.drained && self.next + ahead >= self.times.len() {
            let from = self.times.len();
            self.arrivals.fill(CHUNK, &mut self.rng, &mut self.times);
            let live = from + self.times[from..].partition_point(|t| *t < self.end);
            self.drained = live < from + CHUNK;
            self.times.truncate(live);
            self.describe(from);
        }
        self.next + ahead < self.times.len()
    }

    /// Where a key leads, if it alone decides.
    pub fn lane_of(&self, key: u32) -> Option<u32> {
        self.tables.by_key.as_ref()?.get(key as usize).copied()
    }
    /// Keys lead to other lanes now, but for the next `except` events.
    pub fn place_anew(&mut self, partitioner: &mut dyn Partitioner, partitions: u32, except: usize) {
        self.tables.by_key = partitioner.by_key(self.tables.keys.as_ref(), partitions).map(Arc::from);
        let Some(table) = &self.tables.by_key else { return };
        for (lane, key) in self.lane.iter_mut().zip(&self.key).skip(self.next + except) {
            *lane = table.get(*key as usize).copied().unwrap_or(UNPLACED);
        }
    }

    fn describe(&mut self, from: usize) {
        let first = self.base + from as u64;
        self.key.resize(self.times.len(), NO_KEY);
        self.tables.keys.fill(self.key_draws, first, &mut self.key[from..]);
        match &self.tables.by_key {
            Some(table) => {
                let lane = |k: &u32| table.get(*k as usize).copied().unwrap_or(UNPLACED);
                self.lane.extend(self.key[from..].iter().map(lane));
            }
            None => self.lane.resize(self.times.len(), UNPLACED),
        }
        let recorded = self.recorded.as_ref().map_or(&[] as &[u32], |trace| &trace.size);
        if let (Some(size), true) = (self.size.constant(), recorded.is_empty()) {
            let size = compressed(size.min(u64::from(u32::MAX)) as u32, self.compression);
            self.sizes.resize(self.times.len(), size);
            return;
        }
        for i in from..self.times.len() {
            let ordinal = self.base + i as u64;
            let size = match recorded.get(ordinal as usize) {
                Some(size) => *size,
                None => self.size.sample(&mut self.size_draws.at(ordinal)).min(u64::from(u32::MAX)) as u32,
            };
            self.sizes.push(compressed(size, self.compression));
        }
    }

    /// When the event `ahead` places after the next one is created; `NEVER` if there is none.
    #[inline(always)]
    pub fn time(&mut self, ahead: usize) -> Time {
        if self.has(ahead) { self.times[self.next + ahead] } else { Time::NEVER }
    }
    /// The lane its key leads to, or [`UNPLACED`], and its size. It must exist.
    #[inline(always)]
    pub fn lane_and_size(&self, ahead: usize) -> (u32, u32) {
        (self.lane[self.next + ahead], self.sizes[self.next + ahead])
    }
    /// The next event and the lane its key leads to. It must exist.
    #[inline(always)]
    pub fn record(&self) -> (Record, u32) {
        self.record_at(0)
    }
    /// The event `ahead` places after the next one; it must be drawn.
    #[inline(always)]
    pub fn record_at(&self, ahead: usize) -> (Record, u32) {
        let i = self.next + ahead;
        let record = Record {
            event: EventId::new(self.producer, self.base + i as u64),
            created: self.times[i],
            key: self.key[i],
            size: self.sizes[i],
        };
        (record, self.lane[i])
    }
    /// Hands over the coming events up to and including `now`, one by one, while `take` wants them.
    #[inline(always)]
    pub fn take_while(&mut self, now: Time, mut take: impl FnMut(Record, u32) -> bool) {
        while self.has(0) {
            let from = self.next;
            let events = self.times[from..].iter().zip(&self.key[from..]).zip(&self.sizes[from..]);
            for (((created, key), size), lane) in events.zip(&self.lane[from..]) {
                let event = EventId::new(self.producer, self.base + self.next as u64);
                let record = Record { event, created: *created, key: *key, size: *size };
                if *created > now || !take(record, *lane) {
                    return;
                }
                self.next += 1;
            }
        }
    }
    /// Goes on to the event after it.
    #[inline(always)]
    pub fn advance(&mut self) {
        self.next += 1;
    }
    /// Ordinal of the next event.
    pub fn ordinal(&self) -> u64 {
        self.base + self.next as u64
    }
    /// Creation times of events from ordinal `from` (the next event or a later one) up to and including `now`.
    pub fn times_from(&mut self, from: u64, now: Time) -> &[Time] {
        // Draw until the buffer reaches beyond `now`, and no further.
        while self.times.last().is_none_or(|last| *last <= now) && self.has(self.times.len() - self.next) {}
        let later = &self.times[(from - self.base) as usize..];
        // Mostly one event or few.
        let near = later.iter().take(NEAR).take_while(|t| **t <= now).count();
        let n = if near < NEAR { near } else { later.partition_point(|t| *t <= now) };
        &later[..n]
    }
    /// Whether an event deletes its key.
    pub fn is_delete(&self, ordinal: u64) -> bool {
        self.deletes > 0.0 && self.delete_draws.at(ordinal).unit() < self.deletes
    }
    /// The priority class of an event, 0 the most important.
    pub fn priority(&self, ordinal: u64) -> u8 {
        if self.priorities.len() < 2 {
            return 0;
        }
        let mut left = self.priority_draws.at(ordinal).unit() * self.priorities.iter().sum::<f64>();
        for (class, share) in self.priorities.iter().enumerate() {
            left -= share;
            if left <= 0.0 {
                return class as u8;
            }
        }
        self.priorities.len() as u8 - 1
    }
    /// How many priority classes there are.
    pub fn classes(&self) -> u8 {
        self.priorities.len().max(1) as u8
    }
}

/// What is left of a record's bytes: what batch, request, broker and log hold. Something always is.
fn compressed(size: u32, share: f64) -> u32 {
    if share >= 1.0 { size } else { (libm::ceil(f64::from(size) * share) as u32).max(u32::from(size > 0)) }
}
