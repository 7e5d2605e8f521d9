//! Runs plans: replications, variants and sweeps, on all cores. Knows nothing of formats.

pub mod compare;
pub mod once;
pub mod precision;
pub mod results;
pub mod twice;
pub mod warnings;
pub mod watch;

mod bands;
mod run;
mod settle;
mod summarise;

#[cfg(test)]
pub(crate) mod fixture;

pub use run::{run_all, work};
pub use summarise::estimate;

/// The level of every confidence interval.
pub const LEVEL: f64 = 0.95;
