//! `downstream-slow`: a dependency takes longer for each call.

use super::reach::{FACTOR, FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "downstream-slow",
    summary: "A dependency takes a multiple of its time for each call.",
    doc: "What it does. Calls to the dependency take `factor` times as long once they are served, so it also \
serves fewer of them.\n\n\
When it helps. It shows how one slow service becomes the lag of every group that calls it, and what \
timeouts and breakers change about that.\n\n\
When it hurts. Timeouts below the new time turn slowness into failures, and retries then add load to \
what is already too slow.\n\n\
Seen in. Databases without an index, payment providers on their busiest day, a service during its own \
garbage collections.",
    params: &[target("downstream-slow", TargetKind::Downstream), FACTOR, FOR],
    build: |args| Box::new(DownstreamSlow(args.number("factor"))),
};

struct DownstreamSlow(f64);

impl Fault for DownstreamSlow {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            [view.struck_downstream()],
            |d| Lever::SlowDownstream(*d, self.0),
            |d| Lever::SlowDownstream(*d, 1.0),
        )
    }
}
