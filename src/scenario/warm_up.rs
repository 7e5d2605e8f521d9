//! Where the measured time begins, as a choice: `"30s"`, `"auto"`.

use super::describe::required;
use super::read::Fields;
use crate::engine::Span;
use crate::model::catalog::{Kind, Member};

/// The family's name.
pub(super) const FAMILY: &str = "warm-up";

/// Runs of each variant from which a warm-up is found; five is the least that textbooks advise.
pub const PILOTS: u32 = 5;

pub(super) const MEMBERS: &[Member] = &[
    Member {
        family: FAMILY,
        name: "fixed",
        summary: "Events created before a given moment are left out.",
        doc: "What it does. The cohort of the statistics begins at this moment; `warm-up = \"30s\"` is short for it.\n\n\
When it helps. You know how long the system takes to fill up, or its start is what you want to see (`\"0s\"`).\n\n\
When it hurts. Too short, means mix the start with the steady state (W203); too long, measured time is wasted.\n\n\
Seen in. Every load test that discards its first minutes.",
        params: &[required("value", Kind::Span, "The moment, from the start of the run.")],
    },
    Member {
        family: FAMILY,
        name: "auto",
        summary: "The warm-up is found by MSER-5 from pilot runs.",
        doc: "What it does. Five pilot runs of every variant, with random numbers that no result uses, are averaged to \
one series of lag per group; MSER-5 (White 1997; White, Cobb and Spratt 2000) cuts each where the standard error of \
the rest is least. The latest of these cuts, over groups, variants and sweep points, is the warm-up of all of them, \
so that what is compared is measured over the same time. It is half of the run at most.\n\n\
When it helps. A system that settles, and nobody knows when.\n\n\
When it hurts. With faults, scaling or a changing rate there is no steady state, and a cut means little; W206 says \
so, and also when the lag has not settled in half of the run.\n\n\
Seen in. Simulation textbooks, for decades.",
        params: &[],
    },
];

/// What was chosen; `None` for a warm-up that is to be found.
pub(super) fn chosen(top: &Fields) -> Option<Span> {
    match top.pick("warm-up") {
        Some(("auto", _)) => None,
        chosen => Some(chosen.map_or(Span::ZERO, |(_, args)| args.span("value"))),
    }
}
