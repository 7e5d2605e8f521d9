//! A group goes back to where it has been: positions, committed offsets, and what is on its way.

use super::World;
use crate::engine::Time;
use crate::model::cause::DuplicateCause;
use crate::model::fact::Facts;
use crate::model::ids::{ConsumerId, GroupId, Offset, PartitionId};
use crate::model::lever::Rewind;

impl World {
    /// Everybody in the group reads on from an earlier place.
    pub(super) fn replay<F: Facts>(&mut self, g: GroupId, to: Rewind, facts: &mut F) {
        let consumers = self.groups[g.index()].consumers.clone();
        for c in &consumers {
            self.settle(*c, facts);
        }
        // A commit from before names a position that nobody holds any more.
        let of_group = |c: ConsumerId| consumers.contains(&c);
        self.commits.each(|note| {
            if of_group(note.consumer) {
                note.offsets.clear();
            }
        });
        for index in 0..self.groups[g.index()].partitions.len() {
            let partition = self.groups[g.index()].partitions[index];
            let target = self.rewound(partition, to);
            self.go_back(g, index, partition, target, facts);
        }
        self.upsets += 1;
        for c in consumers {
            let consumer = &self.consumers[c.index()];
            if !consumer.up || consumer.paused.is_some() {
                continue;
            }
            if !self.groups[g.index()].direct {
                self.send_fetches(c, facts);
            } else if consumer.waiting {
                self.poll(c, facts);
            }
        }
    }

    fn rewound(&self, partition: PartitionId, to: Rewind) -> Offset {
        let log = &self.logs[partition.index()];
        let at = match to {
            Rewind::Start => log.start(),
            Rewind::Back(span) => {
                log.since(Time(self.now.0.saturating_sub(span.0)), log.visible(), &self.batches)
            }
            Rewind::Offset(offset) => offset.clamp(log.start(), log.visible()),
        };
        log.after_hole(at)
    }

    fn go_back<F: Facts>(
        &mut self,
        g: GroupId,
        index: usize,
        partition: PartitionId,
        target: Offset,
        facts: &mut F,
    ) {
        let committed = self.groups[g.index()].coordinator.offset(index);
        let mut reached = committed.unwrap_or(0);
        for i in 0..self.groups[g.index()].consumers.len() {
            let c = self.groups[g.index()].consumers[i];
            let consumer = &mut self.consumers[c.index()];
            let Some(place) = consumer.owned.iter().position(|o| o.index as usize == index) else { continue };
            let o = &mut consumer.owned[place];
            reached = reached.max(o.position);
            if o.position > target {
                (o.position, o.fetched) = (target, target);
                o.committing = o.committing.min(target);
                consumer.ready.insert(place);
            }
        }
        if reached <= target {
            return;
        }
        if committed.is_some_and(|committed| committed > target) {
            self.groups[g.index()].coordinator.set_offset(index, target);
        }
        if let Some(outputs) = &mut self.groups[g.index()].outputs {
            outputs.go_back(index as u32, target);
        }
        facts.replayed(g, partition, target, self.now);
        facts.exposed(g, partition, target, reached, DuplicateCause::Replay);
    }
}
