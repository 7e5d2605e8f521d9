//! The pending events: earliest first; at equal times by rank, then in the order they were scheduled.

use crate::engine::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What goes first among events of the same nanosecond. (Rank 0 is for [`EventQueue::push_done`].)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Rank {
    /// Everything ordinary.
    Normal = 1,
    /// Interventions from outside: faults, operators, the end of the run.
    Outside = 2,
}

/// A set of pending events with payload `E`, popped in order of (time, rank, order of scheduling). What is equal in
/// all of it is popped in no particular order.
pub trait EventQueue<E: Copy> {
    /// Adds an event. `at` must not lie before the last popped event.
    fn push(&mut self, at: Time, rank: Rank, event: E);
    /// Adds the end of something that `whose` does. It comes before all other events of its moment, so that
    /// work that completes now is complete before anything else looks; and among its like by `whose`,
    /// below 2^62, whenever each was scheduled: how far ahead an end was computed must not show.
    fn push_done(&mut self, at: Time, whose: u64, event: E);
    /// Takes the earliest event.
    fn pop(&mut self) -> Option<(Time, E)>;
    /// When the earliest event is due, without taking it.
    fn peek(&mut self) -> Option<Time>;
    /// How many are pending.
    fn len(&self) -> usize;
    /// Whether none is pending.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The plain reference: a binary heap. Slower than [`WheelQueue`](crate::engine::WheelQueue), but its order is
/// evident; tests hold the two together.
#[derive(Debug)]
pub struct HeapQueue<E> {
    heap: BinaryHeap<Reverse<(u64, u64, u32)>>,
    slab: Vec<E>,
    free: Vec<u32>,
    seq: u64,
}

impl<E> Default for HeapQueue<E> {
    fn default() -> Self {
        HeapQueue { heap: BinaryHeap::new(), slab: Vec::new(), free: Vec::new(), seq: 0 }
    }
}

impl<E: Copy> HeapQueue<E> {
    fn add(&mut self, at: Time, order: u64, event: E) {
        let slot = if let Some(slot) = self.free.pop() {
            self.slab[slot as usize] = event;
            slot
        } else {
            self.slab.push(event);
            u32::try_from(self.slab.len() - 1).expect("fewer than 2^32 pending events")
        };
        self.heap.push(Reverse((at.0, order, slot)));
    }
}

impl<E: Copy> EventQueue<E> for HeapQueue<E> {
    fn push(&mut self, at: Time, rank: Rank, event: E) {
        self.seq += 1;
        self.add(at, (rank as u64) << 62 | self.seq, event);
    }
    fn push_done(&mut self, at: Time, whose: u64, event: E) {
        debug_assert!(whose < 1 << 62, "room is left for the rank");
        self.add(at, whose, event);
    }
    fn pop(&mut self) -> Option<(Time, E)> {
        let Reverse((at, _, slot)) = self.heap.pop()?;
        self.free.push(slot);
        Some((Time(at), self.slab[slot as usize]))
    }
    fn peek(&mut self) -> Option<Time> {
        self.heap.peek().map(|Reverse((at, _, _))| Time(*at))
    }
    fn len(&self) -> usize {
        self.heap.len()
    }
}
