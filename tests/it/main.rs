//! The integration tests: one binary, a module per topic.

mod cli;
mod diagnostics;
mod schema;
mod support;
mod theory;
