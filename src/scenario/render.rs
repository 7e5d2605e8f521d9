//! Complaints as a person reads them: the line, the place underlined, the reason, the advice.

use super::{Diagnostic, Diagnostics};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Every complaint with its piece of the scenario's text, and a line that counts them.
pub fn render(complaints: &Diagnostics, file: &str, text: &str, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(120);
    let mut out = String::new();
    for complaint in &complaints.0 {
        out.push_str(&one(&renderer, complaint, file, text));
        out.push_str("\n\n");
    }
    let errors = complaints.0.iter().filter(|c| c.is_error()).count();
    let warnings = complaints.0.len() - errors;
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}{}", if *n == 1 { "" } else { "s" }))
        .collect();
    let codes = complaints.0.first().map_or("E001", |c| c.code);
    out.push_str(&format!("{file}: {} (`laglab explain {codes}` tells more)\n", counts.join(", ")));
    out
}

fn one(renderer: &Renderer, complaint: &Diagnostic, file: &str, text: &str) -> String {
    let level = if complaint.is_error() { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(complaint.title.as_str()).id(complaint.code);
    let mut group = match &complaint.span {
        Some(span) => {
            let mut mark = AnnotationKind::Primary.span(span.clone());
            if !complaint.label.is_empty() {
                mark = mark.label(complaint.label.as_str());
            }
            let also = complaint
                .also
                .iter()
                .map(|also| AnnotationKind::Context.span(also.0.clone()).label(also.1.as_str()));
            title.element(Snippet::source(text).path(file).annotation(mark).annotations(also))
        }
        None if !complaint.label.is_empty() => title.element(Level::NOTE.message(complaint.label.as_str())),
        None => title.elements(Vec::<annotate_snippets::Message<'_>>::new()),
    };
    if let Some(help) = &complaint.help {
        group = group.element(Level::HELP.message(&**help));
    }
    renderer.render(&[group])
}
