//! Stages: what one group makes of its records goes to another topic. Whatever fails at whatever moment, with
//! transactions every output counts once; and what that costs those who wait for it.

use super::*;
use laglab::engine::{Dist, Span};
use laglab::experiment::results::RunRecord;
use laglab::model::arrivals;
use laglab::model::catalog::Value;
use laglab::model::ids::{GroupId, TopicId};
use laglab::model::plan::*;

/// Twelve events in 1.2 s; two consumers of three records at a time, each a millisecond away from whomever they speak
/// to, make something of them; and one reads that.
fn stage(interval: Option<Span>) -> Plan {
    let transactions = interval.is_some();
    let mut plan = pipeline(10.0, Dist::Constant(7_000_000), 2, 10);
    plan.duration = seconds(1.2);
    plan.cluster.brokers = 3;
    plan.cluster.replication.delay = Dist::Constant(500_000);
    let near = Dist::Constant(1_000_000);
    let given = [("value", Value::Number(10.0)), ("phase", Value::Number(0.0))];
    plan.producers[0].arrivals = choose(arrivals::MEMBERS, "constant", &given);
    plan.topics.push(TopicPlan {
        name: "result".into(),
        replication_factor: 3,
        min_insync: 2,
        ..plan.topics[0].clone()
    });

    let mut made = plan.producers[0].clone();
    (made.name, made.topic, made.from, made.instances) = ("made".into(), TopicId(1), Some(GroupId(0)), 2);
    made.arrivals = choose(arrivals::MEMBERS, "output-of", &[("value", Value::Text("sink".into()))]);
    (made.acks, made.idempotence) = (Acks::All, true);
    (made.wire.out, made.wire.back) = (near.clone(), near.clone());
    made.transactional =
        interval.map(|commit_interval| TransactionPlan { commit_interval, timeout: Span::from_secs(60) });
    plan.producers.push(made);

    let reader = GroupPlan {
        name: "reader".into(),
        topics: vec![TopicId(1)],
        isolation: if transactions { Isolation::ReadCommitted } else { Isolation::ReadUncommitted },
        ..plan.groups[0].clone()
    };
    plan.groups.push(reader);
    let group = &mut plan.groups[0];
    (group.consumers, group.max_poll_records, group.commit) = (2, 3, Commit::AfterBatch);
    (group.session_timeout, group.heartbeat) = (seconds(0.3), seconds(0.1));
    (group.wire.out, group.wire.back) = (near.clone(), near);
    plan
}

/// A consumer of the stage dies at one moment and the other one stands still, for longer than its session, at another:
/// all of 24 times 24 in 60 ms of work, before, between and after a batch's sends, its commit, its markers and the
/// rebalance. Without transactions some outputs are there twice; with them each counts once, whether a transaction is
/// a batch or several.
#[test]
fn whoever_stops_at_whatever_moment_every_output_counts_once() {
    let mut twice = [0.0; 3];
    for (mode, interval) in [None, Some(Span::ZERO), Some(Span::millis(130))].into_iter().enumerate() {
        for (death, pause) in (0..24).flat_map(|d| (0..24).map(move |p| (d, p))) {
            let at = |n: i32| moment(0.498 + 0.0025 * f64::from(n));
            let mut plan = stage(interval);
            let mut crash = strike("crash", at(death), Some(seconds(0.2)), Target::Consumer(GroupId(0), 0));
            crash.label = "dies".into();
            let pause = strike("pause", at(pause), Some(seconds(0.6)), Target::Consumer(GroupId(0), 1));
            plan.faults = vec![crash, pause];
            let record = run(&plan, 0);
            let what = |name: &str| metric(&record, &format!("group.reader.{name}"));
            assert_eq!((what("lost"), what("applied")), (0.0, what("created")), "{death} {interval:?}");
            assert_eq!(what("created"), 12.0);
            twice[mode] += what("duplicates");
        }
    }
    assert!(twice[0] > 100.0, "{}", twice[0]);
    assert_eq!(twice[1..], [0.0; 2]);
}

/// Nobody fails: whoever waits for commits waits for the rest of the batch, for the offer of its positions and the
/// commit (a way there and back each), for what is written to the other brokers (twice there and back), and for the
/// marker on its way; the others for nothing of that.
#[test]
fn a_stage_in_transactions_costs_two_rounds_more() {
    let latency = |interval| -> RunRecord {
        let mut plan = stage(interval);
        // Each record is a batch of its own, and done before the next comes.
        plan.groups[0].max_poll_records = 1;
        run(&plan, 0)
    };
    let mean = |r: &RunRecord| metric(r, "group.reader.latency.mean");
    let (plain, exact) = (latency(None), latency(Some(Span::ZERO)));
    let more = mean(&exact) - mean(&plain);
    // Flushing waits for the answer (1 ms back), the offer takes 2 ms, the end of it 1 ms there, the decision 2 ms in
    // two rounds of replication, and the marker half a millisecond, which its followers must have as well.
    assert!((0.005..=0.009).contains(&more), "{more}");
}

/// Nothing takes time but the wait for the interval T: of its first record for all of it, of the lambda T that join it
/// for half of it on average, T (1 + lambda T / 2) / (1 + lambda T).
#[test]
fn a_transaction_of_many_batches_waits_for_its_interval() {
    let interval = 0.1;
    for company in [0.5, 5.0, 50.0] {
        let mut plan = stage(Some(seconds(interval)));
        plan.duration = seconds(200.0);
        (plan.cluster.brokers, plan.cluster.replication.delay) = (1, Dist::ZERO);
        (plan.topics[1].replication_factor, plan.topics[1].min_insync) = (1, 1);
        let rate = company / interval;
        plan.producers[0].arrivals = choose(arrivals::MEMBERS, "poisson", &[("value", Value::Number(rate))]);
        plan.producers[1].instances = 1;
        plan.groups[0].consumers = 1;
        for group in &mut plan.groups {
            group.service = Dist::ZERO;
            (group.wire.out, group.wire.back) = (Dist::ZERO, Dist::ZERO);
        }
        let made = &mut plan.producers[1];
        (made.wire.out, made.wire.back, made.linger) = (Dist::ZERO, Dist::ZERO, Span::ZERO);
        let wait = interval * (1.0 + company / 2.0) / (1.0 + company);
        agree("latency", &metrics(&runs(&plan, 16), "group.reader.latency.mean"), wait, 0.02);
    }
}
