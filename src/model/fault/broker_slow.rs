//! `broker-slow`: a broker takes longer for each request.

use super::reach::{FACTOR, FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "broker-slow",
    summary: "A broker takes a multiple of its time for each request.",
    doc: "What it does. Produce and fetch requests take `factor` times as long at this broker. It does not \
fail over, since it is alive.\n\n\
When it helps. It shows grey failure: nothing is down, and a part of the traffic crawls.\n\n\
When it hurts. Producers' buffers fill with events for the slow partitions and then block or drop events \
for all.\n\n\
Seen in. Failing disks, page cache misses by a reader far behind, a broker that catches up after a \
restart.",
    params: &[target("broker-slow", TargetKind::Broker), FACTOR, FOR],
    build: |args| Box::new(BrokerSlow(args.number("factor"))),
};

struct BrokerSlow(f64);

impl Fault for BrokerSlow {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            [view.struck_broker()],
            |b| Lever::SlowBroker(*b, self.0),
            |b| Lever::SlowBroker(*b, 1.0),
        )
    }
}
