//! Compaction against a plain table: who reads late sees of each key the latest record, whatever else is gone.

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
}

impl Facts for Table {
    fn appended(&mut self, base: Offset, batch: &Batch, _: Option<Offset>, _: Time) {
        self.written += batch.records.len() as u64;
        self.latest.extend(batch.records.iter().zip(base..).map(|(r, at)| ((batch.partition, r.key), at)));
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], _: Time) {
        self.seen.extend((from..).take(records.len()).map(|at| (who.partition, at)));
    }
    fn expired(&mut self, _: GroupId, _: PartitionId, _: Offset, records: &[Record], _: Time) {
        self.passed += records.len() as u64;
    }
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
    let compacted = run(&plan, 0);
    plan.topics[0].compaction = None;
    let whole = run(&plan, 0);
    let requests = |record: &RunRecord| metric(record, "broker.0.requests");
    assert!(requests(&compacted) < requests(&whole), "{} and {}", requests(&compacted), requests(&whole));
    assert!(metric(&compacted, "topic.work.compacted") > 4_000.0);
    assert_eq!(metric(&whole, "group.sink.expired"), 0.0);
}
