//! The integration tests: one binary, a module per topic.

mod draw;
mod support;
mod swarm;
mod theory;
mod scratch;
