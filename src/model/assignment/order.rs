//! In which order the members of a group come, which decides who gets the odd partition.
//!
//! Both orders compare bytes; Java compares UTF-16 units, which differs only beyond the basic plane.

use super::AssignView;

/// Positions in `view.members`, in the order of Kafka's `AbstractPartitionAssignor.MemberInfo`: static
/// members first and by `group.instance.id`, then the others by `member.id`. Range and round robin use it.
pub(super) fn by_instance(view: &AssignView<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..view.members.len()).collect();
    order.sort_by_key(|&m| {
        let member = &view.members[m];
        (member.instance.is_none(), member.instance.as_deref(), member.id.as_str())
    });
    order
}

/// Positions in `view.members` by `member.id` alone, as the sticky assignors compare them.
pub(super) fn by_id(view: &AssignView<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..view.members.len()).collect();
    order.sort_by_key(|&m| view.members[m].id.as_str());
    order
}

/// Positions in `view.members` in the order in which a `java.util.HashMap` with their ids as keys, filled
/// in the order of `view.members`, is iterated: by bucket, and within one as they came in.
///
/// Kafka's sticky assignors visit owners like this, which decides who may keep the odd partition. The order
/// looks arbitrary but is the same in every Java runtime, since `String.hashCode` is specified.
pub(super) fn by_hash(view: &AssignView<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..view.members.len()).collect();
    // 16 buckets, doubled whenever more than three quarters as many keys are in (`HashMap`'s defaults).
    let mut buckets = 16;
    while order.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    order.sort_by_key(|&m| {
        let units = view.members[m].id.encode_utf16();
        let hash = units.fold(0u32, |h, c| h.wrapping_mul(31).wrapping_add(u32::from(c)));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
    order
}
