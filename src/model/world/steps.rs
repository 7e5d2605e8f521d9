//! Work on records one step at a time: store, service, dependency, retries, effect, commit.
//!
//! The general way; batches that touch nothing shared are computed as a whole instead (`consume`).

use super::{Call, Ev, World, whose_work};
use crate::engine::{EventQueue, Span, Time, mix};
use crate::model::backpressure::flow::FlowView;
use crate::model::consumer::{Item, Stage};
use crate::model::fact::{Facts, How, Reader, Without};
use crate::model::failing::FailView;
use crate::model::ids::{ConsumerId, DownstreamId};
use crate::model::plan::{Commit, DedupeWrite, GiveUp, Processing};
use crate::model::record::Record;
use crate::model::store::Store;

impl World {
    /// Gives what was polled to the workers, from `begin` on.
    pub(super) fn begin_steps<F: Facts>(&mut self, c: ConsumerId, begin: Time, facts: &mut F) {
        for w in 0..self.consumers[c.index()].workers.len() {
            if self.consumers[c.index()].workers[w].task.is_none()
                && let Some(item) = self.consumers[c.index()].queue.pop_front()
            {
                self.begin_item(c, w, item, begin);
            }
        }
        let group = self.consumers[c.index()].group;
        if self.groups[group.index()].plan.processing == Processing::Streaming {
            self.hold_back_or_go_on(c, facts);
            self.plan_poll(c, begin);
        }
    }

    fn begin_item(&mut self, c: ConsumerId, w: usize, item: Item, begin: Time) {
        let g = self.consumers[c.index()].group;
        let worker = &mut self.consumers[c.index()].workers[w];
        worker.attempt = 1;
        worker.begun = begin;
        worker.call = None;
        worker.took_effect = false;
        worker.miss = None;
        worker.answer = None;
        worker.task = Some((item, Stage::Service));
        if self.groups[g.index()].store.is_some() {
            let due = begin + self.store_latency(g.index(), item, 0);
            self.wait(c, w, Stage::Lookup, due);
        } else {
            self.begin_service(c, w, begin);
        }
    }

    fn store_latency(&self, g: usize, item: Item, step: u64) -> Span {
        let group = &self.groups[g];
        let plan = group.plan.dedupe.as_ref().expect("a group with a store has a plan for it");
        Span(plan.latency.sample(&mut group.store_draws.at(mix(item.record.event.0, step))))
    }

    fn begin_service(&mut self, c: ConsumerId, w: usize, begin: Time) {
        let due = begin + self.service_time(c, w);
        self.wait(c, w, Stage::Service, due);
    }

    /// How long this try of a worker's record takes at the consumer's present pace.
    fn service_time(&self, c: ConsumerId, w: usize) -> Span {
        let consumer = &self.consumers[c.index()];
        let group = &self.groups[consumer.group.index()];
        let worker = &consumer.workers[w];
        let (item, _) = worker.task.expect("a worker in service has a record");
        // The first try's demand is the event's own; later tries draw anew.
        let event = item.record.event.0;
        let draw = if worker.attempt == 1 { event } else { mix(event, u64::from(worker.attempt)) };
        let demand = Span(group.plan.service.sample(&mut group.service.at(draw)));
        if consumer.slow == 1.0 { demand } else { demand.scaled(consumer.slow) }
    }

    fn wait(&mut self, c: ConsumerId, w: usize, stage: Stage, due: Time) {
        let worker = &mut self.consumers[c.index()].workers[w];
        worker.task.as_mut().expect("a worker that waits has a record").1 = stage;
        worker.due = due;
        worker.ticket += 1;
        if due != Time::NEVER {
            let ticket = worker.ticket;
            self.queue.push_done(due, whose_work(c, w as u16), Ev::Worker(c, w as u16, ticket));
        }
    }

    /// A worker's wait is over.
    pub(super) fn worker_due<F: Facts>(&mut self, c: ConsumerId, w: u16, ticket: u32, facts: &mut F) {
        let w = usize::from(w);
        let worker = &self.consumers[c.index()].workers[w];
        if worker.ticket != ticket {
            return;
        }
        let Some((item, stage)) = worker.task else { return };
        let g = self.consumers[c.index()].group.index();
        match stage {
            Stage::Lookup => self.look_up(c, w, item, facts),
            Stage::KeyBefore => {
                if self.store_waits(c, w, stage) {
                    return;
                }
                self.record_key(g, item);
                self.begin_service(c, w, self.now);
            }
            Stage::Service => self.service_over(c, w, item, facts),
            Stage::Breaker => self.call_out(c, w, item, facts),
            Stage::Call => self.call_timed_out(c, w, item, facts),
            Stage::Effect => {
                if self.store_waits(c, w, stage) {
                    return;
                }
                if self.record_key(g, item) || self.groups[g].store.as_ref().is_some_and(|s| s.down) {
                    self.apply(c, w, item, facts);
                    self.after_effect(c, w, facts);
                } else {
                    self.done_without(c, item, Without::Suppressed, facts);
                    self.after_effect(c, w, facts);
                }
            }
            Stage::KeyAfter => {
                if self.store_waits(c, w, stage) {
                    return;
                }
                self.record_key(g, item);
                self.after_effect(c, w, facts);
            }
            Stage::Backoff => {
                self.consumers[c.index()].workers[w].attempt += 1;
                self.begin_service(c, w, self.now);
            }
            Stage::Commit => {}
        }
    }

    /// Whether the store is down and the consumer waits for it.
    fn store_waits(&mut self, c: ConsumerId, w: usize, stage: Stage) -> bool {
        let group = &self.groups[self.consumers[c.index()].group.index()];
        let down = group.store.as_ref().is_some_and(|s| s.down);
        let waits = down && !group.plan.dedupe.as_ref().is_some_and(|d| d.fail_open);
        if waits {
            self.wait(c, w, stage, Time::NEVER);
        }
        waits
    }

    fn with_store<T>(
        &mut self,
        g: usize,
        f: impl FnOnce(&mut Store, Time, &dyn Fn(crate::model::store::At) -> bool) -> T,
    ) -> T {
        let group = &mut self.groups[g];
        let (coordinator, index_of) = (&group.coordinator, &group.index_of);
        let starts_over = group.starts_over;
        let asked_again = |(partition, offset): crate::model::store::At| {
            starts_over || offset >= coordinator.offset(index_of[partition.index()] as usize).unwrap_or(0)
        };
        f(group.store.as_mut().expect("asked only in groups with a store"), self.now, &asked_again)
    }

    /// `false` if the key was there already, or the store is down.
    fn record_key(&mut self, g: usize, item: Item) -> bool {
        let (event, at) = (item.record.event, (item.partition, item.offset));
        self.with_store(g, |store, now, again| {
            if store.down {
                store.miss(event, at, again);
                return false;
            }
            store.record(event, at, now, again)
        })
    }

    fn look_up<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        if self.store_waits(c, w, Stage::Lookup) {
            return;
        }
        let group = self.consumers[c.index()].group;
        let g = group.index();
        if self.groups[g].store.as_ref().is_some_and(|s| s.down) {
            self.consumers[c.index()].workers[w].miss = Some(crate::model::cause::DuplicateCause::StoreDown);
            self.begin_service(c, w, self.now);
            return;
        }
        let known = self.with_store(g, |store, now, again| store.knows(item.record.event, now, again));
        facts.looked_up(group, known);
        if known {
            self.done_without(c, item, Without::Suppressed, facts);
            self.after_effect(c, w, facts);
            return;
        }
        let reason = self.with_store(g, |store, _, _| store.reason(item.record.event));
        self.consumers[c.index()].workers[w].miss = Some(reason);
        if self.groups[g].plan.dedupe.as_ref().is_some_and(|d| d.write == DedupeWrite::RecordBeforeEffect) {
            let due = self.now + self.store_latency(g, item, 1);
            self.wait(c, w, Stage::KeyBefore, due);
        } else {
            self.begin_service(c, w, self.now);
        }
    }

    fn reader(&self, c: ConsumerId, item: Item) -> Reader {
        Reader { group: self.consumers[c.index()].group, consumer: c, partition: item.partition }
    }

    fn service_over<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        if self.try_fails(c, w, item) {
            self.try_failed(c, w, item, facts);
        } else if self.groups[self.consumers[c.index()].group.index()].plan.calls.is_some() {
            self.call_out(c, w, item, facts);
        } else {
            self.begin_effect(c, w, item, facts);
        }
    }

    fn try_fails(&mut self, c: ConsumerId, w: usize, item: Item) -> bool {
        let attempt = self.consumers[c.index()].workers[w].attempt;
        let group = &mut self.groups[self.consumers[c.index()].group.index()];
        let event = item.record.event;
        let share = group
            .poison
            .iter()
            .rev()
            .find(|(since, _)| *since <= item.record.created)
            .map_or(0.0, |(_, s)| *s);
        if share > 0.0 && group.poison_draws.at(event.0).happens(share) {
            return true;
        }
        let Some(failing) = &mut group.failing else { return false };
        let producer = self.producers[event.producer().index()].entry;
        let schema = &self.plan.producers[producer].schema;
        let version =
            schema.iter().rev().find(|(from, _)| *from <= item.record.created).map_or(1, |(_, v)| *v);
        failing.fails(&mut FailView {
            key: item.record.key,
            schema: version,
            created: item.record.created,
            attempt,
            of_event: group.fail_event.at(event.0),
            of_try: group.fail_try.at(mix(event.0, u64::from(attempt))),
        })
    }

    fn try_failed<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        let who = self.reader(c, item);
        let attempt = self.consumers[c.index()].workers[w].attempt;
        facts.failed(who, item.offset, &item.record, attempt, self.now);
        let group = &self.groups[who.group.index()];
        if group.plan.retry.attempts.is_some_and(|most| attempt >= most) {
            let why = match group.plan.retry.then {
                GiveUp::DeadLetter => Without::DeadLetter,
                GiveUp::Skip => Without::Skipped,
            };
            self.done_without(c, item, why, facts);
            self.after_effect(c, w, facts);
            return;
        }
        let mut chance = group.retry_draws.at(mix(item.record.event.0, u64::from(attempt)));
        // Never quite at once: a record that always fails must not stop the clock.
        let wait = group.backoff.delay(attempt, &mut chance).max(Span::nanos(1_000));
        self.wait(c, w, Stage::Backoff, self.now + wait);
    }

    /// Calls the dependency, unless the breaker is open: then the partition waits, as it should.
    fn call_out<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        let now = self.now;
        let g = self.consumers[c.index()].group.index();
        let calls = self.groups[g].plan.calls.clone().expect("asked only in groups that call");
        if let Some(breaker) = &mut self.groups[g].breaker
            && !breaker.allow(now)
        {
            let retry = breaker.retry_at().filter(|t| *t > now).unwrap_or(now + Span::millis(10));
            self.wait(c, w, Stage::Breaker, retry);
            return;
        }
        let d = calls.downstream;
        let consumer = &self.consumers[c.index()];
        let draw = mix(mix(item.record.event.0, u64::from(consumer.workers[w].attempt)), g as u64);
        let id = self.calls.place();
        self.calls[id] = Call {
            consumer: c,
            worker: w as u16,
            life: consumer.life,
            downstream: d.0,
            draw,
            service: Span::ZERO,
            item: Some(item),
            awaited: true,
            repeated: false,
        };
        self.consumers[c.index()].workers[w].call = Some(id);
        let due = calls.timeout.map_or(Time::NEVER, |t| now + t);
        self.wait(c, w, Stage::Call, due);
        let station = &mut self.downstreams[d.index()];
        let service = if station.down { Some(Span::ZERO) } else { station.call(id, draw) };
        let waiting = station.waiting();
        facts.called(d, waiting, now);
        if station.down {
            self.calls[id].service = Span::FOREVER;
            self.at(now, Ev::CallDone(id));
        } else if let Some(service) = service {
            self.calls[id].service = service;
            self.at(now + service, Ev::CallDone(id));
        }
    }

    /// A call's service is over, or it was refused.
    pub(super) fn call_done<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let call = self.calls[id];
        self.calls.leave(id);
        let d = DownstreamId(call.downstream);
        let refused = call.service == Span::FOREVER;
        let ok = !refused && self.downstreams[d.index()].succeeds(call.draw);
        facts.answered(d, ok, if refused { Span::ZERO } else { call.service }, self.now);
        if !refused && let Some((next, service)) = self.downstreams[d.index()].next_in_line() {
            self.calls[next].service = service;
            self.at(self.now + service, Ev::CallDone(next));
        }
        let item = call.item.expect("a call is about a record");
        let (c, w) = (call.consumer, usize::from(call.worker));
        let waiting =
            call.awaited && self.consumers[c.index()].life == call.life && self.consumers[c.index()].up;
        if !waiting {
            if !call.repeated
                && let Some(breaker) = &mut self.groups[self.consumers[c.index()].group.index()].breaker
            {
                // Its caller died: a half-open breaker must not wait for the outcome.
                breaker.release();
            }
            // Nobody listens any more, but what the dependency did, it did.
            if ok {
                self.apply_unheard(&call, item, facts);
            }
            return;
        }
        if self.consumers[c.index()].paused.is_some() {
            self.consumers[c.index()].workers[w].answer = Some(ok);
            if ok {
                self.apply(c, w, item, facts);
            }
            return;
        }
        self.call_answered(c, w, item, ok, false, facts);
    }

    /// The caller hears the answer. `told`: the effect was told already, when it happened.
    fn call_answered<F: Facts>(
        &mut self,
        c: ConsumerId,
        w: usize,
        item: Item,
        ok: bool,
        told: bool,
        facts: &mut F,
    ) {
        self.consumers[c.index()].workers[w].call = None;
        self.tell_breaker(c, ok, facts);
        if !ok {
            self.try_failed(c, w, item, facts);
            return;
        }
        if !told {
            self.apply(c, w, item, facts);
        }
        self.key_after_effect(c, w, item, facts);
    }

    fn tell_breaker<F: Facts>(&mut self, c: ConsumerId, ok: bool, facts: &mut F) {
        let now = self.now;
        let group = &mut self.groups[self.consumers[c.index()].group.index()];
        let downstream = group.plan.calls.as_ref().map(|k| k.downstream);
        if let (Some(breaker), Some(downstream)) = (&mut group.breaker, downstream) {
            let before = breaker.opened;
            breaker.record(now, ok);
            if breaker.opened > before {
                facts.breaker_opened(downstream, now);
            }
        }
    }

    fn call_timed_out<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        if let Some(id) = self.consumers[c.index()].workers[w].call.take() {
            self.calls[id].awaited = false;
            self.calls[id].repeated = true;
        }
        self.tell_breaker(c, false, facts);
        self.try_failed(c, w, item, facts);
    }

    /// How an effect of this worker comes about.
    fn manner(&self, c: ConsumerId, w: usize, item: Item) -> How {
        let consumer = &self.consumers[c.index()];
        let worker = &consumer.workers[w];
        let owner = self.groups[consumer.group.index()].owner[item.index as usize];
        if owner != Some(c) {
            How::AsZombie
        } else if worker.took_effect {
            How::CallRepeated
        } else {
            worker.miss.map_or(How::Plainly, How::StoreMissed)
        }
    }

    fn apply<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        let how = self.manner(c, w, item);
        let before = std::mem::replace(&mut self.consumers[c.index()].workers[w].took_effect, true);
        let who = self.reader(c, item);
        facts.applied(who, item.offset, &[item.record] as &[Record], &[self.now], how);
        if !before {
            self.emit(c, item, facts);
        }
    }

    /// The effect of a call whose caller waits no longer.
    fn apply_unheard<F: Facts>(&mut self, call: &Call, item: Item, facts: &mut F) {
        let (c, w) = (call.consumer, usize::from(call.worker));
        let consumer = &self.consumers[c.index()];
        let at_it = |(now, _): (Item, Stage)| (now.partition, now.offset) == (item.partition, item.offset);
        if consumer.life == call.life && consumer.workers[w].task.is_some_and(at_it) {
            self.apply(c, w, item, facts);
            return;
        }
        // Its caller has gone on, with or without an effect of its own, or died.
        let how = if call.repeated { How::CallRepeated } else { How::Plainly };
        let who = self.reader(c, item);
        facts.applied(who, item.offset, &[item.record] as &[Record], &[self.now], how);
    }

    /// The effect is due, with its key if that is the rule.
    fn begin_effect<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        let g = self.consumers[c.index()].group.index();
        if self.groups[g].plan.dedupe.as_ref().is_some_and(|d| d.write == DedupeWrite::Atomic) {
            let due = self.now + self.store_latency(g, item, 2);
            self.wait(c, w, Stage::Effect, due);
            return;
        }
        self.apply(c, w, item, facts);
        self.key_after_effect(c, w, item, facts);
    }

    fn key_after_effect<F: Facts>(&mut self, c: ConsumerId, w: usize, item: Item, facts: &mut F) {
        let g = self.consumers[c.index()].group.index();
        match self.groups[g].plan.dedupe.as_ref().map(|d| d.write) {
            Some(DedupeWrite::Atomic) if self.groups[g].plan.calls.is_some() => {
                self.record_key(g, item);
                self.after_effect(c, w, facts);
            }
            Some(DedupeWrite::RecordAfterEffect) => {
                let due = self.now + self.store_latency(g, item, 3);
                self.wait(c, w, Stage::KeyAfter, due);
            }
            _ => self.after_effect(c, w, facts),
        }
    }

    fn done_without<F: Facts>(&mut self, c: ConsumerId, item: Item, why: Without, facts: &mut F) {
        let who = self.reader(c, item);
        facts.done_without(who, item.offset, &item.record, why, self.now);
    }

    /// A record is dealt with: commit it if that is the rule, then take the next.
    fn after_effect<F: Facts>(&mut self, c: ConsumerId, w: usize, facts: &mut F) {
        let group = self.consumers[c.index()].group;
        if self.groups[group.index()].plan.commit == Commit::AfterRecord {
            self.wait(c, w, Stage::Commit, Time::NEVER);
            if self.send_commit(c, true, facts) {
                return;
            }
        }
        self.release_worker(c, w, facts);
    }

    /// The answer to a commit of single records: the worker that waited longest goes on.
    pub(super) fn record_committed<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let waiting =
            |w: &crate::model::consumer::Worker| w.task.is_some_and(|(_, stage)| stage == Stage::Commit);
        let workers = &self.consumers[c.index()].workers;
        let first = (0..workers.len()).filter(|w| waiting(&workers[*w])).min_by_key(|w| workers[*w].begun);
        if let Some(w) = first {
            self.release_worker(c, w, facts);
        }
    }

    fn release_worker<F: Facts>(&mut self, c: ConsumerId, w: usize, facts: &mut F) {
        let now = self.now;
        let group = self.consumers[c.index()].group;
        let worker = &mut self.consumers[c.index()].workers[w];
        let Some((done, _)) = worker.task.take() else { return };
        worker.due = Time::NEVER;
        facts.finished(group, 1, u64::from(worker.attempt), now.since(worker.begun));
        if let Some(item) = self.consumers[c.index()].queue.pop_front() {
            self.begin_item(c, w, item, now);
        }
        let plan = &self.groups[group.index()].plan;
        let (streaming, after_batch) =
            (plan.processing == Processing::Streaming, plan.commit == Commit::AfterBatch);
        if self.consumers[c.index()].done_of(done.batch) && streaming && after_batch {
            self.send_commit(c, false, facts);
        }
        if streaming {
            self.hold_back_or_go_on(c, facts);
        }
        if self.consumers[c.index()].busy() {
            return;
        }
        if !streaming {
            self.after_batch(c, facts);
            return;
        }
        if self.consumers[c.index()].waiting {
            self.poll(c, facts);
        }
    }

    /// Pauses or resumes fetching by the fill of the work queue.
    fn hold_back_or_go_on<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        let consumer = &self.consumers[c.index()];
        let (g, index, was) = (consumer.group.index(), consumer.index as usize, consumer.held_back);
        let view = FlowView { queued: consumer.in_hand(), paused: was };
        let Some(flow) = self.groups[g].flows.get_mut(index).and_then(Option::as_mut) else { return };
        let pause = flow.pause(&view);
        self.consumers[c.index()].held_back = pause;
        if was && !pause && self.consumers[c.index()].waiting {
            let now = self.now;
            self.plan_poll(c, now);
            self.send_fetches(c, facts);
        }
    }

    /// The workers go on after the process stood still for `stood`.
    pub(super) fn restart_workers<F: Facts>(&mut self, c: ConsumerId, stood: Span, facts: &mut F) {
        for w in 0..self.consumers[c.index()].workers.len() {
            let worker = &mut self.consumers[c.index()].workers[w];
            let Some((item, stage)) = worker.task else { continue };
            if let Some(ok) = worker.answer.take() {
                self.call_answered(c, w, item, ok, ok, facts);
                continue;
            }
            if worker.due != Time::NEVER {
                let due = worker.due + stood;
                worker.begun += stood;
                self.wait(c, w, stage, due);
            }
        }
    }

    /// The pace has changed: what is left of every service takes `ratio` times as long.
    pub(super) fn slow_workers(&mut self, c: ConsumerId, ratio: f64) {
        let paused = self.consumers[c.index()].paused;
        let since = paused.unwrap_or(self.now);
        for w in 0..self.consumers[c.index()].workers.len() {
            let worker = &self.consumers[c.index()].workers[w];
            let Some((_, Stage::Service)) = worker.task else { continue };
            let due = if worker.begun >= since {
                // It has not begun yet (the poll's cost).
                worker.begun + self.service_time(c, w)
            } else {
                since + worker.due.since(since).scaled(ratio)
            };
            if paused.is_some() {
                self.consumers[c.index()].workers[w].due = due;
            } else {
                self.wait(c, w, Stage::Service, due);
            }
        }
    }

    /// The store is back: who waited for it asks again.
    pub(super) fn store_is_back(&mut self, g: usize) {
        for c in self.groups[g].consumers.clone() {
            if self.consumers[c.index()].paused.is_some() {
                continue;
            }
            for w in 0..self.consumers[c.index()].workers.len() {
                let worker = &self.consumers[c.index()].workers[w];
                let Some((item, stage)) = worker.task else { continue };
                let asks =
                    matches!(stage, Stage::Lookup | Stage::KeyBefore | Stage::Effect | Stage::KeyAfter);
                if asks && worker.due == Time::NEVER {
                    let due = self.now + self.store_latency(g, item, 4);
                    self.wait(c, w, stage, due);
                }
            }
        }
    }
}
