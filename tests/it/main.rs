//! The integration tests: one binary, a module per topic.

mod cli;
mod measured;
mod support;
mod theory;
