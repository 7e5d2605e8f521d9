//! Numbers only: summaries, histograms, intervals, warm-up, series. Knows nothing of simulation.

mod batch;
mod histogram;
mod interval;
mod proportion;
mod skew;
mod special;
mod student;
mod summary;
mod timeavg;
mod warmup;

pub use batch::{BatchMeans, USUAL_BATCHES, batch_means, batch_ratio, lag_one_correlation};
pub use histogram::{Histogram, resolves};
pub use interval::{Interval, mean_interval, paired, simultaneous_level, variance_reduction, welch};
pub use proportion::{proportion, quantile_interval, rate_upper_bound};
pub use skew::{gini, max_over_median};
pub use student::{chi_square_quantile, normal_cdf, normal_quantile, t_cdf, t_quantile};
pub use summary::Summary;
pub use timeavg::{TimeAverage, TimeHistogram};
pub use warmup::{WarmUp, mser5};
