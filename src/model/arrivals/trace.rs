//! `trace`: replays recorded moments.

use super::Arrivals;
use crate::engine::{Stream, Time};
use crate::model::catalog::{Default, Entry, Kind, Param, Trace};
use std::sync::Arc;

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "trace",
    summary: "Replays the moments of a recording.",
    doc: "What it does. Creates one event at each recorded moment, counted from the start of the \
run, and none after the last. Every instance of the producer replays the whole recording. Its \
recorded keys and sizes go with its moments, line by line, where `keys` and `size` do not say otherwise.\n\n\
When it helps. Bursts, rhythms and correlations are those of the real system, without a model of \
them.\n\n\
When it hurts. A recording is one sample: replications differ in everything but the load, so their \
spread says nothing about other days. What a slow system would have held back is not in it.\n\n\
Seen in. Exports from a broker's log or a gateway's access log.",
    params: &[Param {
        name: "value",
        kind: Kind::Trace,
        default: Default::Required,
        doc: "A CSV file with the moment of each event, and optionally its key and size.",
    }],
    build: |args| Box::new(Replay { trace: args.trace("value"), next: 0 }),
};

struct Replay {
    trace: Arc<Trace>,
    next: usize,
}

impl Arrivals for Replay {
    fn fill(&mut self, n: usize, _rng: &mut Stream, out: &mut Vec<Time>) {
        let rest = &self.trace.at[self.next..];
        let take = n.min(rest.len());
        out.extend_from_slice(&rest[..take]);
        self.next += take;
    }
    fn mean_rate(&self, from: Time, to: Time) -> f64 {
        if to <= from {
            return 0.0;
        }
        let before = |moment: Time| self.trace.at.partition_point(|t| *t < moment);
        (before(to) - before(from)) as f64 / (to - from).secs()
    }
    fn trace(&self) -> Option<Arc<Trace>> {
        Some(self.trace.clone())
    }
}
