//! After an outage: how long until the backlog is worked off, and what it cost everybody.
//!
//! The fluid limit: an outage of length T at load rho leaves a backlog of lambda T; it is worked off at rate
//! mu - lambda, in T rho / (1 - rho). All events of T / (1 - rho) are late, by T / 2 on average and T at
//! most. Arrivals and services are constant, so what remains of chance is the grain: a record, and a sample.

use super::*;
use laglab::engine::{Dist, Time};
use laglab::model::ids::{BrokerId, GroupId};
use laglab::model::plan::*;

const RATE: f64 = 1000.0;
const OUTAGE: f64 = 30.0;
/// Clients look for a leader after 0.1 s, 0.3 s, 0.7 s, 1.5 s, and then every second: they find one that is back
/// after 30 s at 30.5 s.
const REFRESH: f64 = 0.5;

/// A pipeline at load `rho` in which something stops at 60 s for 30 s.
fn outage(rho: f64, name: &str, target: Target) -> Plan {
    let mut plan = pipeline(RATE, Dist::Constant((rho / RATE * 1e9) as u64), 1, 600);
    plan.producers[0].arrivals = evenly(RATE);
    plan.producers[0].acks = Acks::Leader;
    plan.sample_every = seconds(0.2);
    plan.faults = vec![strike(name, moment(60.0), Some(seconds(OUTAGE)), target)];
    plan
}

/// Holds a run against the fluid limit.
fn assert_drained(rho: f64, outage: f64, record: &RunRecord) {
    let service = rho / RATE;
    // Samples are 50 ms apart; a record more or less takes 1 / (mu - lambda) to drain.
    let grain = 0.05 + 3.0 / (RATE / rho - RATE);
    let near = |what: &str, found: f64, expected: f64, grain: f64| {
        assert!(
            (found - expected).abs() <= grain,
            "{what} at load {rho}: {found}, but theory says {expected} +- {grain}"
        );
    };
    near(
        "time to drain",
        metric(record, "group.sink.drain-time"),
        outage - OUTAGE + outage * rho / (1.0 - rho),
        grain,
    );
    near("longest delay", metric(record, "group.sink.latency.max"), outage + service, 2.0 * service);
    let late = RATE * outage / (1.0 - rho);
    let delays = (metric(record, "group.sink.latency.mean") - service) * metric(record, "group.sink.applied");
    near("delays in all", delays, late * outage / 2.0, late * 2.0 * service);
    assert_eq!(metric(record, "group.sink.duplicates"), 0.0);
    assert_eq!(metric(record, "group.sink.lost"), 0.0);
}

/// A consumer that stands still for less than its session loses nothing but time.
#[test]
fn a_pause_drains_as_a_fluid() {
    for rho in [0.5, 0.8, 0.9] {
        let record = run(&outage(rho, "pause", Target::Consumer(GroupId(0), 0)), 0);
        assert_drained(rho, OUTAGE, &record);
        assert_eq!(metric(&record, "group.sink.rebalances"), 0.0);
        little(&record);
        let lag = metric(&record, "group.sink.lag.max");
        assert!((lag - RATE * OUTAGE).abs() <= 0.05 * RATE + 2.0, "backlog {lag}");
    }
}

/// Without a broker the backlog builds up in the producer instead, and comes at once when it is back.
#[test]
fn a_broker_outage_drains_as_a_fluid() {
    for rho in [0.5, 0.8, 0.9] {
        let record = run(&outage(rho, "broker-outage", Target::Broker(BrokerId(0))), 0);
        assert_drained(rho, OUTAGE + REFRESH, &record);
        little(&record);
        assert_eq!(metric(&record, "producer.source.lost"), 0.0);
    }
}

/// A consumer at `f` of its speed, less than the load asks for: the backlog grows by lambda - f mu and drains
/// by mu - lambda.
#[test]
fn a_slow_consumer_drains_by_what_it_fell_behind() {
    let (rho, f) = (0.8, 0.5);
    let mut plan = outage(rho, "pause", Target::Consumer(GroupId(0), 0));
    plan.faults[0].what = choose(
        laglab::model::fault::MEMBERS,
        "slow",
        &[("factor", laglab::model::catalog::Value::Number(1.0 / f))],
    );
    let record = run(&plan, 0);
    let expected = OUTAGE * (rho - f) / (1.0 - rho);
    let found = metric(&record, "group.sink.drain-time");
    assert!(
        (found - expected).abs() <= 0.05 + 3.0 / (RATE / rho - RATE),
        "{found}, but theory says {expected}"
    );
    little(&record);
}

/// At a load above 1 the lag's age grows by 1 - 1 / rho per second: what is done at time t was created at t /
/// rho.
#[test]
fn overload_ages_the_lag() {
    let (rho, length) = (1.25, 300.0);
    let mut plan = pipeline(RATE, Dist::Constant((rho / RATE * 1e9) as u64), 1, length as u64);
    plan.producers[0].arrivals = evenly(RATE);
    plan.sample_every = seconds(0.2);
    let record = run(&plan, 0);
    let age = record.series.iter().find(|s| s.name == "group.sink.lag-time").expect("every group has one");
    for (i, found) in
        age.value.iter().enumerate().filter(|(i, _)| age.step.0 * (*i as u64 + 1) <= plan.duration.0)
    {
        let at = Time(age.step.0 * (i as u64 + 1));
        let expected = at.since(Time::ZERO).secs() * (1.0 - 1.0 / rho);
        assert!((found - expected).abs() <= 3.0 / RATE, "at {at:?}: {found}, but theory says {expected}");
    }
    let expected = length * (rho - 1.0);
    let found = metric(&record, "group.sink.drain-time");
    assert!((found - expected).abs() <= 3.0 / RATE, "time to drain {found}, but theory says {expected}");
    little(&record);
}

/// Retention forgets what is older than R at each of its looks, which come every c: an outage of length T > R
/// costs what was created in its first T - R, give or take a look, and what is left drains from an age of R.
#[test]
fn retention_cuts_off_what_waited_too_long() {
    let (rho, retention, look) = (0.8, 20.0, 0.5);
    let mut plan = outage(rho, "pause", Target::Consumer(GroupId(0), 0));
    plan.topics[0].retention = Some(seconds(retention));
    plan.cluster.retention_check = seconds(look);
    // Polls of one record: hardly anything is in the consumer's hands.
    plan.groups[0].max_poll_records = 1;
    let record = run(&plan, 0);
    let (most, least) = (RATE * (OUTAGE - retention), RATE * (OUTAGE - retention - look));
    let lost = metric(&record, "group.sink.lost.retention");
    assert!((least - 2.0..=most + 2.0).contains(&lost), "lost {lost}, but theory says {least} to {most}");
    assert_eq!(metric(&record, "group.sink.lost"), lost);
    let drained = metric(&record, "group.sink.drain-time");
    let (most, least) = ((retention + look) * rho / (1.0 - rho), retention * rho / (1.0 - rho));
    let grain = 0.05 + 3.0 / (RATE / rho - RATE);
    assert!(
        (least - grain..=most + grain).contains(&drained),
        "time to drain {drained}, but theory says {least} to {most}"
    );
}
