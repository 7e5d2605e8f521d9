//! Variants meet the same events: whatever consumers, semantics, partitioner or backpressure do, and in whatever
//! order records are worked on, each event keeps its moment, key, size and service demand, and faults strike when
//! they strike. What pairing is worth rests on this.

use laglab::engine::{Span, Time};
use laglab::model::cause::{LossCause, ShedReason};
use laglab::model::fact::{Facts, How, Reader, Without};
use laglab::model::ids::*;
use laglab::model::plan::Plan;
use laglab::model::record::Record;
use laglab::model::world::World;
use laglab::scenario::{Overrides, Scenario, render};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A busy system in which consumers and a broker fail at random moments.
const SCENARIO: &str = r#"
title = "The same events"
duration = "40s"
end = { drain = "10m" }
seed = 11

[topic.orders]
partitions = 6

[producer.checkout]
topic = "orders"
rate = "150/s"
instances = 2
keys = { zipf = { count = 200, exponent = 1.0 } }
size = { lognormal = { mean = "1KiB", cv = 1.0 } }

[group.billing]
topic = "orders"
consumers = 3
service-time = { lognormal = { mean = "8ms", cv = 1.5 } }
session-timeout = "4s"
heartbeat-interval = "1s"

[[fault]]
crash = "billing/1"
mtbf = "10s"
mttr = "2s"

[[fault]]
broker-slow = 0
factor = 3.0
mtbf = "8s"
mttr = "2s"

[variant.at-most-once]
"group.billing.delivery" = "at-most-once"

[variant.effectively-once]
"group.billing.delivery" = "effectively-once"
"group.billing.dedupe" = { latency = "0s" }

[variant.two-consumers]
"group.billing.consumers" = 2

[variant.six-consumers]
"group.billing.consumers" = 6

[variant.four-workers]
"group.billing.concurrency" = 4
"group.billing.processing" = "streaming"

[variant.random-partitions]
"producer.checkout.partitioner" = "random"

[variant.round-robin]
"producer.checkout.partitioner" = "round-robin"

[variant.drops]
"producer.checkout.backpressure" = { drop-newest = { buffer-memory = "8KiB" } }

[variant.token-bucket]
"producer.checkout.backpressure" = { token-bucket = { rate = "60/s", burst = 20 } }

[variant.small-polls]
"group.billing.max-poll-records" = 7
"#;

fn scenario() -> Scenario {
    let mut files = |_: &str| Err("it names no files".to_owned());
    Scenario::parse("same", SCENARIO, &Overrides::default(), &mut files)
        .unwrap_or_else(|found| panic!("{}", render(&found, "same.toml", SCENARIO, false)))
}

/// What a run tells of events and faults.
#[derive(Default)]
struct Heard {
    created: BTreeMap<EventId, Time>,
    /// Key and size.
    what: BTreeMap<EventId, (u32, u32)>,
    /// Worker time of the first try.
    demand: BTreeMap<EventId, Span>,
    faults: Vec<(usize, Time, Option<Span>)>,
    /// In which order effects came.
    order: Vec<EventId>,
    /// Whose effect was told last, until its worker is done with it.
    at_work: Option<EventId>,
}

impl Heard {
    fn of(plan: &Plan, reference: bool, replication: u32) -> Heard {
        let plan = Arc::new(Plan { reference, ..plan.clone() });
        let mut heard = Heard::default();
        let mut world = World::new(&plan, replication, &mut heard);
        let mut looks = 0;
        while world.advance(100_000, &mut heard) {
            looks += 1;
            assert!(looks < 100, "the run does not end");
        }
        heard
    }
    fn hear(&mut self, records: &[Record]) {
        for r in records {
            let before = self.what.insert(r.event, (r.key, r.size));
            assert!(before.is_none_or(|b| b == (r.key, r.size)), "an event stays what it is");
            assert!(self.created[&r.event] == r.created, "a record knows when its event was created");
        }
    }
}

impl Facts for Heard {
    fn created(&mut self, producer: ProducerId, _: TopicId, first: u64, times: &[Time]) {
        self.created.extend((first..).zip(times).map(|(n, at)| (EventId::new(producer, n), *at)));
    }
    fn sent(&mut self, _: ProducerId, _: PartitionId, records: &[Record], _: u32, _: Time) {
        self.hear(records);
    }
    fn shed(&mut self, record: &Record, _: TopicId, _: ShedReason, _: Time) {
        self.hear(&[*record]);
    }
    fn lost_on_the_way(&mut self, records: &[Record], _: TopicId, _: LossCause, _: Time) {
        self.hear(records);
    }
    fn applied(&mut self, _: Reader, _: u64, records: &[Record], _: &[Time], _: How) {
        self.order.extend(records.iter().map(|r| r.event));
        self.at_work = records.last().map(|r| r.event);
    }
    fn done_without(&mut self, _: Reader, _: u64, _: &Record, _: Without, _: Time) {
        self.at_work = None;
    }
    fn finished(&mut self, _: GroupId, records: u64, attempts: u64, busy: Span) {
        let Some(event) = self.at_work.take().filter(|_| records == 1 && attempts == 1) else { return };
        let before = self.demand.insert(event, busy);
        assert!(before.is_none_or(|b| b == busy), "an event that is worked on again takes as long again");
    }
    fn fault(&mut self, index: usize, at: Time, lasts: Option<Span>) {
        self.faults.push((index, at, lasts));
    }
}

/// Values of events that both know must be equal; how many those are.
fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    a: &BTreeMap<EventId, T>,
    b: &BTreeMap<EventId, T>,
) -> usize {
    let both = a.iter().filter_map(|(event, mine)| Some((event, mine, b.get(event)?)));
    both.inspect(|(event, mine, theirs)| assert!(mine == theirs, "{what} of {event:?}: {mine:?}, {theirs:?}"))
        .count()
}

#[test]
fn every_variant_meets_the_same_events_and_faults() {
    let scenario = scenario();
    for replication in 0..2 {
        let base = Heard::of(&scenario.variants[0].plan, true, replication);
        let events = base.created.len();
        assert!(events > 10_000 && base.faults.len() > 4, "{events} events, {} faults", base.faults.len());
        let mut reordered = 0;
        for variant in &scenario.variants[1..] {
            let name = &variant.name;
            let other = Heard::of(&variant.plan, true, replication);
            assert!(base.created == other.created, "{name}: events are created at other moments");
            assert_eq!(base.faults, other.faults, "{name}: faults strike at other moments");
            let known = same(&format!("{name}: key and size"), &base.what, &other.what);
            let worked = same(&format!("{name}: service demand"), &base.demand, &other.demand);
            assert!(known > events / 2 && worked > events / 4, "{name}: {known} and {worked} of {events}");
            reordered += usize::from(base.order != other.order);
        }
        // Otherwise the demands would be the same for want of a difference.
        assert!(reordered >= 9, "effects come in another order in only {reordered} variants");
    }
}

#[test]
fn work_in_batches_meets_the_same_events_and_faults() {
    let scenario = scenario();
    let base = Heard::of(&scenario.variants[0].plan, true, 0);
    for variant in &scenario.variants {
        let batched = Heard::of(&variant.plan, false, 0);
        assert!(base.created == batched.created, "{}", variant.name);
        assert_eq!(base.faults, batched.faults, "{}", variant.name);
        assert!(same(&variant.name, &base.what, &batched.what) > base.created.len() / 2);
    }
}

/// The test above must be able to fail: another replication shares nothing.
#[test]
fn another_replication_meets_others() {
    let plan = &scenario().variants[0].plan;
    let (one, other) = (Heard::of(plan, true, 0), Heard::of(plan, true, 1));
    assert_ne!(one.faults, other.faults);
    let differ = |event: &EventId| one.demand.get(event) != other.demand.get(event);
    let both: Vec<_> = one.demand.keys().filter(|e| other.demand.contains_key(e)).collect();
    assert!(both.iter().filter(|e| differ(e)).count() * 10 > both.len() * 9);
}
