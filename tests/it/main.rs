//! The integration tests: one binary, a module per topic.

mod chronicle;
mod cli;
mod measured;
mod draw;
mod support;
mod swarm;
mod theory;
