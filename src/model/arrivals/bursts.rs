//! `bursts`: random arrivals that switch between a high and a low rate.

use super::Arrivals;
use super::clock::unit_gap;
use crate::engine::{Span, Stream, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "bursts",
    summary: "Random arrivals that switch between a high and a low rate.",
    doc: "What it does. Bursts and pauses take turns; during each, events arrive as a Poisson \
process at its rate. With exponential lengths this is a Markov-modulated Poisson process \
(interrupted, if the idle rate is 0), which starts as if it had always been running: in a burst with \
probability on / (on + off). With fixed lengths the run starts with a burst. If `off` is 0s the \
burst never ends, and if `on` is 0s none ever begins.\n\n\
When it helps. The mean rate is rate * on + idle-rate * off over on + off; at the same mean, longer \
bursts make longer queues. It shows why a system that fits on average still lags.\n\n\
When it hurts. With fixed lengths all instances of a producer burst at the same time. With \
exponential ones, a short run may see few bursts and differ much from the mean.\n\n\
Seen in. Batch jobs upstream, mobile clients that come back online, scheduled imports.",
    params: &[
        Param {
            name: "rate",
            kind: Kind::Rate,
            default: Default::Required,
            doc: "Events per second in a burst.",
        },
        Param { name: "on", kind: Kind::Span, default: Default::Required, doc: "Mean length of a burst." },
        Param { name: "off", kind: Kind::Span, default: Default::Required, doc: "Mean length of a pause." },
        Param {
            name: "idle-rate",
            kind: Kind::Rate,
            default: Default::Is("0/s"),
            doc: "Events per second in a pause; none, so that a pause is one.",
        },
        Param {
            name: "lengths",
            kind: Kind::Word(&[
                ("exponential", "lengths are exponential, so bursts cannot be foreseen"),
                ("fixed", "every burst and every pause has its mean length"),
            ]),
            default: Default::Is("exponential"),
            doc: "How the lengths vary; exponential, as in the models of the literature.",
        },
    ],
    build: |args| Box::new(Bursts::new(args)),
};

/// A burst or pause that is under way.
#[derive(Clone, Copy)]
struct Phase {
    on: bool,
    start: Time,
    length: Span,
    /// Time since the start, in nanoseconds.
    into: f64,
}

struct Bursts {
    /// Events per second, and length, of pauses and bursts.
    rates: [f64; 2],
    lengths: [Span; 2],
    fixed: bool,
    /// `None` before the first call, which draws how the run starts.
    phase: Option<Phase>,
}

impl Bursts {
    fn new(args: &Args) -> Self {
        let (on, off) = match (args.span("on"), args.span("off")) {
            (_, Span::ZERO) => (Span::FOREVER, Span::ZERO),
            (Span::ZERO, _) => (Span::ZERO, Span::FOREVER),
            both => both,
        };
        Bursts {
            rates: [args.number("idle-rate"), args.number("rate")],
            lengths: [off, on],
            fixed: args.text("lengths") == "fixed",
            phase: None,
        }
    }
    /// The long-run share of time spent in bursts.
    fn share_on(&self) -> f64 {
        let [off, on] = self.lengths.map(Span::secs);
        on / (on + off)
    }
    fn begin(&self, on: bool, start: Time, rng: &mut Stream) -> Phase {
        let mean = self.lengths[usize::from(on)];
        let length = if self.fixed { mean } else { mean.scaled(unit_gap(rng)) };
        Phase { on, start, length, into: 0.0 }
    }
    fn first(&self, rng: &mut Stream) -> Phase {
        let on = if self.fixed { !self.lengths[1].is_zero() } else { rng.happens(self.share_on()) };
        self.begin(on, Time::ZERO, rng)
    }
    fn next(&mut self, rng: &mut Stream) -> Option<Time> {
        let mut phase = match self.phase {
            Some(phase) => phase,
            None => self.first(rng),
        };
        let mut events = unit_gap(rng);
        loop {
            let rate = self.rates[usize::from(phase.on)] / 1e9;
            let length = phase.length.0 as f64;
            let left = rate * (length - phase.into);
            if events < left {
                phase.into = (phase.into + events / rate).min(length);
                self.phase = Some(phase);
                return Some(phase.start + Span((phase.into + 0.5) as u64));
            }
            events -= left;
            let end = phase.start + phase.length;
            if end == Time::NEVER {
                self.phase = Some(Phase { into: length, ..phase });
                return None;
            }
            phase = self.begin(!phase.on, end, rng);
        }
    }
    /// Time spent in bursts before `until`, in seconds, when lengths are fixed.
    fn fixed_on(&self, until: Time) -> f64 {
        let [off, on] = self.lengths;
        let cycle = (on + off).0;
        let whole = Span((until.0 / cycle).saturating_mul(on.0));
        (whole + Span((until.0 % cycle).min(on.0))).secs()
    }
}

impl Arrivals for Bursts {
    fn fill(&mut self, n: usize, rng: &mut Stream, out: &mut Vec<Time>) {
        if self.rates == [0.0; 2] {
            return;
        }
        for _ in 0..n {
            let Some(at) = self.next(rng) else { return };
            out.push(at);
        }
    }
    fn mean_rate(&self, from: Time, to: Time) -> f64 {
        let share = if self.fixed && to > from {
            (self.fixed_on(to) - self.fixed_on(from)) / (to - from).secs()
        } else {
            self.share_on()
        };
        self.rates[0] * (1.0 - share) + self.rates[1] * share
    }
}
