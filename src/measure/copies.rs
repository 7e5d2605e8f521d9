//! Second copies in a partition, and where their originals are. Knows nothing of what became of either.

use crate::model::ids::{Offset, PartitionId};

/// A second copy of a batch: where it lies, how long it is, and where the first copy lies.
#[derive(Clone, Copy, Debug)]
pub struct Copy {
    /// First offset of the copy.
    pub base: Offset,
    /// Records.
    pub len: u64,
    /// Where the original begins: in another partition, if it is a shard that was closed in between.
    pub of: (PartitionId, Offset),
    /// A group further up sent it again, because it processed its input again; otherwise the producer did.
    pub again: bool,
}

/// The original of a record, if it is a copy, and the copy it is part of.
pub(super) fn origin(copies: &[Copy], offset: Offset) -> Option<(PartitionId, Offset, &Copy)> {
    let i = copies.partition_point(|c| c.base + c.len <= offset);
    copies.get(i).filter(|c| c.base <= offset).map(|c| (c.of.0, c.of.1 + (offset - c.base), c))
}
/// The original of a record, if it is a copy; and of a copy's copy that of the first.
pub fn original(copies: &[Copy], partition: PartitionId, offset: Offset) -> Option<(PartitionId, Offset)> {
    let (place, of, _) = origin(copies, offset)?;
    let first = if place == partition { original(copies, partition, of) } else { None };
    Some(first.unwrap_or((place, of)))
}

/// The copies of all partitions, as each group sees them.
#[derive(Debug)]
pub(super) struct Copies {
    all: Vec<Vec<Copy>>,
    /// The same for those who read only what is committed.
    committed: Vec<Vec<Copy>>,
    /// Which groups those are.
    decided: Vec<bool>,
}

impl Copies {
    /// None yet, of so many partitions, for groups that read only what is committed or everything.
    pub(super) fn new(partitions: usize, decided: Vec<bool>) -> Self {
        let none = || vec![Vec::new(); partitions];
        Copies { all: none(), committed: none(), decided }
    }
    /// Whether a group reads only what is committed.
    #[inline(always)]
    pub(super) fn decided(&self, group: usize) -> bool {
        self.decided[group]
    }
    /// Those on a partition, as a group sees them.
    #[inline]
    pub(super) fn seen(&self, group: usize, partition: PartitionId) -> &[Copy] {
        let all = if self.decided[group] { &self.committed } else { &self.all };
        &all[partition.index()]
    }
    /// A second copy that a producer sent, for all who read.
    pub(super) fn add(&mut self, partition: PartitionId, copy: Copy) {
        self.all[partition.index()].push(copy);
        self.committed[partition.index()].push(copy);
    }
    /// What a group has sent again lies at `at`: the originals of that for those who read everything, and for those
    /// who read only what is committed.
    pub(super) fn add_again(
        &mut self,
        partition: PartitionId,
        at: Offset,
        of: Option<Offset>,
        of_committed: Option<Offset>,
    ) {
        let copy = |of| Copy { base: at, len: 1, of: (partition, of), again: true };
        self.all[partition.index()].extend(of.map(copy));
        self.committed[partition.index()].extend(of_committed.map(copy));
    }
}
