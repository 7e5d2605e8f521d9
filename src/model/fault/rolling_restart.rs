//! `rolling-restart`: the consumers of a group are restarted one after the other.

use super::reach::target;
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "rolling-restart",
    summary: "The consumers of a group are restarted one after the other.",
    doc: "What it does. Every `gap` the next consumer, from number 0 up, leaves in good order and is started \
again `each` later. With a gap shorter than `each` several are away at once. All consumers take part that \
had started when it began.\n\n\
When it helps. It is what every deployment does, and the fairest comparison of assignors and of static \
membership: with 45 s of session timeout a static member that is back in 10 s causes no rebalance at \
all.\n\n\
When it hurts. Two rebalances per consumer: with an eager assignor and short gaps a group of twenty does \
little else for ten minutes.\n\n\
Seen in. Kubernetes rolling updates, and every deployment that keeps the service up.",
    params: &[
        target("rolling-restart", TargetKind::Group),
        Param {
            name: "each",
            kind: Kind::Span,
            default: Default::Is("10s"),
            doc: "How long each consumer is away; ten seconds, a usual start of a Java service.",
        },
        Param {
            name: "gap",
            kind: Kind::Span,
            default: Default::Is("30s"),
            doc: "Time from one restart's begin to the next; long enough for readiness checks to pass.",
        },
    ],
    build: |args| Box::new(RollingRestart { each: args.span("each"), gap: args.span("gap") }),
};

struct RollingRestart {
    each: Span,
    gap: Span,
}

impl Fault for RollingRestart {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        let group = view.struck_group();
        let restart = |i: u32| {
            let leaves = Span(self.gap.0.saturating_mul(u64::from(i)));
            [(leaves, Lever::LeaveConsumer(group, i)), (leaves + self.each, Lever::StartConsumer(group, i))]
        };
        let mut script: Vec<_> = (0..view.consumers).flat_map(restart).collect();
        // With a gap below the downtime the restarts overlap.
        script.sort_by_key(|(offset, _)| *offset);
        script
    }
}
