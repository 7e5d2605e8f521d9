//! Where a group goes without a valid offset, as a choice: `"earliest"`, `"latest"`, `{ back = "1h" }`, `"none"`.

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
    Member {
        family: FAMILY,
        name: "none",
        summary: "Nowhere: a consumer that finds no valid offset stops.",
        doc: "What it does. The exception comes out of poll(), the application closes its consumer and ends, and \
nobody starts it again: its partitions go to the others, who find no offset there either. The group has offsets to \
begin with, at the start of each partition that is there then.\n\n\
When it helps. Nothing is skipped or repeated without a word; somebody has to decide.\n\n\
When it hurts. One partition without an offset (retention was faster, partitions were added, the offsets expired) \
stops one consumer after the other, with all their partitions.\n\n\
Seen in. Kafka's auto.offset.reset=none.",
        params: &[],
    },
];

/// The choice as the plan has it.
pub(super) fn build(name: &str, args: &Args) -> OffsetReset {
    match name {
        "latest" => OffsetReset::Latest,
        "back" => OffsetReset::Back(args.span("value")),
        "none" => OffsetReset::Never,
        _ => OffsetReset::Earliest,
    }
}
