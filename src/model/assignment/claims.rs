//! What the members say they own, and who is believed.
//!
//! Only the sticky assignors ask; what follows from it is decided elsewhere.

use super::AssignView;
use super::layout::Layout;

/// The resolved claims. A partition claimed twice belongs to the claim of the higher generation; two
/// claims of the same generation cancel each other (Kafka logs them as an error).
pub(in crate::model) struct Claims {
    /// Partition numbers by rank, ascending.
    pub(in crate::model) owned: Vec<Vec<usize>>,
    /// Whether a partition was claimed twice in its newest generation.
    pub(in crate::model) disputed: Vec<bool>,
    /// Who held a partition in the newest generation before the newest one of the group, if anybody says so.
    pub(in crate::model) before: Vec<Option<usize>>,
}

impl Claims {
    /// What the members of `view` claim.
    pub(in crate::model) fn new(view: &AssignView<'_>, layout: &Layout) -> Claims {
        let newest = view.members.iter().map(|m| m.generation).max().unwrap_or(-1);
        let mut best: Vec<Option<(i64, usize)>> = vec![None; layout.partitions()];
        let mut older = best.clone();
        let mut disputed = vec![false; layout.partitions()];
        for rank in 0..layout.members() {
            let member = &view.members[layout.member(rank)];
            let claim = (member.generation, rank);
            for part in member.owned.iter().filter_map(|p| layout.number(*p)) {
                match best[part] {
                    Some((generation, owner)) if generation > claim.0 || owner == rank => {}
                    Some((generation, _)) if generation == claim.0 => disputed[part] = true,
                    _ => {
                        best[part] = Some(claim);
                        disputed[part] = false;
                    }
                }
                if claim.0 < newest && older[part].is_none_or(|(generation, _)| generation < claim.0) {
                    older[part] = Some(claim);
                }
            }
        }
        let mut owned = vec![Vec::new(); layout.members()];
        for (part, claim) in best.iter().enumerate() {
            if let (Some((_, rank)), false) = (claim, disputed[part]) {
                owned[*rank].push(part);
            }
        }
        Claims {
            owned,
            disputed,
            before: older.into_iter().map(|claim| claim.map(|(_, rank)| rank)).collect(),
        }
    }
}
