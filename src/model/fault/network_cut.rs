//! `network-cut`: nothing gets through between a client and the brokers.

use super::reach::{FOR, target};
use super::way::{WAY, way};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::{Lever, Way};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "network-cut",
    summary: "Nothing gets through between a client and the brokers.",
    doc: "What it does. Every message on the client's wire is lost, one way or both, until the fault is \
over.\n\n\
When it helps. A consumer that is cut off goes on working on what it has while its group gives its \
partitions away: the zombie. A cut of responses only shows a producer whose every send succeeds and \
seems to fail.\n\n\
When it hurts. What was processed and not committed is processed again by others.\n\n\
Seen in. Network partitions, firewall changes, lost routes.",
    params: &[target("network-cut", TargetKind::Client), WAY, FOR],
    build: |args| Box::new(NetworkCut { way: way(args) }),
};

struct NetworkCut {
    way: Way,
}

impl Fault for NetworkCut {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_clients(),
            |c| Lever::CutWire(*c, self.way, true),
            |c| Lever::CutWire(*c, self.way, false),
        )
    }
}
