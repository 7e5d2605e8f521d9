//! The life of a few chosen events, told step by step: what `laglab explain --run` and the page show.
//!
//! Hears a run a second time, knowing whom to listen for. A story goes from an event's creation to the fate
//! it is about, and tells of crashes only what befalls those who hold the event. Knows nothing of counts.

use crate::engine::Time;
use crate::measure::findings::{Story, StoryKind, StoryStep};
use crate::measure::names::Names;
use crate::measure::{Victim, VictimOf};
use crate::model::cause::{DuplicateCause, LossCause, ShedReason};
use crate::model::fact::{Doing, Facts, How, Reader, Without};
use crate::model::ids::{ConsumerId, EventId, GroupId, Offset, PartitionId, ProducerId, TopicId};
use crate::model::plan::Plan;
use crate::model::record::{Batch, Record};

/// One event being followed for one group.
struct Thread {
    group: GroupId,
    victim: Victim,
    /// When the ledger counted it.
    suffered: Time,
    event: EventId,
    steps: Vec<StoryStep>,
    /// Steps beyond [`LONGEST`].
    left_out: usize,
    copies: Vec<Copy>,
    /// Its effect was applied.
    applied: bool,
    /// When it met the fate this is the story of; nothing after that belongs to it.
    over: Option<Time>,
}

/// One of the event's records, and what its group made of it.
struct Copy {
    partition: PartitionId,
    offset: Offset,
    committed: bool,
    /// Somebody lost it from their hands, and nobody has got it since.
    orphan: bool,
    /// Who was given it and answers for it still, and whether they are done with it.
    holders: Vec<(ConsumerId, bool)>,
}

impl Copy {
    /// Those who are done with it have nothing to do with it any more.
    fn let_go(&mut self) {
        self.holders.retain(|(_, done)| !*done);
    }
}

impl Thread {
    fn copy_at(&mut self, partition: PartitionId, offset: Offset) -> Option<&mut Copy> {
        self.copies.iter_mut().find(|c| c.partition == partition && c.offset == offset)
    }
    fn copies_in(
        &mut self,
        partition: PartitionId,
        from: Offset,
        to: Offset,
    ) -> impl Iterator<Item = &mut Copy> {
        self.copies.iter_mut().filter(move |c| c.partition == partition && (from..to).contains(&c.offset))
    }
    fn note(&mut self, at: Time, who: &str, what: String) {
        if self.over.is_some() {
            return;
        }
        if self.steps.len() < LONGEST {
            self.steps.push(StoryStep { at, who: who.to_owned(), what });
        } else {
            self.left_out += 1;
        }
    }
    /// Tells a step, with which the story ends if it is the fate that it is about.
    fn note_fate(&mut self, fate: bool, at: Time, who: &str, what: String) {
        if !fate || self.over.is_some() {
            self.note(at, who, what);
            return;
        }
        if self.left_out > 0 {
            let what = format!("({} steps are left out here)", self.left_out);
            self.steps.push(StoryStep { at, who: String::new(), what });
        }
        self.steps.push(StoryStep { at, who: who.to_owned(), what });
        self.over = Some(at);
    }
    /// Whether the loss of a record that is committed and without effect is what this story is about.
    fn is_about_a_commit(&self) -> bool {
        let causes = [LossCause::CommittedBeforeEffect, LossCause::CommittedWhileInWork];
        !self.applied && causes.iter().any(|c| self.victim == Victim::Lost(*c))
    }
}

/// Follows the first victim of each cause.
pub struct Stories {
    threads: Vec<Thread>,
    names: Names,
}

/// A story with more steps than this leaves out those between and its end.
const LONGEST: usize = 40;

impl Stories {
    /// Ready to hear the same run again.
    pub fn new(plan: &Plan, victims: &[VictimOf]) -> Self {
        let thread = |(group, victim, event, suffered): &VictimOf| Thread {
            group: *group,
            victim: *victim,
            event: *event,
            suffered: *suffered,
            steps: Vec::new(),
            left_out: 0,
            copies: Vec::new(),
            applied: false,
            over: None,
        };
        Stories { threads: victims.iter().map(thread).collect(), names: Names::of(plan) }
    }

    /// The stories, in order of group and cause.
    pub fn finish(self) -> Vec<Story> {
        let names = self.names;
        let tell = |t: Thread| {
            let (kind, cause) = match t.victim {
                Victim::Lost(cause) => (StoryKind::Lost, cause.name()),
                Victim::Duplicate(cause) => (StoryKind::Duplicate, cause.name()),
                Victim::Shed(reason) => (StoryKind::Shed, reason.name()),
            };
            let mut steps = t.steps;
            steps.sort_by_key(|s| s.at);
            // Effects are told late, with their own time: what was heard before is not always earlier.
            steps.retain(|s| t.over.is_none_or(|end| s.at <= end));
            Story {
                group: names.group(t.group).to_owned(),
                kind,
                cause: cause.to_owned(),
                event: format!("{} event {}", names.producer(t.event.producer()), t.event.ordinal()),
                steps,
            }
        };
        self.threads.into_iter().map(tell).collect()
    }

    /// Threads about these records, with the place of each record that is the event's.
    fn about(&self, records: &[Record]) -> Vec<(usize, usize)> {
        let of = |(i, t): (usize, &Thread)| {
            let event = t.event;
            let places = records.iter().enumerate().filter(move |(_, r)| r.event == event);
            places.map(move |(place, _)| (i, place)).collect::<Vec<_>>()
        };
        self.threads.iter().enumerate().flat_map(of).collect()
    }
    /// Those of [`about`](Self::about) whose group this is.
    fn about_in(&self, group: GroupId, records: &[Record]) -> Vec<(usize, usize)> {
        let mut found = self.about(records);
        found.retain(|(i, _)| self.threads[*i].group == group);
        found
    }
    fn tell(&mut self, records: &[Record], at: Time, who: &str, what: &str) {
        let mut last = None;
        for (i, _) in self.about(records) {
            // A batch is one thing that happens, however many of the event's records are in it.
            if last.replace(i) != Some(i) {
                self.threads[i].note(at, who, what.to_owned());
            }
        }
    }
    fn by_producer(&mut self, producer: ProducerId, records: &[Record], at: Time, what: &str) {
        let who = self.names.producer(producer).to_owned();
        self.tell(records, at, &who, what);
    }
    /// A record of who is done with, in one way or another.
    fn done(&mut self, thread: usize, who: Reader, offset: Offset) {
        if let Some(copy) = self.threads[thread].copy_at(who.partition, offset) {
            copy.holders.iter_mut().filter(|(c, _)| *c == who.consumer).for_each(|(_, done)| *done = true);
            if copy.committed {
                copy.let_go();
            }
        }
    }
}

impl Facts for Stories {
    fn created(&mut self, producer: ProducerId, _: TopicId, first: u64, times: &[Time]) {
        let (from, to) = (EventId::new(producer, first), EventId::new(producer, first + times.len() as u64));
        for t in &mut self.threads {
            if (from..to).contains(&t.event) {
                let at = times[(t.event.0 - from.0) as usize];
                t.note(at, self.names.producer(producer), format!("event {} is created", t.event.ordinal()));
            }
        }
    }
    fn shed(&mut self, record: &Record, _: TopicId, reason: ShedReason, at: Time) {
        for (i, _) in self.about(std::slice::from_ref(record)) {
            let who = self.names.producer(record.event.producer());
            let t = &mut self.threads[i];
            let fate = t.victim == Victim::Shed(reason);
            t.note_fate(fate, at, who, format!("is refused: {}", reason.text().to_lowercase()));
        }
    }
    fn lost_on_the_way(&mut self, records: &[Record], _: TopicId, cause: LossCause, at: Time) {
        for (i, place) in self.about(records) {
            let who = self.names.producer(records[place].event.producer());
            let t = &mut self.threads[i];
            let fate = t.victim == Victim::Lost(cause);
            t.note_fate(fate, at, who, format!("is lost for good: {}", cause.text()));
        }
    }
    fn lost_with_transactions(&mut self, record: &Record, topic: TopicId, cause: LossCause, at: Time) {
        self.lost_on_the_way(std::slice::from_ref(record), topic, cause, at);
    }
    fn sent(
        &mut self,
        producer: ProducerId,
        partition: PartitionId,
        records: &[Record],
        sends: u32,
        at: Time,
    ) {
        let target = self.names.partition(partition);
        let again = if sends > 1 { format!(" again (try {sends})") } else { String::new() };
        let what = format!("is sent to {target}{again}, in a batch of {}", records.len());
        self.by_producer(producer, records, at, &what);
    }
    fn acknowledged(&mut self, producer: ProducerId, records: &[Record], at: Time) {
        self.by_producer(producer, records, at, "counts as delivered: the batch is acknowledged");
    }
    fn unanswered(&mut self, producer: ProducerId, records: &[Record], at: Time) {
        self.by_producer(producer, records, at, "the request or its answer is lost, refused or late");
    }
    fn appended(&mut self, base: Offset, batch: &Batch, copy_of: Option<(PartitionId, Offset)>, at: Time) {
        let partition = batch.partition;
        for (i, place) in self.about(&batch.records) {
            let (offset, second) = (base + place as u64, copy_of.is_some());
            self.threads[i].copies.push(Copy {
                partition,
                offset,
                committed: false,
                orphan: false,
                holders: Vec::new(),
            });
            let copy = if second { ", as a second copy" } else { "" };
            let what = format!("is appended to {} at offset {offset}{copy}", self.names.partition(partition));
            self.threads[i].note(at, "broker", what);
        }
    }
    fn deduplicated(&mut self, _: PartitionId, records: &[Record], at: Time) {
        self.tell(records, at, "broker", "is recognised by its sequence number and not appended again");
    }
    fn truncated(
        &mut self,
        partition: PartitionId,
        from: Offset,
        records: &[Record],
        lost: Option<LossCause>,
        at: Time,
    ) {
        let to = from + records.len() as u64;
        for (i, _) in self.about(records) {
            let here = self.threads[i].copies_in(partition, from, to).next().is_some();
            let fate = here && lost.is_some_and(|cause| self.threads[i].victim == Victim::Lost(cause));
            let what = match lost {
                Some(cause) => format!("is cut off: {}", cause.text()),
                None => "is cut off, and its producer still has it, or there is another copy".to_owned(),
            };
            self.threads[i].note_fate(fate, at, "broker", what);
        }
    }
    fn aborted(&mut self, _: PartitionId, _: Offset, records: &[Record], at: Time) {
        for (i, _) in self.about(records) {
            let fate = self.threads[i].victim == Victim::Lost(LossCause::TransactionAborted);
            let what = "is aborted with its transaction: who reads only what is committed does not get it";
            self.threads[i].note_fate(fate, at, "coordinator", what.to_owned());
        }
    }
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        for t in &mut self.threads {
            if t.copies_in(partition, from, to).next().is_some() {
                t.note(at, "broker", "is removed by retention".to_owned());
            }
        }
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        for (i, place) in self.about_in(who.group, records) {
            let offset = from + place as u64;
            let name = self.names.consumer(who.group, who.consumer);
            let what = format!("gets it from {} (offset {offset})", self.names.partition(who.partition));
            let t = &mut self.threads[i];
            if let Some(copy) = t.copy_at(who.partition, offset) {
                copy.orphan = false;
                copy.holders.retain(|(c, _)| *c != who.consumer);
                copy.holders.push((who.consumer, false));
            }
            t.note(at, &name, what);
        }
    }
    fn applied(&mut self, who: Reader, from: Offset, records: &[Record], times: &[Time], how: How) {
        for (i, place) in self.about_in(who.group, records) {
            let name = self.names.consumer(who.group, who.consumer);
            let offset = from + place as u64;
            self.done(i, who, offset);
            let t = &mut self.threads[i];
            let what = match (t.applied, how) {
                (true, _) => "applies its effect AGAIN",
                (false, How::AsZombie) => "applies its effect, although it no longer owns the partition",
                (false, _) => "applies its effect",
            };
            let repeated = matches!(t.victim, Victim::Duplicate(_)) && t.suffered == times[place];
            let fate = t.applied && repeated;
            t.note_fate(fate, times[place], &name, what.to_owned());
            t.applied = true;
        }
    }
    fn done_without(&mut self, who: Reader, offset: Offset, record: &Record, why: Without, at: Time) {
        let (what, cause) = match why {
            Without::DeadLetter => ("sends it to the dead-letter topic", None),
            Without::Skipped => ("passes over it after its last try", Some(LossCause::SkippedAfterRetries)),
            Without::Suppressed => (
                "asks the idempotency store, which knows the key: no effect",
                Some(LossCause::KeyWithoutEffect),
            ),
        };
        for (i, _) in self.about_in(who.group, std::slice::from_ref(record)) {
            self.done(i, who, offset);
            let name = self.names.consumer(who.group, who.consumer);
            let t = &mut self.threads[i];
            let fate = !t.applied && cause.is_some_and(|c| t.victim == Victim::Lost(c));
            t.note_fate(fate, at, &name, what.to_owned());
        }
    }
    fn failed(&mut self, who: Reader, _: Offset, record: &Record, attempt: u32, at: Time) {
        for (i, _) in self.about_in(who.group, std::slice::from_ref(record)) {
            let name = self.names.consumer(who.group, who.consumer);
            self.threads[i].note(at, &name, format!("fails on try {attempt}"));
        }
    }
    fn abandoned(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        for (i, place) in self.about_in(who.group, records) {
            let name = self.names.consumer(who.group, who.consumer);
            let t = &mut self.threads[i];
            let mut committed = false;
            if let Some(copy) = t.copy_at(who.partition, from + place as u64) {
                copy.holders.retain(|(c, _)| *c != who.consumer);
                copy.orphan = true;
                committed = copy.committed;
            }
            let fate = committed && t.is_about_a_commit();
            t.note_fate(fate, at, &name, "loses it from its hands, without the effect".to_owned());
        }
    }
    fn exposed(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        cause: DuplicateCause,
    ) {
        for t in self.threads.iter_mut().filter(|t| t.group == group) {
            let mut any = false;
            for copy in t.copies_in(partition, from, to) {
                copy.let_go();
                any = true;
            }
            if any {
                let last = t.steps.last().map_or(Time::ZERO, |s| s.at);
                let why = match cause {
                    DuplicateCause::OffsetReset => {
                        format!("the group's offsets are gone and it starts at {from}")
                    }
                    DuplicateCause::Replay => format!("the group goes back to {from}"),
                    _ => format!("the group's committed offset is {from}"),
                };
                let what = format!("is exposed: {why}, so it will be delivered again ({})", cause.name());
                t.note(last, "coordinator", what);
            }
        }
    }
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {
        for t in self.threads.iter_mut().filter(|t| t.group == who.group) {
            let (mut any, mut orphan) = (false, false);
            for copy in t.copies_in(who.partition, from, to) {
                copy.committed = true;
                copy.let_go();
                any = true;
                orphan |= copy.orphan;
            }
            if any {
                let name = self.names.consumer(who.group, who.consumer);
                let fate = orphan && t.is_about_a_commit();
                t.note_fate(fate, at, &name, format!("commits offset {to}, which covers it"));
            }
        }
    }
    fn passed_over(
        &mut self,
        group: GroupId,
        _: PartitionId,
        _: Offset,
        records: &[Record],
        cause: LossCause,
        at: Time,
    ) {
        for (i, _) in self.about_in(group, records) {
            let t = &mut self.threads[i];
            let fate = t.victim == Victim::Lost(cause);
            t.note_fate(fate, at, "group", format!("will not read it any more: {}", cause.text()));
        }
    }
    fn expired(&mut self, group: GroupId, _: PartitionId, _: Offset, records: &[Record], at: Time) {
        for (i, _) in self.about_in(group, records) {
            self.threads[i].note(at, "group", "steps over it: compaction has removed it".to_owned());
        }
    }
    fn consumer_is(&mut self, group: GroupId, consumer: ConsumerId, _: Doing, _: Time) {
        self.names.meet(group, consumer);
    }
    fn crashed(&mut self, group: GroupId, consumer: ConsumerId, at: Time) {
        let name = self.names.consumer(group, consumer);
        for t in self.threads.iter_mut().filter(|t| t.group == group) {
            let mut held = false;
            for copy in &mut t.copies {
                let before = copy.holders.len();
                copy.holders.retain(|(c, _)| *c != consumer);
                held |= copy.holders.len() < before;
            }
            if held {
                t.note(at, &name, "crashes".to_owned());
            }
        }
    }
}
