//! The consumer protocol (KIP-848): no barrier. A partition that moves stands still from the heartbeat at which its
//! owner gives it up until the next one of its new owner, so for a time that is uniform over an interval h, 5 s; all
//! others go on. What m members take over one by one is all taken over after h m / (m + 1) on average.

use super::*;
use laglab::engine::{Dist, Time};
use laglab::model::ids::GroupId;
use laglab::model::plan::*;

const HEARTBEAT: f64 = 5.0;
const RUNS: usize = 400;

fn group(members: u32, each: u32, seconds: u64) -> Plan {
    let mut plan = pipeline(20.0, Dist::Constant(1_000), members * each, seconds);
    let group = &mut plan.groups[0];
    group.consumers = members;
    group.protocol = GroupProtocol::Consumer;
    group.heartbeat = super::seconds(HEARTBEAT);
    plan
}

fn who(i: u32) -> Target {
    Target::Consumer(GroupId(0), i)
}

/// Heartbeats of their own: each member is held up for a moment between 5 s and 10 s.
fn apart(plan: &mut Plan, chances: &[f64]) {
    for (i, u) in (0..).zip(chances) {
        plan.faults.push(strike("pause", moment(5.0 + HEARTBEAT * u), Some(seconds(1e-3)), who(i)));
    }
}

#[test]
fn what_a_leaver_had_is_taken_over_at_the_next_heartbeats() {
    let (members, survivors) = (4, 3.0);
    let draws = chances("handovers", RUNS * 5);
    let one = |u: &[f64]| {
        let mut plan = group(members, 3, 40);
        apart(&mut plan, &u[1..]);
        plan.faults.push(strike("leave", moment(20.0 + HEARTBEAT * u[0]), None, who(3)));
        let record = run(&plan, 0);
        little(&record);
        assert_eq!(metric(&record, "group.sink.rebalances.leave"), 1.0);
        let none = metric(&record, "group.sink.stalled-by.no-rebalance");
        assert!(none <= f64::from(members) * 3.0 * 1e-3 + 1e-9, "{none}");
        (metric(&record, "group.sink.stalled-by.leave"), metric(&record, "group.sink.stalled.max"))
    };
    let found: Vec<(f64, f64)> = draws.chunks(5).map(one).collect();
    let each: Vec<f64> = found.iter().map(|(sum, _)| sum / 3.0).collect();
    agree("one partition", &each, HEARTBEAT / 2.0, 0.15);
    let longest: Vec<f64> = found.iter().map(|(_, longest)| *longest).collect();
    agree("the last of three", &longest, HEARTBEAT * survivors / (survivors + 1.0), 0.15);
}

/// Who joins gets what the others have given up at its first heartbeat after that, 5 s after it came.
#[test]
fn what_a_newcomer_gets_stands_from_its_owners_heartbeat_to_its_own() {
    let draws = chances("newcomers", RUNS * 5);
    let one = |u: &[f64]| {
        let mut plan = group(4, 3, 60);
        apart(&mut plan, &u[1..]);
        // It leaves, and is back when the others have taken over.
        plan.faults.push(strike("leave", moment(20.0), Some(seconds(15.0 + HEARTBEAT * u[0])), who(3)));
        let record = run(&plan, 0);
        little(&record);
        assert_eq!(metric(&record, "group.sink.rebalances"), 2.0);
        let stood = metric(&record, "group.sink.stalled-by.join");
        assert!((0.0..=3.0 * HEARTBEAT).contains(&stood), "{stood}");
        stood / 3.0
    };
    let found: Vec<f64> = draws.chunks(5).map(one).collect();
    agree("one partition", &found, HEARTBEAT / 2.0, 0.15);
}

/// A session of 45 s begins with each heartbeat, and with nothing else: a crash is noticed after 40 to 45 s, 42.5 s on
/// average, however often the member commits.
#[test]
fn a_crash_is_noticed_a_session_after_the_last_heartbeat() {
    let draws = chances("crashes", RUNS / 2);
    let one = |u: &f64| {
        let mut plan = group(2, 1, 130);
        let crash = moment(60.0 + HEARTBEAT * u);
        plan.faults.push(strike("crash", crash, None, who(1)));
        let record = run(&plan, 0);
        let noticed = record.marks.iter().find(|m| m.group.is_some() && m.from > Time::ZERO);
        noticed.expect("a rebalance").from.since(crash).secs()
    };
    let found: Vec<f64> = draws.iter().map(one).collect();
    assert!(found.iter().all(|t| (40.0..=45.0).contains(t)), "{found:?}");
    agree("detection", &found, 42.5, 0.2);
}

/// A static member that says it will be back (epoch -2) takes its place again, and nothing else stands still. One
/// that crashed is refused until its session is over.
#[test]
fn a_static_restart_stops_nothing_else() {
    for (fault, rebalances) in [("leave", 0.0), ("crash", 2.0)] {
        let mut plan = group(4, 3, 200);
        plan.groups[0].static_membership = true;
        plan.faults = vec![strike(fault, moment(12.0), Some(seconds(10.0)), who(1))];
        let record = run(&plan, 0);
        little(&record);
        assert_eq!(metric(&record, "group.sink.rebalances"), rebalances, "{fault}");
        if rebalances == 0.0 {
            let stalled = metric(&record, "group.sink.stalled");
            assert!((stalled - 30.0).abs() < 1e-3, "{stalled}");
            assert_eq!(metric(&record, "group.sink.stalled-by.no-rebalance"), stalled);
        }
    }
}

/// The epoch goes on while the offsets of a new partition are on their way: nothing stands still for long.
#[test]
fn nothing_is_forgotten_while_the_group_goes_on() {
    let mut plan = group(6, 3, 200);
    let group = &mut plan.groups[0];
    group.wire =
        WirePlan { out: Dist::Constant(700_000_000), back: Dist::Constant(700_000_000), ..instant() };
    let restart = |i: u32| strike("leave", moment(10.0 + 8.0 * f64::from(i)), Some(seconds(3.0)), who(i % 6));
    plan.faults = (0..16).map(restart).collect();
    let record = run(&plan, 0);
    let longest = metric(&record, "group.sink.stalled.max");
    assert!(longest < 20.0, "{longest}");
    assert_eq!(metric(&record, "group.sink.lost"), 0.0);
}

/// A batch takes 15 s, and a rolling restart starts each consumer 5 s after it was asked to go: it comes back when it
/// has gone.
#[test]
fn who_is_started_before_it_has_left_comes_back() {
    let mut plan = pipeline(40.0, Dist::Constant(30_000_000), 4, 120);
    let group = &mut plan.groups[0];
    (group.consumers, group.max_poll_records, group.commit) = (2, 500, Commit::AfterBatch);
    // A backlog, so that batches are full.
    plan.faults = vec![strike("pause", moment(1.0), Some(seconds(30.0)), Target::Group(GroupId(0)))];
    for consumer in 0..2u32 {
        let leave =
            strike("leave", moment(40.0 + 5.0 * f64::from(consumer)), Some(seconds(5.0)), who(consumer));
        plan.faults.push(leave);
    }
    let record = run(&plan, 0);
    assert_eq!(metric(&record, "group.sink.applied"), metric(&record, "group.sink.created"));
}
