//! A dependency called while processing: limited places, a line in front of them, errors, outages.
//!
//! It knows calls by number; who made them, and whether the caller still waits, is the world's business.

use crate::engine::{Dist, EventRng, Span};
use crate::model::plan::DownstreamPlan;
use std::collections::VecDeque;

/// A call the world has numbered.
pub type CallId = u32;

/// See the module's text.
#[derive(Debug)]
pub struct Downstream {
    latency: Dist,
    errors: f64,
    places: Option<u32>,
    /// Draws by call: latency and error belong to the event and the try.
    draws: EventRng,
    busy: u32,
    line: VecDeque<(CallId, u64)>,
    slow: f64,
    /// Whether every call fails at once.
    pub down: bool,
}

impl Downstream {
    /// A dependency; `draws` are its own.
    pub fn new(plan: &DownstreamPlan, draws: EventRng) -> Self {
        Downstream {
            latency: plan.latency.clone(),
            errors: plan.errors,
            places: plan.concurrency,
            draws,
            busy: 0,
            line: VecDeque::new(),
            slow: 1.0,
            down: false,
        }
    }
    /// A call arrives (`draw` numbers its event and try). Returns its time in service if it is served at once.
    pub fn call(&mut self, call: CallId, draw: u64) -> Option<Span> {
        if self.places.is_some_and(|n| self.busy >= n) {
            self.line.push_back((call, draw));
            return None;
        }
        Some(self.serve(draw))
    }
    fn serve(&mut self, draw: u64) -> Span {
        self.busy += 1;
        let latency = Span(self.latency.sample(&mut self.draws.at(draw)));
        if self.slow == 1.0 { latency } else { latency.scaled(self.slow) }
    }
    /// Whether the call with this draw succeeds when its service ends.
    pub fn succeeds(&self, draw: u64) -> bool {
        let mut chance = self.draws.at(draw ^ 0x5555_5555_5555_5555);
        !self.down && !chance.happens(self.errors)
    }
    /// A call's service ended: the next call in line and its time in service.
    pub fn next_in_line(&mut self) -> Option<(CallId, Span)> {
        self.busy -= 1;
        let (call, draw) = self.line.pop_front()?;
        Some((call, self.serve(draw)))
    }
    /// Calls begun from now on take `factor` times as long; 1 is normal.
    pub fn slow_down(&mut self, factor: f64) {
        self.slow = factor;
    }
    /// Calls waiting for a place.
    pub fn waiting(&self) -> u32 {
        self.line.len() as u32
    }
    /// When it goes down: the calls in line, which fail at once.
    pub fn refuse_line(&mut self) -> Vec<CallId> {
        self.line.drain(..).map(|(call, _)| call).collect()
    }
}
