//! The tests that see laglab from outside, one module per topic.

mod cli;
