//! `downstream-outage`: every call to a dependency fails.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "downstream-outage",
    summary: "Every call to a dependency fails at once.",
    doc: "What it does. Calls to the dependency fail immediately until it is back.\n\n\
When it helps. It shows what retries, dead letters and a breaker each make of an outage: records that \
wait, records that are set aside, or partitions that pause.\n\n\
When it hurts. Retries with a fixed number of tries are used up in seconds, and a whole outage's worth \
of good records lands among the dead letters.\n\n\
Seen in. Outages of databases and of other teams' services, expired certificates, revoked credentials.",
    params: &[target("downstream-outage", TargetKind::Downstream), FOR],
    build: |_| Box::new(DownstreamOutage),
};

struct DownstreamOutage;

impl Fault for DownstreamOutage {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            [view.struck_downstream()],
            |d| Lever::StopDownstream(*d, true),
            |d| Lever::StopDownstream(*d, false),
        )
    }
}
