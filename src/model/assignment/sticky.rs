//! `sticky`: even shares with as few moves as possible, after everybody gave up everything.

use super::claims::Claims;
use super::layout::Layout;
use super::{AssignView, Assignor, Part, constrained, general};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Assignor> = Entry {
    name: "sticky",
    summary: "Even shares with as few moves as possible; the whole group stops meanwhile.",
    doc: "What it does. Members say what they owned, and keep what fits an even share; only the rest is \
dealt out anew, in turn by member id. With different subscriptions, what nobody owns goes to whoever has \
least, and then partitions move one by one while that makes the shares more even. It is still an eager \
protocol: everybody gives up everything before a rebalance and gets most of it back after it. Kafka's \
StickyAssignor as of 3.8 and later, without racks: also who keeps the odd partition is Kafka's, which \
depends on the order of a hash map of the member ids and so looks arbitrary.\n\n\
When it helps. Caches and local state stay warm for all partitions that do not move, and shares are even \
over all topics together.\n\n\
When it hurts. All partitions still stand still during a rebalance, moved or not.\n\n\
Seen in. Kafka's consumer since 0.11.",
    params: &[],
    build: |_| Box::new(Sticky),
};

struct Sticky;

impl Assignor for Sticky {
    fn cooperative(&self) -> bool {
        false
    }
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>> {
        let layout = Layout::new(view);
        layout.name(share(view, &layout).lists)
    }
}

/// Shares the partitions out by the algorithm that fits the subscriptions, for both protocols.
pub(super) fn share(view: &AssignView<'_>, layout: &Layout) -> constrained::Shares {
    let claims = Claims::new(view, layout);
    let mut equal = (0..layout.members()).all(|r| (0..layout.topics()).all(|t| layout.subscribes(r, t)));
    // Kafka compares the lists as written, so a topic that does not exist counts as a difference too.
    equal &= view.members.windows(2).all(|m| m[0].topics.len() == m[1].topics.len());
    if equal {
        return constrained::share(layout, &claims);
    }
    let lists = general::share(layout, &claims);
    let moving = moving(view, layout, &lists);
    constrained::Shares { lists, moving }
}

/// Partitions that somebody else says to own, and their new owner does not.
fn moving(view: &AssignView<'_>, layout: &Layout, lists: &[Vec<usize>]) -> Vec<bool> {
    let mut moving = vec![false; layout.partitions()];
    let owned_by = |rank: usize| view.members[layout.member(rank)].owned.iter();
    for rank in 0..layout.members() {
        owned_by(rank).filter_map(|p| layout.number(*p)).for_each(|p| moving[p] = true);
    }
    for (rank, list) in lists.iter().enumerate() {
        let mut own: Vec<usize> = owned_by(rank).filter_map(|p| layout.number(*p)).collect();
        own.sort_unstable();
        list.iter().filter(|p| own.binary_search(p).is_ok()).for_each(|&p| moving[p] = false);
    }
    moving
}
