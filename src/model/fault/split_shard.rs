//! `split-shard`: a shard of a stream is closed, and two children share its part of the hashes.

use super::reach::target;
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "split-shard",
    summary: "A shard of a Kinesis stream is closed, and two children share its keys.",
    doc: "What it does. The shard takes nothing any more from this moment on. Two new shards, numbered next, take the \
lower and the upper half of its hashes, each with the full limits of a shard; what is on its way to the old one goes to \
them. What the old one has stays there, and every group reads it to its end before it reads the children, so that the \
order of each key is kept.\n\n\
When it helps. Many keys on one shard become two shards' worth of throughput.\n\n\
When it hurts. A single hot key goes to one of the children whole, which has the limits that its parent had. And a \
group that is behind must first work off the parent, with one worker.\n\n\
Seen in. SplitShard and UpdateShardCount of Amazon Kinesis Data Streams.",
    params: &[
        target("split-shard", TargetKind::Topic),
        Param {
            name: "shard",
            kind: Kind::Count { min: 0, max: 1_000_000 },
            default: Default::Required,
            doc: "Its number, from 0.",
        },
    ],
    build: |args| Box::new(SplitShard(args.count("shard") as u32)),
};

struct SplitShard(u32);

impl Fault for SplitShard {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        vec![(Span::ZERO, Lever::SplitShard(view.struck_topic(), self.0))]
    }
}
