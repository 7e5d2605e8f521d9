//! Family `fault`: what goes wrong? A fault pulls levers; it never touches a part.

mod reach;
#[cfg(test)]
mod tests;
mod way;

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
    /// Brokers of the cluster.
    pub brokers: u32,
    /// Racks they stand in, by turns.
    pub racks: u32,
}

/// A kind of fault.
pub trait Fault {
    /// What happens, and how long after the strike, in order of time. What a lever did is put back when
    /// the fault is over, and never if `view.lasts` is `None`.
    ///
    /// # Panics
    /// If `view.target` is not of the kind that the fault's first parameter accepts.
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)>;
}

family! {
    /// Every fault.
    "fault" of dyn Fault {
        crash, leave, pause, hold, slow, rolling_restart, producer_crash,
        broker_outage, broker_restart, power_loss, rack_outage, broker_isolation, broker_slow,
        network_delay, network_loss, network_cut,
        downstream_slow, downstream_outage, store_outage, poison, replay, add_partitions,
        split_shard, merge_shards
    }
}
