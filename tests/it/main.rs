//! The integration tests: one binary, a module per topic.

mod chronicle;
mod cli;
mod diagnostics;
mod draw;
mod lessons;
mod measured;
mod scenarios;
mod schema;
mod support;
mod swarm;
mod theory;
