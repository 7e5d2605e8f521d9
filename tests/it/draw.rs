//! Whole plans drawn from a seed, for tests that hold for every plan.
//!
//! Swarm style (Groce et al. 2012): each plan switches some features off entirely and gives the others odds
//! of its own, so that rare combinations come up. Values of family members are drawn from their described
//! parameters, so that a new member takes part at once. Knows nothing of what is tested.

mod chained;
mod faults;
mod streams;

pub use chained::chained_plan;
pub use streams::stream_plan;

use laglab::engine::{Dist, Span, Stream, StreamKey, Time};
use laglab::model::catalog::{Args, Choice, Default, Entry, Kind, Member, Param, Trace, Value};
use laglab::model::ids::{DownstreamId, TopicId};
use laglab::model::plan::*;
use laglab::model::{
    arrivals, assignment, backoff, backpressure, failing, keys, partitioning, remote_assignment,
};
use std::sync::Arc;

/// Features a plan may be drawn without, for properties that do not hold with them.
#[derive(Clone, Copy, Debug, std::default::Default)]
pub struct Without {
    /// No capacity or signal that groups share: broker costs, dependencies, admission by lag.
    pub shared: bool,
    /// No faults.
    pub faults: bool,
}

/// The plan of this seed.
pub fn plan(seed: u64) -> Plan {
    plan_without(seed, Without::default())
}

/// The plan of this seed without some features.
pub fn plan_without(seed: u64, without: Without) -> Plan {
    Draw { rng: StreamKey::new(seed, 0).stream("draw"), length: Span::ZERO, rate: 0.0, without }.plan(seed)
}

/// What [`another_group`] is called.
pub const ANOTHER: &str = "another";

/// One more group for a plan drawn without shared capacity.
pub fn another_group(seed: u64, plan: &Plan) -> GroupPlan {
    let mut draw = Draw::again(seed, plan, "another group");
    let odds = draw.group_odds((0.5, 0.2));
    GroupPlan { name: ANOTHER.into(), ..draw.group(0, plan.topics.len(), 0, &odds) }
}

/// Another producer in the place of a plan's first, of as many instances.
pub fn another_producer(seed: u64, plan: &Plan) -> ProducerPlan {
    let first = &plan.producers[0];
    let drawn = Draw::again(seed, plan, "another producer").producer(0, plan.topics.len(), (0.5, 0.2), 0.5);
    ProducerPlan { instances: first.instances, ..drawn }
}

struct Draw {
    rng: Stream,
    /// How long the workload runs.
    length: Span,
    /// Events per second of one producer, about.
    rate: f64,
    without: Without,
}

/// How many events a plan creates, about, at the most.
const EVENTS: f64 = 2500.0;

/// The partitioners that fit a log of Kafka's: the last one is Kinesis's.
fn of_kafka() -> &'static [&'static Entry<dyn partitioning::Partitioner>] {
    let (last, others) = partitioning::MEMBERS.split_last().expect("there are some");
    assert_eq!(last.name, "md5");
    others
}

impl Draw {
    /// More draws for a plan that is drawn already.
    fn again(seed: u64, plan: &Plan, what: &str) -> Draw {
        let length = plan.duration;
        let rate = EVENTS / 10.0 / length.secs();
        let without = Without { shared: true, faults: true };
        Draw { rng: StreamKey::new(seed, 0).stream(what), length, rate, without }
    }
    fn below(&mut self, n: usize) -> usize {
        self.rng.below(n as u64) as usize
    }
    fn coin(&mut self) -> bool {
        self.rng.happens(0.5)
    }
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
    /// Between the two, each order of magnitude as likely.
    fn log(&mut self, low: f64, high: f64) -> f64 {
        low * libm::pow(high / low, self.rng.unit())
    }
    fn span(&mut self, low: Span, high: Span) -> Span {
        Span(self.log(low.0.max(1) as f64, high.0.max(low.0).max(1) as f64) as u64)
    }
    fn millis(&mut self, low: u64, high: u64) -> Span {
        self.span(Span::millis(low), Span::millis(high))
    }
    /// A part of the workload's length.
    fn part(&mut self, low: f64, high: f64) -> Span {
        let share = self.log(low, high);
        self.length.scaled(share)
    }
    fn moment(&mut self) -> Time {
        Time((self.length.0 as f64 * self.rng.unit()) as u64)
    }
    /// Never in half of all plans, else with odds of its own.
    fn odds(&mut self) -> f64 {
        if self.coin() { 0.0 } else { self.rng.unit() }
    }
    fn sometimes<T>(&mut self, odds: f64, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.rng.happens(odds) { Some(f(self)) } else { None }
    }

    /// A length of time about `mean` nanoseconds.
    fn dist(&mut self, mean: f64) -> Dist {
        let cv = self.log(0.2, 3.0);
        let made = match self.below(7) {
            0 => Ok(Dist::Constant(mean as u64)),
            1 => Dist::uniform(0.0, 2.0 * mean),
            2 => Dist::lognormal(mean, cv),
            3 => Dist::gamma(mean, cv),
            4 => Dist::pareto(mean, 2.5),
            5 => Dist::weibull(mean, 0.8),
            _ => Dist::exponential(mean),
        };
        made.expect("means above zero")
    }
    fn wire(&mut self, slow: f64, lossy: f64) -> WirePlan {
        let mean = self.log(1e4, 5e7);
        let slow = self.rng.happens(slow);
        let delay = |d: &mut Self| if slow { d.dist(mean) } else { Dist::ZERO };
        let loss = |d: &mut Self| d.sometimes(lossy, |d| d.log(0.001, 0.2)).unwrap_or(0.0);
        WirePlan {
            out: delay(self),
            back: delay(self),
            loss: loss(self),
            back_loss: loss(self),
            ordered: self.coin(),
        }
    }

    /// Some member of a family, with values of its own.
    fn any<T: ?Sized>(&mut self, members: &'static [&'static Entry<T>]) -> Choice<T> {
        let entry = members[self.below(members.len())];
        self.this(members, entry.name)
    }
    /// This member of a family, with values of its own.
    fn this<T: ?Sized>(&mut self, members: &'static [&'static Entry<T>], name: &str) -> Choice<T> {
        let entry = members.iter().find(|e| e.name == name).expect("a member of its family");
        let Member { params, .. } = entry.member("");
        let args = params.iter().filter_map(|p| Some((p.name, self.value(p)?))).collect();
        Choice::of(members, name, Args(args))
    }
    fn value(&mut self, param: &Param) -> Option<Value> {
        if param.default == Default::Absent && self.coin() {
            return None;
        }
        Some(match param.kind {
            Kind::Flag => Value::Flag(self.coin()),
            Kind::Count { min, max } => {
                Value::Count(self.log(min.max(1) as f64, max.min(300).max(min) as f64) as u64)
            }
            Kind::Number { min, max } => {
                let x = self.log(0.1, 20.0);
                Value::Number(x.clamp(min, max))
            }
            Kind::Ratio => Value::Number(match self.below(4) {
                0 => 0.01,
                1 => self.rng.unit(),
                2 => 0.1,
                _ => self.one(&[0.0, 0.5, 1.0]),
            }),
            Kind::Rate => Value::Number(self.rate * self.log(0.3, 2.0)),
            Kind::ByteRate => Value::Number(self.rate * self.log(20.0, 2000.0)),
            Kind::Span => Value::Span(self.part(0.001, 0.5).max(Span::millis(1))),
            Kind::Dist => {
                let mean = self.log(1e4, 1e8);
                Value::Dist(self.dist(mean))
            }
            Kind::SizeDist => {
                let mean = self.log(1.0, 1e4);
                Value::Dist(self.dist(mean))
            }
            Kind::Bytes => Value::Bytes(self.log(100.0, 50_000.0) as u64),
            Kind::Text => Value::Text("key-".into()),
            Kind::Word(words) => Value::Text(self.one(words).0.into()),
            Kind::Weights => Value::Weights((0..=self.below(6)).map(|_| self.rng.unit()).collect()),
            Kind::Counts => Value::Counts((0..=self.below(4)).map(|i| i as u64).collect()),
            Kind::Profile => {
                let mut at: Vec<Time> = (0..=self.below(4)).map(|_| self.moment()).collect();
                at.sort_unstable();
                Value::Profile(at.into_iter().map(|t| (t, self.rate * 2.0 * self.rng.unit())).collect())
            }
            Kind::Trace => Value::Trace(self.trace()),
            // Of whom and whom else a fault strikes its plan says, not its member's values.
            Kind::Family(_) | Kind::Target(_) => return None,
            other => panic!("no member of a family takes {other:?}"),
        })
    }
    fn trace(&mut self) -> Arc<Trace> {
        let n = self.below(200) + 1;
        let mut at: Vec<Time> = (0..n).map(|_| self.moment()).collect();
        at.sort_unstable();
        let kinds = self.below(9) + 1;
        let key = (0..n).map(|_| if self.rng.happens(0.1) { u32::MAX } else { self.below(kinds) as u32 });
        let key = key.collect();
        let sized = self.coin();
        let size = (0..if sized { n } else { 0 }).map(|_| self.below(2000) as u32).collect();
        Arc::new(Trace { at, key, keys: (0..kinds).map(|k| format!("trace-{k}")).collect(), size })
    }

    fn plan(mut self, seed: u64) -> Plan {
        let seconds = self.log(2.0, 180.0);
        self.length = Span((seconds * 1e9) as u64);
        let tables = self.below(3) + 1;
        self.rate = self.log(50.0, EVENTS) / seconds / tables as f64;
        let cluster = self.cluster();
        let topics: Vec<TopicPlan> = (0..=self.below(3)).map(|t| self.topic(t, cluster.brokers)).collect();
        let (slow, lossy, gated) = (self.odds(), self.odds(), self.odds());
        let wires = (slow, if self.coin() { 0.0 } else { lossy * 0.5 });
        let producers: Vec<ProducerPlan> =
            (0..tables).map(|p| self.producer(p, topics.len(), wires, gated)).collect();
        let downstreams = self.downstreams();
        let odds = self.group_odds(wires);
        let groups: Vec<GroupPlan> =
            (0..=self.below(3)).map(|g| self.group(g, topics.len(), downstreams.len(), &odds)).collect();
        let end = if self.rng.happens(0.3) { End::Stop } else { End::Drain(self.part(0.05, 3.0)) };
        let mut plan = Plan {
            seed,
            duration: self.length,
            warm_up: if self.coin() { Span::ZERO } else { self.part(0.01, 0.9) },
            end,
            sample_every: self.length.scaled(1.0 / 100.0),
            cluster,
            topics,
            producers,
            groups,
            downstreams,
            faults: Vec::new(),
            batch_means: false,
            reference: false,
        };
        if !self.without.faults {
            plan.faults = self.faults(&plan);
        }
        Draw::again(seed, &plan, "transactions").transactions(&mut plan);
        Draw::again(seed, &plan, "compaction").compaction(&mut plan);
        plan
    }

    fn cluster(&mut self) -> ClusterPlan {
        let busy = if self.without.shared { 0.0 } else { self.odds() };
        let most = 0.5e9 / (self.rate * 3.0);
        ClusterPlan {
            brokers: self.below(3) as u32 + 1,
            request_cost: self
                .sometimes(busy, |d| {
                    let mean = d.log(1e3, most.max(2e3));
                    d.dist(mean)
                })
                .unwrap_or(Dist::ZERO),
            byte_cost: self.sometimes(busy, |d| d.log(1.0, most.max(2e3) / 1e3)).unwrap_or(0.0),
            failover: self.sometimes(0.5, |d| d.part(0.001, 0.3)),
            replication: self.replication(),
            retention_check: self.part(0.005, 0.2).max(Span::millis(1)),
            initial_task_delay: self.part(0.001, 0.2),
            cleaner_backoff: Span::from_secs(15),
            offsets_retention: self.sometimes(0.3, |d| d.part(0.005, 0.3)).unwrap_or(Span::FOREVER),
            quota: self.sometimes(0.2, |d| d.any(backpressure::quota::MEMBERS)),
            fetch_quota: self.sometimes(busy, |d| d.any(backpressure::quota::MEMBERS)),
        }
    }
    fn replication(&mut self) -> ReplicationPlan {
        ReplicationPlan {
            delay: self
                .sometimes(0.7, |d| {
                    let mean = d.log(1e3, 1e8);
                    d.dist(mean)
                })
                .unwrap_or(Dist::ZERO),
            max_lag: self.part(0.002, 0.3).max(Span::millis(1)),
            fetch_max_bytes: self.log(100.0, 1e6) as u64,
            session_timeout: self.part(0.001, 0.3),
            heartbeat: self.part(0.001, 0.1),
            leader_check: self.part(0.01, 0.5).max(Span::millis(1)),
            metadata_max_age: self.part(0.01, 0.5).max(Span::millis(1)),
            racks: self.below(3) as u32 + 1,
        }
    }
    fn topic(&mut self, t: usize, brokers: u32) -> TopicPlan {
        let replication_factor = self.below(brokers as usize) as u32 + 1;
        TopicPlan {
            name: self.one(&["orders", "audit", "mail"]).to_owned() + &t.to_string(),
            partitions: self.below(8) as u32 + 1,
            replication_factor,
            min_insync: self.below(replication_factor as usize) as u32 + 1,
            unclean_election: self.rng.happens(0.3),
            retention: self.sometimes(0.2, |d| d.part(0.01, 1.0)),
            retention_bytes: self.sometimes(0.1, |d| d.log(1e3, 1e6) as u64),
            segment_bytes: self.sometimes(0.7, |d| d.log(1.0, 1e5) as u64).unwrap_or(1 << 30),
            segment_time: self.part(0.001, 1.0),
            stream: None,
            compaction: None,
        }
    }

    fn producer(&mut self, p: usize, topics: usize, wires: (f64, f64), gated: f64) -> ProducerPlan {
        let admission = if self.rng.happens(gated) {
            self.admission()
        } else {
            self.this(backpressure::admission::MEMBERS, "none")
        };
        // The last one needs a group.
        let (_, drawn) = arrivals::MEMBERS.split_last().expect("there are some");
        let arrivals = self.any(drawn);
        let keys = if arrivals.entry.name == "trace" && self.coin() {
            Choice::of(keys::MEMBERS, "traced", Args(arrivals.args.0.clone()))
        } else {
            self.any(keys::MEMBERS)
        };
        let recording = arrivals.build().trace();
        let size = self.log(1.0, 3000.0);
        let newer = self.moment();
        let base = self.millis(1, 200);
        let mut backoff = self.any(backoff::MEMBERS);
        if backoff.entry.name == "none" && self.coin() {
            backoff = Choice::of(backoff::MEMBERS, "fixed", Args(vec![("value", Value::Span(base))]));
        }
        let linger = if self.coin() { Span::ZERO } else { self.millis(1, 2000) };
        let request_timeout = self.part(0.002, 0.5);
        // As Kafka demands.
        let delivery_timeout = self.part(0.01, 2.0).max(linger + request_timeout);
        ProducerPlan {
            name: format!("source{p}"),
            instances: self.below(3) as u32 + 1,
            topic: TopicId(self.below(topics) as u32),
            arrivals,
            keys,
            size: self.dist(size),
            recorded_sizes: recording.filter(|t| !t.size.is_empty()),
            compression: [1.0, 0.3][p % 2],
            deletes: 0.0,
            priorities: self.one(&[vec![], vec![1.0, 2.0, 3.0]]),
            schema: self.one(&[vec![(Time::ZERO, 1)], vec![(Time::ZERO, 1), (newer, 2)]]),
            tables: Arc::default(),
            partitioner: self.any(of_kafka()),
            acks: self.one(&[Acks::None, Acks::Leader, Acks::All]),
            linger,
            batch_size: self.log(1.0, 50_000.0) as u64,
            max_request_size: self.log(100.0, 1e6) as u64,
            collects: None,
            max_in_flight: self.below(5) as u32 + 1,
            request_timeout,
            delivery_timeout,
            retries: self.one(&[0, 1, 5, u32::MAX - 1]),
            backoff,
            idempotence: self.coin(),
            transactional: None,
            from: None,
            admission,
            wire: self.wire(wires.0, wires.1),
        }
    }
    /// Transactions for some producers, and groups that wait for them.
    fn transactions(&mut self, plan: &mut Plan) {
        let odds = self.odds();
        for producer in &mut plan.producers {
            let interval = self.part(0.0005, 0.3);
            let timeout = self.millis(10, 60_000);
            let retries = self.one(&[1, 5, u32::MAX - 1]);
            if self.rng.happens(odds) {
                producer.acks = Acks::All;
                producer.idempotence = true;
                producer.retries = retries;
                producer.transactional = Some(TransactionPlan { commit_interval: interval, timeout });
            }
        }
        for group in &mut plan.groups {
            group.isolation = self.one(&[Isolation::ReadUncommitted, Isolation::ReadCommitted]);
        }
    }
    /// Topics that keep the latest of each key, where there are no transactions, and groups that may not choose where to
    /// go on.
    fn compaction(&mut self, plan: &mut Plan) {
        plan.cluster.cleaner_backoff = self.part(0.005, 0.3).max(Span::millis(1));
        let odds = self.odds();
        let marked = |t: TopicId| plan.producers.iter().any(|p| p.topic == t && p.transactional.is_some());
        let marked: Vec<bool> = (0..plan.topics.len()).map(|t| marked(TopicId::from(t))).collect();
        for (topic, marked) in plan.topics.iter_mut().zip(marked) {
            let rules = CompactionRules {
                dirty_share: self.one(&[0.0, 0.5, 0.9]),
                least_lag: self.one(&[Span::ZERO, self.length.scaled(0.1)]),
                most_lag: self.sometimes(0.3, |d| d.part(0.01, 1.0)),
                keep_deletes: self.part(0.001, 1.0),
            };
            if self.rng.happens(odds) && !marked {
                topic.compaction = Some(rules);
                topic.segment_bytes = self.log(1.0, 1e4) as u64;
            }
        }
        for producer in &mut plan.producers {
            producer.deletes = self.sometimes(0.3, |d| d.rng.unit()).unwrap_or(0.0);
        }
        let odds = self.odds() / 3.0;
        for group in &mut plan.groups {
            if self.rng.happens(odds) {
                group.offset_reset = OffsetReset::Never;
            }
        }
    }
    fn admission(&mut self) -> Choice<dyn backpressure::Admission> {
        loop {
            let admission = self.any(backpressure::admission::MEMBERS);
            if !self.without.shared || admission.build().watch().is_none() {
                return admission;
            }
        }
    }

    fn downstreams(&mut self) -> Vec<DownstreamPlan> {
        let n = if self.without.shared { 0 } else { self.below(3) };
        let one = |d: &mut Self, i| {
            let mean = d.log(1e5, 1e9 / d.rate);
            DownstreamPlan {
                name: format!("bank{i}"),
                latency: if d.rng.happens(0.1) { Dist::ZERO } else { d.dist(mean) },
                concurrency: d.sometimes(0.6, |d| d.below(4) as u32 + 1),
                errors: d.sometimes(0.5, |d| d.log(0.001, 0.9)).unwrap_or(0.0),
            }
        };
        (0..n).map(|i| one(self, i)).collect()
    }

    fn group_odds(&mut self, wires: (f64, f64)) -> GroupOdds {
        GroupOdds {
            wires,
            streaming: self.odds(),
            formed: self.rng.unit(),
            fixed: self.odds(),
            dedupe: self.odds(),
            failing: self.odds(),
            calls: self.odds(),
            scaling: self.odds() * 0.3,
            auto: self.odds(),
        }
    }
    fn group(&mut self, g: usize, topics: usize, downstreams: usize, odds: &GroupOdds) -> GroupPlan {
        let mut read: Vec<TopicId> = (0..topics).filter(|_| self.coin()).map(TopicId::from).collect();
        if read.is_empty() {
            read.push(TopicId(self.below(topics) as u32));
        }
        let consumers = self.below(5) as u32 + 1;
        // From a tenth to twice of what the consumers can do.
        let fair = 1e9 / (self.rate * 3.0) * f64::from(consumers);
        let mean = fair * self.log(0.02, 2.0);
        let streaming = self.rng.happens(odds.streaming);
        let commit = self.commit(odds.auto);
        let session = self.millis(300, 45_000);
        let dedupe = self.sometimes(odds.dedupe, |d| d.dedupe(mean));
        let delivery = match (&dedupe, commit) {
            (Some(_), _) => Delivery::EffectivelyOnce,
            (None, Commit::Before) => Delivery::AtMostOnce,
            (None, _) => Delivery::AtLeastOnce,
        };
        let retry = self.retry();
        GroupPlan {
            name: format!("group{g}"),
            topics: read,
            consumers,
            start_spacing: if self.coin() { Span::ZERO } else { self.part(0.001, 0.1) },
            service: if self.rng.happens(0.1) { Dist::ZERO } else { self.dist(mean) },
            poll_cost: if self.coin() { Dist::ZERO } else { self.dist(mean * 0.3) },
            max_poll_records: self.log(1.0, 600.0) as u32,
            max_poll_interval: self.millis(500, 300_000),
            fetch_min_bytes: if self.rng.happens(0.7) { 1 } else { self.log(1.0, 1e5) as u64 },
            fetch_max_wait: self.millis(1, 1000),
            max_partition_fetch_bytes: self.log(100.0, 1e6) as u64,
            concurrency: if self.rng.happens(0.6) { 1 } else { self.below(8) as u32 + 1 },
            processing: if streaming { Processing::Streaming } else { Processing::Barrier },
            delivery,
            commit,
            offset_reset: self.one(&[OffsetReset::Earliest, OffsetReset::Latest]),
            isolation: Isolation::ReadUncommitted,
            session_timeout: session,
            heartbeat: session.scaled(0.1 + 0.3 * self.rng.unit()),
            initial_rebalance_delay: self.millis(1, 3000),
            formed: self.rng.happens(odds.formed),
            static_membership: self.rng.happens(odds.fixed),
            protocol: self.one(&[GroupProtocol::Classic, GroupProtocol::Classic, GroupProtocol::Consumer]),
            assignor: self.any(assignment::MEMBERS),
            remote_assignor: self.any(remote_assignment::MEMBERS),
            assignment_interval: if self.coin() { Span::ZERO } else { Span::from_secs(1) },
            dedupe,
            failing: self.sometimes(odds.failing, |d| d.any(failing::MEMBERS)),
            retry,
            calls: if downstreams > 0 { self.sometimes(odds.calls, |d| d.calls(downstreams)) } else { None },
            flow: self.sometimes(odds.streaming, |d| d.any(backpressure::flow::MEMBERS)),
            scaling: self.sometimes(odds.scaling, |d| d.any(backpressure::scaling::MEMBERS)),
            wire: self.wire(odds.wires.0, odds.wires.1 * 0.5),
        }
    }
    fn commit(&mut self, auto: f64) -> Commit {
        if self.rng.happens(auto) {
            return Commit::Auto(self.part(0.002, 0.3).max(Span::millis(1)));
        }
        self.one(&[Commit::AfterBatch, Commit::AfterRecord, Commit::Before])
    }
    fn dedupe(&mut self, mean: f64) -> DedupePlan {
        DedupePlan {
            ttl: self.sometimes(0.4, |d| d.part(0.001, 1.0)),
            capacity: self.sometimes(0.4, |d| d.log(1.0, 1000.0) as u64),
            latency: if self.coin() { Dist::ZERO } else { self.dist(mean * 0.2) },
            write: self.one(&[
                DedupeWrite::Atomic,
                DedupeWrite::RecordAfterEffect,
                DedupeWrite::RecordBeforeEffect,
            ]),
            fail_open: self.coin(),
        }
    }
    fn retry(&mut self) -> RetryPlan {
        let attempts = self.one(&[Some(1), Some(2), Some(5), None]);
        let wait = self.millis(20, 2000);
        let backoff = match attempts {
            // Tries without end and without a wait would take for ever to simulate.
            None => Choice::of(backoff::MEMBERS, "fixed", Args(vec![("value", Value::Span(wait))])),
            Some(_) => self.any(backoff::MEMBERS),
        };
        RetryPlan { attempts, backoff, then: self.one(&[GiveUp::DeadLetter, GiveUp::Skip]) }
    }
    fn calls(&mut self, downstreams: usize) -> CallPlan {
        CallPlan {
            downstream: DownstreamId(self.below(downstreams) as u32),
            timeout: self.sometimes(0.7, |d| d.millis(1, 2000)),
            breaker: self.sometimes(0.5, |d| BreakerPlan {
                failure_rate: d.log(0.05, 1.0),
                window: d.below(20) as u32 + 1,
                min_calls: d.below(20) as u32 + 1,
                open_for: d.part(0.005, 0.3),
                trial_calls: d.below(5) as u32 + 1,
            }),
        }
    }
}

/// How likely a plan's groups have a feature.
struct GroupOdds {
    wires: (f64, f64),
    streaming: f64,
    formed: f64,
    fixed: f64,
    dedupe: f64,
    failing: f64,
    calls: f64,
    scaling: f64,
    auto: f64,
}
