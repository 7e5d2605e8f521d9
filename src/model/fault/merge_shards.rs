//! `merge-shards`: two shards of a stream are closed, and one child has what both had of the hashes.

use super::reach::target;
use super::{Fault, FaultView};
use crate::engine::Span;
use crate::model::catalog::{Default, Entry, Kind, Param, TargetKind};
use crate::model::lever::Lever;

const fn shard(name: &'static str, doc: &'static str) -> Param {
    Param { name, kind: Kind::Count { min: 0, max: 1_000_000 }, default: Default::Required, doc }
}

/// See its text.
pub static ENTRY: Entry<dyn Fault> = Entry {
    name: "merge-shards",
    summary: "Two neighbouring shards of a Kinesis stream are closed, and one child has the keys of both.",
    doc: "What it does. Both shards take nothing any more from this moment on, and a new one, numbered next, has the \
hashes of both, with the limits of one shard. Every group reads both parents to their ends before it reads the child. \
Shards whose hashes do not meet cannot be merged, as little as closed ones: then nothing happens.\n\n\
When it helps. Shards that are hardly used cost money, and each is read by a worker of its own.\n\n\
When it hurts. The child has half of what both had to offer.\n\n\
Seen in. MergeShards and UpdateShardCount of Amazon Kinesis Data Streams.",
    params: &[
        target("merge-shards", TargetKind::Topic),
        shard("shard", "The number of one of them, from 0."),
        shard("with", "The number of the other."),
    ],
    build: |args| Box::new(MergeShards(args.count("shard") as u32, args.count("with") as u32)),
};

struct MergeShards(u32, u32);

impl Fault for MergeShards {
    fn script(&self, view: &FaultView) -> Vec<(Span, Lever)> {
        vec![(Span::ZERO, Lever::MergeShards(view.struck_topic(), self.0, self.1))]
    }
}
