//! The same models on other simulators: plain queues, long runs of M/M/1, and a small pipeline.
//!
//! `assets/recorded/engines.json` says what was run on which engine. The interval of the simulated figure
//! has to meet the engine's own interval, or the range of the single runs of several engines.

use super::case::{Case, Expected, Group, Size, Trial, Unit};
use super::pipeline::{metric, scenario};
use super::script::{Script, per_second, quoted};
use crate::engine::Dist;
use crate::station::{Class, Source, StationPlan};
use serde::Deserialize;

const RECORDED: &str = include_str!("../../assets/recorded/engines.json");
/// Replications of each trial.
const RUNS: u32 = 32;

#[derive(Deserialize)]
struct Recording {
    queues: Vec<Queue>,
    long_runs: Vec<LongRun>,
    pipeline: Pipeline,
}

#[derive(Deserialize)]
struct Queue {
    engine: String,
    queue: String,
    figure: String,
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct LongRun {
    wait: f64,
}

#[derive(Deserialize)]
struct Pipeline {
    shares: Vec<f64>,
    service_ns: u64,
    latency_ms: Vec<Latency>,
}

#[derive(Deserialize)]
struct Latency {
    mean: f64,
}

/// All of them.
pub(super) fn trials(size: Size) -> Vec<Trial> {
    let recording: Recording =
        serde_json::from_str(RECORDED).expect("a recording in the repository is whole");
    let mut all: Vec<Trial> = recording.queues.iter().map(|q| queue(q, size)).collect();
    all.push(long_runs(&recording.long_runs, size));
    all.push(pipeline(&recording.pipeline, size));
    all
}

/// Mean service: 1 in the recording, a millisecond here.
const SERVICE: f64 = 1e6;

fn exponential(mean: f64) -> Dist {
    Dist::exponential(mean * SERVICE).expect("above zero")
}

/// The station of this name in the recording; the class looked at, and how wide an interval of its figure may be.
fn station(name: &str, customers: u64) -> (StationPlan, usize, f64) {
    let single = |rho: f64, service| StationPlan::single(exponential(1.0 / rho), service, customers);
    let constant = Dist::Constant(SERVICE as u64);
    let priority = || {
        let class =
            |rate: f64| Class { source: Source::Outside(exponential(1.0 / rate)), service: exponential(1.0) };
        StationPlan { classes: vec![class(0.3), class(0.5)], ..single(0.8, constant.clone()) }
    };
    match name {
        "m-m-1-0.8" => (single(0.8, exponential(1.0)), 0, 0.06),
        "m-d-1-0.8" => (single(0.8, constant), 0, 0.06),
        "m-g-1-cs4-0.5" => (single(0.5, Dist::gamma(SERVICE, 2.0).expect("above zero")), 0, 0.08),
        "m-m-4-0.8" => (single(3.2, exponential(1.0)).servers(4), 0, 0.1),
        "m-m-1-10-0.8" => (single(0.8, exponential(1.0)).capacity(10), 0, 0.06),
        "m-m-10-20-a12" => (single(12.0, exponential(1.0)).servers(10).capacity(20), 0, 0.03),
        "erlang-10-a8" => (single(8.0, exponential(1.0)).servers(10).capacity(10), 0, 0.03),
        "priority-first" => (priority(), 0, 0.03),
        "priority-second" => (priority(), 1, 0.06),
        other => unreachable!("a recorded queue that is not modelled: {other}"),
    }
}

fn queue(recorded: &Queue, size: Size) -> Trial {
    let (plan, class, resolution) = station(&recorded.queue, size.long(80_000));
    let blocked = recorded.figure == "blocked";
    let (figure, unit, scale) = if blocked {
        ("share turned away", Unit::Ratio, 1.0)
    } else {
        ("mean wait", Unit::Seconds, SERVICE / 1e9)
    };
    let case = Case {
        expected: Expected::Between(recorded.low * scale, recorded.high * scale),
        ..Case::predicted("mean", figure, unit, 0.0, size.fine(resolution))
    }
    .by(
        format!("the 95 % interval of {}", recorded.engine),
        "own programs; 30 replications of 60 000 customers each",
    );
    let engine = recorded.engine.split(' ').next().unwrap_or_default().to_lowercase();
    Trial {
        group: Group::Engines,
        name: format!("{engine}-{}", recorded.queue),
        title: format!("{} on {}", recorded.queue.to_uppercase(), recorded.engine),
        script: super::station::in_words(&plan),
        replications: RUNS,
        cases: vec![case],
        play: Box::new(move |stage, replication| {
            let found = &stage.station(&plan, replication).classes[class];
            vec![if blocked { found.share_turned_away() } else { found.mean_wait() }]
        }),
    }
}

fn between(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// M/M/1 at load 0.9.
fn long_runs(recorded: &[LongRun], size: Size) -> Trial {
    let plan = StationPlan::single(exponential(1.0 / 0.9), exponential(1.0), size.long(120_000));
    let (low, high) = between(recorded.iter().map(|r| r.wait * SERVICE / 1e9));
    let case = Case {
        expected: Expected::Between(low, high),
        ..Case::predicted("wait", "mean wait", Unit::Seconds, 0.0, size.fine(0.06))
    }
    .by(
        "between the least and the greatest of five single runs of a million customers",
        "own programs on ten engines: desque, simulacra, odem-rs, simrs, simu-des, NeXosim (one stream), ns-3, OMNeT++, ROSS, Akita",
    );
    Trial {
        group: Group::Engines,
        name: "long-m-m-1-0.9".into(),
        title: "M/M/1 at load 0.9 on ten engines".into(),
        script: super::station::in_words(&plan),
        replications: RUNS,
        cases: vec![case],
        play: Box::new(move |stage, replication| {
            vec![stage.station(&plan, replication).classes[0].mean_wait()]
        }),
    }
}

/// Four producers, twelve partitions, six consumers.
fn pipeline(recorded: &Pipeline, size: Size) -> Trial {
    let weights: Vec<String> = recorded.shares.iter().map(|s| format!("{s:?}")).collect();
    let script = Script::new(
        "Four producers, a hop of 2 ms, twelve partitions of unequal shares, six consumers",
        &per_second(1000.0),
        &format!("{{ exponential = {{ mean = \"{}ns\" }} }}", recorded.service_ns),
        &format!("{}s", size.long(20)),
    )
    .set("topic.work.partitions", recorded.shares.len())
    .set("producer.source.instances", 4)
    .set("producer.source.keys", format!("{{ weighted = {{ weights = [{}] }} }}", weights.join(", ")))
    .set("producer.source.partitioner", quoted("modulo"))
    .set(
        "producer.source.network",
        "{ delay = { exponential = { mean = \"2ms\" } }, back-delay = \"0s\", ordered = false }",
    )
    .set("group.sink.consumers", 6)
    .set("group.sink.max-poll-records", 50);
    let mu = 1e9 / recorded.service_ns as f64;
    let mine = recorded.shares.chunks(2).map(|own| own.iter().sum::<f64>());
    let expected = 2e-3 + mine.map(|p| p / (mu - 4000.0 * p)).sum::<f64>();
    let figure = "mean time from creation to effect";
    let theirs = between(recorded.latency_ms.iter().map(|l| l.mean * 1e-3));
    let cases = vec![
        (
            Case {
                expected: Expected::Between(theirs.0, theirs.1),
                ..Case::predicted("engines", figure, Unit::Seconds, 0.0, size.fine(0.12))
            }
            .by(
                "between the least and the greatest of seven engines",
                "own programs on simulacra, odem-rs, OMNeT++, simu-des, SimCpp20, NeXosim, SimPy",
            ),
            metric("group.sink.latency.mean"),
        ),
        (
            Case::predicted("formula", figure, Unit::Seconds, expected, size.fine(0.12)).by(
                "hop + sum of p / (mu - p lambda) over the consumers' shares p",
                super::sources::SPLITTING,
            ),
            metric("group.sink.latency.mean"),
        ),
    ];
    scenario(Group::Engines, "pipeline", &script, RUNS, cases)
}
