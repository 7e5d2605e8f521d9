//! What is still before the log: events that wait for room, batches not sent, and batches on their way.
//!
//! Asked when a run may end, and told when it does.

use super::{Ev, World};
use crate::engine::EventQueue;
use crate::model::cause::Place;
use crate::model::fact::Facts;
use crate::model::ids::BatchId;

impl World {
    /// Batches on the wires or at the brokers, not counting what the logs hold.
    pub(super) fn batches_travelling(&self) -> u32 {
        self.travelling_batches().len() as u32 + self.alone
    }

    /// Tells which events have no fate yet before the log.
    pub(super) fn tell_left_over<F: Facts>(&mut self, facts: &mut F) {
        let mut unsent = Vec::new();
        let now = self.now;
        for p in 0..self.producers.len() {
            let topic = self.producers[p].topic;
            self.producers[p].left_over(
                now,
                |r| facts.left_before_log(r.event, r.created, topic, Place::Application, now),
                |id| unsent.push(id),
            );
        }
        unsent.extend(self.travelling_batches());
        unsent.extend(self.still_alone());
        unsent.sort_unstable();
        unsent.dedup();
        for id in unsent {
            let batch = &self.batches[id];
            if batch.appended.is_none() && self.maker(batch.producer).is_none() {
                let topic = self.producers[batch.producer.index()].topic;
                for r in &batch.records {
                    facts.left_before_log(r.event, r.created, topic, Place::Producer, now);
                }
            }
        }
        self.tell_outputs_left(facts);
    }

    /// Batches of requests that are awaited or on their way.
    fn travelling_batches(&self) -> Vec<BatchId> {
        self.requests
            .iter()
            .filter(|r| r.awaited || r.travelling)
            .flat_map(|r| r.batches.iter().copied())
            .collect()
    }

    /// Batches on their way without a request. The run is over: what else was to come is forgotten.
    fn still_alone(&mut self) -> Vec<BatchId> {
        let pending = std::iter::from_fn(|| if self.alone > 0 { self.queue.pop() } else { None });
        let alone =
            pending.filter_map(|(_, event)| if let Ev::Alone(id, _) = event { Some(id) } else { None });
        alone.collect()
    }
}
