//! The classic protocol message by message.

use super::*;
use crate::model::assignment;
use crate::model::catalog::{Args, Choice};

const A: Member = Member { consumer: ConsumerId(0), number: 1 };
const B: Member = Member { consumer: ConsumerId(1), number: 1 };
const C: Member = Member { consumer: ConsumerId(2), number: 1 };

/// Another membership of the same consumer.
fn again(who: Member) -> Member {
    Member { number: who.number + 1, ..who }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(seconds)
}

/// Sessions of 45 s, 10 s for a rebalance, 3 s for the first one.
fn group() -> Classic {
    let range = Choice::of(assignment::MEMBERS, "range", Args(Vec::new())).build();
    let [session, rebalance, initial_delay, offsets_retention] = [45, 10, 3, 100].map(Span::from_secs);
    let times = Times { session, rebalance, initial_delay, offsets_retention };
    Classic::new(range, vec![(TopicId(0), 3)], &times)
}

fn said(group: &mut Classic) -> Vec<Say> {
    std::mem::take(&mut group.said)
}

fn joiner(who: Member) -> Joiner {
    let id = format!("member-{}-{}", who.consumer.0, who.number);
    Joiner { who, id, instance: None, owned: Vec::new(), since: -1 }
}

fn join(group: &mut Classic, who: Member, now: u64) -> Vec<Say> {
    group.join(joiner(who), at(now));
    said(group)
}

/// As a static member.
fn join_for_good(group: &mut Classic, who: Member, now: u64) -> Vec<Say> {
    let instance = Some(format!("instance-{}", who.consumer.0));
    group.join(Joiner { instance, ..joiner(who) }, at(now));
    said(group)
}

/// These have joined and wait to sync, since second 6.
fn completing(members: &[Member]) -> Classic {
    let mut group = group();
    for who in members {
        join(&mut group, *who, 0);
    }
    group.timer(at(3));
    group.timer(at(6));
    assert_eq!((group.phase, group.generation), (Phase::Completing, 1));
    said(&mut group);
    group
}

/// Two static members at work since second 7.
fn at_work() -> Classic {
    let mut group = group();
    for who in [A, B] {
        join_for_good(&mut group, who, 0);
    }
    group.timer(at(3));
    group.timer(at(6));
    assert_eq!((group.sync(A, 1, at(7)), group.sync(B, 1, at(7))), (Beat::Fine, Beat::Fine));
    assert_eq!(group.phase, Phase::Stable);
    said(&mut group);
    group
}

#[test]
fn who_waits_for_an_assignment_that_will_not_come_is_sent_back() {
    let mut group = completing(&[A, B]);
    // The follower's sync waits for the leader's, and the leader's comes too late.
    assert_eq!((group.sync(B, 1, at(6)), said(&mut group)), (Beat::Fine, vec![]));
    assert_eq!(join(&mut group, C, 7), [Say::Began(RebalanceCause::Join), Say::SentBack(B)]);
    assert_eq!((group.sync(A, 1, at(8)), said(&mut group)), (Beat::Rejoin, vec![]));
    join(&mut group, A, 8);
    assert_eq!(join(&mut group, B, 9), [A, B, C].map(Say::Joined));
    // A sync of the generation before, and one of nobody.
    assert_eq!(group.sync(A, 1, at(9)), Beat::Rejoin);
    assert_eq!(group.sync(Member { consumer: ConsumerId(9), number: 1 }, 2, at(9)), Beat::Unknown);
    assert_eq!(group.sync(A, 2, at(9)), Beat::Fine);
    assert_eq!(said(&mut group), [Say::Stable(2), Say::Assigned(A)]);
}

#[test]
fn an_answer_that_was_lost_is_given_again() {
    let mut group = completing(&[A, B]);
    assert_eq!(join(&mut group, B, 7), [Say::Joined(B)]);
    assert_eq!(join(&mut group, A, 7), [Say::Joined(A)]);
    assert_eq!(group.sync(A, 1, at(7)), Beat::Fine);
    said(&mut group);
    assert_eq!(join(&mut group, B, 8), [Say::Joined(B)]);
    assert_eq!((group.phase, group.generation), (Phase::Stable, 1));
    assert_eq!((group.sync(B, 1, at(9)), said(&mut group)), (Beat::Fine, vec![Say::Assigned(B)]));
    // The leader of a group at work means it: it may know of something new.
    assert_eq!(join(&mut group, A, 10), [Say::Began(RebalanceCause::FollowUp)]);
}

#[test]
fn who_does_not_sync_in_time_is_put_out() {
    let out = |who| vec![Say::Removed(who, RebalanceCause::SyncTimeout)];
    // A follower, when the others work already.
    let mut group = completing(&[A, B]);
    assert_eq!(group.sync(A, 1, at(7)), Beat::Fine);
    said(&mut group);
    assert_eq!(group.due_sooner(), Some(at(16)));
    group.timer(at(16));
    let mut expected = out(B);
    expected.push(Say::Began(RebalanceCause::SyncTimeout));
    assert_eq!(said(&mut group), expected);
    // The leader, for which the follower has waited.
    let mut group = completing(&[A, B]);
    assert_eq!(group.sync(B, 1, at(7)), Beat::Fine);
    group.timer(at(16));
    let mut expected = out(A);
    expected.extend([Say::Began(RebalanceCause::SyncTimeout), Say::SentBack(B)]);
    assert_eq!(said(&mut group), expected);
    // Nobody, once all have.
    let mut group = completing(&[A, B]);
    assert_eq!((group.sync(A, 1, at(7)), group.sync(B, 1, at(8))), (Beat::Fine, Beat::Fine));
    assert_eq!(group.due_sooner(), Some(at(7 + 45)));
}

/// A session does not run out while the answer to a SyncGroup is awaited; it begins with the answer.
#[test]
fn who_waits_for_the_leader_is_not_timed() {
    let mut group = completing(&[A, B]);
    group.rebalance = Span::from_secs(200);
    group.deadline = at(206);
    assert_eq!(group.sync(B, 1, at(7)), Beat::Fine);
    assert_eq!(group.heartbeat(A, 1, at(40)), Beat::Fine);
    group.timer(at(60));
    assert!(said(&mut group).is_empty());
    assert_eq!(group.sync(A, 1, at(61)), Beat::Fine);
    said(&mut group);
    group.timer(at(100));
    assert!(said(&mut group).is_empty());
}

/// A newcomer that was given its id is waited for, until it joins with it, leaves, or its session is over.
#[test]
fn who_was_named_is_waited_for() {
    for joins in [true, false] {
        let mut group = completing(&[A]);
        assert_eq!(group.sync(A, 1, at(6)), Beat::Fine);
        said(&mut group);
        join(&mut group, B, 10);
        group.greet(C, at(11));
        assert_eq!(said(&mut group), [Say::Named(C)]);
        assert_eq!(join(&mut group, A, 12), []);
        if joins {
            assert_eq!(join(&mut group, C, 13), [A, B, C].map(Say::Joined));
        } else {
            group.leave(C, RebalanceCause::Leave, at(13));
            assert_eq!(said(&mut group), [A, B].map(Say::Joined));
        }
    }
    let mut group = group();
    group.greet(C, at(0));
    assert_eq!(group.due_sooner(), Some(at(45)));
    group.timer(at(45));
    assert!(group.named.is_empty());
}

#[test]
fn a_static_member_takes_its_seat_again() {
    let mut group = at_work();
    let had = group.seat(B).unwrap().assigned.clone();
    assert_eq!(join_for_good(&mut group, again(B), 20), [Say::Joined(again(B))]);
    assert_eq!((group.phase, group.generation), (Phase::Stable, 1));
    assert_eq!(group.sync(again(B), 1, at(20)), Beat::Fine);
    assert_eq!(said(&mut group), [Say::Assigned(again(B))]);
    assert_eq!(group.seat(again(B)).unwrap().assigned, had);
    // The process before is fenced, whatever it says.
    assert_eq!(group.heartbeat(B, 1, at(21)), Beat::Fenced);
    assert_eq!(group.sync(B, 1, at(21)), Beat::Fenced);
    assert_eq!(group.commit(B, 1, at(21)), Beat::Fenced);
    assert_eq!(join_for_good(&mut group, B, 21), []);
    assert_eq!(group.heartbeat(again(B), 1, at(21)), Beat::Fine);
    // So does the leader, without a rebalance of its own.
    assert_eq!(join_for_good(&mut group, again(A), 22), [Say::Joined(again(A))]);
    assert_eq!((group.phase, group.leader), (Phase::Stable, Some(again(A))));
}

#[test]
fn a_static_member_that_comes_back_too_late_is_out() {
    let mut group = at_work();
    assert_eq!(group.heartbeat(A, 1, at(40)), Beat::Fine);
    group.timer(at(52));
    let timeout = RebalanceCause::SessionTimeout;
    assert_eq!(said(&mut group), [Say::Removed(B, timeout), Say::Began(timeout)]);
    join_for_good(&mut group, A, 53);
    // Its return is that of a new member.
    assert_eq!(join_for_good(&mut group, again(B), 54), [Say::Began(RebalanceCause::Join)]);
}

#[test]
fn a_static_member_that_comes_back_while_the_group_completes_begins_a_rebalance() {
    let mut group = at_work();
    join(&mut group, C, 20);
    for who in [A, B] {
        join_for_good(&mut group, who, 21);
    }
    assert_eq!(group.phase, Phase::Completing);
    assert_eq!(group.sync(C, 2, at(21)), Beat::Fine);
    assert_eq!(group.sync(B, 2, at(21)), Beat::Fine);
    said(&mut group);
    let said = join_for_good(&mut group, again(B), 22);
    assert_eq!(said, [Say::Began(RebalanceCause::Join), Say::SentBack(C)]);
}

#[test]
fn static_members_that_are_away_stay_in_the_group() {
    // One of two joins in time: the group goes on with both, and the absent one keeps its share.
    let mut group = at_work();
    join(&mut group, C, 20);
    assert_eq!(join_for_good(&mut group, B, 21), []);
    group.timer(at(30));
    assert_eq!(said(&mut group), [B, C].map(Say::Joined));
    assert_eq!((group.generation, group.leader), (2, Some(B)));
    assert_eq!(group.sync(B, 2, at(30)), Beat::Fine);
    assert_eq!(group.sync(C, 2, at(30)), Beat::Fine);
    assert_eq!(group.seat(A).unwrap().assigned.len(), 1);
    said(&mut group);
    // Back within its session, it is handed that.
    assert_eq!(join_for_good(&mut group, again(A), 35), [Say::Joined(again(A))]);
    assert_eq!(group.sync(again(A), 2, at(35)), Beat::Fine);
    group.timer(at(40));
    assert_eq!((said(&mut group), group.phase), (vec![Say::Assigned(again(A))], Phase::Stable));

    // Where nobody joins in time, the wait goes on until the sessions end.
    let mut group = at_work();
    join(&mut group, C, 20);
    group.leave(C, RebalanceCause::Leave, at(21));
    said(&mut group);
    group.timer(at(30));
    assert_eq!((said(&mut group), group.phase, group.generation), (vec![], Phase::Preparing, 1));
    group.timer(at(52));
    assert_eq!(group.phase, Phase::Empty);
}

/// A member that was put out and joins as if nothing had happened is sent away: it may own what is others' by now.
#[test]
fn who_was_put_out_cannot_join_with_what_it_had() {
    let mut group = completing(&[A, B]);
    group.timer(at(16));
    let late = Joiner { owned: vec![(TopicId(0), 0)], since: 1, ..joiner(B) };
    assert_eq!(group.join(late, at(17)), Beat::Unknown);
    let fresh = joiner(again(B));
    assert_eq!(group.join(fresh, at(17)), Beat::Fine);
}
