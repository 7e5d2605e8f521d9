//! A consumer: what it owns, how far it got, and what it has in hand.
//!
//! Leaves out: decompression, deserialisation errors. It holds state and works out when each record of a
//! polled batch will be done; the poll loop itself, which talks to logs and coordinator, is wired in `world/`.
//! In the world: a Kafka consumer with its poll loop, its heartbeat thread and its workers.

use crate::engine::{Places, Span, Stream, Time};
use crate::model::assignment::Part;
use crate::model::ids::{ConsumerId, GroupId, Offset, PartitionId};
use crate::model::record::Record;
use std::collections::VecDeque;

/// A partition a consumer owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Which.
    pub partition: PartitionId,
    /// Its place among the group's partitions.
    pub index: u32,
    /// Next offset to hand to the application.
    pub position: Offset,
    /// The batch it may lie in (see [`Log::visit_near`](crate::model::log::Log::visit_near)).
    pub near: u64,
    /// Everything below it is fetched.
    pub fetched: Offset,
    /// Highest offset it has asked to commit.
    pub committing: Offset,
}

/// A shard that a worker reads by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its place among the group's partitions.
    pub index: u32,
    /// What was announced with another ticket is void.
    pub ticket: u32,
    /// Everything below it was pushed.
    pub sent: Offset,
    /// Its next turn is announced.
    pub due: bool,
    /// How often in a row the shard has refused.
    pub refused: u32,
}

/// Where a member stands with its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Not a member.
    Out,
    /// JoinGroup is on its way or waits.
    Joining,
    /// SyncGroup is on its way or waits.
    Syncing,
    /// It has its assignment.
    Member,
}

/// A stretch of records in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its partition.
    pub partition: PartitionId,
    /// First offset.
    pub from: Offset,
    /// One past the last.
    pub to: Offset,
    /// The batch in which the first may lie (see [`Log::visit_near`](crate::model::log::Log::visit_near)).
    pub near: u64,
}

/// A polled batch worked through by one worker, computed as a whole: when each record will be done.
#[derive(Debug, Default)]
pub struct Run {
    /// The records, in the order of work.
    pub stretches: Vec<Stretch>,
    /// How much work each is.
    pub demands: Vec<u64>,
    /// When each is done.
    pub done_at: Vec<Time>,
    /// How many are done and told.
    pub told: usize,
    /// When the first record not told was begun.
    pub begun: Time,
}

impl Run {
    /// Whether nothing is computed that is not told. (A batch whose commit comes first is not computed yet.)
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.told == self.done_at.len()
    }
    /// Ends it.
    pub fn clear(&mut self) {
        self.stretches.clear();
        self.demands.clear();
        self.done_at.clear();
        self.told = 0;
    }
    /// The stretches not yet told, cut at the first record not told.
    pub fn left(&self) -> Vec<Stretch> {
        let mut skip = self.told as u64;
        let mut left = Vec::new();
        for s in &self.stretches {
            let len = s.to - s.from;
            if skip < len {
                left.push(Stretch { from: s.from + skip, ..*s });
            }
            skip = skip.saturating_sub(len);
        }
        left
    }
    /// Everything not yet done is done this much later.
    pub fn shift(&mut self, by: Span) {
        for at in &mut self.done_at[self.told..] {
            *at += by;
        }
    }
}

/// A record being worked on, step by step.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Its partition.
    pub partition: PartitionId,
    /// Its place among the group's partitions.
    pub index: u32,
    /// Its offset.
    pub offset: Offset,
    /// Which poll returned it.
    pub batch: u32,
    /// It.
    pub record: Record,
}

/// What a worker waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The idempotency store's answer.
    Lookup,
    /// The key to be recorded before the effect.
    KeyBefore,
    /// The service time to pass.
    Service,
    /// The circuit breaker to let a call through.
    Breaker,
    /// The dependency's answer (the worker's timer is the call's timeout).
    Call,
    /// The effect and its key, in one transaction.
    Effect,
    /// The key to be recorded after the effect.
    KeyAfter,
    /// The next try.
    Backoff,
    /// The commit's answer.
    Commit,
}

/// A worker and its record.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    /// What it works on, and what it waits for.
    pub task: Option<(Item, Stage)>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When its wait is over; `NEVER` if an answer from elsewhere ends it.
    pub due: Time,
    /// Raised with every wait: older announcements are void.
    pub ticket: u32,
    /// When it began this record.
    pub begun: Time,
    /// The call it waits for.
    pub call: Option<u32>,
    /// The effect of the record in hand has happened: any further one comes of a call made again.
    pub took_effect: bool,
    /// Why the store knew nothing of the event.
    pub miss: Option<crate::model::cause::DuplicateCause>,
    /// An answer that came while the consumer stood still.
    pub answer: Option<bool>,
}

/// What a synchronous commit was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Then poll.
    Poll,
    /// Then process what was polled.
    Process,
    /// Then give everything up and join.
    Rejoin,
    /// Then leave the group and stop.
    Leave,
}

/// See the module's text.
#[derive(Debug)]
pub struct Consumer {
    /// Who this is.
    pub id: ConsumerId,
    /// Its group.
    pub group: GroupId,
    /// Its number there, from 0.
    pub index: u32,
    /// Whether the process runs.
    pub up: bool,
    /// Since when it stands still.
    pub paused: Option<Time>,
    /// Its processing takes this many times as long.
    pub slow: f64,
    /// Raised with every start and crash: what was announced to an earlier life is void.
    pub life: u32,
    /// Which of its memberships this is: part of its member id. Raised with every start and every expulsion.
    pub number: u32,
    /// Raised whenever its heartbeats begin to count anew.
    pub beats: u32,
    /// Raised whenever the end of its batch changes.
    pub epoch: u32,
    /// See [`Membership`].
    pub membership: Membership,
    /// Of its last assignment.
    pub generation: u32,
    /// What it got last, with the generation, as it reports it when it joins again.
    pub last_assignment: (Vec<Part>, i64),
    /// It was told to join again.
    pub rejoin: bool,
    /// It was told that it is no member any more.
    pub expelled: bool,
    /// It leaves when its batch is done.
    pub leaving: bool,
    /// It was started again before it had left: it comes back as soon as it has.
    pub returns: bool,
    /// An assignment came while it was busy.
    pub assignment: Option<Vec<Part>>,
    /// What it owns has changed since it last told its coordinator, where heartbeats say so.
    pub unsaid: bool,
    /// A heartbeat is on its way, or its answer.
    pub beat_unanswered: bool,
    /// What it was assigned and knows no offset of yet.
    pub awaiting: Vec<PartitionId>,
    /// What it owns.
    pub owned: Vec<Owned>,
    /// Places in `owned` that may have records for it, or a position that is gone. All that have are here.
    pub ready: Places,
    /// Places in `owned` that may have something to commit: their position is beyond what it asked to commit,
    /// or records are in hand. All that have are here.
    pub moved: Places,
    /// The group has given some of it to others, and it has not noticed.
    pub zombie: bool,
    /// Where the next poll begins, so that every partition gets its turn.
    pub turn: u32,
    /// It waits inside `poll()` for records.
    pub waiting: bool,
    /// When it last called `poll()`.
    pub polled_at: Time,
    /// The next automatic commit is due then.
    pub commit_due: Time,
    /// It waits for the answer to a synchronous commit.
    pub committing: Option<After>,
    /// The answer came while it stood still.
    pub commit_answer_waits: bool,
    /// Its partitions are paused by flow control.
    pub held_back: bool,
    /// Whether its application has paused its partitions.
    pub on_hold: bool,
    /// A fetch is on its way, per broker.
    pub fetching: Vec<bool>,
    /// The shards it reads by turns, and how many tickets were given out for that.
    pub reading: Vec<Reading>,
    /// See `reading`.
    pub tickets: u32,
    /// The batch in hand, computed as a whole.
    pub run: Run,
    /// Number of its last poll that returned records to be worked on step by step.
    pub batch: u32,
    /// Polled batches that are not done, and how many of their records are left.
    pub batches: VecDeque<(u32, u64)>,
    /// Records in hand that wait for a worker.
    pub queue: VecDeque<Item>,
    /// Its workers, for work done step by step.
    pub workers: Vec<Worker>,
    /// A timer for its next poll, as scheduled.
    pub poll_at: Time,
    /// When its poll deadline is checked, as scheduled.
    pub deadline_at: Time,
    /// For costs of polls.
    pub rng: Stream,
}

impl Consumer {
    /// A consumer that does not run yet.
    pub fn new(id: ConsumerId, group: GroupId, index: u32, workers: u32, brokers: u32, rng: Stream) -> Self {
        Consumer {
            id,
            group,
            index,
            up: false,
            paused: None,
            slow: 1.0,
            life: 0,
            number: 0,
            beats: 0,
            epoch: 0,
            membership: Membership::Out,
            generation: 0,
            last_assignment: (Vec::new(), -1),
            rejoin: false,
            expelled: false,
            leaving: false,
            returns: false,
            assignment: None,
            unsaid: false,
            beat_unanswered: false,
            awaiting: Vec::new(),
            owned: Vec::new(),
            ready: Places::default(),
            moved: Places::default(),
            zombie: false,
            turn: 0,
            waiting: false,
            polled_at: Time::ZERO,
            commit_due: Time::ZERO,
            committing: None,
            commit_answer_waits: false,
            held_back: false,
            on_hold: false,
            fetching: vec![false; brokers as usize],
            reading: Vec::new(),
            tickets: 0,
            run: Run::default(),
            batch: 0,
            batches: VecDeque::new(),
            queue: VecDeque::new(),
            workers: (0..workers).map(|_| Worker { due: Time::NEVER, ..Worker::default() }).collect(),
            poll_at: Time::NEVER,
            deadline_at: Time::NEVER,
            rng,
        }
    }
    /// Whether its next poll is about its group before anything else.
    pub fn summoned(&self) -> bool {
        self.leaving || self.expelled || self.rejoin || self.assignment.is_some()
    }
    /// The process starts: it knows nothing of an earlier life.
    pub fn begin_life(&mut self) {
        self.up = true;
        self.number += 1;
        self.membership = Membership::Out;
        self.last_assignment = (Vec::new(), -1);
        self.generation = 0;
        self.returns = false;
        self.turn = 0;
    }
    /// The process ends: what was announced to it is void. Its work must have been taken from it before.
    pub fn end_life(&mut self) {
        self.up = false;
        self.paused = None;
        self.life += 1;
        self.epoch += 1;
        self.beats += 1;
        self.membership = Membership::Out;
        (self.unsaid, self.beat_unanswered) = (false, false);
        (self.rejoin, self.expelled, self.leaving, self.waiting) = (false, false, false, false);
        self.assignment = None;
        self.committing = None;
        self.commit_answer_waits = false;
        (self.held_back, self.on_hold) = (false, false);
        self.fetching.iter_mut().for_each(|f| *f = false);
        self.reading.clear();
        (self.poll_at, self.deadline_at) = (Time::NEVER, Time::NEVER);
        for w in &mut self.workers {
            w.ticket += 1;
            w.answer = None;
        }
    }
    /// Works out when each record of the batch from the first not yet computed on is done.
    #[inline]
    pub fn compute_run(&mut self, begin: Time) {
        let (slow, run) = (self.slow, &mut self.run);
        let mut at = begin;
        let left = &run.demands[run.done_at.len()..];
        run.done_at.extend(left.iter().map(|demand| {
            at += if slow == 1.0 { Span(*demand) } else { Span(*demand).scaled(slow) };
            at
        }));
    }
    /// A record of this batch is done: whether the whole batch is.
    pub fn done_of(&mut self, batch: u32) -> bool {
        let Some(place) = self.batches.iter().position(|(b, _)| *b == batch) else { return false };
        self.batches[place].1 -= 1;
        let done = self.batches[place].1 == 0;
        if done {
            self.batches.remove(place);
        }
        done
    }
    /// Whether it works on records.
    pub fn busy(&self) -> bool {
        !self.run.stretches.is_empty()
            || !self.queue.is_empty()
            || self.workers.iter().any(|w| w.task.is_some())
    }
    /// Records polled and not done.
    pub fn in_hand(&self) -> u64 {
        (self.run.done_at.len() - self.run.told) as u64
            + self.queue.len() as u64
            + self.workers.iter().filter(|w| w.task.is_some()).count() as u64
    }
    /// Lowest offset of a partition in hand, if any is.
    pub fn lowest_in_hand(&self, partition: PartitionId) -> Option<Offset> {
        let mut skip = self.run.told as u64;
        let mut lowest = None;
        for s in &self.run.stretches {
            let len = s.to - s.from;
            if skip < len && s.partition == partition {
                lowest = Some(s.from + skip);
                break;
            }
            skip = skip.saturating_sub(len);
        }
        let queued = self.queue.iter().filter(|i| i.partition == partition).map(|i| i.offset);
        // A record whose commit is on its way is done.
        let worked = self.workers.iter().filter_map(|w| w.task).filter(|(_, stage)| *stage != Stage::Commit);
        let worked = worked.map(|(i, _)| i).filter(|i| i.partition == partition);
        lowest.into_iter().chain(queued).chain(worked.map(|i| i.offset)).min()
    }
    /// Whether this record is in hand.
    pub fn holds(&self, partition: PartitionId, offset: Offset) -> bool {
        let here = |i: &Item| i.partition == partition && i.offset == offset;
        self.run.left().iter().any(|s| s.partition == partition && (s.from..s.to).contains(&offset))
            || self.queue.iter().any(here)
            || self.workers.iter().any(|w| w.task.as_ref().is_some_and(|(i, _)| here(i)))
    }
}
