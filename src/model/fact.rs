//! What the model tells whoever measures, and what a measurement may look at. One way only: a listener
//! can neither schedule nor draw.
//!
//! Facts come in runs where the model works in runs; a run says the same as its members one by one.

use crate::engine::{Span, Time};
use crate::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use crate::model::ids::{
    BrokerId, ConsumerId, DownstreamId, EventId, GroupId, Offset, PartitionId, ProducerId, TopicId,
};
use crate::model::record::{Batch, Record};

/// How an effect came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As it should: by the partition's owner.
    Plainly,
    /// By a consumer that no longer owned the partition.
    AsZombie,
    /// By a call whose caller had stopped waiting, or made again after such a call.
    CallRepeated,
    /// After a look-up in the idempotency store that found nothing for this reason.
    StoreMissed(DuplicateCause),
}

/// Why a record is done without its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Its tries are used up and it went to the dead-letter topic.
    DeadLetter,
    /// Its tries are used up and it was passed over.
    Skipped,
    /// The idempotency store knew its key.
    Suppressed,
}

/// What a consumer does, as timelines show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Working on records.
    Processing,
    /// Waiting for records.
    Idle,
    /// Waiting for a rebalance to end.
    Rebalancing,
    /// Standing still.
    Paused,
    /// Not there.
    Down,
}

/// Who did what to which records of which partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The group.
    pub group: GroupId,
    /// The consumer.
    pub consumer: ConsumerId,
    /// The partition.
    pub partition: PartitionId,
}

/// A listener. Every method is told once per fact, with the moment it happened.
#[expect(unused_variables, reason = "a listener that does not care about a fact leaves its method out")]
pub trait Facts {
    /// Events `first..` of a producer were created at `times`, for `topic`.
    fn created(&mut self, producer: ProducerId, topic: TopicId, first: u64, times: &[Time]) {}
    /// `n` events of a producer from ordinal `first` on got into the send buffer.
    fn accepted(&mut self, producer: ProducerId, first: u64, n: u64) {}
    /// An event was refused on purpose.
    fn shed(&mut self, record: &Record, topic: TopicId, reason: ShedReason, at: Time) {}
    /// Events were lost before any copy reached the log.
    fn lost_on_the_way(&mut self, records: &[Record], topic: TopicId, cause: LossCause, at: Time) {}
    /// All copies of an event are aborted, and nobody will make it again: it is lost to those who read only what is
    /// committed.
    fn lost_with_transactions(&mut self, record: &Record, topic: TopicId, cause: LossCause, at: Time) {}
    /// A batch was sent for the `sends`-th time.
    fn sent(
        &mut self,
        producer: ProducerId,
        partition: PartitionId,
        records: &[Record],
        sends: u32,
        at: Time,
    ) {
    }
    /// A batch was acknowledged (or, with acks=0, sent).
    fn acknowledged(&mut self, producer: ProducerId, records: &[Record], at: Time) {}
    /// A request or its answer was lost, or its wait timed out; the producer will try again or give up.
    fn unanswered(&mut self, producer: ProducerId, records: &[Record], at: Time) {}
    /// A caller stood blocked on a full buffer for this long, until `at`.
    fn blocked(&mut self, producer: ProducerId, length: Span, at: Time) {}
    /// A broker asked a producer to wait.
    fn throttled(&mut self, producer: ProducerId, length: Span, at: Time) {}
    /// A broker asked a consumer to wait.
    fn fetch_throttled(&mut self, group: GroupId, consumer: ConsumerId, length: Span, at: Time) {}

    /// A batch was appended from offset `base` on; `copy_of` is where the first copy begins, if this is
    /// another.
    fn appended(&mut self, base: Offset, batch: &Batch, copy_of: Option<(PartitionId, Offset)>, at: Time) {}
    /// A partition's log goes on without `[from, to)`.
    fn cut_off(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {}
    /// Records `from..` of what was cut off: the new leader does not have them. `lost` is by what, unless
    /// they were copies, or their producer still has them.
    fn truncated(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        lost: Option<LossCause>,
        at: Time,
    ) {
    }
    /// So many replicas of a partition are in sync from now on.
    fn in_sync_changed(&mut self, partition: PartitionId, in_sync: u32, at: Time) {}
    /// A partition is led by this broker from now on, or by none; `unclean` if that broker was not in sync.
    fn leader_changed(&mut self, partition: PartitionId, leader: Option<BrokerId>, unclean: bool, at: Time) {}
    /// A broker did not take a batch, or could not vouch for it: too few replicas are in sync.
    fn too_few_in_sync(
        &mut self,
        producer: ProducerId,
        partition: PartitionId,
        records: &[Record],
        at: Time,
    ) {
    }
    /// A shard did not take these records: it was asked for more than its limits.
    fn throughput_exceeded(
        &mut self,
        producer: ProducerId,
        partition: PartitionId,
        records: &[Record],
        at: Time,
    ) {
    }
    /// A batch that is in the log already was recognised by its sequence number and not appended again.
    fn deduplicated(&mut self, partition: PartitionId, records: &[Record], at: Time) {}
    /// The coordinator has decided what becomes of a producer's transaction.
    fn transaction_ended(&mut self, producer: ProducerId, commit: bool, at: Time) {}
    /// A marker that ends a producer's transaction on a partition was appended there.
    fn marked(
        &mut self,
        partition: PartitionId,
        offset: Offset,
        producer: ProducerId,
        commit: bool,
        at: Time,
    ) {
    }
    /// Records `from..` are aborted: who reads only what is committed will not get them.
    fn aborted(&mut self, partition: PartitionId, from: Offset, records: &[Record], at: Time) {}
    /// The record at `at` is another copy of what a group has sent before, because it processed its input again: of
    /// the copy at `of`, and for those who read only what is committed of that at `of_committed`.
    fn produced_again(
        &mut self,
        partition: PartitionId,
        at: Offset,
        of: Option<Offset>,
        of_committed: Option<Offset>,
    ) {
    }
    /// The record at `offset` will never count for those who read only what is committed: another copy of its event
    /// does, or will.
    fn superseded(&mut self, partition: PartitionId, offset: Offset, record: &Record, at: Time) {}
    /// Retention moved a log start from `from` to `to`.
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {}
    /// The cleaner removed so many records of a partition, for newer ones of their keys.
    fn compacted(&mut self, partition: PartitionId, records: u64, at: Time) {}
    /// A broker worked on a request for this long, until `at`.
    fn served(&mut self, broker: BrokerId, length: Span, at: Time) {}

    /// A worker got an answer from a shard, whose last record is this old; nothing, if there is no later one.
    fn read(&mut self, group: GroupId, partition: PartitionId, age: Span, at: Time) {}
    /// A worker got no answer from a shard: it was asked too much.
    fn read_refused(&mut self, group: GroupId, partition: PartitionId, at: Time) {}
    /// Records `from..` were handed to a consumer's application.
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {}
    /// The effects of records `from..` were applied at `times`.
    fn applied(&mut self, who: Reader, from: Offset, records: &[Record], times: &[Time], how: How) {}
    /// A record is done without its effect.
    fn done_without(&mut self, who: Reader, offset: Offset, record: &Record, why: Without, at: Time) {}
    /// A try of a record failed.
    fn failed(&mut self, who: Reader, offset: Offset, record: &Record, attempt: u32, at: Time) {}
    /// A record is finished after `attempts` tries, `busy` of worker time in all.
    fn finished(&mut self, group: GroupId, records: u64, attempts: u64, busy: Span) {}
    /// A poll returned records.
    fn polled(&mut self, group: GroupId, records: u64, at: Time) {}
    /// A consumer died, or dropped its work, with records `from..` delivered and not done.
    fn abandoned(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {}
    /// Between the committed offset `from` and `to`, records may be delivered again, for this cause.
    fn exposed(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        cause: DuplicateCause,
    ) {
    }
    /// A group's committed offset moved.
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {}
    /// What a group had committed on a partition has expired.
    fn offsets_expired(&mut self, group: GroupId, partition: PartitionId, at: Time) {}
    /// A group goes back to an offset on purpose.
    fn replayed(&mut self, group: GroupId, partition: PartitionId, to: Offset, at: Time) {}
    /// A commit was sent.
    fn commit_sent(&mut self, group: GroupId) {}
    /// A group passes over records `from..` that it will not read any more.
    fn passed_over(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        cause: LossCause,
        at: Time,
    ) {
    }
    /// A group has come upon records `from..` that compaction removed before it read them.
    fn expired(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        at: Time,
    ) {
    }
    /// A position was reset for want of a valid offset.
    fn reset(&mut self, group: GroupId, partition: PartitionId, at: Time) {}
    /// A consumer stops because a partition has no valid offset, and it may not choose one.
    fn stopped(&mut self, group: GroupId, consumer: ConsumerId, partition: PartitionId, at: Time) {}
    /// The idempotency store was asked.
    fn looked_up(&mut self, group: GroupId, hit: bool) {}

    /// A rebalance began.
    fn rebalance_began(&mut self, group: GroupId, cause: RebalanceCause, at: Time) {}
    /// A generation is complete: every member has its assignment.
    fn rebalance_ended(&mut self, group: GroupId, generation: u32, at: Time) {}
    /// A partition has no consumer ready to read it.
    fn stalled(&mut self, group: GroupId, partition: PartitionId, at: Time) {}
    /// A partition has a consumer ready to read it (again).
    fn resumed(&mut self, group: GroupId, partition: PartitionId, at: Time) {}
    /// A consumer does something else from now on.
    fn consumer_is(&mut self, group: GroupId, consumer: ConsumerId, doing: Doing, at: Time) {}
    /// A consumer crashed.
    fn crashed(&mut self, group: GroupId, consumer: ConsumerId, at: Time) {}
    /// The autoscaler asks for another number of consumers.
    fn scaled(&mut self, group: GroupId, from: u32, to: u32, at: Time) {}
    /// A fault struck (its index in the plan), and how long it lasts.
    fn fault(&mut self, index: usize, at: Time, lasts: Option<Span>) {}
    /// A call reached a dependency, and how many wait there now.
    fn called(&mut self, downstream: DownstreamId, waiting: u32, at: Time) {}
    /// A call ended after this long in service.
    fn answered(&mut self, downstream: DownstreamId, ok: bool, service: Span, at: Time) {}
    /// A circuit breaker opened.
    fn breaker_opened(&mut self, downstream: DownstreamId, at: Time) {}

    /// A moment of the sampling grid, with everything up to it told.
    fn sample(&mut self, view: &dyn View) {}
    /// The workload has ended.
    fn workload_ended(&mut self, view: &dyn View) {}
    /// An event that has no final fate when the run ends, before the log.
    fn left_before_log(&mut self, event: EventId, created: Time, topic: TopicId, place: Place, at: Time) {}
    /// At the end, all copies of an event are aborted, and it has not been made again: who reads only what is
    /// committed has nothing of it.
    fn left_aborted(&mut self, created: Time, topic: TopicId, at: Time) {}
    /// The run has ended.
    fn ended(&mut self, view: &dyn View) {}
}

/// How the world looks right now. Everything up to `now` has been told as facts.
pub trait View {
    /// Now.
    fn now(&self) -> Time;
    /// End of a partition's log.
    fn log_end(&self, partition: PartitionId) -> Offset;
    /// Up to where readers see it.
    fn high_watermark(&self, partition: PartitionId) -> Offset;
    /// Start of a partition's log.
    fn log_start(&self, partition: PartitionId) -> Offset;
    /// A group's committed offset.
    fn committed(&self, group: GroupId, partition: PartitionId) -> Option<Offset>;
    /// When the event of a record was created, if the record is still in memory.
    fn created(&self, partition: PartitionId, offset: Offset) -> Option<Time>;
    /// Consumers of a group that run.
    fn running(&self, group: GroupId) -> u32;
    /// Visits the records `[from, to)` of a partition as runs; `true` with runs of second copies.
    fn records(
        &self,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        visit: &mut dyn FnMut(Offset, &[Record], bool),
    );
    /// Whether a consumer of the group holds this record, delivered and not done.
    fn in_hand(&self, group: GroupId, partition: PartitionId, offset: Offset) -> bool;
}

/// A listener that hears nothing, for measuring the model alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deaf;
impl Facts for Deaf {}
