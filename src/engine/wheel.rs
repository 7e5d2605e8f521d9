//! The event queue the program runs on: a hierarchical timing wheel with a small sorted front.
//!
//! A binary heap costs a few cache misses per event once a million are pending; a wheel costs about one.
//! Time is read in digits to the base of 64. An event lies on the level of the highest digit in which its
//! time differs from the wheel's own, in the slot of that digit, unsorted; one machine word per level says
//! which slots hold anything. When the front has run out, the earliest slots with few events are sorted
//! straight into it; a slot with many is dealt out one level down first. Varghese and Lauck (1987) describe
//! the wheel; the sorted front makes it exact to the nanosecond, and ties exact to the order of scheduling.
//!
//! Events lie inline in chunks that all slots share, so memory follows the greatest number of events pending
//! (plus at most 2 MB of partly filled chunks), and a chunk just emptied, still in the cache, is the next to
//! be filled. No sequence of calls costs more than
//! logarithmic time per event, amortised; the price of that promise is a heap beside the front, empty but
//! for odd cases. Knows nothing of what the events mean.

use crate::engine::{EventQueue, Rank, Time};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Levels of 6 bits that cover a time of 64 bits.
const LEVELS: usize = 11;
/// Slots with no more events than this are sorted instead of dealt out further (found by measurement).
const FRONT: usize = 32;
/// Sparse slots are taken together while they hold no more events than this in all (found by measurement).
const GATHER: usize = 14;
/// With fewer events than this pending in all, the front holds every one of them (found by measurement).
const FEW: usize = 24;
/// When the front that holds everything has so many, the later ones go into the wheel.
const MANY: usize = 48;
/// An event that would have to move more entries of the front than this goes to the heap beside it.
const NEAR: usize = 64;
/// No more entries than this are sorted by counting (found by measurement).
const RANKED: usize = 20;
/// Events per chunk (found by measurement).
const CHUNK: usize = 64;
/// No chunk.
const NONE: u32 = u32::MAX;

/// An event and its place in the order. The *greater* entry is the earlier one: the front is then sorted
/// with its earliest entry last, where taking it is cheap, and a max-heap yields the earliest.
#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    at: u64,
    /// Rank in the upper 2 bits, below the sequence of scheduling, or with rank 0 whose end it is.
    order: u64,
    event: E,
}

impl<E> Entry<E> {
    #[inline(always)]
    fn key(&self) -> u128 {
        u128::from(self.at) << 64 | u128::from(self.order)
    }
}
impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    #[inline(always)]
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

/// A slot's chain of chunks: all full, but for the first.
#[derive(Clone, Copy, Debug)]
struct Slot {
    head: u32,
    len: u32,
}

const EMPTY: Slot = Slot { head: NONE, len: 0 };

/// The pending events; see the module's caption for how. Pops in exactly the order of
/// [`HeapQueue`](crate::engine::HeapQueue), several times faster when many events are pending.
///
/// At most 2^62 events can be scheduled over its lifetime and fewer than 2^32 be pending.
#[derive(Clone, Debug)]
pub struct WheelQueue<E> {
    /// The earliest events, the very earliest last. Holds, with `beside`, every entry before `end`.
    front: Vec<Entry<E>>,
    /// Room for sorting it.
    unsorted: Vec<Entry<E>>,
    /// What belongs into the front, but too far from its end to be moved there entry by entry.
    beside: BinaryHeap<Entry<E>>,
    /// Everything in the wheel has this key or a later one.
    end: u128,
    /// The moment relative to which entries are placed; none in the wheel is earlier.
    now: u64,
    /// Which levels hold anything.
    levels: u32,
    /// Which slots of each level hold anything.
    bits: [u64; LEVELS],
    slots: Box<[[Slot; 64]; LEVELS]>,
    /// The chunks of all slots, `CHUNK` entries each.
    pool: Vec<Entry<E>>,
    /// Of each chunk, the next of its chain.
    next: Vec<u32>,
    /// The chain of free chunks.
    free: u32,
    len: usize,
    seq: u64,
}

impl<E> Default for WheelQueue<E> {
    fn default() -> Self {
        WheelQueue {
            front: Vec::with_capacity(2 * FRONT),
            unsorted: Vec::with_capacity(RANKED),
            beside: BinaryHeap::new(),
            end: 0,
            now: 0,
            levels: 0,
            bits: [0; LEVELS],
            slots: Box::new([[EMPTY; 64]; LEVELS]),
            pool: Vec::new(),
            next: Vec::new(),
            free: NONE,
            len: 0,
            seq: 0,
        }
    }
}

impl<E: Copy> WheelQueue<E> {
    /// Puts an entry that is not before `now` into its slot.
    #[inline(always)]
    fn place(&mut self, entry: Entry<E>) {
        let differs = (entry.at ^ self.now) | 1;
        let level = (63 - differs.leading_zeros()) as usize / 6;
        let digit = (entry.at >> (6 * level)) as usize & 63;
        let Slot { mut head, len } = self.slots[level][digit];
        let within = len as usize % CHUNK;
        if within == 0 {
            head = self.grow_chain(head, entry);
        }
        self.pool[head as usize * CHUNK + within] = entry;
        self.slots[level][digit] = Slot { head, len: len + 1 };
        self.bits[level] |= 1 << digit;
        self.levels |= 1 << level;
    }

    /// A free chunk, chained in front of `tail`. `filler` is what a new one is filled with.
    #[inline(always)]
    fn grow_chain(&mut self, tail: u32, filler: Entry<E>) -> u32 {
        if self.free == NONE {
            // Handed over where it will lie: what goes to a function by its address is put together in memory, and
            // read back at once, on every path.
            self.pool.push(filler);
            self.add_chunk();
        }
        let chunk = self.free;
        self.free = self.next[chunk as usize];
        self.next[chunk as usize] = tail;
        chunk
    }

    #[cold]
    #[inline(never)]
    fn add_chunk(&mut self) {
        let filler = self.pool.pop().expect("just pushed");
        self.free = u32::try_from(self.next.len()).expect("fewer than 2^32 pending events");
        self.next.push(NONE);
        self.pool.resize(self.pool.len() + CHUNK, filler);
    }

    /// Empties a slot, handing its entries to `take` in no particular order.
    #[inline(always)]
    fn empty_slot(&mut self, level: usize, digit: usize, mut take: impl FnMut(&mut Self, Entry<E>)) {
        let Slot { mut head, len } = std::mem::replace(&mut self.slots[level][digit], EMPTY);
        self.bits[level] &= !(1 << digit);
        if self.bits[level] == 0 {
            self.levels &= !(1 << level);
        }
        let mut filled = (len as usize - 1) % CHUNK + 1;
        while head != NONE {
            let first = head as usize * CHUNK;
            for i in first..first + filled {
                let entry = self.pool[i];
                take(self, entry);
            }
            let tail = std::mem::replace(&mut self.next[head as usize], self.free);
            self.free = head;
            head = tail;
            filled = CHUNK;
        }
    }

    /// Brings the earliest entries of the wheel, which must hold some, to the empty front.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        if self.len < FEW {
            return self.take_all();
        }
        let (level, first) = loop {
            let level = self.levels.trailing_zeros() as usize;
            let digit = self.bits[level].trailing_zeros() as usize;
            // The digits above this level are those of `now`, the ones below it zero.
            let width = 6 * level;
            let above = self.now.checked_shr(width as u32 + 6).map_or(0, |high| high << (width + 6));
            self.now = above | (digit as u64) << width;
            if self.slots[level][digit].len as usize <= FRONT || level == 0 {
                break (level, digit);
            }
            self.empty_slot(level, digit, |wheel, entry| wheel.place(entry));
        };
        self.empty_slot(level, first, |wheel, entry| wheel.front.push(entry));
        // Sparse slots are taken several at a time.
        let mut last = first;
        while self.bits[level] != 0 {
            let digit = self.bits[level].trailing_zeros() as usize;
            if self.front.len() + self.slots[level][digit].len as usize > GATHER {
                break;
            }
            self.empty_slot(level, digit, |wheel, entry| wheel.front.push(entry));
            last = digit;
        }
        self.sort_front();
        self.end = if self.front.len() > FRONT {
            // Many events of one nanosecond: further ones may go to their slot again.
            self.front[0].key() + 1
        } else {
            let end = u128::from(self.now) + (((last - first + 1) as u128) << (6 * level));
            if end > u128::from(u64::MAX) { u128::MAX } else { end << 64 }
        };
    }

    /// Brings everything to the empty front.
    fn take_all(&mut self) {
        while self.levels != 0 {
            let level = self.levels.trailing_zeros() as usize;
            let digit = self.bits[level].trailing_zeros() as usize;
            self.empty_slot(level, digit, |wheel, entry| wheel.front.push(entry));
        }
        self.front.sort_unstable();
        self.end = u128::MAX;
    }
    /// Gives the later part of a front that holds everything to the wheel.
    #[cold]
    #[inline(never)]
    fn spill(&mut self) {
        let cut = self.front.len() - FRONT / 2;
        self.end = self.front[cut - 1].key();
        // The earliest of all, so that what stays in the front can follow if the front fills again.
        self.now = self.front[self.front.len() - 1].at;
        for i in 0..cut {
            self.place(self.front[i]);
        }
        self.front.drain(..cut);
    }

    /// Sorts the front. Of a few entries each counts how many precede it: more comparisons than a sort needs,
    /// but none that the processor has to guess.
    #[inline(always)]
    fn sort_front(&mut self) {
        let n = self.front.len();
        if n > RANKED {
            return self.front.sort_unstable();
        }
        let mut keys = [0; RANKED];
        for (key, entry) in keys.iter_mut().zip(&self.front) {
            *key = entry.key();
        }
        let mut places = [0_u8; RANKED];
        for i in 1..n {
            let (key, mut place) = (keys[i], 0);
            for (other, theirs) in keys[..i].iter().zip(&mut places) {
                let later = u8::from(*other > key);
                place += later;
                *theirs += 1 - later;
            }
            places[i] = place;
        }
        self.unsorted.clone_from(&self.front);
        for (entry, place) in self.unsorted.iter().zip(places) {
            self.front[usize::from(place)] = *entry;
        }
    }

    #[inline(always)]
    fn add(&mut self, entry: Entry<E>) {
        self.len += 1;
        if self.front.len() == MANY && self.end == u128::MAX && self.levels == 0 && self.beside.is_empty() {
            self.spill();
        }
        if entry.key() < self.end {
            self.push_front(entry);
        } else {
            self.place(entry);
        }
    }

    /// Adds an entry that is earlier than `end`.
    #[inline(always)]
    fn push_front(&mut self, entry: Entry<E>) {
        let len = self.front.len();
        self.front.push(entry);
        if len >= NEAR && entry < self.front[len - NEAR] {
            return self.put_beside();
        }
        // Two places at a time, and the odd one without a guess: fewer turns of a loop whose end nobody can foresee.
        let key = entry.key();
        let mut slots = self.front.as_mut_slice();
        while let [.., two, one, free] = slots {
            if two.key() >= key {
                break;
            }
            *free = *one;
            *one = *two;
            let left = slots.len() - 2;
            slots = &mut slots[..left];
        }
        let last = slots.len() - 1;
        let mut place = last;
        if let [.., one, free] = slots {
            place -= usize::from(one.key() < key);
            *free = *one;
        }
        slots[place] = entry;
    }

    /// Takes the last entry of the front out of it.
    #[cold]
    #[inline(never)]
    fn put_beside(&mut self) {
        self.beside.extend(self.front.pop());
        // The front covers too much time for what is pushed now. To give the later part of it back to the
        // wheel costs no more than the pushes that led here.
        if self.beside.len() > self.front.len().max(NEAR) {
            self.front.extend(self.beside.drain());
            self.front.sort_unstable();
            // After a `peek`, entries before `now` may have been pushed; the wheel cannot take those.
            let movable = self.front.partition_point(|e| e.at >= self.now);
            let cut = movable.min(self.front.len() - FRONT);
            if cut > 0 {
                self.end = self.front[cut - 1].key();
                for i in 0..cut {
                    self.place(self.front[i]);
                }
                self.front.drain(..cut);
            }
        }
    }

    /// Brings what is earliest of all to the end of the front while some lie beside it.
    #[cold]
    #[inline(never)]
    fn look_beside(&mut self) {
        if self.front.is_empty() {
            self.front = std::mem::take(&mut self.beside).into_sorted_vec();
        } else if self.beside.peek() > self.front.last() {
            self.front.extend(self.beside.pop());
        }
    }

    /// The earliest event, where it lies: who looks at a part of it there need not wait until all of it is copied.
    #[inline(always)]
    pub fn first(&mut self) -> Option<(Time, &E)> {
        if self.len == 0 {
            return None;
        }
        if !self.beside.is_empty() {
            self.look_beside();
        } else if self.front.is_empty() {
            self.refill();
        }
        self.front.last().map(|e| (Time(e.at), &e.event))
    }
    /// Takes out what was [first](Self::first); nothing may have been pushed since.
    #[inline(always)]
    pub fn skip(&mut self) {
        self.len -= 1;
        self.front.truncate(self.front.len() - 1);
    }
}

impl<E: Copy> EventQueue<E> for WheelQueue<E> {
    #[inline(always)]
    fn push(&mut self, at: Time, rank: Rank, event: E) {
        self.seq += 1;
        self.add(Entry { at: at.0, order: (rank as u64) << 62 | self.seq, event });
    }
    #[inline(always)]
    fn push_done(&mut self, at: Time, whose: u64, event: E) {
        debug_assert!(whose < 1 << 62, "room is left for the rank");
        self.add(Entry { at: at.0, order: whose, event });
    }
    #[inline(always)]
    fn pop(&mut self) -> Option<(Time, E)> {
        let (at, event) = self.first()?;
        let event = *event;
        self.skip();
        Some((at, event))
    }
    #[inline(always)]
    fn peek(&mut self) -> Option<Time> {
        self.first().map(|(at, _)| at)
    }
    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests;
