//! A table with one lease per shard, which the workers of a group share among themselves, nobody being in charge.
//!
//! Every worker raises the counters of its leases, and looks through the table now and then: a lease whose counter
//! has not moved between two looks that lie further apart than the failover time is free for it to take. If none is,
//! it takes one from the worker that has most. After `DynamoDBLeaseTaker` and `DynamoDBLeaseRenewer` of Amazon's
//! Kinesis Client Library; the hand-off is that of its version 3. Checkpoints are kept elsewhere.

use super::{Joiner, LeaseTimes, Member, Say};
use crate::engine::{Stream, Time};
use crate::model::assignment::Part;
use crate::model::ids::TopicId;

/// A lease that has not been renewed for so many failover times is taken by whoever sees it.
const VERY_OLD: u64 = 3;

/// A lease, or the place of one that is to come.
#[derive(Clone, Debug)]
struct Row {
    part: Part,
    /// It has been created.
    there: bool,
    /// Its shard is read to the end.
    done: bool,
    owner: Option<Member>,
    /// Who had it before and has not given it up yet, and how long that is waited for.
    giver: Option<(Member, Time)>,
    counter: u64,
}

/// A worker.
#[derive(Clone, Debug)]
struct Seat {
    who: Member,
    /// What its looks at each lease have shown: the counter, and since when it was that.
    seen: Vec<Option<(u64, Time)>>,
    assigned: Vec<Part>,
    /// How many answers it got.
    answers: u32,
}

/// See the module's text.
#[derive(Clone)]
pub(super) struct Leases {
    pub(super) said: Vec<Say>,
    rows: Vec<Row>,
    seats: Vec<Seat>,
    times: LeaseTimes,
    rng: Stream,
}

impl Leases {
    /// For topics with so many shards, and room for so many in all.
    pub(super) fn new(topics: &[(TopicId, u32)], rooms: &[u32], times: LeaseTimes, rng: Stream) -> Self {
        let row = |topic, n, there| Row {
            part: (topic, n),
            there,
            done: false,
            owner: None,
            giver: None,
            counter: 0,
        };
        let of_topic = |((topic, there), room): (&(TopicId, u32), &u32)| {
            let (topic, there) = (*topic, *there);
            (0..*room).map(move |n| row(topic, n, n < there))
        };
        let rows = topics.iter().zip(rooms).flat_map(of_topic).collect();
        Leases { said: Vec::new(), rows, seats: Vec::new(), times, rng }
    }

    fn place(&self, who: Member) -> Option<usize> {
        self.seats.iter().position(|s| s.who == who)
    }
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }
    pub(super) fn answers(&self, who: Member) -> u32 {
        self.place(who).map_or(0, |place| self.seats[place].answers)
    }
    pub(super) fn assigned(&self, who: Member) -> Option<&[Part]> {
        self.place(who).map(|place| self.seats[place].assigned.as_slice())
    }
    /// Whether a worker may write a checkpoint for this lease.
    pub(super) fn may_commit(&self, who: Member, index: usize) -> bool {
        let row = &self.rows[index];
        row.owner == Some(who) || row.giver.is_some_and(|(giver, _)| giver == who)
    }
    pub(super) fn is_done(&self, index: usize) -> bool {
        self.rows[index].done
    }
    /// There is a lease for this shard from now on.
    pub(super) fn create(&mut self, index: usize) {
        self.rows[index].there = true;
    }
    /// The shard is closed and read to its end.
    pub(super) fn finish(&mut self, index: usize) {
        let row = &mut self.rows[index];
        (row.done, row.owner, row.giver) = (true, None, None);
    }

    fn sit(&mut self, who: Member) -> usize {
        self.seats.retain(|s| s.who.consumer != who.consumer);
        let seen = vec![None; self.rows.len()];
        self.seats.push(Seat { who, seen, assigned: Vec::new(), answers: 0 });
        self.seats.len() - 1
    }
    /// Leases are shared out evenly, as if that had been settled before.
    pub(super) fn form(&mut self, members: Vec<Joiner>, now: Time) {
        let members: Vec<Member> = members.into_iter().map(|m| m.who).collect();
        for (i, row) in self.rows.iter_mut().filter(|r| r.there).enumerate() {
            row.owner = Some(members[i % members.len()]);
        }
        for who in members {
            let place = self.sit(who);
            let seen = self.rows.iter().map(|row| row.there.then_some((row.counter, now)));
            self.seats[place].seen = seen.collect();
            self.answer(who, now);
        }
        self.said.clear();
    }
    /// A worker starts: it looks at once.
    pub(super) fn join(&mut self, who: Member, now: Time) {
        self.sit(who);
        self.take(who, now);
    }
    /// A worker ends, and gives up all its leases.
    pub(super) fn leave(&mut self, who: Member) {
        for row in &mut self.rows {
            row.owner = row.owner.filter(|owner| *owner != who);
            row.giver = row.giver.filter(|(giver, _)| *giver != who);
        }
        self.seats.retain(|s| s.who != who);
    }
    /// A worker renews what it has, and says what it still reads if that is news.
    pub(super) fn renew(&mut self, who: Member, owned: Option<&[Part]>, now: Time) {
        for row in &mut self.rows {
            row.counter += u64::from(row.owner == Some(who));
            let given_up = owned.is_some_and(|owned| !owned.contains(&row.part));
            if given_up && row.giver.is_some_and(|(giver, _)| giver == who) {
                row.giver = None;
            }
        }
        self.answer(who, now);
    }
    /// A worker hears what it may read now.
    fn answer(&mut self, who: Member, now: Time) {
        let Some(place) = self.place(who) else { return };
        let free = |row: &&Row| row.owner == Some(who) && row.giver.is_none_or(|(_, until)| until <= now);
        let seat = &mut self.seats[place];
        seat.assigned = self.rows.iter().filter(free).map(|row| row.part).collect();
        // The rows follow the names of the topics, and their ids need not.
        seat.assigned.sort_unstable();
        seat.answers += 1;
        self.said.push(Say::Assigned(who));
    }

    /// A worker looks through the table, and takes what it should have.
    pub(super) fn take(&mut self, who: Member, now: Time) {
        let Some(place) = self.place(who) else { return };
        let seat = &mut self.seats[place];
        // How many leases each worker has that renews them; and what nobody renews.
        let mut counts = vec![(who, 0)];
        let (mut expired, mut very_old, mut all) = (Vec::new(), Vec::new(), 0);
        for (i, row) in self.rows.iter().enumerate().filter(|(_, row)| row.there && !row.done) {
            all += 1;
            let seen = seat.seen[i].get_or_insert((row.counter, now));
            if seen.0 != row.counter {
                *seen = (row.counter, now);
            }
            let age = now.since(seen.1);
            match row.owner {
                Some(owner) if age <= self.times.failover => {
                    match counts.iter_mut().find(|(member, _)| *member == owner) {
                        Some((_, n)) => *n += 1,
                        None => counts.push((owner, 1)),
                    }
                }
                Some(_) if age.0 > VERY_OLD * self.times.failover.0 => very_old.push(i),
                _ => expired.push(i),
            }
        }
        let target = if counts.len() >= all { 1 } else { all.div_ceil(counts.len()) };
        let missing = target.saturating_sub(counts[0].1);
        for i in very_old.iter().copied() {
            self.give(i, who, None);
        }
        if very_old.is_empty() {
            self.shuffle(&mut expired);
            for i in expired.iter().copied().take(missing) {
                self.give(i, who, None);
            }
            if expired.is_empty() && missing > 0 {
                self.steal(who, target, missing, &counts, now);
            }
        }
        self.answer(who, now);
    }

    /// Takes leases from the worker that has most.
    fn steal(&mut self, who: Member, target: usize, missing: usize, counts: &[(Member, usize)], now: Time) {
        let Some((most, n)) = counts.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }) else {
            return;
        };
        if most == who || n < target {
            return;
        }
        let over = missing.min(n - target);
        let over = if over == 0 && missing > 1 { 1 } else { over };
        let has = |(_, row): &(usize, &Row)| row.there && !row.done && row.owner == Some(most);
        let mut of_it: Vec<usize> = self.rows.iter().enumerate().filter(has).map(|(i, _)| i).collect();
        self.shuffle(&mut of_it);
        for i in of_it.into_iter().take(over.min(self.times.steal as usize)) {
            self.give(i, who, self.times.handoff.map(|longest| (most, now + longest)));
        }
    }

    fn give(&mut self, i: usize, who: Member, giver: Option<(Member, Time)>) {
        let row = &mut self.rows[i];
        row.counter += 1;
        (row.owner, row.giver) = (Some(who), giver);
    }

    /// So that not all workers want the same.
    fn shuffle(&mut self, leases: &mut [usize]) {
        for i in (1..leases.len()).rev() {
            leases.swap(i, self.rng.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Span, StreamKey};
    use crate::model::ids::ConsumerId;

    const T: TopicId = TopicId(0);

    fn worker(n: u32) -> Member {
        Member { consumer: ConsumerId(n), number: 1 }
    }
    fn at(seconds: u64) -> Time {
        Time::ZERO + Span::from_secs(seconds)
    }
    fn table(shards: u32, handoff: Option<Span>) -> Leases {
        let [failover, interval] = [10, 20].map(Span::from_secs);
        let times = LeaseTimes { failover, interval, steal: 1, handoff };
        Leases::new(&[(T, shards)], &[shards + 2], times, StreamKey::new(1, 0).stream("leases"))
    }
    fn has(table: &Leases, n: u32) -> usize {
        table.assigned(worker(n)).map_or(0, <[Part]>::len)
    }

    #[test]
    fn a_lease_nobody_renews_is_taken_at_the_second_look() {
        let mut table = table(4, None);
        table.join(worker(0), at(0));
        assert_eq!(has(&table, 0), 4);
        table.join(worker(1), at(1));
        // It renews until 3 s, which the look at 20 s sees.
        table.renew(worker(0), None, at(3));
        table.take(worker(1), at(9));
        table.take(worker(1), at(19));
        assert!(has(&table, 1) <= 2, "only by stealing");
        table.take(worker(1), at(20));
        assert_eq!(has(&table, 1), 4);
    }

    #[test]
    fn one_lease_is_stolen_at_a_time_until_all_have_the_same() {
        let mut table = table(6, None);
        table.join(worker(0), at(0));
        table.join(worker(1), at(0));
        let mut shares = vec![has(&table, 1)];
        for look in 1..5 {
            table.renew(worker(0), None, at(look * 20 - 1));
            table.renew(worker(1), None, at(look * 20 - 1));
            table.take(worker(1), at(look * 20));
            shares.push(has(&table, 1));
        }
        assert_eq!(shares, [1, 2, 3, 3, 3]);
        table.renew(worker(0), None, at(100));
        assert_eq!(has(&table, 0), 3);
    }

    #[test]
    fn a_hand_off_waits_for_the_giver_or_for_its_time() {
        let mut waits = table(2, Some(Span::from_secs(30)));
        waits.join(worker(0), at(0));
        waits.join(worker(1), at(1));
        assert_eq!((has(&waits, 0), has(&waits, 1)), (2, 0));
        waits.renew(worker(0), None, at(2));
        let kept = waits.assigned(worker(0)).unwrap().to_vec();
        assert_eq!(kept.len(), 1);
        let index = (1 - kept[0].1) as usize;
        assert!(waits.may_commit(worker(0), index) && waits.may_commit(worker(1), index));
        let mut released = waits.clone();
        released.renew(worker(0), Some(&kept), at(3));
        released.renew(worker(1), None, at(4));
        assert_eq!(has(&released, 1), 1);
        assert!(!released.may_commit(worker(0), index));
        waits.renew(worker(1), None, at(30));
        assert_eq!(has(&waits, 1), 0);
        waits.renew(worker(1), None, at(31));
        assert_eq!(has(&waits, 1), 1);
    }

    #[test]
    fn leases_of_children_come_later_and_done_ones_count_no_more() {
        let mut table = table(1, None);
        table.join(worker(0), at(0));
        table.join(worker(1), at(0));
        table.finish(0);
        table.create(1);
        table.create(2);
        // Who has no lease is seen by nobody: the first takes both, the second one of them from it.
        table.take(worker(1), at(20));
        table.take(worker(0), at(21));
        table.renew(worker(1), None, at(22));
        assert_eq!((has(&table, 0), has(&table, 1)), (1, 1));
        assert!(table.is_done(0) && !table.may_commit(worker(0), 0));
        table.leave(worker(0));
        table.take(worker(1), at(40));
        assert_eq!(has(&table, 1), 2);
    }
}
