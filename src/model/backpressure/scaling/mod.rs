//! Family `scaling` of a group: how many consumers should there be?

use crate::engine::{Span, Time};
use crate::model::catalog::family;

/// What the decision may look at.
#[derive(Clone, Copy, Debug)]
pub struct ScaleView<'a> {
    /// Now.
    pub now: Time,
    /// Log end minus committed offset of each partition the group reads, in records.
    pub lag: &'a [u64],
    /// Consumers that run or are starting.
    pub consumers: u32,
}

/// Decides for one group.
pub trait Scaling {
    /// How often it looks.
    fn every(&self) -> Span;
    /// How many consumers there should be now.
    fn desired(&mut self, view: &ScaleView<'_>) -> u32;
}

family! {
    /// Every autoscaling rule.
    "scaling" of dyn Scaling { keda }
}
