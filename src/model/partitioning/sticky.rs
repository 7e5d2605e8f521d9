//! Where Kafka's clients put events without a key: on one partition until a batch is full, then on another, rather
//! on one with few batches waiting.
//!
//! `BuiltInPartitioner` of the Java client since 3.3 (KIP-794). The queues are those of the moment at which it looks
//! for another partition; there they are as old as the sender's last look. Knows nothing of keys.

use super::{PlaceView, Queues};
use crate::engine::Stream;

/// The partition of the moment.
#[derive(Debug)]
pub(super) struct Sticky {
    /// Whether it looks at the queues (Kafka `partitioner.adaptive.partitioning.enable`).
    adaptive: bool,
    current: Option<u32>,
    /// Bytes placed on it so far.
    bytes: u64,
    /// Partitions below have had a batch.
    begun: u32,
    /// Room for the queues.
    waiting: Vec<(u32, u32)>,
}

impl Sticky {
    pub(super) fn new(adaptive: bool) -> Self {
        Sticky { adaptive, current: None, bytes: 0, begun: 0, waiting: Vec::new() }
    }

    /// The partition of this event. The next one is drawn from all, so it may be the same again, as it
    /// may there.
    pub(super) fn place(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        let partition = match self.current {
            Some(partition) if !self.is_over(partition, view) => partition,
            _ => {
                self.bytes = 0;
                self.next(view, rng)
            }
        };
        self.current = Some(partition);
        self.bytes += u64::from(view.size);
        partition
    }

    /// Batches are not cut short: it stays until the last one is full or gone, but no longer than for two
    /// (`updatePartitionInfo`).
    fn is_over(&self, partition: u32, view: &PlaceView) -> bool {
        let full = self.bytes >= view.batch_size;
        full && (view.queues.complete(partition) || self.bytes >= view.batch_size * 2)
    }

    /// Every partition with the weight of the longest queue less its own, plus one (`updatePartitionLoadStats`).
    fn next(&mut self, view: &PlaceView, rng: &mut Stream) -> u32 {
        let (queues, partitions) = (view.queues, view.partitions);
        let all_led = queues.all_led();
        self.waiting.clear();
        if self.adaptive && self.all_begun(queues, partitions) {
            let waiting = &mut self.waiting;
            queues.waiting(&mut |partition, n| {
                if all_led || queues.led(partition) {
                    waiting.push((partition, n));
                }
            });
            self.waiting.sort_unstable();
        }
        let full = 1 + u64::from(self.waiting.iter().map(|(_, n)| *n).max().unwrap_or(0));
        let candidates =
            if all_led { partitions } else { (0..partitions).filter(|p| queues.led(*p)).count() as u32 };
        if candidates == 0 {
            return rng.below(u64::from(partitions)) as u32;
        }
        let less: u64 = self.waiting.iter().map(|(_, n)| u64::from(*n)).sum();
        let mut left = rng.below(u64::from(candidates) * full - less);
        // Between those with a queue lie some without one, which are all alike.
        let mut passed = 0;
        for (partition, n) in &self.waiting {
            let before = if all_led {
                *partition - passed
            } else {
                (passed..*partition).filter(|p| queues.led(*p)).count() as u32
            };
            if left < u64::from(before) * full {
                return Self::nth_led(queues, passed, left / full);
            }
            left -= u64::from(before) * full;
            if left < full - u64::from(*n) {
                return *partition;
            }
            left -= full - u64::from(*n);
            passed = *partition + 1;
        }
        Self::nth_led(queues, passed, left / full)
    }
    fn nth_led(queues: &dyn Queues, from: u32, n: u64) -> u32 {
        if queues.all_led() {
            return from + n as u32;
        }
        (from..).filter(|p| queues.led(*p)).nth(n as usize).expect("there is one more")
    }

    /// Before every partition has had a batch, it knows of no queues.
    fn all_begun(&mut self, queues: &dyn Queues, partitions: u32) -> bool {
        while self.begun < partitions && queues.begun(self.begun) {
            self.begun += 1;
        }
        self.begun >= partitions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamKey;
    use crate::model::keys::NO_KEY;

    #[derive(Default)]
    struct Table {
        lengths: Vec<u32>,
        leaderless: Vec<u32>,
        open: bool,
        fresh: bool,
    }
    impl Queues for Table {
        fn complete(&self, _: u32) -> bool {
            !self.open
        }
        fn begun(&self, _: u32) -> bool {
            !self.fresh
        }
        fn led(&self, partition: u32) -> bool {
            !self.leaderless.contains(&partition)
        }
        fn all_led(&self) -> bool {
            self.leaderless.is_empty()
        }
        /// In no order that anybody should count on.
        fn waiting(&self, tell: &mut dyn FnMut(u32, u32)) {
            let all = (0..).zip(&self.lengths).filter(|(_, n)| **n > 0);
            all.collect::<Vec<_>>().into_iter().rev().for_each(|(p, n)| tell(p, *n));
        }
    }

    fn view(queues: &Table, ordinal: u64) -> PlaceView<'_> {
        let partitions = queues.lengths.len() as u32;
        PlaceView { key: NO_KEY, ordinal, size: 100, partitions, batch_size: 100, queues }
    }
    /// How often each partition is drawn in 80 000.
    fn drawn(sticky: &mut Sticky, queues: &Table) -> Vec<u32> {
        let mut rng = StreamKey::new(3, 0).stream("sticky");
        let mut counts = vec![0; queues.lengths.len()];
        for i in 0..80_000 {
            counts[sticky.place(&view(queues, i), &mut rng) as usize] += 1;
        }
        counts
    }
    /// Five standard deviations of a share of 80 000 are at most 708.
    fn assert_near(found: &[u32], expected: &[u32]) {
        let near = found.iter().zip(expected).all(|(f, e)| f.abs_diff(*e) < 708 && (*e > 0 || *f == 0));
        assert!(near, "{found:?} and not {expected:?}");
    }

    #[test]
    fn weights_are_those_of_the_java_client() {
        // Its own example: queues of 0, 3 and 1 weigh 4, 1 and 3.
        let mut queues = Table { lengths: vec![0, 3, 1], ..Table::default() };
        assert_near(&drawn(&mut Sticky::new(true), &queues), &[40_000, 10_000, 30_000]);
        assert_near(&drawn(&mut Sticky::new(false), &queues), &[26_667, 26_667, 26_667]);
        queues.fresh = true;
        assert_near(&drawn(&mut Sticky::new(true), &queues), &[26_667, 26_667, 26_667]);
        // Alike is alike, empty or not.
        queues = Table { lengths: vec![2; 5], ..Table::default() };
        assert_near(&drawn(&mut Sticky::new(true), &queues), &[16_000; 5]);
    }

    #[test]
    fn who_has_no_leader_gets_nothing_unless_none_has() {
        let mut queues = Table { lengths: vec![0, 3, 1, 0], leaderless: vec![0], ..Table::default() };
        assert_near(&drawn(&mut Sticky::new(true), &queues), &[0, 10_000, 30_000, 40_000]);
        queues.leaderless = vec![1];
        assert_near(&drawn(&mut Sticky::new(true), &queues), &[32_000, 0, 16_000, 32_000]);
        queues.leaderless = vec![0, 1, 2, 3];
        assert_near(&drawn(&mut Sticky::new(true), &queues), &[20_000; 4]);
    }

    #[test]
    fn a_batch_is_not_cut_short_unless_it_takes_too_long() {
        let mut queues = Table { lengths: vec![0; 1000], open: true, ..Table::default() };
        let (mut sticky, mut rng) = (Sticky::new(true), StreamKey::new(3, 0).stream("sticky"));
        let mut place = |queues: &Table, i| {
            let mut view = view(queues, i);
            view.batch_size = 1_000;
            sticky.place(&view, &mut rng)
        };
        let placed: Vec<u32> = (0..40).map(|i| place(&queues, i)).collect();
        assert!(
            placed[..20].iter().all(|p| *p == placed[0]) && placed[20..].iter().all(|p| *p == placed[20])
        );
        assert_ne!(placed[0], placed[20]);
        let next: Vec<u32> = (0..15).map(|i| place(&queues, i)).collect();
        queues.open = false;
        assert!(next.iter().all(|p| *p == next[0]) && place(&queues, 15) != next[0]);
    }
}
