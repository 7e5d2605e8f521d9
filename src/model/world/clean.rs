//! The log cleaner: when it looks, and how readers step over what it has removed.

use super::{Ev, World};
use crate::model::fact::Facts;
use crate::model::ids::{ConsumerId, EventId, GroupId, Offset, PartitionId};

impl World {
    /// The cleaner's turn, at every leader. Cleaning takes no time, so it is done with all that is worth it.
    pub(super) fn clean<F: Facts>(&mut self, facts: &mut F) {
        for p in 0..self.logs.len() {
            if self.leader[p].is_none() {
                continue;
            }
            let producers = &self.producers;
            let is_delete = |e: EventId| producers[e.producer().index()].workload.is_delete(e.ordinal());
            let removed = self.logs[p].clean(self.now, is_delete);
            if removed > 0 {
                facts.compacted(PartitionId::from(p), removed, self.now);
                self.upsets += 1;
            }
        }
        let next = self.now + self.plan.cluster.cleaner_backoff;
        self.at(next, Ev::Clean);
    }

    /// Takes at most `left` records of a compacted partition, stretch by stretch; returns how many.
    #[cold]
    pub(super) fn take_kept<F: Facts>(
        &mut self,
        c: ConsumerId,
        place: usize,
        left: u64,
        facts: &mut F,
    ) -> u64 {
        let group = &self.groups[self.consumers[c.index()].group.index()];
        let (runs, direct, most) = (group.runs, group.direct, group.plan.max_partition_fetch_bytes);
        let owned = self.consumers[c.index()].owned[place];
        let (p, log) = (owned.partition, &self.logs[owned.partition.index()]);
        let limit = if !direct {
            owned.fetched
        } else if self.readable(p) {
            log.reach_kept(owned.position, most, &self.batches).0
        } else {
            owned.position
        };
        let there = if direct { log.visible() } else { owned.fetched };
        let mut taken = 0;
        while taken < left {
            let at = self.step_over_removed(c, place, limit, facts);
            let log = &self.logs[p.index()];
            let to = log.before_hole(at, log.before_removed(at, limit.min(at + left - taken)));
            if to <= at {
                break;
            }
            self.hand_over(c, place, to, runs, facts);
            taken += to - at;
        }
        let consumer = &mut self.consumers[c.index()];
        if consumer.owned[place].position >= there {
            consumer.ready.remove(place);
        }
        taken
    }

    /// Goes on from what is removed at a consumer's position, up to `limit`; returns where.
    fn step_over_removed<F: Facts>(
        &mut self,
        c: ConsumerId,
        place: usize,
        limit: Offset,
        facts: &mut F,
    ) -> Offset {
        let owned = self.consumers[c.index()].owned[place];
        let log = &self.logs[owned.partition.index()];
        let mut at = owned.position;
        while at < limit {
            let next = log.after_hole(log.after_removed(at)).min(limit);
            if next == at {
                break;
            }
            at = next;
        }
        if at > owned.position {
            let consumer = &mut self.consumers[c.index()];
            (consumer.owned[place].position, consumer.owned[place].fetched) = (at, owned.fetched.max(at));
            consumer.moved.insert(place);
            let group = consumer.group;
            self.expire_removed(group.index(), owned.partition, owned.position, at, facts);
        }
        at
    }

    /// A group will not read what the cleaner has removed of `[from, to)`.
    pub(super) fn expire_removed<F: Facts>(
        &mut self,
        g: usize,
        partition: PartitionId,
        from: Offset,
        to: Offset,
        facts: &mut F,
    ) {
        let log = &self.logs[partition.index()];
        let (group, now) = (GroupId::from(g), self.now);
        let mut at = log.before_removed(from.max(log.floor()), to);
        while at < to {
            let next = log.after_removed(at).min(to);
            log.visit(at, next, &self.batches, |at, records, _| {
                facts.expired(group, partition, at, records, now);
            });
            at = log.before_removed(next, to);
        }
    }
}
