//! `poisson`: independent arrivals at a constant mean rate.

use super::Arrivals;
use super::clock::Clock;
use crate::engine::{Stream, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "poisson",
    summary: "Events arrive at random and independently, at a constant mean rate.",
    doc: "What it does. The gaps between events are exponential with mean 1/rate, so an event is as \
likely in one moment as in any other, whatever came before. A rate written without a name means \
this.\n\n\
When it helps. It is what many independent sources look like together (the theorem of Palm and \
Khinchin), and the case for which queueing theory has exact answers.\n\n\
When it hurts. Real load also has bursts and a time of day, which make queues longer than Poisson \
arrivals of the same mean do.\n\n\
Seen in. Orders, clicks and calls of many customers within one quiet hour.",
    params: &[Param {
        name: "value",
        kind: Kind::Rate,
        default: Default::Required,
        doc: "Mean number of events per second.",
    }],
    build: |args| Box::new(Poisson::new(args)),
};

struct Poisson {
    rate: f64,
    clock: Clock,
}

impl Poisson {
    fn new(args: &Args) -> Self {
        let rate = args.number("value");
        Poisson { rate, clock: Clock::new(rate) }
    }
}

impl Arrivals for Poisson {
    fn fill(&mut self, n: usize, rng: &mut Stream, out: &mut Vec<Time>) {
        if !self.clock.runs() {
            return;
        }
        // Work on copies, so that the loop keeps its state in registers.
        let (mut clock, mut stream) = (self.clock, rng.clone());
        out.extend((0..n).map(|_| clock.next(&mut stream)));
        (self.clock, *rng) = (clock, stream);
        while out.pop_if(|t| *t == Time::NEVER).is_some() {}
    }
    fn mean_rate(&self, _from: Time, _to: Time) -> f64 {
        self.rate
    }
}
