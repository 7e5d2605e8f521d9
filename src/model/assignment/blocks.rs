//! Each topic in consecutive blocks, one per subscriber: what the client's `range` does, and the coordinator's.

use super::order::by_instance;
use super::{AssignView, Part};

/// The ranges of each member of `view.members`.
pub(in crate::model) fn share(view: &AssignView<'_>) -> Vec<Vec<Part>> {
    let order = by_instance(view);
    let mut lists = vec![Vec::new(); view.members.len()];
    for (topic, partitions) in view.topics {
        let readers: Vec<usize> =
            order.iter().copied().filter(|&m| view.members[m].topics.contains(topic)).collect();
        let count = readers.len() as u32;
        let mut next = 0;
        for (i, &member) in (0..).zip(&readers) {
            let share = partitions / count + u32::from(i < partitions % count);
            lists[member].extend((next..next + share).map(|p| (*topic, p)));
            next += share;
        }
    }
    lists.iter_mut().for_each(|list| list.sort_unstable());
    lists
}
