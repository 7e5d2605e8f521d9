//! Standard output and standard error: colours where they are wanted, and nothing where nobody reads.

use super::stop::Stop;
use crate::error::Error;
use anstyle::{AnsiColor, Style};
use std::io::{ErrorKind, Write};
use std::path::Path;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const DOUBT: Style = AnsiColor::Yellow.on_default().bold();

/// Prints to standard output. Styles are taken out where they are not wanted (no terminal, `NO_COLOR`).
/// A reader that has gone away (`laglab list | head`) is no error.
pub(super) fn out(text: &str) -> Result<(), Stop> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new("write", Path::new("standard output"), e).into())
        }
        _ => Ok(()),
    }
}

/// Prints to standard error; if that fails there is nobody to tell.
pub(super) fn note(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Columns of the terminal as the shell announces them, within reason; 100 where nobody says.
#[expect(clippy::disallowed_methods, reason = "the environment belongs to cli/")]
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse::<usize>().ok());
    columns.map_or(100, |c| c.clamp(60, 140))
}
