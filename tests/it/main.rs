//! The integration tests: one binary, a module per topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod causes;
mod chronicle;
mod cli;
mod common_numbers;
mod coverage;
mod diagnostics;
mod docs;
mod draw;
mod families;
mod gallery;
mod import;
mod laws;
mod lessons;
mod scenarios;
mod schema;
mod series;
mod statistics;
mod stories;
mod streaming;
mod support;
mod swarm;
mod theory;
mod tidy;
mod traced;
mod twice;
mod validate;
mod warnings;
