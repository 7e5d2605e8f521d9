//! `hold`: a consumer stops fetching, and polls on.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "hold",
    summary: "A consumer takes no more records for a while, but stays a member of its group.",
    doc: "What it does. The application pauses its partitions: polls and heartbeats go on, positions stay, and no \
record comes. What it has in hand it finishes and commits. Then it resumes them.\n\n\
When it helps. It is how a consumer waits for a dependency without leaving its group: nobody else takes over \
what would fail there, too.\n\n\
When it hurts. Its partitions stand still although the group looks well; only the lag tells.\n\n\
Seen in. KafkaConsumer.pause and resume, Spring Kafka's pause of a listener container.",
    params: &[target("hold", TargetKind::Consumer), FOR],
    build: |_| Box::new(Hold),
};

struct Hold;

impl Fault for Hold {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            view.struck_consumers(),
            |&(g, i)| Lever::HoldConsumer(g, i, true),
            |&(g, i)| Lever::HoldConsumer(g, i, false),
        )
    }
}
