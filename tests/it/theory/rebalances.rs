//! The eager barrier: a rebalance waits until the last member has heard of it from a heartbeat.
//!
//! Heartbeats count from the assignment, so a group that got it together beats together. Members that were
//! held up for a moment each (a pause of a millisecond) beat at moments of their own: then n of them hear
//! after times that are independent and uniform over an interval h, the last after h n / (n + 1) on average.

use super::*;
use laglab::engine::Dist;
use laglab::model::ids::GroupId;
use laglab::model::plan::*;

const HEARTBEAT: f64 = 3.0;
const RUNS: usize = 400;

/// A group of `members` with a partition each and little to do, of which the last leaves at a random moment; how
/// long the rebalance took, and for how long partitions stood still in all.
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
