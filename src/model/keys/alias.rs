//! A table that draws an index by weight with one look, whatever the weights.
//!
//! The alias method (Walker 1977; Vose 1991) in whole numbers: every column holds 2^32, the index's own
//! part and the rest of one other index. Columns are paired by a sweep with two pointers, as in
//! Huebschle-Schneider and Sanders, "Parallel Weighted Random Sampling", 2022, so building needs no
//! memory beside the table. Knows nothing of keys.

/// What a column holds.
const COLUMN: u64 = 1 << 32;

/// 8 bytes per index. Each share is met to within 2^-33 of the mean share, but for the few indices at the
/// end of the sweep, which take up what that rounding leaves over.
#[derive(Debug)]
pub(super) struct Alias(Box<[Column]>);

#[derive(Clone, Copy, Debug)]
struct Column {
    /// Below this, of 2^32, the column means its own index.
    own: u32,
    other: u32,
}

/// The sum of many terms, with its rounding errors made good (Neumaier 1974).
pub(super) fn total(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + lost
}

impl Alias {
    /// A table of `count` indices with these shares, which must sum to 1.
    pub(super) fn new(count: u32, share: impl Fn(u32) -> f64) -> Self {
        let scale = f64::from(count) * COLUMN as f64;
        let mass = |i: u32| (share(i) * scale + 0.5) as u64;
        let seek =
            |from: u32, light: bool| (from..count).map(|i| (i, mass(i))).find(|m| (m.1 < COLUMN) == light);
        let mut columns: Box<[Column]> = (0..count).map(|i| Column { own: u32::MAX, other: i }).collect();
        let part = |mass: u64| u32::try_from(mass).expect("less than a column");

        let mut light = seek(0, true);
        let Some((mut heavy, mut left)) = seek(0, false) else { return Alias(columns) };
        // Fill light columns from the heavy index at hand; once that is light itself, the next heavy one
        // fills its column. What rounding leaves over at the end stays with its own index.
        loop {
            if left < COLUMN {
                let Some((next, mass)) = seek(heavy + 1, false) else { break };
                columns[heavy as usize] = Column { own: part(left), other: next };
                (heavy, left) = (next, mass - (COLUMN - left));
            } else {
                let Some((index, mass)) = light else { break };
                columns[index as usize] = Column { own: part(mass), other: heavy };
                left -= COLUMN - mass;
                light = seek(index + 1, true);
            }
        }
        Alias(columns)
    }
    /// The index that 64 uniform bits stand for: their high part chooses the column, the next 32 the part.
    #[inline(always)]
    pub(super) fn pick(&self, bits: u64) -> u32 {
        let wide = u128::from(bits) * self.0.len() as u128;
        let index = (wide >> 64) as usize;
        let column = self.0[index];
        // As good as random, so the processor had better not guess.
        std::hint::select_unpredictable(
            ((wide as u64) >> 32) as u32 >= column.own,
            column.other,
            index as u32,
        )
    }
    /// The share each index is drawn with, for tests.
    #[cfg(test)]
    pub(super) fn shares(&self) -> Vec<f64> {
        let mut mass = vec![0_u64; self.0.len()];
        for (i, column) in self.0.iter().enumerate() {
            mass[i] += u64::from(column.own);
            mass[column.other as usize] += COLUMN - u64::from(column.own);
        }
        mass.iter().map(|m| *m as f64 / (COLUMN as f64 * self.0.len() as f64)).collect()
    }
}
