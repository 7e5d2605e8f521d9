//! Stories as timelines: how one event came to be lost, refused or applied twice, step by step.

use crate::engine::Span;
use crate::experiment::results::{Story, StoryKind};
use crate::model::cause::{DuplicateCause, LossCause, ShedReason};
use std::fmt::Write;

/// What befell the event: `lost`, `duplicated`, `refused`.
pub fn fate(kind: StoryKind) -> &'static str {
    match kind {
        StoryKind::Lost => "lost",
        StoryKind::Duplicate => "applied more than once",
        StoryKind::Shed => "refused on purpose",
    }
}

/// One sentence about a cause as metrics name it; `None` if there is no such cause of this kind.
pub fn reason(kind: StoryKind, cause: &str) -> Option<&'static str> {
    match kind {
        StoryKind::Lost => LossCause::ALL.iter().find(|c| c.name() == cause).map(|c| c.text()),
        StoryKind::Duplicate => DuplicateCause::ALL.iter().find(|c| c.name() == cause).map(|c| c.text()),
        StoryKind::Shed => ShedReason::ALL.iter().find(|c| c.name() == cause).map(|c| c.text()),
    }
}

/// A story as plain text: a head, the reason, and a line per step with the time since the step before.
pub fn timeline(story: &Story) -> String {
    let mut text =
        format!("{} was {} for group {}: {}\n", story.event, fate(story.kind), story.group, story.cause);
    if let Some(reason) = reason(story.kind, &story.cause) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{reason}");
    }
    let clock: Vec<String> = story.steps.iter().map(|s| format!("{:.6} s", s.at.secs())).collect();
    let waits: Vec<String> = story
        .steps
        .iter()
        .enumerate()
        .map(|(i, s)| match i {
            0 => String::new(),
            _ => wait(s.at.since(story.steps[i - 1].at)),
        })
        .collect();
    let width = |of: &[String]| of.iter().map(|s| s.chars().count()).max().unwrap_or(0);
    let who = story.steps.iter().map(|s| s.who.chars().count()).max().unwrap_or(0);
    let (clock_width, wait_width) = (width(&clock), width(&waits));
    for ((step, at), wait) in story.steps.iter().zip(&clock).zip(&waits) {
        let _ =
            writeln!(text, "  {at:>clock_width$}  {wait:>wait_width$}  {:<who$}  {}", step.who, step.what);
    }
    text
}

fn wait(span: Span) -> String {
    if span.is_zero() { "same moment".to_owned() } else { format!("+{span}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Time;
    use crate::experiment::results::StoryStep;

    #[test]
    fn a_timeline_lines_up_and_shows_how_long_each_step_took() {
        let step = |at, who: &str, what: &str| StoryStep { at: Time(at), who: who.into(), what: what.into() };
        let story = Story {
            group: "billing".into(),
            kind: StoryKind::Duplicate,
            cause: "crash-before-commit".into(),
            event: "checkout/0 event 4711".into(),
            steps: vec![
                step(9_500_000_000, "checkout/0", "created"),
                step(10_000_000_000, "broker 1", "appended to orders-3 at offset 118"),
                step(10_000_000_000, "billing/2", "crashed"),
            ],
        };
        let expected = "\
checkout/0 event 4711 was applied more than once for group billing: crash-before-commit
The consumer died after the delivery and before the commit.
   9.500000 s               checkout/0  created
  10.000000 s       +500ms  broker 1    appended to orders-3 at offset 118
  10.000000 s  same moment  billing/2   crashed
";
        assert_eq!(timeline(&story), expected);
    }

    #[test]
    fn every_cause_of_a_kind_has_its_reason_and_no_other() {
        assert!(reason(StoryKind::Lost, "retention").is_some());
        assert!(reason(StoryKind::Shed, "rate-limit").is_some());
        assert_eq!(reason(StoryKind::Lost, "zombie"), None);
    }
}
