//! laglab: a deterministic discrete-event simulator and teaching lab for event-driven messaging systems.

pub mod engine;
pub mod error;
pub mod experiment;
pub mod model;
pub mod report;
pub mod stats;
