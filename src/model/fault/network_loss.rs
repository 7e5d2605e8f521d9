//! `network-loss`: a share of the messages between a client and the brokers is lost.

use super::reach::{FOR, target};
use super::way::{WAY, way};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::{Lever, Way};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "network-loss",
    summary: "A share of the messages between a client and the brokers is lost.",
    doc: "What it does. Each message on the client's wire is lost with this probability, on top of what the \
wire loses anyway. Whole requests or responses are lost, as when a connection breaks; what TCP repairs by \
itself is better told as a delay.\n\n\
When it helps. Lost requests and lost responses look alike to the client and are not: only the second \
kind has appended the records already. With `way` each can be studied alone.\n\n\
When it hurts. Each loss costs a request timeout before the client tries again, and blocks the requests \
behind it.\n\n\
Seen in. Broken connections, load balancers that drop idle ones, failing network cards.",
    params: &[
        target("network-loss", TargetKind::Client),
        Param {
            name: "share",
            kind: Kind::Ratio,
            default: Default::Required,
            doc: "Probability that a message is lost, in each direction struck.",
        },
        WAY,
        FOR,
    ],
    build: |args| Box::new(NetworkLoss { share: args.number("share"), way: way(args) }),
};

struct NetworkLoss {
    share: f64,
    way: Way,
}

impl Fault for NetworkLoss {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_clients(),
            |c| Lever::LoseOnWire(*c, self.way, self.share),
            |c| Lever::LoseOnWire(*c, self.way, 0.0),
        )
    }
}
