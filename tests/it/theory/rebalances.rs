//! The eager barrier: a rebalance waits until the last member has heard of it from a heartbeat.
//!
//! Heartbeats count from the assignment, so a group that got it together beats together. Members that were
//! held up for a moment each (a pause of a millisecond) beat at moments of their own: then n of them hear
//! after times that are independent and uniform over an interval h, the last after h n / (n + 1) on average.

use super::*;
use laglab::engine::{Dist, Time};
use laglab::model::ids::GroupId;
use laglab::model::plan::*;

const HEARTBEAT: f64 = 3.0;
const RUNS: usize = 400;

/// A group of `members` with a partition each and little to do, of which the last leaves at a random moment;
/// how long the rebalance took, and for how long partitions stood still in all.
fn a_member_leaves(members: u32, apart: bool) -> Vec<(f64, f64)> {
    let mut plan = pipeline(20.0, Dist::Constant(1_000), members, 30);
    plan.groups[0].consumers = members;
    let draws = chances("heartbeats", RUNS * (members as usize + 1));
    let who = |i: usize| Target::Consumer(GroupId(0), i as u32);
    let one = |u: &[f64]| {
        let mut plan = plan.clone();
        if apart {
            let pause = |(i, u): (usize, &f64)| {
                strike("pause", moment(5.0 + HEARTBEAT * u), Some(seconds(1e-3)), who(i))
            };
            plan.faults = u[1..].iter().enumerate().map(pause).collect();
        }
        let leaves = moment(18.0 + HEARTBEAT * u[0]);
        plan.faults.push(strike("leave", leaves, None, who(members as usize - 1)));
        let record = run(&plan, 0);
        little(&record);
        assert_eq!(metric(&record, "group.sink.rebalances"), 1.0);
        let band = record.marks.iter().find(|m| m.from == leaves && m.to > leaves).expect("one rebalance");
        // What the pauses themselves stopped is no part of it.
        let pauses = if apart { f64::from(members) * 1e-3 } else { 0.0 };
        (band.to.since(band.from).secs(), metric(&record, "group.sink.stalled") - pauses)
    };
    draws.chunks(members as usize + 1).map(one).collect()
}

#[test]
fn the_barrier_falls_when_the_last_has_heard() {
    for survivors in [3, 10] {
        let found = a_member_leaves(survivors + 1, true);
        let n = f64::from(survivors);
        let last = HEARTBEAT * n / (n + 1.0);
        let barriers: Vec<f64> = found.iter().map(|(b, _)| *b).collect();
        agree(&format!("barrier of {survivors}"), &barriers, last, 0.06);
        // Each survivor's partition stands from the moment it hears, the leaver's from the beginning.
        let standstill: Vec<f64> = found.iter().map(|(_, s)| *s).collect();
        agree("standstill", &standstill, n * (last - HEARTBEAT / 2.0) + last, 0.08);
    }
}

#[test]
fn members_in_step_hear_together() {
    let found = a_member_leaves(4, false);
    let barriers: Vec<f64> = found.iter().map(|(b, _)| *b).collect();
    agree("barrier", &barriers, HEARTBEAT / 2.0, 0.15);
    // Nobody waits for anybody: only the leaver's partition stands still.
    assert!(found.iter().all(|(barrier, standstill)| (barrier - standstill).abs() < 1e-6), "{found:?}");
}

/// A member that dies while its JoinGroup waits keeps its seat, since its session does not count meanwhile:
/// it gets its share, never asks for it, and is put out one session after that (Kafka's GroupCoordinator).
/// Its next life is another member, and nothing that happens to the old seat may touch it.
#[test]
fn a_member_that_dies_while_joining_haunts_its_group_for_a_session() {
    let (partitions, members) = (12, 3);
    let mut plan = pipeline(100.0, Dist::Constant(1_000), partitions, 200);
    plan.producers[0].arrivals = evenly(100.0);
    spread_evenly(&mut plan.producers[0]);
    plan.groups[0].consumers = members;
    let who = |i| Target::Consumer(GroupId(0), i);
    plan.faults = vec![
        // The rebalance that the leaver begins waits for a member that stands still until 40 s, which
        // is less than a session after its last heartbeat.
        strike("pause", moment(10.0), Some(seconds(30.0)), who(0)),
        strike("leave", moment(16.0), None, who(2)),
        strike("crash", moment(25.0), Some(seconds(1.0)), who(1)),
    ];
    let record = run(&plan, 0);
    little(&record);
    for cause in ["expelled", "zombie"] {
        assert_eq!(metric(&record, &format!("group.sink.duplicates.{cause}")), 0.0, "{cause}");
    }
    let bands: Vec<(f64, f64)> = (record.marks.iter())
        .filter(|m| m.group.is_some())
        .map(|m| (m.from.since(Time::ZERO).secs(), m.to.since(Time::ZERO).secs()))
        .collect();
    let (session, grain) = (45.0, 1e-3);
    assert_eq!(bands.len(), 2, "{bands:?}");
    let [(begun, joined), (noticed, over)] = [bands[0], bands[1]];
    assert!((begun - 16.0).abs() < grain && (joined - 40.0).abs() < grain, "{bands:?}");
    assert!((noticed - joined - session).abs() < grain, "{bands:?}");
    assert!(over - noticed <= HEARTBEAT + grain, "{bands:?}");
    // The dead member gave its partitions up at its heartbeat at 18 s, and got the same ones again.
    let longest = metric(&record, "group.sink.stalled.max");
    assert!((longest - (over - 18.0)).abs() < grain, "{longest} s, {bands:?}");
}

/// A static member says no goodbye, and one that is back within its session (45 s) takes its seat again: nothing
/// stands still but its own partitions, for as long as it was away. KIP-345.
#[test]
fn a_static_restart_stops_nothing_else() {
    let (members, each) = (4, 3);
    for fault in ["leave", "crash"] {
        for (away, rebalances) in [(10.0, 0.0), (60.0, 2.0)] {
            let mut plan = pipeline(100.0, Dist::Constant(1_000), members * each, 200);
            plan.producers[0].arrivals = evenly(100.0);
            spread_evenly(&mut plan.producers[0]);
            plan.groups[0].consumers = members;
            plan.groups[0].static_membership = true;
            let target = Target::Consumer(GroupId(0), 1);
            plan.faults = vec![strike(fault, moment(10.0), Some(seconds(away)), target)];
            let record = run(&plan, 0);
            little(&record);
            assert_eq!(metric(&record, "group.sink.lost"), 0.0);
            assert_eq!(metric(&record, "group.sink.rebalances"), rebalances, "{fault}, {away} s");
            let stalled = metric(&record, "group.sink.stalled");
            if rebalances == 0.0 {
                assert!((stalled - f64::from(each) * away).abs() < 1e-4, "{fault}: {stalled}");
            } else {
                for cause in ["session-timeout", "join"] {
                    assert_eq!(metric(&record, &format!("group.sink.rebalances.{cause}")), 1.0, "{cause}");
                }
            }
        }
    }
}
