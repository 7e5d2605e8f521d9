//! Consumers whose workers are never idle: what they commit meanwhile, and how they leave.

use crate::support::*;
use laglab::engine::{Dist, Time};
use laglab::model::ids::GroupId;
use laglab::model::plan::*;

/// Ten records a second, a third of a second each: three or four are in work at any time.
fn busy(fault: &str, lasts: Option<f64>) -> Plan {
    let mut plan = pipeline(10.0, Dist::Constant(330_000_000), 1, 20);
    plan.producers[0].arrivals = evenly(10.0);
    let group = &mut plan.groups[0];
    group.processing = Processing::Streaming;
    group.concurrency = 10;
    group.commit = Commit::AfterBatch;
    group.session_timeout = seconds(6.0);
    let target = Target::Consumer(GroupId(0), 0);
    plan.faults = vec![strike(fault, Time::ZERO + seconds(10.05), lasts.map(seconds), target)];
    plan
}

/// Each poll returned one record, so what is done is committed although others are in work: a crash repeats nothing.
#[test]
fn a_batch_is_committed_when_it_is_done() {
    let record = run(&busy("crash", Some(1.0)), 0);
    assert_eq!(metric(&record, "group.sink.duplicates"), 0.0);
    assert!(metric(&record, "group.sink.extra-deliveries") <= 4.0);
    assert_eq!(metric(&record, "group.sink.lost"), 0.0);
}

#[test]
fn who_leaves_finishes_its_work() {
    let record = run(&busy("leave", Some(1.0)), 0);
    assert_eq!(metric(&record, "group.sink.extra-deliveries"), 0.0);
    assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
}

/// A rebalance takes the partition away and gives it back while records of it are in work. Whatever is committed
/// then, nothing is lost when the consumer dies.
#[test]
fn a_partition_got_back_is_not_committed_ahead() {
    for crash in [12.05, 12.55, 13.05, 14.05] {
        let mut plan = busy("crash", Some(1.0));
        plan.groups[0].consumers = 2;
        plan.groups[0].formed = false;
        plan.groups[0].start_spacing = seconds(8.0);
        plan.faults[0].when = When::At(vec![moment(crash)]);
        let record = run(&plan, 0);
        assert_eq!(metric(&record, "group.sink.lost"), 0.0);
        assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
    }
}
