//! `[precision]`: the settings beside the metrics it names.

use crate::model::catalog::Param;
use crate::scenario::describe::{Section, count, param};

pub(in crate::scenario) const SECTION: Section = Section {
    name: "precision",
    place: "[precision]",
    doc: "Metrics with the relative half-width that their 95 % intervals shall have in every variant and at every \
point: `\"group.billing.latency.p99\" = \"5%\"`. Replications are then added in rounds of 10 until all are known so \
well; the first round is `replications`, and at least 10. `--replications` fixes their number instead.",
    params: PARAMS,
};

pub(in crate::scenario) const PARAMS: &[Param] = &[param(
    "max-replications",
    count(2, 100_000),
    "100",
    "No more replications than this, whatever the precision; what was reached by then is said in a warning.",
)];
