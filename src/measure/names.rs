//! What the model knows by number, under the names a person reads: `checkout/0`, `orders-3`, `billing/2`.
//!
//! Knows the plan and which consumers were seen. Knows nothing of what they do.

use crate::model::ids::{ConsumerId, GroupId, PartitionId, ProducerId, TopicId};
use crate::model::plan::Plan;
use std::ops::Range;

/// The names of a plan's parts.
pub struct Names {
    producers: Vec<String>,
    partitions: Vec<String>,
    /// Each group and its planned consumers.
    groups: Vec<(String, Range<u32>)>,
    /// Consumers that the plan does not list, in order of their appearance.
    added: Vec<(GroupId, ConsumerId)>,
}

impl Names {
    /// The names in this plan.
    pub fn of(plan: &Plan) -> Names {
        let instances =
            plan.producers.iter().flat_map(|p| (0..p.instances).map(move |i| format!("{}/{i}", p.name)));
        let partitions = (0..)
            .map(TopicId)
            .zip(&plan.topics)
            .flat_map(|(id, t)| (0..plan.room(id)).map(move |i| format!("{}-{i}", t.name)));
        let mut first = 0;
        let groups = plan.groups.iter().map(|g| {
            first += g.consumers;
            (g.name.clone(), first - g.consumers..first)
        });
        Names {
            producers: instances.collect(),
            partitions: partitions.collect(),
            groups: groups.collect(),
            added: Vec::new(),
        }
    }
    /// `checkout/0`.
    pub fn producer(&self, producer: ProducerId) -> &str {
        &self.producers[producer.index()]
    }
    /// `orders-3`.
    pub fn partition(&self, partition: PartitionId) -> &str {
        &self.partitions[partition.index()]
    }
    /// `billing`.
    pub fn group(&self, group: GroupId) -> &str {
        &self.groups[group.index()].0
    }
    /// A consumer is there: those that the plan does not list are numbered when they are first met.
    pub fn meet(&mut self, group: GroupId, consumer: ConsumerId) {
        if !self.planned(group).contains(&consumer.0) && !self.added.contains(&(group, consumer)) {
            self.added.push((group, consumer));
        }
    }
    /// `billing/2`: those of the plan first, then who was added.
    pub fn consumer(&mut self, group: GroupId, consumer: ConsumerId) -> String {
        self.meet(group, consumer);
        let planned = self.planned(group);
        let number = if planned.contains(&consumer.0) {
            (consumer.0 - planned.start) as usize
        } else {
            let added = self.added.iter().filter(|(g, _)| *g == group);
            planned.len() + added.take_while(|(_, c)| *c != consumer).count()
        };
        format!("{}/{number}", self.group(group))
    }
    fn planned(&self, group: GroupId) -> Range<u32> {
        self.groups[group.index()].1.clone()
    }
}
