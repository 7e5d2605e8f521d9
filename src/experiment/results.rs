//! What an experiment found: plain records that the lab judges and the report shows.
//!
//! Knows nothing of formats. Everything is in a fixed order, so equal experiments give equal bytes.

use crate::engine::{Span, Time};
use crate::stats::Histogram;
use std::collections::BTreeMap;

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
    /// Faults and rebalances, as bands over time, in order of their start.
    pub marks: Vec<Mark>,
    /// What each consumer was doing, in order of (group, consumer, start).
    pub states: Vec<StateSpan>,
    /// For each cause of loss or duplication that occurred, the first event that suffered it.
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

/// What a consumer was doing for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSpan {
    /// `billing/2`.
    pub consumer: String,
    /// What.
    pub state: ConsumerState,
    /// From.
    pub from: Time,
    /// To.
    pub to: Time,
}

/// See [`StateSpan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsumerState {
    /// Working on records.
    Processing,
    /// Waiting for records.
    Idle,
    /// Waiting for a rebalance to end.
    Rebalancing,
    /// Standing still (a pause fault).
    Paused,
    /// Not there.
    Down,
}

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

/// A mean over replications and its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean over the replications that could state the metric.
    pub mean: f64,
    /// Lower end of the 95 % interval; equal to `mean` when `n` is 1 (no interval can be given).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Replications that could state it.
    pub n: u32,
}

/// All replications of one variant at one sweep point.
#[derive(Clone, Debug)]
pub struct VariantResult {
    /// `base` for the scenario as written.
    pub name: String,
    /// Metric name to its estimate.
    pub estimates: BTreeMap<String, Estimate>,
    /// Metric name to the value in each replication (`NaN` where absent), for paired comparison.
    pub values: BTreeMap<String, Vec<f64>>,
    /// Series averaged over replications, with the interval of the mean.
    pub bands: Vec<SeriesBand>,
    /// Latency per group over all replications.
    pub latency: BTreeMap<String, Histogram>,
    /// The first replication in full: charts of single runs and stories come from it.
    pub first: RunRecord,
    /// Stories over all replications: one per group, kind and cause.
    pub stories: Vec<Story>,
    /// Warnings of all replications, each once.
    pub warnings: Vec<Warning>,
    /// Digest of each replication.
    pub digests: Vec<u64>,
}

/// A series over replications.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesBand {
    /// As in [`Series`].
    pub name: String,
    /// As in [`Series`].
    pub unit: &'static str,
    /// As in [`Series`].
    pub step: Span,
    /// Mean over replications per bucket.
    pub mean: Vec<f64>,
    /// Lower end of the 95 % interval per bucket.
    pub low: Vec<f64>,
    /// Upper end.
    pub high: Vec<f64>,
    /// Least value in the bucket over all replications.
    pub min: Vec<f64>,
    /// Greatest.
    pub max: Vec<f64>,
}

/// The paired difference of one metric between two variants on common random numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Metric name.
    pub metric: String,
    /// This variant ...
    pub a: String,
    /// ... minus this one.
    pub b: String,
    /// The difference and its interval.
    pub estimate: Estimate,
}

/// One point of a sweep.
#[derive(Clone, Debug)]
pub struct SweepPoint {
    /// `(dotted path, value as written)`, one or two of them.
    pub at: Vec<(String, String)>,
    /// The variants at this point.
    pub variants: Vec<VariantResult>,
}

/// Everything one `laglab run` found.
#[derive(Clone, Debug)]
pub struct Results {
    /// File stem of the scenario, `02-delivery-semantics`.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Its question, if it asks one.
    pub question: Option<String>,
    /// FNV-1a of the scenario text and the overrides, 64 bits.
    pub scenario_hash: u64,
    /// The seed used.
    pub seed: u64,
    /// Replications per variant.
    pub replications: u32,
    /// How long the workload ran.
    pub duration: Span,
    /// The warm-up that was cut.
    pub warm_up: Span,
    /// Group names, in the scenario's order.
    pub groups: Vec<String>,
    /// Producer names (one per table), in the scenario's order.
    pub producers: Vec<String>,
    /// The variants, `base` first. In a sweep: those of its first point.
    pub variants: Vec<VariantResult>,
    /// Paired differences of the headline metrics, every variant minus every earlier one.
    pub differences: Vec<Difference>,
    /// The points of the sweep; empty without one.
    pub sweep: Vec<SweepPoint>,
    /// Metrics the scenario asks to see over the sweep.
    pub sweep_metrics: Vec<String>,
    /// What was expected, and what became of it.
    pub verdicts: Vec<Verdict>,
}

/// What became of one expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Its sentence.
    pub name: String,
    /// As written: `group.billing.lag.p99 < 30s`.
    pub expression: String,
    /// The variant or sweep point it was judged on; empty where the expression names them.
    pub scope: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The numbers behind it, in one line.
    pub evidence: String,
}

/// See [`Verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The whole interval satisfies it.
    Held,
    /// The whole interval violates it.
    Broken,
    /// The interval includes both, or the metric is absent.
    Undecided,
}
