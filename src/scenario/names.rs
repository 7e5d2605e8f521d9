//! Who is called what: topics, producers, groups, dependencies and brokers by name, for references and faults.

use super::codes;
use super::diagnostics::{Diagnostic, listed, nearest, suggest};
use super::tree::Place;
use crate::model::catalog::TargetKind;
use crate::model::ids::{BrokerId, DownstreamId, GroupId, ProducerId, TopicId};
use crate::model::plan::Target;

/// Everything that has a name, in the order of its ids.
pub(super) struct Names<'a> {
    /// Topics.
    pub topics: Vec<&'a str>,
    /// Producers and how many instances each has.
    pub producers: Vec<(&'a str, u32)>,
    /// Groups and the most consumers each can have.
    pub groups: Vec<(&'a str, u32)>,
    /// Dependencies.
    pub downstreams: Vec<&'a str>,
    /// How many brokers there are.
    pub brokers: u32,
    /// How many racks they stand in.
    pub racks: u32,
}

type Found<T> = Result<T, Diagnostic>;

fn unknown(what: &str, name: &str, place: &Place, known: &[&str]) -> Diagnostic {
    let label = match known {
        [] => format!("there is no {what} at all"),
        _ => suggest(name, known.iter().copied()),
    };
    let complaint =
        Diagnostic::new(codes::UNKNOWN_NAME, place, format!("there is no {what} `{name}`")).label(label);
    match nearest(name, known.iter().copied()) {
        Some(_) => complaint.help(format!("{what}s: {}", listed(known.iter().copied()))),
        None => complaint,
    }
}

impl Names<'_> {
    /// The topic of this name.
    pub fn topic(&self, name: &str, place: &Place) -> Found<TopicId> {
        let id = self.topics.iter().position(|t| *t == name);
        id.map(TopicId::from).ok_or_else(|| unknown("topic", name, place, &self.topics))
    }
    /// The dependency of this name.
    pub fn downstream(&self, name: &str, place: &Place) -> Found<DownstreamId> {
        let id = self.downstreams.iter().position(|d| *d == name);
        id.map(DownstreamId::from).ok_or_else(|| unknown("downstream", name, place, &self.downstreams))
    }

    /// What a fault strikes: `billing`, `billing/2`, `1`.
    pub fn target(&self, kind: TargetKind, text: &str, place: &Place) -> Found<Target> {
        match kind {
            TargetKind::Broker => {
                self.numbered("broker", self.brokers, text, place).map(|n| Target::Broker(BrokerId(n)))
            }
            TargetKind::Rack => self.numbered("rack", self.racks, text, place).map(Target::Rack),
            TargetKind::Downstream => self.downstream(text, place).map(Target::Downstream),
            TargetKind::Group => self.group(text, place).map(|(id, _)| Target::Group(id)),
            TargetKind::Consumer => self.consumer(text, place),
            TargetKind::Producer => self.producer(text, place),
            TargetKind::Client => self.client(text, place),
            TargetKind::Topic => self.topic(text, place).map(Target::Topic),
        }
    }

    /// One of `count` things that have numbers only.
    fn numbered(&self, what: &str, count: u32, text: &str, place: &Place) -> Found<u32> {
        let number = text.strip_prefix(what).unwrap_or(text).trim();
        match number.parse::<u32>() {
            Ok(n) if n < count => Ok(n),
            Ok(n) => Err(too_many(what, &format!("number {n}"), count, place)),
            Err(_) => {
                let title = format!("`{text}` is no {what}");
                let complaint = Diagnostic::new(codes::UNKNOWN_NAME, place, title);
                Err(complaint.label(format!("expected a number from 0 to {}", count - 1)))
            }
        }
    }

    pub fn group(&self, name: &str, place: &Place) -> Found<(GroupId, u32)> {
        let id = self.groups.iter().position(|(g, _)| *g == name);
        let known: Vec<&str> = self.groups.iter().map(|(g, _)| *g).collect();
        id.map(|i| (GroupId::from(i), self.groups[i].1)).ok_or_else(|| unknown("group", name, place, &known))
    }

    fn consumer(&self, text: &str, place: &Place) -> Found<Target> {
        let (name, index) = split(text);
        let (id, consumers) = self.group(name, place)?;
        match index.map(|i| number(i, "consumer", text, consumers, place)).transpose()? {
            Some(i) => Ok(Target::Consumer(id, i)),
            None => Ok(Target::Group(id)),
        }
    }

    fn producer(&self, text: &str, place: &Place) -> Found<Target> {
        let (name, index) = split(text);
        let Some(entry) = self.producers.iter().position(|(p, _)| *p == name) else {
            let known: Vec<&str> = self.producers.iter().map(|(p, _)| *p).collect();
            return Err(unknown("producer", name, place, &known));
        };
        let first: u32 = self.producers[..entry].iter().map(|(_, n)| n).sum();
        let count = self.producers[entry].1;
        match index.map(|i| number(i, "instance", text, count, place)).transpose()? {
            Some(i) => Ok(Target::Producers { first: ProducerId(first + i), count: 1 }),
            None => Ok(Target::Producers { first: ProducerId(first), count }),
        }
    }

    /// A producer or a group; `producer.x` and `group.x` say which, if both have the name.
    fn client(&self, text: &str, place: &Place) -> Found<Target> {
        if let Some(producer) = text.strip_prefix("producer.") {
            return self.producer(producer, place);
        }
        if let Some(group) = text.strip_prefix("group.") {
            return self.consumer(group, place);
        }
        let (name, _) = split(text);
        let producer = self.producers.iter().any(|(p, _)| *p == name);
        let group = self.groups.iter().any(|(g, _)| *g == name);
        match (producer, group) {
            (true, true) => {
                let title = format!("both a producer and a group are called `{name}`");
                let complaint = Diagnostic::new(codes::EXCLUSIVE, place, title);
                Err(complaint.label(format!("write `producer.{text}` or `group.{text}`")))
            }
            (true, false) => self.producer(text, place),
            (false, true) => self.consumer(text, place),
            (false, false) => {
                let known = self.producers.iter().chain(&self.groups).map(|(n, _)| *n).collect::<Vec<_>>();
                Err(unknown("producer or group", name, place, &known))
            }
        }
    }
}

/// `billing/2` as name and number.
fn split(text: &str) -> (&str, Option<&str>) {
    text.rsplit_once('/').map_or((text, None), |(name, index)| (name, Some(index)))
}

fn number(index: &str, what: &str, text: &str, count: u32, place: &Place) -> Found<u32> {
    match index.parse::<u32>() {
        Ok(i) if i < count => Ok(i),
        Ok(_) => Err(too_many(what, &format!("`{text}`"), count, place)),
        Err(_) => {
            let title = format!("`{text}` names no {what}");
            let complaint = Diagnostic::new(codes::UNKNOWN_NAME, place, title);
            Err(complaint.label(format!("after the `/` stands the number of the {what}, from 0")))
        }
    }
}

fn too_many(what: &str, which: &str, count: u32, place: &Place) -> Diagnostic {
    let label = match count {
        1 => format!("there is one {what}, number 0"),
        n => format!("there are {n}, numbered 0 to {}", n - 1),
    };
    Diagnostic::new(codes::NO_SUCH_INDEX, place, format!("there is no {what} {which}")).label(label)
}
