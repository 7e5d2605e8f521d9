//! Keys and partitions that do not share evenly: hot keys, keys in too few partitions, consumers in excess.

use super::fixed;
use crate::engine::EventRng;
use crate::model::assignment::{self, AssignView, MemberView};
use crate::model::catalog::{Args, Choice, Value};
use crate::model::ids::TopicId;
use crate::model::keys::{self, Keys};
use crate::model::partitioning;
use crate::validate::case::{Case, Group, Size, Trial, Unit};
use crate::validate::formulas::{empty_bins, zipf_share};
use crate::validate::pipeline::{metric, value};
use crate::validate::rig::Stage;
use crate::validate::rule::Rule;
use crate::validate::script::{Script, exponential, per_second, quoted};
use crate::validate::sources;

pub(super) fn trials(size: Size) -> Vec<Trial> {
    vec![
        hot_key(size),
        zipf(1000, 1.0),
        zipf(100, 1.5),
        bins(12, 12, size),
        bins(50, 12, size),
        ranges(),
        in_excess(size),
    ]
}

/// A direct look at a family's members, without a pipeline.
fn direct(
    name: String,
    title: String,
    script: String,
    replications: u32,
    cases: Vec<Case>,
    play: impl Fn(&Stage<'_>, u32) -> Vec<f64> + Send + Sync + 'static,
) -> Trial {
    Trial { group: Group::Messaging, name, title, script, replications, cases, play: Box::new(play) }
}

/// A hot key saturates its partition alone.
fn hot_key(size: Size) -> Trial {
    let (rate, share, capacity) = (5000.0, 0.3, 1000.0);
    let seconds = size.long(10);
    let script = Script::new(
        "Six partitions with a consumer each, and a key with 30 % of the events",
        &per_second(rate),
        &exponential("1ms"),
        &format!("{seconds}s"),
    )
    .set("end", quoted("stop"))
    .set("topic.work.partitions", 6)
    .set("producer.source.keys", "{ weighted = { weights = [0.3, 0.14, 0.14, 0.14, 0.14, 0.14] } }")
    .set("producer.source.partitioner", quoted("modulo"))
    .set("group.sink.consumers", 6);
    let others = (1.0 - share) / 5.0;
    let waiting = 5.0 * rate * others / (capacity - rate * others);
    let lag = (rate * share - capacity) * seconds as f64 + waiting;
    let cases = vec![
        (
            Case::predicted(
                "throughput",
                "events applied per second",
                Unit::PerSecond,
                rate * (1.0 - share) + capacity,
                size.fine(0.02),
            )
            .by(
                "lambda (1 - p) + mu: five partitions keep up, the hot one does what it can",
                sources::BOTTLENECK,
            ),
            metric("group.sink.throughput"),
        ),
        (
            Case::predicted("lag", "lag at the end", Unit::Count, lag, size.fine(0.06))
                .by("(p lambda - mu) T, and what waits on the other five", sources::FLUID),
            metric("group.sink.lag.end"),
        ),
    ];
    fixed("hot-key", &script, 16, cases)
}

fn named_keys(name: &str, args: Vec<(&'static str, Value)>) -> Box<dyn Keys> {
    Choice::of(keys::MEMBERS, name, Args(args)).build()
}

/// The hottest key of a Zipf distribution, counted.
fn zipf(n: u32, exponent: f64) -> Trial {
    const DRAWS: usize = 200_000;
    let case =
        Case::predicted("hottest", "share of the hottest key", Unit::Ratio, zipf_share(n, exponent), 0.02)
            .by("1 / H(n, s)", sources::ZIPF);
    let words = format!(
        "keys drawn from a Zipf distribution: {n} keys, exponent {exponent:?}, {DRAWS} draws per replication\n"
    );
    let play = move |stage: &Stage<'_>, replication: u32| {
        let prefix = ("prefix", Value::Text("key-".into()));
        let keys = named_keys(
            "zipf",
            vec![("count", Value::Count(u64::from(n))), ("exponent", Value::Number(exponent)), prefix],
        );
        let draws: EventRng = stage.draws("zipf", replication);
        let mut drawn = vec![0; DRAWS];
        keys.fill(draws, 0, &mut drawn);
        vec![drawn.iter().filter(|k| **k == 0).count() as f64 / DRAWS as f64]
    };
    direct(
        format!("zipf-{n}-{exponent}"),
        format!("{n} keys by Zipf's law with exponent {exponent:?}"),
        words,
        32,
        vec![case],
        play,
    )
}

/// Keys fall into partitions as balls into bins, as far as murmur2 is as good as chance.
fn bins(count: u32, partitions: u32, size: Size) -> Trial {
    let case = Case::predicted(
        "empty",
        "partitions without a key",
        Unit::Count,
        empty_bins(count, partitions),
        size.fine(if count > partitions { 0.35 } else { 0.05 }),
    )
    .by("P (1 - 1 / P)^K", sources::OCCUPANCY);
    let words = format!(
        "{count} keys with names of their own in each replication, placed into {partitions} partitions by the default partitioner (murmur2)\n"
    );
    let play = move |stage: &Stage<'_>, replication: u32| {
        let prefix = format!("{:x}-{replication}-", stage.chance("keys", replication).below(u64::MAX));
        let keys = named_keys(
            "uniform",
            vec![("count", Value::Count(u64::from(count))), ("prefix", Value::Text(prefix))],
        );
        let mut partitioner =
            Choice::of(partitioning::MEMBERS, "default", Args(vec![("adaptive", Value::Flag(true))])).build();
        let table = partitioner.by_key(keys.as_ref(), partitions).expect("keys decide alone");
        vec![(0..partitions).filter(|p| !table.contains(p)).count() as f64]
    };
    direct(
        format!("keys-{count}-in-{partitions}"),
        format!("{count} keys in {partitions} partitions"),
        words,
        size.often(2000),
        vec![case],
        play,
    )
}

/// Twelve partitions do not divide by five.
fn ranges() -> Trial {
    let (partitions, members) = (12_u32, 5_u32);
    let most = f64::from(partitions.div_ceil(members));
    let case = Case::predicted(
        "imbalance",
        "largest over mean share",
        Unit::Ratio,
        most * f64::from(members) / f64::from(partitions),
        0.0,
    )
    .by("ceil(P / C) / (P / C)", sources::RANGE)
    .rule(Rule::Every { grain: 1e-12 });
    let play = move |_: &Stage<'_>, _: u32| {
        let topics = [(TopicId(0), partitions)];
        let members: Vec<MemberView> = (0..members)
            .map(|m| MemberView {
                id: format!("m-{m}"),
                instance: None,
                topics: vec![TopicId(0)],
                owned: Vec::new(),
                generation: -1,
            })
            .collect();
        let by = Choice::of(assignment::MEMBERS, "range", Args::default()).build();
        let lists = by.assign(&AssignView { topics: &topics, members: &members });
        let most = lists.iter().map(Vec::len).max().unwrap_or(0);
        vec![most as f64 * members.len() as f64 / f64::from(partitions)]
    };
    let words = "the range assignor, 12 partitions, 5 members\n".to_owned();
    direct("range-12-5".into(), "Twelve partitions for five consumers".into(), words, 1, vec![case], play)
}

/// More consumers than partitions: those in excess stand idle.
fn in_excess(size: Size) -> Trial {
    let seconds = size.long(5);
    let script = Script::new(
        "Two partitions, five consumers, more work than they can do",
        &per_second(4000.0),
        &quoted("1ms"),
        &format!("{seconds}s"),
    )
    .set("end", quoted("stop"))
    .set("topic.work.partitions", 2)
    .set("producer.source.partitioner", quoted("round-robin"))
    .set("group.sink.consumers", 5);
    let cases = vec![
        (
            Case::predicted("throughput", "events applied per second", Unit::PerSecond, 2000.0, 0.0)
                .by("min(C, P) mu", sources::BOTTLENECK)
                .rule(Rule::Every { grain: 10.0 / seconds as f64 }),
            metric("group.sink.throughput"),
        ),
        (
            Case::predicted("utilisation", "share of the consumers' time at work", Unit::Ratio, 0.4, 0.0)
                .by("min(C, P) / C", sources::BOTTLENECK)
                .rule(Rule::Every { grain: 2.0 / seconds as f64 * 1e-3 }),
            Box::new(|r: &crate::experiment::results::RunRecord| value(r, "group.sink.utilisation")) as _,
        ),
    ];
    fixed("idle-consumers", &script, 8, cases)
}
