//! The integration tests: one binary, a module per topic.

mod chronicle;
mod cli;
mod draw;
mod laws;
mod support;
mod swarm;
mod theory;
