//! Stretches of a log that readers step over. Knows nothing of why.

use crate::model::ids::Offset;

/// Stretches of offsets `[from, to)`, ascending and apart.
#[derive(Debug, Default)]
pub(super) struct Gaps(Vec<(Offset, Offset)>);

impl Gaps {
    /// Whether there are none.
    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// One more; what it touches becomes one with it.
    pub(super) fn add(&mut self, from: Offset, to: Offset) {
        let first = self.0.partition_point(|(_, end)| *end < from);
        let after = self.0.partition_point(|(begin, _)| *begin <= to);
        let touched = &self.0[first..after];
        let from = touched.first().map_or(from, |(begin, _)| from.min(*begin));
        let to = touched.last().map_or(to, |(_, end)| to.max(*end));
        self.0.splice(first..after, [(from, to)]);
    }
    /// Many more, ascending, and apart from each other and from all that are here.
    pub(super) fn merge(&mut self, more: impl Iterator<Item = (Offset, Offset)>) {
        let old = std::mem::take(&mut self.0);
        let (mut old, mut more) = (old.into_iter().peekable(), more.peekable());
        loop {
            let next = match (old.peek(), more.peek()) {
                (Some(a), Some(b)) if a > b => more.next(),
                (None, _) => more.next(),
                _ => old.next(),
            };
            let Some((from, to)) = next else { break };
            match self.0.last_mut() {
                Some((_, end)) if *end == from => *end = to,
                _ => self.0.push((from, to)),
            }
        }
    }
    /// Where a reader at `at` goes on: there, or behind the gap it lies in.
    pub(super) fn after(&self, at: Offset) -> Offset {
        let i = self.0.partition_point(|(_, to)| *to <= at);
        self.0.get(i).filter(|(from, _)| *from <= at).map_or(at, |(_, to)| *to)
    }
    /// How far a reader gets from `at` towards `to` before a gap.
    pub(super) fn before(&self, at: Offset, to: Offset) -> Offset {
        let i = self.0.partition_point(|(_, to)| *to <= at);
        self.0.get(i).map_or(to, |(from, _)| to.min(*from).max(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a plain table.
        #[test]
        fn gaps_are_the_union_of_what_was_added(all in prop::collection::vec((0u64..40, 1u64..6), 0..20)) {
            let (mut gaps, mut table) = (Gaps::default(), [false; 64]);
            for (from, len) in all {
                gaps.add(from, from + len);
                table[from as usize..(from + len) as usize].fill(true);
            }
            for at in 0..60usize {
                let after = (at..64).find(|i| !table[*i]).expect("the table ends without a gap");
                prop_assert_eq!(gaps.after(at as u64), after as u64);
                let before = (at..60).find(|i| table[*i]).unwrap_or(60);
                prop_assert_eq!(gaps.before(at as u64, 60), before as u64);
            }
            prop_assert!(gaps.0.windows(2).all(|w| w[0].1 < w[1].0));
        }
    }

    #[test]
    fn many_are_merged_as_one_by_one() {
        let (mut one_by_one, mut at_once) = (Gaps::default(), Gaps::default());
        for gaps in [&mut one_by_one, &mut at_once] {
            gaps.add(4, 6);
            gaps.add(9, 10);
        }
        let more = [(0, 2), (3, 4), (6, 7), (8, 9), (12, 13)];
        more.iter().for_each(|(from, to)| one_by_one.add(*from, *to));
        at_once.merge(more.into_iter());
        assert_eq!(at_once.0, one_by_one.0);
        assert_eq!(at_once.0, [(0, 2), (3, 7), (8, 10), (12, 13)]);
        at_once.merge(std::iter::empty());
        assert_eq!(at_once.0.len(), 4);
    }
}
