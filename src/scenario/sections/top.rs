//! The keys at the top of a scenario: what it asks, how long it runs, how often.

use crate::engine::Span;
use crate::model::catalog::{Kind, Param};
use crate::model::plan::End;
use crate::scenario::describe::{Section, count, optional, param, required};
use crate::scenario::read::Fields;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "scenario",
    place: "top of the file",
    doc: "What the scenario asks, and how it is run.",
    params: PARAMS,
};

pub(in crate::scenario) const PARAMS: &[Param] = &[
    required("title", Kind::Text, "One line that says what the scenario is about."),
    optional("question", Kind::Text, "The question it answers."),
    required("duration", Kind::Span, "How long the workload runs, in simulated time."),
    param(
        "warm-up",
        Kind::Family("warm-up"),
        "0s",
        "Events created before this moment are left out of every statistic; `\"auto\"` finds it.",
    ),
    param("seed", count(0, i64::MAX as u64), "1", "Seed of every random stream."),
    param(
        "replications",
        count(1, 100_000),
        "5",
        "Independent runs; with more than one, every statistic gets a confidence interval.",
    ),
    param(
        "intervals",
        Kind::Word(&[
            ("replications", "From independent replications: for every statistic."),
            (
                "batch-means",
                "From batches of one long run: for means of latency and lag only; `replications` is 1.",
            ),
        ]),
        "replications",
        "What confidence intervals are made from.",
    ),
    param(
        "end",
        Kind::Family("end"),
        "drain",
        "What happens when the workload has run its time: the rest is worked off, or the run stops.",
    ),
    optional(
        "sample-every",
        Kind::Span,
        "Distance of the samples in time series; a 600th of the duration, rounded to a readable value.",
    ),
];

/// The distance of samples: `duration / 600`, rounded up to 1, 2 or 5 times a power of ten (from a second
/// on, to what divides a minute or an hour), and at least 1 ms.
pub(in crate::scenario) fn sample_every(duration: Span) -> Span {
    const SECOND: u64 = 1_000_000_000;
    const STEPS: [u64; 20] = [
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        200_000_000,
        500_000_000,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        60 * SECOND,
        300 * SECOND,
        900 * SECOND,
        1800 * SECOND,
        3600 * SECOND,
    ];
    let wanted = duration.0.div_ceil(600);
    let step = STEPS.iter().find(|s| **s >= wanted);
    Span(step.copied().unwrap_or_else(|| wanted.next_multiple_of(3600 * SECOND)))
}

/// Whether intervals come from batches of one long run.
pub(in crate::scenario) fn batch_means(top: &Fields) -> bool {
    top.args.text("intervals") == "batch-means"
}

/// Runs per variant: one, if that is what intervals come from and no number is written.
pub(in crate::scenario) fn replications(top: &Fields) -> u32 {
    if batch_means(top) && !top.written("replications") { 1 } else { top.args.count("replications") as u32 }
}

/// How long draining may take if nothing else is said: the duration once more, and at least 10 minutes.
pub(in crate::scenario) fn drain_limit(duration: Span) -> Span {
    duration.max(Span::from_secs(600))
}

/// What happens at the end.
pub(in crate::scenario) fn end(top: &Fields, duration: Span) -> End {
    match top.pick("end") {
        Some(("drain", args)) => End::Drain(args.try_span("value").unwrap_or_else(|| drain_limit(duration))),
        _ => End::Stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_about_600_at_readable_distances() {
        let cases = [("1s", "2ms"), ("10m", "1s"), ("1h", "10s"), ("24h", "5m"), ("100ms", "1ms")];
        for (duration, step) in cases {
            let read = |t| crate::scenario::units::span(t).unwrap();
            assert_eq!(sample_every(read(duration)), read(step), "{duration}");
        }
    }
}
