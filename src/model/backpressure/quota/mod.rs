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
}

family! {
    /// Every quota.
    "quota" of dyn Quota { byte_rate }
}
