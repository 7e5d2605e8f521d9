//! What transactions cost those who wait for them: a part of the commit interval, and a fixed time per
//! transaction.

use super::*;
use laglab::engine::{Dist, Span};
use laglab::model::plan::*;

/// A transactional producer of `rate` per second on the first of three brokers, so far apart; and a consumer that
/// takes no time and reads only what is committed.
fn transactions(rate: f64, interval: f64, apart: f64, length: u64) -> Plan {
    let mut plan = pipeline(rate, Dist::ZERO, 1, length);
    plan.cluster.brokers = 3;
    plan.cluster.replication.delay = Dist::Constant(seconds(apart).0);
    let producer = &mut plan.producers[0];
    producer.acks = Acks::All;
    producer.idempotence = true;
    producer.transactional =
        Some(TransactionPlan { commit_interval: seconds(interval), timeout: Span::from_secs(60) });
    plan.groups[0].isolation = Isolation::ReadCommitted;
    plan
}

/// The first record of a transaction waits the whole interval T, those that join it half of it on average,
/// lambda T of them: (T + lambda T T/2) / (1 + lambda T).
#[test]
fn a_transaction_waits_for_its_interval() {
    let interval = 0.1;
    for company in [0.5, 5.0, 50.0] {
        let records = runs(&transactions(company / interval, interval, 0.0, 200), 16);
        let wait = interval * (1.0 + company / 2.0) / (1.0 + company);
        agree("latency", &metrics(&records, "group.sink.latency.mean"), wait, 0.02);
    }
}

/// The decision takes a fetch of the replicas and the next one, and the marker one way more: M = 3 delays. Nothing
/// is sent meanwhile. With so many records that the next transaction begins at once, a cycle is T + M long. A
/// record of its first part waits for the rest of that and for M; one of its second part for the rest of that, and
/// for a whole cycle: ((T/2 + M) T + (M/2 + T + M) M) / (T + M) = T/2 + 3M/2.
#[test]
fn the_decision_and_the_markers_come_on_top() {
    let (interval, apart) = (0.1, 5e-3);
    let records = runs(&transactions(2000.0, interval, apart, 20), 16);
    let marker = 3.0 * apart;
    let wait = interval / 2.0 + 1.5 * marker;
    agree("latency", &metrics(&records, "group.sink.latency.mean"), wait, 0.01);
    let cycles = 20.0 / (interval + marker);
    for record in &records {
        let ended = metric(record, "producer.source.transactions");
        // The first begins with the first record, and the last may end after the workload.
        assert!((ended - cycles).abs() <= 1.5, "{ended} transactions, but theory says {cycles}");
    }
}

/// Who does not wait for them sees nothing of all this but the pauses in between.
#[test]
fn others_do_not_wait() {
    let mut plan = transactions(100.0, 0.1, 0.0, 20);
    plan.groups[0].isolation = Isolation::ReadUncommitted;
    assert_eq!(metric(&run(&plan, 0), "group.sink.latency.max"), 0.0);
}
