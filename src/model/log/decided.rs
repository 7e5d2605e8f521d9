//! Up to where a log's transactions are decided, and what readers step over because of them.
//!
//! Follows Kafka's `ProducerStateManager`: the last stable offset is the first offset of the earliest
//! transaction that is open, or whose marker readers cannot see yet. Knows nothing of records.

use super::gaps::Gaps;
use crate::model::ids::{Offset, ProducerId};

/// What a marker says of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whose transaction.
    pub whose: ProducerId,
    /// Which of them.
    pub epoch: u32,
    /// Whether it counts.
    pub commit: bool,
}

/// A transaction that readers who wait for it do not know the outcome of.
#[derive(Debug)]
struct Undecided {
    whose: ProducerId,
    epoch: u32,
    /// Where its records lie.
    records: Vec<(Offset, Offset)>,
    /// Its marker, if it is appended, and what it says.
    marker: Option<(Offset, bool)>,
    /// Whether a marker has aborted it; if that is cut off, the next one will say the same.
    aborted: bool,
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Decided {
    undecided: Vec<Undecided>,
    /// First offset of the earliest of them, or the greatest number there is.
    first: Offset,
    /// What no reader gets: markers, and what truncations took away.
    pub(super) for_all: Gaps,
    /// What readers who wait for the outcome do not get: that, and what was aborted.
    pub(super) for_committed: Gaps,
}

impl Default for Decided {
    fn default() -> Self {
        let (for_all, for_committed) = (Gaps::default(), Gaps::default());
        Decided { undecided: Vec::new(), first: Offset::MAX, for_all, for_committed }
    }
}

impl Decided {
    /// Everything below is decided, as far as it is seen.
    #[inline(always)]
    pub(super) fn first(&self) -> Offset {
        self.first
    }
    fn note_first(&mut self) {
        let begins = self.undecided.iter().filter_map(|t| t.records.first()).map(|(from, _)| *from);
        self.first = begins.min().unwrap_or(Offset::MAX);
    }
    fn place(&self, whose: ProducerId, epoch: u32) -> Option<usize> {
        self.undecided.iter().position(|t| t.whose == whose && t.epoch == epoch)
    }
    /// Records `[from, to)` belong to this transaction.
    pub(super) fn join(&mut self, whose: ProducerId, epoch: u32, from: Offset, to: Offset) {
        let i = self.place(whose, epoch).unwrap_or_else(|| {
            self.undecided.push(Undecided {
                whose,
                epoch,
                records: Vec::new(),
                marker: None,
                aborted: false,
            });
            self.undecided.len() - 1
        });
        match self.undecided[i].records.last_mut() {
            Some((_, end)) if *end == from => *end = to,
            _ => self.undecided[i].records.push((from, to)),
        }
        self.first = self.first.min(from);
    }
    /// Its marker lies at `at`; says which records are aborted by it, for the first time.
    pub(super) fn mark(&mut self, verdict: Verdict, at: Offset) -> Vec<(Offset, Offset)> {
        self.skip(at, at + 1);
        let Some(i) = self.place(verdict.whose, verdict.epoch) else { return Vec::new() };
        let transaction = &mut self.undecided[i];
        transaction.marker = Some((at, verdict.commit));
        if verdict.commit || std::mem::replace(&mut transaction.aborted, true) {
            return Vec::new();
        }
        let aborted = transaction.records.clone();
        for (from, to) in &aborted {
            self.for_committed.add(*from, *to);
        }
        aborted
    }
    /// Nobody gets `[from, to)`.
    pub(super) fn skip(&mut self, from: Offset, to: Offset) {
        self.for_all.add(from, to);
        self.for_committed.add(from, to);
    }
    /// Readers see what is below `upto`: its markers count.
    pub(super) fn show(&mut self, upto: Offset) {
        if !self.undecided.is_empty() {
            self.undecided.retain(|t| t.marker.is_none_or(|(at, _)| at >= upto));
            self.note_first();
        }
    }
    /// Everything from `from` on is gone; says which markers have to be written again.
    pub(super) fn truncate(&mut self, from: Offset) -> Vec<Verdict> {
        let mut lost = Vec::new();
        for t in &mut self.undecided {
            t.records.retain(|(begin, _)| *begin < from);
            if let Some((_, end)) = t.records.last_mut() {
                *end = (*end).min(from);
            }
            if let Some((_, commit)) = t.marker.take_if(|(at, _)| *at >= from)
                && !t.records.is_empty()
            {
                lost.push(Verdict { whose: t.whose, epoch: t.epoch, commit });
            }
        }
        self.undecided.retain(|t| !t.records.is_empty());
        self.note_first();
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: ProducerId = ProducerId(0);

    #[test]
    fn a_transaction_is_decided_when_its_marker_is_seen() {
        let mut d = Decided::default();
        d.join(ME, 1, 3, 5);
        d.join(ProducerId(1), 1, 5, 6);
        d.join(ME, 1, 6, 8);
        d.show(8);
        assert_eq!(d.first(), 3);
        let verdict = Verdict { whose: ME, epoch: 1, commit: false };
        assert_eq!(d.mark(verdict, 8), [(3, 5), (6, 8)]);
        d.show(8);
        assert_eq!(d.first(), 3);
        d.show(9);
        assert_eq!(d.first(), 5);
        assert_eq!((d.for_committed.after(3), d.for_committed.after(6)), (5, 9));
        assert_eq!((d.for_all.after(3), d.for_all.after(8)), (3, 9));
    }

    #[test]
    fn a_marker_that_is_cut_off_has_to_be_written_again() {
        let mut d = Decided::default();
        d.join(ME, 1, 0, 2);
        let verdict = Verdict { whose: ME, epoch: 1, commit: true };
        d.mark(verdict, 2);
        assert_eq!(d.truncate(2), [verdict]);
        assert_eq!(d.first(), 0);
        assert_eq!(d.truncate(0), []);
        assert_eq!(d.first(), Offset::MAX);
    }

    #[test]
    fn a_transaction_is_aborted_once_however_many_markers_say_so() {
        let mut d = Decided::default();
        d.join(ME, 1, 0, 2);
        let verdict = Verdict { whose: ME, epoch: 1, commit: false };
        assert_eq!(d.mark(verdict, 2), [(0, 2)]);
        assert_eq!(d.truncate(2), [verdict]);
        assert_eq!(d.mark(verdict, 2), []);
        assert_eq!(d.for_committed.after(0), 3);
    }
}
