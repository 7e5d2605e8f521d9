//! Complaints that point at the text: code, place, reason and help.

use super::tree::Place;
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
    /// Another place that belongs to it, with the words under it.
    pub also: Option<Box<(Range<usize>, String)>>,
    /// What would be right.
    pub help: Option<Box<str>>,
}

/// All complaints about one scenario, in order of place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostic {
    /// A complaint with this code, whose first letter says how bad it is.
    pub(super) fn new(code: &'static str, place: &Place, title: impl Into<String>) -> Self {
        let severity = if code.starts_with('W') { Severity::Warning } else { Severity::Error };
        let (span, title) = match place {
            Place::Text(span) => (Some(span.clone()), title.into()),
            Place::Set(argument) => (None, format!("`{argument}`: {}", title.into())),
            Place::Nowhere => (None, title.into()),
        };
        Diagnostic { code, severity, title, span, label: String::new(), also: None, help: None }
    }
    /// With these words under the marked text.
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    /// With a second place, if it is one of the text.
    pub(super) fn also(mut self, place: &Place, label: &str) -> Self {
        if let Place::Text(span) = place {
            self.also = Some(Box::new((span.clone(), label.to_owned())));
        }
        self
    }
    /// With this advice.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into());
        self
    }
    /// Whether it prevents a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl Diagnostics {
    /// Puts them in order of place (those without one first), each once.
    pub(super) fn sorted(mut all: Vec<Diagnostic>) -> Self {
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(all.len());
        all.sort_by_key(|d| d.span.as_ref().map(|s| (s.start, s.end)));
        for d in all {
            if !kept.contains(&d) {
                kept.push(d);
            }
        }
        Diagnostics(kept)
    }
}

/// What was probably meant by `word`.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |s: &str| s.to_lowercase().replace(['_', '.', ' '], "-");
    let word = plain(word);
    let stem = word.strip_suffix("-ms").unwrap_or(&word);
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(stem, &plain(k)), k))
        .filter(|(d, k)| *d <= k.len().max(stem.len()) / 3)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// `did you mean ...?`, or else what there is to choose from.
pub(super) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(k) => format!("did you mean `{k}`?"),
        None => format!("known: {}", listed(known)),
    }
}

/// Names with commas between them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_in_kafkas_notation_too() {
        let known = ["linger", "max-poll-records", "batch-size"];
        assert_eq!(nearest("linger.ms", known), Some("linger"));
        assert_eq!(nearest("max.poll.records", known), Some("max-poll-records"));
        assert_eq!(nearest("batch_sizes", known), Some("batch-size"));
        assert_eq!(nearest("partitions", known), None);
    }
}
