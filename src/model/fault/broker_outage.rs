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
    doc: "What it does. The broker's process dies, and requests to it are answered no more. When the controller \
misses it, in-sync replicas of its partitions take over; with acks=1 what was acknowledged but not replicated is \
gone. A partition without another in-sync replica has no leader until the broker is back. After `for` the broker \
is back with all it had stored, and catches up.\n\n\
When it helps. It shows whether producers have the buffer, the retries and the timeouts to bridge a \
failover, and what `acks` is worth.\n\n\
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
