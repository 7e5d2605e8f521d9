//! What one run found: metrics, series, marks, states, stories. Plain records without formats.

use crate::engine::{Span, Time};
use crate::measure::VictimOf;
use crate::stats::Histogram;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One run of one variant with one replication's random streams.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Dotted metric name to value (see `measure::metric` for the list and the units). A metric that this
    /// run cannot state (a mean of nothing) is absent.
    pub metrics: BTreeMap<String, f64>,
    /// Time series, in the order of their names.
    pub series: Vec<Series>,
    /// End-to-end latency of applied events per group name, in nanoseconds.
    pub latency: BTreeMap<String, Histogram>,
    /// Sum and number of the values of consecutive batches, by the metric that is their mean; empty unless the plan
    /// asks for batch means.
    pub batches: BTreeMap<String, Vec<(f64, f64)>>,
    /// Faults and rebalances, as bands over time, in order of their start.
    pub marks: Vec<Mark>,
    /// What each consumer was doing, in order of (group, consumer).
    pub states: Vec<ConsumerTime>,
    /// For each cause of loss or duplication that occurred, the first event that suffered it.
    pub victims: Vec<VictimOf>,
    /// Their lives; told by a second hearing of the run, and empty until then.
    pub stories: Vec<Story>,
    /// What the reader must know before believing a number.
    pub warnings: Vec<Warning>,
    /// Fingerprint of every fact of the run.
    pub digest: u64,
    /// Engine events processed.
    pub engine_events: u64,
    /// Business events created, warm-up included.
    pub created: u64,
    /// When the run ended.
    pub end: Time,
}

/// A quantity over time on a fixed grid; each bucket keeps its extremes so that no spike is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Dotted name, such as `group.billing.lag` or `group.billing.partition.orders-3.lag`.
    pub name: String,
    /// Unit for axes: `records`, `s`, `events/s`, `consumers`.
    pub unit: &'static str,
    /// Distance of the buckets; bucket `i` covers `[i * step, (i + 1) * step)`.
    pub step: Span,
    /// The value at the end of each bucket (for rates: the mean over it).
    pub value: Vec<f64>,
    /// Least value seen in each bucket.
    pub min: Vec<f64>,
    /// Greatest value seen in each bucket.
    pub max: Vec<f64>,
}

/// Something that charts show as a labelled band.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What kind.
    pub kind: MarkKind,
    /// Its group, for rebalances.
    pub group: Option<String>,
    /// As the chart writes it: `broker 1 down`, `rebalance 3 (member crashed)`.
    pub label: String,
    /// From.
    pub from: Time,
    /// To; equal to `from` for something without a length.
    pub to: Time,
}

/// See [`Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// A fault of the scenario.
    Fault,
    /// A rebalance of a group, from its first trigger until every partition moves again.
    Rebalance,
    /// The autoscaler changed the number of consumers.
    Scaling,
}

/// What a consumer was doing; every array is in the order of [`STATES`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerTime {
    /// `billing/2`.
    pub consumer: Arc<str>,
    /// How long in all.
    pub total: [Span; 5],
    /// Over time: one after the other from the start of the run.
    pub stretches: Vec<Stretch>,
}

/// A while in which the shares of what a consumer did look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Where it ends.
    pub to: Time,
    /// The shares, rounded to parts of [`EIGHTHS`]; work is at least one, if there was any.
    pub eighths: [u8; 5],
}

/// In how many parts the shares of a [`Stretch`] are told.
pub const EIGHTHS: u8 = 8;

/// What a consumer can be doing: working on records, waiting for some, waiting for a rebalance to end, standing still
/// (a pause fault), not there.
pub const STATES: [&str; 5] = ["processing", "idle", "rebalancing", "paused", "down"];

/// The shortest true story of one loss or duplicate.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The group that suffered it.
    pub group: String,
    /// `lost` or `duplicate`.
    pub kind: StoryKind,
    /// The cause, as metrics name it.
    pub cause: String,
    /// `checkout/0 event 4711`.
    pub event: String,
    /// What happened to it, in order of time.
    pub steps: Vec<StoryStep>,
}

/// See [`Story`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoryKind {
    /// Its effect never happened.
    Lost,
    /// Its effect happened again.
    Duplicate,
    /// It was refused or dropped on purpose.
    Shed,
}

/// One step of a [`Story`].
#[derive(Clone, Debug, PartialEq)]
pub struct StoryStep {
    /// When.
    pub at: Time,
    /// Who: `checkout/0`, `broker 1`, `billing/2`, `coordinator`.
    pub who: String,
    /// What: `appended to orders-3 at offset 118`.
    pub what: String,
}

/// What the reader must know before believing a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Diagnostic code, such as `W101`; `laglab explain W101` tells more.
    pub code: &'static str,
    /// One sentence.
    pub text: String,
}
