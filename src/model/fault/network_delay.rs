//! `network-delay`: messages between a client and the brokers take longer.

use super::reach::{FOR, target};
use super::way::{WAY, way};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::{Lever, Way};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "network-delay",
    summary: "Messages between a client and the brokers take longer.",
    doc: "What it does. Every message on the client's wire takes `extra` longer, one way or both.\n\n\
When it helps. It shows what a round trip costs: synchronous commits, small fetches and few requests in \
flight are the first to suffer.\n\n\
When it hurts. Beyond the request timeout every request is sent again although it arrived, which without \
idempotence appends its records twice.\n\n\
Seen in. Traffic routed over another region, congested links, overloaded proxies.",
    params: &[
        target("network-delay", TargetKind::Client),
        Param {
            name: "extra",
            kind: Kind::Span,
            default: Default::Required,
            doc: "How much longer each message takes, in each direction struck.",
        },
        WAY,
        FOR,
    ],
    build: |args| Box::new(NetworkDelay { extra: args.span("extra"), way: way(args) }),
};

struct NetworkDelay {
    extra: Span,
    way: Way,
}

impl Fault for NetworkDelay {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_clients(),
            |c| Lever::DelayWire(*c, self.way, self.extra),
            |c| Lever::DelayWire(*c, self.way, Span::ZERO),
        )
    }
}
