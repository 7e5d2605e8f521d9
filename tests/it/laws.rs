//! A listener that knows the laws every run keeps, and says which one was broken.
//!
//! It hears facts in order of time, so it must be given runs on the plain path. Knows nothing of counts.

use laglab::engine::Time;
use laglab::model::cause::LossCause;
use laglab::model::fact::{Doing, Facts, How, Reader, View};
use laglab::model::ids::*;
use laglab::model::plan::{GroupProtocol, Isolation, Plan, ProducerPlan};
use laglab::model::record::{Batch, Record};
use laglab::model::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where a group stands on a partition.
#[derive(Default)]
struct Stand {
    committed: Offset,
    /// Offsets from which a consumer may begin to read: every committed one, and where resets led.
    beginnings: BTreeSet<Offset>,
    /// Who applied effects as the owner, of what it was given in which generation.
    owner: Option<(u32, u32, ConsumerId)>,
    /// The generation in which each consumer was given something for the last time.
    given: BTreeMap<ConsumerId, u32>,
}

/// See the module's text.
pub struct Laws {
    plan: Arc<Plan>,
    /// The event of every record, per partition.
    logs: Vec<Vec<EventId>>,
    starts: Vec<Offset>,
    /// Whoever was reset on a partition with replicas, and may begin at its high watermark.
    free: BTreeSet<(GroupId, PartitionId)>,
    /// What was cut off, per partition.
    holes: Vec<BTreeSet<Offset>>,
    /// Records of transactions whose marker is not there yet, per partition.
    open: Vec<BTreeMap<Offset, ProducerId>>,
    /// Markers, and records of aborted transactions.
    markers: Vec<BTreeSet<Offset>>,
    aborted: Vec<BTreeSet<Offset>>,
    stands: BTreeMap<(GroupId, PartitionId), Stand>,
    generation: Vec<u32>,
    /// The next offset of each consumer on each partition it reads.
    next: BTreeMap<(ConsumerId, PartitionId), Offset>,
    created: BTreeMap<ProducerId, Time>,
    /// Producers whose batches the brokers know by their numbers, and the last event of each per partition.
    idempotent: BTreeSet<ProducerId>,
    latest: BTreeMap<(ProducerId, PartitionId), EventId>,
    /// What compaction removed before somebody read it, per partition.
    gone: Vec<BTreeSet<Offset>>,
    /// The last record of every key.
    newest: BTreeMap<(PartitionId, u32), Offset>,
    broken: Vec<String>,
}

impl Laws {
    /// Runs a plan on the plain path and says what it broke.
    pub fn broken_by(plan: &Plan) -> Vec<String> {
        let plan = Arc::new(Plan { reference: true, ..plan.clone() });
        let partitions = (0..).map(TopicId).take(plan.topics.len()).map(|t| plan.room(t) as usize).sum();
        let mut laws = Laws {
            logs: vec![Vec::new(); partitions],
            starts: vec![0; partitions],
            free: BTreeSet::new(),
            holes: vec![BTreeSet::new(); partitions],
            open: vec![BTreeMap::new(); partitions],
            markers: vec![BTreeSet::new(); partitions],
            aborted: vec![BTreeSet::new(); partitions],
            gone: vec![BTreeSet::new(); partitions],
            stands: BTreeMap::new(),
            generation: vec![0; plan.groups.len()],
            next: BTreeMap::new(),
            created: BTreeMap::new(),
            idempotent: idempotent(&plan),
            latest: BTreeMap::new(),
            newest: BTreeMap::new(),
            broken: Vec::new(),
            plan: plan.clone(),
        };
        let mut world = World::new(&plan, 0, &mut laws);
        let mut looks = 0;
        while world.advance(100_000, &mut laws) {
            looks += 1;
            assert!(looks < 250, "the run does not end");
        }
        laws.broken
    }
    fn check(&mut self, holds: bool, law: impl FnOnce() -> String) {
        if !holds && self.broken.len() < 5 {
            self.broken.push(law());
        }
    }
    fn stand(&mut self, group: GroupId, partition: PartitionId) -> &mut Stand {
        self.stands.entry((group, partition)).or_default()
    }
    fn check_records(&mut self, who: Reader, from: Offset, records: &[Record]) {
        let log = &self.logs[who.partition.index()];
        let there = (from as usize..).zip(records).all(|(i, r)| log.get(i) == Some(&r.event));
        self.check(there, || format!("{who:?} works on something that is not in the log at {from}"));
    }
}

fn idempotent(plan: &Plan) -> BTreeSet<ProducerId> {
    let mut all = BTreeSet::new();
    // What a group makes is sent anew when it is made anew.
    let all_theirs = |p: &ProducerPlan| p.idempotence && p.from.is_none();
    for (entry, p) in plan.producers.iter().enumerate().filter(|(_, p)| all_theirs(p)) {
        let first = ProducerPlan::first_id(plan, entry);
        all.extend((first.0..first.0 + p.instances).map(ProducerId));
    }
    all
}

impl Facts for Laws {
    fn created(&mut self, producer: ProducerId, _: TopicId, _: u64, times: &[Time]) {
        let before =
            self.created.insert(producer, *times.last().expect("told of something")).unwrap_or(Time::ZERO);
        let sorted = times.is_sorted() && before <= times[0];
        self.check(sorted, || format!("{producer:?} creates events out of order"));
    }
    fn appended(&mut self, base: Offset, batch: &Batch, of: Option<(PartitionId, Offset)>, _: Time) {
        let (partition, records) = (batch.partition, &batch.records);
        let log = &mut self.logs[partition.index()];
        let end = log.len() as Offset;
        log.extend(records.iter().map(|r| r.event));
        self.check(base == end, || format!("{partition:?} has a gap at {base}, its end was {end}"));
        if batch.transaction > 0 {
            let undecided = (base..).take(records.len()).map(|at| (at, batch.producer));
            self.open[partition.index()].extend(undecided);
        }
        if let Some((place, of)) = of {
            let log = &self.logs[place.index()];
            let same = (of as usize..).zip(records).all(|(i, r)| log[i] == r.event);
            let earlier = place != partition || of < base;
            self.check(same && earlier, || format!("{partition:?} {base} is no copy of {place:?} {of}"));
        }
        self.newest.extend(records.iter().zip(base..).map(|(r, at)| ((partition, r.key), at)));
        if self.idempotent.contains(&batch.producer) {
            let first = of.is_none_or(|(_, of)| self.holes[partition.index()].contains(&of));
            self.check(first, || format!("{partition:?} has a copy at {base} of what has a number"));
            let (whose, last) = ((batch.producer, partition), records[records.len() - 1].event);
            let before = self.latest.insert(whose, last);
            let later = before.is_none_or(|before| before < records[0].event);
            self.check(later, || format!("{partition:?} has at {base} what comes before {before:?}"));
        }
    }
    fn truncated(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        _: Option<LossCause>,
        at: Time,
    ) {
        let there = (from as usize..)
            .zip(records)
            .all(|(i, r)| self.logs[partition.index()].get(i) == Some(&r.event));
        self.check(there, || format!("{partition:?} loses at {at} what it does not have at {from}"));
        let told = (from..).take(records.len()).all(|at| self.holes[partition.index()].contains(&at));
        self.check(told, || format!("{partition:?} loses at {at} what was not cut off at {from}"));
    }
    fn expired(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        at: Time,
    ) {
        self.gone[partition.index()].extend((from..).take(records.len()));
        if self.plan.producers.iter().any(|p| p.deletes > 0.0) || !self.holes[partition.index()].is_empty() {
            return;
        }
        for (record, offset) in records.iter().zip(from..) {
            let newer = self.newest.get(&(partition, record.key)).is_some_and(|newest| *newest > offset);
            self.check(newer, || {
                format!("{group:?} passes at {at} over the last of a key, {partition:?} {offset}")
            });
        }
    }
    fn cut_off(&mut self, partition: PartitionId, from: Offset, to: Offset, _: Time) {
        self.holes[partition.index()].extend(from..to);
        self.open[partition.index()].retain(|at, _| *at < from);
        for producer in &self.idempotent {
            let left = (0..).zip(&self.logs[partition.index()]).filter(|(_, e)| e.producer() == *producer);
            let left = left.filter(|(at, _)| !self.holes[partition.index()].contains(at));
            match left.map(|(_, e)| *e).last() {
                Some(last) => self.latest.insert((*producer, partition), last),
                None => self.latest.remove(&(*producer, partition)),
            };
        }
    }
    fn marked(&mut self, partition: PartitionId, offset: Offset, producer: ProducerId, _: bool, _: Time) {
        let log = &mut self.logs[partition.index()];
        let end = log.len() as Offset;
        log.push(EventId(u64::MAX));
        self.markers[partition.index()].insert(offset);
        self.open[partition.index()].retain(|_, whose| *whose != producer);
        self.check(offset == end, || format!("{partition:?} has a marker at {offset}, its end was {end}"));
    }
    fn aborted(&mut self, partition: PartitionId, from: Offset, records: &[Record], _: Time) {
        self.aborted[partition.index()].extend((from..).take(records.len()));
    }
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, _: Time) {
        let (start, end) = (self.starts[partition.index()], self.logs[partition.index()].len() as Offset);
        self.check(from == start && from < to && to <= end, || format!("{partition:?} removes {from}..{to}"));
        self.starts[partition.index()] = to;
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        self.check_records(who, from, records);
        let generation = self.generation[who.group.index()];
        self.stand(who.group, who.partition).given.insert(who.consumer, generation);
        let next = self.next.insert((who.consumer, who.partition), from + records.len() as u64);
        let decided = self.plan.groups[who.group.index()].isolation == Isolation::ReadCommitted;
        let (p, to) = (who.partition.index(), from + records.len() as u64);
        if decided {
            let undecided = self.open[p].range(..to).next().map(|(at, _)| *at);
            self.check(undecided.is_none(), || {
                format!("{who:?} reads up to {to} at {at}, and {undecided:?} is undecided")
            });
            let aborted = self.aborted[p].range(from..to).next().copied();
            self.check(aborted.is_none(), || format!("{who:?} reads {aborted:?} at {at}, which is aborted"));
        }
        // Whoever stood where there is nothing for it goes on behind it.
        let nothing = |at: &Offset| {
            self.holes[p].contains(at)
                || self.markers[p].contains(at)
                || self.gone[p].contains(at)
                || decided && self.aborted[p].contains(at)
        };
        let hole = (0..from).rev().take_while(nothing).last().unwrap_or(from);
        let mut stood = hole..=from;
        let beginnings = self.stand(who.group, who.partition).beginnings.clone();
        let fits = stood.any(|at| next == Some(at) || at == 0 || beginnings.contains(&at))
            || self.free.remove(&(who.group, who.partition));
        self.check(fits, || format!("{who:?} is given {from} at {at}, after {next:?}"));
    }
    fn applied(&mut self, who: Reader, from: Offset, records: &[Record], _: &[Time], how: How) {
        self.check_records(who, from, records);
        // A call's effect may come after its caller's life.
        if how == How::AsZombie || self.plan.groups[who.group.index()].calls.is_some() {
            return;
        }
        if self.plan.groups[who.group.index()].protocol != GroupProtocol::Classic {
            // Its members move on one by one: an epoch of the group has no owners of its own, and a table of leases none.
            return;
        }
        // Who was given something may be at work on it when its group goes on without it.
        let generation = self.generation[who.group.index()];
        let stand = self.stand(who.group, who.partition);
        let given = stand.given[&who.consumer];
        let before = stand.owner.replace((generation, given, who.consumer));
        let alone =
            before.is_none_or(|(now, then, c)| (now, then) != (generation, given) || c == who.consumer);
        self.check(alone, || format!("{who:?} and {before:?} own it in generation {generation}"));
    }
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {
        let end = self.logs[who.partition.index()].len() as Offset;
        let stand = self.stand(who.group, who.partition);
        let before = std::mem::replace(&mut stand.committed, to);
        stand.beginnings.insert(to);
        self.check(before == from && from < to && to <= end, || {
            format!("{who:?} commits {from}..{to} at {at}; {before} was committed, the log ends at {end}")
        });
    }
    fn offsets_expired(&mut self, group: GroupId, partition: PartitionId, _: Time) {
        self.stand(group, partition).committed = 0;
    }
    fn replayed(&mut self, group: GroupId, partition: PartitionId, to: Offset, _: Time) {
        let stand = self.stand(group, partition);
        stand.committed = stand.committed.min(to);
        stand.beginnings.insert(to);
    }
    fn reset(&mut self, group: GroupId, partition: PartitionId, _: Time) {
        let plan = self.plan.clone();
        let rooms = (0..).map(|t| plan.room(TopicId(t)));
        let topics = plan.topics.iter().zip(rooms).flat_map(|(t, room)| (0..room).map(move |_| t));
        let decided = plan.groups[group.index()].isolation == Isolation::ReadCommitted;
        if decided || topics.clone().nth(partition.index()).is_some_and(|t| t.replication_factor > 1) {
            self.free.insert((group, partition));
        }
        let ends = [self.starts[partition.index()], self.logs[partition.index()].len() as Offset];
        self.stand(group, partition).beginnings.extend(ends);
    }
    fn resumed(&mut self, group: GroupId, partition: PartitionId, _: Time) {
        // A group that has committed nothing begins here without a reset at time 0.
        let start = self.starts[partition.index()];
        self.stand(group, partition).beginnings.insert(start);
    }
    fn rebalance_ended(&mut self, group: GroupId, generation: u32, _: Time) {
        let before = std::mem::replace(&mut self.generation[group.index()], generation);
        self.check(generation > before, || format!("{group:?} goes from {before} to {generation}"));
    }
    fn consumer_is(&mut self, _: GroupId, consumer: ConsumerId, doing: Doing, _: Time) {
        if doing == Doing::Down {
            self.next.retain(|(c, _), _| *c != consumer);
        }
    }
    fn sample(&mut self, view: &dyn View) {
        for p in 0..self.logs.len() {
            let partition = PartitionId::from(p);
            let (start, end) = (view.log_start(partition), view.log_end(partition));
            let told = start == self.starts[p] && end == self.logs[p].len() as Offset && start <= end;
            self.check(told, || format!("{partition:?} is {start}..{end}, not as told"));
        }
        let stands: Vec<(GroupId, PartitionId, Offset)> =
            self.stands.iter().map(|((g, p), s)| (*g, *p, s.committed)).collect();
        for (g, p, committed) in stands {
            let visible = view.high_watermark(p);
            self.check(committed <= visible && visible <= view.log_end(p), || {
                format!("{g:?} {p:?}: {committed} is committed, readers see up to {visible}")
            });
            let seen = view.committed(g, p).unwrap_or(0);
            self.check(seen == committed, || format!("{g:?} {p:?}: {seen} is committed, not {committed}"));
        }
    }
}
