//! Every fact of a run as a line, in order of time: to find the first thing two runs differ in.
//!
//! Lines of equal times are sorted by their text, since a batched run tells them in another order.

use laglab::engine::{Span, Time};
use laglab::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use laglab::model::fact::{Doing, Facts, How, Reader, Without};
use laglab::model::ids::*;
use laglab::model::plan::Plan;
use laglab::model::record::Record;
use laglab::model::world::World;
use std::sync::Arc;

/// The lines.
#[derive(Default)]
pub struct Chronicle(pub Vec<(Time, String)>);

impl Chronicle {
    /// What comes to pass in a plan's first replication.
    pub fn of(plan: &Plan) -> Chronicle {
        let plan = Arc::new(plan.clone());
        let mut lines = Chronicle::default();
        let mut world = World::new(&plan, 0, &mut lines);
        while world.advance(100_000, &mut lines) && lines.0.len() < 5_000_000 {}
        lines.0.sort();
        lines
    }
    /// The first lines of both that are not the same, with some that led there.
    pub fn parting(&self, other: &Chronicle) -> String {
        let same = self.0.iter().zip(&other.0).take_while(|(a, b)| a == b).count();
        let lines = |all: &[(Time, String)], from: usize, n: usize| {
            let lines = all.iter().skip(from).take(n).map(|(at, line)| format!("    {at:?} {line}\n"));
            lines.collect::<String>()
        };
        let before = same.saturating_sub(6);
        format!(
            "both:\n{}one:\n{}other:\n{}",
            lines(&self.0, before, same - before),
            lines(&self.0, same, 5),
            lines(&other.0, same, 5)
        )
    }
    fn add(&mut self, at: Time, line: String) {
        self.0.push((at, line));
    }
}

impl Facts for Chronicle {
    fn created(&mut self, producer: ProducerId, _: TopicId, first: u64, times: &[Time]) {
        for (i, at) in times.iter().enumerate() {
            self.add(*at, format!("created {producer:?} {}", first + i as u64));
        }
    }
    fn shed(&mut self, record: &Record, _: TopicId, reason: ShedReason, at: Time) {
        self.add(at, format!("shed {:x} {reason:?}", record.event.0));
    }
    fn lost_on_the_way(&mut self, records: &[Record], _: TopicId, cause: LossCause, at: Time) {
        for r in records {
            self.add(at, format!("lost {:x} {cause:?}", r.event.0));
        }
    }
    fn sent(&mut self, p: ProducerId, partition: PartitionId, records: &[Record], sends: u32, at: Time) {
        self.add(at, format!("sent {p:?} {partition:?} {} records, try {sends}", records.len()));
    }
    fn acknowledged(&mut self, p: ProducerId, records: &[Record], at: Time) {
        self.add(at, format!("acknowledged {p:?} {} from {:x}", records.len(), records[0].event.0));
    }
    fn unanswered(&mut self, p: ProducerId, records: &[Record], at: Time) {
        self.add(at, format!("unanswered {p:?} {} from {:x}", records.len(), records[0].event.0));
    }
    fn blocked(&mut self, p: ProducerId, length: Span, at: Time) {
        self.add(at, format!("blocked {p:?} {length:?}"));
    }
    fn throttled(&mut self, p: ProducerId, length: Span, at: Time) {
        self.add(at, format!("throttled {p:?} {length:?}"));
    }
    fn appended(
        &mut self,
        partition: PartitionId,
        base: Offset,
        records: &[Record],
        copy_of: Option<Offset>,
        at: Time,
    ) {
        for (i, r) in records.iter().enumerate() {
            self.add(at, format!("appended {partition:?} {} {:x} {copy_of:?}", base + i as u64, r.event.0));
        }
    }
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        self.add(at, format!("removed {partition:?} {from}..{to}"));
    }
    fn served(&mut self, broker: BrokerId, length: Span, at: Time) {
        self.add(at, format!("served {broker:?} {length:?}"));
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        for i in 0..records.len() as u64 {
            self.add(at, format!("delivered {who:?} {}", from + i));
        }
    }
    fn applied(&mut self, who: Reader, from: Offset, records: &[Record], times: &[Time], how: How) {
        for (i, r) in records.iter().enumerate() {
            self.add(times[i], format!("applied {who:?} {} {:x} {how:?}", from + i as u64, r.event.0));
        }
    }
    fn done_without(&mut self, who: Reader, offset: Offset, _: &Record, why: Without, at: Time) {
        self.add(at, format!("done without {who:?} {offset} {why:?}"));
    }
    fn failed(&mut self, who: Reader, offset: Offset, _: &Record, attempt: u32, at: Time) {
        self.add(at, format!("failed {who:?} {offset} try {attempt}"));
    }
    fn polled(&mut self, group: GroupId, records: u64, at: Time) {
        self.add(at, format!("polled {group:?} {records}"));
    }
    fn abandoned(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        for i in 0..records.len() as u64 {
            self.add(at, format!("abandoned {who:?} {}", from + i));
        }
    }
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {
        self.add(at, format!("committed {who:?} {from}..{to}"));
    }
    fn offsets_expired(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.add(at, format!("offsets expired {group:?} {partition:?}"));
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
        for i in 0..records.len() as u64 {
            self.add(at, format!("passed over {group:?} {partition:?} {} {cause:?}", from + i));
        }
    }
    fn reset(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.add(at, format!("reset {group:?} {partition:?}"));
    }
    fn rebalance_began(&mut self, group: GroupId, cause: RebalanceCause, at: Time) {
        self.add(at, format!("rebalance began {group:?} {cause:?}"));
    }
    fn rebalance_ended(&mut self, group: GroupId, generation: u32, at: Time) {
        self.add(at, format!("rebalance ended {group:?} {generation}"));
    }
    fn stalled(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.add(at, format!("stalled {group:?} {partition:?}"));
    }
    fn resumed(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.add(at, format!("resumed {group:?} {partition:?}"));
    }
    fn consumer_is(&mut self, group: GroupId, consumer: ConsumerId, doing: Doing, at: Time) {
        self.add(at, format!("consumer is {group:?} {consumer:?} {doing:?}"));
    }
    fn crashed(&mut self, group: GroupId, consumer: ConsumerId, at: Time) {
        self.add(at, format!("crashed {group:?} {consumer:?}"));
    }
    fn scaled(&mut self, group: GroupId, from: u32, to: u32, at: Time) {
        self.add(at, format!("scaled {group:?} {from} to {to}"));
    }
    fn fault(&mut self, index: usize, at: Time, lasts: Option<Span>) {
        self.add(at, format!("fault {index} {lasts:?}"));
    }
    fn called(&mut self, downstream: DownstreamId, waiting: u32, at: Time) {
        self.add(at, format!("called {downstream:?} {waiting}"));
    }
    fn answered(&mut self, downstream: DownstreamId, ok: bool, service: Span, at: Time) {
        self.add(at, format!("answered {downstream:?} {ok} {service:?}"));
    }
    fn breaker_opened(&mut self, downstream: DownstreamId, at: Time) {
        self.add(at, format!("breaker opened {downstream:?}"));
    }
    fn left_before_log(&mut self, event: EventId, _: Time, _: TopicId, place: Place, at: Time) {
        self.add(at, format!("left {:x} {place:?}", event.0));
    }
    fn exposed(&mut self, _: GroupId, _: PartitionId, _: Offset, _: Offset, _: DuplicateCause) {}
}
