//! Means and their confidence intervals.

/// A mean and its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Values it rests on.
    pub n: usize,
}

/// The mean of independent values with its interval at this level.
pub fn mean_interval(values: &[f64], level: f64) -> Interval {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let var = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n as f64 - 1.0).max(1.0);
    let t = if level > 0.95 { 4.0 } else { 2.5 };
    let half = t * (var / n as f64).sqrt();
    Interval { mean, low: mean - half, high: mean + half, n }
}

/// The paired difference `a - b`.
pub fn paired(a: &[f64], b: &[f64], level: f64) -> Interval {
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    mean_interval(&d, level)
}
