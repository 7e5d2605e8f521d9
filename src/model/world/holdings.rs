//! Who holds what of a group's partitions: how a consumer begins to read one, where a partition stands in its owner's list, who may still have
//! something of it beside the owner, and how far back somebody reads.

use super::World;
use crate::engine::Time;
use crate::model::cause::LossCause;
use crate::model::consumer::Owned;
use crate::model::fact::Facts;
use crate::model::ids::{ConsumerId, GroupId, Offset, PartitionId};
use crate::model::plan::OffsetReset;

/// Whether a group that has lost its offsets reads again what it has read.
pub(super) fn reads_again(reset: OffsetReset) -> bool {
    matches!(reset, OffsetReset::Earliest | OffsetReset::Back(_))
}

impl World {
    /// A consumer begins to read a partition, from the committed offset.
    pub(super) fn take_partition<F: Facts>(&mut self, c: ConsumerId, partition: PartitionId, facts: &mut F) {
        let g = self.consumers[c.index()].group;
        let index = self.groups[g.index()].index_of[partition.index()];
        let committed = self.groups[g.index()].coordinator.offset(index as usize);
        let log = &self.logs[partition.index()];
        let (reset, decided) = (self.groups[g.index()].plan.offset_reset, self.groups[g.index()].decided);
        let position = committed.unwrap_or_else(|| log.reset(reset, decided, self.now, &self.batches));
        // Where something was cut off meanwhile, it goes on behind it.
        let position = log.onward(position, log.shown(decided), decided);
        let nowhere = committed.is_none() && reset == OffsetReset::Never;
        let committing = if nowhere { position } else { committed.unwrap_or(0) };
        self.consumers[c.index()].owned.push(Owned {
            partition,
            index,
            position,
            near: 0,
            fetched: position,
            committing,
        });
        if nowhere {
            self.stop_for_want_of_offset(c, partition, facts);
        }
        if let Some(other) = self.groups[g.index()].owner[index as usize] {
            let part = (self.topic_of[partition.index()], partition.0 - self.first_of(partition));
            let assigned = self.groups[g.index()].coordinator.assigned(self.member(c));
            if !assigned.is_some_and(|parts| parts.contains(&part)) {
                // The group gave it to someone else while this member stood still: it reads as a zombie.
                self.groups[g.index()].beside.insert((index, c));
                self.is_zombie(c, true);
                return;
            }
            // The other one missed that, and is still a member: static, and late.
            self.displace(g, other, partition, facts);
        }
        self.groups[g.index()].owner[index as usize] = Some(c);
        // At time 0 the logs of a group that has formed before are empty; one that forms then may come late already.
        if nowhere {
            return;
        }
        if committed.is_none() && (self.now > Time::ZERO || position > 0) {
            facts.reset(g, partition, self.now);
            self.pass_over_unread(g, partition, position, facts);
        }
        facts.resumed(g, partition, self.now);
    }

    fn first_of(&self, partition: PartitionId) -> u32 {
        self.first_partition[self.topic_of[partition.index()].index()].0
    }

    /// What a group skips because it starts at the log end.
    fn pass_over_unread<F: Facts>(&mut self, g: GroupId, partition: PartitionId, to: u64, facts: &mut F) {
        let start = self.logs[partition.index()].start();
        self.pass_over(g.index(), partition, 0, start.min(to), LossCause::Retention, facts);
        self.pass_over(g.index(), partition, start, to, LossCause::OffsetReset, facts);
    }

    /// What a consumer owns has changed: notes where each of its partitions stands now. Any of them may have
    /// records, and something to commit.
    pub(super) fn note_places(&mut self, c: ConsumerId) {
        let consumer = &mut self.consumers[c.index()];
        let group = &mut self.groups[consumer.group.index()];
        for (place, o) in consumer.owned.iter().enumerate() {
            if group.owner[o.index as usize] == Some(c) {
                group.place[o.index as usize] = place as u32;
            }
        }
        consumer.ready.fill(consumer.owned.len());
        consumer.moved.fill(consumer.owned.len());
        self.upsets += 1;
    }

    /// Where a partition of its group stands in what a consumer believes to own.
    #[inline]
    pub(super) fn place_of(&self, c: ConsumerId, index: u32) -> Option<usize> {
        let consumer = &self.consumers[c.index()];
        let group = &self.groups[consumer.group.index()];
        if group.owner[index as usize] == Some(c) {
            return Some(group.place[index as usize] as usize);
        }
        // Who is no zombie owns what it believes to own.
        if consumer.zombie { consumer.owned.iter().position(|o| o.index == index) } else { None }
    }

    /// Where the owner of a partition reads next, if it has one.
    pub(super) fn owners_position(&self, g: GroupId, index: usize) -> Option<Offset> {
        let group = &self.groups[g.index()];
        let owner = &self.consumers[group.owner[index]?.index()];
        Some(owner.owned[group.place[index] as usize].position)
    }

    /// The owner of a partition, and whoever may have something of it besides.
    pub(super) fn holders(&self, g: GroupId, index: u32) -> impl Iterator<Item = ConsumerId> {
        let group = &self.groups[g.index()];
        let all = (index, ConsumerId(0))..=(index, ConsumerId(u32::MAX));
        let beside = group.beside.range(all).map(|(_, c)| *c);
        let owner = group.owner[index as usize];
        owner.into_iter().chain(beside.filter(move |c| Some(*c) != owner))
    }

    /// There may be something to read on a partition that is not read at once: its readers have to look.
    #[inline]
    pub(super) fn worth_a_look(&mut self, partition: PartitionId) {
        self.upsets += 1;
        for (g, index) in &self.readers[partition.index()] {
            let group = &self.groups[g.index()];
            if let Some(c) = group.owner[*index as usize] {
                self.consumers[c.index()].ready.insert(group.place[*index as usize] as usize);
            }
        }
    }

    /// Nobody in the group reads below this any more: lets the log forget it.
    pub(super) fn lower_floor(&mut self, g: usize, index: usize) {
        let group = &self.groups[g];
        let partition = group.partitions[index];
        let mut floor = match (group.coordinator.offset(index), group.owner[index]) {
            _ if group.starts_over => self.logs[partition.index()].start(),
            (Some(committed), _) => committed,
            (None, Some(_)) => {
                // Nothing committed yet: a restart would begin at the reset rule's place.
                if group.plan.offset_reset != OffsetReset::Latest {
                    self.logs[partition.index()].start()
                } else {
                    self.owners_position(GroupId::from(g), index).unwrap_or(0)
                }
            }
            (None, None) => 0,
        };
        let mut gone = None;
        for c in self.holders(GroupId::from(g), index as u32) {
            // Whoever believes to own it reads on from its position, zombies too.
            let consumer = &self.consumers[c.index()];
            let position = self.place_of(c, index as u32).map(|place| consumer.owned[place].position);
            let lowest = position.into_iter().chain(consumer.lowest_in_hand(partition)).min();
            floor = lowest.map_or(floor, |lowest| floor.min(lowest));
            if lowest.is_none() && !consumer.busy() {
                gone = Some(c);
            }
        }
        if let Some(c) = gone {
            self.groups[g].beside.remove(&(index as u32, c));
        }
        if floor <= self.groups[g].floor[index] {
            return;
        }
        self.groups[g].floor[index] = floor;
        let keep = self.readers[partition.index()]
            .iter()
            .map(|(g, place)| self.groups[g.index()].floor[*place as usize])
            .min()
            .unwrap_or(floor);
        self.logs[partition.index()].trim(keep, &mut self.batches);
    }
}
