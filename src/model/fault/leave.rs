//! `leave`: a consumer shuts down in good order.

use super::reach::{RESTART_AFTER, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "leave",
    summary: "A consumer shuts down in good order: it finishes, commits and leaves its group.",
    doc: "What it does. The consumer finishes its batch, commits, and leaves its group, which rebalances at \
once. After `restart-after` it starts again and joins, which is a second rebalance. A static member does not \
announce that it leaves.\n\n\
When it helps. As the gentle case to hold a crash against: nothing is done twice.\n\n\
When it hurts. Two rebalances in short order, each of which stops the whole group under an eager \
assignor.\n\n\
Seen in. Deployments, scale-in, node drains: whatever sends SIGTERM and waits.",
    params: &[target("leave", TargetKind::Consumer), RESTART_AFTER],
    build: |_| Box::new(Leave),
};

struct Leave;

impl Fault for Leave {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_consumers(),
            |&(g, i)| Lever::LeaveConsumer(g, i),
            |&(g, i)| Lever::StartConsumer(g, i),
        )
    }
}
