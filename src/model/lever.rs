//! What a fault, an operator or the autoscaler may do to the system. The world says what each lever does.

use crate::engine::Span;
use crate::model::ids::{BrokerId, DownstreamId, GroupId, Offset, ProducerId, TopicId};

/// The owner of a wire to the brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// A producer instance.
    Producer(ProducerId),
    /// A consumer: its group and its number there.
    Consumer(GroupId, u32),
}

/// Which way on a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the brokers.
    Out,
    /// From the brokers to the client.
    Back,
    /// Both.
    Both,
}

/// How far back a group goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewind {
    /// To the log start.
    Start,
    /// To what was created this long ago.
    Back(Span),
    /// To this offset.
    Offset(Offset),
}

/// One intervention. Levers that last come in pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lever {
    /// The process dies: no goodbye, no commit.
    CrashConsumer(GroupId, u32),
    /// It starts (again) and joins its group. A consumer that runs is left alone.
    StartConsumer(GroupId, u32),
    /// It finishes its batch, commits, and leaves its group.
    LeaveConsumer(GroupId, u32),
    /// It stands still, heartbeats included (a long garbage collection, a frozen VM).
    PauseConsumer(GroupId, u32),
    /// It goes on where it stopped.
    ResumeConsumer(GroupId, u32),
    /// Its processing takes `factor` times as long; 1 is normal.
    SlowConsumer(GroupId, u32, f64),
    /// It takes no records (`true`), or goes on taking them; it polls all the same.
    HoldConsumer(GroupId, u32, bool),
    /// One more consumer starts.
    AddConsumer(GroupId),
    /// The consumer that started last leaves.
    RemoveConsumer(GroupId),
    /// The broker's process dies; what it had stored is there when it comes back.
    StopBroker(BrokerId),
    /// Its machine loses power: what it had stored in the last such time was in memory only.
    CutPower(BrokerId, Span),
    /// It hands its partitions to other leaders and stops (Kafka's controlled shutdown).
    ShutDownBroker(BrokerId),
    /// It cannot reach other brokers (`true`), or can again; with `true` for the second, the controller neither.
    IsolateBroker(BrokerId, bool, bool),
    /// It is back.
    StartBroker(BrokerId),
    /// Its requests take `factor` times as long; 1 is normal.
    SlowBroker(BrokerId, f64),
    /// Messages take this much longer on a wire; zero is normal.
    DelayWire(Client, Way, Span),
    /// This share of messages is lost on a wire, on top of its own; 0 is normal.
    LoseOnWire(Client, Way, f64),
    /// Nothing gets through (`true`), or all does again; to and from one broker, or all.
    CutWire(Client, Way, Option<BrokerId>, bool),
    /// Calls take `factor` times as long; 1 is normal.
    SlowDownstream(DownstreamId, f64),
    /// Every call fails at once (`true`), or no longer.
    StopDownstream(DownstreamId, bool),
    /// The group's idempotency store is down (`true`), or back.
    StopStore(GroupId, bool),
    /// Events created from now on are poison for the group with this probability; 0 ends it.
    Poison(GroupId, f64),
    /// The topic has so many partitions from now on.
    AddPartitions(TopicId, u32),
    /// The shard of this number is closed, and two children have its hashes from now on.
    SplitShard(TopicId, u32),
    /// Both shards are closed, and one child has their hashes from now on.
    MergeShards(TopicId, u32, u32),
    /// The group reads again what it has read.
    Replay(GroupId, Rewind),
    /// The process dies: what it had not sent is gone.
    CrashProducer(ProducerId),
    /// It starts again.
    StartProducer(ProducerId),
}
