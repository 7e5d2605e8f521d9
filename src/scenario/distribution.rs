//! Distributions as families: of lengths of time, and of sizes in bytes. Parameters are those a person knows.

use super::describe::{param, required};
use crate::engine::{BadDist, Dist};
use crate::model::catalog::{Args, Kind, Member, Param, Value};

/// The family of lengths of time.
pub(super) const OF_TIMES: &str = "distribution";
/// The family of sizes.
pub(super) const OF_SIZES: &str = "size-distribution";

const MEAN: &str = "Its mean.";
const CV: Param = required(
    "cv",
    Kind::Number { min: 0.0, max: 1000.0 },
    "Coefficient of variation: standard deviation over mean; 1 as for an exponential.",
);

/// The same distributions for a kind of quantity.
macro_rules! of {
    ($family:expr, $kind:expr) => {
        &[
            Member {
                family: $family,
                name: "constant",
                summary: "Always the same.",
                doc: "What it does. Every draw is this value. A bare quantity, `\"2ms\"`, means this.\n\n\
When it helps. What remains is the effect of everything else, and examples can be followed by hand.\n\n\
When it hurts. Queues are half as long as with exponential times: nothing real is this even.\n\n\
Seen in. Formulas.",
                params: &[required("value", $kind, "The value.")],
            },
            Member {
                family: $family,
                name: "exponential",
                summary: "Exponential: no memory, standard deviation equal to the mean.",
                doc: "What it does. Small values are the most likely; one in 150 is 5 times the mean.\n\n\
When it helps. The case with exact formulas (M/M/c).\n\n\
When it hurts. Real service times have a least value and often a heavier tail.\n\n\
Seen in. Times between independent failures, lengths of calls.",
                params: &[required("mean", $kind, MEAN)],
            },
            Member {
                family: $family,
                name: "uniform",
                summary: "Any value between two, each as likely.",
                doc: "What it does. Draws evenly from `low` to `high`.\n\n\
When it helps. When only a range is known.\n\n\
When it hurts. It has no tail, and tails make queues.\n\n\
Seen in. Jitter.",
                params: &[required("low", $kind, "Least value."), required("high", $kind, "Greatest value.")],
            },
            Member {
                family: $family,
                name: "lognormal",
                summary: "Log-normal, by mean and coefficient of variation.",
                doc: "What it does. The logarithm is normal: many values below the mean, a few far above.\n\n\
When it helps. The usual fit to measured service times and message sizes.\n\n\
When it hurts. Its extreme tail is lighter than that of some real systems; see `pareto`.\n\n\
Seen in. Response times of databases and services.",
                params: &[required("mean", $kind, MEAN), CV],
            },
            Member {
                family: $family,
                name: "gamma",
                summary: "Gamma, by mean and coefficient of variation.",
                doc: "What it does. With cv below 1 it is a sum of exponential steps (Erlang), with 1 the \
exponential itself, above 1 it varies more.\n\n\
When it helps. One knob from even to wild at the same mean.\n\n\
When it hurts. Its tail is exponential, however large cv is.\n\n\
Seen in. Work in several steps.",
                params: &[required("mean", $kind, MEAN), CV],
            },
            Member {
                family: $family,
                name: "pareto",
                summary: "Pareto: a heavy tail, by mean and shape.",
                doc: "What it does. The share of draws above x falls as x to the power of -shape. At a shape of \
2 or less the variance is infinite.\n\n\
When it helps. It shows what rare, huge values do to everyone behind them.\n\n\
When it hurts. Averages converge slowly: run long, and replicate.\n\n\
Seen in. File sizes, sizes of customers, garbage collections.",
                params: &[
                    required("mean", $kind, MEAN),
                    param(
                        "shape",
                        Kind::Number { min: 1.0, max: 1000.0 },
                        "2.5",
                        "How fast the tail falls, above 1; 2.5, heavy, but with a variance.",
                    ),
                ],
            },
            Member {
                family: $family,
                name: "weibull",
                summary: "Weibull, by mean and shape.",
                doc: "What it does. With a shape below 1 the tail is heavier than exponential, with 1 it is \
exponential, above it is lighter.\n\n\
When it helps. Times to failure of what ages (shape above 1) or gets better (below).\n\n\
When it hurts. For service times the log-normal usually fits better.\n\n\
Seen in. Reliability engineering.",
                params: &[
                    required("mean", $kind, MEAN),
                    required(
                        "shape",
                        Kind::Number { min: 0.0, max: 1000.0 },
                        "Below 1 heavier than exponential, above 1 lighter.",
                    ),
                ],
            },
            Member {
                family: $family,
                name: "empirical",
                summary: "One of the values of a file, each as likely.",
                doc: "What it does. Draws from the values of a CSV file: one per line, in its first column, with \
units.\n\n\
When it helps. The real distribution, without a model of it.\n\n\
When it hurts. Nothing beyond the largest measured value ever happens.\n\n\
Seen in. Exports from tracing and access logs.",
                params: &[required("file", Kind::Text, "Path of the file, relative to the scenario.")],
            },
        ]
    };
}

static TIMES: &[Member] = of!(OF_TIMES, Kind::Span);
static SIZES: &[Member] = of!(OF_SIZES, Kind::Bytes);

/// The members of both families.
pub(super) fn members() -> Vec<Member> {
    TIMES.iter().chain(SIZES).copied().collect()
}

/// The distribution `name` with these values, but for `empirical`, which needs its file.
///
/// # Errors
/// If the values do not make one.
pub(super) fn build(name: &str, args: &Args) -> Result<Dist, BadDist> {
    let quantity = |name: &str| quantity(args, name);
    let number = |name: &str| quantity(name) as f64;
    match name {
        "exponential" => Dist::exponential(number("mean")),
        "uniform" => Dist::uniform(number("low"), number("high")),
        "lognormal" => Dist::lognormal(number("mean"), args.number("cv")),
        "gamma" => Dist::gamma(number("mean"), args.number("cv")),
        "pareto" => Dist::pareto(number("mean"), args.number("shape")),
        "weibull" => Dist::weibull(number("mean"), args.number("shape")),
        _ => Ok(Dist::Constant(quantity("value"))),
    }
}

/// A length of time or a size, as the family has it.
fn quantity(args: &Args, name: &str) -> u64 {
    match args.0.iter().find(|(n, _)| *n == name) {
        Some((_, Value::Span(span))) => span.0,
        Some((_, Value::Bytes(bytes))) => *bytes,
        other => panic!("`{name}` of a distribution was read as {other:?}"),
    }
}

/// Why there is no such distribution, for people.
pub(super) fn reason(bad: BadDist) -> &'static str {
    match bad {
        BadDist::Mean => "the mean must be above zero",
        BadDist::Cv => "the coefficient of variation must be above zero",
        BadDist::Shape => {
            "the shape must be above zero, and above 1 for a Pareto distribution to have a mean"
        }
        BadDist::Order => "`low` lies above `high`",
        BadDist::Empty => "the file holds no values",
    }
}
