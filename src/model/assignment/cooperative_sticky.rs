//! `cooperative-sticky`: even shares with few moves, while everything that does not move goes on.

use super::layout::Layout;
use super::sticky::share;
use super::{AssignView, Assignor, Part};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Assignor> = Entry {
    name: "cooperative-sticky",
    summary: "Even shares with few moves, while everything that does not move goes on.",
    doc: "What it does. Shares out as `sticky` does, but members keep reading what they own during the \
rebalance. A partition that goes from one living member to another is left out of the first round: its owner \
gives it up and joins again, and the second round hands it over. Partitions of a member that is gone need \
one round only. Kafka's CooperativeStickyAssignor as of 3.8 and later, without racks.\n\n\
When it helps. Joins, leaves and rolling restarts of a large group: only partitions that move stand \
still.\n\n\
When it hurts. A partition that moves stands still for longer than under an eager protocol in a small group, \
since it waits for a second round (in a group of four, about one heartbeat interval against a few tenths of \
a second).\n\n\
Seen in. Kafka's consumer since 2.4, second in its default list of assignors; Kafka Connect and Streams have \
protocols of the same kind.",
    params: &[],
    build: |_| Box::new(CooperativeSticky),
};

struct CooperativeSticky;

impl Assignor for CooperativeSticky {
    fn cooperative(&self) -> bool {
        true
    }
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>> {
        let layout = Layout::new(view);
        let mut shares = share(view, &layout);
        for list in &mut shares.lists {
            // What is kept is never moving: only what its owner gave up or two members dispute is.
            list.retain(|&part| !shares.moving[part]);
        }
        layout.name(shares.lists)
    }
}
