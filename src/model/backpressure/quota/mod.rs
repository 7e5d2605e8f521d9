//! Family `quota` of the cluster: how long does a broker make a client wait?

use crate::engine::{Span, Time};
use crate::model::catalog::family;

/// What the decision may look at.
#[derive(Clone, Copy, Debug)]
pub struct QuotaView {
    /// Now.
    pub now: Time,
    /// Bytes of this request.
    pub bytes: u64,
}

/// Decides for one client at one broker.
pub trait Quota {
    /// The throttle time written into the response; the client's next request is held back that long.
    fn throttle(&mut self, view: &QuotaView) -> Span;
    /// A request that was just asked about is not served after all: its bytes do not count (Kafka's
    /// `unrecordQuotaSensor`).
    fn take_back(&mut self, view: &QuotaView);
    /// The most bytes that one answer may have (Kafka's `getMaxValueInQuotaWindow`).
    fn most(&self) -> u64;
}

family! {
    /// Every quota.
    "quota" of dyn Quota { byte_rate }
}
