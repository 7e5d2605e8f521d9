//! Means by batches of the measured time, for intervals from one long run. Knows nothing of what follows from them.

use crate::engine::Time;
use crate::model::plan::Plan;
use crate::stats::USUAL_BATCHES;

/// Sums and numbers of latencies, by when their events were created.
#[derive(Debug)]
pub(super) struct Batches {
    begin: Time,
    width: u64,
    sums: Vec<(u128, u64)>,
}

impl Batches {
    /// Batches of equal length from the warm-up to the end of the workload.
    pub(super) fn new(plan: &Plan) -> Self {
        let width = (plan.duration.0 - plan.warm_up.0).div_ceil(USUAL_BATCHES as u64).max(1);
        Batches { begin: Time(plan.warm_up.0), width, sums: vec![(0, 0); USUAL_BATCHES] }
    }
    /// The latency of an event of the cohort.
    #[inline]
    pub(super) fn add(&mut self, created: Time, latency: u64) {
        let batch = (created.since(self.begin).0 / self.width) as usize;
        let (sum, n) = &mut self.sums[batch.min(USUAL_BATCHES - 1)];
        *sum += u128::from(latency);
        *n += 1;
    }
    /// In seconds.
    pub(super) fn finish(&self) -> Vec<(f64, f64)> {
        self.sums.iter().map(|(sum, n)| (*sum as f64 / 1e9, *n as f64)).collect()
    }
}

/// Sums and numbers of samples at equal distances, in batches that differ by one sample at most.
pub(super) fn of_samples(samples: &[f64]) -> Vec<(f64, f64)> {
    let border = |i: usize| i * samples.len() / USUAL_BATCHES;
    let batch = |i: usize| &samples[border(i)..border(i + 1)];
    (0..USUAL_BATCHES).map(|i| (batch(i).iter().sum(), batch(i).len() as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_batch() {
        let samples: Vec<f64> = (0..47).map(f64::from).collect();
        let batches = of_samples(&samples);
        assert_eq!(batches.iter().map(|(_, n)| n).sum::<f64>(), 47.0);
        assert_eq!(batches.iter().map(|(sum, _)| sum).sum::<f64>(), 46.0 * 47.0 / 2.0);
        assert!(batches.iter().all(|(_, n)| (2.0..=3.0).contains(n)));
    }
}
