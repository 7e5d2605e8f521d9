//! `power-loss`: a broker's machine loses power, and what was not yet on its disk is gone.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

const UNFLUSHED: Param = Param {
    name: "unflushed",
    kind: Kind::Span,
    default: Default::Is("30s"),
    doc: "What was stored in this last stretch was in memory only. Kafka leaves flushing to the operating \
system (Kafka 4 `flush.ms` is unlimited); Linux writes pages after 30 s (`vm.dirty_expire_centisecs`).",
};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "power-loss",
    summary: "A broker's machine loses power: it dies, and forgets what was not yet on its disk.",
    doc: "What it does. As `broker-outage`, and what its replicas stored in the last `unflushed` is gone when \
it comes back. Other replicas give it back what they have; what only this one had is lost.\n\n\
When it helps. It shows what replication is for: acks=all means that several memories have a record, not that \
a disk has it.\n\n\
When it hurts. Several brokers that lose power together lose what all of them held in memory only.\n\n\
Seen in. Rack and data centre power failures, kernel crashes, forced stops of virtual machines.",
    params: &[target("power-loss", TargetKind::Broker), UNFLUSHED, FOR],
    build: |args| Box::new(PowerLoss(args.span("unflushed"))),
};

struct PowerLoss(Span);

impl Fault for PowerLoss {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            [view.struck_broker()],
            |b| Lever::CutPower(*b, self.0),
            |b| Lever::StartBroker(*b),
        )
    }
}
