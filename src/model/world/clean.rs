//! The log cleaner: when it looks, and how readers step over what it has removed.
//!
//! A partition is one log here, whoever leads it: what the cleaner removed at one leader is removed at the next. What
//! a consumer has fetched and not polled when the cleaner comes is removed for it, too.

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

    /// Takes at most `left` records of a compacted partition, of what is there up to `there`, stretch by stretch;
    /// returns how many.
    #[inline(never)]
    pub(super) fn take_kept<F: Facts>(
        &mut self,
        c: ConsumerId,
        place: usize,
        there: Offset,
        left: u64,
        facts: &mut F,
    ) -> u64 {
        let group = &self.groups[self.consumers[c.index()].group.index()];
        let (direct, most) = (group.direct, group.plan.max_partition_fetch_bytes);
        let owned = self.consumers[c.index()].owned[place];
        let p = owned.partition;
        let limit = if !direct {
            there
        } else if self.readable(p) {
            self.logs[p.index()].reach_kept(owned.position, most, left, &self.batches).0
        } else {
            return 0;
        };
        let mut taken = 0;
        while taken < left {
            let at = self.step_over_removed(c, place, limit, facts);
            if at >= limit {
                break;
            }
            let to = self.logs[p.index()].left_until(at, limit.min(at + left - taken));
            self.hand_over(c, place, to, facts);
            taken += to - at;
        }
        let position = self.consumers[c.index()].owned[place].position;
        if self.logs[p.index()].next_left(position) >= there {
            self.consumers[c.index()].ready.remove(place);
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
        let at = self.logs[owned.partition.index()].next_left(owned.position).min(limit.max(owned.position));
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
        let mut at = from.max(log.floor());
        while let Some((begin, end)) = log.removed_after(at, to) {
            log.visit(begin, end, &self.batches, |at, records, _| {
                facts.expired(group, partition, at, records, now);
            });
            at = end;
        }
    }
}
