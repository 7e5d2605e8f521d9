//! The messaging system: vocabulary, decision families, parts, and the world that wires them.
//!
//! Knows nothing of TOML, charts or files.

pub mod breaker;
pub mod broker;
pub mod catalog;
pub mod cause;
pub mod consumer;
pub mod coordinator;
pub mod downstream;
pub mod fact;
pub mod hashes;
pub mod ids;
pub mod lever;
pub mod log;
pub mod outputs;
pub mod plan;
pub mod producer;
pub mod record;
pub mod replicas;
pub mod sequences;
pub mod shards;
pub mod store;
pub mod transaction;
pub mod wire;
pub mod world;

pub mod arrivals;
pub mod assignment;
pub mod backoff;
pub mod backpressure;
pub mod failing;
pub mod fault;
pub mod keys;
pub mod partitioning;
pub mod remote_assignment;

#[cfg(test)]
pub(crate) mod specimen;
