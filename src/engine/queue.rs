//! The pending events: earliest first; at equal times by rank, then in the order they were scheduled.

use crate::engine::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What goes first among events of the same nanosecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Rank {
    /// Work that completes now is complete before anything else looks.
    Done = 0,
    /// Everything ordinary.
    Normal = 1,
    /// Interventions from outside: faults, operators, the end of the run.
    Outside = 2,
}

/// A set of pending events with payload `E`, popped in order of (time, rank, order of scheduling).
pub trait EventQueue<E: Copy> {
    /// Adds an event. `at` must not lie before the last popped event.
    fn push(&mut self, at: Time, rank: Rank, event: E);
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

impl<E: Copy> EventQueue<E> for HeapQueue<E> {
    fn push(&mut self, at: Time, rank: Rank, event: E) {
        let slot = if let Some(slot) = self.free.pop() {
            self.slab[slot as usize] = event;
            slot
        } else {
            self.slab.push(event);
            u32::try_from(self.slab.len() - 1).expect("fewer than 2^32 pending events")
        };
        self.seq += 1;
        self.heap.push(Reverse((at.0, (rank as u64) << 62 | self.seq, slot)));
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
