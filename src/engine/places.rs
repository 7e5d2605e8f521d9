//! A set of places in a row: cheap to add to, and the next one is found fast however long the row is.
//!
//! One bit per place, and above them, if there are several words, one bit per word that is not empty.

/// See the module's text.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// All of them, if there are no more than fit in here; then the rest is empty.
    few: u64,
    words: Vec<u64>,
    filled: Vec<u64>,
}

/// The bits from `from` on.
#[inline(always)]
fn from_bit(from: usize) -> u64 {
    u64::MAX << (from % 64)
}

impl Places {
    /// Room for the places `0..n`, and none of them in it.
    pub fn clear(&mut self, n: usize) {
        self.few = 0;
        for (row, len) in self.rows(n) {
            row.clear();
            row.resize(len.div_ceil(64), 0);
        }
    }
    /// All of the places `0..n`.
    pub fn fill(&mut self, n: usize) {
        self.few = if n < 64 { !from_bit(n) } else { u64::MAX };
        for (row, len) in self.rows(n) {
            row.clear();
            row.resize(len.div_ceil(64), u64::MAX);
            if let Some(last) = row.last_mut().filter(|_| len % 64 > 0) {
                *last = !from_bit(len);
            }
        }
    }
    /// The rows of bits that `n` places need, and how many bits each.
    fn rows(&mut self, n: usize) -> [(&mut Vec<u64>, usize); 2] {
        let n = if n > 64 { n } else { 0 };
        [(&mut self.words, n), (&mut self.filled, n.div_ceil(64))]
    }
    /// Puts a place in.
    #[inline(always)]
    pub fn insert(&mut self, place: usize) {
        if self.words.is_empty() {
            debug_assert!(place < 64, "there is no such place");
            self.few |= 1 << (place % 64);
            return;
        }
        let word = place / 64;
        self.words[word] |= 1 << (place % 64);
        self.filled[word / 64] |= 1 << (word % 64);
    }
    /// Takes a place out.
    #[inline(always)]
    pub fn remove(&mut self, place: usize) {
        if self.words.is_empty() {
            debug_assert!(place < 64, "there is no such place");
            self.few &= !(1 << (place % 64));
            return;
        }
        let word = place / 64;
        self.words[word] &= !(1 << (place % 64));
        if self.words[word] == 0 {
            self.filled[word / 64] &= !(1 << (word % 64));
        }
    }
    /// Whether there is none.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        if self.words.is_empty() { self.few == 0 } else { self.filled.iter().all(|word| *word == 0) }
    }
    /// The first place from `from` on.
    #[inline(always)]
    pub fn next(&self, from: usize) -> Option<usize> {
        if self.words.is_empty() {
            let here = if from < 64 { self.few & from_bit(from) } else { 0 };
            return (here != 0).then_some(here.trailing_zeros() as usize);
        }
        let word = from / 64;
        let here = self.words.get(word)? & from_bit(from);
        if here != 0 {
            return Some(word * 64 + here.trailing_zeros() as usize);
        }
        self.next_word(word + 1)
    }
    /// The first place in the words from `word` on.
    fn next_word(&self, word: usize) -> Option<usize> {
        let mut mask = from_bit(word);
        for (i, filled) in self.filled.iter().enumerate().skip(word / 64) {
            if filled & mask != 0 {
                let word = i * 64 + (filled & mask).trailing_zeros() as usize;
                return Some(word * 64 + self.words[word].trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn all(places: &Places) -> Vec<usize> {
        std::iter::successors(places.next(0), |p| places.next(p + 1)).collect()
    }

    #[test]
    fn full_and_empty_rows_of_any_length() {
        let mut places = Places::default();
        assert_eq!(places.next(0), None);
        for n in [0, 1, 63, 64, 65, 4095, 4096, 4097, 9000] {
            places.fill(n);
            assert_eq!(all(&places), (0..n).collect::<Vec<_>>());
            places.clear(n);
            assert_eq!(places.next(0), None);
        }
    }

    proptest! {
        /// Against an ordered set.
        #[test]
        fn the_next_place_is_that_of_a_plain_set(
            n in prop_oneof![1usize..130, 1usize..10_000],
            full in any::<bool>(),
            steps in prop::collection::vec((any::<bool>(), any::<u32>()), 0..200),
        ) {
            let (mut places, mut plain) = (Places::default(), BTreeSet::new());
            if full { places.fill(n) } else { places.clear(n) }
            plain.extend((0..n).filter(|_| full));
            for (puts, at) in steps {
                let at = at as usize % n;
                if puts {
                    places.insert(at);
                    plain.insert(at);
                } else {
                    places.remove(at);
                    plain.remove(&at);
                }
                prop_assert_eq!(places.is_empty(), plain.is_empty());
                prop_assert_eq!(places.next(at), plain.range(at..).next().copied());
                prop_assert_eq!(places.next(at + 1), plain.range(at + 1..).next().copied());
            }
            prop_assert_eq!(all(&places), plain.into_iter().collect::<Vec<_>>());
        }
    }
}
