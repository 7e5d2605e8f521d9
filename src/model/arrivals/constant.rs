//! `constant`: events at even distances.

use super::Arrivals;
use crate::engine::{Stream, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "constant",
    summary: "Events arrive at even distances.",
    doc: "What it does. Event k, counted from 0, is created at (k + phase) periods of 1/rate, \
rounded to the nanosecond; rounding does not add up. With the default phase the first event comes at \
the very start, and a run of whole seconds sees exactly rate times duration events.\n\n\
When it helps. Without chance in the arrivals, what remains is the effect of everything else; and \
examples can be followed by hand.\n\n\
When it hurts. Nothing arrives this evenly, so queues come out shorter than they will be. The \
instances of one producer run in step: each of them creates its event at the same moment.\n\n\
Seen in. Sensors, heartbeats, pollers and load generators.",
    params: &[
        Param { name: "value", kind: Kind::Rate, default: Default::Required, doc: "Events per second." },
        Param {
            name: "phase",
            kind: Kind::Ratio,
            default: Default::Is("0%"),
            doc: "Which part of a period passes before the first event; none, so that counts come out round.",
        },
    ],
    build: |args| Box::new(Constant::new(args)),
};

struct Constant {
    rate: f64,
    /// When the next event is due, and the period, in units of 2^-64 ns; `None` after the last.
    due: Option<u128>,
    period: u128,
}

impl Constant {
    fn new(args: &Args) -> Self {
        const UNIT: f64 = 18_446_744_073_709_551_616.0;
        let (rate, phase) = (args.number("value"), args.number("phase"));
        let period = 1e9 / rate * UNIT;
        // The casts saturate, and a period of no rate at all is infinite.
        let due = (rate > 0.0).then_some((period * phase) as u128);
        Constant { rate, due, period: period as u128 }
    }
}

impl Arrivals for Constant {
    fn fill(&mut self, n: usize, _rng: &mut Stream, out: &mut Vec<Time>) {
        for _ in 0..n {
            let Some(due) = self.due else { return };
            out.push(Time((due.saturating_add(1 << 63) >> 64) as u64));
            self.due = due.checked_add(self.period);
        }
    }
    fn mean_rate(&self, _from: Time, _to: Time) -> f64 {
        self.rate
    }
}
