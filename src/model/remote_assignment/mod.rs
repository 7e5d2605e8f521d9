//! Family `remote-assignor`: which member of a group reads which partition, as the coordinator decides it (KIP-848)?
//!
//! A member's `owned` is what it was to have by the last decision, whether it has it already or not. None of them
//! asks who must give up what first: the coordinator sees to that.

use crate::model::assignment::Assignor;
use crate::model::catalog::family;

family! {
    /// Every assignor of the coordinator.
    "remote-assignor" of dyn Assignor { uniform, range }
}
