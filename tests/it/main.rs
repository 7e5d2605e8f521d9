//! The integration tests: one binary, a module per topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod chronicle;
mod cli;
mod diagnostics;
mod draw;
mod families;
mod gallery;
mod laws;
mod lessons;
mod scenarios;
mod schema;
mod support;
mod swarm;
mod theory;
mod tidy;
mod validate;
