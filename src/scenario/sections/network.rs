//! `[network]`, and `network = { ... }` of a producer or group: the wires between clients and brokers.

use crate::model::catalog::{Kind, Param};
use crate::model::plan::WirePlan;
use crate::scenario::describe::{Section, optional, param};
use crate::scenario::read::Fields;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "network",
    place: "[network]",
    doc: "Every wire between a client and the brokers.",
    params: PARAMS,
};

pub(in crate::scenario) const OWN: Section = Section {
    name: "own-network",
    place: "producer.NAME.network",
    doc: "What is different about the wires of this producer; groups have such a table, too.",
    params: OWN_PARAMS,
};

const DELAY: &str = "One-way delay of every message, in both directions; none, so that a scenario can be \
held against a formula. Within a datacentre 250us is usual.";
const BACK: &str = "One-way delay from the brokers to the client, if it differs from `delay`.";
const LOSS: &str = "Share of the requests that never arrive.";
const RESPONSE_LOSS: &str = "Share of the responses that never arrive: what was asked for has happened.";
const ORDERED: &str = "Whether messages on one connection arrive in the order they were sent, as over TCP.";

const PARAMS: &[Param] = &[
    param("delay", Kind::Dist, "0s", DELAY),
    optional("back-delay", Kind::Dist, BACK),
    param("loss", Kind::Ratio, "0%", LOSS),
    param("response-loss", Kind::Ratio, "0%", RESPONSE_LOSS),
    param("ordered", Kind::Flag, "true", ORDERED),
];

const OWN_PARAMS: &[Param] = &[
    optional("delay", Kind::Dist, DELAY),
    optional("back-delay", Kind::Dist, BACK),
    optional("loss", Kind::Ratio, LOSS),
    optional("response-loss", Kind::Ratio, RESPONSE_LOSS),
    optional("ordered", Kind::Flag, ORDERED),
];

/// The wire of every client.
pub(in crate::scenario) fn build(f: &Fields) -> WirePlan {
    let out = f.args.dist("delay");
    WirePlan {
        back: f.args.try_dist("back-delay").unwrap_or_else(|| out.clone()),
        out,
        loss: f.args.number("loss"),
        back_loss: f.args.number("response-loss"),
        ordered: f.args.flag("ordered"),
    }
}

/// The same with what one client's own table says instead.
pub(in crate::scenario) fn own(common: &WirePlan, own: Option<&Fields>) -> WirePlan {
    let mut wire = common.clone();
    let Some(Fields { args, .. }) = own else { return wire };
    if let Some(delay) = args.try_dist("delay") {
        wire.back = delay.clone();
        wire.out = delay;
    }
    if let Some(back) = args.try_dist("back-delay") {
        wire.back = back;
    }
    wire.loss = args.try_number("loss").unwrap_or(wire.loss);
    wire.back_loss = args.try_number("response-loss").unwrap_or(wire.back_loss);
    wire.ordered = args.try_flag("ordered").unwrap_or(wire.ordered);
    wire
}
