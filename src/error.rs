//! What the world around a run may do wrong (disk, permission): one opaque error with path and cause.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Reading or writing failed. The user's mistakes are diagnostics, ours are panics; this is neither.
#[derive(Debug)]
pub struct Error {
    doing: &'static str,
    path: PathBuf,
    cause: std::io::Error,
    advice: Option<String>,
}

impl Error {
    /// `doing` names the act as it follows "could not": `read`, `write`, `create`.
    pub fn new(doing: &'static str, path: &Path, cause: std::io::Error) -> Self {
        Error { doing, path: path.to_owned(), cause, advice: None }
    }
    /// With what the user can do about it.
    pub fn advise(self, advice: impl Into<String>) -> Self {
        Error { advice: Some(advice.into()), ..self }
    }
    /// If there was no room (a full disk, a quota, a limit of the shell): for how many bytes there must be, and
    /// where else they might go.
    pub fn short_of(self, bytes: usize, elsewhere: &str) -> Self {
        let full = matches!(
            self.cause.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
        );
        if full { self.advise(format!("make room for {bytes} bytes{elsewhere}")) } else { self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} `{}`: {}", self.doing, self.path.display(), self.cause)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
