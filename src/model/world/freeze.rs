//! A consumer's process that stands still for a while: what stops with it, and what it finds when it goes on.

use super::{Ev, World};
use crate::engine::Span;
use crate::model::consumer::Membership;
use crate::model::fact::{Doing, Facts};
use crate::model::ids::ConsumerId;

impl World {
    /// The process stands still: nothing of it moves, heartbeats included.
    pub(super) fn pause_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        if !self.consumers[c.index()].up || self.consumers[c.index()].paused.is_some() {
            return;
        }
        self.settle(c, facts);
        let consumer = &mut self.consumers[c.index()];
        consumer.paused = Some(self.now);
        consumer.epoch += 1;
        consumer.beats += 1;
        for w in &mut consumer.workers {
            w.ticket += 1;
        }
        let g = consumer.group;
        facts.consumer_is(g, c, Doing::Paused, self.now);
        for o in consumer.owned.clone() {
            if self.groups[g.index()].owner[o.index as usize] == Some(c) {
                facts.stalled(g, o.partition, self.now);
            }
        }
    }

    /// It goes on where it stopped, unaware of the time that passed.
    pub(super) fn resume_consumer<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let now = self.now;
        let Some(since) = self.consumers[c.index()].paused.take() else { return };
        let stood = now.since(since);
        let consumer = &mut self.consumers[c.index()];
        let g = consumer.group;
        consumer.run.shift(stood);
        consumer.run.begun += stood;
        let life = consumer.life;
        let doing = if consumer.busy() { Doing::Processing } else { Doing::Idle };
        facts.consumer_is(g, c, doing, now);
        for o in self.consumers[c.index()].owned.clone() {
            if self.groups[g.index()].owner[o.index as usize] == Some(c) {
                facts.resumed(g, o.partition, now);
            }
        }
        if self.consumers[c.index()].committing.is_none() {
            self.restart_run(c);
        }
        self.restart_workers(c, stood, facts);
        self.open_mail(c, facts);
        if self.consumers[c.index()].membership != Membership::Out {
            // The heartbeat thread wakes late and beats at once.
            self.consumers[c.index()].beats += 1;
            let beats = self.consumers[c.index()].beats;
            self.at(now, Ev::Beat(c, life, beats));
        }
        let limit = self.groups[g.index()].plan.max_poll_interval;
        let overdue = self.consumers[c.index()].polled_at + limit;
        self.watch_polls(c, overdue.max(now + Span(1)));
        if std::mem::take(&mut self.consumers[c.index()].commit_answer_waits) {
            self.commit_answered(c, life, facts);
        } else if self.consumers[c.index()].waiting {
            self.poll(c, facts);
        }
        self.send_fetches(c, facts);
        self.outlet_goes_on(c, facts);
    }
}
