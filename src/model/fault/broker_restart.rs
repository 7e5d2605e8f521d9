//! `broker-restart`: a broker is stopped in good order.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "broker-restart",
    summary: "A broker hands over its partitions, stops, and comes back later.",
    doc: "What it does. Kafka's controlled shutdown (Kafka 4 `controlled.shutdown.enable`): other in-sync \
replicas take over the broker's partitions before it stops, so that clients only have to learn who leads now. \
A partition without another in-sync replica stands still until the broker is back.\n\n\
When it helps. It is what a rolling upgrade of the brokers does, one after the other.\n\n\
When it hurts. With acks=1, what the others had not yet fetched is lost here, too.\n\n\
Seen in. Upgrades, changes of settings, moves to other machines.",
    params: &[target("broker-restart", TargetKind::Broker), FOR],
    build: |_| Box::new(BrokerRestart),
};

struct BrokerRestart;

impl Fault for BrokerRestart {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts([view.struck_broker()], |b| Lever::ShutDownBroker(*b), |b| Lever::StartBroker(*b))
    }
}
