//! Do intervals hold as often as they say? At least 2000 of each kind, at 95 %, on models whose answers are known;
//! first by the statistics alone, then from scenario text to results.
//!
//! Of 2000 intervals that hold with probability 0.95, fewer than 93 % or more than 97 % hold once in 25 000 seeds.

use laglab::engine::{Dist, Stream, StreamKey};
use laglab::experiment::run_all;
use laglab::experiment::watch::Unwatched;
use laglab::scenario::{Overrides, Scenario};
use laglab::stats::{
    Histogram, Interval, USUAL_BATCHES, batch_means, mean_interval, paired, proportion, quantile_interval,
    variance_reduction,
};

const LEVEL: f64 = 0.95;
const INTERVALS: u32 = 2_000;
/// From scenario text to results, where an interval takes ten runs or twenty. Fewer than 93 % or more than 97 % of so many hold once
/// in 270 seeds.
const EXPERIMENTS: u32 = 1_000;

/// How many intervals of a kind held.
struct Tally {
    what: &'static str,
    held: u32,
    all: u32,
}

impl Tally {
    fn new(what: &'static str) -> Self {
        Tally { what, held: 0, all: 0 }
    }
    fn add(&mut self, low: f64, truth: f64, high: f64) {
        assert!(low.is_finite() && high.is_finite(), "{}: an interval without ends always holds", self.what);
        self.held += u32::from(low <= truth && truth <= high);
        self.all += 1;
    }
    fn check(&self, least: u32) {
        let share = f64::from(self.held) / f64::from(self.all);
        assert!(self.all >= least, "{}: {} are too few", self.what, self.all);
        assert!((0.93..=0.97).contains(&share), "{}: {} of {} hold", self.what, self.held, self.all);
    }
}

fn covers(what: &'static str, truth: f64, mut interval: impl FnMut(&mut Stream) -> Interval) {
    let mut stream = StreamKey::new(2024, 0).stream(what);
    let mut tally = Tally::new(what);
    for _ in 0..INTERVALS {
        let i = interval(&mut stream);
        tally.add(i.low, truth, i.high);
    }
    tally.check(INTERVALS);
}

fn exponential(rate: f64, stream: &mut Stream) -> f64 {
    -libm::log(stream.unit()) / rate
}

/// Sojourn times in M/M/1 queues with these service rates that meet the same customers: equal arrivals, and services
/// that are the same draws at another pace. Waits follow Lindley's recursion (1952) and begin in the steady state:
/// none with probability `1 - rho`, else exponential with rate `mu - lambda`.
fn sojourns(lambda: f64, rates: &[f64], customers: usize, stream: &mut Stream) -> Vec<Vec<f64>> {
    let (waits, length) = (stream.unit(), exponential(1.0, stream));
    let mut wait: Vec<f64> =
        rates.iter().map(|mu| if waits <= lambda / mu { length / (mu - lambda) } else { 0.0 }).collect();
    let mut all = vec![Vec::with_capacity(customers); rates.len()];
    for _ in 0..customers {
        let (work, gap) = (exponential(1.0, stream), exponential(lambda, stream));
        for ((wait, mu), sojourns) in wait.iter_mut().zip(rates).zip(&mut all) {
            let sojourn = *wait + work / mu;
            sojourns.push(sojourn);
            *wait = (sojourn - gap).max(0.0);
        }
    }
    all
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn means_over_replications() {
    // The mean sojourn in M/M/1 is 1 / (mu - lambda).
    covers("mean sojourn, 20 replications of 300 customers", 2.0, |stream| {
        let each: Vec<f64> = (0..20).map(|_| mean(&sojourns(0.5, &[1.0], 300, stream)[0])).collect();
        mean_interval(&each, LEVEL)
    });
}

#[test]
fn batch_means_of_one_long_run() {
    covers("mean sojourn, batches of 500 customers", 2.0, |stream| {
        let run = &sojourns(0.5, &[1.0], 500 * USUAL_BATCHES, stream)[0];
        batch_means(run, USUAL_BATCHES, LEVEL).unwrap().interval
    });
}

#[test]
fn paired_differences_on_common_numbers() {
    let mut shares = Vec::new();
    covers("difference of mean sojourns, 20 pairs", 2.0 - 1.0 / 0.7, |stream| {
        let pair = |stream: &mut Stream| {
            let both = sojourns(0.5, &[1.0, 1.2], 300, stream);
            (mean(&both[0]), mean(&both[1]))
        };
        let (a, b): (Vec<f64>, Vec<f64>) = (0..20).map(|_| pair(stream)).unzip();
        shares.push(variance_reduction(&a, &b).unwrap());
        paired(&a, &b, LEVEL)
    });
    let share = mean(&shares);
    assert!((0.6..1.0).contains(&share), "common numbers take away {share} of the variance");
}

/// The corner case: as few values beyond the quantile in each replication as are allowed.
#[test]
fn quantiles_over_replications() {
    let dist = Dist::exponential(1e9).unwrap();
    for (what, q, n) in [
        ("p99 of 1000 values, 30 replications", 0.99, 1_000),
        ("p90 of 100 values, 30 replications", 0.9, 100),
        ("median of 300 values, 30 replications", 0.5, 300),
    ] {
        covers(what, -1e9 * libm::log(1.0 - q), |stream| {
            let one = |stream: &mut Stream| {
                let mut histogram = Histogram::default();
                (0..n).for_each(|_| histogram.record(dist.sample(stream)));
                histogram.quantile_if_resolvable(q).unwrap() as f64
            };
            let each: Vec<f64> = (0..30).map(|_| one(stream)).collect();
            mean_interval(&each, LEVEL)
        });
    }
}

#[test]
fn quantiles_by_order_statistics() {
    covers("p90 between two of 1000 values", libm::log(10.0), |stream| {
        let mut values: Vec<f64> = (0..1_000).map(|_| exponential(1.0, stream)).collect();
        values.sort_by(f64::total_cmp);
        quantile_interval(&values, 0.9, LEVEL).unwrap()
    });
}

#[test]
fn proportions() {
    for (what, p) in [("one in ten", 0.1), ("one in three", 1.0 / 3.0), ("four in five", 0.8)] {
        covers(what, p, |stream| {
            let successes = (0..2_000).filter(|_| stream.happens(p)).count();
            proportion(successes as u64, 2_000, LEVEL)
        });
    }
}

/// A system without a queue: more workers than records at any moment (20 at once have a probability of 1e-13), so that the latency of a record is its own
/// service, and a try fails by chance alone.
const NO_QUEUE: &str = r#"
title = "No queue"
duration = "3s"
end = "drain"
replications = 10
sample-every = "100ms"

[topic.orders]
partitions = 1

[producer.checkout]
topic = "orders"
rate = "100/s"
acks = "0"
linger = "0s"
network = { delay = "0s" }

[group.billing]
topic = "orders"
consumers = 1
concurrency = 24
processing = "streaming"
service-time = { exponential = { mean = "10ms" } }
failures = { random = { probability = "20%" } }
retry = { attempts = 1, then = "dead-letter" }
network = { delay = "0s" }

[variant.twice-as-long]
"group.billing.service-time" = { exponential = { mean = "20ms" } }
"#;

fn parsed(text: &str, seed: u64) -> Scenario {
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let mut files = |_: &str| Err("it names no files".to_owned());
    Scenario::parse("coverage", text, &overrides, &mut files).unwrap_or_else(|found| panic!("{found:?}"))
}

#[test]
fn from_text_to_results() {
    let mut means = Tally::new("mean latency");
    let mut medians = Tally::new("median latency");
    let mut tails = Tally::new("p90 of the latency");
    let mut pairs = Tally::new("difference of medians");
    let mut rates = Tally::new("dead-lettered");
    for seed in 1..=u64::from(EXPERIMENTS) {
        let scenario = parsed(NO_QUEUE, seed);
        let results = run_all(&scenario, Some(1), &Unwatched).unwrap();
        let base = &results.variants[0];
        for (tally, metric, truth) in [
            (&mut means, "mean", 0.010),
            (&mut medians, "p50", 0.010 * libm::log(2.0)),
            (&mut tails, "p90", 0.010 * libm::log(10.0)),
        ] {
            let e = base.estimates[&format!("group.billing.latency.{metric}")];
            assert_eq!(e.n, 10);
            tally.add(e.low, truth, e.high);
        }
        let median = |d: &&laglab::experiment::results::Difference| d.metric == "group.billing.latency.p50";
        let difference = results.differences.iter().find(median).unwrap();
        assert!(difference.variance_reduction.unwrap() > 0.5, "the same events are slow in both");
        pairs.add(difference.estimate.low, 0.010 * libm::log(2.0), difference.estimate.high);
        let rate = base.rates["group.billing.dead-lettered"];
        rates.add(rate.low, 0.2, rate.high);
    }
    [means, medians, tails, pairs, rates].iter().for_each(|tally| tally.check(EXPERIMENTS));
}

/// [`NO_QUEUE`] for a second, with `[precision]` instead of a number of replications: four rounds on average.
///
/// A sequence that ends as soon as its interval is narrow ends a little too often where the variance came out small by
/// luck, so fewer than 95 % hold: 94 % here, which is what docs/formats.md says. What was asked for, a mean that is off by
/// at most the share, holds more often, since the last round mostly brings more than was needed.
#[test]
fn intervals_that_ended_by_their_precision() {
    let text = NO_QUEUE.split("[variant").next().expect("the base").replace("\"3s\"", "\"1s\"");
    let asked = "[precision]\n\"group.billing.latency.mean\" = \"4%\"\nmax-replications = 200\n";
    let text = format!("{text}\n{asked}");
    let (truth, mut held, mut near, mut rounds) = (0.010, 0, 0, 0);
    for seed in 1..=u64::from(INTERVALS) {
        let results = run_all(&parsed(&text, seed), Some(1), &Unwatched).unwrap();
        assert!(results.precision[0].met);
        let e = results.variants[0].estimates["group.billing.latency.mean"];
        held += u32::from(e.low <= truth && truth <= e.high);
        near += u32::from((e.mean - truth).abs() <= 0.04 * truth);
        rounds += results.replications / 10;
    }
    let share = |n: u32| f64::from(n) / f64::from(INTERVALS);
    assert!((3.0..5.0).contains(&share(rounds)), "{rounds} rounds");
    assert!((0.93..0.955).contains(&share(held)), "{held} of {INTERVALS} hold");
    assert!(share(near) >= 0.95, "{near} of {INTERVALS} means are near enough");
}

/// One long run of M/M/1 at half load, whose mean sojourn is twice its service.
#[test]
fn batch_means_from_text_to_results() {
    let text = r#"
title = "One long run"
duration = "30s"
warm-up = "1s"
end = "drain"
intervals = "batch-means"
sample-every = "100ms"
topic.orders.partitions = 1
producer.checkout = { topic = "orders", rate = "500/s", acks = "0", linger = "0s", network = { delay = "0s" } }
group.billing = { topic = "orders", consumers = 1, service-time = { exponential = { mean = "1ms" } }, network = { delay = "0s" } }
"#;
    let (mut held, all) = (0, 200);
    for seed in 1..=all {
        let results = run_all(&parsed(text, seed), Some(1), &Unwatched).unwrap();
        assert_eq!(results.replications, 1);
        let b = results.variants[0].batch_means["group.billing.latency.mean"];
        held += u32::from(b.low <= 0.002 && 0.002 <= b.high);
    }
    // 190 are expected, with a standard error of 3.1; four of them.
    assert!(held >= 178, "{held} of {all} hold");
}
