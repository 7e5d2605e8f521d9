//! Many values in little room: a log-linear histogram of whole numbers.
//!
//! Values below 64 have a bucket each; from there on every doubling has 32 buckets of equal width, so a
//! bucket is at most 1/32 of its least value wide. A quantile is therefore off by at most 1/32 of itself
//! (about 3.1 %), in practice far less, since it is interpolated inside its bucket. Count, mean, minimum and
//! maximum are exact. Needs no range in advance; up to 15 KB, according to the greatest value. Knows no units.

/// Counts of values; see the module's caption for its precision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// By bucket; as many as the greatest value needs.
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: Vec::new(), count: 0, sum: 0, min: u64::MAX, max: 0 }
    }
}

/// Whether ten of `n` values lie beyond the `q`-quantile: of fewer, it tells more about chance than about the system.
pub fn resolves(n: u64, q: f64) -> bool {
    // The least slack lets 1000 values resolve a quantile of 0.99, which binary fractions miss by a hair.
    n as f64 * (1.0 - q) >= 10.0 - 1e-6
}

/// Buckets of a doubling.
const PER_DOUBLING: usize = 32;

/// Which bucket a value falls into.
#[inline(always)]
fn bucket(value: u64) -> usize {
    let shift = 58 - (value | 63).leading_zeros() as usize;
    shift * PER_DOUBLING + (value >> shift) as usize
}

/// The least and the greatest value of a bucket.
fn bounds(bucket: usize) -> (u64, u64) {
    let shift = (bucket / PER_DOUBLING).saturating_sub(1);
    let low = ((bucket - shift * PER_DOUBLING) as u64) << shift;
    (low, low + ((1 << shift) - 1))
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
        if n == 0 {
            return;
        }
        let bucket = bucket(value);
        if bucket >= self.buckets.len() {
            self.reach(bucket);
        }
        self.buckets[bucket] += n;
        self.count += n;
        self.sum += u128::from(value) * u128::from(n);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }
    #[cold]
    #[inline(never)]
    fn reach(&mut self, bucket: usize) {
        self.buckets.resize(bucket + 1, 0);
    }
    /// Adds everything another histogram counted; the result is as if one had counted it all.
    pub fn merge(&mut self, other: &Histogram) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
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
    /// Their exact mean; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
    /// The least value, exactly; `None` of nothing.
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }
    /// The greatest value, exactly; `None` of nothing.
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// The value that a share `q` of all values do not exceed; `None` of nothing. `q` is taken as 0 if below and
    /// 1 if above; these give the least and the greatest value.
    ///
    /// Of `n` values in order it is number `q n + 1/2` (Hazen; type 5 of Hyndman and Fan, The American Statistician
    /// 1996), interpolated between two neighbours where that is no whole number. The mean of this estimate over
    /// samples is the true quantile up to terms in `1 / n^2` where the tail is exponential, and close to it for
    /// others; value number `q n` would be too low by half the distance of two neighbours, and that does not
    /// average out over replications.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let (min, max) = (self.min()?, self.max()?);
        if q <= 0.0 || q >= 1.0 {
            return Some(if q <= 0.0 { min } else { max });
        }
        let place = (q * self.count as f64 + 0.5).clamp(1.0, self.count as f64);
        let mut below = 0;
        let mut filled = self.buckets.iter().enumerate().filter(|(_, n)| **n > 0);
        while let Some((bucket, &n)) = filled.next() {
            let past = place - (below + n) as f64;
            if past <= 0.0 {
                return Some(self.inside(bucket, place - below as f64));
            }
            if past < 1.0 {
                // Between the last of this bucket and the first of the next.
                let last = self.inside(bucket, n as f64);
                let next = filled.next().map_or(max, |(bucket, _)| self.inside(bucket, 1.0));
                return Some(last + ((next - last) as f64 * past) as u64);
            }
            below += n;
        }
        Some(max)
    }
    /// Value number `place`, from 1, of a bucket, whose values are thought of as spread evenly over it.
    fn inside(&self, bucket: usize, place: f64) -> u64 {
        let (low, high) = bounds(bucket);
        let share = (place - 0.5) / self.buckets[bucket] as f64;
        let inside = share * ((high - low) as f64 + 1.0);
        low.saturating_add(inside as u64).min(high).clamp(self.min, self.max)
    }
    /// As [`quantile`](Self::quantile), but `None` if fewer than 10 values lie beyond it.
    pub fn quantile_if_resolvable(&self, q: f64) -> Option<u64> {
        if resolves(self.count, q) { self.quantile(q) } else { None }
    }
    /// The share of values above `value`, those in its bucket counted by interpolation; 0 of nothing.
    pub fn share_above(&self, value: u64) -> f64 {
        if self.count == 0 || value >= self.max {
            return 0.0;
        }
        if value < self.min {
            return 1.0;
        }
        let at = bucket(value);
        let above: u64 = self.buckets[at + 1..].iter().sum();
        let (low, high) = bounds(at);
        let inside = (high - value) as f64 / ((high - low) as f64 + 1.0) * self.buckets[at] as f64;
        (above as f64 + inside) / self.count as f64
    }
    /// For charts of the cumulative distribution: of each bucket that counted anything, in ascending order, its
    /// greatest value (but never above the maximum) and how many values do not exceed it.
    pub fn cumulative(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.buckets.iter().enumerate().filter(|(_, n)| **n > 0).scan(0, |so_far, (bucket, n)| {
            *so_far += n;
            Some((bounds(bucket).1.min(self.max), *so_far))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Dist, StreamKey};
    use proptest::prelude::*;

    fn of(values: &[u64]) -> Histogram {
        let mut h = Histogram::default();
        values.iter().for_each(|v| h.record(*v));
        h
    }

    #[test]
    fn buckets_are_narrow_and_leave_no_gap() {
        for i in 0..bucket(u64::MAX) {
            let (low, high) = bounds(i);
            assert_eq!((bucket(low), bucket(high)), (i, i));
            assert_eq!(bounds(i + 1).0, high + 1);
            assert!((high - low) as f64 <= low as f64 / 32.0, "{low}..={high}");
        }
        assert_eq!(bounds(bucket(u64::MAX)).1, u64::MAX);
        assert!(bucket(u64::MAX) < 15 * 1024 / 8);
    }

    #[test]
    fn of_nothing_there_is_nothing_to_say() {
        let h = Histogram::default();
        assert_eq!((h.count(), h.mean(), h.min(), h.max(), h.quantile(0.5)), (0, None, None, None, None));
        assert_eq!((h.share_above(0), h.cumulative().count()), (0.0, 0));
        let mut untouched = h.clone();
        untouched.record_n(7, 0);
        assert_eq!(untouched, h);
    }

    #[test]
    fn small_values_and_the_ends_are_exact() {
        let h = of(&[3, 1, 2, 50, 4]);
        assert_eq!((h.quantile(0.0), h.quantile(0.5), h.quantile(1.0)), (Some(1), Some(3), Some(50)));
        let far = of(&[0, u64::MAX, u64::MAX]);
        assert_eq!((far.min(), far.max(), far.quantile(1.0)), (Some(0), Some(u64::MAX), Some(u64::MAX)));
        assert_eq!(far.mean(), Some(u64::MAX as f64 / 3.0 * 2.0));
        assert_eq!(of(&[1_000_003]).quantile(0.5), Some(1_000_003));
    }

    #[test]
    fn quantiles_are_interpolated_inside_a_bucket() {
        // 64 values spread evenly over one bucket of width 32 Ki.
        let values: Vec<u64> = (0..64).map(|i| (1 << 20) + i * 512).collect();
        let h = of(&values);
        for q in [0.1, 0.25, 0.5, 0.75, 0.9] {
            let exact = (1 << 20) as f64 + q * 32_768.0;
            let got = h.quantile(q).unwrap() as f64;
            assert!((got - exact).abs() <= 512.0, "{q}: {got} against {exact}");
        }
    }

    #[test]
    fn a_quantile_between_two_values_lies_between_them() {
        let h = of(&[10, 20, 1_000_000_000]);
        // Number 2.3 of three: three tenths of the way from 20 to 1 000 000 000.
        let between = h.quantile(0.6).unwrap() as f64;
        assert!((between / 300_000_014.0 - 1.0).abs() < 1.0 / 32.0, "{between}");
    }

    /// The 99th percentile of 1000 exponential values, of which ten lie beyond it, is 4.605 on average. Value
    /// number 990 has the mean 1/11 + ... + 1/1000 = 4.556, which is eight standard errors of this mean below.
    #[test]
    fn a_quantile_is_right_on_average() {
        let mut stream = StreamKey::new(6, 0).stream("exponential");
        let dist = Dist::exponential(1e9).unwrap();
        let mut sum = 0.0;
        for _ in 0..2_000 {
            let mut h = Histogram::default();
            (0..1_000).for_each(|_| h.record(dist.sample(&mut stream)));
            sum += h.quantile(0.99).unwrap() as f64 / 1e9;
        }
        // One replication varies by 0.3, so the mean by 0.0067; three of that.
        assert!((sum / 2_000.0 - libm::log(100.0)).abs() < 0.02, "{}", sum / 2_000.0);
    }

    #[test]
    fn only_what_ten_values_lie_beyond_is_resolvable() {
        let h = of(&(1..=1_000).collect::<Vec<_>>());
        assert!(h.quantile_if_resolvable(0.99).is_some());
        assert_eq!(h.quantile_if_resolvable(0.991), None);
        assert_eq!(h.quantile_if_resolvable(0.999), None);
        assert_eq!(Histogram::default().quantile_if_resolvable(0.0), None);
    }

    #[test]
    fn many_latencies_are_told_within_the_stated_error() {
        let dist = Dist::lognormal(2e7, 2.0).unwrap();
        let mut stream = StreamKey::new(5, 0).stream("latency");
        let mut values: Vec<u64> = (0..200_000).map(|_| dist.sample(&mut stream)).collect();
        let h = of(&values);
        values.sort_unstable();
        for q in [0.01, 0.5, 0.9, 0.99, 0.999, 0.9999] {
            let place = (q * 200_000.0) as usize;
            let exact = (values[place - 1] + values[place]) as f64 / 2.0;
            let got = h.quantile(q).unwrap() as f64;
            assert!((got / exact - 1.0).abs() < 1.0 / 32.0, "{q}: {got} against {exact}");
            let above = h.share_above(got as u64);
            assert!((above - (1.0 - q)).abs() < 1e-4, "{q}: {above} above");
        }
    }

    proptest! {
        #[test]
        fn quantiles_keep_to_their_error_and_order(
            values in prop::collection::vec((0..64_u32, any::<u64>()).prop_map(|(s, x)| x >> s), 1..200),
            qs in prop::collection::vec(0.0..=1.0_f64, 1..20),
        ) {
            let h = of(&values);
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let mut qs = qs;
            qs.sort_unstable_by(f64::total_cmp);
            let mut last = 0;
            for q in qs {
                let got = h.quantile(q).unwrap();
                prop_assert!(got >= last);
                last = got;
                let n = values.len();
                let place = (q * n as f64 + 0.5).clamp(1.0, n as f64);
                let at = |i: usize| sorted[i.min(n) - 1] as f64;
                let (i, share) = (place as usize, place.fract());
                let exact = if q == 0.0 { at(1) } else { at(i) + share * (at(i + 1) - at(i)) };
                // Two roundings down of one each.
                prop_assert!((got as f64 - exact).abs() <= exact / 32.0 + 2.0, "{} for {}", got, exact);
            }
        }

        #[test]
        fn merging_is_counting_it_all(a in prop::collection::vec(any::<u64>(), 0..50),
                                      b in prop::collection::vec(0..100_000_u64, 0..50), n in 0..4_u64) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            let all: Vec<u64> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(&merged, &of(&all));
            merged.record_n(9, n);
            let mut one_by_one = of(&all);
            (0..n).for_each(|_| one_by_one.record(9));
            prop_assert_eq!(&merged, &one_by_one);
        }

        #[test]
        fn the_cumulative_counts_agree_with_the_values(values in prop::collection::vec(0..1_000_000_u64, 1..200)) {
            let h = of(&values);
            for (upper, count) in h.cumulative() {
                prop_assert_eq!(count, values.iter().filter(|v| **v <= upper).count() as u64);
            }
            prop_assert_eq!(h.cumulative().last(), Some((h.max().unwrap(), h.count())));
        }
    }
}
