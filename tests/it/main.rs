//! The integration tests: one binary, a module per topic.

mod cli;
mod support;
mod theory;
