//! The integration tests: one binary, a module per topic.

mod chronicle;
mod draw;
mod support;
mod swarm;
mod theory;
