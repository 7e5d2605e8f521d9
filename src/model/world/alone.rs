//! The short way from producer to log: of a batch that is sent alone and that nobody answers for (acks=0) there is
//! nothing to remember, so that it travels without a request.
//!
//! What comes of it is what comes of a request with this one batch; `produce` has the long way.

use super::{Ev, World};
use crate::engine::{EventQueue, Rank, Span};
use crate::model::cause::LossCause;
use crate::model::fact::Facts;
use crate::model::ids::{BatchId, BrokerId, ProducerId};
use crate::model::plan::Acks;

impl World {
    /// Whether a producer's batch needs no request to this broker.
    #[inline]
    pub(super) fn goes_alone(&self, p: ProducerId, broker: BrokerId) -> bool {
        let producer = &self.producers[p.index()];
        producer.settings.acks == Acks::None
            && producer.session.is_none()
            && self.brokers[broker.index()].instant()
    }

    /// Sends a batch.
    #[inline]
    pub(super) fn send_alone<F: Facts>(
        &mut self,
        p: ProducerId,
        broker: BrokerId,
        id: BatchId,
        facts: &mut F,
    ) {
        let now = self.now;
        self.send_and_forget(p, id, facts);
        self.alone += 1;
        match self.producer_wires[p.index()].out(broker.index(), now) {
            Some(at) if at == now => self.arrives_alone(id, broker, facts),
            Some(at) => self.queue.push(at, Rank::Normal, Ev::Alone(id, broker)),
            None => {
                self.alone -= 1;
                facts.unanswered(p, &self.batches[id].records, now);
                self.let_go(id, facts);
            }
        }
    }

    /// A batch reaches its broker.
    #[inline]
    pub(super) fn arrives_alone<F: Facts>(&mut self, id: BatchId, broker: BrokerId, facts: &mut F) {
        let now = self.now;
        self.alone -= 1;
        let (server, batch) = (&mut self.brokers[broker.index()], &self.batches[id]);
        let (p, bytes) = (batch.producer, batch.bytes);
        if !server.up {
            self.let_go(id, facts);
            return;
        }
        debug_assert!(server.instant(), "a broker's costs never change");
        facts.served(broker, Span::ZERO, now);
        if self.leader[batch.partition.index()] == Some(broker) {
            self.take_batch(p, id, facts);
        } else if server.isolated {
            // It believes to lead.
            self.batches[id].lost_as = LossCause::IsolatedLeader;
        }
        self.let_go(id, facts);
        let throttle = self.brokers[broker.index()].throttle(p, bytes, now);
        if !throttle.is_zero() {
            self.mute(p, broker, throttle, facts);
        }
    }
}
