//! Streams: what a shard takes, and what becomes of the rest; who takes a lease, and when; what becomes of order when
//! shards are split.

use super::*;
use laglab::engine::{Dist, Span};
use laglab::experiment::results::RunRecord;
use laglab::model::catalog::{Args, Value};
use laglab::model::ids::{GroupId, TopicId};
use laglab::model::keys;
use laglab::model::plan::*;

/// What Amazon permits.
const LIMITS: StreamPlan =
    StreamPlan { write_records: 1000, write_bytes: 1_000_000, read_calls: 5, read_bytes: 2_000_000 };

/// A producer of `rate` events per second of `size` bytes into a stream, and a consumer that takes no time.
fn stream(rate: f64, size: u64, shards: u32, tries: u32) -> Plan {
    let mut plan = pipeline(rate, Dist::ZERO, shards, 200);
    plan.topics[0].stream = Some(LIMITS);
    plan.warm_up = seconds(20.0);
    let producer = &mut plan.producers[0];
    producer.acks = Acks::All;
    producer.collects = Some(500);
    producer.max_in_flight = 24;
    producer.linger = seconds(0.1);
    producer.size = Dist::Constant(size);
    producer.retries = tries - 1;
    producer.delivery_timeout = seconds(30.0);
    producer.partitioner = choose(laglab::model::partitioning::MEMBERS, "md5", &[]);
    plan
}

/// Of what is offered beyond the limit, a shard refuses all: 1 - limit / offered, with one try. The bucket is never
/// full, so that chance has no part in it.
#[test]
fn a_shard_refuses_what_is_beyond_its_limit() {
    for (rate, size, limit) in [(1500.0, 100, 1000.0), (4000.0, 100, 1000.0), (200.0, 10_000, 100.0)] {
        let records = runs(&stream(rate, size, 1, 1), 8);
        let throughput = metrics(&records, "group.sink.throughput");
        agree("throughput of one shard", &throughput, limit, 0.02);
        let lost = metrics(&records, "group.sink.lost.throughput-exceeded");
        let shares: Vec<f64> =
            lost.iter().zip(metrics(&records, "group.sink.created")).map(|(lost, all)| lost / all).collect();
        agree("refused share", &shares, 1.0 - limit / rate, 0.03);
    }
}

/// Below the limit nothing is refused, and the order of a key is kept.
#[test]
fn a_shard_takes_what_is_within_its_limit() {
    for record in runs(&stream(800.0, 100, 1, 1), 2) {
        assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
        assert_eq!(metric(&record, "topic.work.throughput-exceeded"), 0.0);
        assert_eq!(metric(&record, "group.sink.order-violations"), 0.0);
        // Collected for a linger from the first on: (T + lambda T T/2) / (1 + lambda T).
        let wait = 0.1 * (1.0 + 80.0 / 2.0) / (1.0 + 80.0);
        assert!((metric(&record, "producer.source.batch.wait") - wait).abs() < 0.02 * wait);
    }
}

/// With tries for thirty seconds a peak is taken in later, and nothing of it is lost; but what was refused comes
/// behind what was sent meanwhile, and the order of keys is gone.
#[test]
fn tries_carry_a_peak_over_and_cost_the_order() {
    let mut plan = stream(1.0, 100, 1, u32::MAX);
    let profile =
        [(0.0, 500.0), (50.0, 500.0), (50.001, 2000.0), (53.0, 2000.0), (53.001, 500.0), (200.0, 500.0)];
    let profile = profile.iter().map(|(at, rate)| (moment(*at), *rate)).collect();
    plan.producers[0].arrivals =
        choose(laglab::model::arrivals::MEMBERS, "profile", &[("value", Value::Profile(profile))]);
    for record in runs(&plan, 2) {
        assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
        assert!(metric(&record, "topic.work.throughput-exceeded") > 2000.0);
        assert!(metric(&record, "group.sink.order-violations") > 100.0);
    }
}

/// One key is one shard, however many there are; many keys have the sum of their limits.
#[test]
fn shards_share_the_load_of_many_keys_but_not_of_one() {
    let one = ("count", Value::Count(1));
    let many = ("count", Value::Count(20_000));
    for (count, expected) in [(one, 1000.0), (many, 3000.0)] {
        let mut plan = stream(3000.0, 100, 4, 1);
        let prefix = ("prefix", Value::Text("key-".into()));
        plan.producers[0].keys = choose(keys::MEMBERS, "uniform", &[count, prefix]);
        agree("throughput", &metrics(&runs(&plan, 4), "group.sink.throughput"), expected, 0.02);
    }
}

/// Two workers with a shard each, of which the first dies at `crash`.
fn workers(crash: f64) -> Plan {
    let mut plan = stream(40.0, 100, 2, 1);
    plan.duration = seconds(crash + 50.0);
    plan.warm_up = Span::ZERO;
    plan.groups[0].consumers = 2;
    by_leases(&mut plan, None);
    plan.faults = vec![strike("crash", moment(crash), None, Target::Consumer(GroupId(0), 0))];
    plan
}

fn by_leases(plan: &mut Plan, handoff: Option<Span>) {
    let group = &mut plan.groups[0];
    // Records reach it as soon as they are there.
    let reads = ReadPlan { idle: seconds(1.5), pushed: Some(Span::ZERO) };
    let leases = LeasePlan { interval: seconds(20.0), steal: 1, handoff, reads, parents_first: true };
    group.protocol = GroupProtocol::Leases(leases);
    group.session_timeout = seconds(10.0);
    group.heartbeat = seconds(RENEWAL);
    group.max_poll_interval = Span::FOREVER;
}

fn look_each(plan: &mut Plan, interval: f64, parents_first: bool) {
    let GroupProtocol::Leases(leases) = &mut plan.groups[0].protocol else { unreachable!("set before") };
    (leases.interval, leases.parents_first) = (seconds(interval), parents_first);
}

/// KCL renews each third of its failover time, less 25 ms.
const RENEWAL: f64 = 10.0 / 3.0 - 0.025;

/// A worker judges a lease by what its own looks have shown. The first look after the last renewal still sees a
/// counter that has moved, and the next one, an interval later, one that has not for longer than the failover time.
/// With the looks at any moment, U(0, 20 s) + 20 s less the age of the last renewal, U(0, 3.3 s).
#[test]
fn a_dead_workers_lease_is_taken_at_the_second_look() {
    let crashes = chances("crashes of workers", 160);
    let takeovers: Vec<f64> = crashes
        .iter()
        .enumerate()
        .map(|(i, crash)| metric(&run(&workers(40.0 + 20.0 * crash), i as u32), "group.sink.takeover"))
        .collect();
    // The next record of the shard, or the backlog at once.
    assert!(takeovers.iter().all(|t| (20.0 - RENEWAL..=40.1).contains(t)), "{takeovers:?}");
    agree("takeover", &takeovers, 30.0 - RENEWAL / 2.0, 0.07);
}

/// One shard is split with a backlog on it: what is sent afterwards goes to the children, which nobody reads before
/// the parent is done. So every key keeps its order; without that rule the second worker overtakes.
#[test]
fn children_wait_for_their_parents_and_keys_keep_their_order() {
    let mut plan = stream(800.0, 100, 1, 1);
    plan.duration = seconds(60.0);
    plan.warm_up = Span::ZERO;
    plan.groups[0].consumers = 2;
    plan.groups[0].service = Dist::Constant(2_000_000);
    by_leases(&mut plan, Some(seconds(30.0)));
    // Often enough for the second worker to see the children while the parent has twelve seconds of work left.
    look_each(&mut plan, 5.0, true);
    let mut split = strike("split-shard", moment(20.0), None, Target::Topic(TopicId(0)));
    split.what.args = Args(vec![("shard", Value::Count(0))]).into();
    plan.faults = vec![split];
    for record in runs(&plan, 4) {
        assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
        assert_eq!(metric(&record, "group.sink.order-violations"), 0.0);
        assert_eq!(metric(&record, "group.sink.duplicates"), 0.0);
    }
    look_each(&mut plan, 5.0, false);
    for record in runs(&plan, 4) {
        assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
        assert!(metric(&record, "group.sink.order-violations") > 100.0);
    }
}

/// A worker that comes takes a share from the one that has all. With a hand-off it waits until the other has
/// committed; without, both work on what the other had in hand.
#[test]
fn a_lease_that_is_stolen_without_a_hand_off_is_worked_on_twice() {
    for handoff in [None, Some(seconds(30.0))] {
        let mut plan = stream(100.0, 100, 4, 1);
        plan.duration = seconds(100.0);
        plan.warm_up = Span::ZERO;
        let group = &mut plan.groups[0];
        (group.consumers, group.formed, group.start_spacing) = (2, false, seconds(30.0));
        group.service = Dist::Constant(9_000_000);
        by_leases(&mut plan, handoff);
        let records = runs(&plan, 8);
        let twice: f64 = metrics(&records, "group.sink.duplicates").iter().sum();
        let causes = ["lease-taken", "zombie"]
            .map(|cause| metrics(&records, &format!("group.sink.duplicates.{cause}")).iter().sum::<f64>());
        assert_eq!(twice, causes[0] + causes[1]);
        assert_eq!(twice > 0.0, handoff.is_none(), "{handoff:?}: {twice}");
        for record in records {
            assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
            assert_eq!(metric(&record, "group.sink.order-violations"), 0.0);
        }
    }
}

/// One worker that asks every `idle`, or is pushed to.
fn reader(plan: &mut Plan, idle: f64, pushed: Option<f64>) {
    by_leases(plan, None);
    let GroupProtocol::Leases(leases) = &mut plan.groups[0].protocol else { unreachable!("set before") };
    leases.reads = ReadPlan { idle: seconds(idle), pushed: pushed.map(seconds) };
}

/// As many groups as this one.
fn groups(plan: &mut Plan, n: usize) {
    let group = plan.groups[0].clone();
    plan.groups = (0..n).map(|i| GroupPlan { name: format!("sink{i}"), ..group.clone() }).collect();
}

/// A worker asks at fixed distances, and a record comes at any moment in between: it waits half of that. Pushed
/// records take the same time each.
#[test]
fn a_record_waits_for_the_next_question_or_is_pushed() {
    for (pushed, expected) in [(None, 0.75), (Some(0.07), 0.07)] {
        let mut plan = stream(50.0, 100, 1, 1);
        plan.producers[0].linger = Span::ZERO;
        reader(&mut plan, 1.5, pushed);
        let records = runs(&plan, 8);
        agree("latency", &metrics(&records, "group.sink.latency.mean"), expected, 0.02);
        for record in &records {
            // Each answer brings all that there is.
            assert_eq!(metric(record, "group.sink.iterator-age.max"), 0.0);
            assert_eq!(metric(record, "group.sink.reads-refused"), 0.0);
        }
    }
}

/// Three groups that ask five times a second share the five answers of a shard, however they share them; what is refused
/// comes again by full jitter. Nobody is refused who is pushed to.
#[test]
fn groups_share_the_answers_of_a_shard() {
    let mut plan = stream(50.0, 100, 1, 1);
    let sum = |records: &[RunRecord], what: &str| -> Vec<f64> {
        let of = |r: &RunRecord| (0..3).map(|i| metric(r, &format!("group.sink{i}.{what}"))).sum();
        records.iter().map(of).collect()
    };
    reader(&mut plan, 0.2, None);
    groups(&mut plan, 3);
    let records = runs(&plan, 4);
    let answers: Vec<f64> = sum(&records, "reads").iter().map(|n| n / 180.0).collect();
    assert!(answers.iter().all(|n| (4.5..=5.0).contains(n)), "{answers:?}");
    assert!(sum(&records, "reads-refused").iter().all(|n| *n > 100.0));
    // None of them starves.
    for i in 0..3 {
        let share = metrics(&records, &format!("group.sink{i}.reads")).iter().sum::<f64>() / 4.0 / 180.0;
        assert!((0.8..=3.0).contains(&share), "{i}: {share}");
    }
    reader(&mut plan, 0.2, Some(0.07));
    groups(&mut plan, 3);
    assert_eq!(sum(&runs(&plan, 2), "reads-refused"), [0.0; 2]);
}

/// Half a megabyte comes per second, and two groups begin to read 40 s late. They share two megabytes per second: each
/// gets one, and has caught up after 40 s more. Pushed to, each has two for itself, and needs 20 / 1.5 s. Until then
/// the last record of an answer is the older, the further behind they are. They stop when a question is due, so that the
/// lag to come back to is what comes between two of them.
#[test]
fn who_is_behind_reads_at_the_limit_of_the_shard() {
    for (pushed, drain) in [(None, 40.0), (Some(0.07), 20.0 / 1.5)] {
        let mut plan = stream(500.0, 1000, 1, 1);
        plan.producers[0].arrivals = choose(
            laglab::model::arrivals::MEMBERS,
            "constant",
            &[("value", Value::Number(500.0)), ("phase", Value::Number(0.0))],
        );
        (plan.duration, plan.sample_every) = (seconds(120.0), seconds(0.05));
        plan.warm_up = Span::ZERO;
        plan.groups[0].max_poll_records = 10_000;
        reader(&mut plan, 0.5, pushed);
        groups(&mut plan, 2);
        plan.faults = (0..2u32)
            .map(|g| strike("pause", moment(10.45), Some(seconds(40.0)), Target::Consumer(GroupId(g), 0)))
            .collect();
        for group in ["sink0", "sink1"] {
            let record = run(&plan, 0);
            let took = metric(&record, &format!("group.{group}.drain-time"));
            assert!((took - drain).abs() < 0.1 * drain + 1.0, "{group} needs {took} s and not {drain}");
            let age = metric(&record, &format!("group.{group}.iterator-age.max"));
            // The first answer brings 10 MB, half of what is there; that of the second group comes 5 s later.
            assert!((19.0..=31.0).contains(&age), "{age}");
        }
    }
}

/// Two workers have a shard each and three quarters of the work that they can do; alone neither could. One dies and
/// starts again: it gets its share back, and the lag goes.
#[test]
fn a_worker_that_starts_again_works_again() {
    let mut plan = stream(100.0, 100, 2, 1);
    plan.warm_up = Span::ZERO;
    plan.groups[0].consumers = 2;
    plan.groups[0].service = Dist::Constant(15_000_000);
    by_leases(&mut plan, None);
    plan.faults = vec![strike("crash", moment(30.0), Some(seconds(5.0)), Target::Consumer(GroupId(0), 0))];
    for record in runs(&plan, 2) {
        assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
        assert!(metric(&record, "group.sink.lag.end") < 200.0, "{}", metric(&record, "group.sink.lag.end"));
    }
}

/// Records that are pushed to one worker and kept for so long, which is looked at so often.
fn expiring(stream: Plan, pushed: f64, (kept, looks): (f64, f64)) -> Plan {
    let mut plan = stream;
    (plan.duration, plan.warm_up) = (seconds(120.0), Span::ZERO);
    plan.cluster.retention_check = seconds(looks);
    (plan.topics[0].retention, plan.topics[0].segment_time) = (Some(seconds(kept)), seconds(1.0));
    plan.groups[0].max_poll_records = 10_000;
    reader(&mut plan, 0.5, Some(pushed));
    plan
}

/// A shard of which five times as much is written as may be pushed, and kept for 10 s, which is looked at every 30 s:
/// what was to come next goes while nothing is on its way. The worker goes on with what is left, 10 MB at a time.
#[test]
fn what_expires_before_it_is_pushed_does_not_hold_the_worker_up() {
    let mut plan = expiring(stream(500.0, 1000, 1, 1), 0.07, (10.0, 30.0));
    plan.topics[0].stream = Some(StreamPlan { read_bytes: 100_000, ..LIMITS });
    let record = run(&plan, 0);
    let applied = metric(&record, "group.sink.applied");
    assert!(applied > 10_000.0, "{applied}");
}

/// A worker stands still for 40 s and is then pushed three lots of 10 000 records, the oldest of which expire on the way:
/// it goes on with the oldest that is left, and lacks none after that.
#[test]
fn what_expires_while_it_is_pushed_does_not_hold_the_worker_up() {
    let mut plan = expiring(stream(900.0, 100, 1, 1), 20.0, (30.0, 0.5));
    plan.faults = vec![strike("pause", moment(0.5), Some(seconds(39.5)), Target::Consumer(GroupId(0), 0))];
    let record = run(&plan, 0);
    // What came before 30 s is gone by 60 s, when the first lot arrives.
    let lost = metric(&record, "group.sink.lost");
    assert!((0.93..1.05).contains(&(lost / (900.0 * 30.0))), "{lost}");
    let lag = metric(&record, "group.sink.lag.end");
    assert!((lag / (900.0 * 20.0) - 1.0).abs() < 0.1, "{lag}: what is pushed takes 20 s");
}
