//! `slow`: a consumer takes longer for each record.

use super::reach::{FACTOR, FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "slow",
    summary: "A consumer takes a multiple of its time for each record.",
    doc: "What it does. Processing takes `factor` times as long. The consumer goes on polling and sending \
heartbeats.\n\n\
When it helps. It shows the straggler: its partitions fall behind alone while the group looks healthy on \
average.\n\n\
When it hurts. If a batch takes longer than max.poll.interval the consumer is put out of its group, its \
batch is done again by another, and so forth.\n\n\
Seen in. Noisy neighbours, a cold cache, a node with a failing disk, CPU throttling.",
    params: &[target("slow", TargetKind::Consumer), FACTOR, FOR],
    build: |args| Box::new(Slow(args.number("factor"))),
};

struct Slow(f64);

impl Fault for Slow {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_consumers(),
            |&(g, i)| Lever::SlowConsumer(g, i, self.0),
            |&(g, i)| Lever::SlowConsumer(g, i, 1.0),
        )
    }
}
