//! Idempotence: five unfinished batches per partition, each recognised by the broker however often it comes.
//!
//! Kafka's ProducerStateEntry remembers five batches, and an idempotent producer has at most five on a connection,
//! whose answers come in the order of its requests.

use super::*;
use crate::laws::Laws;
use laglab::engine::{Dist, Span};
use laglab::model::catalog::Value;
use laglab::model::fault;
use laglab::model::ids::ProducerId;
use laglab::model::plan::*;

fn idempotent(rate: f64, seconds: u64) -> Plan {
    let mut plan = pipeline(rate, Dist::Constant(1_000_000), 1, seconds);
    plan.producers[0].arrivals = evenly(rate);
    plan.producers[0].acks = Acks::All;
    plan.producers[0].idempotence = true;
    plan
}

/// An event every 0.1 s, each a batch. The answer of that of 1 s is lost: those of 1.1 to 1.4 s follow, and that of
/// 1.5 s waits until the first has been sent again, 1 s of time-out and 0.1 s of backoff later, give or take its
/// jitter. So six of them (or seven, with more than 0.1 s of backoff) wait, the first for 0.6 s.
#[test]
fn a_lost_answer_holds_up_what_comes_after_the_fifth() {
    let mut plan = idempotent(10.0, 5);
    plan.producers[0].request_timeout = Span::from_secs(1);
    let all = Target::Producers { first: ProducerId(0), count: 1 };
    let mut cut = strike("network-cut", moment(0.95), Some(Span::millis(100)), all);
    cut.what = choose(fault::MEMBERS, "network-cut", &[("way", Value::Text("back".into()))]);
    plan.faults = vec![cut];
    let record = run(&plan, 0);
    assert_eq!(metric(&record, "producer.source.retries"), 1.0);
    assert_eq!(metric(&record, "producer.source.extra-appends"), 0.0);
    assert_eq!(metric(&record, "group.sink.order-violations"), 0.0);
    let longest = metric(&record, "group.sink.latency.max");
    assert!((0.58..0.63).contains(&longest), "{longest}");
    let waited = metric(&record, "producer.source.batch.wait") * 50.0;
    let all: f64 = (0..7).map(|i| (longest - 0.001 - 0.1 * f64::from(i)).max(0.0)).sum();
    assert!((waited - all).abs() < 1e-6, "{waited} and {all}");
}

/// Half of all messages are lost, so that batches are given up and numbers begin anew: still nothing is there twice,
/// or out of order.
#[test]
fn numbers_keep_order_and_copies_out_whatever_is_lost() {
    for seed in 0..20 {
        let mut plan = idempotent(50.0, 30);
        plan.seed = seed;
        let p = &mut plan.producers[0];
        (p.wire.out, p.wire.back) = (Dist::Constant(20_000_000), Dist::Constant(20_000_000));
        (p.wire.loss, p.wire.back_loss) = (0.3, 0.3);
        p.request_timeout = Span::millis(200);
        p.delivery_timeout = Span::millis(1_500);
        let record = run(&plan, 0);
        assert!(metric(&record, "group.sink.lost.producer-gave-up") > 0.0);
        assert!(metric(&record, "group.sink.applied") > 50.0);
        assert_eq!(metric(&record, "producer.source.extra-appends"), 0.0);
        assert_eq!(Laws::broken_by(&plan), Vec::<String>::new());
    }
}
