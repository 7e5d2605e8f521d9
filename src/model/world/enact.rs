//! What faults and the autoscaler do to the system: when they strike, and what each lever means.

use super::{Ev, World};
use crate::engine::{Dist, EventQueue, Rank, Span, Time};
use crate::model::backpressure::scaling::ScaleView;
use crate::model::fact::Facts;
use crate::model::fault::FaultView;
use crate::model::ids::{ConsumerId, GroupId, ProducerId};
use crate::model::lever::{Client, Lever};
use crate::model::plan::{Target, When};
use crate::model::wire::Wire;

impl World {
    /// Announces the first strike of every fault.
    pub(super) fn arm_faults(&mut self) {
        for f in 0..self.plan.faults.len() {
            match self.plan.faults[f].when.clone() {
                When::At(moments) => {
                    for at in moments {
                        self.queue.push(at, Rank::Outside, Ev::Strike(f as u32));
                    }
                }
                When::Random { mtbf, from, until, .. } => self.arm_random(f, from, mtbf, until),
            }
        }
    }

    fn arm_random(&mut self, f: usize, from: Time, mtbf: Span, until: Time) {
        let gap = Dist::Exponential { mean: mtbf.0 as f64 };
        let at = from + Span(gap.sample(&mut self.directors[f]));
        if at < until {
            self.queue.push(at, Rank::Outside, Ev::Strike(f as u32));
        }
    }

    /// A fault strikes: its levers are pulled now and later.
    pub(super) fn strike<F: Facts>(&mut self, f: u32, facts: &mut F) {
        let fault = self.plan.faults[f as usize].clone();
        let mut lasts = fault.lasts;
        if let When::Random { mtbf, mttr, until, .. } = fault.when {
            let repair = Dist::Exponential { mean: mttr.0 as f64 };
            let length = Span(repair.sample(&mut self.directors[f as usize]));
            lasts = Some(length);
            self.arm_random(f as usize, self.now + length, mtbf, until);
        }
        facts.fault(f as usize, self.now, lasts);
        let group = match fault.target {
            Target::Consumer(g, _) | Target::Group(g) => Some(g),
            Target::Broker(_)
            | Target::Rack(_)
            | Target::Producers { .. }
            | Target::Downstream(_)
            | Target::Topic(_) => None,
        };
        let consumers = group.map_or(0, |g| self.groups[g.index()].consumers.len() as u32);
        let (brokers, racks) = (self.plan.cluster.brokers, self.plan.cluster.replication.racks);
        let view = FaultView { target: fault.target, lasts, consumers, brokers, racks };
        for (offset, lever) in fault.what.build().script(&view) {
            if offset.is_zero() {
                self.pull(lever, facts);
            } else {
                self.levers.push(lever);
                let index = (self.levers.len() - 1) as u32;
                self.queue.push(self.now + offset, Rank::Outside, Ev::Pull(index));
            }
        }
    }

    fn consumer(&self, g: GroupId, index: u32) -> Option<ConsumerId> {
        self.groups[g.index()].consumers.get(index as usize).copied()
    }

    /// What each lever does. A consumer that does not exist (any more) is left alone.
    pub(super) fn pull<F: Facts>(&mut self, lever: Lever, facts: &mut F) {
        match lever {
            Lever::CrashConsumer(g, i)
            | Lever::StartConsumer(g, i)
            | Lever::LeaveConsumer(g, i)
            | Lever::PauseConsumer(g, i)
            | Lever::ResumeConsumer(g, i)
            | Lever::HoldConsumer(g, i, _)
            | Lever::SlowConsumer(g, i, _) => {
                if let Some(c) = self.consumer(g, i) {
                    self.pull_on_consumer(lever, c, facts);
                }
            }
            Lever::AddConsumer(g) => self.add_consumer(g, facts),
            Lever::RemoveConsumer(g) => self.remove_consumer(g, facts),
            Lever::StopBroker(b) => self.stop_broker(b, facts),
            Lever::CutPower(b, unflushed) => self.cut_power(b, unflushed, facts),
            Lever::ShutDownBroker(b) => self.shut_down_broker(b, facts),
            Lever::IsolateBroker(b, cut, wholly) => self.isolate_broker(b, cut, wholly, facts),
            Lever::StartBroker(b) => self.start_broker(b, facts),
            Lever::SlowBroker(b, factor) => {
                if let Some(end) = self.brokers[b.index()].slow_down(factor, self.now) {
                    let epoch = self.brokers[b.index()].epoch;
                    self.at(end, Ev::BrokerDone(b, epoch));
                }
            }
            Lever::DelayWire(client, way, extra) => self.on_wire(client, |w| w.delay(way, extra)),
            Lever::LoseOnWire(client, way, share) => self.on_wire(client, |w| w.lose(way, share)),
            Lever::CutWire(client, way, None, cut) => self.on_wire(client, |w| w.cut(way, cut)),
            Lever::CutWire(client, way, Some(b), cut) => {
                self.on_wire(client, |w| w.cut_from(way, b.index(), cut));
            }
            Lever::SlowDownstream(d, factor) => self.downstreams[d.index()].slow_down(factor),
            Lever::StopDownstream(d, down) => {
                self.downstreams[d.index()].down = down;
                if down {
                    for call in self.downstreams[d.index()].refuse_line() {
                        self.calls[call].service = Span::FOREVER;
                        self.at(self.now, Ev::CallDone(call));
                    }
                }
            }
            Lever::StopStore(g, down) => {
                if let Some(store) = &mut self.groups[g.index()].store {
                    store.down = down;
                    if !down {
                        self.store_is_back(g.index());
                    }
                }
            }
            Lever::Poison(g, share) => {
                let now = self.now;
                self.groups[g.index()].poison.push((now, share));
            }
            Lever::AddPartitions(topic, to) => self.add_partitions(topic, to, facts),
            Lever::SplitShard(topic, shard) => self.split_shard(topic, shard, facts),
            Lever::MergeShards(topic, a, b) => self.merge_shards(topic, (a, b), facts),
            Lever::Replay(g, to) => self.replay(g, to, facts),
            Lever::CrashProducer(p) => self.crash_producer(p, facts),
            Lever::StartProducer(p) => self.start_producer(p, facts),
        }
    }

    fn pull_on_consumer<F: Facts>(&mut self, lever: Lever, c: ConsumerId, facts: &mut F) {
        match lever {
            Lever::CrashConsumer(..) => self.crash_consumer(c, facts),
            Lever::StartConsumer(..) => self.start_consumer(c, facts),
            Lever::LeaveConsumer(..) => self.ask_to_leave(c, facts),
            Lever::PauseConsumer(..) => self.pause_consumer(c, facts),
            Lever::ResumeConsumer(..) => self.resume_consumer(c, facts),
            Lever::HoldConsumer(_, _, hold) => {
                let consumer = &mut self.consumers[c.index()];
                consumer.on_hold = hold;
                if !hold && consumer.waiting && consumer.paused.is_none() {
                    self.poll(c, facts);
                }
            }
            Lever::SlowConsumer(_, _, factor) => {
                self.settle(c, facts);
                let before = std::mem::replace(&mut self.consumers[c.index()].slow, factor);
                self.slow_workers(c, factor / before);
                self.slow_run(c, factor / before);
            }
            _ => unreachable!("only levers on consumers come here"),
        }
    }

    fn on_wire(&mut self, client: Client, f: impl Fn(&mut Wire)) {
        match client {
            Client::Producer(p) => f(&mut self.producer_wires[p.index()]),
            Client::Consumer(g, i) => {
                if let Some(c) = self.consumer(g, i) {
                    f(&mut self.consumer_wires[c.index()]);
                }
            }
        }
    }

    /// One more consumer: one that stopped starts again, or a new one comes.
    fn add_consumer<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let stopped =
            self.groups[g.index()].consumers.iter().copied().find(|c| !self.consumers[c.index()].up);
        let c = stopped.unwrap_or_else(|| self.new_consumer(g));
        self.start_consumer(c, facts);
    }

    /// The consumer that was added last leaves.
    fn remove_consumer<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let runs = |c: &&ConsumerId| self.consumers[c.index()].up && !self.consumers[c.index()].leaving;
        if let Some(c) = self.groups[g.index()].consumers.iter().rev().find(runs).copied() {
            self.ask_to_leave(c, facts);
        }
    }

    /// The autoscaler looks.
    pub(super) fn scale<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let lag: Vec<u64> = self.committed_lag(g);
        let consumers = self.groups[g.index()].wanted;
        let now = self.now;
        let Some(scaling) = &mut self.groups[g.index()].scaling else { return };
        let desired = scaling.desired(&ScaleView { now, lag: &lag, consumers });
        let every = scaling.every();
        self.groups[g.index()].wanted = desired;
        if desired != consumers {
            facts.scaled(g, consumers, desired, now);
        }
        for _ in consumers..desired {
            self.add_consumer(g, facts);
        }
        for _ in desired..consumers {
            self.remove_consumer(g, facts);
        }
        self.queue.push(now + every, Rank::Outside, Ev::Scale(g));
    }

    /// Log end minus committed offset per partition.
    pub(super) fn committed_lag(&self, g: GroupId) -> Vec<u64> {
        let group = &self.groups[g.index()];
        let lag = |(i, p): (usize, &crate::model::ids::PartitionId)| {
            let log = &self.logs[p.index()];
            log.end() - group.coordinator.offset(i).unwrap_or(log.start()).max(log.start()).min(log.end())
        };
        group.partitions.iter().enumerate().filter(|(_, p)| self.has_partition(**p)).map(lag).collect()
    }

    /// A producer hears how far the slowest group of its topic is behind.
    pub(super) fn report_lag(&mut self, p: ProducerId) {
        let topic = self.producers[p.index()].topic;
        let reads = |g: &GroupId| self.groups[g.index()].plan.topics.contains(&topic);
        let groups: Vec<GroupId> = (0..self.groups.len()).map(GroupId::from).filter(reads).collect();
        let lag = groups.into_iter().map(|g| self.committed_lag(g).iter().sum::<u64>()).max().unwrap_or(0);
        let producer = &mut self.producers[p.index()];
        producer.lag = lag;
        if let Some(every) = producer.watches_lag() {
            let at = self.now + every;
            self.at(at, Ev::ReportLag(p));
        }
    }
}
