//! The summary in the terminal: tables, causes, comparisons, verdicts and warnings as lines of text.
//!
//! Knows the width and whether colour is wanted; who prints it, and where, is not its concern.

pub(super) mod layout;

use crate::experiment::compare;
use crate::experiment::results::{Outcome, Results, Warning};
use crate::report::json::outcome;
use crate::report::number::{self, Unit};
use crate::report::overview;
use crate::report::reading::{causes, estimate, group_metric};
use crate::report::sentence::{self, Finding};
use crate::report::wording::{cause, plural};
use anstyle::{AnsiColor, Style as Ansi};
use layout::Page;
use std::collections::BTreeSet;

/// How the summary may look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours are wanted. Nothing is said by colour alone.
    pub colour: bool,
}

/// Comparisons printed at most; the rest is in `summary.json`.
const COMPARISONS: usize = 16;
pub(super) const BOLD: Ansi = Ansi::new().bold();
pub(super) const WARN: Ansi = AnsiColor::Yellow.on_default().bold();
pub(super) const GOOD: Ansi = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Ansi = AnsiColor::Red.on_default().bold();
pub(super) const DIM: Ansi = Ansi::new().dimmed();

/// The whole summary, in lines of at most `width` characters (at least 60).
pub fn summary(results: &Results, width: usize, style: Style) -> String {
    let mut page = Page::new(width.max(60), style);
    let warnings = all_warnings(results);
    head(&mut page, results, &warnings);
    for group in &results.groups {
        page.heading(&format!("group {group}"), BOLD);
        page.block(&overview::of_group(results, group).fit(page.width()));
        if let Some(note) = overview::none_seen_note(results, group) {
            page.styled(&note, DIM);
        }
        for note in overview::batch_notes(results, group).iter().chain(&overview::rare_notes(results, group))
        {
            page.styled(note, DIM);
        }
        blame(&mut page, results, group);
    }
    if let Some(grid) = overview::of_sweep(results) {
        page.heading("sweep", BOLD);
        page.block(&grid.fit(page.width()));
    }
    comparisons(&mut page, results);
    verdicts(&mut page, results);
    if !warnings.is_empty() {
        page.heading("warnings", WARN);
        for w in &warnings {
            page.item(w.code, WARN, &w.text);
        }
    }
    page.finish()
}

/// All warnings of all variants and points, each once.
pub(crate) fn all_warnings(results: &Results) -> Vec<Warning> {
    let points = results.sweep.iter().flat_map(|p| &p.variants);
    let all: BTreeSet<_> = results.variants.iter().chain(points).flat_map(|v| &v.warnings).collect();
    all.into_iter().cloned().collect()
}

/// How the numbers came about, in one sentence.
pub(crate) fn provenance(results: &Results) -> String {
    let mut text = format!(
        "{}, {}, seed {}, {} of workload",
        plural(results.variants.len(), "variant"),
        plural(results.replications as usize, "replication"),
        results.seed,
        results.duration
    );
    if !results.sweep.is_empty() {
        let at: Vec<_> =
            results.sweep[0].at.iter().map(|(path, value)| format!("{path} = {value}")).collect();
        text += &format!(
            ", a sweep of {} (tables per group and charts over time: its first, {})",
            plural(results.sweep.len(), "point"),
            at.join(" and ")
        );
    }
    let by = if results.warm_up_found { ", found by MSER-5" } else { "" };
    if !results.warm_up.is_zero() {
        text += &format!("; events of the first {} are left out as warm-up{by}", results.warm_up);
    } else if results.warm_up_found {
        text += "; nothing is left out as warm-up: MSER-5 found none";
    }
    let batches = results.variants.iter().any(|v| !v.batch_means.is_empty());
    text + match results.replications {
        0 | 1 if batches => ". One long run: the only intervals are those of means, from its batches",
        0 | 1 => ". One replication is one draw: no intervals, and cause cannot be told from chance",
        _ => ". ± is half of the 95\u{a0}% interval of the mean",
    }
}

fn head(page: &mut Page, results: &Results, warnings: &[Warning]) {
    page.styled(&results.title, BOLD);
    if let Some(question) = &results.question {
        page.styled(question, Ansi::new());
    }
    page.styled(&(results.scenario.clone() + ": " + &provenance(results)), DIM);
    if let Some(note) = overview::precision_note(results) {
        page.styled(&note, DIM);
    }
    if !warnings.is_empty() {
        let mut codes: Vec<_> = warnings.iter().map(|w| w.code).collect();
        codes.dedup();
        let text = format!(
            "{} at the end ({}): read before believing a number",
            plural(warnings.len(), "warning"),
            codes.join(", ")
        );
        page.styled(&text, WARN);
    }
    let broken = results.verdicts.iter().filter(|v| v.outcome == Outcome::Broken).count();
    if broken > 0 {
        page.styled(&format!("{} broken", plural(broken, "expectation")), BAD);
    }
}

/// What the losses and duplicates of a group are due to, per variant.
fn blame(page: &mut Page, results: &Results, group: &str) {
    for (fate, label) in [("lost", "lost"), ("duplicates", "duplicated"), ("shed", "shed")] {
        for v in &results.variants {
            let found = causes(v, group, fate);
            let total = estimate(v, &group_metric(group, fate)).map_or(0.0, |e| e.mean);
            if found.is_empty() || total <= 0.0 {
                continue;
            }
            let parts: Vec<_> = found
                .iter()
                .map(|(name, e)| {
                    let share = number::percent(e.mean / total);
                    format!("{} {} ({share})", cause(name), number::estimate(e, Unit::Count))
                })
                .collect();
            page.item(&format!("{label}, {}", v.name), BOLD, &parts.join("; "));
        }
    }
}

fn comparisons(page: &mut Page, results: &Results) {
    let all = sentence::differences(results);
    if all.is_empty() {
        return;
    }
    page.heading("comparison, paired on the same random numbers", BOLD);
    page.styled(&compare::rule(results.variants.len()), DIM);
    for s in all.iter().take(COMPARISONS) {
        let style = if s.finding == Finding::Differs { Ansi::new() } else { DIM };
        page.point(&s.text, style);
    }
    if let Some(more) = all.len().checked_sub(COMPARISONS).filter(|more| *more > 0) {
        page.point(&format!("{more} more in summary.json"), DIM);
    }
}

fn verdicts(page: &mut Page, results: &Results) {
    if results.verdicts.is_empty() {
        return;
    }
    page.heading("expectations", BOLD);
    for v in &results.verdicts {
        let style = match v.outcome {
            Outcome::Held => GOOD,
            Outcome::Broken => BAD,
            Outcome::Undecided => WARN,
        };
        let scope = if v.scope.is_empty() { String::new() } else { format!(" @{}", v.scope) };
        let text = format!("{} ({}{scope}): {}", v.name, v.expression, v.evidence);
        page.item(outcome(v.outcome), style, &text);
    }
}

#[cfg(test)]
mod tests;
