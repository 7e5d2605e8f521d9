//! Family `assignor`: which member of a group reads which partition?

pub(in crate::model) mod blocks;
pub(in crate::model) mod claims;
mod constrained;
pub(in crate::model) mod general;
pub(in crate::model) mod layout;
mod movements;
mod order;
#[cfg(test)]
mod tests;

use crate::model::catalog::family;
use crate::model::ids::TopicId;

/// A partition as assignors see it: its topic and its number there.
pub type Part = (TopicId, u32);

/// A member of the group.
#[derive(Clone, Debug)]
pub struct MemberView {
    /// Kafka `member.id`.
    pub id: String,
    /// Kafka `group.instance.id`, for static members.
    pub instance: Option<String>,
    /// What it subscribes to.
    pub topics: Vec<TopicId>,
    /// What it says it owns.
    pub owned: Vec<Part>,
    /// The generation it owns it from; -1 if it never had one.
    pub generation: i64,
}

/// What an assignor may look at.
#[derive(Clone, Copy, Debug)]
pub struct AssignView<'a> {
    /// Topics with their number of partitions. Ids ascend in the order of the topics' names.
    pub topics: &'a [(TopicId, u32)],
    /// The members, in any order. Where Kafka's result depends on the order in which members are known to
    /// the leader (two ids in one hash bucket), this is that order.
    pub members: &'a [MemberView],
}

/// Shares the partitions out.
pub trait Assignor {
    /// Whether members keep what they own during a rebalance (Kafka's COOPERATIVE protocol) or give up
    /// everything first (EAGER).
    fn cooperative(&self) -> bool;
    /// What each member of `view.members` gets, in that order; each list sorted. A cooperative assignor
    /// leaves out what another member must first revoke.
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>>;
}

family! {
    /// Every assignor.
    "assignor" of dyn Assignor { range, roundrobin, sticky, cooperative_sticky }
}
