//! The validation suite: what theory, measurements and other simulators say, held against what is simulated.
//!
//! Each case states its prediction, its source and its rule before anything is run. Knows nothing of how findings
//! are shown, and nothing of expectations that scenarios have of themselves.

mod case;
mod engines;
pub mod formulas;
mod measured;
mod messaging;
mod pipeline;
mod play;
mod rig;
mod rule;
mod script;
mod sources;
mod station;

pub use case::{Case, Expected, Group, Known, Size, Trial, Unit};
pub use play::{Finding, Findings, Options, Outcome, TrialRecord, play, work};
pub use rig::{Plain, Rig, Stage};
pub use rule::{Judgement, RISK, Rule};

/// Every trial of the suite, by group.
pub fn suite(seed: u64, size: Size) -> Vec<Trial> {
    let mut all = pipeline::trials(size);
    all.extend(station::trials(size));
    all.extend(messaging::trials(seed, size));
    all.extend(measured::trials(seed, size));
    all.extend(engines::trials(size));
    all
}
