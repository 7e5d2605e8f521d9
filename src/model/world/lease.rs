//! Workers and their leases: when they look at the table, and what they do about leases that are no longer theirs.

use super::{Ev, Message, World};
use crate::engine::Span;
use crate::model::consumer::Membership;
use crate::model::fact::Facts;
use crate::model::ids::{ConsumerId, GroupId};
use crate::model::plan::GroupProtocol;

impl World {
    fn look_interval(&self, g: GroupId) -> Option<Span> {
        match self.groups[g.index()].plan.protocol {
            GroupProtocol::Leases(leases) => Some(leases.interval),
            _ => None,
        }
    }

    /// The workers of a group that has formed before the run look at moments of their own.
    pub(super) fn plan_first_looks(&mut self, g: GroupId) {
        let Some(interval) = self.look_interval(g) else { return };
        let name = format!("group.{}/looks", self.groups[g.index()].plan.name);
        let mut phases = self.key.stream(&name);
        for c in self.groups[g.index()].consumers.clone() {
            let phase = Span(phases.below(interval.0.max(1)));
            self.plan_looks(c, Some(phase));
        }
    }

    /// A worker looks again after `wait`, or else after its interval.
    pub(super) fn plan_looks(&mut self, c: ConsumerId, wait: Option<Span>) {
        let consumer = &self.consumers[c.index()];
        if let Some(interval) = self.look_interval(consumer.group) {
            self.at(self.now + wait.unwrap_or(interval), Ev::Take(c, consumer.life));
        }
    }

    /// A worker looks at the table. A look that is lost on the way is not repeated: the next one follows anyway.
    pub(super) fn look_for_leases<F: Facts>(&mut self, c: ConsumerId, life: u32, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        if consumer.life != life || !consumer.up {
            return;
        }
        self.plan_looks(c, None);
        let consumer = &self.consumers[c.index()];
        if consumer.paused.is_none() && !consumer.leaving && consumer.membership == Membership::Member {
            self.post(self.member(c), Message::Take, facts);
        }
    }

    /// A worker has given up leases that others have taken: unless it still reads another of them, all it reads is
    /// its own.
    pub(super) fn lets_go_of_leases(&mut self, c: ConsumerId) {
        let consumer = &self.consumers[c.index()];
        let group = &self.groups[consumer.group.index()];
        if consumer.zombie && group.coordinator.by_leases() {
            let foreign = consumer.owned.iter().any(|o| group.owner[o.index as usize] != Some(c));
            self.is_zombie(c, foreign);
        }
    }
}
