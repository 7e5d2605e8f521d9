//! What all arrival processes keep to, and what each promises.

use super::{Arrivals, MEMBERS, bursts, constant, daily, poisson, profile, spike, trace};
use crate::engine::{Span, Stream, StreamKey, Time};
use crate::model::catalog::{Entry, Value};
use crate::model::specimen;
use Value::Number;

const SECOND: u64 = 1_000_000_000;

fn stream(seed: u64) -> Stream {
    StreamKey::new(seed, 0).stream("arrivals")
}
fn at(seconds: f64) -> Time {
    Time((seconds * 1e9) as u64)
}
fn secs(seconds: f64) -> Value {
    Value::Span(Span((seconds * 1e9) as u64))
}
fn make(entry: &'static Entry<dyn Arrivals>, given: &[(&'static str, Value)]) -> Box<dyn Arrivals> {
    specimen::make(entry, given)
}

/// Everything that arrives before `until`.
fn before(process: &mut dyn Arrivals, until: Time, rng: &mut Stream) -> Vec<Time> {
    let mut out = Vec::new();
    loop {
        let so_far = out.len();
        process.fill(4096, rng, &mut out);
        if out.len() == so_far || out.last().is_some_and(|t| *t >= until) {
            out.truncate(out.partition_point(|t| *t < until));
            return out;
        }
    }
}

/// One of every member, with chance or without.
fn all() -> Vec<Box<dyn Arrivals>> {
    let points = vec![(at(1.0), 500.0), (at(3.0), 4000.0), (at(3.0), 100.0), (at(8.0), 1500.0)];
    let burst = |lengths: &str| {
        let lengths = Value::Text(lengths.into());
        let shape = [("rate", Number(3000.0)), ("on", secs(0.4)), ("off", secs(1.1)), ("lengths", lengths)];
        make(&bursts::ENTRY, &[&shape[..], &[("idle-rate", Number(200.0))]].concat())
    };
    let rise = [("base", Number(300.0)), ("peak", Number(6000.0)), ("at", secs(2.0)), ("for", secs(3.0))];
    vec![
        make(&poisson::ENTRY, &[("value", Number(1234.5))]),
        make(&constant::ENTRY, &[("value", Number(1234.5)), ("phase", Number(0.25))]),
        make(&profile::ENTRY, &[("value", Value::Profile(points))]),
        make(&spike::ENTRY, &rise),
        make(&spike::ENTRY, &[&rise[..], &[("ramp", secs(1.5))]].concat()),
        burst("exponential"),
        burst("fixed"),
        make(&daily::ENTRY, &[("mean", Number(900.0)), ("period", secs(7.0)), ("peak-at", secs(2.5))]),
        make(&trace::ENTRY, &[("value", Value::Trace(specimen::recording()))]),
    ]
}

#[test]
fn members_are_well_formed() {
    specimen::inspect(MEMBERS);
}

#[test]
fn several_calls_give_the_same_as_one_and_times_ascend() {
    for (mut whole, mut parts) in all().into_iter().zip(all()) {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let mut rng = stream(1);
        whole.fill(30_000, &mut rng, &mut a);
        let mut rng = stream(1);
        let mut asked = 0;
        for n in [0, 1, 7, 4096, 25_896] {
            parts.fill(n, &mut rng, &mut b);
            asked += n;
        }
        assert_eq!(asked, 30_000);
        assert_eq!(a, b);
        assert!(a.is_sorted());
    }
}

#[test]
fn counts_match_the_announced_mean_rate() {
    // A Poisson count has the variance of its mean; five standard errors over many replications.
    let windows = [(0.0, 1.0), (1.0, 2.7), (2.7, 3.9), (3.9, 9.2), (0.0, 20.0), (19.5, 20.0)];
    let replications = 200_u32;
    let names = ["poisson", "constant", "profile", "jump", "ramp", "exponential", "fixed", "daily"];
    for (i, name) in names.iter().enumerate() {
        let mut counts = vec![Vec::new(); windows.len()];
        let mut means = vec![0.0; windows.len()];
        for seed in 0..replications {
            let mut process = all().swap_remove(i);
            let times = before(process.as_mut(), at(20.0), &mut stream(u64::from(seed)));
            for (w, (from, to)) in windows.iter().enumerate() {
                let (from, to) = (at(*from), at(*to));
                let count = times.partition_point(|t| *t < to) - times.partition_point(|t| *t < from);
                counts[w].push(count as f64);
                means[w] = process.mean_rate(from, to) * (to - from).secs();
            }
        }
        for ((counts, mean), window) in counts.iter().zip(means).zip(windows) {
            let n = f64::from(replications);
            let average = counts.iter().sum::<f64>() / n;
            let variance = counts.iter().map(|c| (c - average) * (c - average)).sum::<f64>() / (n - 1.0);
            let error = libm::sqrt(variance / n).max(1.0 / 5.0);
            assert!((average - mean).abs() <= 5.0 * error, "{name} {window:?}: {average} for {mean}");
        }
    }
}

#[test]
fn announced_rates_are_those_of_the_shapes() {
    let near = |process: &dyn Arrivals, from: f64, to: f64, rate: f64| {
        let mean = process.mean_rate(at(from), at(to));
        assert!((mean - rate).abs() < 1e-3 * rate, "{mean} for {rate}");
    };
    let day = make(&daily::ENTRY, &[("mean", Number(100.0))]);
    let hour = 3600.0;
    near(day.as_ref(), 13.9 * hour, 14.1 * hour, 160.0);
    near(day.as_ref(), 1.9 * hour, 2.1 * hour, 40.0);
    near(day.as_ref(), 0.0, 48.0 * hour, 100.0);
    let rise = [("base", Number(10.0)), ("peak", Number(90.0)), ("at", secs(20.0)), ("for", secs(5.0))];
    let spike = make(&spike::ENTRY, &[&rise[..], &[("ramp", secs(2.0))]].concat());
    near(spike.as_ref(), 0.0, 20.0, 10.0);
    near(spike.as_ref(), 20.0, 22.0, 50.0);
    near(spike.as_ref(), 22.0, 27.0, 90.0);
    near(spike.as_ref(), 28.0, 29.0, 30.0);
    near(spike.as_ref(), 29.0, 99.0, 10.0);
}

#[test]
fn poisson_counts_have_the_variance_of_their_mean_and_gaps_are_exponential() {
    let mut process = make(&poisson::ENTRY, &[("value", Number(1000.0))]);
    let times = before(process.as_mut(), at(1000.0), &mut stream(4));
    let n = times.len() as f64;
    let gaps: Vec<f64> = times.windows(2).map(|w| (w[1] - w[0]).secs() * 1000.0).collect();
    for cut in [0.05, 1.0, 4.0] {
        let share = gaps.iter().filter(|g| **g > cut).count() as f64 / n;
        let p = libm::exp(-cut);
        assert!((share - p).abs() < 5.0 * libm::sqrt(p * (1.0 - p) / n), "beyond {cut}: {share}");
    }
    let mut cells = vec![0.0; 10_000];
    for t in &times {
        cells[(t.0 / (SECOND / 10)) as usize] += 1.0;
    }
    let variance = cells.iter().map(|c| (c - 100.0) * (c - 100.0)).sum::<f64>() / 1e4;
    // Var of a sample variance of Poisson(m) over k cells is about (2 m^2 + m) / k.
    assert!((variance - 100.0).abs() < 5.0 * libm::sqrt(20_100.0 / 1e4), "{variance}");
}

#[test]
fn constant_arrivals_do_not_drift() {
    let mut out = Vec::new();
    let mut process = make(&constant::ENTRY, &[("value", Number(3.0))]);
    process.fill(3_000_001, &mut stream(1), &mut out);
    assert_eq!(out[..4], [0, 333_333_333, 666_666_667, 1_000_000_000].map(Time));
    assert_eq!(out[3_000_000], Time(1_000_000 * SECOND));
    let mut out = Vec::new();
    let given = [("value", Number(1000.0)), ("phase", Number(0.5))];
    make(&constant::ENTRY, &given).fill(2, &mut stream(1), &mut out);
    assert_eq!(out, [Time(500_000), Time(1_500_000)]);
}

#[test]
fn nothing_arrives_at_no_rate() {
    let none = Number(0.0);
    let silent = [
        make(&poisson::ENTRY, &[("value", none.clone())]),
        make(&constant::ENTRY, &[("value", none.clone())]),
        make(&profile::ENTRY, &[("value", Value::Profile(vec![(Time::ZERO, 0.0)]))]),
        make(&daily::ENTRY, &[("mean", none.clone())]),
        make(&bursts::ENTRY, &[("rate", none), ("on", secs(1.0)), ("off", secs(1.0))]),
        make(&bursts::ENTRY, &[("rate", Number(10.0)), ("on", secs(0.0)), ("off", secs(1.0))]),
    ];
    for mut process in silent {
        let mut out = Vec::new();
        process.fill(10, &mut stream(1), &mut out);
        assert!(out.is_empty());
        assert_eq!(process.mean_rate(at(0.0), at(9.0)), 0.0);
    }
}

#[test]
fn a_profile_that_falls_to_nothing_ends() {
    let points = vec![(Time::ZERO, 100.0), (at(10.0), 0.0)];
    let mut process = make(&profile::ENTRY, &[("value", Value::Profile(points))]);
    let times = before(process.as_mut(), Time::NEVER, &mut stream(2));
    // 500 expected, standard deviation 22.4.
    assert!((388..612).contains(&times.len()), "{}", times.len());
    assert!(times.last().is_some_and(|t| *t <= at(10.0)));
}

#[test]
fn a_burst_that_never_pauses_is_poisson_and_pauses_are_empty() {
    let given = [("rate", Number(1000.0)), ("on", secs(1.0)), ("off", secs(0.0))];
    let endless = make(&bursts::ENTRY, &given);
    assert_eq!(endless.mean_rate(at(0.0), at(5.0)), 1000.0);
    let fixed = ("lengths", Value::Text("fixed".into()));
    let given = [("rate", Number(1000.0)), ("on", secs(1.0)), ("off", secs(3.0)), fixed];
    let mut process = make(&bursts::ENTRY, &given);
    let times = before(process.as_mut(), at(40.0), &mut stream(3));
    assert!(times.iter().all(|t| t.0 % (4 * SECOND) <= SECOND));
    // 10 bursts of 1000 each.
    assert!((times.len() as f64 - 10_000.0).abs() < 500.0, "{}", times.len());
}

#[test]
fn rare_events_end_before_time_does() {
    let mut process = make(&poisson::ENTRY, &[("value", Number(1e-9))]);
    let mut out = Vec::new();
    process.fill(10_000, &mut stream(1), &mut out);
    assert!(out.is_sorted() && out.last().is_none_or(|t| *t < Time::NEVER));
    let so_far = out.len();
    process.fill(10_000, &mut stream(1), &mut out);
    assert!(so_far < 10_000 && out.len() == so_far);
}

#[test]
fn a_trace_is_replayed_once() {
    let recording = specimen::recording();
    let mut process = make(&trace::ENTRY, &[("value", Value::Trace(recording.clone()))]);
    assert_eq!(before(process.as_mut(), Time::NEVER, &mut stream(1)), recording.at);
    assert_eq!(process.mean_rate(at(1.0), at(3.0)), 1.0);
    assert!(process.trace().is_some());
}
