//! Whether a group's effects on one key are told in order of time.
//!
//! Work is told in batches, so consumers that work side by side tell theirs in turns. That matters only
//! where both can meet the same key. Knows nothing of what is done about it.

use crate::model::plan::{GroupPlan, Plan, ProducerPlan};

/// Whether only one consumer at a time can work on records of one key.
pub fn told_in_order(plan: &Plan, group: &GroupPlan) -> bool {
    if group.consumers == 1 && group.scaling.is_none() {
        return true;
    }
    let [topic] = group.topics[..] else { return false };
    let mut tables = plan.producers.iter().filter(|p| p.topic == topic);
    let Some(first) = tables.next() else { return true };
    tables.all(|p| places_alike(p, first)) && keeps_keys_together(first, plan)
}

/// Whether both put a key on the same partition, as far as that can be seen from their settings.
fn places_alike(a: &ProducerPlan, b: &ProducerPlan) -> bool {
    let alike = |a: (&str, &crate::model::catalog::Args), b: (&str, &crate::model::catalog::Args)| a == b;
    alike((a.partitioner.entry.name, &a.partitioner.args), (b.partitioner.entry.name, &b.partitioner.args))
        && alike((a.keys.entry.name, &a.keys.args), (b.keys.entry.name, &b.keys.args))
}

fn keeps_keys_together(producer: &ProducerPlan, plan: &Plan) -> bool {
    let partitions = plan.topics[producer.topic.index()].partitions;
    if plan.room(producer.topic) > partitions {
        // Keys move when partitions are added.
        return false;
    }
    partitions == 1 || producer.tables.of(&producer.keys, &producer.partitioner, partitions).by_key.is_some()
}
