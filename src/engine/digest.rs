//! A fingerprint of what came to pass, independent of the order in which it was reported.

/// Sums mixed facts, so that a batch of facts and the same facts one by one give the same value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u64);

/// Mixes two words into one; every input bit reaches every output bit.
#[inline(always)]
pub fn mix(a: u64, b: u64) -> u64 {
    let wide = u128::from(fold(a, b)) * u128::from(a.rotate_left(32) ^ b ^ 0x8EBC_6AF0_9C88_C6E3);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// The two halves of a product, added without carry (as in Wang Yi's wyhash).
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a ^ 0xA076_1D64_78BD_642F) * u128::from(b ^ 0xE703_7ED1_A0B4_28DB);
    (wide as u64) ^ ((wide >> 64) as u64)
}

impl Digest {
    /// Takes in a fact given as two words: what, as [`mix`] names it (with, at most, an ordinal written into
    /// its low bits), and when.
    #[inline(always)]
    pub fn add(&mut self, what: u64, when: u64) {
        self.0 = self.0.wrapping_add(fold(what, when));
    }
    /// The fingerprint so far.
    pub fn value(self) -> u64 {
        self.0
    }
}
