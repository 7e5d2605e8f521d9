//! `uniform`: even shares, and who has a share keeps it.
//!
//! After Kafka's `UniformHomogeneousAssignmentBuilder` where all members subscribe to the same topics. Java visits
//! them in the order of a hash map of random ids; here it is by id.

use crate::model::assignment::claims::Claims;
use crate::model::assignment::layout::Layout;
use crate::model::assignment::{AssignView, Assignor, Part, general};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Assignor> = Entry {
    name: "uniform",
    summary: "Even shares over all topics; everybody keeps as much of what it has as fits its share.",
    doc: "What it does. With P partitions and C members, each keeps up to P / C of what it has (the first P mod C \
members one more); what is left over and what nobody has goes to those below their share, one member after the other. \
Fresh groups get consecutive partitions, as by `range`. With different subscriptions partitions move one by one while \
that makes the shares more even, as by `sticky`. Kafka's UniformAssignor, without racks.\n\n\
When it helps. Members come and go, and few partitions move.\n\n\
When it hurts. The odd partitions go to the first members in order, even where a later one has one more already, so a \
change can move more than it must.\n\n\
Seen in. Kafka 4, first in `group.consumer.assignors`, so the default of the consumer protocol.",
    params: &[],
    build: |_| Box::new(Uniform),
};

struct Uniform;

impl Assignor for Uniform {
    fn cooperative(&self) -> bool {
        true
    }
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>> {
        let layout = Layout::new(view);
        let claims = Claims::new(view, &layout);
        let equal = (0..layout.members()).all(|r| (0..layout.topics()).all(|t| layout.subscribes(r, t)));
        let lists = if equal { share(&layout, &claims) } else { general::share(&layout, &claims) };
        layout.name(lists)
    }
}

/// Partition numbers by rank, where everybody subscribes to everything.
fn share(layout: &Layout, claims: &Claims) -> Vec<Vec<usize>> {
    let (partitions, members) = (layout.partitions(), layout.members());
    let least = partitions.checked_div(members).unwrap_or(0);
    let larger = partitions.checked_rem(members).unwrap_or(0);
    let mut had = vec![false; partitions];
    claims.owned.iter().flatten().for_each(|&p| had[p] = true);
    let mut left: Vec<usize> = (0..partitions).filter(|&p| !had[p]).collect();
    let mut lists = claims.owned.clone();
    let quota = |rank: usize| least + usize::from(rank < larger);
    for (rank, list) in lists.iter_mut().enumerate() {
        left.extend(list.drain(quota(rank).min(list.len())..));
    }
    let mut left = left.into_iter();
    for (rank, list) in lists.iter_mut().enumerate() {
        let missing = quota(rank) - list.len();
        list.extend(left.by_ref().take(missing));
    }
    lists
}
