//! Listens to facts and looks at snapshots: ledger, lag, latency, flow. Knows nothing of how the model works inside.

mod batches;
mod books;
pub mod chronicle;
mod copies;
mod fates;
pub mod findings;
mod finish;
mod ledger;
pub mod metric;
pub mod names;
mod order;
mod replication;
mod sample;
mod series;
pub mod story;
mod timeline;

use crate::engine::{Digest, Places, Span, Time, mix};
use crate::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use crate::model::fact::{Doing, Facts, How, Reader, View, Without};
use crate::model::ids::{
    BrokerId, ConsumerId, DownstreamId, EventId, GroupId, Offset, PartitionId, ProducerId, TopicId,
};
use crate::model::plan::{Isolation, Plan};
use crate::model::record::{Batch, Record};
use books::{BrokerBook, DownstreamBook, GroupBook, ProducerBook, TopicBook};
use copies::{Copies, Copy};
use findings::{Mark, MarkKind};
pub use ledger::Victim;
use replication::Replication;
use series::RateTrack;
use std::sync::Arc;
use timeline::Activity;

/// Samples per bucket of a series, at least: the extremes of a bucket come from them.
pub const SAMPLES_PER_BUCKET: u64 = 4;
/// Buckets per series, as long as the workload runs: a picture has no more columns, and memory shall not follow
/// the length of the run. Beyond, buckets are longer, with their extremes; samples stay as close as they are.
const BUCKETS: u64 = 4096;

/// The length of a bucket for a workload of this duration, if it is to be `wanted`.
pub fn bucket(wanted: Span, duration: Span) -> Span {
    let buckets = duration.0.div_ceil(wanted.0);
    Span(wanted.0 * buckets.div_ceil(BUCKETS).max(1))
}

/// Partitions beyond this many per group get no series of their own.
const PARTITION_SERIES: usize = 256;

/// Room for `n` places, and none of them taken.
fn none(n: usize) -> Places {
    let mut places = Places::default();
    places.clear(n);
    places
}

/// An event that suffered something in a group, and when.
pub type VictimOf = (GroupId, Victim, EventId, Time);

/// Hears a whole run and knows its metrics, series, marks and timelines at the end.
pub struct Measure {
    plan: Arc<Plan>,
    warm_up: Time,
    work_end: Time,
    /// The length of a bucket.
    step: Span,
    /// The distance of the samples, and how many make a bucket.
    every: Span,
    per_bucket: u64,
    samples: u64,
    digest: Digest,
    groups: Vec<GroupBook>,
    producers: Vec<ProducerBook>,
    /// Table of each producer instance.
    table_of: Vec<usize>,
    /// Events of each instance below this ordinal were created before the end of the warm-up.
    uncounted: Vec<u64>,
    topics: Vec<TopicBook>,
    topic_of: Vec<TopicId>,
    partition_records: Vec<u64>,
    /// Partitions to which something was appended since the last sample.
    fresh: Places,
    /// Groups of each topic.
    readers: Vec<Vec<usize>>,
    brokers: Vec<BrokerBook>,
    downstreams: Vec<DownstreamBook>,
    /// What each consumer does, and whose it is, once it was seen.
    activity: Vec<Option<(GroupId, Activity)>>,
    copies: Copies,
    /// Producers whose events are made of another group's records.
    of_groups: Vec<bool>,
    replication: Replication,
    marks: Vec<Mark>,
    faults_over: Option<Time>,
    first_fault: Option<Time>,
    ended: Time,
}

impl Measure {
    /// Ready to hear a run of `plan`, with `step` for a bucket of its series: a multiple of the distance at which the
    /// plan is sampled.
    pub fn new(plan: &Arc<Plan>, step: Span) -> Self {
        let every = plan.sample_every;
        assert!(step.0 > 0 && step.0.is_multiple_of(every.0), "{step} is no multiple of {every}");
        let warm_up = Time(plan.warm_up.0);
        let work_end = Time(plan.duration.0);
        let mut topic_of = Vec::new();
        let mut first = Vec::new();
        for t in (0..plan.topics.len()).map(TopicId::from) {
            first.push(topic_of.len());
            topic_of.extend((0..plan.room(t)).map(|_| t));
        }
        let all = topic_of.len();
        let groups = (0..plan.groups.len()).map(|g| GroupBook::new(plan, g, &topic_of, &first));
        let producers = plan.producers.iter().map(|p| ProducerBook::new(&p.name));
        let table_of = plan.producers.iter().enumerate().flat_map(|(i, p)| (0..p.instances).map(move |_| i));
        let instances = plan.producers.iter().map(|p| p.instances as usize).sum();
        let reads = |t: usize| {
            (0..plan.groups.len())
                .filter(|g| plan.groups[*g].topics.contains(&TopicId::from(t)))
                .collect::<Vec<_>>()
        };
        Measure {
            groups: groups.collect(),
            producers: producers.collect(),
            uncounted: vec![0; instances],
            table_of: table_of.collect(),
            topics: vec![TopicBook::default(); plan.topics.len()],
            partition_records: vec![0; all],
            fresh: none(all),
            replication: Replication::new(plan),
            readers: (0..plan.topics.len()).map(reads).collect(),
            brokers: vec![BrokerBook::default(); plan.cluster.brokers as usize],
            downstreams: vec![DownstreamBook::default(); plan.downstreams.len()],
            activity: Vec::new(),
            copies: Copies::new(
                all,
                plan.groups.iter().map(|g| g.isolation == Isolation::ReadCommitted).collect(),
            ),
            of_groups: plan.producers.iter().map(|p| p.from.is_some()).collect(),
            topic_of,
            marks: Vec::new(),
            faults_over: None,
            first_fault: None,
            ended: Time::ZERO,
            plan: plan.clone(),
            warm_up,
            work_end,
            step,
            every,
            per_bucket: step.0 / every.0,
            samples: 0,
            digest: Digest::default(),
        }
    }

    #[cold]
    fn first_seen(&mut self, group: GroupId, consumer: ConsumerId, doing: Doing, at: Time) {
        if self.activity.len() <= consumer.index() {
            self.activity.resize_with(consumer.index() + 1, || None);
        }
        let mut activity = Activity::new(self.step);
        activity.set(doing, at);
        self.activity[consumer.index()] = Some((group, activity));
    }

    fn tell(&mut self, kind: u64, what: u64, at: Time) {
        self.digest.add(mix(kind, what), at.0);
    }

    fn producer(&mut self, p: ProducerId) -> &mut ProducerBook {
        &mut self.producers[self.table_of[p.index()]]
    }
}

impl Facts for Measure {
    #[inline(always)]
    fn created(&mut self, producer: ProducerId, topic: TopicId, first: u64, times: &[Time]) {
        let warm = times.first().is_none_or(|t| *t >= self.warm_up);
        let early = if warm { 0 } else { times.partition_point(|t| *t < self.warm_up) as u64 };
        let counted = times.len() as u64 - early;
        if early > 0 {
            self.uncounted[producer.index()] = first + early;
        }
        let label = mix(1, u64::from(producer.0));
        for (i, at) in times.iter().enumerate() {
            self.digest.add(label ^ (first + i as u64), at.0);
        }
        self.topics[topic.index()].created += counted;
        let book = self.producer(producer);
        book.created += counted;
        book.created_ever += times.len() as u64;
    }
    #[inline(always)]
    fn accepted(&mut self, producer: ProducerId, first: u64, n: u64) {
        let uncounted = self.uncounted[producer.index()];
        let book = self.producer(producer);
        book.accepted += n.min((first + n).saturating_sub(uncounted));
        book.accepted_ever += n;
    }
    fn shed(&mut self, record: &Record, topic: TopicId, reason: ShedReason, at: Time) {
        self.tell(2, record.event.0, at);
        let counts = u64::from(record.created >= self.warm_up);
        self.producer(record.event.producer()).shed += counts;
        for g in &self.readers[topic.index()] {
            self.groups[*g].ledger.refuse(record, reason, at);
        }
    }
    fn lost_on_the_way(&mut self, records: &[Record], topic: TopicId, cause: LossCause, at: Time) {
        for record in records {
            self.tell(3, record.event.0, at);
            let counts = u64::from(record.created >= self.warm_up);
            self.producer(record.event.producer()).lost += counts;
            for g in &self.readers[topic.index()] {
                self.groups[*g].ledger.lose_before_log(record, cause, at);
            }
        }
    }
    fn lost_with_transactions(&mut self, record: &Record, topic: TopicId, cause: LossCause, at: Time) {
        self.tell(56, record.event.0, at);
        for g in &self.readers[topic.index()] {
            if self.copies.decided(*g) {
                self.groups[*g].ledger.lose_before_log(record, cause, at);
            }
        }
    }
    #[inline(always)]
    fn sent(&mut self, producer: ProducerId, _: PartitionId, records: &[Record], sends: u32, at: Time) {
        let warm_up = self.warm_up;
        let book = self.producer(producer);
        if sends > 1 {
            book.retries += 1;
            return;
        }
        book.batches += 1;
        book.batched += records.len() as u64;
        for record in records.iter().filter(|r| r.created >= warm_up) {
            book.waited += 1;
            book.wait_sum += u128::from(at.0 - record.created.0);
        }
    }
    #[inline(always)]
    fn acknowledged(&mut self, producer: ProducerId, records: &[Record], at: Time) {
        let warm_up = self.warm_up;
        let book = self.producer(producer);
        for record in records.iter().filter(|r| r.created >= warm_up) {
            book.acknowledged += 1;
            book.ack_sum += u128::from(at.0 - record.created.0);
        }
    }
    fn blocked(&mut self, producer: ProducerId, length: Span, _: Time) {
        self.producer(producer).blocked += length.0;
    }
    fn throttled(&mut self, producer: ProducerId, length: Span, at: Time) {
        self.tell(4, length.0, at);
        self.producer(producer).throttled += length.0;
    }
    fn fetch_throttled(&mut self, group: GroupId, consumer: ConsumerId, length: Span, at: Time) {
        self.tell(50, u64::from(consumer.0) << 40 ^ length.0, at);
        self.groups[group.index()].throttled += length.0;
    }

    #[inline]
    fn appended(&mut self, base: Offset, batch: &Batch, copy_of: Option<(PartitionId, Offset)>, at: Time) {
        let (partition, n) = (batch.partition, batch.records.len() as u64);
        self.digest.add(mix(u64::from(partition.0) << 32 | 5, base + n), at.0);
        self.partition_records[partition.index()] += n;
        self.fresh.insert(partition.index());
        let topic = &mut self.topics[self.topic_of[partition.index()].index()];
        topic.appended += n;
        topic.bytes += batch.bytes;
        if let Some(of) = copy_of {
            let copy = Copy { base, len: n, of, again: false };
            self.copies.add(partition, copy);
            self.producer(batch.producer).extra_appends += n;
        }
    }
    fn produced_again(
        &mut self,
        partition: PartitionId,
        at: Offset,
        of: Option<Offset>,
        of_committed: Option<Offset>,
    ) {
        self.copies.add_again(partition, at, of, of_committed);
    }
    fn superseded(&mut self, partition: PartitionId, offset: Offset, record: &Record, _: Time) {
        for g in &self.readers[self.topic_of[partition.index()].index()] {
            if self.copies.decided(*g) {
                self.groups[*g].ledger.supersede(partition, offset, record);
            }
        }
    }
    fn left_aborted(&mut self, created: Time, topic: TopicId, at: Time) {
        for g in &self.readers[topic.index()] {
            if self.copies.decided(*g) {
                self.groups[*g].ledger.leave(created, Place::Producer, at);
            }
        }
    }
    fn cut_off(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        self.tell(13, u64::from(partition.0) << 40 | from, at);
        self.replication.truncated(partition.index(), to - from);
    }
    fn truncated(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        lost: Option<LossCause>,
        at: Time,
    ) {
        for g in &self.readers[self.topic_of[partition.index()].index()] {
            let copies = self.copies.seen(*g, partition);
            self.groups[*g].ledger.truncate(partition, from, records, lost, copies, at);
        }
    }
    fn in_sync_changed(&mut self, partition: PartitionId, in_sync: u32, at: Time) {
        self.tell(14, u64::from(partition.0) << 32 | u64::from(in_sync), at);
        self.replication.in_sync(partition.index(), in_sync, at);
    }
    fn leader_changed(&mut self, partition: PartitionId, leader: Option<BrokerId>, unclean: bool, at: Time) {
        let who = leader.map_or(u32::MAX, |b| b.0);
        self.tell(15, u64::from(partition.0) << 32 | u64::from(who), at);
        self.replication.led(partition.index(), leader.is_some(), unclean, at);
    }
    fn too_few_in_sync(&mut self, producer: ProducerId, _: PartitionId, _: &[Record], _: Time) {
        self.producer(producer).refused += 1;
    }
    fn transaction_ended(&mut self, producer: ProducerId, commit: bool, at: Time) {
        self.tell(16, u64::from(producer.0) << 1 | u64::from(commit), at);
        let book = self.producer(producer);
        book.transactions += u64::from(commit);
        book.transactions_aborted += u64::from(!commit);
    }
    fn marked(&mut self, partition: PartitionId, offset: Offset, _: ProducerId, _: bool, at: Time) {
        self.tell(17, u64::from(partition.0) << 40 | offset, at);
        self.fresh.insert(partition.index());
        for g in &self.readers[self.topic_of[partition.index()].index()] {
            self.groups[*g].ledger.mark(partition, offset);
        }
    }
    fn aborted(&mut self, partition: PartitionId, from: Offset, records: &[Record], at: Time) {
        if records.first().is_some_and(|r| self.of_groups[self.table_of[r.event.producer().index()]]) {
            // They will be made again: only what is superseded is done with.
            return;
        }
        let cause = LossCause::TransactionAborted;
        for g in &self.readers[self.topic_of[partition.index()].index()] {
            if self.copies.decided(*g) {
                let copies = self.copies.seen(*g, partition);
                self.groups[*g].ledger.pass_over(partition, from, records, cause, copies, at);
            }
        }
    }
    fn throughput_exceeded(&mut self, _: ProducerId, partition: PartitionId, records: &[Record], at: Time) {
        for r in records {
            self.tell(51, r.event.0, at);
        }
        self.topics[self.topic_of[partition.index()].index()].refused += records.len() as u64;
    }
    fn read(&mut self, group: GroupId, partition: PartitionId, age: Span, at: Time) {
        self.tell(54, u64::from(partition.0) << 40 ^ age.0, at);
        let measured = at > self.warm_up && at <= self.work_end;
        let book = &mut self.groups[group.index()];
        book.reads.counted += u64::from(measured);
        if measured {
            book.reads.oldest = book.reads.oldest.max(age);
            book.reads.ages += age.0 as u128;
        }
    }
    fn read_refused(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.tell(55, u64::from(partition.0), at);
        self.groups[group.index()].reads.refused += 1;
    }
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        self.tell(6, u64::from(partition.0) << 40 | to, at);
        self.topics[self.topic_of[partition.index()].index()].removed += to - from;
    }
    #[inline]
    fn served(&mut self, broker: BrokerId, length: Span, at: Time) {
        let book = &mut self.brokers[broker.index()];
        book.requests += 1;
        if at <= self.work_end {
            book.busy += length.0;
        }
    }

    #[inline(always)]
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        let book = &mut self.groups[who.group.index()];
        book.standstill.delivered(who.partition.index(), at);
        book.ledger.deliver(who.partition, from, records);
    }
    #[inline(always)]
    fn applied(&mut self, who: Reader, from: Offset, records: &[Record], times: &[Time], how: How) {
        let copies = self.copies.seen(who.group.index(), who.partition);
        let ledger = &mut self.groups[who.group.index()].ledger;
        ledger.apply(who.partition, from, records, times, how, copies, &mut self.digest);
    }
    fn done_without(&mut self, who: Reader, offset: Offset, record: &Record, why: Without, at: Time) {
        self.tell(7, mix(record.event.0, u64::from(who.group.0)), at);
        let copies = self.copies.seen(who.group.index(), who.partition);
        self.groups[who.group.index()].ledger.done_without(who.partition, offset, record, why, copies, at);
    }
    fn failed(&mut self, who: Reader, _: Offset, _: &Record, _: u32, _: Time) {
        self.groups[who.group.index()].failures += 1;
    }
    #[inline]
    fn finished(&mut self, group: GroupId, records: u64, attempts: u64, busy: Span) {
        let book = &mut self.groups[group.index()];
        book.finished += records;
        book.attempts += attempts;
        book.busy += busy.0;
    }
    #[inline]
    fn polled(&mut self, group: GroupId, records: u64, _: Time) {
        let book = &mut self.groups[group.index()];
        book.polls += 1;
        book.polled += records;
    }
    fn abandoned(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        let copies = self.copies.seen(who.group.index(), who.partition);
        self.groups[who.group.index()].ledger.abandon(who.partition, from, records, copies, at);
    }
    fn exposed(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        cause: DuplicateCause,
    ) {
        self.groups[group.index()].ledger.expose(partition, from, to, cause);
    }
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {
        assert!(
            to >= from,
            "a committed offset goes back only by expiry or replay: {who:?} {from} {to} {at:?}"
        );
        self.digest.add(mix(u64::from(who.group.0) << 32 | u64::from(who.partition.0), to), at.0);
        let copies = self.copies.seen(who.group.index(), who.partition);
        self.groups[who.group.index()].ledger.commit(who.partition, to, copies, at);
    }
    fn offsets_expired(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.tell(12, u64::from(group.0) << 32 | u64::from(partition.0), at);
        self.groups[group.index()].ledger.start_over(partition);
    }
    fn replayed(&mut self, group: GroupId, partition: PartitionId, to: Offset, at: Time) {
        self.tell(53, mix(u64::from(group.0) << 32 | u64::from(partition.0), to), at);
        self.groups[group.index()].ledger.go_back(partition, to);
    }
    #[inline]
    fn commit_sent(&mut self, group: GroupId) {
        self.groups[group.index()].commits += 1;
    }
    fn passed_over(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        cause: LossCause,
        at: Time,
    ) {
        let copies = self.copies.seen(group.index(), partition);
        self.groups[group.index()].ledger.pass_over(partition, from, records, cause, copies, at);
    }
    fn expired(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        at: Time,
    ) {
        let copies = self.copies.seen(group.index(), partition);
        self.groups[group.index()].ledger.expire(partition, from, records, copies, at);
    }
    fn compacted(&mut self, partition: PartitionId, records: u64, at: Time) {
        self.tell(18, u64::from(partition.0) << 32 ^ records, at);
        self.topics[self.topic_of[partition.index()].index()].compacted += records;
    }
    fn reset(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.tell(8, u64::from(partition.0), at);
        self.groups[group.index()].resets += 1;
    }
    fn stopped(&mut self, group: GroupId, consumer: ConsumerId, partition: PartitionId, at: Time) {
        self.tell(52, u64::from(consumer.0) << 32 | u64::from(partition.0), at);
        self.groups[group.index()].stopped += 1;
    }
    fn looked_up(&mut self, group: GroupId, hit: bool) {
        let book = &mut self.groups[group.index()];
        book.lookups += 1;
        book.hits += u64::from(hit);
    }

    fn rebalance_began(&mut self, group: GroupId, cause: RebalanceCause, at: Time) {
        self.groups[group.index()].rebalances.began(cause, at);
    }
    fn rebalance_ended(&mut self, group: GroupId, generation: u32, at: Time) {
        self.tell(9, u64::from(group.0) << 32 | u64::from(generation), at);
        let name = &self.plan.groups[group.index()].name;
        self.groups[group.index()].rebalances.ended(name, at);
    }
    fn stalled(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.groups[group.index()].standstill.stalled(partition.index(), at);
    }
    fn resumed(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        let book = &mut self.groups[group.index()];
        if let Some((since, until)) = book.standstill.resumed(partition.index(), at) {
            book.rebalances.stood(since, until);
        }
    }
    #[inline]
    fn consumer_is(&mut self, group: GroupId, consumer: ConsumerId, doing: Doing, at: Time) {
        match self.activity.get_mut(consumer.index()) {
            Some(Some((_, activity))) => activity.set(doing, at),
            _ => self.first_seen(group, consumer, doing, at),
        }
    }
    fn crashed(&mut self, group: GroupId, consumer: ConsumerId, at: Time) {
        self.tell(10, u64::from(consumer.0), at);
        self.groups[group.index()].standstill.crashed(at);
    }
    fn scaled(&mut self, group: GroupId, from: u32, to: u32, at: Time) {
        let name = self.plan.groups[group.index()].name.clone();
        self.groups[group.index()].scalings += 1;
        let label = format!("{from} to {to} consumers");
        self.marks.push(Mark { kind: MarkKind::Scaling, group: Some(name), label, from: at, to: at });
    }
    fn fault(&mut self, index: usize, at: Time, lasts: Option<Span>) {
        self.tell(11, index as u64, at);
        let over = at + lasts.unwrap_or(Span::ZERO);
        self.first_fault.get_or_insert(at);
        self.faults_over = Some(self.faults_over.map_or(over, |t| t.max(over)));
        for book in &mut self.groups {
            book.calm_since = None;
        }
        let label = self.plan.faults[index].label.clone();
        self.marks.push(Mark { kind: MarkKind::Fault, group: None, label, from: at, to: over });
    }
    fn called(&mut self, downstream: DownstreamId, waiting: u32, _: Time) {
        let book = &mut self.downstreams[downstream.index()];
        book.calls += 1;
        book.queue_max = book.queue_max.max(waiting);
    }
    fn answered(&mut self, downstream: DownstreamId, ok: bool, service: Span, at: Time) {
        let book = &mut self.downstreams[downstream.index()];
        book.errors += u64::from(!ok);
        if at <= self.work_end {
            book.busy += service.0;
        }
    }
    fn breaker_opened(&mut self, downstream: DownstreamId, _: Time) {
        self.downstreams[downstream.index()].opened += 1;
    }

    fn sample(&mut self, view: &dyn View) {
        let bucket = (self.samples / self.per_bucket) as usize;
        self.note_fresh();
        for g in 0..self.groups.len() {
            self.groups[g].ledger.put_in_order();
            self.sample_group(g, bucket, view);
        }
        let (every, position) = (self.every, self.samples % self.per_bucket);
        for book in &mut self.producers {
            book.offered.sample(bucket, book.created_ever, every, position);
            book.accepted_rate.sample(bucket, book.accepted_ever, every, position);
        }
        self.samples += 1;
    }
    fn workload_ended(&mut self, view: &dyn View) {
        for book in &mut self.groups {
            let lag: u64 = book.partitions.iter().map(|p| view.log_end(*p) - book.ledger.done_upto(*p)).sum();
            book.lag_end = Some(lag as f64);
            book.busy_at.1 = Some(book.busy);
        }
    }
    fn left_before_log(&mut self, _: EventId, created: Time, topic: TopicId, place: Place, at: Time) {
        for g in &self.readers[topic.index()] {
            self.groups[*g].ledger.leave(created, place, at);
        }
    }
    fn ended(&mut self, view: &dyn View) {
        self.ended = view.now();
        self.close(view);
    }
}
