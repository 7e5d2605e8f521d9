//! From a plan to a world ready to run.

use super::holdings::reads_again;
use super::replicate::Links;
use super::widen::Width;
use super::{Ev, Group, Slab, World};
use crate::engine::{EventQueue, Rank, Span, StreamKey, Time, WheelQueue};
use crate::model::breaker::Breaker;
use crate::model::broker::Broker;
use crate::model::catalog::Choice;
use crate::model::consumer::{Consumer, Membership};
use crate::model::coordinator::{Coordinator, Joiner, LeaseTimes, Protocol, Times};
use crate::model::downstream::Downstream;
use crate::model::fact::{Doing, Facts};
use crate::model::ids::{BrokerId, ConsumerId, GroupId, PartitionId, ProducerId, TopicId};
use crate::model::log::{Log, Segments};
use crate::model::plan::{
    Commit, End, GroupPlan, GroupProtocol, Isolation, LeasePlan, OffsetReset, Plan, Processing, Target,
    TopicPlan,
};
use crate::model::producer::{Producer, Seat};
use crate::model::record::Batches;
use crate::model::replicas::Replicas;
use crate::model::sequences::Sequences;
use crate::model::shards::{Allowance, Ranges};
use crate::model::store::Store;
use crate::model::wire::Wire;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

impl World {
    /// The system of `plan`, with the random streams of one replication, at time 0. What is there from the
    /// start is told to `facts`.
    pub fn new<F: Facts>(plan: &Arc<Plan>, replication: u32, facts: &mut F) -> World {
        let key = StreamKey::new(plan.seed, replication);
        let mut first_partition = Vec::new();
        let mut topic_of = Vec::new();
        for t in (0..plan.topics.len()).map(TopicId::from) {
            first_partition.push(PartitionId::from(topic_of.len()));
            topic_of.extend((0..plan.room(t)).map(|_| t));
        }
        let partitions = topic_of.len();
        let brokers = plan.cluster.brokers;
        // Round robin over the brokers within each topic; the next brokers have the further replicas. Brokers
        // stand in racks by turns, so the replicas do, too.
        let replicas: Vec<Replicas> = topic_of
            .iter()
            .enumerate()
            .map(|(p, t)| {
                let (topic, n) = (&plan.topics[t.index()], p as u32 - first_partition[t.index()].0);
                // A stream has one address.
                let n = if topic.stream.is_some() { 0 } else { n };
                let on = (0..topic.replication_factor).map(|i| BrokerId((n + i) % brokers));
                Replicas::new(on, topic.min_insync, topic.unclean_election)
            })
            .collect();
        let memory_can_be_lost = plan.faults.iter().any(|f| f.what.entry.name == "power-loss");
        let mut world = World {
            now: Time::ZERO,
            queue: WheelQueue::default(),
            plan: plan.clone(),
            key,
            end_of_work: Time(plan.duration.0),
            ended: false,
            processed: 0,
            batches: Batches::default(),
            logs: topic_of.iter().map(|t| log_of(&plan.topics[t.index()], memory_can_be_lost)).collect(),
            leader: replicas.iter().map(Replicas::leader).collect(),
            known: replicas.iter().map(Replicas::leader).collect(),
            leaderless_since: vec![Time::ZERO; partitions],
            awaiting: vec![Vec::new(); partitions],
            replicas,
            links: Links::default(),
            news: Slab::default(),
            heartbeats: (0..brokers).map(|b| key.stream(&format!("broker.{b}/heartbeat"))).collect(),
            coordinating: Vec::new(),
            markers: Slab::default(),
            ages: plan.topics.iter().any(|t| t.retention.is_some() || t.retention_bytes.is_some()),
            sequences: vec![Sequences::default(); partitions],
            shards: Self::shards_of(plan, &topic_of),
            ranges: plan.topics.iter().map(|t| t.stream.map(|_| Ranges::new(t.partitions))).collect(),
            hashes: vec![Vec::new(); plan.producers.len()],
            readers: vec![Vec::new(); partitions],
            parked: vec![Vec::new(); partitions],
            upsets: 0,
            topic_of,
            first_partition,
            widths: Width::all(plan),
            producers: Vec::new(),
            producer_wires: Vec::new(),
            brokers: (0..brokers)
                .map(|b| Broker::new(&plan.cluster, BrokerId(b), key.stream(&format!("broker.{b}/cost"))))
                .collect(),
            groups: Vec::new(),
            consumers: Vec::new(),
            consumer_wires: Vec::new(),
            downstreams: Vec::new(),
            requests: Slab::default(),
            alone: 0,
            fetches: Slab::default(),
            commits: Slab::default(),
            shard_reads: Slab::default(),
            calls: Slab::default(),
            letters: Slab::default(),
            replies: Slab::default(),
            mail: Vec::new(),
            directors: (0..plan.faults.len()).map(|f| key.stream(&format!("fault.{f}/times"))).collect(),
            levers: Vec::new(),
            batch_list: Vec::new(),
        };
        for downstream in &plan.downstreams {
            let draws = key.per_event(&format!("downstream.{}/calls", downstream.name));
            world.downstreams.push(Downstream::new(downstream, draws));
        }
        for group in &plan.groups {
            world.add_group(group);
        }
        world.add_producers();
        world.prepare_transactions();
        world.prepare_outputs();
        world.set_going(facts);
        world
    }

    fn add_producers(&mut self) {
        let plan = self.plan.clone();
        let brokers = plan.cluster.brokers;
        for (entry, producer) in plan.producers.iter().enumerate() {
            let partitions = plan.topics[producer.topic.index()].partitions;
            let tables = producer.tables.of(&producer.keys, &producer.partitioner, partitions);
            for index in 0..producer.instances {
                let id = ProducerId::from(self.producers.len());
                let first = self.first_partition[producer.topic.index()];
                let seat = Seat { id, entry, index, first, partitions, brokers };
                let mut made =
                    Producer::new(producer, seat, &tables, self.end_of_work, plan.reference, self.key);
                for p in 0..partitions {
                    let partition = PartitionId(first.0 + p);
                    made.lanes.led_by(partition, self.leader[partition.index()]);
                }
                self.producers.push(made);
                let rng = self.key.stream(&format!("producer.{}/{index}/network", producer.name));
                // One more peer than brokers: the coordinator of its transactions.
                self.producer_wires.push(Wire::new(&producer.wire, brokers + 1, rng));
            }
        }
    }

    fn add_group(&mut self, plan: &GroupPlan) {
        let g = GroupId::from(self.groups.len());
        let mut topics = plan.topics.clone();
        let scenario = self.plan.clone();
        topics.sort_by(|a, b| scenario.topics[a.index()].name.cmp(&scenario.topics[b.index()].name));
        // Assignors want ids in the order of the names: they see the topics' ranks.
        let ranked: Vec<(TopicId, u32)> =
            topics.iter().map(|t| (*t, scenario.topics[t.index()].partitions)).collect();
        let mut partitions = Vec::new();
        let mut index_of = vec![u32::MAX; self.logs.len()];
        for (topic, _) in &ranked {
            for n in 0..scenario.room(*topic) {
                let partition = PartitionId(self.first_partition[topic.index()].0 + n);
                index_of[partition.index()] = partitions.len() as u32;
                self.readers[partition.index()].push((g, partitions.len() as u32));
                partitions.push(partition);
            }
        }
        let path = |what: &str| format!("group.{}/{what}", plan.name);
        let times = Times {
            session: plan.session_timeout,
            rebalance: plan.max_poll_interval,
            initial_delay: plan.initial_rebalance_delay,
            // A table of leases forgets nothing.
            offsets_retention: match plan.protocol {
                GroupProtocol::Leases(_) => Span::FOREVER,
                _ => self.plan.cluster.offsets_retention,
            },
        };
        let protocol = self.protocol_of(plan, &ranked);
        let mut coordinator = Coordinator::new(protocol, ranked, &times);
        coordinator.keep_room(partitions.len());
        if plan.offset_reset == OffsetReset::Never {
            // Without offsets from somewhere no such group ever starts.
            let there = |p: &PartitionId| {
                let topic = self.topic_of[p.index()].index();
                p.0 - self.first_partition[topic].0 < self.plan.topics[topic].partitions
            };
            let first = partitions.iter().enumerate().filter(|(_, p)| there(p));
            first.for_each(|(i, _)| coordinator.set_offset(i, 0));
        }
        let n = partitions.len();
        self.groups.push(Group {
            starts_over: reads_again(plan.offset_reset) && self.offsets_can_expire(times.offsets_retention)
                || self.struck_by(g, &["replay"]),
            direct: self.fetches_directly(g, plan),
            decided: plan.isolation == Isolation::ReadCommitted,
            pushes: self.pushes_of(plan, &partitions),
            runs: self.works_in_runs(g, plan),
            coordinator,
            coordinator_at: Time::NEVER,
            consumers: Vec::new(),
            owner: vec![None; n],
            place: vec![0; n],
            beside: BTreeSet::new(),
            running: 0,
            zombies: 0,
            turns: BinaryHeap::new(),
            floor: vec![0; n],
            outlet: None,
            outputs: None,
            unstable: BTreeMap::new(),
            partitions,
            index_of,
            service: self.key.per_event(&path("service")),
            retry_draws: self.key.per_event(&path("retry")),
            failing: plan.failing.as_ref().map(Choice::build),
            fail_event: self.key.per_event(&path("failures")),
            fail_try: self.key.per_event(&path("failures/try")),
            poison: Vec::new(),
            poison_draws: self.key.per_event(&path("poison")),
            backoff: plan.retry.backoff.build(),
            store: plan.dedupe.as_ref().map(|d| Store::new(d.ttl, d.capacity)),
            store_draws: self.key.per_event(&path("store")),
            breaker: plan.calls.as_ref().and_then(|c| c.breaker.as_ref()).map(Breaker::new),
            flows: Vec::new(),
            scaling: plan.scaling.as_ref().map(Choice::build),
            wanted: plan.consumers,
            plan: plan.clone(),
        });
        for _ in 0..plan.consumers {
            self.new_consumer(g);
        }
    }

    /// How a group shares out its partitions.
    fn protocol_of(&self, plan: &GroupPlan, ranked: &[(TopicId, u32)]) -> Protocol {
        match plan.protocol {
            GroupProtocol::Classic => Protocol::Classic(plan.assignor.build()),
            GroupProtocol::Leases(leases) => {
                let rooms = ranked.iter().map(|(topic, _)| self.plan.room(*topic)).collect();
                let times = LeaseTimes {
                    failover: plan.session_timeout,
                    interval: leases.interval,
                    steal: leases.steal,
                    handoff: leases.handoff,
                };
                Protocol::Leases(times, rooms, self.key.stream(&format!("group.{}/leases", plan.name)))
            }
            GroupProtocol::Consumer => {
                Protocol::Consumer(plan.remote_assignor.build(), plan.assignment_interval)
            }
        }
    }

    /// Whether the run is long enough for a group to lose its offsets.
    fn offsets_can_expire(&self, retention: Span) -> bool {
        let drain = if let End::Drain(limit) = self.plan.end { limit } else { Span::ZERO };
        retention <= Span(self.plan.duration.0.saturating_add(drain.0))
    }

    /// What each shard may push to a group.
    fn pushes_of(&self, plan: &GroupPlan, partitions: &[PartitionId]) -> Vec<Allowance> {
        let GroupProtocol::Leases(LeasePlan { reads, .. }) = plan.protocol else {
            return Vec::new();
        };
        let limit =
            |p: &PartitionId| self.plan.topics[self.topic_of[p.index()].index()].stream.map(|s| s.read_bytes);
        let all = partitions.iter().filter_map(limit).filter(|_| reads.pushed.is_some());
        all.map(Allowance::new).collect()
    }

    /// Whether a fault of the plan strikes this group or one of its consumers.
    fn struck_by(&self, g: GroupId, names: &[&str]) -> bool {
        self.plan.faults.iter().any(|f| {
            let here = matches!(f.target, Target::Group(t) | Target::Consumer(t, _) if t == g);
            here && names.contains(&f.what.entry.name)
        })
    }

    /// Fetches are instant: nothing on the way takes time or gets lost.
    fn fetches_directly(&self, g: GroupId, plan: &GroupPlan) -> bool {
        let wires = Wire::instant(&plan.wire)
            && !self.struck_by(g, &["network-delay", "network-loss", "network-cut"]);
        if matches!(plan.protocol, GroupProtocol::Leases(_)) {
            return false;
        }
        let quota = self.plan.cluster.fetch_quota.is_some();
        wires && self.brokers.iter().all(Broker::instant) && plan.fetch_min_bytes <= 1 && !quota
    }

    /// Batches touch nothing shared while they are worked on.
    fn works_in_runs(&self, g: GroupId, plan: &GroupPlan) -> bool {
        !self.plan.reference
            && plan.concurrency == 1
            && plan.processing == Processing::Barrier
            && plan.commit != Commit::AfterRecord
            && plan.dedupe.is_none()
            && plan.calls.is_none()
            && plan.failing.is_none()
            && !self.struck_by(g, &["poison"])
    }

    /// A consumer that does not run yet.
    pub(super) fn new_consumer(&mut self, g: GroupId) -> ConsumerId {
        let id = ConsumerId::from(self.consumers.len());
        let group = &mut self.groups[g.index()];
        let index = group.consumers.len() as u32;
        group.consumers.push(id);
        group.flows.push(group.plan.flow.as_ref().map(Choice::build));
        let name = format!("group.{}/{index}", group.plan.name);
        let brokers = self.plan.cluster.brokers;
        let rng = self.key.stream(&format!("{name}/polls"));
        self.consumers.push(Consumer::new(id, g, index, group.plan.concurrency, brokers, rng));
        // One more peer than brokers: the group's coordinator, which is on none of them in particular.
        let wire = Wire::new(&group.plan.wire, brokers + 1, self.key.stream(&format!("{name}/network")));
        self.consumer_wires.push(wire);
        id
    }

    /// Time 0: groups form, producers look at their first events, clocks are set.
    fn set_going<F: Facts>(&mut self, facts: &mut F) {
        self.queue.push(self.end_of_work, Rank::Outside, Ev::EndOfWork);
        self.queue.push(Time::ZERO + self.plan.sample_every, Rank::Outside, Ev::Sample);
        if self.ages {
            let at = Time::ZERO + self.plan.cluster.initial_task_delay;
            self.at(at, Ev::Retain);
        }
        if self.plan.topics.iter().any(|t| t.compaction.is_some()) {
            self.at(Time::ZERO + self.plan.cluster.cleaner_backoff, Ev::Clean);
        }
        if self.replicas.iter().any(Replicas::several) {
            self.start_following();
            let half = Span(self.plan.cluster.replication.max_lag.0 / 2);
            self.at(Time::ZERO + half, Ev::DropLate);
            let check = self.plan.cluster.replication.leader_check;
            self.at(Time::ZERO + check, Ev::PreferLeaders);
        }
        self.arm_faults();
        for g in 0..self.groups.len() {
            self.start_group(GroupId::from(g), facts);
        }
        for p in 0..self.producers.len() {
            let id = ProducerId::from(p);
            if let Some(every) = self.producers[p].watches_lag() {
                self.at(Time::ZERO + every, Ev::ReportLag(id));
            }
            self.run_producer(id, facts);
        }
    }

    fn start_group<F: Facts>(&mut self, g: GroupId, facts: &mut F) {
        let plan = &self.groups[g.index()].plan;
        let (formed, spacing) = (plan.formed, plan.start_spacing);
        if let Some(scaling) = &self.groups[g.index()].scaling {
            let at = Time::ZERO + scaling.every();
            self.queue.push(at, Rank::Outside, Ev::Scale(g));
        }
        let consumers = self.groups[g.index()].consumers.clone();
        if !formed {
            for (i, _) in consumers.iter().enumerate() {
                self.levers.push(crate::model::lever::Lever::StartConsumer(g, i as u32));
                let at = Time(spacing.0 * i as u64);
                let lever = (self.levers.len() - 1) as u32;
                self.at(at, Ev::Pull(lever));
            }
            return;
        }
        let members = consumers.iter().map(|c| self.begin_formed(*c)).collect();
        self.groups[g.index()].coordinator.form(members, Time::ZERO);
        for c in &consumers {
            let parts =
                self.groups[g.index()].coordinator.assigned(self.member(*c)).unwrap_or_default().to_vec();
            for (topic, n) in &parts {
                let partition = PartitionId(self.first_partition[topic.index()].0 + n);
                self.take_partition(*c, partition, facts);
            }
            self.note_places(*c);
            let consumer = &mut self.consumers[c.index()];
            consumer.last_assignment = (parts, 1);
            consumer.generation = 1;
            consumer.membership = Membership::Member;
            self.start_heartbeat(*c);
            facts.consumer_is(g, *c, Doing::Idle, Time::ZERO);
        }
        self.plan_first_looks(g);
        facts.rebalance_ended(g, 1, Time::ZERO);
        self.hear_coordinator(g, facts);
        for c in consumers {
            self.poll(c, facts);
        }
    }

    fn begin_formed(&mut self, c: ConsumerId) -> Joiner {
        let consumer = &mut self.consumers[c.index()];
        consumer.begin_life();
        let g = consumer.group;
        self.groups[g.index()].running += 1;
        if let Commit::Auto(every) = self.groups[g.index()].plan.commit {
            self.consumers[c.index()].commit_due = Time::ZERO + every;
        }
        let limit = self.groups[g.index()].plan.max_poll_interval;
        self.watch_polls(c, Time::ZERO + limit);
        self.founder(c)
    }
}

/// An empty log of this topic.
fn log_of(topic: &TopicPlan, memory_can_be_lost: bool) -> Log {
    let ages = topic.retention.is_some() || topic.retention_bytes.is_some();
    // No record of a compacted topic waits longer for its segment to end than it may be dirty.
    let most_lag = topic.compaction.and_then(|rules| rules.most_lag).unwrap_or(Span::FOREVER);
    let segments = (ages || topic.compaction.is_some())
        .then(|| Segments::new(topic.segment_bytes, topic.segment_time.min(most_lag)));
    let mut log = Log::new(segments, topic.replication_factor > 1, memory_can_be_lost);
    if let Some(rules) = topic.compaction {
        log.keep_latest(rules);
    }
    log
}
