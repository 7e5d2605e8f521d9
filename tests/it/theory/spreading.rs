//! Events without keys: where the producer's own batches wait, fewer are put (KIP-794).

use super::*;
use laglab::engine::{Dist, Span, Time};
use laglab::experiment::results::RunRecord;
use laglab::model::catalog::Value;
use laglab::model::ids::BrokerId;
use laglab::model::plan::*;
use laglab::model::{fault, keys, partitioning};

/// Two brokers with a partition each; a request takes one of them 1 ms and the other 40 ms. A batch takes ten
/// events, and 60 of them come in a second.
fn beside_a_slow_broker(adaptive: bool) -> RunRecord {
    let mut plan = pipeline(600.0, Dist::ZERO, 2, 60);
    plan.cluster.brokers = 2;
    plan.cluster.request_cost = Dist::Constant(1_000_000);
    let p = &mut plan.producers[0];
    p.keys = choose(keys::MEMBERS, "none", &[]);
    p.partitioner = choose(partitioning::MEMBERS, "default", &[("adaptive", Value::Flag(adaptive))]);
    (p.acks, p.linger, p.batch_size, p.max_in_flight) = (Acks::All, Span::from_secs(1), 1_000, 1);
    p.max_request_size = 1_000;
    // No fetch takes the brokers' time.
    (plan.groups[0].fetch_min_bytes, plan.groups[0].fetch_max_wait) = (1 << 30, Span::from_secs(600));
    let mut slow = strike("broker-slow", Time::ZERO, None, Target::Broker(BrokerId(1)));
    slow.what = choose(fault::MEMBERS, "broker-slow", &[("factor", Value::Number(40.0))]);
    plan.faults = vec![slow];
    run(&plan, 0)
}

/// The slow one takes at most 25 requests of a batch in a second. With half of all batches its queue grows by 5 in a
/// second: 1500 events in 60 s, and those of the last second wait half as long as it takes to send them, 6 s. With
/// fewer, the longer the queue, the queue stays short.
#[test]
fn a_slow_broker_gets_what_it_can_take() {
    let (plain, adaptive) = (beside_a_slow_broker(false), beside_a_slow_broker(true));
    let wait = |record: &RunRecord| metric(record, "producer.source.batch.wait");
    assert!((2.0..4.0).contains(&wait(&plain)), "{}", wait(&plain));
    assert!(wait(&adaptive) < wait(&plain) / 5.0, "{} and {}", wait(&adaptive), wait(&plain));
    for record in [&plain, &adaptive] {
        assert_eq!(metric(record, "topic.work.appended"), metric(record, "producer.source.created"));
    }
}
