//! `crash`: a consumer dies without a word.

use super::reach::{RESTART_AFTER, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "crash",
    summary: "A consumer dies without a word: nothing is finished, committed or announced.",
    doc: "What it does. The process is gone at once. Its records in hand are left unfinished, what it had \
not committed will be read again, and its group notices when its heartbeats have been missing for the \
session timeout (or, for a static member that is back before then, not at all). After `restart-after` it \
starts again.\n\n\
When it helps. It shows what delivery semantics are about: what is lost or done twice depends on when \
the offset was committed.\n\n\
When it hurts. With a session timeout of 45 s the partitions stand still for about 43 s before the \
others take them over.\n\n\
Seen in. Out-of-memory kills, spot instances taken away, kernel panics, `kill -9`.",
    params: &[target("crash", TargetKind::Consumer), RESTART_AFTER],
    build: |_| Box::new(Crash),
};

struct Crash;

impl Fault for Crash {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_consumers(),
            |&(g, i)| Lever::CrashConsumer(g, i),
            |&(g, i)| Lever::StartConsumer(g, i),
        )
    }
}
