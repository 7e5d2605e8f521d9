//! `store-outage`: the idempotency store of a group is down.

use super::reach::{FOR, target};
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Entry, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "store-outage",
    summary: "The idempotency store of a group is down.",
    doc: "What it does. The store answers neither look-ups nor writes. The group then waits, or processes \
unchecked, as its settings say (fail-open).\n\n\
When it helps. It shows the price of effectively-once: the store is one more thing that can be down.\n\n\
When it hurts. Waiting turns its outage into lag; going on unchecked turns it into duplicates.\n\n\
Seen in. Redis failovers, throttled DynamoDB tables, a database under maintenance.",
    params: &[target("store-outage", TargetKind::Group), FOR],
    build: |_| Box::new(StoreOutage),
};

struct StoreOutage;

impl Fault for StoreOutage {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        view.while_it_lasts(
            [view.struck_group()],
            |g| Lever::StopStore(*g, true),
            |g| Lever::StopStore(*g, false),
        )
    }
}
