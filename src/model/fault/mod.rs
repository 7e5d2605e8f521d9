//! Family `fault`: what goes wrong? A fault pulls levers; it never touches a part.

use crate::engine::Span;
use crate::model::catalog::family;
use crate::model::lever::Lever;
use crate::model::plan::Target;

/// What a fault may look at when it strikes.
#[derive(Clone, Copy, Debug)]
pub struct FaultView {
    /// Whom it strikes.
    pub target: Target,
    /// How long it lasts this time; `None` for ever.
    pub lasts: Option<Span>,
    /// Consumers of the target's group that have ever started (0 if the target is no group or consumer).
    pub consumers: u32,
}

/// A kind of fault.
pub trait Fault {
    /// What happens, and how long after the strike.
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)>;
}

family! {
    /// Every fault.
    "fault" of dyn Fault {}
}
