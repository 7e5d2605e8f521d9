//! Numbers only: summaries, histograms, intervals, warm-up, series. Knows nothing of simulation.

mod histogram;

pub use histogram::Histogram;
