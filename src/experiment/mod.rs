//! Runs plans: replications, variants and sweeps, on all cores. Knows nothing of formats.

pub mod once;
pub mod results;
pub mod watch;
