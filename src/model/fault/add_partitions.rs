//! `add-partitions`: a topic gets more partitions while it is in use.

use super::reach::target;
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "add-partitions",
    summary: "A topic gets more partitions while it is in use.",
    doc: "What it does. The topic has `to` partitions from this moment on; the new ones are empty. Clients hear of \
them when they next ask for the metadata: all of them with the cluster's `metadata-max-age`, or sooner when they \
look for a leader. From then on producers place keys over all partitions, and the leader of each group that reads \
the topic joins again, so that the group shares them out anew (cause `partitions-added`). A group begins to read \
a new partition where its `auto-offset-reset` says.\n\n\
When it helps. More partitions let more consumers share the work.\n\n\
When it hurts. Most keys move to another partition, and what was sent to the old one may be done later than what \
is sent to the new: the order of a key is lost for as long as the old partition has a backlog. With \
`auto-offset-reset = \"latest\"` a group skips what producers wrote to the new partitions before it noticed them. \
Partitions are never taken away again.\n\n\
Seen in. kafka-topics.sh --alter --partitions. There is no way back.",
    params: &[
        target("add-partitions", TargetKind::Topic),
        Param {
            name: "to",
            kind: Kind::Count { min: 1, max: 100_000 },
            default: Default::Required,
            doc: "How many partitions it has then; more than before.",
        },
    ],
    build: |args| Box::new(AddPartitions(args.count("to") as u32)),
};

struct AddPartitions(u32);

impl Fault for AddPartitions {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        vec![(Span::ZERO, Lever::AddPartitions(view.struck_topic(), self.0))]
    }
}
