//! `laglab run --dry-run`: every setting in force as a scenario again, each with its origin in a comment.

use crate::scenario::Scenario;
use std::fmt::Write;

/// The base as TOML text.
pub(super) fn toml(scenario: &Scenario) -> String {
    let mut text = String::new();
    for setting in &scenario.effective {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} = {}  # {}", setting.path, setting.value, setting.origin);
    }
    text
}
