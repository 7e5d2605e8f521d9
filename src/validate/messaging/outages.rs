//! After an outage: how long until the backlog is worked off, and what it cost everybody.
//!
//! The fluid limit: an outage of length T at load rho leaves a backlog of lambda T; it is worked off at rate
//! mu - lambda, in T rho / (1 - rho). All events of T / (1 - rho) are late, by T / 2 on average and T at most.
//! Arrivals and services are constant, so what remains is the grain: a record, and a sample.

use super::fixed;
use crate::experiment::results::RunRecord;
use crate::validate::case::{Case, Expected, Trial, Unit};
use crate::validate::pipeline::{self, Read, metric, value};
use crate::validate::rule::Rule;
use crate::validate::script::{Script, evenly, nanos, quoted, span};
use crate::validate::sources;

const RATE: f64 = 1000.0;
const OUTAGE: f64 = 30.0;
/// Distance of the samples that are looked at, four to a bucket, in seconds.
const SAMPLE: f64 = 0.05;

pub(super) fn trials() -> Vec<Trial> {
    let mut all: Vec<Trial> = [0.5, 0.8, 0.9].map(|rho| standstill(rho, "pause", "sink/0")).into();
    all.extend([0.5, 0.8].map(|rho| standstill(rho, "broker-outage", "0")));
    all.push(slow());
    all.push(overload());
    all.push(retention());
    all.push(retries_beyond_capacity());
    all
}

/// A pipeline at this load.
fn even(title: &str, rho: f64, seconds: u64) -> Script {
    let service = span(nanos(rho / RATE).secs());
    Script::new(title, &evenly(RATE), &service, &format!("{seconds}s"))
        .set("end", "{ drain = \"1h\" }")
        .set("sample-every", span(4.0 * SAMPLE))
        .set("producer.source.acks", quoted("leader"))
}

/// A case whose figure is exact up to grain.
fn exact(name: &'static str, figure: &str, unit: Unit, value: f64, grain: f64) -> Case {
    Case::predicted(name, figure, unit, value, 0.0).rule(Rule::Every { grain })
}

/// A sample, and three records more or less, each of which takes 1 / (mu - lambda) to drain.
fn grain(rho: f64) -> f64 {
    SAMPLE + 3.0 / (RATE / rho - RATE)
}

fn drain_time(rho: f64, expected: f64, formula: &str) -> (Case, Read) {
    let case = exact("drain", "time until the backlog is gone", Unit::Seconds, expected, grain(rho));
    (case.by(formula, sources::FLUID), metric("group.sink.drain-time"))
}

/// Little's law with nothing left to chance; a record's share of the area is off by less than the distance of two
/// buckets, and `time` is what all of them spend in the system.
fn little(time: f64) -> (Case, Read) {
    let (case, read) = pipeline::little(0.0);
    let step = 4.0 * SAMPLE;
    (case.rule(Rule::Every { grain: step * RATE * 600.0 / time }), read)
}

/// A consumer that stands still for less than its session, or a broker that is away, at 60 s for 30 s.
fn standstill(rho: f64, fault: &str, target: &str) -> Trial {
    let service = rho / RATE;
    let words = if fault == "pause" {
        "The consumer stands still"
    } else {
        "The broker is away, clients find it half a second later,"
    };
    // Clients look for a leader again and again, and find one that is back after 30 s at 30.5 s.
    let refresh = if fault == "pause" { 0.0 } else { 0.5 };
    let outage = OUTAGE + refresh;
    let script = even(&format!("{words} for 30 s at load {rho}"), rho, 600)
        .fault(format!("{fault} = \"{target}\"\nat = \"60s\"\nfor = \"30s\""));
    let late = RATE * outage / (1.0 - rho);
    let delays =
        move |r: &RunRecord| (value(r, "group.sink.latency.mean") - service) * value(r, "group.sink.applied");
    let none = |name, figure, read| {
        (
            exact(name, figure, Unit::Count, 0.0, 0.0).by("0: time is all it costs", sources::FLUID),
            metric(read),
        )
    };
    let cases: Vec<(Case, Read)> = vec![
        drain_time(rho, refresh + outage * rho / (1.0 - rho), "T rho / (1 - rho)"),
        (
            exact("longest", "longest delay", Unit::Seconds, outage + service, 2.0 * service)
                .by("T", sources::FLUID),
            metric("group.sink.latency.max"),
        ),
        (
            exact(
                "delays",
                "delays of all events, summed",
                Unit::Seconds,
                late * outage / 2.0,
                late * 2.0 * service,
            )
            .by("lambda T / (1 - rho) events, T / 2 each", sources::FLUID),
            Box::new(delays),
        ),
        little(late * outage / 2.0 + service * RATE * 600.0),
        none("lost", "events lost", "group.sink.lost"),
        none("duplicates", "events done twice", "group.sink.duplicates"),
    ];
    fixed(format!("{fault}-{rho}"), &script, 1, cases)
}

/// A consumer at `f` of its speed, less than the load asks for: the backlog grows by lambda - f mu and drains by
/// mu - lambda.
fn slow() -> Trial {
    let (rho, f) = (0.8, 0.5);
    let script = even("The consumer works at half its speed for 30 s at load 0.8", rho, 600)
        .fault("slow = \"sink/0\"\nat = \"60s\"\nfor = \"30s\"\nfactor = 2.0".to_owned());
    let cases = vec![drain_time(rho, OUTAGE * (rho - f) / (1.0 - rho), "(lambda - f mu) T / (mu - lambda)")];
    fixed("slow", &script, 1, cases)
}

/// At a load above 1 the lag's age grows by 1 - 1 / rho per second: what is done at time t was created at t / rho.
fn overload() -> Trial {
    let (rho, length) = (1.25, 300.0);
    let script = even("More work than the consumer can do: load 1.25", rho, 300);
    let growth = |r: &RunRecord| {
        let age = r.series.iter().find(|s| s.name == "group.sink.lag-time");
        let at = |i: usize, s: f64| s * (i + 1) as f64;
        let last = age.and_then(|a| {
            let during =
                a.value.iter().enumerate().take_while(|(i, _)| at(*i, a.step.secs()) <= 300.0 + 1e-9);
            during.last().map(|(i, v)| v / at(i, a.step.secs()))
        });
        last.unwrap_or(f64::NAN)
    };
    let grain = 3.0 / RATE;
    let cases: Vec<(Case, Read)> = vec![
        (
            exact("age", "growth of the lag's age per second", Unit::Ratio, 1.0 - 1.0 / rho, grain / length)
                .by("1 - 1 / rho", sources::FLUID),
            Box::new(growth),
        ),
        (
            exact("drain", "time until all is done", Unit::Seconds, length * (rho - 1.0), grain)
                .by("T (rho - 1)", sources::FLUID),
            metric("group.sink.drain-time"),
        ),
    ];
    fixed("overload", &script, 1, cases)
}

/// Retention forgets what is older than R at each of its looks, which come every c: an outage of length T > R costs
/// what was created in its first T - R, give or take a look, and what is left drains from an age of R.
fn retention() -> Trial {
    let (rho, retention, look) = (0.8, 20.0, 0.5);
    // Polls of one record: hardly anything is in the consumer's hands.
    let script = even("The consumer stands still for 30 s, and the topic keeps 20 s", rho, 600)
        .set("topic.work.retention", quoted("20s"))
        .set("cluster.retention-check", quoted("500ms"))
        .set("group.sink.max-poll-records", 1)
        .fault("pause = \"sink/0\"\nat = \"60s\"\nfor = \"30s\"".to_owned());
    let between = |name, figure, unit, low: f64, high: f64| Case {
        expected: Expected::Between(low, high),
        ..exact(name, figure, unit, 0.0, 0.0).rule(Rule::EveryInside)
    };
    let most = RATE * (OUTAGE - retention);
    let drained = retention * rho / (1.0 - rho);
    let cases = vec![
        (
            between("lost", "events lost", Unit::Count, most - RATE * look - 2.0, most + 2.0).by(
                "lambda (T - R), less at most lambda times the distance of the checks",
                sources::RETENTION,
            ),
            metric("group.sink.lost.retention"),
        ),
        (
            between(
                "drain",
                "time until the backlog is gone",
                Unit::Seconds,
                drained - grain(rho),
                drained + look * rho / (1.0 - rho) + grain(rho),
            )
            .by("R rho / (1 - rho), and at most one check more", sources::RETENTION),
            metric("group.sink.drain-time"),
        ),
    ];
    fixed("retention", &script, 1, cases)
}

/// Retries multiply the load: with lambda times the mean tries above mu, the lag grows by lambda less mu over them.
fn retries_beyond_capacity() -> Trial {
    let (p, tries) = (1.0_f64, 3.0);
    let script = Script::new(
        "Load 0.5, of which every record is tried three times",
        &evenly(500.0),
        &quoted("1ms"),
        "100s",
    )
    .set("end", quoted("stop"))
    .set("group.sink.failures", format!("{{ random = {{ probability = {p:?} }} }}"))
    .set("group.sink.retry.attempts", 3)
    .set("group.sink.retry.then", quoted("dead-letter"))
    .set("group.sink.retry.backoff", quoted("none"));
    // New tries begin 1 us late at least.
    let through = 1.0 / (tries * 1e-3);
    let lag = 100.0 * (500.0 - through);
    let case =
        exact("lag", "lag at the end", Unit::Count, lag, 100.0 * through * 2e-6 / (tries * 1e-3) + 3.0)
            .by("(lambda - mu / E[tries]) T", sources::FLUID);
    fixed("retries-overload", &script, 1, vec![(case, metric("group.sink.lag.end"))])
}
