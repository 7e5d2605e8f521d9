//! The world: owns the parts, sums their events, and says who hears whom.
//!
//! This folder is the only place that knows two parts at once.
//!
//! ```text
//!  workload ─► producer ──wire──► broker ─► log ◄─ broker ◄──wire── consumer ─► effect
//!                  ▲                │                ▲                │  │ ▲
//!                  └─────answer─────┘                └────fetch───────┘  │ └─ idempotency store,
//!                                                                        │    dependency, breaker
//!  faults ─► levers ─► any of them        coordinator ◄──── join, sync, heartbeat, commit
//! ```

mod alone;
mod build;
mod clean;
mod commit;
mod consume;
mod elect;
mod enact;
mod fetch;
mod freeze;
mod holdings;
mod lease;
mod left;
mod mail;
mod membership;
mod produce;
mod read;
mod replay;
mod replicate;
mod reshard;
mod shard;
mod slab;
mod steps;
mod transact;
mod transform;
mod view;
mod widen;

use crate::engine::{EventQueue, EventRng, Rank, Span, Stream, StreamKey, Time, WheelQueue};
use crate::model::backoff::Backoff;
use crate::model::backpressure::{Flow, Scaling};
use crate::model::breaker::Breaker;
use crate::model::broker::Broker;
use crate::model::consumer::{Consumer, Item};
use crate::model::coordinator::{Coordinator, Member};
use crate::model::downstream::Downstream;
use crate::model::fact::Facts;
use crate::model::failing::Failing;
use crate::model::ids::{
    BatchId, BrokerId, ConsumerId, GroupId, Offset, PartitionId, ProducerId, RequestId, TopicId,
};
use crate::model::lever::Lever;
use crate::model::log::Log;
use crate::model::outputs::Outputs;
use crate::model::plan::{End, GroupPlan, Plan};
use crate::model::producer::Producer;
use crate::model::record::Batches;
use crate::model::replicas::Replicas;
use crate::model::sequences::Sequences;
use crate::model::shards::{Allowance, Ranges, Shard};
use crate::model::store::Store;
use crate::model::wire::Wire;
use mail::{Letter, Message, Reply};
use slab::Slab;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

/// Everything that can be due. `u32`s after an id are the life, epoch or ticket it was announced for.
///
/// Its tag is a word wide, so that events are moved word by word. Moved as overlapping halves from the second byte on,
/// as they were with a narrow one, each cost ten cycles more.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
enum Ev {
    Wake(ProducerId),
    Produce(RequestId),
    /// A batch that travels without a request.
    Alone(BatchId, BrokerId),
    ProduceAnswer(RequestId),
    BrokerDone(BrokerId, u32),
    Fetch(RequestId),
    FetchWaited(RequestId, u32),
    Fetched(RequestId),
    BatchDone(ConsumerId, u32),
    Poll(ConsumerId, u32),
    Worker(ConsumerId, u16, u32),
    Send(Member, Message),
    Letter(u32),
    Reply(u32),
    Beat(ConsumerId, u32, u32),
    Coordinator(GroupId),
    Deadline(ConsumerId, u32),
    Take(ConsumerId, u32),
    /// A worker's turn at a shard: its ticket, and the shard's place in the group.
    Read(ConsumerId, u32, u32),
    ReadArrives(u32),
    ReadAnswer(u32),
    Commit(u32),
    CommitAgain(u32),
    CommitAnswer(ConsumerId, u32),
    CallDone(u32),
    Strike(u32),
    Pull(u32),
    Fence(BrokerId, u32),
    Follow(u32, u32),
    Fed(u32, u32),
    DropLate,
    PreferLeaders,
    Learn(u32),
    Scale(GroupId),
    ReportLag(ProducerId),
    Retain,
    LookAgain(ConsumerId, u32),
    Transact(ProducerId, u32, transact::Step),
    Mark(u32),
    ScanTransactions,
    Clean,
    Sample,
    EndOfWork,
}

/// A produce request on its way.
#[derive(Debug, Default)]
struct Request {
    producer: ProducerId,
    broker: BrokerId,
    batches: Vec<BatchId>,
    bytes: u64,
    /// The producer still waits for an answer.
    awaited: bool,
    /// Something of it is still on its way or at the broker.
    travelling: bool,
    /// Batches of it that not all in-sync replicas have; the answer waits for them.
    unreplicated: u32,
    /// What the answer will say of each batch.
    answers: Vec<Receipt>,
    /// The answer is that the connection broke.
    broken: bool,
    throttle: Span,
}

/// What a broker says of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receipt {
    Taken,
    /// To be sent again.
    Refused,
    /// The same, because its number is not the next one.
    OutOfOrder,
    /// Refused, and not to be sent again.
    Invalid,
}

/// A fetch on its way.
#[derive(Debug, Default)]
struct Fetch {
    consumer: ConsumerId,
    life: u32,
    broker: BrokerId,
    /// Asked for: partition, its place in the group, from where; and up to where it was found.
    parts: Vec<(PartitionId, u32, Offset, Offset)>,
    /// Numbers of the parts of which something was found.
    found: Vec<u32>,
    /// How many upsets there had been when it was last looked for.
    as_of: u64,
    parked: bool,
    /// Raised with every use of this place.
    use_: u32,
    failed: bool,
}

/// A commit on its way.
#[derive(Clone, Debug, Default)]
struct CommitNote {
    consumer: ConsumerId,
    life: u32,
    /// Its membership.
    number: u32,
    generation: u32,
    offsets: Vec<(u32, Offset)>,
    awaited: bool,
    /// It was refused for its epoch.
    stale: bool,
}

/// A call to a dependency.
#[derive(Clone, Copy, Debug, Default)]
struct Call {
    consumer: ConsumerId,
    worker: u16,
    life: u32,
    downstream: u32,
    draw: u64,
    service: Span,
    item: Option<Item>,
    awaited: bool,
    repeated: bool,
}

/// A group and what it shares.
struct Group {
    plan: GroupPlan,
    /// Its partitions: topics by name, partitions by number.
    partitions: Vec<PartitionId>,
    /// Where each partition of the scenario stands in `partitions`, or `u32::MAX`.
    index_of: Vec<u32>,
    coordinator: Coordinator,
    coordinator_at: Time,
    consumers: Vec<ConsumerId>,
    /// Who owns each partition, as far as group and consumer agree.
    owner: Vec<Option<ConsumerId>>,
    /// Where each partition stands in what its owner owns.
    place: Vec<u32>,
    /// Who may have a partition, or records of it in hand, and is not its owner. All who have are here.
    beside: BTreeSet<(u32, ConsumerId)>,
    /// How many of its consumers run.
    running: u32,
    /// How many of its consumers believe to own what they do not.
    zombies: u32,
    /// While there are any: when each consumer is done with its record next. Some of it may be out of date.
    turns: BinaryHeap<Reverse<(Time, ConsumerId)>>,
    /// Nobody reads below this any more.
    floor: Vec<Offset>,
    /// The producer of its first consumer, if it makes something of what it reads; those of the others follow.
    outlet: Option<ProducerId>,
    /// And what it has made.
    outputs: Option<Box<Outputs>>,
    /// Partitions whose committed offset is part of so many open transactions.
    unstable: BTreeMap<u32, u32>,
    /// It may lose its offsets and read everything again.
    starts_over: bool,
    /// What each shard may push to it, where it is pushed to.
    pushes: Vec<Allowance>,
    /// Fetches are instant, so consumers read the logs directly.
    direct: bool,
    /// It reads only what is committed.
    decided: bool,
    /// Batches are computed as a whole.
    runs: bool,
    service: EventRng,
    retry_draws: EventRng,
    failing: Option<Box<dyn Failing>>,
    fail_event: EventRng,
    fail_try: EventRng,
    poison: Vec<(Time, f64)>,
    poison_draws: EventRng,
    backoff: Box<dyn Backoff>,
    store: Option<Store>,
    store_draws: EventRng,
    breaker: Option<Breaker>,
    flows: Vec<Option<Box<dyn Flow>>>,
    scaling: Option<Box<dyn Scaling>>,
    /// How many consumers the autoscaler wants.
    wanted: u32,
}

/// A system running. Made from a plan, driven by `advance`, heard through [`Facts`].
pub struct World {
    now: Time,
    queue: WheelQueue<Ev>,
    plan: Arc<Plan>,
    key: StreamKey,
    end_of_work: Time,
    ended: bool,
    processed: u64,

    batches: Batches,
    logs: Vec<Log>,
    topic_of: Vec<TopicId>,
    first_partition: Vec<PartitionId>,
    /// How many partitions each topic has.
    widths: Vec<widen::Width>,
    /// Who leads each partition, if its broker runs.
    leader: Vec<Option<BrokerId>>,
    /// Who clients think does.
    known: Vec<Option<BrokerId>>,
    leaderless_since: Vec<Time>,
    replicas: Vec<Replicas>,
    links: replicate::Links,
    /// Produce requests that wait for replicas: up to where, which, and for which of its batches.
    awaiting: Vec<Vec<(Offset, RequestId, u32)>>,
    /// Partitions of whose leaders clients are about to hear.
    news: Slab<Vec<PartitionId>>,
    /// When brokers sent their last heartbeats before they died.
    heartbeats: Vec<Stream>,
    /// What each partition's brokers remember of its idempotent producers.
    sequences: Vec<Sequences>,
    /// The coordinator's side of each producer's transactions; empty if no producer has any.
    coordinating: Vec<Option<transact::Coordinating>>,
    /// Markers on their way.
    markers: Slab<transact::Marker>,
    /// Whether any topic has a retention: otherwise no log start ever moves.
    ages: bool,
    /// The shards of streams, by partition; empty if there is no stream.
    shards: Vec<Option<Shard>>,
    /// Which of them has which hashes, by topic; and the hashes of keys, by table of producers, once they are asked for.
    ranges: Vec<Option<Ranges>>,
    hashes: Vec<Vec<u128>>,
    /// Groups that read a partition, with its place there.
    readers: Vec<Vec<(GroupId, u32)>>,
    /// Fetches parked on a partition, each with the number of the part it has there.
    parked: Vec<Vec<(RequestId, u32)>>,
    /// Raised when leaders, log starts, owners or positions change otherwise than by reading on.
    upsets: u64,

    producers: Vec<Producer>,
    producer_wires: Vec<Wire>,
    brokers: Vec<Broker>,
    groups: Vec<Group>,
    consumers: Vec<Consumer>,
    consumer_wires: Vec<Wire>,
    downstreams: Vec<Downstream>,

    requests: Slab<Request>,
    /// How many batches travel without one.
    alone: u32,
    fetches: Slab<Fetch>,
    commits: Slab<CommitNote>,
    shard_reads: Slab<read::Read>,
    calls: Slab<Call>,
    letters: Slab<Letter>,
    replies: Slab<Reply>,
    /// Answers that lie in the sockets of consumers that stand still.
    mail: Vec<u32>,

    /// The moments of each fault that strikes at random.
    directors: Vec<Stream>,
    levers: Vec<Lever>,

    batch_list: Vec<BatchId>,
}

/// Work of consumers ends in this order within a nanosecond, after what producers do in it.
#[inline(always)]
fn whose_work(c: ConsumerId, worker: u16) -> u64 {
    1 << 48 | u64::from(c.0) << 16 | u64::from(worker)
}

/// How many network time-outs a client waits before it says the same thing again.
const RESEND: Span = Span::from_secs(30);

impl World {
    /// Simulated time.
    pub fn now(&self) -> Time {
        self.now
    }
    /// Engine events processed so far.
    pub fn events(&self) -> u64 {
        self.processed
    }

    #[inline(always)]
    fn at(&mut self, at: Time, event: Ev) {
        self.queue.push(at, Rank::Normal, event);
    }

    /// Processes up to `most` events; `false` when the run has ended (and has been told as ended).
    pub fn advance<F: Facts>(&mut self, most: u64, facts: &mut F) -> bool {
        for _ in 0..most {
            if self.ended {
                return false;
            }
            let Some((at, event)) = self.queue.first() else {
                self.finish(facts);
                return false;
            };
            debug_assert!(at >= self.now, "time runs forward: {event:?} at {at:?}");
            match *event {
                Ev::Wake(p) => self.begin(at).producer_due(p, facts),
                Ev::Alone(id, broker) => self.begin(at).arrives_alone(id, broker, facts),
                Ev::Produce(r) => self.begin(at).produce_arrives(r, facts),
                Ev::BatchDone(c, epoch) => self.begin(at).batch_done(c, epoch, facts),
                Ev::Worker(c, w, ticket) => self.begin(at).worker_due(c, w, ticket, facts),
                other => self.begin(at).dispatch_rare(other, facts),
            }
        }
        !self.ended
    }

    /// Takes the first event out of the queue; it happens now.
    #[inline(always)]
    fn begin(&mut self, at: Time) -> &mut Self {
        self.queue.skip();
        self.now = at;
        self.processed += 1;
        self
    }

    #[inline(never)]
    fn dispatch_rare<F: Facts>(&mut self, event: Ev, facts: &mut F) {
        match event {
            Ev::Wake(_) | Ev::Alone(..) | Ev::Produce(_) | Ev::BatchDone(..) | Ev::Worker(..) => {
                unreachable!("dispatched before")
            }
            Ev::ProduceAnswer(r) => self.produce_answered(r, facts),
            Ev::BrokerDone(b, epoch) => self.broker_done(b, epoch, facts),
            Ev::Fetch(f) => self.fetch_arrives(f, facts),
            Ev::FetchWaited(f, use_) => self.fetch_waited(f, use_, facts),
            Ev::Fetched(f) => self.fetch_answered(f, facts),
            Ev::Poll(c, life) => self.poll_due(c, life, facts),
            Ev::Send(who, message) => self.send(who, message, facts),
            Ev::Letter(id) => self.letter_arrives(id, facts),
            Ev::Reply(id) => self.reply_arrives(id, facts),
            Ev::Beat(c, life, beats) => self.beat(c, life, beats, facts),
            Ev::Coordinator(g) => self.coordinator_due(g, facts),
            Ev::Deadline(c, life) => self.poll_deadline(c, life, facts),
            Ev::Read(c, ticket, index) => self.read_due(c, ticket, index, facts),
            Ev::ReadArrives(id) => self.read_arrives(id, facts),
            Ev::ReadAnswer(id) => self.read_answered(id, facts),
            Ev::Take(c, life) => self.look_for_leases(c, life, facts),
            Ev::Commit(id) => self.commit_arrives(id, facts),
            Ev::CommitAgain(id) => self.hand_in_commit(id, facts),
            Ev::CommitAnswer(c, life) => self.commit_answered(c, life, facts),
            Ev::CallDone(id) => self.call_done(id, facts),
            Ev::Strike(fault) => self.strike(fault, facts),
            Ev::Pull(lever) => self.pull(self.levers[lever as usize], facts),
            Ev::Fence(broker, incarnation) => self.fence_broker(broker, incarnation, facts),
            Ev::Follow(link, epoch) => self.follower_fetches(link, epoch, facts),
            Ev::Fed(link, epoch) => self.fed(link, epoch, facts),
            Ev::DropLate => self.drop_late_followers(facts),
            Ev::PreferLeaders => self.prefer_leaders(facts),
            Ev::Learn(news) => self.learn_leaders(news, facts),
            Ev::Scale(g) => self.scale(g, facts),
            Ev::ReportLag(p) => self.report_lag(p),
            Ev::Retain => self.retain(facts),
            Ev::LookAgain(c, life) => self.look_again(c, life, facts),
            Ev::Transact(p, number, step) => self.transact(p, number, step, facts),
            Ev::Mark(id) => self.marker_arrives(id, facts),
            Ev::ScanTransactions => self.scan_transactions(),
            Ev::Clean => self.clean(facts),
            Ev::Sample => self.sample(facts),
            Ev::EndOfWork => self.end_work(facts),
        }
    }

    /// Tells everything that has happened up to now and was not told yet.
    fn settle_all<F: Facts>(&mut self, facts: &mut F) {
        for p in 0..self.producers.len() {
            self.producers[p].settle(self.now, &mut self.batches, facts);
        }
        for c in 0..self.consumers.len() {
            self.settle(ConsumerId::from(c), facts);
        }
    }

    fn sample<F: Facts>(&mut self, facts: &mut F) {
        self.settle_all(facts);
        facts.sample(self);
        if self.now >= self.end_of_work && self.drained() {
            self.finish(facts);
            return;
        }
        let next = self.now + self.plan.sample_every;
        self.queue.push(next, Rank::Outside, Ev::Sample);
    }

    fn end_work<F: Facts>(&mut self, facts: &mut F) {
        if self.now > self.end_of_work {
            // The limit of the drain.
            self.finish(facts);
            return;
        }
        self.settle_all(facts);
        facts.workload_ended(self);
        match self.plan.end {
            End::Stop => self.finish(facts),
            End::Drain(limit) => self.queue.push(self.now + limit + Span(1), Rank::Outside, Ev::EndOfWork),
        }
    }

    /// Whether nothing is left to do: every event has its fate or can get none.
    fn drained(&mut self) -> bool {
        let mut left = 0u32;
        for p in &mut self.producers {
            if p.up {
                left += p.left_over_count(self.now);
            }
            left += p.in_flight();
        }
        left == 0
            && self.batches_travelling() == 0
            // A call nobody waits for may still have its effect.
            && self.calls.in_use() == 0
            && self.consumers.iter().all(|c| !c.busy() && c.committing.is_none())
            && (0..self.groups.len()).map(GroupId::from).all(|g| {
                let group = &self.groups[g.index()];
                group.partitions.iter().enumerate().all(|(i, p)| {
                    let log = &self.logs[p.index()];
                    let end = log.end();
                    let read = |at| log.next_left(log.onward(at, end, group.decided)) >= end;
                    end == 0
                        || self.owners_position(g, i).is_some_and(read)
                        || group.coordinator.is_finished(i)
                })
            })
    }

    fn finish<F: Facts>(&mut self, facts: &mut F) {
        self.settle_all(facts);
        self.lose_what_is_gone(facts);
        self.tell_left_over(facts);
        self.ended = true;
        facts.ended(self);
    }
}
