//! The wheel against the plain heap, whatever is pushed and taken, and what no sequence of calls may cost.

use super::*;
use crate::engine::{HeapQueue, Stream, StreamKey};
use proptest::prelude::*;
use rand::Rng;

/// The wheel and the reference side by side: every answer must be the same.
#[derive(Default)]
struct Pair {
    wheel: WheelQueue<u32>,
    heap: HeapQueue<u32>,
    clock: u64,
    pushed: u32,
}

impl Pair {
    /// Without a rank it is the end of something, of which no two are alike.
    fn push(&mut self, delay: u64, rank: Option<Rank>) {
        let at = Time(self.clock.saturating_add(delay));
        if let Some(rank) = rank {
            self.wheel.push(at, rank, self.pushed);
            self.heap.push(at, rank, self.pushed);
        } else {
            let whose = u64::from(self.pushed.reverse_bits());
            self.wheel.push_done(at, whose, self.pushed);
            self.heap.push_done(at, whose, self.pushed);
        }
        self.pushed += 1;
    }
    fn pop(&mut self) -> bool {
        let (mine, reference) = (self.wheel.pop(), self.heap.pop());
        assert_eq!(mine, reference);
        assert_eq!(self.wheel.len(), self.heap.len());
        self.clock = mine.map_or(self.clock, |(at, _)| at.0);
        mine.is_some()
    }
    fn peek(&mut self) {
        assert_eq!(self.wheel.peek(), self.heap.peek());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(u64, Option<Rank>),
    Burst(u16, u64, Option<Rank>),
    Spread(u16, u64),
    Pop(u16),
    Hold(u16, u64, Option<Rank>),
    Peek,
}

fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => Just(0),
        2 => 0..4_u64,
        4 => (0..63_u32, any::<u64>()).prop_map(|(bits, x)| x & ((2 << bits) - 1)),
        1 => any::<u64>(),
        1 => Just(u64::MAX),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let rank = || prop_oneof![Just(None), Just(Some(Rank::Normal)), Just(Some(Rank::Outside))];
    prop_oneof![
        6 => (delay(), rank()).prop_map(|(d, r)| Step::Push(d, r)),
        1 => (1..600_u16, delay(), rank()).prop_map(|(n, d, r)| Step::Burst(n, d, r)),
        1 => (1..600_u16, delay()).prop_map(|(n, d)| Step::Spread(n, d)),
        2 => (1..400_u16).prop_map(Step::Pop),
        2 => (1..400_u16, delay(), rank()).prop_map(|(n, d, r)| Step::Hold(n, d, r)),
        2 => Just(Step::Peek),
    ]
}

proptest! {
    #[test]
    fn the_order_is_that_of_the_heap(steps in prop::collection::vec(step(), 1..60), seed: u64) {
        let mut pair = Pair::default();
        let mut chance = StreamKey::new(seed, 0).stream("steps");
        for step in steps {
            match step {
                Step::Push(delay, rank) => pair.push(delay, rank),
                Step::Burst(n, delay, rank) => (0..n).for_each(|_| pair.push(delay, rank)),
                Step::Spread(n, most) => {
                    for _ in 0..n {
                        pair.push(chance.below(most.max(1)), any_rank(&mut chance));
                    }
                }
                Step::Pop(n) => (0..n).for_each(|_| { pair.pop(); }),
                Step::Hold(n, most, rank) => {
                    for _ in 0..n {
                        if pair.pop() {
                            pair.push(chance.below(most.max(1)), rank);
                        }
                    }
                }
                Step::Peek => pair.peek(),
            }
        }
        while pair.pop() {
            pair.peek();
        }
    }
}

fn any_rank(chance: &mut Stream) -> Option<Rank> {
    [None, Some(Rank::Normal), Some(Rank::Outside)][chance.below(3) as usize]
}

#[test]
fn a_long_run_has_the_order_of_the_heap() {
    let mut pair = Pair::default();
    let mut chance = StreamKey::new(3, 0).stream("long");
    for _ in 0..20_000 {
        pair.push(chance.below(1_000_000_000), Some(Rank::Normal));
    }
    for _ in 0..300_000 {
        pair.pop();
        let scale = chance.next_u64() % 40;
        let delay = chance.below(1 << scale);
        pair.push(delay, any_rank(&mut chance));
    }
    while pair.pop() {}
}

#[test]
fn memory_follows_the_number_of_pending_events() {
    let mut wheel = WheelQueue::default();
    let mut chance = StreamKey::new(1, 0).stream("hold");
    for event in 0..100_000_u32 {
        wheel.push(Time(chance.below(2_000_000_000)), Rank::Normal, event);
    }
    for _ in 0..1_000_000 {
        let (at, event) = wheel.pop().unwrap();
        wheel.push(Time(at.0 + chance.below(2_000_000_000)), Rank::Normal, event);
    }
    assert!(wheel.pool.len() <= 100_000 + LEVELS * 64 * CHUNK, "{}", wheel.pool.len());
    assert!(wheel.front.capacity() <= 16 * NEAR, "{}", wheel.front.capacity());
}

/// Each of these takes minutes if some step costs time in proportion to what is pending.
#[test]
fn a_hundred_thousand_events_of_one_moment_cost_no_more_than_others() {
    let n = 100_000;
    let mut wheel = WheelQueue::default();
    for event in 0..n {
        wheel.push(Time(5_000), Rank::Normal, event);
    }
    // Each schedules work of the same moment, before and after the others that are waiting.
    for event in 0..n {
        assert_eq!(wheel.pop(), Some((Time(5_000), event)));
        wheel.push(Time(5_000), Rank::Normal, n + event);
        for whose in [7, 7] {
            wheel.push_done(Time(5_000), whose, u32::MAX);
        }
        assert_eq!(wheel.pop(), Some((Time(5_000), u32::MAX)));
        assert_eq!(wheel.pop(), Some((Time(5_000), u32::MAX)));
    }
    // While many wait, as many go ahead of them.
    assert_eq!(wheel.peek(), Some(Time(5_000)));
    for event in 0..n {
        wheel.push_done(Time(5_000), u64::from(event), event);
    }
    for event in (0..n).chain(n..2 * n) {
        assert_eq!(wheel.pop(), Some((Time(5_000), event)));
    }
    assert!(wheel.is_empty());
}

#[test]
fn a_crowd_after_a_long_calm_goes_back_to_the_wheel() {
    let mut wheel = WheelQueue::default();
    let mut chance = StreamKey::new(1, 0).stream("crowd");
    let hour = 3_600_000_000_000;
    wheel.push(Time(hour), Rank::Normal, 0);
    wheel.push(Time(hour + 1_000_000_000), Rank::Normal, 1);
    assert_eq!(wheel.pop(), Some((Time(hour), 0)));
    for _ in 0..50_000 {
        wheel.push(Time(hour + chance.below(1_000_000_000)), Rank::Normal, 2);
    }
    assert!(wheel.front.len() + wheel.beside.len() < 1_000, "the front took it all");
    let mut last = Time::ZERO;
    while let Some((at, _)) = wheel.pop() {
        assert!(at >= last);
        last = at;
    }
}
