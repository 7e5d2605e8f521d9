//! What a shard of a stream takes in: so many records and so many bytes per second, with a second's worth at once;
//! and which shard has which part of the hashes.
//!
//! Plain arithmetic on whole numbers. Knows nothing of what the records are, or of who sends them. In the world: the
//! write limits of a shard of Amazon Kinesis Data Streams.

use crate::engine::{Span, Time};
use crate::model::hashes::range_start;

/// A budget that refills at a constant rate, up to what comes in one second.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Per second.
    rate: u64,
    /// What is left, in billionths; below zero after something that is larger than a second's worth.
    left: i128,
    /// As of then.
    at: Time,
}

impl Allowance {
    /// A full budget.
    pub fn new(rate: u64) -> Self {
        Allowance { rate, left: Self::full(rate), at: Time::ZERO }
    }
    fn full(rate: u64) -> i128 {
        i128::from(rate) * 1_000_000_000
    }
    fn refill(&mut self, now: Time) {
        let came = i128::from(now.since(self.at).0) * i128::from(self.rate);
        self.left = (self.left + came).min(Self::full(self.rate));
        self.at = now;
    }
    /// Whether there is enough for `n`. What is larger than a second's worth goes when the budget is full.
    pub fn covers(&mut self, n: u64, now: Time) -> bool {
        self.refill(now);
        self.left >= Self::full(n.min(self.rate))
    }
    /// How long it is until something is left.
    pub fn wait(&mut self, now: Time) -> Span {
        self.refill(now);
        if self.left > 0 {
            return Span::ZERO;
        }
        let rate = i128::from(self.rate);
        Span(((rate - self.left) / rate) as u64)
    }
    /// Takes `n` out.
    pub fn spend(&mut self, n: u64) {
        self.left -= Self::full(n);
    }
}

/// So many in each second of the clock. What is not used in one is worth nothing in the next, so that nobody can keep
/// step with it to the cost of all others.
#[derive(Clone, Debug)]
struct Calls {
    limit: u64,
    second: u64,
    used: u64,
}

impl Calls {
    fn takes(&mut self, now: Time) -> bool {
        let second = now.0 / Span::from_secs(1).0;
        if second != self.second {
            (self.second, self.used) = (second, 0);
        }
        let takes = self.used < self.limit;
        self.used += u64::from(takes);
        takes
    }
}

/// See the module's text.
#[derive(Clone, Debug)]
pub struct Shard {
    records: Allowance,
    bytes: Allowance,
    calls: Calls,
    read: Allowance,
    /// It takes nothing any more: what it had of the hashes, its children have.
    pub closed: bool,
    /// What it was made of, by number in its stream.
    pub parents: Vec<u32>,
}

/// Which open shard of a stream has which hashes.
#[derive(Clone, Debug)]
pub struct Ranges {
    /// Where each range begins, ascending from 0, and whose it is.
    open: Vec<(u128, u32)>,
    /// The first and the last hash of every shard that there is or was, by number.
    had: Vec<(u128, u128)>,
}

impl Ranges {
    /// As a new stream of `n` shards has them.
    pub fn new(n: u32) -> Self {
        let open: Vec<(u128, u32)> = (0..n).map(|i| (range_start(i, n), i)).collect();
        let mut ranges = Ranges { open, had: Vec::new() };
        ranges.had = (0..n as usize).map(|i| ranges.bounds(i)).collect();
        ranges
    }
    /// Some hash that a shard has, or had: `chance` of its range, between 0 and 1.
    pub fn some_hash(&self, shard: u32, chance: f64) -> u128 {
        let (start, last) = self.had[shard as usize];
        // Fine enough for ranges that are cut in two a few times.
        let part = (chance * f64::from(1u32 << 30)) as u128;
        start + ((last - start) >> 30) * part
    }
    /// Whose a hash is.
    pub fn owner(&self, hash: u128) -> u32 {
        let i = self.open.partition_point(|(start, _)| *start <= hash);
        self.open[i - 1].1
    }
    fn place(&self, shard: u32) -> Option<usize> {
        self.open.iter().position(|(_, owner)| *owner == shard)
    }
    /// The halves of a shard's range go to the two children; `false` if it is not open.
    pub fn split(&mut self, shard: u32, children: (u32, u32)) -> bool {
        let Some(i) = self.place(shard) else { return false };
        let (start, last) = self.bounds(i);
        let middle = start + (last - start) / 2 + 1;
        self.open[i].1 = children.0;
        self.open.insert(i + 1, (middle, children.1));
        self.had.extend([self.bounds(i), self.bounds(i + 1)]);
        true
    }
    /// Two ranges that meet go to one child; `false` if they do not meet, or are not both open.
    pub fn merge(&mut self, shards: (u32, u32), child: u32) -> bool {
        let (Some(a), Some(b)) = (self.place(shards.0), self.place(shards.1)) else { return false };
        if a.abs_diff(b) != 1 {
            return false;
        }
        self.open.remove(a.max(b));
        self.open[a.min(b)].1 = child;
        self.had.push(self.bounds(a.min(b)));
        true
    }
    /// The first and the last hash of a range.
    fn bounds(&self, place: usize) -> (u128, u128) {
        (self.open[place].0, self.open.get(place + 1).map_or(u128::MAX, |(next, _)| next - 1))
    }
}

impl Shard {
    /// A shard that takes so many records and bytes per second, and gives so many answers and bytes.
    pub fn new(records: u64, bytes: u64, calls: u64, read: u64) -> Self {
        Shard {
            records: Allowance::new(records),
            bytes: Allowance::new(bytes),
            calls: Calls { limit: calls, second: 0, used: 0 },
            read: Allowance::new(read),
            closed: false,
            parents: Vec::new(),
        }
    }
    /// A record of so many bytes comes: whether it is taken. What is refused costs nothing.
    pub fn takes(&mut self, bytes: u64, now: Time) -> bool {
        let takes = self.records.covers(1, now) && self.bytes.covers(bytes, now);
        if takes {
            self.records.spend(1);
            self.bytes.spend(bytes);
        }
        takes
    }
}

impl Shard {
    /// Somebody asks for records: whether there is an answer. One that was larger than a second's worth is paid for
    /// before the next.
    pub fn gives(&mut self, now: Time) -> bool {
        self.read.covers(1, now) && self.calls.takes(now)
    }
    /// The answer was of so many bytes.
    pub fn gave(&mut self, bytes: u64) {
        self.read.spend(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(shard: &mut Shard, n: usize, bytes: u64, at: Time) -> usize {
        (0..n).filter(|_| shard.takes(bytes, at)).count()
    }

    #[test]
    fn a_second_is_worth_its_limit_in_records_and_in_bytes() {
        let mut shard = Shard::new(1000, 1_000_000, 5, 2_000_000);
        assert_eq!(taken(&mut shard, 3000, 100, Time::ZERO), 1000);
        assert_eq!(taken(&mut shard, 3000, 100, Time::ZERO + Span::millis(250)), 250);
        // However long nothing comes, no more than a second's worth is kept.
        let later = Time::ZERO + Span::from_secs(100);
        assert_eq!(taken(&mut shard, 3000, 4000, later), 250);
        assert_eq!(taken(&mut shard, 1, 4000, later + Span::millis(4)), 1);
        assert_eq!(taken(&mut shard, 1, 4000, later + Span::millis(5)), 0);
    }

    #[test]
    fn readers_share_five_answers_a_second_and_pay_for_large_ones() {
        let mut shard = Shard::new(1000, 1_000_000, 5, 2_000_000);
        let answers = |shard: &mut Shard, at| (0..20).filter(|_| shard.gives(at)).count();
        assert_eq!(answers(&mut shard, Time::ZERO), 5);
        assert_eq!(answers(&mut shard, Time::ZERO + Span::millis(999)), 0);
        assert_eq!(answers(&mut shard, Time::ZERO + Span::millis(1000)), 5);
        shard.gave(10_000_000);
        assert_eq!(answers(&mut shard, Time::ZERO + Span::millis(4999)), 0);
        assert_eq!(answers(&mut shard, Time::ZERO + Span::millis(5001)), 5);
        let mut budget = Allowance::new(1000);
        budget.spend(3000);
        assert_eq!(budget.wait(Time::ZERO), Span(2_000_000_001));
    }

    #[test]
    fn ranges_are_cut_and_joined_without_a_gap() {
        let mut ranges = Ranges::new(2);
        assert!(ranges.split(1, (2, 3)) && !ranges.split(1, (4, 5)));
        let bounds = |r: &Ranges, n: u32| r.place(n).map(|i| r.bounds(i)).map(|(a, b)| (a >> 125, b >> 125));
        assert_eq!(
            [0, 1, 2, 3].map(|n| bounds(&ranges, n)),
            [Some((0, 3)), None, Some((4, 5)), Some((6, 7))]
        );
        assert!(!ranges.merge((0, 3), 4), "they do not meet");
        assert!(ranges.merge((2, 0), 4));
        assert_eq!([0, 2, 4, 3].map(|n| bounds(&ranges, n)), [None, None, Some((0, 5)), Some((6, 7))]);
        for (hash, owner) in [(0, 4), (6 << 125, 3), ((6 << 125) - 1, 4), (u128::MAX, 3)] {
            assert_eq!(ranges.owner(hash), owner);
        }
    }

    #[test]
    fn a_record_of_more_than_a_second_goes_alone_and_is_paid_for_afterwards() {
        let mut shard = Shard::new(1000, 1000, 5, 2_000_000);
        assert_eq!(taken(&mut shard, 2, 3000, Time::ZERO), 1);
        assert_eq!(taken(&mut shard, 1, 1, Time::ZERO + Span::millis(1999)), 0);
        assert_eq!(taken(&mut shard, 1, 1, Time::ZERO + Span::millis(2001)), 1);
    }
}
