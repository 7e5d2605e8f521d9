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
            Err(Error::new("write", Path::new("standard output"), e).short_of(text.len(), " there").into())
        }
        _ => Ok(()),
    }
}

/// Prints to standard error; if that fails there is nobody to tell.
pub(super) fn note(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// Columns to fill, within reason: those of the terminal that standard output is, or else what `COLUMNS`
/// announces, or else 100.
#[expect(clippy::disallowed_methods, reason = "the environment belongs to cli/")]
pub(super) fn width() -> usize {
    let terminal = terminal_size::terminal_size_of(std::io::stdout()).map(|(columns, _)| columns.0);
    chosen(terminal, std::env::var("COLUMNS").ok().as_deref())
}

fn chosen(terminal: Option<u16>, announced: Option<&str>) -> usize {
    // A terminal of no columns is one that does not know.
    let terminal = terminal.filter(|columns| *columns > 0).map(usize::from);
    let announced = || announced.and_then(|columns| columns.trim().parse().ok()).filter(|c| *c > 0);
    terminal.or_else(announced).map_or(100, |columns| columns.clamp(60, 140))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_knows_best_then_the_shell() {
        assert_eq!(chosen(Some(80), Some("120")), 80);
        assert_eq!(chosen(None, Some("120")), 120);
        assert_eq!(chosen(Some(0), Some("120")), 120);
        assert_eq!(chosen(None, Some("wide")), 100);
        assert_eq!(chosen(None, Some("0")), 100);
        assert_eq!(chosen(None, None), 100);
        assert_eq!((chosen(Some(20), None), chosen(Some(400), None)), (60, 140), "within reason");
    }
}
