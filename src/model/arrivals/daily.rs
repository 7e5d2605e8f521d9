//! `daily`: random arrivals whose rate rises and falls once a day.

use super::Arrivals;
use super::clock::Clock;
use crate::engine::{Span, Stream, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use std::f64::consts::TAU;

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "daily",
    summary: "Random arrivals whose rate rises and falls as a sine wave, once a day.",
    doc: "What it does. A Poisson process with rate mean * (1 + amplitude * cos(2 pi (t - peak-at) / \
period)). The run starts at midnight. Candidates are drawn at the highest rate and kept with the \
share the moment asks for (thinning; Lewis and Shedler 1979), which is exact. A period of 0s has no \
cycle: the mean holds.\n\n\
When it helps. Capacity for the peak stands idle at night, capacity for the mean lags every \
afternoon: the wave shows what scaling with the load saves. A shorter period shows the same in a \
shorter run, as long as it stays long against the time the system needs to react.\n\n\
When it hurts. Real days have steeper mornings and a dent at noon; for those draw a `profile`.\n\n\
Seen in. Shops, payments, telemetry of anything people use.",
    params: &[
        Param {
            name: "mean",
            kind: Kind::Rate,
            default: Default::Required,
            doc: "Events per second over a whole period.",
        },
        Param {
            name: "amplitude",
            kind: Kind::Ratio,
            default: Default::Is("60%"),
            doc: "The peak above the mean, as a share of it; at 60% the peak is 4 times the trough.",
        },
        Param {
            name: "period",
            kind: Kind::Span,
            default: Default::Is("24h"),
            doc: "Length of a cycle; a day.",
        },
        Param {
            name: "peak-at",
            kind: Kind::Span,
            default: Default::Is("14h"),
            doc: "When the first peak comes; early afternoon, with a run that starts at midnight.",
        },
    ],
    build: |args| Box::new(Daily::new(args)),
};

struct Daily {
    mean: f64,
    amplitude: f64,
    period: Span,
    peak: Span,
    candidates: Clock,
}

impl Daily {
    fn new(args: &Args) -> Self {
        let (mean, period) = (args.number("mean"), args.span("period"));
        let amplitude = if period.is_zero() { 0.0 } else { args.number("amplitude") };
        let candidates = Clock::new(mean * (1.0 + amplitude));
        Daily { mean, amplitude, period, peak: args.span("peak-at"), candidates }
    }
    /// Angle of a moment past the peak, reduced in whole numbers so that it stays exact late in the run.
    fn angle(&self, at: Time) -> f64 {
        let period = self.period.0.max(1);
        let (now, peak) = (at.0 % period, self.peak.0 % period);
        let past = if now >= peak { now - peak } else { period - (peak - now) };
        TAU * (past as f64 / period as f64)
    }
    fn next(&mut self, rng: &mut Stream) -> Time {
        loop {
            let at = self.candidates.next(rng);
            if self.amplitude == 0.0 || at == Time::NEVER {
                return at;
            }
            let level = rng.unit() * (1.0 + self.amplitude);
            // Below the trough a candidate is kept whatever the hour.
            if level <= 1.0 - self.amplitude || level <= 1.0 + self.amplitude * libm::cos(self.angle(at)) {
                return at;
            }
        }
    }
}

impl Arrivals for Daily {
    fn fill(&mut self, n: usize, rng: &mut Stream, out: &mut Vec<Time>) {
        if !self.candidates.runs() {
            return;
        }
        for _ in 0..n {
            let at = self.next(rng);
            if at == Time::NEVER {
                return;
            }
            out.push(at);
        }
    }
    fn mean_rate(&self, from: Time, to: Time) -> f64 {
        if to <= from || self.amplitude == 0.0 {
            return self.mean;
        }
        let rise = libm::sin(self.angle(to)) - libm::sin(self.angle(from));
        let turns = (to - from).secs() / self.period.secs();
        self.mean * (1.0 + self.amplitude * rise / (TAU * turns))
    }
}
