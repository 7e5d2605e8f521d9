//! Watches an experiment for the user: a progress bar on the terminal, and Ctrl-C.

use super::{folder, screen};
use crate::engine::Span;
use crate::experiment::watch::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
#[expect(clippy::disallowed_types, reason = "the wall clock belongs to cli/")]
use std::time::Instant;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// How many onlookers there are, who pass an interrupt on.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// Shorter work than this shows no bar: it would only flicker.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes Ctrl-C (and a polite request to end) stop the work cleanly. A second one ends the process at once,
/// and so does the first where nobody is looking, as while a long file is read.
pub(super) fn heed_interrupts() {
    // Without a handler Ctrl-C ends the process as ever, which is the next best thing.
    let _ = ctrlc::set_handler(|| {
        let again = INTERRUPTED.swap(true, Ordering::SeqCst);
        if again || LISTENING.load(Ordering::SeqCst) == 0 {
            folder::abandon();
            screen::note("interrupted\n");
            std::process::exit(130);
        }
    });
}

/// Whether Ctrl-C was pressed.
pub(super) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// The user, watching.
#[expect(clippy::disallowed_types, reason = "the wall clock belongs to cli/")]
pub(super) struct Onlooker {
    bar: ProgressBar,
    since: Instant,
    shown: AtomicBool,
}

impl Onlooker {
    /// Someone who waits for `work` of simulated time; `quiet` keeps the bar away.
    #[expect(clippy::disallowed_types, reason = "the wall clock belongs to cli/")]
    pub(super) fn new(what: &str, work: Span, quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(millis(work)), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %, {eta} left");
        bar.set_style(style.expect("the template is well-formed"));
        bar.set_message(what.to_owned());
        LISTENING.fetch_add(1, Ordering::SeqCst);
        Onlooker { bar, since: Instant::now(), shown: AtomicBool::new(quiet) }
    }
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        LISTENING.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Watch for Onlooker {
    fn cancelled(&self) -> bool {
        interrupted()
    }
    fn progress(&self, done: Span) {
        if self.since.elapsed() > PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            // Draws nothing when stderr is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(millis(done));
    }
}

/// The bar counts in milliseconds of simulated time: fine enough, and far from overflow.
fn millis(span: Span) -> u64 {
    span.0 / 1_000_000
}
