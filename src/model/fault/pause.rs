//! `pause`: a consumer stands still and goes on later.

use super::reach::target;
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "pause",
    summary: "A consumer stands still, heartbeats included, and then goes on where it stopped.",
    doc: "What it does. Nothing runs in the process for a while: no processing, no heartbeat, no poll. Then \
it goes on as if no time had passed. If the session timeout passed meanwhile, others have its partitions, \
and what it does next it does as a zombie until the group tells it so.\n\n\
When it helps. It tells apart a slow consumer from a dead one, which the group cannot do.\n\n\
When it hurts. It is the classic way to apply an effect twice although every offset was committed \
properly.\n\n\
Seen in. Long garbage collections, frozen or migrated virtual machines, throttled containers, a \
debugger.",
    params: &[
        target("pause", TargetKind::Consumer),
        Param { name: "for", kind: Kind::Span, default: Default::Required, doc: "How long it stands still." },
    ],
    build: |_| Box::new(Pause),
};

struct Pause;

impl Fault for Pause {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_consumers(),
            |&(g, i)| Lever::PauseConsumer(g, i),
            |&(g, i)| Lever::ResumeConsumer(g, i),
        )
    }
}
