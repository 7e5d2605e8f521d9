//! Many values in little room: a log-linear histogram of whole numbers.

/// Counts per bucket; a bucket is at most 1/32 of its value wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: vec![0; 64 * 60], count: 0, sum: 0, max: 0 }
    }
}

impl Histogram {
    /// Counts a value.
    #[inline(always)]
    pub fn record(&mut self, value: u64) {
        let shift = 58 - (value | 63).leading_zeros();
        self.buckets[((shift as usize) << 6) + (value >> shift) as usize] += 1;
        self.count += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
    }
    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }
    /// Adds another's values.
    pub fn merge(&mut self, other: &Histogram) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }
}
