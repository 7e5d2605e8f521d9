//! Where a group goes without a valid offset, as a choice: `"earliest"`, `"latest"`, `{ back = "1h" }`.

use super::describe::required;
use crate::model::catalog::{Args, Kind, Member};
use crate::model::plan::OffsetReset;

/// The family's name.
pub(super) const FAMILY: &str = "reset";

pub(super) const MEMBERS: &[Member] = &[
    Member {
        family: FAMILY,
        name: "earliest",
        summary: "To the log start.",
        doc: "What it does. Reads everything that the log still has.\n\n\
When it helps. Nothing is passed over but what retention has taken.\n\n\
When it hurts. A group whose offsets have expired does a week's work again.\n\n\
Seen in. Kafka's auto.offset.reset=earliest.",
        params: &[],
    },
    Member {
        family: FAMILY,
        name: "latest",
        summary: "To the log end: what is there already is skipped.",
        doc: "What it does. Reads only what comes from now on.\n\n\
When it helps. Where only the present counts, as on a dashboard.\n\n\
When it hurts. A group that has lost its offset passes over all that waited, without a word.\n\n\
Seen in. Kafka's auto.offset.reset=latest, its default.",
        params: &[],
    },
    Member {
        family: FAMILY,
        name: "back",
        summary: "To what was created at most so long ago.",
        doc: "What it does. Goes to the first record created at that moment or later, and to the log end if there is \
none.\n\n\
When it helps. A group that comes back repeats an hour and not a week, and skips only what is older.\n\n\
When it hurts. It does both: it repeats and it skips.\n\n\
Seen in. Kafka's auto.offset.reset=by_duration:PT1H, since 4.0.",
        params: &[required("value", Kind::Span, "How far it goes back.")],
    },
];

/// The choice as the plan has it.
pub(super) fn build(name: &str, args: &Args) -> OffsetReset {
    match name {
        "latest" => OffsetReset::Latest,
        "back" => OffsetReset::Back(args.span("value")),
        _ => OffsetReset::Earliest,
    }
}
