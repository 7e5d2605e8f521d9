//! Why a command ends early, and the exit code that says so.

use super::screen::{BAD, BOLD};
use crate::error::Error;

/// Why a command ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The command line is wrong: one line, and perhaps what would be right.
    Usage(String),
    /// The scenario is wrong: diagnostics, ready to print.
    Input(String),
    /// Reading or writing failed.
    World(Error),
    /// Ctrl-C.
    Interrupted,
}

impl Stop {
    /// See the exit codes in `--help`.
    pub(super) fn code(&self) -> u8 {
        match self {
            Stop::Usage(_) | Stop::Input(_) => 2,
            Stop::World(_) => 3,
            Stop::Interrupted => 130,
        }
    }
    /// For stderr, ending in a line break.
    pub(super) fn message(&self) -> String {
        match self {
            Stop::Usage(text) => error(text),
            Stop::Input(text) => text.clone(),
            Stop::World(cause) => error(&cause.to_string()),
            Stop::Interrupted => "interrupted; nothing was written\n".to_owned(),
        }
    }
}

impl From<Error> for Stop {
    fn from(cause: Error) -> Self {
        Stop::World(cause)
    }
}

fn error(text: &str) -> String {
    format!("{BAD}error{BAD:#}{BOLD}: {text}{BOLD:#}\n")
}
