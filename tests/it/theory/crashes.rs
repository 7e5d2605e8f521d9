//! What a crash costs: records done twice, records never done, time until somebody notices.
//!
//! A consumer with a backlog works through one record per service time, so what is done between a commit and
//! a crash is known to the record; the mean over crashes spread evenly over a commit period is then the
//! formula's, up to the half record by which whole records fall short of a fluid.

use super::*;
use laglab::engine::{Dist, Time};
use laglab::model::ids::GroupId;
use laglab::model::plan::*;

/// Seconds per record.
const SERVICE: f64 = 1e-3;
/// Crashes per period.
const CRASHES: usize = 150;

/// A consumer at 1000 records per second with 20000 of them before it.
fn worker(batch: u32, commit: Commit) -> Plan {
    let mut plan = pipeline(1.0, Dist::Constant((SERVICE * 1e9) as u64), 1, 1);
    backlog(&mut plan, 20_000, Time::ZERO);
    let group = &mut plan.groups[0];
    group.max_poll_records = batch;
    group.commit = commit;
    group.session_timeout = seconds(10.0);
    if commit == Commit::Before {
        group.delivery = Delivery::AtMostOnce;
    }
    plan
}

/// The plan with a crash of its one consumer, which is started again a second later.
fn crashing(mut plan: Plan, at: f64) -> Plan {
    let who = Target::Consumer(GroupId(0), 0);
    plan.faults = vec![strike("crash", moment(at), Some(seconds(1.0)), who)];
    plan
}

/// Crashes spread evenly over the third period, never at the moment a record is done: how many records were
/// done since the period's beginning, and what came of it.
fn spread_over(period: f64, plan: &Plan) -> Vec<(f64, RunRecord)> {
    let within = chances("crashes", CRASHES);
    let crash = |(k, u): (usize, &f64)| {
        let since = (k as f64 + u.clamp(0.01, 0.99)) / CRASHES as f64 * period;
        let done = libm::floor(since / SERVICE);
        // In the middle of a record, whichever it is.
        (done, run(&crashing(plan.clone(), 2.0 * period + (done + 0.5) * SERVICE), 0))
    };
    within.iter().enumerate().map(crash).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Crashes come at one stratum after the other, so their mean phase is off by half a stratum at most; and
/// whole records fall short of a fluid by up to one.
fn assert_mean(what: &str, found: f64, expected: f64, period: f64) {
    let grain = period / SERVICE / (2.0 * CRASHES as f64) + 1.0;
    assert!((found - expected).abs() <= grain, "{what}: {found}, but theory says {expected} +- {grain}");
}

/// Automatic commits happen inside poll(), so the period is the first multiple of a poll's length p that
/// reaches the interval tau: P = p ceil(tau / p). A crash repeats rate * P / 2 on average (renewal reward;
/// Ross, Stochastic Processes, section 3.6).
#[test]
fn automatic_commits_repeat_half_a_period() {
    for (batch, period, expected) in [(700, 5.6, 2800.0), (100, 5.0, 2500.0)] {
        let plan = worker(batch, Commit::Auto(seconds(5.0)));
        let found = spread_over(period, &plan);
        for (done, record) in &found {
            assert_eq!(metric(record, "group.sink.duplicates"), *done, "one poll takes {batch}");
            assert_eq!(metric(record, "group.sink.duplicates.crash-before-commit"), *done);
            assert_eq!(metric(record, "group.sink.lost"), 0.0);
            little(record);
        }
        let mean = mean(found.iter().map(|(_, r)| metric(r, "group.sink.duplicates")));
        assert_mean("duplicates per crash", mean, expected, period);
    }
}

/// With a commit after every poll's n records: n / 2.
#[test]
fn commits_after_each_batch_repeat_half_a_batch() {
    let (n, period) = (400, 0.4);
    let found = spread_over(period, &worker(n, Commit::AfterBatch));
    for (done, record) in &found {
        assert_eq!(metric(record, "group.sink.duplicates"), *done);
        little(record);
    }
    let mean = mean(found.iter().map(|(_, r)| metric(r, "group.sink.duplicates")));
    assert_mean("duplicates per crash", mean, f64::from(n) / 2.0, period);
}

/// With a commit after every record, nothing is repeated but the record in work, which had no effect yet.
#[test]
fn commits_after_each_record_repeat_nothing() {
    for (_, record) in spread_over(0.4, &worker(400, Commit::AfterRecord)).iter().take(10) {
        assert_eq!(metric(record, "group.sink.duplicates"), 0.0);
        assert_eq!(metric(record, "group.sink.lost"), 0.0);
        little(record);
    }
}

/// At most once: what was polled and is not done is lost, n / 2 on average.
#[test]
fn commits_before_the_work_lose_half_a_batch() {
    let (n, period) = (400, 0.4);
    let found = spread_over(period, &worker(n, Commit::Before));
    for (done, record) in &found {
        assert_eq!(metric(record, "group.sink.lost.committed-before-effect"), f64::from(n) - done);
        assert_eq!(metric(record, "group.sink.lost"), f64::from(n) - done);
        assert_eq!(metric(record, "group.sink.duplicates"), 0.0);
    }
    let mean = mean(found.iter().map(|(_, r)| metric(r, "group.sink.lost")));
    assert_mean("losses per crash", mean, f64::from(n) / 2.0, period);
}

/// Ten records a second, and a crash at a random moment between two heartbeats; the takeover of each.
fn takeovers(commit: Commit) -> Vec<f64> {
    let mut plan = pipeline(10.0, Dist::Constant(1_000_000), 1, 110);
    plan.producers[0].arrivals = evenly(10.0);
    plan.groups[0].commit = commit;
    let crash = |u: &f64| {
        let record = run(&crashing(plan.clone(), 60.0 + 3.0 * u), 0);
        little(&record);
        metric(&record, "group.sink.takeover")
    };
    chances("heartbeats", 200).iter().map(crash).collect()
}

/// A session of 45 s begins anew with each heartbeat, every 3 s, so a crash is noticed after 42 to 45 s, 43.5
/// s on average (KIP-62; the consumer commits rarely). The successor waits in the group already.
#[test]
fn a_crash_is_noticed_a_session_after_the_last_heartbeat() {
    let found = takeovers(Commit::Auto(seconds(3600.0)));
    assert!(found.iter().all(|t| (42.0..=45.0).contains(t)), "{found:?}");
    agree("takeover", &found, 43.5, 0.01);
}

/// A commit, too, begins the session anew, as on a real broker: here one every 0.1 s.
#[test]
fn a_crash_is_noticed_a_session_after_the_last_commit() {
    let found = takeovers(Commit::AfterBatch);
    assert!(found.iter().all(|t| (44.9..=45.0).contains(t)), "{found:?}");
    agree("takeover", &found, 44.95, 0.001);
}
