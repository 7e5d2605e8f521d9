//! Family `flow` of a group: does a consumer go on fetching while its work queue fills?

use crate::model::catalog::family;

/// What the decision may look at.
#[derive(Clone, Copy, Debug)]
pub struct FlowView {
    /// Records polled but not yet done.
    pub queued: u64,
    /// Whether it is paused now.
    pub paused: bool,
}

/// Decides for one consumer.
pub trait Flow {
    /// Whether the consumer's partitions should be paused.
    fn pause(&mut self, view: &FlowView) -> bool;
}

family! {
    /// Every way a consumer may hold back its fetching.
    "flow" of dyn Flow { pause_resume }
}
