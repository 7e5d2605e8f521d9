//! `traced`: the keys of a recording, in its order.

use super::{Keys, NO_KEY, narrow};
use crate::engine::EventRng;
use crate::model::catalog::{Default, Entry, Kind, Param, Trace};
use std::sync::Arc;

/// See its text.
pub static ENTRY: Entry<dyn Keys> = Entry {
    name: "traced",
    summary: "Events have the keys of a recording, in its order.",
    doc: "What it does. The n-th event of a producer instance has the key of the n-th line of the \
recording, under its recorded name, and its size if the recording has sizes and `size` is not set. Lines \
without a key, and events after the last line, have none.\n\n\
When it helps. Real keys come with their real skew, and in runs: the same order five times in a row.\n\n\
When it hurts. With arrivals other than `trace` of the same file, keys and moments no longer belong \
together.\n\n\
Seen in. Exports from a broker's log, replayed against another number of partitions.",
    params: &[Param {
        name: "value",
        kind: Kind::Trace,
        default: Default::Required,
        doc: "A CSV file with the moment and the key of each event.",
    }],
    build: |args| Box::new(Traced::new(args.trace("value"))),
};

struct Traced {
    trace: Arc<Trace>,
    /// Events of each key.
    events: Vec<u64>,
}

impl Traced {
    fn new(trace: Arc<Trace>) -> Self {
        let mut events = vec![0; trace.keys.len()];
        for key in trace.key.iter().filter(|k| **k != NO_KEY) {
            events[*key as usize] += 1;
        }
        Traced { trace, events }
    }
}

impl Keys for Traced {
    fn count(&self) -> u32 {
        narrow(self.trace.keys.len() as u64)
    }
    fn name(&self, key: u32) -> String {
        self.trace.keys[key as usize].clone()
    }
    fn fill(&self, _draws: EventRng, first: u64, out: &mut [u32]) {
        let recorded = usize::try_from(first).ok().and_then(|first| self.trace.key.get(first..));
        let recorded = recorded.unwrap_or_default();
        let known = recorded.len().min(out.len());
        out[..known].copy_from_slice(&recorded[..known]);
        out[known..].fill(NO_KEY);
    }
    fn share(&self, key: u32) -> Option<f64> {
        self.events.get(key as usize).map(|n| *n as f64 / self.trace.at.len() as f64)
    }
}
