//! When a consumer commits its position, as a choice: `{ every = "5s" }`, `"after-batch"`, ...

use super::describe::param;
use crate::engine::Span;
use crate::model::catalog::{Args, Kind, Member};
use crate::model::plan::Commit;

pub(super) const MEMBERS: &[Member] = &[
    Member {
        family: "commit",
        name: "every",
        summary: "Inside poll(), when the interval has passed: Kafka's automatic commit.",
        doc: "What it does. A poll that comes after the interval has passed commits the positions of what \
earlier polls returned (Kafka `enable.auto.commit`). No timer commits between polls.\n\n\
When it helps. Few commits, and at-least-once delivery as long as each poll's records are done before the \
next poll.\n\n\
When it hurts. A crash repeats everything since the last commit; and if records are handed to workers, \
the commit covers records that are still in work, and a crash loses them.\n\n\
Seen in. Kafka's Java consumer, unless it is told otherwise.",
        params: &[param(
            "value",
            Kind::Span,
            "5s",
            "At least this long passes between two commits (Kafka 4 `auto.commit.interval.ms`).",
        )],
    },
    Member {
        family: "commit",
        name: "after-batch",
        summary: "After the records of each poll are done.",
        doc: "What it does. Commits when all records of a poll are done, before the next poll.\n\n\
When it helps. A crash repeats one batch at most.\n\n\
When it hurts. A round trip to the broker per poll.\n\n\
Seen in. commitSync() at the end of the poll loop; Spring Kafka's BATCH mode.",
        params: &[],
    },
    Member {
        family: "commit",
        name: "after-record",
        summary: "After each record.",
        doc: "What it does. Commits after every record that is done.\n\n\
When it helps. A crash repeats one record at most.\n\n\
When it hurts. A commit per record: the most load for the brokers.\n\n\
Seen in. Spring Kafka's RECORD mode.",
        params: &[],
    },
    Member {
        family: "commit",
        name: "before-processing",
        summary: "Before the records of a poll are processed: at most once.",
        doc: "What it does. Commits what a poll returned, and processes it then.\n\n\
When it helps. Nothing is ever processed twice on account of a crash.\n\n\
When it hurts. A crash loses what was committed and not yet processed.\n\n\
Seen in. Metrics and telemetry, where a gap is better than a double count.",
        params: &[],
    },
];

/// The choice as the plan has it.
pub(super) fn build(name: &str, args: &Args) -> Commit {
    match name {
        "after-batch" => Commit::AfterBatch,
        "after-record" => Commit::AfterRecord,
        "before-processing" => Commit::Before,
        _ => Commit::Auto(args.try_span("value").unwrap_or(Span::from_secs(5))),
    }
}
