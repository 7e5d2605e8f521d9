//! The consumer protocol heartbeat by heartbeat.

use super::*;
use crate::model::catalog::{Args, Choice};
use crate::model::remote_assignment as remote;

const A: Member = Member { consumer: ConsumerId(0), number: 1 };
const B: Member = Member { consumer: ConsumerId(1), number: 1 };
const C: Member = Member { consumer: ConsumerId(2), number: 1 };

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}
fn parts(numbers: &[u32]) -> Vec<Part> {
    numbers.iter().map(|n| (TopicId(0), *n)).collect()
}

/// Sessions of 45 s, 20 s to give something up; four partitions, shared out as members are ranked.
fn group(interval: u64) -> Server {
    let uniform = Choice::of(remote::MEMBERS, "uniform", Args(Vec::new())).build();
    let [session, rebalance, initial_delay, offsets_retention] = [45, 20, 3, 100].map(Span::from_secs);
    let times = Times { session, rebalance, initial_delay, offsets_retention };
    Server::new(uniform, vec![(TopicId(0), 4)], &times, Span::from_secs(interval))
}

fn join(group: &mut Server, who: Member, fixed: bool, now: u64) -> Beat {
    let instance = fixed.then(|| who.consumer.0.to_string());
    let id = format!("{}-{}", who.consumer.0, who.number);
    group.join(Joiner { who, id, instance, owned: Vec::new(), since: -1 }, at(now))
}
/// Where a member stands: state, epoch, assignment.
fn standing(group: &Server, who: Member) -> (State, u32, Vec<Part>) {
    let seat = group.seat(who).unwrap();
    (seat.state, seat.epoch, seat.assigned.clone())
}
fn beat(group: &mut Server, who: Member, epoch: u32, owned: &[u32], now: u64) -> (State, u32, Vec<Part>) {
    assert_eq!(group.heartbeat(who, epoch, Some(&parts(owned)), at(now)), Beat::Fine);
    standing(group, who)
}

#[test]
fn a_partition_moves_by_two_heartbeats_and_an_acknowledgement() {
    let mut group = group(0);
    join(&mut group, A, false, 0);
    assert_eq!(standing(&group, A), (State::Stable, 1, parts(&[0, 1, 2, 3])));
    // The newcomer reaches the epoch at once, with nothing in hand.
    join(&mut group, B, false, 1);
    assert_eq!(standing(&group, B), (State::Unreleased, 2, parts(&[])));
    // The owner hears what it must give up, and stays behind until it says that it has.
    assert_eq!(beat(&mut group, A, 1, &[0, 1, 2, 3], 2), (State::Unrevoked, 1, parts(&[0, 1])));
    assert_eq!(group.heartbeat(A, 1, None, at(3)), Beat::Fine);
    assert_eq!(standing(&group, A), (State::Unrevoked, 1, parts(&[0, 1])));
    assert_eq!(beat(&mut group, B, 2, &[], 3), (State::Unreleased, 2, parts(&[])));
    group.said.clear();
    assert_eq!(beat(&mut group, A, 1, &[0, 1], 4), (State::Stable, 2, parts(&[0, 1])));
    assert!(!group.said.contains(&Say::Stable(2)));
    // Who says nothing of what it owns has given nothing up.
    assert_eq!(group.heartbeat(A, 2, None, at(5)), Beat::Fine);
    // The new owner has it with its own next heartbeat.
    assert_eq!(beat(&mut group, B, 2, &[], 6), (State::Stable, 2, parts(&[2, 3])));
    assert!(group.said.contains(&Say::Stable(2)));
}

#[test]
fn who_does_not_give_up_in_time_is_out() {
    let mut group = group(0);
    join(&mut group, A, false, 0);
    join(&mut group, B, false, 1);
    beat(&mut group, A, 1, &[0, 1, 2, 3], 2);
    assert_eq!(group.due_sooner(), Some(at(22)));
    beat(&mut group, A, 1, &[0, 1, 2, 3], 20);
    group.said.clear();
    group.timer(at(22));
    let late = RebalanceCause::PollTimeout;
    assert_eq!(group.said, [Say::Removed(A, late), Say::Began(late)]);
    assert_eq!(beat(&mut group, B, 2, &[], 23), (State::Stable, 3, parts(&[0, 1, 2, 3])));
    assert_eq!(group.heartbeat(A, 1, Some(&parts(&[0, 1, 2, 3])), at(23)), Beat::Unknown);
    assert_eq!(group.commit(A, 1), Beat::Unknown);
}

#[test]
fn a_commit_names_the_present_epoch() {
    let mut group = group(0);
    join(&mut group, A, false, 0);
    assert_eq!(group.commit(A, 1), Beat::Fine);
    join(&mut group, B, false, 1);
    assert_eq!(group.commit(A, 1), Beat::Fine);
    beat(&mut group, A, 1, &[0, 1, 2, 3], 2);
    beat(&mut group, A, 1, &[0, 1], 2);
    assert_eq!((group.commit(A, 1), group.commit(A, 2)), (Beat::Stale, Beat::Fine));
    // It is no sign of life: the session ends 45 s after the last heartbeat.
    group.timer(at(46));
    assert!(group.seat(B).is_none() && group.seat(A).is_some());
    group.timer(at(47));
    assert!(group.is_empty());
}

/// An answer that raised the epoch was lost: the epoch before is good, with no more than what is assigned.
#[test]
fn the_epoch_before_is_good_once_more() {
    let mut group = group(0);
    join(&mut group, A, false, 0);
    assert_eq!(join(&mut group, A, false, 1), Beat::Fine);
    assert_eq!(standing(&group, A), (State::Stable, 1, parts(&[0, 1, 2, 3])));
    join(&mut group, B, false, 1);
    beat(&mut group, A, 1, &[0, 1, 2, 3], 2);
    beat(&mut group, A, 1, &[0, 1], 2);
    assert_eq!(beat(&mut group, A, 1, &[0, 1], 3), (State::Stable, 2, parts(&[0, 1])));
    assert_eq!(group.heartbeat(A, 1, Some(&parts(&[0, 2])), at(3)), Beat::Fenced);
    assert_eq!(group.heartbeat(A, 9, Some(&parts(&[0, 1])), at(3)), Beat::Fenced);
    // Who was fenced begins again with nothing.
    assert_eq!(join(&mut group, A, false, 4), Beat::Fine);
    assert_eq!(standing(&group, A).2, parts(&[0, 1]));
}

#[test]
fn targets_keep_their_distance() {
    let mut group = group(1);
    join(&mut group, A, false, 0);
    join(&mut group, B, false, 0);
    assert_eq!((group.group_epoch, group.target_epoch), (2, 1));
    assert_eq!(group.due_sooner(), Some(at(1)));
    join(&mut group, C, false, 0);
    group.timer(at(1));
    assert_eq!((group.group_epoch, group.target_epoch), (3, 3));
    // A change of long after is served at once.
    group.leave(C, RebalanceCause::Leave);
    assert_eq!((group.group_epoch, group.target_epoch), (4, 3));
    beat(&mut group, B, 1, &[], 5);
    assert_eq!(group.target_epoch, 4);
}

#[test]
fn a_static_member_that_said_so_has_its_place_kept() {
    let again = Member { number: 2, ..B };
    let mut group = group(0);
    join(&mut group, A, true, 0);
    join(&mut group, B, true, 0);
    beat(&mut group, A, 1, &[0, 1, 2, 3], 1);
    beat(&mut group, A, 1, &[0, 1], 1);
    assert_eq!(beat(&mut group, B, 2, &[], 2), (State::Stable, 2, parts(&[2, 3])));
    // One that only stopped is in the way of its successor.
    assert_eq!(join(&mut group, again, true, 3), Beat::Unreleased);
    group.leave(B, RebalanceCause::Leave);
    assert_eq!(group.heartbeat(B, 2, Some(&parts(&[2, 3])), at(4)), Beat::Fenced);
    group.said.clear();
    assert_eq!(join(&mut group, again, true, 5), Beat::Fine);
    assert_eq!(standing(&group, again), (State::Stable, 2, parts(&[2, 3])));
    assert_eq!(group.said, [Say::Assigned(again)]);
    assert_eq!(group.heartbeat(B, 2, Some(&parts(&[2, 3])), at(6)), Beat::Fenced);
    // Away for longer than its session, it is out.
    group.leave(again, RebalanceCause::Leave);
    group.said.clear();
    beat(&mut group, A, 2, &[0, 1], 40);
    group.timer(at(50));
    assert!(group.said.contains(&Say::Removed(again, RebalanceCause::SessionTimeout)));
}
