//! Compaction against a plain table: who reads late sees of each key the latest record, whatever else is gone. And
//! against what is known of it: how much is left, when it is cleaned, and who misses nothing.

use super::*;
use laglab::engine::{Dist, Span, Time};
use laglab::model::catalog::Value;
use laglab::model::fact::{Facts, Reader};
use laglab::model::ids::{GroupId, Offset, PartitionId};
use laglab::model::keys;
use laglab::model::plan::*;
use laglab::model::record::{Batch, Record};
use laglab::model::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is written, and what is seen of it.
#[derive(Default)]
struct Table {
    latest: BTreeMap<(PartitionId, u32), Offset>,
    written: u64,
    seen: BTreeSet<(PartitionId, Offset)>,
    passed: u64,
    cleaned: Vec<Time>,
}

impl Facts for Table {
    fn appended(&mut self, base: Offset, batch: &Batch, _: Option<(PartitionId, Offset)>, _: Time) {
        self.written += batch.records.len() as u64;
        self.latest.extend(batch.records.iter().zip(base..).map(|(r, at)| ((batch.partition, r.key), at)));
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], _: Time) {
        self.seen.extend((from..).take(records.len()).map(|at| (who.partition, at)));
    }
    fn expired(&mut self, _: GroupId, _: PartitionId, _: Offset, records: &[Record], _: Time) {
        self.passed += records.len() as u64;
    }
    fn compacted(&mut self, _: PartitionId, _: u64, at: Time) {
        self.cleaned.push(at);
    }
}

/// 50 events a second, of so many keys, for so long; every event is a segment, and a consumer has each in 0.1 ms.
fn by_the_segment(keys: u64, length: u64, dirty_share: f64) -> Plan {
    let mut plan = pipeline(50.0, Dist::Constant(100_000), 1, length);
    plan.topics[0].segment_bytes = 1;
    plan.topics[0].compaction = Some(CompactionRules {
        dirty_share,
        least_lag: Span::ZERO,
        most_lag: None,
        keep_deletes: Span::ZERO,
    });
    let given = [("count", Value::Count(keys)), ("prefix", Value::Text("key-".into()))];
    plan.producers[0].keys = choose(keys::MEMBERS, "uniform", &given);
    plan.producers[0].arrivals = evenly(50.0);
    plan
}
fn paused(from: f64, seconds: u64) -> FaultPlan {
    strike("pause", moment(from), Some(Span::from_secs(seconds)), Target::Consumer(GroupId(0), 0))
}

/// A consumer that stands still for most of the time, over no wire and over one.
fn late(seed: u64, delay: Dist) -> Plan {
    let mut plan = pipeline(200.0, Dist::Constant(100_000), 2, 30);
    plan.seed = seed;
    plan.cluster.cleaner_backoff = Span::from_secs(1);
    plan.topics[0].segment_bytes = 5_000;
    plan.topics[0].compaction = Some(CompactionRules {
        dirty_share: 0.3,
        least_lag: Span::ZERO,
        most_lag: None,
        keep_deletes: Span::ZERO,
    });
    let given = [("count", Value::Count(40)), ("prefix", Value::Text("key-".into()))];
    plan.producers[0].keys = choose(keys::MEMBERS, "uniform", &given);
    (plan.producers[0].linger, plan.producers[0].acks) = (Span::millis(50), Acks::All);
    (plan.groups[0].wire.out, plan.groups[0].wire.back) = (delay.clone(), delay);
    let consumer = Target::Consumer(GroupId(0), 0);
    plan.faults = vec![strike("pause", moment(0.5), Some(Span::from_secs(28)), consumer)];
    plan
}

#[test]
fn a_late_reader_sees_the_latest_of_every_key() {
    for seed in 0..10 {
        for delay in [Dist::ZERO, Dist::Constant(5_000_000)] {
            let mut table = Table::default();
            let plan = Arc::new(late(seed, delay));
            let mut world = World::new(&plan, 0, &mut table);
            while world.advance(100_000, &mut table) {}
            assert_eq!(table.seen.len() as u64 + table.passed, table.written);
            // Some 5600 were written while it stood still; 40 keys are kept, and what was not cleaned yet.
            assert!(table.passed > 4_000, "{}", table.passed);
            for ((partition, key), at) in &table.latest {
                assert!(table.seen.contains(&(*partition, *at)), "{partition:?} {key}");
            }
        }
    }
}

/// Fetches bring what is left, and no more of it than they may.
#[test]
fn a_compacted_log_is_read_in_fewer_fetches() {
    let mut plan = late(1, Dist::Constant(5_000_000));
    plan.groups[0].max_partition_fetch_bytes = 2_000;
    // Requests that cost nothing are not counted one by one.
    plan.cluster.request_cost = Dist::Constant(1_000);
    let compacted = run(&plan, 0);
    plan.topics[0].compaction = None;
    let whole = run(&plan, 0);
    let requests = |record: &RunRecord| metric(record, "broker.0.requests");
    assert!(requests(&compacted) < requests(&whole), "{} and {}", requests(&compacted), requests(&whole));
    assert!(metric(&compacted, "topic.work.compacted") > 4_000.0);
    assert_eq!(metric(&whole, "group.sink.expired"), 0.0);
}

/// At 10.01 s there are 501 events, the last in the active segment. Of the 500 before it as many are left as they have
/// keys: of `k` keys, all alike, each is among them with probability 1 - (1 - 1/k)^500.
#[test]
fn a_record_is_left_of_every_key() {
    let keys = 200;
    let mut plan = by_the_segment(keys, 15, 0.0);
    plan.cluster.cleaner_backoff = Span::millis(10_010);
    plan.faults = vec![paused(0.005, 14)];
    let all = runs(&plan, 100);
    let left = keys as f64 * (1.0 - libm::pow(1.0 - 1.0 / keys as f64, 500.0));
    agree("removed records", &metrics(&all, "topic.work.compacted"), 500.0 - left, 0.01);
    for record in &all {
        let [created, applied, expired] =
            ["created", "applied", "expired"].map(|name| metric(record, &format!("group.sink.{name}")));
        // The consumer had the first event before it stood still, and missed what was removed of the others.
        let removed = metric(record, "topic.work.compacted");
        assert!(expired == removed || expired + 1.0 == removed, "{expired} of {removed}");
        assert_eq!(applied + expired, created);
    }
}

/// Ten keys are clean, and every second 50 records more are dirty. More than a share `r` of all is dirty as soon as
/// there are more than 10 r / (1 - r) of them: 10 with a half, 90 with nine tenths, 190 with 95 %.
#[test]
fn it_is_cleaned_when_the_dirty_share_is_exceeded() {
    for (share, seconds) in [(0.5, 1), (0.9, 2), (0.95, 4)] {
        let mut plan = by_the_segment(10, 40, share);
        plan.cluster.cleaner_backoff = Span::from_secs(1);
        let mut table = Table::default();
        let plan = Arc::new(plan);
        let mut world = World::new(&plan, 0, &mut table);
        while world.advance(100_000, &mut table) {}
        assert!(table.cleaned.len() > 8, "{:?}", table.cleaned);
        assert!(
            table.cleaned.windows(2).all(|w| w[1].since(w[0]) == Span::from_secs(seconds)),
            "{share}: {:?}",
            table.cleaned
        );
        // Nobody stood still, so nobody missed anything.
        assert_eq!((table.passed, table.seen.len() as u64), (0, table.written));
    }
}

/// Kafka's `min.compaction.lag.ms` promises every record to all who are never further behind.
#[test]
fn who_is_less_behind_than_the_least_lag_sees_everything() {
    for (lag, misses) in [(0, true), (5, false)] {
        let mut plan = by_the_segment(10, 30, 0.0);
        plan.cluster.cleaner_backoff = Span::millis(700);
        plan.topics[0].compaction.as_mut().expect("it is compacted").least_lag = Span::from_secs(lag);
        plan.faults = vec![paused(10.005, 4)];
        let record = run(&plan, 0);
        assert_eq!(metric(&record, "group.sink.expired") > 0.0, misses, "{lag} s");
        assert!(metric(&record, "topic.work.compacted") > 1_000.0);
    }
}

/// A broker that is away for longer than it is missed: another leads in what was left, and readers go on in it.
#[test]
fn what_is_left_outlives_its_leader() {
    let mut plan = late(3, Dist::Constant(5_000_000));
    plan.cluster.brokers = 3;
    plan.cluster.replication.delay = Dist::Constant(1_000_000);
    (plan.topics[0].replication_factor, plan.topics[0].min_insync) = (3, 2);
    let leader = Target::Broker(laglab::model::ids::BrokerId(0));
    plan.faults.push(strike("broker-outage", moment(15.0), Some(Span::from_secs(12)), leader));
    let mut table = Table::default();
    let plan = Arc::new(plan);
    let mut world = World::new(&plan, 0, &mut table);
    while world.advance(100_000, &mut table) {}
    assert!(table.passed > 3_000, "{}", table.passed);
    for ((partition, key), at) in &table.latest {
        assert!(table.seen.contains(&(*partition, *at)), "{partition:?} {key}");
    }
}
