//! What happens when the workload has run its time, as a choice: `"stop"`, `"drain"`, `{ drain = "5m" }`.

use super::describe::optional;
use crate::model::catalog::{Kind, Member};

pub(super) const MEMBERS: &[Member] = &[
    Member {
        family: "end",
        name: "drain",
        summary: "The workload stops, and what is on its way is worked off.",
        doc: "What it does. No event is created any more, and the run goes on until everything has its fate, \
but no longer than the limit.\n\n\
When it helps. Losses and duplicates can be counted to the last one.\n\n\
When it hurts. A group that cannot keep up takes long to drain, and what is left at the limit stays pending.\n\n\
Seen in. Load tests that end with a cool-down.",
        params: &[optional(
            "value",
            Kind::Span,
            "How long it may take; the duration of the workload once more, and at least 10 minutes.",
        )],
    },
    Member {
        family: "end",
        name: "stop",
        summary: "The run stops at once; what is on its way stays pending.",
        doc: "What it does. The run ends with its workload.\n\n\
When it helps. A system in its steady state, or one that never catches up, is shown as it is.\n\n\
When it hurts. What is pending enters latency figures as a lower bound only.\n\n\
Seen in. A look at a dashboard.",
        params: &[],
    },
];
