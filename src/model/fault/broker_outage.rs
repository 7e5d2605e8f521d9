//! `broker-outage`: a broker dies.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "broker-outage",
    summary: "A broker dies; other brokers take over its partitions, and it comes back later.",
    doc: "What it does. Requests to the broker are answered no more. After the failover time its partitions \
are led elsewhere; with acks=1 what was acknowledged but not replicated is gone. After `for` the broker is \
back.\n\n\
When it helps. It shows whether producers have the buffer, the retries and the timeouts to bridge a \
failover.\n\n\
When it hurts. Producers that give up before the failover is over lose events; consumers stand still and \
then find a pile.\n\n\
Seen in. Hardware failures, rolling upgrades of the brokers, zone outages.",
    params: &[target("broker-outage", TargetKind::Broker), FOR],
    build: |_| Box::new(BrokerOutage),
};

struct BrokerOutage;

impl Fault for BrokerOutage {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts([view.struck_broker()], |b| Lever::StopBroker(*b), |b| Lever::StartBroker(*b))
    }
}
