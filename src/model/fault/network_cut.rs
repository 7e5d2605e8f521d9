//! `network-cut`: nothing gets through between a client and the brokers.

use super::reach::{FOR, target};
use super::way::{WAY, way};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::ids::BrokerId;
use crate::model::lever::{Lever, Way};

const BROKER: Param = Param {
    name: "broker",
    kind: Kind::Target(TargetKind::Broker),
    default: Default::Absent,
    doc: "The one broker that cannot be reached, counted from 0; without it, none can. The group's coordinator \
counts as none of them.",
};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "network-cut",
    summary: "Nothing gets through between a client and the brokers, or one of them.",
    doc: "What it does. Every message on the client's wire is lost, one way or both, until the fault is \
over.\n\n\
When it helps. A consumer that is cut off goes on working on what it has while its group gives its \
partitions away: the zombie. A cut of responses only shows a producer whose every send succeeds and \
seems to fail.\n\n\
When it hurts. What was processed and not committed is processed again by others.\n\n\
Seen in. Network partitions, firewall changes, lost routes.",
    params: &[target("network-cut", TargetKind::Client), BROKER, WAY, FOR],
    build: |args| {
        let broker = args.try_text(BROKER.name).and_then(|n| n.parse().ok()).map(BrokerId);
        Box::new(NetworkCut { way: way(args), broker })
    },
};

struct NetworkCut {
    way: Way,
    broker: Option<BrokerId>,
}

impl Fault for NetworkCut {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_clients(),
            |c| Lever::CutWire(*c, self.way, self.broker, true),
            |c| Lever::CutWire(*c, self.way, self.broker, false),
        )
    }
}
