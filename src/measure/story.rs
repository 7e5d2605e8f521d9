//! The life of a few chosen events, told step by step: what `laglab explain --run` and the page show.
//!
//! Hears a run a second time, knowing whom to listen for. Knows nothing of counts.

use crate::engine::Time;
use crate::measure::findings::{Story, StoryKind, StoryStep};
use crate::measure::{Victim, VictimOf};
use crate::model::cause::{DuplicateCause, LossCause, ShedReason};
use crate::model::fact::{Facts, How, Reader, Without};
use crate::model::ids::{ConsumerId, EventId, GroupId, Offset, PartitionId, ProducerId, TopicId};
use crate::model::plan::Plan;
use crate::model::record::Record;
use std::sync::Arc;

/// One event being followed for one group.
struct Thread {
    group: GroupId,
    victim: Victim,
    event: EventId,
    steps: Vec<StoryStep>,
    /// Where its records lie.
    records: Vec<(PartitionId, Offset)>,
    /// Who held it last.
    holder: Option<ConsumerId>,
    over: bool,
}

/// Follows the first victim of each cause.
pub struct Stories {
    plan: Arc<Plan>,
    threads: Vec<Thread>,
    producer_names: Vec<String>,
    partition_names: Vec<String>,
    /// Number of each consumer in its group, by order of appearance.
    consumers: Vec<(GroupId, ConsumerId)>,
}

/// A story longer than this says no more.
const LONGEST: usize = 40;

impl Stories {
    /// Ready to hear the same run again.
    pub fn new(plan: &Arc<Plan>, victims: &[VictimOf]) -> Self {
        let instances =
            plan.producers.iter().flat_map(|p| (0..p.instances).map(move |i| format!("{}/{i}", p.name)));
        let partitions =
            plan.topics.iter().flat_map(|t| (0..t.partitions).map(move |i| format!("{}-{i}", t.name)));
        let thread = |(group, victim, event): &VictimOf| Thread {
            group: *group,
            victim: *victim,
            event: *event,
            steps: Vec::new(),
            records: Vec::new(),
            holder: None,
            over: false,
        };
        Stories {
            plan: plan.clone(),
            threads: victims.iter().map(thread).collect(),
            producer_names: instances.collect(),
            partition_names: partitions.collect(),
            consumers: Vec::new(),
        }
    }

    /// The stories, in order of group and cause.
    pub fn finish(self) -> Vec<Story> {
        let tell = |t: Thread| {
            let (kind, cause) = match t.victim {
                Victim::Lost(cause) => (StoryKind::Lost, cause.name()),
                Victim::Duplicate(cause) => (StoryKind::Duplicate, cause.name()),
                Victim::Shed(reason) => (StoryKind::Shed, reason.name()),
            };
            let mut steps = t.steps;
            steps.sort_by_key(|s| s.at);
            Story {
                group: self.plan.groups[t.group.index()].name.clone(),
                kind,
                cause: cause.to_owned(),
                event: format!(
                    "{} event {}",
                    self.producer_names[t.event.producer().index()],
                    t.event.ordinal()
                ),
                steps,
            }
        };
        self.threads.into_iter().map(tell).collect()
    }

    fn consumer_name(&mut self, group: GroupId, consumer: ConsumerId) -> String {
        if !self.consumers.contains(&(group, consumer)) {
            self.consumers.push((group, consumer));
            self.consumers.sort_unstable();
        }
        let number = consumer.0 - self.first_consumer(group);
        format!("{}/{number}", self.plan.groups[group.index()].name)
    }
    /// Consumers of the plan are numbered group by group; those added later come after all of them.
    fn first_consumer(&self, group: GroupId) -> u32 {
        self.plan.groups[..group.index()].iter().map(|g| g.consumers).sum()
    }

    fn note(&mut self, thread: usize, at: Time, who: String, what: String) {
        let t = &mut self.threads[thread];
        if t.steps.len() < LONGEST && !t.over {
            t.steps.push(StoryStep { at, who, what });
        }
    }
    /// Threads about one of these records, with the record's place.
    fn about(&self, records: &[Record]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (i, t) in self.threads.iter().enumerate() {
            if let Some(place) = records.iter().position(|r| r.event == t.event) {
                found.push((i, place));
            }
        }
        found
    }
    fn tell(&mut self, records: &[Record], at: Time, who: &str, what: &str) {
        for (i, _) in self.about(records) {
            self.note(i, at, who.to_owned(), what.to_owned());
        }
    }
    fn tell_group(&mut self, who: Reader, record: &[Record], at: Time, what: &str) {
        for (i, _) in self.about(record) {
            if self.threads[i].group == who.group {
                let name = self.consumer_name(who.group, who.consumer);
                self.note(i, at, name, what.to_owned());
            }
        }
    }
    fn finish_if(&mut self, thread: usize, victim: Victim) {
        let t = &mut self.threads[thread];
        t.over |= t.victim == victim;
    }
}

impl Facts for Stories {
    fn created(&mut self, producer: ProducerId, _: TopicId, first: u64, times: &[Time]) {
        for i in 0..self.threads.len() {
            let event = self.threads[i].event;
            let (from, to) =
                (EventId::new(producer, first), EventId::new(producer, first + times.len() as u64));
            if (from..to).contains(&event) {
                let at = times[(event.0 - from.0) as usize];
                let who = self.producer_names[producer.index()].clone();
                self.note(i, at, who, format!("event {} is created", event.ordinal()));
            }
        }
    }
    fn shed(&mut self, record: &Record, _: TopicId, reason: ShedReason, at: Time) {
        let who = self.producer_names[record.event.producer().index()].clone();
        for (i, _) in self.about(std::slice::from_ref(record)) {
            self.note(i, at, who.clone(), format!("is refused: {}", reason.text().to_lowercase()));
            self.finish_if(i, Victim::Shed(reason));
        }
    }
    fn lost_on_the_way(&mut self, records: &[Record], _: TopicId, cause: LossCause, at: Time) {
        for (i, place) in self.about(records) {
            let who = self.producer_names[records[place].event.producer().index()].clone();
            self.note(i, at, who, format!("is lost for good: {}", cause.text()));
            self.finish_if(i, Victim::Lost(cause));
        }
    }
    fn sent(
        &mut self,
        producer: ProducerId,
        partition: PartitionId,
        records: &[Record],
        sends: u32,
        at: Time,
    ) {
        let who = self.producer_names[producer.index()].clone();
        let target = self.partition_names[partition.index()].clone();
        let again = if sends > 1 { format!(" again (try {sends})") } else { String::new() };
        self.tell(records, at, &who, &format!("is sent to {target}{again}, in a batch of {}", records.len()));
    }
    fn acknowledged(&mut self, producer: ProducerId, records: &[Record], at: Time) {
        let who = self.producer_names[producer.index()].clone();
        self.tell(records, at, &who, "counts as delivered: the batch is acknowledged");
    }
    fn unanswered(&mut self, producer: ProducerId, records: &[Record], at: Time) {
        let who = self.producer_names[producer.index()].clone();
        self.tell(records, at, &who, "the request or its answer is lost, refused or late");
    }
    fn appended(
        &mut self,
        partition: PartitionId,
        base: Offset,
        records: &[Record],
        copy_of: Option<Offset>,
        at: Time,
    ) {
        for (i, place) in self.about(records) {
            let offset = base + place as u64;
            self.threads[i].records.push((partition, offset));
            let copy = if copy_of.is_some() { ", as a second copy" } else { "" };
            let what = format!(
                "is appended to {} at offset {offset}{copy}",
                self.partition_names[partition.index()]
            );
            self.note(i, at, "broker".to_owned(), what);
        }
    }
    fn deduplicated(&mut self, _: PartitionId, records: &[Record], at: Time) {
        self.tell(records, at, "broker", "is recognised by its sequence number and not appended again");
    }
    fn removed(&mut self, partition: PartitionId, from: Offset, to: Offset, at: Time) {
        for i in 0..self.threads.len() {
            if self.threads[i].records.iter().any(|(p, o)| *p == partition && (from..to).contains(o)) {
                self.note(i, at, "broker".to_owned(), "is removed by retention".to_owned());
            }
        }
    }
    fn delivered(&mut self, who: Reader, from: Offset, records: &[Record], at: Time) {
        for (i, place) in self.about(records) {
            if self.threads[i].group == who.group {
                self.threads[i].holder = Some(who.consumer);
                let name = self.consumer_name(who.group, who.consumer);
                let what = format!(
                    "gets it from {} (offset {})",
                    self.partition_names[who.partition.index()],
                    from + place as u64
                );
                self.note(i, at, name, what);
            }
        }
    }
    fn applied(&mut self, who: Reader, _: Offset, records: &[Record], times: &[Time], how: How) {
        for (i, place) in self.about(records) {
            if self.threads[i].group != who.group {
                continue;
            }
            let name = self.consumer_name(who.group, who.consumer);
            let again = self.threads[i].steps.iter().any(|s| s.what.starts_with("applies its effect"));
            let note = match (again, how) {
                (true, _) => "applies its effect AGAIN",
                (false, How::AsZombie) => "applies its effect, although it no longer owns the partition",
                (false, _) => "applies its effect",
            };
            self.note(i, times[place], name, note.to_owned());
            if again && matches!(self.threads[i].victim, Victim::Duplicate(_)) {
                self.threads[i].over = true;
            }
        }
    }
    fn done_without(&mut self, who: Reader, _: Offset, record: &Record, why: Without, at: Time) {
        let what = match why {
            Without::DeadLetter => "sends it to the dead-letter topic",
            Without::Skipped => "passes over it after its last try",
            Without::Suppressed => "asks the idempotency store, which knows the key: no effect",
        };
        self.tell_group(who, std::slice::from_ref(record), at, what);
    }
    fn failed(&mut self, who: Reader, _: Offset, record: &Record, attempt: u32, at: Time) {
        self.tell_group(who, std::slice::from_ref(record), at, &format!("fails on try {attempt}"));
    }
    fn abandoned(&mut self, who: Reader, _: Offset, records: &[Record], at: Time) {
        self.tell_group(who, records, at, "loses it from its hands, without the effect");
    }
    fn exposed(
        &mut self,
        group: GroupId,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        cause: DuplicateCause,
    ) {
        for i in 0..self.threads.len() {
            let t = &self.threads[i];
            let last = t.steps.last().map_or(Time::ZERO, |s| s.at);
            if t.group == group && t.records.iter().any(|(p, o)| *p == partition && (from..to).contains(o)) {
                let why = match cause {
                    DuplicateCause::OffsetReset => {
                        format!("the group's offsets are gone and it starts at {from}")
                    }
                    _ => format!("the group's committed offset is {from}"),
                };
                let what = format!("is exposed: {why}, so it will be delivered again ({})", cause.name());
                self.note(i, last, "coordinator".to_owned(), what);
            }
        }
    }
    fn committed(&mut self, who: Reader, from: Offset, to: Offset, at: Time) {
        for i in 0..self.threads.len() {
            let t = &self.threads[i];
            if t.group == who.group
                && t.records.iter().any(|(p, o)| *p == who.partition && (from..to).contains(o))
            {
                let name = self.consumer_name(who.group, who.consumer);
                self.note(i, at, name, format!("commits offset {to}, which covers it"));
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
        for (i, _) in self.about(records) {
            if self.threads[i].group == group {
                self.note(i, at, "group".to_owned(), format!("will not read it any more: {}", cause.text()));
                self.finish_if(i, Victim::Lost(cause));
            }
        }
    }
    fn crashed(&mut self, group: GroupId, consumer: ConsumerId, at: Time) {
        for i in 0..self.threads.len() {
            if self.threads[i].group == group && self.threads[i].holder == Some(consumer) {
                let name = self.consumer_name(group, consumer);
                self.note(i, at, name, "crashes".to_owned());
            }
        }
    }
}
