//! `range`: each topic is cut into consecutive ranges, one per member.

use super::{AssignView, Assignor, Part, blocks};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Assignor> = Entry {
    name: "range",
    summary: "Each topic is cut into consecutive ranges, one per member.",
    doc: "What it does. For each topic on its own, its subscribers are put in order (static members by \
instance id, then the others by member id), and each gets the next P / C partitions, the first P mod C of \
them one more. Everybody gives up everything before a rebalance (eager). Kafka's RangeAssignor, without \
racks.\n\n\
When it helps. Partition n of several topics with the same number of partitions goes to the same member, so \
streams with the same key can be joined locally.\n\n\
When it hurts. With many topics the first members get the odd partition of each: 12 topics of one partition \
all go to one member. A member that joins or leaves shifts most ranges, and the whole group stands still \
while it does.\n\n\
Seen in. Kafka's consumer, first in its default list of assignors; librdkafka.",
    params: &[],
    build: |_| Box::new(Range),
};

struct Range;

impl Assignor for Range {
    fn cooperative(&self) -> bool {
        false
    }
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>> {
        blocks::share(view)
    }
}
