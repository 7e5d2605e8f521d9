//! `lag-aware`: while the consumers are too far behind, new events are refused.

use super::{Admission, Admit, AdmitView};
use crate::engine::Span;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use crate::model::cause::ShedReason;

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "lag-aware",
    summary: "While the consumers are too far behind, new events are refused.",
    doc: "What it does. The producer hears of the lag of the slowest group every so often. Above `high` it \
refuses new events until the lag has fallen to `low`; the distance keeps it from switching to and fro. The \
send buffer has no limit.\n\n\
When it helps. Work that could only be done too late is refused at the door, where the caller can still be \
told, instead of making everything behind it late. It follows what the consumers can really do.\n\n\
When it hurts. What it hears is old, so lag overshoots `high` by the excess rate times the reporting \
interval and undershoots `low` likewise: flow comes in waves. One slow group stops the producer for all \
groups.\n\n\
Seen in. Ingestion services that answer 429 while their consumers lag; Spark Streaming limits its receivers \
by how late its batches are.",
    params: &[
        Param {
            name: "high",
            kind: Kind::Count { min: 0, max: 1_000_000_000_000 },
            default: Default::Required,
            doc: "Lag in records above which new events are refused.",
        },
        Param {
            name: "low",
            kind: Kind::Count { min: 0, max: 1_000_000_000_000 },
            default: Default::Absent,
            doc: "Lag in records at which they are accepted again, at most `high`; without it, half of `high`.",
        },
        Param {
            name: "every",
            kind: Kind::Span,
            default: Default::Is("1s"),
            doc: "How often the producer hears of the lag, at least 1ms; a second, a usual scrape of metrics \
at its fastest.",
        },
        Param {
            name: "spare",
            kind: Kind::Word(&[
                ("none", "events of every class are refused"),
                ("priority-0", "the most important class always passes"),
            ]),
            default: Default::Is("none"),
            doc: "Whom the refusal spares; nobody, since only a producer with `priorities` has classes.",
        },
    ],
    build: |args| Box::new(LagAware::new(args)),
};

struct LagAware {
    high: u64,
    low: u64,
    every: Span,
    spare_first: bool,
    refusing: bool,
}

impl LagAware {
    fn new(args: &Args) -> Self {
        let high = args.count("high");
        LagAware {
            high,
            low: args.try_count("low").unwrap_or(high / 2).min(high),
            every: args.span("every").max(Span::millis(1)),
            spare_first: args.text("spare") == "priority-0",
            refusing: false,
        }
    }
}

impl Admission for LagAware {
    fn decide(&mut self, view: &AdmitView) -> Admit {
        self.refusing = view.lag > if self.refusing { self.low } else { self.high };
        if self.refusing && !(self.spare_first && view.priority == 0) {
            Admit::Refuse(ShedReason::LagAdmission)
        } else {
            Admit::Accept
        }
    }
    fn watch(&self) -> Option<Span> {
        Some(self.every)
    }
}
