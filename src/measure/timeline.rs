//! What happened when: bands of faults and rebalances, standing partitions, and what each consumer was doing.
//!
//! Knows nothing of records and their fates.

use crate::engine::{Span, Time};
use crate::measure::findings::{ConsumerTime, EIGHTHS, Mark, MarkKind, Stretch};
use crate::model::cause::RebalanceCause;
use crate::model::fact::Doing;
use std::sync::Arc;

/// How long partitions of a group stood still.
#[derive(Debug)]
pub struct Standstill {
    /// Per partition of the scenario: since when it stands.
    since: Vec<Option<Time>>,
    /// Per partition: its owner died then, and nobody has read it since.
    orphaned: Vec<Option<Time>>,
    /// Partition-nanoseconds in all.
    pub total: u64,
    /// The longest single one.
    pub longest: u64,
    /// Sum and number of the times from a death to the next delivery.
    pub takeovers: (u64, u64),
    last_crash: Option<Time>,
    end: Time,
}

impl Standstill {
    /// Counts up to `end` only.
    pub fn new(partitions: usize, end: Time) -> Self {
        Standstill {
            since: vec![None; partitions],
            orphaned: vec![None; partitions],
            total: 0,
            longest: 0,
            takeovers: (0, 0),
            last_crash: None,
            end,
        }
    }
    /// A consumer died.
    pub fn crashed(&mut self, at: Time) {
        self.last_crash = Some(at);
    }
    /// A partition has nobody.
    pub fn stalled(&mut self, partition: usize, at: Time) {
        self.since[partition].get_or_insert(at);
        if self.last_crash == Some(at) {
            self.orphaned[partition].get_or_insert(at);
        }
    }
    /// A partition has somebody; since when it had nobody, as far as that counts.
    pub fn resumed(&mut self, partition: usize, at: Time) -> Option<(Time, Time)> {
        let since = self.since[partition].take()?;
        let until = at.min(self.end);
        let length = until.since(since).0;
        self.total += length;
        self.longest = self.longest.max(length);
        Some((since, until))
    }
    /// Records of a partition were delivered.
    #[inline]
    pub fn delivered(&mut self, partition: usize, at: Time) {
        if let Some(died) = self.orphaned[partition].take() {
            self.takeovers.0 += at.since(died).0;
            self.takeovers.1 += 1;
        }
    }
    /// The run is over: what still stood, and since when.
    pub fn close(&mut self) -> Vec<(Time, Time)> {
        (0..self.since.len()).filter_map(|p| self.resumed(p, self.end)).collect()
    }
}

/// The rebalances of one group, as bands.
#[derive(Debug, Default)]
pub struct Rebalances {
    open: Option<(Time, RebalanceCause)>,
    /// Finished ones, after the first generation, by cause.
    pub counts: [u64; RebalanceCause::ALL.len()],
    formed: bool,
    /// Those that ended: from when to when, and why.
    past: Vec<(Time, Time, RebalanceCause)>,
    /// Partition-nanoseconds that partitions stood still, by cause; and last, without a rebalance.
    pub stood: [u64; RebalanceCause::ALL.len() + 1],
    /// As charts show them.
    pub marks: Vec<Mark>,
}

impl Rebalances {
    /// One began; if one is running, this only prolongs it.
    pub fn began(&mut self, cause: RebalanceCause, at: Time) {
        self.open.get_or_insert((at, cause));
    }
    /// A generation is complete.
    pub fn ended(&mut self, group: &str, at: Time) {
        let formed = std::mem::replace(&mut self.formed, true);
        if let Some(cause) = self.mark(group, at).filter(|_| formed) {
            self.counts[cause.index()] += 1;
        }
    }
    /// Makes a band of what is open.
    fn mark(&mut self, group: &str, at: Time) -> Option<RebalanceCause> {
        let (from, cause) = self.open.take()?;
        self.past.push((from, at, cause));
        let label = format!("rebalance ({})", cause.name());
        self.marks.push(Mark {
            kind: MarkKind::Rebalance,
            group: Some(group.to_owned()),
            label,
            from,
            to: at,
        });
        Some(cause)
    }
    /// A partition stood still from `since` to `until`: that is put down to the first rebalance that was under way
    /// meanwhile.
    pub fn stood(&mut self, since: Time, until: Time) {
        let recent = self.past.iter().rev().take_while(|(_, to, _)| *to > since).last();
        let recent = recent.filter(|(from, ..)| *from <= until).map(|(.., cause)| *cause);
        let open = self.open.filter(|(from, _)| *from <= until).map(|(_, cause)| cause);
        let place = recent.or(open).map_or(RebalanceCause::ALL.len(), RebalanceCause::index);
        self.stood[place] += until.since(since).0;
    }
    /// The run is over: one that never ended is shown, and not counted.
    pub fn close(&mut self, group: &str, at: Time) {
        self.mark(group, at);
    }
}

/// What one consumer was doing: exactly in all, and over time by shares of fixed buckets, as a chart needs them.
#[derive(Debug)]
pub struct Activity {
    doing: u8,
    since: Time,
    step: u64,
    /// What it did in the bucket under way.
    shares: [u64; 5],
    /// Where that bucket ends; 0 before the first.
    end: Time,
    /// What it did in all buckets before.
    total: [u64; 5],
    /// Buckets before whose shares look the same, as one.
    past: Vec<Stretch>,
}

impl Activity {
    /// A consumer that is not there yet.
    pub fn new(step: Span) -> Self {
        Activity {
            doing: 4,
            since: Time::ZERO,
            step: step.0.max(1),
            shares: [0; 5],
            end: Time::ZERO,
            total: [0; 5],
            past: Vec::new(),
        }
    }
    /// From now on it does something else.
    #[inline]
    pub fn set(&mut self, doing: Doing, at: Time) {
        // The order of `findings::STATES`.
        let doing = match doing {
            Doing::Processing => 0,
            Doing::Idle => 1,
            Doing::Rebalancing => 2,
            Doing::Paused => 3,
            Doing::Down => 4,
        };
        if doing != self.doing {
            self.advance(at);
            self.doing = doing;
        }
    }
    /// Accounts for the time up to `at`.
    #[inline]
    pub fn advance(&mut self, at: Time) {
        while at > self.end {
            if self.end > Time::ZERO {
                self.shares[usize::from(self.doing)] += self.end.0 - self.since.0;
                self.since = self.end;
                self.close_bucket();
            }
            self.end += Span(self.step);
        }
        if self.end > Time::ZERO {
            self.shares[usize::from(self.doing)] += at.0 - self.since.0;
            self.since = at;
        }
    }
    fn close_bucket(&mut self) {
        let shares = std::mem::take(&mut self.shares);
        let length: u64 = shares.iter().sum();
        let mut eighths = shares.map(|s| eighths(s, length));
        if shares[0] > 0 && eighths[0] == 0 {
            // A little work is not nothing.
            eighths[0] = 1;
            eighths[1] = eighths[1].saturating_sub(1);
        }
        match self.past.last_mut() {
            Some(stretch) if stretch.eighths == eighths => stretch.to = self.since,
            _ => self.past.push(Stretch { to: self.since, eighths }),
        }
        self.total.iter_mut().zip(shares).for_each(|(total, s)| *total += s);
    }
    /// What there is to show of it, if it was ever there.
    pub fn finish(mut self, consumer: Arc<str>) -> Option<ConsumerTime> {
        if self.shares.iter().any(|s| *s > 0) {
            self.close_bucket();
        }
        let stretches = self.past;
        (!stretches.is_empty()).then(|| ConsumerTime { consumer, total: self.total.map(Span), stretches })
    }
}

/// A share in eighths.
fn eighths(part: u64, whole: u64) -> u8 {
    let rounded = (u128::from(part) * u128::from(EIGHTHS) + u128::from(whole / 2)) / u128::from(whole.max(1));
    rounded as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standstill_is_put_down_to_the_first_rebalance_meanwhile() {
        let mut rebalances = Rebalances::default();
        for (cause, from, to) in [(RebalanceCause::Join, 10, 20), (RebalanceCause::FollowUp, 20, 30)] {
            rebalances.began(cause, Time(from));
            rebalances.ended("billing", Time(to));
        }
        rebalances.began(RebalanceCause::SessionTimeout, Time(50));
        // Before any, from before the first into the second, from the end of the first on, between, and open.
        for (since, until) in [(0, 5), (8, 25), (20, 31), (30, 40), (45, 52)] {
            rebalances.stood(Time(since), Time(until));
        }
        let of = |cause: RebalanceCause| rebalances.stood[cause.index()];
        assert_eq!(rebalances.stood[RebalanceCause::ALL.len()], 5 + 10);
        assert_eq!((of(RebalanceCause::Join), of(RebalanceCause::FollowUp)), (17, 11));
        assert_eq!(of(RebalanceCause::SessionTimeout), 7);
    }

    #[test]
    fn a_rebalance_that_never_ends_is_shown_and_not_counted() {
        let mut rebalances = Rebalances::default();
        // The first generation is none, and what begins while one is open prolongs it.
        for (cause, ends) in [
            (RebalanceCause::Join, Some(1)),
            (RebalanceCause::Leave, None),
            (RebalanceCause::SessionTimeout, Some(2)),
            (RebalanceCause::Join, None),
        ] {
            rebalances.began(cause, Time::ZERO);
            if let Some(at) = ends {
                rebalances.ended("billing", Time(at));
            }
        }
        rebalances.close("billing", Time(3));
        let counted: Vec<_> =
            RebalanceCause::ALL.iter().filter(|c| rebalances.counts[c.index()] > 0).collect();
        assert_eq!(counted, [&RebalanceCause::Leave]);
        let labels: Vec<_> = rebalances.marks.iter().map(|m| (m.label.as_str(), m.to)).collect();
        let expected = ["rebalance (join)", "rebalance (leave)", "rebalance (join)"];
        assert_eq!(labels, (1..).map(Time).zip(expected).map(|(at, l)| (l, at)).collect::<Vec<_>>());
    }

    #[test]
    fn little_work_is_kept_and_counted_exactly() {
        let mut activity = Activity::new(Span(1000));
        for bucket in 0..100 {
            activity.set(Doing::Processing, Time(bucket * 1000 + 500));
            activity.set(Doing::Idle, Time(bucket * 1000 + 530));
        }
        activity.set(Doing::Down, Time(100_000));
        activity.advance(Time(102_500));
        let found = activity.finish("billing/0".into()).expect("it was there");
        // Down until it joined, half a bucket.
        assert_eq!(found.total.map(|t| t.0), [3000, 96_500, 0, 0, 3000]);
        let stretches: Vec<_> = found.stretches.iter().map(|s| (s.to.0, s.eighths)).collect();
        let expected = [(1000, [1, 3, 0, 0, 4]), (100_000, [1, 7, 0, 0, 0]), (102_500, [0, 0, 0, 0, 8])];
        assert_eq!(stretches, expected);
        assert!(Activity::new(Span(1000)).finish("billing/1".into()).is_none(), "never there");
    }

    #[test]
    fn a_pause_now_and_then_takes_nothing_off_the_work() {
        let mut activity = Activity::new(Span(1000));
        activity.set(Doing::Processing, Time::ZERO);
        activity.set(Doing::Idle, Time(700));
        activity.set(Doing::Processing, Time(720));
        activity.advance(Time(1000));
        let found = activity.finish("billing/0".into()).expect("it was there");
        assert_eq!(found.stretches[0].eighths, [8, 0, 0, 0, 0]);
        assert_eq!(found.total[1], Span(20));
    }
}
