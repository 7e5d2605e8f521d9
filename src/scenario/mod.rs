//! From TOML text to a checked scenario, with complaints that point at the text. Knows nothing of running.

mod build;
mod check;
mod choice;
mod codes;
mod commit;
mod compaction;
mod contradictions;
mod describe;
mod diagnostics;
mod distribution;
mod draft;
mod end;
mod expect;
mod expression;
mod files;
mod import;
mod kafka;
mod load;
mod metrics;
mod names;
mod of_one_broker;
mod outputs;
mod parse;
mod patch;
mod precision;
mod read;
mod render;
mod reset;
mod schema;
mod sections;
mod sweep;
mod syntax;
mod tree;
mod units;
mod value;
mod warm_up;

pub use codes::{Code, codes};
pub use describe::{Section, members, sections};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use import::{ClientFile, Import, Imported, import};
pub use kafka::{KafkaSetting, kafka_settings};
pub use render::render;
pub use schema::schema;
pub use warm_up::PILOTS;

use crate::model::plan::Plan;

/// A scenario that has passed every check.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// File stem, such as `02-delivery-semantics`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The question it asks, if it asks one.
    pub question: Option<String>,
    /// The text it was read from.
    pub text: String,
    /// FNV-1a (64 bits) of the text and the overrides.
    pub hash: u64,
    /// What the command line changed.
    pub overrides: Overrides,
    /// Seed of every random stream (also in every plan).
    pub seed: u64,
    /// Independent runs per variant; the least of them, where a precision is asked for.
    pub replications: u32,
    /// Whether the warm-up is to be found from pilot runs; the plans have none then.
    pub auto_warm_up: bool,
    /// How well metrics shall be known before replications end.
    pub precision: Option<Precision>,
    /// The variants, `base` first.
    pub variants: Vec<Variant>,
    /// The sweep, if there is one.
    pub sweep: Option<Sweep>,
    /// What is expected.
    pub expect: Vec<Expectation>,
    /// Legal but odd: what will follow from it.
    pub warnings: Vec<Diagnostic>,
    /// Every setting in force, with its origin, for the base.
    pub effective: Vec<Effective>,
}

/// How well metrics shall be known.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Full metric names with half the width of their intervals, relative to the mean, at most.
    pub targets: Vec<(String, f64)>,
    /// No more replications than this.
    pub max_replications: u32,
}

/// One variant.
#[derive(Clone, Debug)]
pub struct Variant {
    /// `base`, or as written.
    pub name: String,
    /// The system it describes.
    pub plan: Plan,
}

/// One or two parameters to vary.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Dotted paths with their values as written.
    pub axes: Vec<(String, Vec<String>)>,
    /// Metrics to show over it (full dotted names).
    pub metrics: Vec<String>,
    /// Every point, the last axis running fastest.
    pub points: Vec<Point>,
}

/// One point of a sweep.
#[derive(Clone, Debug)]
pub struct Point {
    /// `(dotted path, value as written)`.
    pub at: Vec<(String, String)>,
    /// The variants at this point.
    pub variants: Vec<Variant>,
}

/// A statement about the results that must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Its sentence.
    pub name: String,
    /// As written.
    pub expression: String,
    /// Left side.
    pub left: Term,
    /// Between them.
    pub relation: Relation,
    /// Right side.
    pub right: Term,
}

/// One side of an expectation: a sum of metrics and numbers, each with a factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// `(factor, metric)` added up.
    pub metrics: Vec<(f64, MetricRef)>,
    /// Plus this, in the unit of the metrics (seconds, counts, ratios).
    pub constant: f64,
}

/// A metric of one variant at one sweep point.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricRef {
    /// Full dotted name; lags compared with a time are already `lag-time`.
    pub metric: String,
    /// `@variant`; `None` stands for the base and every variant in turn.
    pub variant: Option<String>,
    /// `[path=value]`, as written in the sweep.
    pub at: Vec<(String, String)>,
}

/// See [`Expectation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Differs,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Dotted path.
    pub path: String,
    /// Value in scenario notation.
    pub value: String,
    /// `written`, `--set`, or where the default comes from (`default, Kafka 4 linger.ms`).
    pub origin: String,
}

/// What the command line changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set path=value`, value in TOML notation (a bare word is taken as text).
    pub set: Vec<(String, String)>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--replications`.
    pub replications: Option<u32>,
    /// `--unlimited`: run even what is estimated to be too much.
    pub unlimited: bool,
}

#[cfg(test)]
mod tests;
