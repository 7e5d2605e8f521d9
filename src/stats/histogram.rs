//! Many values in little room: a log-linear histogram of whole numbers.

/// Counts per bucket; a bucket is at most 1/32 of its value wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: vec![0; 64 * 60], count: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl Histogram {
    /// Counts a value.
    #[inline(always)]
    pub fn record(&mut self, value: u64) {
        self.record_n(value, 1);
    }
    /// Counts a value `n` times.
    #[inline(always)]
    pub fn record_n(&mut self, value: u64, n: u64) {
        let shift = 58 - (value | 63).leading_zeros();
        self.buckets[((shift as usize) << 6) + (value >> shift) as usize] += n;
        self.count += n;
        self.sum += u128::from(value) * u128::from(n);
        if n > 0 {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
    }
    /// Takes in all values of another.
    pub fn merge(&mut self, other: &Histogram) {
        for (a, b) in self.buckets.iter_mut().zip(&other.buckets) {
            *a += b;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.count
    }
    /// Mean of all values; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
    /// Least value; `None` without any.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }
    /// Greatest value; `None` without any.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }
    /// The upper end of the bucket that holds the `q`-quantile; `None` without values.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let need = libm::ceil(q * self.count as f64).max(1.0) as u64;
        self.cumulative().find(|(_, so_far)| *so_far >= need).map(|(value, _)| value)
    }
    /// For each filled bucket, its upper value and how many values lie at or below it.
    pub fn cumulative(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let mut so_far = 0;
        self.buckets.iter().enumerate().filter(|(_, n)| **n > 0).map(move |(i, n)| {
            so_far += n;
            let shift = i >> 6;
            let upper = (((i & 63) as u64) << shift) + ((1u64 << shift) - 1);
            (upper.min(self.max), so_far)
        })
    }
}
