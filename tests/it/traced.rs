//! What a recording says of an event stays together: the n-th event has the n-th line's key and size, wherever
//! the rest of it comes from.

use laglab::engine::Time;
use laglab::model::fact::Facts;
use laglab::model::ids::{EventId, Offset, PartitionId, ProducerId};
use laglab::model::plan::Plan;
use laglab::model::record::{Batch, Record};
use laglab::model::world::World;
use laglab::scenario::{Overrides, Scenario, render};
use std::collections::BTreeMap;
use std::sync::Arc;

/// More lines than are drawn at a time.
const LINES: u64 = 1500;

/// Moment, key and size of a line; every eleventh has no key.
fn line(n: u64) -> (Time, Option<String>, u32) {
    let key = (!n.is_multiple_of(11)).then(|| format!("customer-{}", n * n % 97));
    (Time(n * 10_000_000), key, 100 + n as u32)
}

fn recording() -> String {
    let lines = (0..LINES).map(|n| {
        let (at, key, size) = line(n);
        format!("{}ms,{},{size}\n", at.0 / 1_000_000, key.unwrap_or_default())
    });
    "at,key,size\n".to_owned() + &lines.collect::<String>()
}

/// A producer with these settings, whose recordings are all the same.
fn plan(settings: &str) -> Plan {
    let text = format!(
        "title = \"Traced\"\nduration = \"20s\"\n[topic.t]\npartitions = 3\n[producer.p]\ntopic = \"t\"\n\
         {settings}\n[group.g]\ntopic = \"t\"\nconsumers = 1\nservice-time = \"1us\"\n"
    );
    let mut files = |_: &str| Ok(recording().into_bytes());
    let read = Scenario::parse("traced", &text, &Overrides::default(), &mut files);
    let scenario = read.unwrap_or_else(|found| panic!("{}", render(&found, "traced", &text, false)));
    scenario.variants[0].plan.clone()
}

#[derive(Default)]
struct Heard(BTreeMap<EventId, Record>);
impl Facts for Heard {
    fn appended(&mut self, _: Offset, batch: &Batch, _: Option<(PartitionId, Offset)>, _: Time) {
        self.0.extend(batch.records.iter().map(|r| (r.event, *r)));
    }
}

/// Moment, key and size of each event of instance `i`, in order.
fn events(plan: &Plan, i: u32) -> Vec<(Time, Option<String>, u32)> {
    let keys = plan.producers[0].keys.build();
    let plan = Arc::new(plan.clone());
    let mut heard = Heard::default();
    let mut world = World::new(&plan, 0, &mut heard);
    while world.advance(100_000, &mut heard) {}
    let own = heard.0.values().filter(|r| r.event.producer() == ProducerId(i));
    own.map(|r| (r.created, (r.key < keys.count()).then(|| keys.name(r.key)), r.size)).collect()
}

#[test]
fn a_recorded_rate_brings_keys_and_sizes_line_by_line() {
    let plan = plan("rate = { trace = \"t.csv\" }\ninstances = 2");
    let expected: Vec<_> = (0..LINES).map(line).collect();
    for i in 0..2 {
        assert_eq!(events(&plan, i), expected, "instance {i}");
    }
}

#[test]
fn keys_from_elsewhere_leave_sizes_in_their_places() {
    let all = events(&plan("rate = { trace = \"t.csv\" }\nkeys = { uniform = { count = 5 } }"), 0);
    assert_eq!(all.len() as u64, LINES);
    for ((at, key, size), n) in all.into_iter().zip(0..) {
        assert_eq!((at, size), (line(n).0, line(n).2), "event {n}");
        assert!(key.is_some_and(|k| k.starts_with("key-")), "event {n}");
    }
}

#[test]
fn sizes_from_elsewhere_leave_keys_in_their_places() {
    let all = events(&plan("rate = { trace = \"t.csv\" }\nsize = \"7B\""), 0);
    for (event, n) in all.into_iter().zip(0..) {
        let (at, key, _) = line(n);
        assert_eq!(event, (at, key, 7), "event {n}");
    }
}

#[test]
fn moments_from_elsewhere_leave_keys_and_sizes_together() {
    let all = events(&plan("rate = \"100/s\"\nkeys = { traced = \"t.csv\" }"), 0);
    assert!(all.len() as u64 > LINES + 100, "{} events", all.len());
    for ((_, key, size), n) in all.into_iter().zip(0..) {
        if n < LINES {
            assert_eq!((key, size), (line(n).1, line(n).2), "event {n}");
        } else {
            assert_eq!(key, None, "event {n} is after the last line");
            assert!((100..100 + LINES as u32).contains(&size), "event {n} has a recorded size: {size}");
        }
    }
}
