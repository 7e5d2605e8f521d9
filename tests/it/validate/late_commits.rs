//! A rig whose measurement hears what it would hear if every commit named the batch before the one it should.
//!
//! After a crash the successor then begins one batch earlier: that batch is delivered and applied once more. The
//! batches are known from their deliveries.

use laglab::engine::{Span, StreamKey, Time};
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::Watch;
use laglab::measure::{Measure, SAMPLES_PER_BUCKET};
use laglab::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use laglab::model::fact::{Doing, Facts, How, Reader, View, Without};
use laglab::model::ids::{
    BrokerId, ConsumerId, DownstreamId, EventId, GroupId, Offset, PartitionId, ProducerId, TopicId,
};
use laglab::model::plan::Plan;
use laglab::model::record::{Batch, Record};
use laglab::model::world::World;
use laglab::station::{StationPlan, StationRecord};
use laglab::validate::{Plain, Rig};
use std::sync::Arc;

pub struct LateCommits;

impl Rig for LateCommits {
    fn run(&self, plan: &Plan, replication: u32, _: &dyn Watch) -> RunRecord {
        let mut plan = plan.clone();
        plan.sample_every = Span((plan.sample_every.0 / SAMPLES_PER_BUCKET).max(1));
        let step = Span(plan.sample_every.0 * SAMPLES_PER_BUCKET);
        let plan = Arc::new(plan);
        let measure = Measure::new(&plan, step);
        let mut hearing = Hearing { measure, batches: Vec::new(), again: None };
        let mut world = World::new(&plan, replication, &mut hearing);
        while world.advance(1000, &mut hearing) {}
        hearing.measure.finish(world.events())
    }
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
        Plain.station(plan, key)
    }
}

/// The cases it is for have one group and one partition.
struct Hearing {
    measure: Measure,
    /// Delivered so far.
    batches: Vec<(Offset, Vec<Record>)>,
    /// The batch that a late commit leaves open, once a crash has shown it.
    again: Option<(Offset, Vec<Record>)>,
}

macro_rules! passed_on {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $name(&mut self, $($arg: $type),*) { self.measure.$name($($arg),*); })*
    };
}

impl Facts for Hearing {
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        if let Some((first, batch)) = self.again.take() {
            self.measure.delivered(who, first, &batch, at);
            self.measure.applied(who, first, &batch, &vec![at; batch.len()], How::Plainly);
        }
        self.measure.delivered(who, from, records, at);
        self.batches.push((from, records.to_vec()));
    }
    fn exposed(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        cause: DuplicateCause,
    ) {
        let mut before = self.batches.iter().filter(|(first, batch)| first + batch.len() as u64 == from);
        self.again = before.next().cloned();
        let from = self.again.as_ref().map_or(from, |(first, _)| *first);
        self.measure.exposed(group, partition, from, to, cause);
    }
    passed_on! {
        created(producer: ProducerId, topic: TopicId, first: u64, times: &[Time]);
        accepted(producer: ProducerId, first: u64, n: u64);
        shed(record: &Record, topic: TopicId, reason: ShedReason, at: Time);
        lost_on_the_way(records: &[Record], topic: TopicId, cause: LossCause, at: Time);
        sent(producer: ProducerId, partition: PartitionId, records: &[Record], sends: u32, at: Time);
        acknowledged(producer: ProducerId, records: &[Record], at: Time);
        unanswered(producer: ProducerId, records: &[Record], at: Time);
        blocked(producer: ProducerId, length: Span, at: Time);
        throttled(producer: ProducerId, length: Span, at: Time);
        appended(base: Offset, batch: &Batch, copy_of: Option<(PartitionId, Offset)>, at: Time);
        deduplicated(partition: PartitionId, records: &[Record], at: Time);
        removed(partition: PartitionId, from: Offset, to: Offset, at: Time);
        served(broker: BrokerId, length: Span, at: Time);
        applied(who: Reader, from: Offset, records: &[Record], times: &[Time], how: How);
        done_without(who: Reader, offset: Offset, record: &Record, why: Without, at: Time);
        failed(who: Reader, offset: Offset, record: &Record, attempt: u32, at: Time);
        finished(group: GroupId, records: u64, attempts: u64, busy: Span);
        polled(group: GroupId, records: u64, at: Time);
        abandoned(who: Reader, from: Offset, records: &[Record], at: Time);
        committed(who: Reader, from: Offset, to: Offset, at: Time);
        offsets_expired(group: GroupId, partition: PartitionId, at: Time);
        replayed(group: GroupId, partition: PartitionId, to: Offset, at: Time);
        commit_sent(group: GroupId);
        passed_over(
            group: GroupId, partition: PartitionId, from: Offset, records: &[Record], cause: LossCause, at: Time
        );
        reset(group: GroupId, partition: PartitionId, at: Time);
        looked_up(group: GroupId, hit: bool);
        rebalance_began(group: GroupId, cause: RebalanceCause, at: Time);
        rebalance_ended(group: GroupId, generation: u32, at: Time);
        stalled(group: GroupId, partition: PartitionId, at: Time);
        resumed(group: GroupId, partition: PartitionId, at: Time);
        consumer_is(group: GroupId, consumer: ConsumerId, doing: Doing, at: Time);
        crashed(group: GroupId, consumer: ConsumerId, at: Time);
        scaled(group: GroupId, from: u32, to: u32, at: Time);
        fault(index: usize, at: Time, lasts: Option<Span>);
        called(downstream: DownstreamId, waiting: u32, at: Time);
        answered(downstream: DownstreamId, ok: bool, service: Span, at: Time);
        breaker_opened(downstream: DownstreamId, at: Time);
        sample(view: &dyn View);
        workload_ended(view: &dyn View);
        left_before_log(event: EventId, created: Time, topic: TopicId, place: Place, at: Time);
        ended(view: &dyn View);
    }
}
