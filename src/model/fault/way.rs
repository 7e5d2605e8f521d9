//! Which way on a wire a fault of the network strikes.

use crate::model::catalog::{Args, Default, Kind, Param};
use crate::model::lever::Way;

/// The parameter of all faults of the network.
pub(super) const WAY: Param = Param {
    name: "way",
    kind: Kind::Word(&[
        ("out", "from the client to the brokers: requests"),
        ("back", "from the brokers to the client: responses"),
        ("both", "both ways"),
    ]),
    default: Default::Is("both"),
    doc: "Which way it strikes; both, as most troubles of a network do.",
};

/// The value of [`WAY`].
pub(super) fn way(args: &Args) -> Way {
    match args.text(WAY.name).as_str() {
        "out" => Way::Out,
        "back" => Way::Back,
        _ => Way::Both,
    }
}
