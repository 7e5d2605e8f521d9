//! How an idempotent producer numbers its batches for one partition, and what it does when numbers do not fit.
//!
//! Follows Kafka's `TxnPartitionEntry` and `TransactionManager` (KIP-360); counts batches where Kafka counts
//! records, which is the same as long as batches are sent again as they were. Knows nothing of queues or brokers.

use crate::model::record::REMEMBERED;

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    epoch: u32,
    next: u32,
    /// The lowest number of a batch that is neither acknowledged nor given up; `next` if there is none.
    first: u32,
    /// Which numbers from `first` on are of such batches, lowest bit first.
    unfinished: u32,
    /// One past the highest acknowledged number.
    acknowledged: u32,
    /// One past the highest number of a batch that was given up, until it is known what became of it.
    unresolved: Option<u32>,
    /// The numbers do not fit those of the broker: they begin anew when nothing is on its way.
    broken: bool,
}

impl Numbers {
    /// Whether a batch that was never sent may be sent now. In Kafka the answers of a connection come in the order
    /// of the requests, so that a late one keeps all after it from being finished; here it keeps new batches back.
    #[inline(always)]
    pub(super) fn open(&self) -> bool {
        self.next - self.first < REMEMBERED && self.unresolved.is_none() && !self.broken
    }
    /// Whether the batch of this number may be sent again: the earliest unfinished one alone may.
    pub(super) fn may_repeat(&self, number: (u32, u32)) -> bool {
        number.1 == self.first
    }
    /// Whether there ever was a batch.
    pub(super) fn begun(&self) -> bool {
        self.next > 0 || self.epoch > 0
    }
    /// The epoch and number of the next batch.
    #[inline(always)]
    pub(super) fn take(&mut self) -> (u32, u32) {
        let number = (self.epoch, self.next);
        self.unfinished |= 1u32.wrapping_shl(self.next - self.first);
        self.next += 1;
        number
    }
    #[inline(always)]
    fn finish(&mut self, number: (u32, u32)) {
        self.unfinished &= !1u32.wrapping_shl(number.1 - self.first);
        let skip = self.unfinished.trailing_zeros();
        if skip > 0 {
            // None left: all up to the next are finished.
            (self.first, self.unfinished) =
                if skip == 32 { (self.next, 0) } else { (self.first + skip, self.unfinished >> skip) };
            if self.unresolved.is_some() {
                self.resolve();
            }
        }
    }
    /// A batch is acknowledged.
    #[inline(always)]
    pub(super) fn acknowledge(&mut self, number: (u32, u32)) {
        self.acknowledged = self.acknowledged.max(number.1 + 1);
        self.finish(number);
    }
    /// A batch is given up: whether the broker has it is not known.
    pub(super) fn give_up(&mut self, number: (u32, u32)) {
        self.unresolved = self.unresolved.max(Some(number.1 + 1));
        self.finish(number);
    }
    /// When nothing is unfinished: if a later batch was acknowledged after all, there is no gap; else a new epoch
    /// begins (Kafka's `maybeResolveSequences`).
    fn resolve(&mut self) {
        if self.unfinished == 0 {
            if self.acknowledged != self.next {
                self.begin_anew();
            }
            self.unresolved = None;
        }
    }
    /// The broker says that this number is not the next one (Kafka's `canRetry`): if all before it are acknowledged,
    /// or given up, there is a gap that nothing will fill.
    pub(super) fn out_of_order(&mut self, number: (u32, u32)) {
        let gap = match self.unresolved {
            None => number.1 == self.acknowledged,
            Some(after) => number.1 == after,
        };
        self.broken |= gap;
    }
    /// Whether nothing may be sent before what is on its way has come back, and what waits is numbered anew.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }
    /// A new epoch; batches that are to be sent again [take](Self::take) new numbers, in their order.
    pub(super) fn begin_anew(&mut self) {
        *self = Numbers { epoch: self.epoch + 1, ..Numbers::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_may_be_unfinished_and_the_first_alone_is_repeated() {
        let mut numbers = Numbers::default();
        let sent: Vec<_> = (0..5).map(|_| numbers.take()).collect();
        assert!(!numbers.open());
        numbers.acknowledge(sent[2]);
        assert!(!numbers.open() && numbers.may_repeat(sent[0]) && !numbers.may_repeat(sent[1]));
        numbers.acknowledge(sent[0]);
        assert!(numbers.open() && numbers.may_repeat(sent[1]));
        numbers.acknowledge(sent[1]);
        assert_eq!((numbers.first, numbers.take()), (3, (0, 5)));
        for n in [(0, 3), (0, 4), (0, 5)] {
            numbers.acknowledge(n);
        }
        assert_eq!((numbers.first, numbers.next, numbers.unfinished), (6, 6, 0));
    }

    #[test]
    fn what_is_given_up_is_resolved_by_a_later_answer_or_by_a_new_epoch() {
        let mut numbers = Numbers::default();
        let (a, b) = (numbers.take(), numbers.take());
        numbers.give_up(a);
        assert!(!numbers.open() && numbers.may_repeat(b));
        numbers.acknowledge(b);
        assert_eq!((numbers.open(), numbers.take()), (true, (0, 2)));
        numbers.give_up((0, 2));
        assert_eq!((numbers.open(), numbers.take()), (true, (1, 0)));
    }

    #[test]
    fn a_gap_is_one_only_if_nothing_will_fill_it() {
        let mut numbers = Numbers::default();
        let (a, b) = (numbers.take(), numbers.take());
        numbers.out_of_order(b);
        assert!(!numbers.is_broken());
        numbers.give_up(a);
        numbers.out_of_order(b);
        assert!(numbers.is_broken() && !numbers.open());
        numbers.begin_anew();
        assert_eq!((numbers.take(), numbers.open()), ((1, 0), true));
        // The broker has lost what it had acknowledged.
        numbers.acknowledge((1, 0));
        let c = numbers.take();
        numbers.out_of_order(c);
        assert!(numbers.is_broken());
    }
}
