//! The sticky algorithm for members with different subscriptions: everybody keeps what they own, the rest
//! goes to whoever has least, and then partitions move one by one while that evens things out.
//!
//! After Kafka's `AbstractStickyAssignor.GeneralAssignmentBuilder`, without racks. Where several partitions
//! could be moved back instead of one, Java takes any of a `HashSet`; here it is the lowest.

use super::claims::Claims;
use super::layout::Layout;
use super::movements::Movements;
use std::collections::BTreeSet;

/// The assignment while it is being balanced.
struct Balance<'a> {
    layout: &'a Layout,
    claims: &'a Claims,
    /// Ranks that subscribe to each topic.
    subscribers: Vec<Vec<usize>>,
    /// Who has each partition.
    owner: Vec<Option<usize>>,
    /// How many partitions each rank has.
    size: Vec<usize>,
    /// How many of each topic each rank has, topic by topic.
    per_topic: Vec<usize>,
    /// (size, rank) of those that may still gain or lose.
    open: BTreeSet<(usize, usize)>,
    movements: Movements,
}

/// Shares all partitions out: partition numbers by rank.
pub(in crate::model) fn share(layout: &Layout, claims: &Claims) -> Vec<Vec<usize>> {
    let mut balance = Balance::new(layout, claims);
    balance.run();
    let mut lists = vec![Vec::new(); layout.members()];
    for (part, owner) in balance.owner.iter().enumerate() {
        lists[owner.expect("every topic has a subscriber")].push(part);
    }
    lists
}

impl<'a> Balance<'a> {
    fn new(layout: &'a Layout, claims: &'a Claims) -> Self {
        let ranks = 0..layout.members();
        let subscribers: Vec<Vec<usize>> = (0..layout.topics())
            .map(|topic| ranks.clone().filter(|&r| layout.subscribes(r, topic)).collect())
            .collect();
        Balance {
            layout,
            claims,
            subscribers,
            owner: vec![None; layout.partitions()],
            size: vec![0; layout.members()],
            per_topic: vec![0; layout.members() * layout.topics()],
            open: BTreeSet::new(),
            movements: Movements::default(),
        }
    }

    fn run(&mut self) {
        // A subscription that was given up leaves partitions behind, which already changes the picture.
        let mut left_behind = false;
        for rank in 0..self.layout.members() {
            for &part in &self.claims.owned[rank] {
                if self.layout.subscribes(rank, self.layout.topic_of(part)) {
                    self.set_owner(part, rank);
                } else {
                    left_behind = true;
                }
            }
        }
        let initial = self.size.iter().all(|&s| s == 0);
        self.open = self.size.iter().enumerate().map(|(rank, &size)| (size, rank)).collect();
        let order = self.topics_by_demand();
        let parts = |topic: usize| self.layout.partitions_of(topic);
        let unassigned: Vec<usize> =
            order.iter().flat_map(|&t| parts(t)).filter(|&p| self.owner[p].is_none()).collect();
        let shared = |part: &usize| self.subscribers[self.layout.topic_of(*part)].len() > 1;
        let movable: Vec<usize> = order.iter().flat_map(|&t| parts(t)).filter(shared).collect();
        let newcomers: Vec<usize> = unassigned.iter().copied().filter(shared).collect();
        for part in unassigned {
            let rank = self.least_loaded(self.layout.topic_of(part));
            self.move_to(part, rank);
        }
        self.close_settled();
        let before = (self.owner.clone(), self.score());
        if !left_behind {
            self.reassign(&newcomers);
        }
        if self.reassign(&movable) && !initial && self.score() >= before.1 {
            self.owner = before.0;
        }
    }
    /// Topics with the fewest subscribers first, then by name.
    fn topics_by_demand(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.layout.topics()).collect();
        order.sort_by_key(|&t| (self.subscribers[t].len(), t));
        order
    }
    fn set_owner(&mut self, part: usize, rank: usize) {
        let topic = self.layout.topic_of(part);
        if let Some(old) = self.owner[part].replace(rank) {
            self.size[old] -= 1;
            self.per_topic[topic * self.layout.members() + old] -= 1;
        }
        self.size[rank] += 1;
        self.per_topic[topic * self.layout.members() + rank] += 1;
    }
    fn move_to(&mut self, part: usize, rank: usize) {
        let old = self.owner[part];
        for changed in old.into_iter().chain([rank]) {
            self.open.remove(&(self.size[changed], changed));
        }
        self.set_owner(part, rank);
        for changed in old.into_iter().chain([rank]) {
            self.open.insert((self.size[changed], changed));
        }
    }
    fn least_loaded(&self, topic: usize) -> usize {
        let (_, rank) = self
            .open
            .iter()
            .find(|(_, rank)| self.layout.subscribes(*rank, topic))
            .expect("a topic in question has a subscriber that is open");
        *rank
    }
    /// Takes out those who have all they can get and share none of it: nothing can change for them.
    fn close_settled(&mut self) {
        let settled = |rank: usize| {
            let mut topics = (0..self.layout.topics()).filter(|&t| self.layout.subscribes(rank, t));
            topics.all(|t| self.subscribers[t].len() == 1)
        };
        let settled: Vec<usize> = (0..self.layout.members()).filter(|&r| settled(r)).collect();
        for rank in settled {
            self.open.remove(&(self.size[rank], rank));
        }
    }
    /// Whether no partition could go to a subscriber that has at least two less than its owner.
    fn is_balanced(&self) -> bool {
        let members = self.layout.members();
        self.subscribers.iter().enumerate().all(|(topic, subscribers)| {
            let counts = &self.per_topic[topic * members..][..members];
            let least = subscribers.iter().map(|&r| self.size[r]).min();
            let owners = subscribers.iter().filter(|&&r| counts[r] > 0);
            let most = owners.map(|&r| self.size[r]).max();
            most.zip(least).is_none_or(|(most, least)| most <= least + 1)
        })
    }
    /// Moves partitions while that improves the balance; whether any moved.
    fn reassign(&mut self, parts: &[usize]) -> bool {
        let mut any = false;
        let mut balanced = self.is_balanced();
        loop {
            let mut moved = false;
            for &part in parts {
                if balanced {
                    break;
                }
                let Some(rank) = self.better_owner(part) else { continue };
                self.reassign_one(part, rank);
                balanced = self.is_balanced();
                moved = true;
            }
            any |= moved;
            if !moved || balanced {
                return any;
            }
        }
    }
    /// Its owner of an older generation, or else the least loaded, if they have at least two less.
    fn better_owner(&self, part: usize) -> Option<usize> {
        let topic = self.layout.topic_of(part);
        let size = self.size[self.owner[part]?];
        let lighter = |rank: &usize| self.size[*rank] + 1 < size;
        let before = self.claims.before[part].filter(|&r| self.layout.subscribes(r, topic));
        before.filter(lighter).or_else(|| Some(self.least_loaded(topic)).filter(lighter))
    }
    /// Moves `part` to `rank`, or instead a partition of the topic that earlier went the opposite way.
    fn reassign_one(&mut self, part: usize, rank: usize) {
        let topic = self.layout.topic_of(part);
        let owner = self.owner[part].expect("assigned before it is reassigned");
        let instead = self.movements.reverse(topic, part, owner, rank);
        // Without the second condition a swap could make the balance worse, and Java's loop endless.
        let gains = |p: &usize| self.owner[*p].is_some_and(|o| self.size[o] > self.size[rank] + 1);
        let part = instead.filter(gains).unwrap_or(part);
        let owner = self.owner[part].expect("assigned before it is reassigned");
        self.movements.record(topic, part, owner, rank);
        self.move_to(part, rank);
    }
    /// Sum of the differences in size over all pairs; 0 is perfectly even.
    fn score(&self) -> usize {
        let sizes: Vec<usize> = self.open.iter().map(|(size, _)| *size).collect();
        sizes.iter().enumerate().map(|(i, size)| i * size - sizes[..i].iter().sum::<usize>()).sum()
    }
}
