//! What load a plan puts on its groups, and what it would cost to run it.
//!
//! Means only: what follows from chance, faults and rebalances is the simulator's business.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::Draft;
use super::read::Reader;
use super::units::{show_count, show_span};
use crate::engine::Time;
use crate::model::catalog::{Choice, Value};
use crate::model::ids::{GroupId, TopicId};
use crate::model::keys::Keys;
use crate::model::plan::{GroupPlan, Plan, Processing, ProducerPlan};

/// More messages than this take hours.
const MOST_MESSAGES: f64 = 2e9;
/// More memory than this many machines do not have.
const MOST_BYTES: f64 = (8u64 << 30) as f64;
/// What a record that waits takes in memory, with its place in the ledger; and a key, with its counters.
const BYTES_PER_RECORD: f64 = 48.0;
/// Keys whose shares are looked at one by one.
const MOST_KEYS: u64 = 200_000;

/// Complains about rates of zero.
pub(super) fn check(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    for (i, producer) in plan.producers.iter().enumerate() {
        // What a group makes is as much as it reads, and who sends nothing to that is complained about.
        if producer.from.is_none() && rate(plan, producer) <= 0.0 && !plan.duration.is_zero() {
            let written = &draft.producers[i];
            let title = format!("`{}` never creates an event", written.name);
            let place = written.fields.place("rate");
            let complaint = Diagnostic::new(codes::NO_EVENTS, place, title).label("the rate is zero");
            let help = "give it a rate above zero, or take the producer out";
            reader.say(complaint.help(help));
        }
    }
}

/// Warns of what the load will do.
pub(super) fn warn(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    for (i, group) in plan.groups.iter().enumerate() {
        let written = &draft.groups[i];
        idle_consumers(reader, plan, group, written.fields.place("consumers"));
        long_poll(reader, plan, group, written.fields.place("max-poll-records"));
        let place = &written.place;
        if let Some(complaint) = overload(plan, group, draft).or_else(|| hot_partition(plan, group)) {
            reader.say(complaint(place));
        }
    }
}

/// The rate of the producer that creates the most events.
pub(super) fn busiest<'d>(draft: &'d Draft, plan: &Plan) -> &'d super::tree::Place {
    let all = plan.producers.iter().zip(&draft.producers);
    let most = all.max_by(|(a, _), (b, _)| rate_of_all(plan, a).total_cmp(&rate_of_all(plan, b)));
    most.map_or(&super::tree::Place::Nowhere, |(_, written)| written.fields.place("rate"))
}

type Complaint = Box<dyn Fn(&super::tree::Place) -> Diagnostic>;

/// Events per second of one instance, over the run.
fn rate(plan: &Plan, producer: &ProducerPlan) -> f64 {
    producer.arrivals.build().mean_rate(Time::ZERO, Time(plan.duration.0))
}

/// Events per second of a producer's instances together.
pub(super) fn rate_of_all(plan: &Plan, producer: &ProducerPlan) -> f64 {
    let Some(group) = producer.from else {
        return rate(plan, producer) * f64::from(producer.instances);
    };
    // As often as there are producers, each adds up what the others gave to what its group reads: so far can none be
    // from where the events come from.
    let own = |p: &ProducerPlan| rate(plan, p) * f64::from(p.instances);
    let first: Vec<f64> = plan.producers.iter().map(own).collect();
    let read = |rates: &[f64], g: GroupId| -> f64 {
        let reads = |p: &ProducerPlan| plan.groups[g.index()].topics.contains(&p.topic);
        plan.producers.iter().zip(rates).filter(|(p, _)| reads(p)).map(|(_, rate)| rate).sum()
    };
    // No group makes more than it can process.
    let can = |g: GroupId| capacity(plan, &plan.groups[g.index()], plan.groups[g.index()].consumers);
    let mut rates = first.clone();
    for _ in 0..plan.producers.len() {
        let of = plan.producers.iter().zip(&first);
        rates = of.map(|(p, own)| p.from.map_or(*own, |g| read(&rates, g).min(can(g)))).collect();
    }
    read(&rates, group).min(can(group))
}

/// What a record takes a worker on average, the call to a dependency included, in seconds.
fn mean_work(plan: &Plan, group: &GroupPlan) -> f64 {
    let call = group.calls.as_ref().map(|c| plan.downstreams[c.downstream.index()].latency.mean());
    (group.service.mean() + call.unwrap_or(0.0)) / 1e9
}

fn partitions(plan: &Plan, group: &GroupPlan) -> u32 {
    group.topics.iter().map(|t| plan.room(*t)).sum()
}

fn idle_consumers(reader: &mut Reader<'_, '_>, plan: &Plan, group: &GroupPlan, place: &super::tree::Place) {
    let partitions = partitions(plan, group);
    if group.consumers > partitions {
        let title = format!("`{}` has more consumers than partitions", group.name);
        let label = format!("{} of {} stand idle", group.consumers - partitions, group.consumers);
        let complaint = Diagnostic::new(codes::IDLE_CONSUMERS, place, title).label(label);
        reader.say(complaint.help(format!("its topics have {partitions} partitions in all")));
    }
}

fn long_poll(reader: &mut Reader<'_, '_>, plan: &Plan, group: &GroupPlan, place: &super::tree::Place) {
    if group.processing != Processing::Barrier {
        return;
    }
    let rounds = f64::from(group.max_poll_records.div_ceil(group.concurrency));
    let seconds = rounds * mean_work(plan, group);
    if seconds > group.max_poll_interval.secs() {
        let title = format!("a full poll of `{}` takes longer than `max-poll-interval`", group.name);
        let label = format!(
            "{} records take about {seconds:.0} s, the interval is {}",
            group.max_poll_records,
            show_span(group.max_poll_interval)
        );
        reader.say(Diagnostic::new(codes::LONG_POLL, place, title).label(label));
    }
}

/// Events per second that come in for a group, and that it can process at its greatest size.
fn offered_and_capacity(plan: &Plan, group: &GroupPlan, most_consumers: u32) -> (f64, f64) {
    let feeds = plan.producers.iter().filter(|p| group.topics.contains(&p.topic));
    let offered = feeds.map(|p| rate_of_all(plan, p)).sum();
    (offered, capacity(plan, group, most_consumers))
}

/// Events per second that a group can process with so many consumers.
fn capacity(plan: &Plan, group: &GroupPlan, most_consumers: u32) -> f64 {
    let at_work = most_consumers.min(partitions(plan, group));
    let workers = f64::from(at_work) * f64::from(group.concurrency);
    let mut capacity = workers / mean_work(plan, group);
    let downstream = group.calls.as_ref().map(|c| &plan.downstreams[c.downstream.index()]);
    if let Some((d, places)) = downstream.and_then(|d| Some((d, d.concurrency?))) {
        capacity = capacity.min(f64::from(places) * 1e9 / d.latency.mean());
    }
    capacity
}

fn overload(plan: &Plan, group: &GroupPlan, draft: &Draft) -> Option<Complaint> {
    let names = super::build::names(draft);
    let most = names.groups.iter().find(|(name, _)| *name == group.name).map_or(group.consumers, |(_, n)| *n);
    let (offered, capacity) = offered_and_capacity(plan, group, most);
    if offered <= capacity || offered <= 0.0 {
        return None;
    }
    let title = format!("`{}` cannot keep up: utilisation {:.2}", group.name, offered / capacity);
    let growth = offered - capacity;
    let label = format!(
        "{}/s come in, {}/s can be processed: the lag grows by {}/s",
        show_count(offered),
        show_count(capacity),
        show_count(growth)
    );
    let help = format!(
        "after {} it is about {}",
        show_span(plan.duration),
        show_count(growth * plan.duration.secs())
    );
    Some(Box::new(move |place| {
        Diagnostic::new(codes::OVERLOAD, place, title.clone()).label(label.clone()).help(help.clone())
    }))
}

/// A partition that alone is more than a consumer can take, while the others are not.
fn hot_partition(plan: &Plan, group: &GroupPlan) -> Option<Complaint> {
    let capacity = f64::from(group.concurrency) / mean_work(plan, group);
    let each = group.topics.iter().map(|t| (t, loads(plan, *t)));
    let hottest = each.filter_map(|(topic, loads)| {
        let (partition, load) = loads.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((topic, partition, load, loads.iter().sum::<f64>() / loads.len() as f64))
    });
    let (topic, partition, load, even) = hottest.max_by(|a, b| a.2.total_cmp(&b.2))?;
    if load <= capacity || even > capacity {
        return None;
    }
    let topic = &plan.topics[topic.index()].name;
    let title = format!("one consumer of `{}` cannot keep up with its hot partition", group.name);
    let label = format!(
        "`{topic}` partition {partition} gets {}/s, and a consumer can process {}/s",
        show_count(load),
        show_count(capacity)
    );
    Some(Box::new(move |place| {
        let complaint = Diagnostic::new(codes::HOT_PARTITION, place, title.clone()).label(label.clone());
        complaint.help("more consumers do not help: a partition is read by one of them")
    }))
}

/// Events per second of each partition, where keys decide; evenly spread, where they do not.
fn loads(plan: &Plan, topic: TopicId) -> Vec<f64> {
    let partitions = plan.room(topic);
    let mut loads = vec![0.0; partitions as usize];
    for producer in plan.producers.iter().filter(|p| p.topic == topic) {
        let rate = rate_of_all(plan, producer);
        let mut rest = 1.0;
        if key_count(&producer.keys) <= MOST_KEYS {
            let keys = producer.keys.build();
            let placed = producer.partitioner.build().by_key(keys.as_ref(), partitions);
            for (key, partition) in (0..).zip(placed.unwrap_or_default()) {
                let share = keys.share(key).unwrap_or(0.0);
                loads[partition as usize] += rate * share;
                rest -= share;
            }
        }
        let each = rate * rest.max(0.0) / f64::from(partitions);
        loads.iter_mut().for_each(|load| *load += each);
    }
    loads
}

/// How many keys a producer's events have, without building their tables.
pub(super) fn key_count(keys: &Choice<dyn Keys>) -> u64 {
    let values = &keys.args.0;
    values.iter().map(|(_, v)| if let Value::Count(n) = v { *n } else { 0 }).max().unwrap_or(0)
}

/// Messages and memory that running something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// Messages created in all runs.
    pub messages: f64,
    /// Bytes that one run holds at its greatest.
    pub bytes: f64,
}

impl Cost {
    /// What `replications` runs of a plan take.
    pub fn of(plan: &Plan, replications: u32) -> Cost {
        let rates: f64 = plan.producers.iter().map(|p| rate_of_all(plan, p)).sum();
        let keys: f64 =
            plan.producers.iter().map(|p| key_count(&p.keys) as f64 * f64::from(p.instances)).sum();
        let seconds = plan.duration.secs();
        let backlog = |group: &GroupPlan| {
            let (offered, capacity) = offered_and_capacity(plan, group, group.consumers);
            // A group without work has infinite capacity, and no backlog.
            (offered - capacity).max(0.0) * seconds
        };
        let waiting = plan.groups.iter().map(backlog).fold(0.0, f64::max) + rates * seconds.min(60.0);
        Cost {
            messages: rates * seconds * f64::from(replications),
            bytes: (waiting + keys) * BYTES_PER_RECORD,
        }
    }
    /// One after the other.
    pub fn and(self, other: Cost) -> Cost {
        Cost { messages: self.messages + other.messages, bytes: self.bytes.max(other.bytes) }
    }
    /// A complaint if it is too much, about what creates the most events.
    pub fn complaint(self, place: &super::tree::Place) -> Option<Diagnostic> {
        let (title, limit) = if self.messages > MOST_MESSAGES {
            (
                format!("about {} messages would be simulated", show_count(self.messages)),
                format!("the limit is {}", show_count(MOST_MESSAGES)),
            )
        } else if self.bytes > MOST_BYTES {
            let gib = self.bytes / f64::from(1u32 << 30);
            (format!("about {gib:.0} GiB of memory would be needed"), "the limit is 8 GiB".into())
        } else {
            return None;
        };
        let complaint = Diagnostic::new(codes::TOO_MUCH, place, title).label("most events come from here");
        Some(complaint.help(format!(
            "{limit}: lower the rate, the duration or the replications, or insist with `--unlimited`"
        )))
    }
}
