//! `rack-outage`: all brokers of a rack or zone die at once.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::ids::BrokerId;
use crate::model::lever::Lever;
use crate::model::plan::Target;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "rack-outage",
    summary: "All brokers of a rack, or of a zone, die at once, and come back later.",
    doc: "What it does. As `broker-outage`, for every broker of the rack: broker `b` stands in rack `b` modulo \
the number of racks (Kafka 4 `broker.rack`), and the replicas of a partition in different racks as far as there \
are enough.\n\n\
When it helps. It shows whether a cluster has the capacity, and its topics the in-sync replicas, to go on with a \
zone less.\n\n\
When it hurts. With `min.insync.replicas` equal to the replication factor, every partition with a replica there \
refuses acks=all.\n\n\
Seen in. Outages of an availability zone, of a switch, of a power line.",
    params: &[target("rack-outage", TargetKind::Rack), FOR],
    build: |_| Box::new(RackOutage),
};

struct RackOutage;

impl Fault for RackOutage {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        let Target::Rack(rack) = view.target else { panic!("a fault of racks strikes {:?}", view.target) };
        let brokers = (rack..view.brokers).step_by(view.racks.max(1) as usize).map(BrokerId);
        view.while_it_lasts(brokers, |b| Lever::StopBroker(*b), |b| Lever::StartBroker(*b))
    }
}
