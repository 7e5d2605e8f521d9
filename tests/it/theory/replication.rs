//! Leaders, followers and the controller: how long acks=all waits, what acks=1 loses, and when a dead broker is
//! missed.
//!
//! A follower has one fetch on its way at a time. With a one-way delay of d between brokers it is answered every
//! 2 d, and what is answered is stored d later: a record waits for d on average until it is fetched, and then d
//! until it is stored. So a leader that dies takes with it rate times 2 d of what it acknowledged alone.

use super::*;
use laglab::engine::{Dist, Span};
use laglab::model::catalog::Value;
use laglab::model::cause::LossCause;
use laglab::model::fault;
use laglab::model::ids::BrokerId;
use laglab::model::plan::*;

/// One partition on two brokers that are `delay` apart, with what a producer sends at once and alone.
fn pair(rate: f64, delay: f64, acks: Acks, seconds: u64) -> Plan {
    let mut plan = pipeline(rate, Dist::ZERO, 1, seconds);
    plan.cluster.brokers = 2;
    plan.cluster.failover = None;
    plan.cluster.replication.delay = Dist::Constant((delay * 1e9) as u64);
    plan.topics[0].replication_factor = 2;
    let producer = &mut plan.producers[0];
    (producer.acks, producer.linger) = (acks, Span::ZERO);
    // More than five on their way, so without idempotence.
    (producer.idempotence, producer.max_in_flight) = (false, 1_000);
    plan
}

/// A fetch waits at the leader: the record goes at once, d, and the next fetch says that it is stored, d.
#[test]
fn acks_all_waits_for_the_followers_next_fetch() {
    let delay = 0.004;
    let mut plan = pair(10.0, delay, Acks::All, 20);
    plan.producers[0].arrivals = evenly(10.0);
    let record = run(&plan, 0);
    let found = metric(&record, "producer.source.ack-latency.mean");
    assert!((found - 2.0 * delay).abs() < 1e-9, "{found}");
    // Readers see it no sooner.
    let latency = metric(&record, "group.sink.latency.mean");
    assert!((latency - 2.0 * delay).abs() < 1e-9, "{latency}");
}

/// With so much to fetch that none waits, it is up to twice that: d more on average.
#[test]
fn a_busy_follower_adds_half_a_round() {
    let delay = 0.004;
    let waits: Vec<f64> = (0..8)
        .map(|r| metric(&run(&pair(5_000.0, delay, Acks::All, 10), r), "producer.source.ack-latency.mean"))
        .collect();
    agree("time until all have it", &waits, 3.0 * delay, 0.02);
}

/// E[lost] = rate times the mean time from the leader's append to the follower's (Kafka acknowledges with
/// acks=1 what only the leader has).
#[test]
fn acks_one_loses_what_was_on_its_way_to_the_follower() {
    let (rate, delay, crashes) = (5_000.0, 0.010, 48);
    let lost: Vec<f64> = (0..crashes)
        .map(|i| {
            let mut plan = pair(rate, delay, Acks::Leader, 4);
            // All phases of a fetch are hit alike.
            let at = 2.0 + 2.0 * delay * (f64::from(i) + 0.5) / f64::from(crashes);
            plan.faults =
                vec![strike("broker-outage", moment(at), Some(seconds(1.0)), Target::Broker(BrokerId(0)))];
            let record = run(&plan, i);
            metric(&record, &format!("group.sink.lost.{}", LossCause::NotReplicated.name()))
        })
        .collect();
    agree("acknowledged records that a crash takes", &lost, rate * 2.0 * delay, 0.3);
}

/// The session lasts 9 s from the last heartbeat, which is up to 2 s ago: 8 s on average, 7 to 9 s.
#[test]
fn a_dead_broker_is_missed_after_its_session() {
    let gaps: Vec<f64> = (0..60)
        .map(|r| {
            let mut plan = pair(1.0, 0.001, Acks::All, 40);
            plan.faults = vec![strike("broker-outage", moment(10.0), None, Target::Broker(BrokerId(0)))];
            metric(&run(&plan, r), "topic.work.offline")
        })
        .collect();
    assert!(gaps.iter().all(|gap| (7.0..=9.0).contains(gap)), "{gaps:?}");
    agree("time without a leader", &gaps, 8.0, 0.05);
}

/// The leader is isolated for a moment in which nothing is sent: its follower fetches again when there is something.
#[test]
fn an_idle_link_that_broke_is_mended() {
    let mut plan = pair(1.0, 0.004, Acks::All, 120);
    plan.producers[0].arrivals = evenly(1.0);
    plan.topics[0].min_insync = 2;
    let mut isolation =
        strike("broker-isolation", moment(30.3), Some(seconds(0.1)), Target::Broker(BrokerId(0)));
    let all = ("out-of-reach", Value::Text("brokers-and-controller".into()));
    isolation.what = choose(fault::MEMBERS, "broker-isolation", &[all]);
    plan.faults = vec![isolation];
    let record = run(&plan, 0);
    assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
    assert!(metric(&record, "group.sink.latency.max") < 1.0);
}
