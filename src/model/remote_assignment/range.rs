//! `range`, at the coordinator: each topic is cut into consecutive ranges, one per member.

use crate::model::assignment::{AssignView, Assignor, Part, blocks};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Assignor> = Entry {
    name: "range",
    summary: "Each topic is cut into consecutive ranges, one per member.",
    doc: "What it does. The same ranges as the client's `range`, static members first: Kafka's server-side \
RangeAssignor. It does not look at who has what.\n\n\
When it helps. Partition n of several topics with the same number of partitions goes to the same member.\n\n\
When it hurts. A member that comes or goes shifts most ranges, and each partition that moves stands still until \
its new owner's heartbeat.\n\n\
Seen in. Kafka 4 `group.remote.assignor=range`.",
    params: &[],
    build: |_| Box::new(Range),
};

struct Range;

impl Assignor for Range {
    fn cooperative(&self) -> bool {
        true
    }
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>> {
        blocks::share(view)
    }
}
