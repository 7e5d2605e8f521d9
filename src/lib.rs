//! laglab: a deterministic discrete-event simulator and teaching lab for event-driven messaging systems.

pub mod cli;
pub mod engine;
pub mod error;
pub mod experiment;
pub mod lab;
pub mod measure;
pub mod model;
pub mod report;
pub mod scenario;
pub mod station;
pub mod stats;
pub mod validate;
