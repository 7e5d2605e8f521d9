//! Numbers only: summaries, histograms, intervals, warm-up, series. Knows nothing of simulation.

mod histogram;
mod interval;

pub use histogram::Histogram;
pub use interval::{Interval, mean_interval, paired};
