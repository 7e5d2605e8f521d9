//! `broker-isolation`: a broker loses touch with the others, while clients still reach it.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Args, Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

const OUT_OF_REACH: Param = Param {
    name: "out-of-reach",
    kind: Kind::Word(&[
        ("brokers-and-controller", "the other brokers and the controller"),
        ("brokers", "the other brokers only"),
    ]),
    default: Default::Is("brokers-and-controller"),
    doc: "Whom it cannot reach; all others of the cluster, as when its rack is cut off.",
};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "broker-isolation",
    summary: "A broker cannot reach the other brokers, while clients still reach it.",
    doc: "What it does. Followers cannot fetch from it, nor it from others. If it reaches the controller, it \
drops its followers from the in-sync replicas after Kafka's `replica.lag.time.max.ms`, and goes on alone. If it \
does not, the controller gives its partitions to others after `broker.session.timeout.ms`, and it goes on all the \
same for clients that have not heard of it: what they send with acks=1 is lost, and with acks=all is never \
acknowledged.\n\n\
When it helps. It shows what `min.insync.replicas` is for: a leader that is alone refuses acks=all instead of \
vouching for what only it has.\n\n\
When it hurts. With an in-sync set of one, losing that one broker loses everything since, or stops the \
partition.\n\n\
Seen in. Switch and routing failures, one-sided firewall rules, the Jepsen test of Kafka 0.8 in 2013.",
    params: &[target("broker-isolation", TargetKind::Broker), OUT_OF_REACH, FOR],
    build: |args| Box::new(BrokerIsolation { wholly: wholly(args) }),
};

fn wholly(args: &Args) -> bool {
    args.text(OUT_OF_REACH.name) != "brokers"
}

struct BrokerIsolation {
    wholly: bool,
}

impl Fault for BrokerIsolation {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            [view.struck_broker()],
            |b| Lever::IsolateBroker(*b, true, self.wholly),
            |b| Lever::IsolateBroker(*b, false, self.wholly),
        )
    }
}
