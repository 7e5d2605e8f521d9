//! What an experiment found: plain records that the lab judges and the report shows.
//!
//! Knows nothing of formats. Everything is in a fixed order, so equal experiments give equal bytes.

use crate::engine::Span;
pub use crate::measure::findings::{
    ConsumerTime, EIGHTHS, Mark, MarkKind, RunRecord, STATES, Series, Story, StoryKind, StoryStep, Stretch,
    Warning,
};
use crate::scenario::Overrides;
use crate::stats::Histogram;
use std::collections::BTreeMap;

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

/// How many events of a group met a fate, over all replications, with the exact bounds of its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Events that met it.
    pub seen: u64,
    /// Events created.
    pub of: u64,
    /// Lower end of the exact 95 % interval (Clopper and Pearson), as if events were independent.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The mean of one long run and its interval from the means of its batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchEstimate {
    /// The mean.
    pub mean: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many batches.
    pub batches: u32,
    /// Correlation of successive batches.
    pub correlation: f64,
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
    /// Metric name of a fate to how often it was met.
    pub rates: BTreeMap<String, Rate>,
    /// Metric name of a mean to what the batches of the one run say; empty unless intervals come from them.
    pub batch_means: BTreeMap<String, BatchEstimate>,
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
    /// The share of its variance that the common random numbers took away, `1 - var(a - b) / (var a + var b)`;
    /// `None` for fewer than two replications, or if neither variant varies.
    pub variance_reduction: Option<f64>,
}

/// What became of a precision that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// Metric name.
    pub metric: String,
    /// Half the width of its interval over its mean, at most.
    pub target: f64,
    /// What it came to where it is known worst; `None` if a variant cannot state the metric.
    pub reached: Option<f64>,
    /// The variant, and the sweep point, where it is known worst.
    pub at: String,
    /// The number of that variant among all variants of all points.
    pub cell: usize,
    /// Whether it was reached everywhere.
    pub met: bool,
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
    /// The scenario's text, as it was read.
    pub text: String,
    /// FNV-1a of that text and the overrides, 64 bits.
    pub scenario_hash: u64,
    /// What the command line changed in the scenario.
    pub overrides: Overrides,
    /// The seed used.
    pub seed: u64,
    /// Replications per variant.
    pub replications: u32,
    /// What became of each precision that was asked for.
    pub precision: Vec<Reached>,
    /// How long the workload ran.
    pub duration: Span,
    /// The warm-up that was cut.
    pub warm_up: Span,
    /// Whether it was found from pilot runs, and not given.
    pub warm_up_found: bool,
    /// Group names, in the scenario's order.
    pub groups: Vec<String>,
    /// Producer names (one per table), in the scenario's order.
    pub producers: Vec<String>,
    /// Those of them whose events are not what a group makes of others.
    pub sources: Vec<String>,
    /// For each group, which producers write to what it reads.
    pub feeds: Vec<Vec<String>>,
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
