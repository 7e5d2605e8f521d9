//! What became of every record of one partition in one group: final, or still open.
//!
//! Everything below `prefix` has its fate; beyond it a window holds the fates that came early. Fates that
//! may yet be overruled (an effect outranks everything) are kept as ranges. Knows nothing of time or causes'
//! meaning.

use crate::model::cause::{DuplicateCause, LossCause};
use crate::model::ids::Offset;
use crate::model::record::Record;
use std::collections::{BTreeSet, VecDeque};

/// A record's fate in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// None yet.
    Open,
    /// Its effect was applied.
    Applied,
    /// Lost.
    Lost(LossCause),
    /// Dead-lettered.
    Dead,
    /// A second copy whose event's fate is another record's.
    Passed,
    /// Compaction removed it before it was read.
    Expired,
}

impl Fate {
    const fn code(self) -> u8 {
        match self {
            Fate::Open => 0,
            Fate::Applied => 1,
            Fate::Dead => 2,
            Fate::Passed => 3,
            Fate::Expired => 4,
            Fate::Lost(cause) => 5 + cause as u8,
        }
    }
    fn of(code: u8) -> Fate {
        match code {
            0 => Fate::Open,
            1 => Fate::Applied,
            2 => Fate::Dead,
            3 => Fate::Passed,
            4 => Fate::Expired,
            n => Fate::Lost(LossCause::ALL[usize::from(n) - 5]),
        }
    }
}

/// How many ranges of overrulable fates are remembered below the committed offset.
const REMEMBERED: usize = 4096;

/// See the module's text.
#[derive(Debug, Default)]
pub struct Fates {
    prefix: Offset,
    window: VecDeque<u8>,
    /// Below the prefix and not applied: `(from, to, code)`, ascending.
    others: Vec<(Offset, Offset, u8)>,
    /// One past the highest offset ever delivered.
    pub delivered: Offset,
    /// The group's committed offset.
    pub committed: Offset,
    /// Stretches that may be delivered again, and why; the latest last.
    exposed: Vec<(Offset, Offset, DuplicateCause)>,
    /// Records whose holder is gone, at or above the committed offset.
    pub orphans: Vec<(Offset, Record)>,
    /// Records whose holder is gone that may be delivered again, whether their effect had happened or not.
    pub unfinished: BTreeSet<Offset>,
}

impl Fates {
    /// Everything below has its fate.
    #[inline(always)]
    pub fn prefix(&self) -> Offset {
        self.prefix
    }
    /// If the next `n` records from `from` on continue the prefix and nothing came early: marks them as
    /// applied and says yes.
    #[inline(always)]
    pub fn extend(&mut self, from: Offset, n: u64) -> bool {
        let plain = from == self.prefix && self.window.is_empty();
        if plain {
            self.prefix += n;
        }
        plain
    }
    /// The fate of a record.
    pub fn get(&self, offset: Offset) -> Fate {
        if offset >= self.prefix {
            return Fate::of(self.window.get((offset - self.prefix) as usize).copied().unwrap_or(0));
        }
        let i = self.others.partition_point(|(_, to, _)| *to <= offset);
        match self.others.get(i) {
            Some((from, _, code)) if *from <= offset => Fate::of(*code),
            _ => Fate::Applied,
        }
    }
    /// Gives a record a fate, whatever it had.
    pub fn set(&mut self, offset: Offset, fate: Fate) {
        if offset < self.prefix {
            self.replace(offset, fate.code());
            return;
        }
        let i = (offset - self.prefix) as usize;
        if i >= self.window.len() {
            self.window.resize(i + 1, 0);
        }
        self.window[i] = fate.code();
        while let Some(code) = self.window.front().copied().filter(|c| *c != 0) {
            self.window.pop_front();
            if code != 1 {
                self.push_other(self.prefix, code);
            }
            self.prefix += 1;
        }
    }
    fn push_other(&mut self, offset: Offset, code: u8) {
        match self.others.last_mut() {
            Some((_, to, last)) if *to == offset && *last == code => *to += 1,
            _ => self.others.push((offset, offset + 1, code)),
        }
        if self.others.len() > 2 * REMEMBERED {
            let committed = self.committed;
            let settled = self.others.partition_point(|(_, to, _)| *to <= committed);
            self.others.drain(..settled.min(REMEMBERED));
        }
    }
    fn replace(&mut self, offset: Offset, code: u8) {
        let i = self.others.partition_point(|(_, to, _)| *to <= offset);
        let Some((from, to, old)) = self.others.get(i).copied().filter(|(from, _, _)| *from <= offset) else {
            return;
        };
        let pieces = [(from, offset, old), (offset, offset + 1, code), (offset + 1, to, old)];
        self.others.splice(i..=i, pieces.into_iter().filter(|(a, b, c)| a < b && *c != 1));
    }
    /// `[from, to)` may be delivered again for this cause.
    pub fn expose(&mut self, from: Offset, to: Offset, cause: DuplicateCause) {
        let committed = self.committed;
        self.exposed.retain(|(_, to, _)| *to > committed);
        self.exposed.push((from, to, cause));
    }
    /// Why a record is delivered again.
    pub fn exposure(&self, offset: Offset) -> Option<DuplicateCause> {
        self.exposed
            .iter()
            .rev()
            .find(|(from, to, _)| (*from..*to).contains(&offset))
            .map(|(_, _, cause)| *cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a plain table: any order of fates reads back, and the prefix is where the first open one is.
        #[test]
        fn fates_read_back(steps in prop::collection::vec((0u64..40, 0u8..6), 1..120)) {
            let mut fates = Fates::default();
            let mut table = [Fate::Open; 40];
            for (offset, kind) in steps {
                let fate = match kind {
                    0 | 1 => Fate::Applied,
                    2 => Fate::Dead,
                    3 => Fate::Passed,
                    4 => Fate::Expired,
                    _ => Fate::Lost(LossCause::Retention),
                };
                // An effect outranks everything, and nothing outranks an effect.
                if table[offset as usize] != Fate::Applied {
                    table[offset as usize] = fate;
                    fates.set(offset, fate);
                }
                for (o, expected) in table.iter().enumerate() {
                    prop_assert_eq!(fates.get(o as u64), *expected, "offset {}", o);
                }
                let open = table.iter().position(|f| *f == Fate::Open).unwrap_or(40);
                prop_assert_eq!(fates.prefix(), open as u64);
            }
        }
    }
}
