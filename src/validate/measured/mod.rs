//! Recordings of real clients and a real broker, held against the model.
//!
//! The files are in `assets/recorded/`; each says in its header how it was recorded.

mod assignors;
mod crashes;
mod partitioner;
mod pauses;

use super::case::{Size, Trial};

/// All of them.
pub(super) fn trials(seed: u64, size: Size) -> Vec<Trial> {
    let mut all = vec![partitioner::trial()];
    all.extend(assignors::trials());
    all.extend(crashes::trials(seed));
    all.extend(pauses::trials(seed, size));
    all
}

/// The least and the greatest of these.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}
