//! Complaints that point at the text: code, place, reason and help.

use std::ops::Range;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can run.
    Error,
    /// It runs, but something will follow that the reader should know.
    Warning,
}

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, `E012` or `W003`; `laglab explain E012` tells more.
    pub code: &'static str,
    /// See [`Severity`].
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// Where, as bytes of the scenario text; `None` for a complaint about the command line or a trace file.
    pub span: Option<Range<usize>>,
    /// Under the marked text.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
}

/// All complaints about one scenario, in order of place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);
