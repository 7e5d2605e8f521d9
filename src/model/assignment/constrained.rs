//! The sticky algorithm for members that all subscribe to the same topics: everybody keeps what fits a
//! fair share, and the rest is dealt out in turn.
//!
//! After Kafka's `AbstractStickyAssignor.ConstrainedAssignmentBuilder`, without racks.

use super::claims::Claims;
use super::layout::Layout;
use std::collections::VecDeque;

/// Who gets what, and what changes hands.
pub(super) struct Shares {
    /// Partition numbers by rank.
    pub(super) lists: Vec<Vec<usize>>,
    /// Partitions, by number, that their new owner gets from somebody who must give them up first.
    pub(super) moving: Vec<bool>,
}

/// The members while they are being filled up.
struct Fill {
    lists: Vec<Vec<usize>>,
    /// Fewest partitions a member gets.
    least: usize,
    /// How many members are to get one more than that.
    larger: usize,
    /// How many do already.
    larger_so_far: usize,
    /// Ranks that own less than `least`.
    under: Vec<usize>,
    /// Ranks with exactly `least` that may get one more.
    exact: VecDeque<usize>,
}

/// Shares all partitions out among members that all subscribe to all topics.
pub(super) fn share(layout: &Layout, claims: &Claims) -> Shares {
    let (partitions, members) = (layout.partitions(), layout.members());
    let mut fill = Fill {
        lists: vec![Vec::new(); members],
        least: partitions.checked_div(members).unwrap_or(0),
        larger: partitions.checked_rem(members).unwrap_or(0),
        larger_so_far: 0,
        under: Vec::new(),
        exact: VecDeque::new(),
    };
    let mut kept = vec![false; partitions];
    let mut moving = claims.disputed.clone();
    for &rank in layout.as_java_visits() {
        let mut owned = claims.owned[rank].clone();
        // Since 3.8 (KAFKA-16277) what is kept is spread over the topics; before, it was whatever came first.
        owned.sort_unstable_by_key(|&p| (layout.within_topic(p), p));
        let keep = fill.keep(rank, owned.len());
        owned.drain(keep..).for_each(|p| moving[p] = true);
        owned.iter().for_each(|&p| kept[p] = true);
        fill.lists[rank] = owned;
    }
    fill.under.sort_unstable();
    fill.exact.make_contiguous().sort_unstable();
    fill.deal((0..partitions).filter(|&p| !kept[p]));
    Shares { lists: fill.lists, moving }
}

impl Fill {
    /// How many of the `owned` partitions of `rank` it keeps.
    fn keep(&mut self, rank: usize, owned: usize) -> usize {
        if owned < self.least {
            self.under.push(rank);
            owned
        } else if owned > self.least && self.larger_so_far < self.larger {
            self.larger_so_far += 1;
            if self.larger_so_far == self.larger {
                self.exact.clear();
            }
            self.least + 1
        } else {
            if self.larger_so_far < self.larger {
                self.exact.push_back(rank);
            }
            self.least
        }
    }
    /// Gives the partitions nobody kept to those below their share in turn, then one each to those who
    /// may have one more.
    fn deal(&mut self, unassigned: impl Iterator<Item = usize>) {
        let mut turn = 0;
        for part in unassigned {
            if turn >= self.under.len() {
                turn = 0;
            }
            let Some(&rank) = self.under.get(turn) else {
                let rank = self.exact.pop_front().expect("the shares add up to the number of partitions");
                self.lists[rank].push(part);
                continue;
            };
            self.lists[rank].push(part);
            if self.lists[rank].len() == self.least {
                self.under.remove(turn);
                self.exact.push_back(rank);
            } else {
                turn += 1;
            }
        }
    }
}
