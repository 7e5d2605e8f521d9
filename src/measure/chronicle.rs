//! Every fact of a run as a line of text: to find the first one in which two runs differ.
//!
//! Knows what things are called and nothing of what facts mean.

use crate::engine::{Span, Time};
use crate::measure::names::Names;
use crate::model::cause::{LossCause, Place, RebalanceCause, ShedReason};
use crate::model::fact::{Doing, Facts, How, Reader, Without};
use crate::model::ids::{
    BrokerId, ConsumerId, DownstreamId, EventId, GroupId, Offset, PartitionId, ProducerId, TopicId,
};
use crate::model::plan::Plan;
use crate::model::record::{Batch, Record};
use std::fmt;

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Who: `checkout/0`, `billing/2`, `broker 1`.
    pub who: String,
    /// What: `applied orders-3 offset 118, event 4711 of checkout/0`.
    pub what: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9} s  {}  {}", self.at.secs(), self.who, self.what)
    }
}

/// The lines, in the order in which they are told.
pub struct Chronicle {
    names: Names,
    /// Those told so far; a reader takes out what it has read.
    pub lines: Vec<Line>,
}

impl Chronicle {
    /// Ready to hear a run of `plan`.
    pub fn of(plan: &Plan) -> Chronicle {
        Chronicle { names: Names::of(plan), lines: Vec::new() }
    }
    fn add(&mut self, at: Time, who: impl Into<String>, what: String) {
        self.lines.push(Line { at, who: who.into(), what });
    }
    fn by_producer(&mut self, producer: ProducerId, at: Time, what: String) {
        self.add(at, self.names.producer(producer).to_owned(), what);
    }
    fn by_group(&mut self, group: GroupId, at: Time, what: String) {
        self.add(at, format!("group {}", self.names.group(group)), what);
    }
    fn by_reader(&mut self, who: Reader, at: Time, what: String) {
        let name = self.names.consumer(who.group, who.consumer);
        self.add(at, name, what);
    }
    fn event(&self, event: EventId) -> String {
        format!("event {} of {}", event.ordinal(), self.names.producer(event.producer()))
    }
}

impl Facts for Chronicle {
    fn created(&mut self, producer: ProducerId, _: TopicId, first: u64, times: &[Time]) {
        for (event, at) in (first..).zip(times) {
            self.by_producer(producer, *at, format!("created event {event}"));
        }
    }
    fn shed(&mut self, record: &Record, _: TopicId, reason: ShedReason, at: Time) {
        let what = format!("shed event {} ({})", record.event.ordinal(), reason.name());
        self.by_producer(record.event.producer(), at, what);
    }
    fn lost_on_the_way(&mut self, records: &[Record], _: TopicId, cause: LossCause, at: Time) {
        for r in records {
            let what = format!("lost event {} ({})", r.event.ordinal(), cause.name());
            self.by_producer(r.event.producer(), at, what);
        }
    }
    fn lost_with_transactions(&mut self, record: &Record, topic: TopicId, cause: LossCause, at: Time) {
        self.lost_on_the_way(std::slice::from_ref(record), topic, cause, at);
    }
    fn sent(&mut self, p: ProducerId, partition: PartitionId, records: &[Record], sends: u32, at: Time) {
        let to = self.names.partition(partition);
        self.by_producer(p, at, format!("sent a batch of {} to {to}, try {sends}", records.len()));
    }
    fn acknowledged(&mut self, p: ProducerId, records: &[Record], at: Time) {
        let first = self.event(records[0].event);
        self.by_producer(p, at, format!("had a batch of {} acknowledged, from {first}", records.len()));
    }
    fn unanswered(&mut self, p: ProducerId, records: &[Record], at: Time) {
        let first = self.event(records[0].event);
        self.by_producer(p, at, format!("got no answer to a batch of {}, from {first}", records.len()));
    }
    fn blocked(&mut self, p: ProducerId, length: Span, at: Time) {
        self.by_producer(p, at, format!("stood blocked for {} ns", length.0));
    }
    fn throttled(&mut self, p: ProducerId, length: Span, at: Time) {
        self.by_producer(p, at, format!("was told to wait for {} ns", length.0));
    }
    fn fetch_throttled(&mut self, group: GroupId, consumer: ConsumerId, length: Span, at: Time) {
        let who = self.names.consumer(group, consumer).to_owned();
        self.add(at, who, format!("was told to wait for {} ns", length.0));
    }
    fn appended(&mut self, base: Offset, batch: &Batch, copy_of: Option<(PartitionId, Offset)>, at: Time) {
        let (partition, records) = (batch.partition, &batch.records);
        let second = copy_of.map_or_else(String::new, |(_, of)| format!(", a second copy of offset {of}"));
        for (offset, r) in (base..).zip(records) {
            let what = format!("appended offset {offset}: {}{second}", self.event(r.event));
            self.add(at, self.names.partition(partition).to_owned(), what);
        }
    }
    fn transaction_ended(&mut self, p: ProducerId, commit: bool, at: Time) {
        let what = if commit { "had its transaction committed" } else { "had its transaction aborted" };
        self.by_producer(p, at, what.to_owned());
    }
    fn marked(&mut self, partition: PartitionId, offset: Offset, p: ProducerId, commit: bool, at: Time) {
        let says = if commit { "commits" } else { "aborts" };
        let what =
            format!("appended offset {offset}: a marker that {says} what {} sent", self.names.producer(p));
        self.add(at, self.names.partition(partition).to_owned(), what);
    }
    fn aborted(&mut self, partition: PartitionId, from: Offset, records: &[Record], at: Time) {
        let what = format!("aborted offsets {from}..{}", from + records.len() as u64);
        self.add(at, self.names.partition(partition).to_owned(), what);
    }
    fn deduplicated(&mut self, partition: PartitionId, records: &[Record], at: Time) {
        let what = format!("recognised {} records, from {}", records.len(), self.event(records[0].event));
        self.add(at, self.names.partition(partition).to_owned(), what);
    }
    fn truncated(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        lost: Option<LossCause>,
        at: Time,
    ) {
        let why = lost.map_or("not lost", |cause| cause.name());
        let what = format!("cut off: offsets {from}..{} are {why}", from + records.len() as u64);
        self.add(at, self.names.partition(partition).to_owned(), what);
    }
    fn cut_off(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        self.add(at, self.names.partition(partition).to_owned(), format!("cuts off offsets {from}..{to}"));
    }
    fn in_sync_changed(&mut self, partition: PartitionId, in_sync: u32, at: Time) {
        self.add(at, self.names.partition(partition).to_owned(), format!("has {in_sync} in-sync replicas"));
    }
    fn leader_changed(&mut self, partition: PartitionId, leader: Option<BrokerId>, unclean: bool, at: Time) {
        let who = leader.map_or("no broker".to_owned(), |b| format!("broker {}", b.0));
        let how = if unclean { ", which was not in sync" } else { "" };
        self.add(at, self.names.partition(partition).to_owned(), format!("is led by {who}{how}"));
    }
    fn too_few_in_sync(&mut self, p: ProducerId, partition: PartitionId, records: &[Record], at: Time) {
        let what = format!(
            "too few in-sync replicas of {} for {} records",
            self.names.partition(partition),
            records.len()
        );
        self.by_producer(p, at, what);
    }
    fn throughput_exceeded(&mut self, p: ProducerId, partition: PartitionId, records: &[Record], at: Time) {
        let what = format!("{} refused {} records", self.names.partition(partition), records.len());
        self.by_producer(p, at, what);
    }
    fn read(&mut self, group: GroupId, partition: PartitionId, age: Span, at: Time) {
        let what = format!("read {} up to a record {} ns old", self.names.partition(partition), age.0);
        self.by_group(group, at, what);
    }
    fn read_refused(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.by_group(group, at, format!("got no answer from {}", self.names.partition(partition)));
    }
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        self.add(at, self.names.partition(partition).to_owned(), format!("removed offsets {from}..{to}"));
    }
    fn served(&mut self, broker: BrokerId, length: Span, at: Time) {
        self.add(at, format!("broker {}", broker.0), format!("worked on a request for {} ns", length.0));
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        let partition = self.names.partition(who.partition).to_owned();
        for (offset, _) in (from..).zip(records) {
            self.by_reader(who, at, format!("got {partition} offset {offset}"));
        }
    }
    fn applied(&mut self, who: Reader, from: Offset, records: &[Record], times: &[Time], how: How) {
        let partition = self.names.partition(who.partition).to_owned();
        for ((offset, r), at) in (from..).zip(records).zip(times) {
            let what = format!("applied {partition} offset {offset}, {} ({how:?})", self.event(r.event));
            self.by_reader(who, *at, what);
        }
    }
    fn done_without(&mut self, who: Reader, offset: Offset, _: &Record, why: Without, at: Time) {
        let partition = self.names.partition(who.partition);
        self.by_reader(who, at, format!("is done with {partition} offset {offset} without effect ({why:?})"));
    }
    fn failed(&mut self, who: Reader, offset: Offset, _: &Record, attempt: u32, at: Time) {
        let partition = self.names.partition(who.partition);
        self.by_reader(who, at, format!("failed on {partition} offset {offset}, try {attempt}"));
    }
    fn polled(&mut self, group: GroupId, records: u64, at: Time) {
        self.by_group(group, at, format!("polled {records} records"));
    }
    fn abandoned(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        let partition = self.names.partition(who.partition).to_owned();
        for (offset, _) in (from..).zip(records) {
            self.by_reader(who, at, format!("abandoned {partition} offset {offset}"));
        }
    }
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {
        let partition = self.names.partition(who.partition);
        self.by_reader(who, at, format!("committed {partition} from {from} to {to}"));
    }
    fn offsets_expired(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.by_group(group, at, format!("forgot its offset of {}", self.names.partition(partition)));
    }
    fn compacted(&mut self, partition: PartitionId, records: u64, at: Time) {
        self.add(
            at,
            self.names.partition(partition).to_owned(),
            format!("lost {records} records to compaction"),
        );
    }
    fn expired(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        at: Time,
    ) {
        let partition = self.names.partition(partition).to_owned();
        for (offset, _) in (from..).zip(records) {
            self.by_group(group, at, format!("passed over {partition} offset {offset} (compacted)"));
        }
    }
    fn replayed(&mut self, group: GroupId, partition: PartitionId, to: Offset, at: Time) {
        self.by_group(group, at, format!("went back on {} to {to}", self.names.partition(partition)));
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
        let partition = self.names.partition(partition).to_owned();
        for (offset, _) in (from..).zip(records) {
            self.by_group(group, at, format!("passed over {partition} offset {offset} ({})", cause.name()));
        }
    }
    fn reset(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.by_group(group, at, format!("reset its position on {}", self.names.partition(partition)));
    }
    fn stopped(&mut self, group: GroupId, consumer: ConsumerId, partition: PartitionId, at: Time) {
        let who = self.names.consumer(group, consumer);
        self.by_group(
            group,
            at,
            format!("{who} stopped for want of an offset on {}", self.names.partition(partition)),
        );
    }
    fn rebalance_began(&mut self, group: GroupId, cause: RebalanceCause, at: Time) {
        self.by_group(group, at, format!("began a rebalance ({})", cause.name()));
    }
    fn rebalance_ended(&mut self, group: GroupId, generation: u32, at: Time) {
        self.by_group(group, at, format!("completed generation {generation}"));
    }
    fn stalled(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.by_group(group, at, format!("left {} without a reader", self.names.partition(partition)));
    }
    fn resumed(&mut self, group: GroupId, partition: PartitionId, at: Time) {
        self.by_group(group, at, format!("has a reader for {}", self.names.partition(partition)));
    }
    fn consumer_is(&mut self, group: GroupId, consumer: ConsumerId, doing: Doing, at: Time) {
        let name = self.names.consumer(group, consumer);
        self.add(at, name, format!("is {doing:?}"));
    }
    fn crashed(&mut self, group: GroupId, consumer: ConsumerId, at: Time) {
        let name = self.names.consumer(group, consumer);
        self.add(at, name, "crashed".to_owned());
    }
    fn scaled(&mut self, group: GroupId, from: u32, to: u32, at: Time) {
        self.by_group(group, at, format!("was scaled from {from} to {to}"));
    }
    fn fault(&mut self, index: usize, at: Time, lasts: Option<Span>) {
        self.add(at, format!("fault {index}"), format!("struck, for {lasts:?}"));
    }
    fn called(&mut self, downstream: DownstreamId, waiting: u32, at: Time) {
        self.add(at, format!("downstream {}", downstream.0), format!("was called, {waiting} waiting"));
    }
    fn answered(&mut self, downstream: DownstreamId, ok: bool, service: Span, at: Time) {
        let what = format!("answered ({ok}) after {} ns", service.0);
        self.add(at, format!("downstream {}", downstream.0), what);
    }
    fn breaker_opened(&mut self, downstream: DownstreamId, at: Time) {
        self.add(at, format!("downstream {}", downstream.0), "had its breaker opened".to_owned());
    }
    fn left_before_log(&mut self, event: EventId, _: Time, _: TopicId, place: Place, at: Time) {
        self.by_producer(event.producer(), at, format!("left event {} ({})", event.ordinal(), place.name()));
    }
}
