//! `replay`: a group reads again what it has read.

use super::reach::target;
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Args, Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::{Lever, Rewind};

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "replay",
    summary: "A group goes back on purpose and reads again: to the log start, to a moment, or to an offset.",
    doc: "What it does. Every consumer of the group seeks back on each of its partitions, and the committed \
offsets go back with them; commits that are on their way are void. `back` goes to the first record created at \
most that long ago (Kafka's offsetsForTimes), `offset` to an offset, neither of them to the log start. Nobody \
goes back further than the log start, and nobody forward. What a consumer has in hand it finishes.\n\n\
When it helps. After a bug: the log still has what came in, and the effects can be made again, rightly this \
time.\n\n\
When it hurts. Every effect that was right the first time happens once more, unless effects are idempotent: a \
store that has forgotten the keys by then is none. And the lag is that of the whole stretch at once.\n\n\
Seen in. kafka-consumer-groups --reset-offsets, KafkaConsumer.seek and seekToBeginning, event sourcing.",
    params: &[
        target("replay", TargetKind::Group),
        Param {
            name: "back",
            kind: Kind::Span,
            default: Default::Absent,
            doc: "How far it goes back in time; without it, and without `offset`, to the log start.",
        },
        Param {
            name: "offset",
            kind: Kind::Count { min: 0, max: i64::MAX as u64 },
            default: Default::Absent,
            doc: "The offset it goes back to, on every partition; takes the place of `back`.",
        },
    ],
    build: |args| Box::new(Replay(rewind(args))),
};

fn rewind(args: &Args) -> Rewind {
    match (args.try_count("offset"), args.try_span("back")) {
        (Some(offset), _) => Rewind::Offset(offset),
        (None, Some(back)) => Rewind::Back(back),
        (None, None) => Rewind::Start,
    }
}

struct Replay(Rewind);

impl Fault for Replay {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        vec![(Span::ZERO, Lever::Replay(view.struck_group(), self.0))]
    }
}
