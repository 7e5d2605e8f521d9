//! A group in dense numbers: its partitions as positions in one list, its members as ranks.
//!
//! Only the sticky assignors need it; it decides nothing.

use super::order::{by_hash, by_id};
use super::{AssignView, Part};
use crate::model::ids::TopicId;

/// Topics that somebody subscribes to, their partitions, and who subscribes.
///
/// Partition numbers ascend by (topic, partition). A member's rank is its place by `member.id`.
pub(in crate::model) struct Layout {
    /// Topics in order of their names, with their number of partitions.
    topics: Vec<(TopicId, u32)>,
    /// Number of the first partition of each topic, and the number of all of them as the last entry.
    first: Vec<usize>,
    /// Position of each partition's topic in `topics`.
    topic_of: Vec<usize>,
    /// Position in `view.members` of each rank.
    member: Vec<usize>,
    /// Ranks in the order of [`by_hash`].
    visits: Vec<usize>,
    /// Whether a rank subscribes to a topic, rank by rank.
    subscribed: Vec<bool>,
}

impl Layout {
    /// The group of `view`.
    pub(in crate::model) fn new(view: &AssignView<'_>) -> Layout {
        let member = by_id(view);
        let mut topics: Vec<(TopicId, u32)> = view.topics.iter().copied().filter(|(_, n)| *n > 0).collect();
        topics.sort_unstable();
        let place = |topics: &[(TopicId, u32)], topic| topics.binary_search_by_key(&topic, |(t, _)| *t).ok();
        let mut wanted = vec![false; topics.len()];
        for topic in view.members.iter().flat_map(|m| &m.topics) {
            place(&topics, *topic).into_iter().for_each(|t| wanted[t] = true);
        }
        let mut wanted = wanted.into_iter();
        topics.retain(|_| wanted.next() == Some(true));
        let mut subscribed = vec![false; member.len() * topics.len()];
        for (rank, &m) in member.iter().enumerate() {
            for t in view.members[m].topics.iter().filter_map(|topic| place(&topics, *topic)) {
                subscribed[rank * topics.len() + t] = true;
            }
        }
        let mut first = vec![0];
        let mut topic_of = Vec::new();
        for (position, (_, partitions)) in topics.iter().enumerate() {
            topic_of.resize(topic_of.len() + *partitions as usize, position);
            first.push(topic_of.len());
        }
        let mut rank_of = vec![0; member.len()];
        for (rank, &m) in member.iter().enumerate() {
            rank_of[m] = rank;
        }
        let visits = by_hash(view).into_iter().map(|m| rank_of[m]).collect();
        Layout { topics, first, topic_of, member, visits, subscribed }
    }
    /// How many partitions there are.
    pub(in crate::model) fn partitions(&self) -> usize {
        self.topic_of.len()
    }
    /// How many members there are.
    pub(in crate::model) fn members(&self) -> usize {
        self.member.len()
    }
    /// How many topics there are.
    pub(in crate::model) fn topics(&self) -> usize {
        self.topics.len()
    }
    /// The numbers of a topic's partitions.
    pub(in crate::model) fn partitions_of(&self, topic: usize) -> std::ops::Range<usize> {
        self.first[topic]..self.first[topic + 1]
    }
    /// The topic of partition number `part`.
    pub(in crate::model) fn topic_of(&self, part: usize) -> usize {
        self.topic_of[part]
    }
    /// Its number within its topic.
    pub(in crate::model) fn within_topic(&self, part: usize) -> usize {
        part - self.first[self.topic_of[part]]
    }
    /// The number of `part`, if it exists and somebody subscribes to its topic.
    pub(in crate::model) fn number(&self, part: Part) -> Option<usize> {
        let topic = self.topics.binary_search_by_key(&part.0, |(t, _)| *t).ok()?;
        (part.1 < self.topics[topic].1).then(|| self.first[topic] + part.1 as usize)
    }
    /// Whether `rank` subscribes to the topic at this position.
    pub(in crate::model) fn subscribes(&self, rank: usize, topic: usize) -> bool {
        self.subscribed[rank * self.topics.len() + topic]
    }
    /// Ranks in the order in which Java visits owners.
    pub(in crate::model) fn as_java_visits(&self) -> &[usize] {
        &self.visits
    }
    /// The position of `rank` in `view.members`.
    pub(in crate::model) fn member(&self, rank: usize) -> usize {
        self.member[rank]
    }
    /// Sorted lists in the order of `view.members`, from partition numbers by rank.
    pub(in crate::model) fn name(&self, mut shares: Vec<Vec<usize>>) -> Vec<Vec<Part>> {
        let mut lists = vec![Vec::new(); shares.len()];
        for (rank, share) in shares.iter_mut().enumerate() {
            share.sort_unstable();
            let named = share.iter().map(|&p| (self.topics[self.topic_of[p]].0, self.within_topic(p) as u32));
            lists[self.member[rank]] = named.collect();
        }
        lists
    }
}
