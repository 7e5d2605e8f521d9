//! What the world around a run may do wrong (disk, permission): one opaque error with path and cause.

use std::fmt;
use std::path::{Path, PathBuf};

/// Reading or writing failed. The user's mistakes are diagnostics, ours are panics; this is neither.
#[derive(Debug)]
pub struct Error {
    doing: &'static str,
    path: PathBuf,
    cause: std::io::Error,
    advice: Option<&'static str>,
}

impl Error {
    /// `doing` names the act as it follows "could not": `read`, `write`, `create`.
    pub fn new(doing: &'static str, path: &Path, cause: std::io::Error) -> Self {
        Error { doing, path: path.to_owned(), cause, advice: None }
    }
    /// With what the user can do about it.
    pub fn advise(self, advice: &'static str) -> Self {
        Error { advice: Some(advice), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} `{}`: {}", self.doing, self.path.display(), self.cause)?;
        self.advice.map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
