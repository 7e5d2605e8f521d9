//! `roundrobin`: all partitions of all topics are dealt out one by one.

use super::order::by_instance;
use super::{AssignView, Assignor, Part};
use crate::model::catalog::Entry;

/// See its text.
pub static ENTRY: Entry<dyn Assignor> = Entry {
    name: "roundrobin",
    summary: "All partitions of all topics are dealt out one by one.",
    doc: "What it does. Partitions are taken in order of topic and number, and dealt to the members in turn \
(static members by instance id, then the others by member id); a member that does not subscribe to the topic \
is passed over. Everybody gives up everything before a rebalance (eager). Kafka's RoundRobinAssignor.\n\n\
When it helps. With equal subscriptions every member gets the same number of partitions, give or take one, \
over all topics together.\n\n\
When it hurts. A member that joins or leaves moves most partitions, so caches grow cold and uncommitted work \
is done again. With different subscriptions the shares can be far from even.\n\n\
Seen in. Kafka's consumer, librdkafka, kafkajs, kafka-python.",
    params: &[],
    build: |_| Box::new(RoundRobin),
};

struct RoundRobin;

impl Assignor for RoundRobin {
    fn cooperative(&self) -> bool {
        false
    }
    fn assign(&self, view: &AssignView<'_>) -> Vec<Vec<Part>> {
        let order = by_instance(view);
        let mut topics = view.topics.to_vec();
        topics.sort_unstable();
        let mut lists = vec![Vec::new(); view.members.len()];
        let mut turn = 0;
        for (topic, partitions) in topics {
            let reads = |turn: &usize| view.members[order[turn % order.len()]].topics.contains(&topic);
            for partition in 0..partitions {
                let Some(found) = (turn..turn + order.len()).find(reads) else { break };
                lists[order[found % order.len()]].push((topic, partition));
                turn = found + 1;
            }
        }
        lists
    }
}
