//! Made-up results for the tests of this folder: one like a real experiment, and several nasty ones.

use crate::engine::{Span, Time};
use crate::experiment::results::{
    ConsumerTime, Difference, Estimate, Mark, MarkKind, Outcome, Rate, Results, RunRecord, Series,
    SeriesBand, Story, StoryKind, StoryStep, Stretch, SweepPoint, VariantResult, Verdict, Warning,
};
use crate::scenario::Overrides;
use crate::stats::Histogram;
use std::collections::BTreeMap;

/// What to make up.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) variants: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) partitions: usize,
    pub(crate) consumers: usize,
    pub(crate) faults: usize,
    pub(crate) samples: usize,
    pub(crate) replications: u32,
    pub(crate) zero: bool,
}

/// Three variants of two groups with twelve partitions and an outage.
pub(crate) fn results() -> Results {
    make(&Shape {
        variants: ["base", "careless", "effectively-once"].map(String::from).to_vec(),
        groups: ["billing", "audit"].map(String::from).to_vec(),
        partitions: 12,
        consumers: 4,
        faults: 2,
        samples: 240,
        replications: 10,
        zero: false,
    })
}

/// Ten variants, five groups, a hundred partitions, two hundred faults.
pub(crate) fn many() -> Results {
    make(&Shape {
        variants: (0..10).map(|i| format!("variant-with-a-long-name-{i}")).collect(),
        groups: (0..5).map(|i| format!("group-{i}")).collect(),
        partitions: 100,
        consumers: 50,
        faults: 200,
        samples: 300,
        replications: 5,
        zero: false,
    })
}

/// One variant, one partition, one sample, one replication, and nothing ever happened.
pub(crate) fn nothing() -> Results {
    make(&Shape {
        variants: vec!["base".into()],
        groups: vec!["g".into()],
        partitions: 1,
        consumers: 1,
        faults: 0,
        samples: 1,
        replications: 1,
        zero: true,
    })
}

/// Everything that can be missing is missing, and what is there is not a number.
pub(crate) fn broken() -> Results {
    let mut results = make(&Shape { zero: false, samples: 20, ..shape_of_one() });
    for v in &mut results.variants {
        for s in &mut v.first.series {
            s.value.fill(f64::NAN);
            s.min.fill(f64::NAN);
            s.max.fill(f64::INFINITY);
        }
        for b in &mut v.bands {
            b.mean.fill(f64::NAN);
            b.low.fill(f64::NEG_INFINITY);
            b.high.fill(f64::NAN);
        }
        for e in v.estimates.values_mut() {
            *e = Estimate { mean: f64::NAN, low: f64::NAN, high: f64::NAN, n: 0 };
        }
        v.latency.clear();
        v.first.states.clear();
    }
    results.title = "A title with <tags> & \"quotes\", \u{1} and no end: ".to_owned() + &"word ".repeat(60);
    results.differences.clear();
    results
}

/// A sweep over two parameters.
pub(crate) fn two_parameters() -> Results {
    let mut results = results();
    let base = results.sweep[0].clone();
    results.sweep = ["1ms", "10ms", "100ms"]
        .iter()
        .flat_map(|a| [1, 2, 4, 8].map(|b| (*a, b)))
        .enumerate()
        .map(|(i, (a, b))| {
            let at = vec![
                ("group.billing.service-time".into(), a.to_string()),
                ("group.billing.consumers".into(), b.to_string()),
            ];
            let mut point = SweepPoint { at, variants: base.variants.clone() };
            let factor = 1.0 + (i % 4) as f64 * 3.0 + (i / 4) as f64 * 11.0;
            scale(&mut point, factor);
            point
        })
        .collect();
    results
}

fn shape_of_one() -> Shape {
    Shape {
        variants: vec!["base".into(), "other".into()],
        groups: vec!["billing".into()],
        partitions: 3,
        consumers: 2,
        faults: 1,
        samples: 100,
        replications: 4,
        zero: false,
    }
}

fn scale(point: &mut SweepPoint, factor: f64) {
    for v in &mut point.variants {
        for (name, e) in &mut v.estimates {
            if name.contains("latency") || name.contains("lag") {
                *e = Estimate { mean: e.mean * factor, low: e.low * factor, high: e.high * factor, n: e.n };
            }
        }
    }
}

/// Makes up results of a shape, always the same for the same shape.
pub(crate) fn make(shape: &Shape) -> Results {
    let variants: Vec<_> = (0..shape.variants.len()).map(|i| variant(shape, i)).collect();
    let mut differences = Vec::new();
    for metric in ["duplicates", "lost", "lag.p99", "latency.p99"] {
        for group in &shape.groups {
            let metric = format!("group.{group}.{metric}");
            for a in 1..variants.len() {
                for b in 0..a {
                    let (x, y) = (variants[a].estimates[&metric], variants[b].estimates[&metric]);
                    let mean = x.mean - y.mean;
                    let half = (x.high - x.mean).max(y.high - y.mean);
                    let estimate =
                        Estimate { mean, low: mean - half, high: mean + half, n: shape.replications };
                    let (a, b) = (variants[a].name.clone(), variants[b].name.clone());
                    let variance_reduction = (shape.replications > 1).then_some(0.93);
                    let metric = metric.clone();
                    differences.push(Difference { metric, a, b, estimate, variance_reduction });
                }
            }
        }
    }
    let group = &shape.groups[0];
    let sweep = ["2", "4", "6", "8", "12"].iter().enumerate().map(|(i, at)| {
        let path = format!("group.{group}.consumers");
        let mut point = SweepPoint { at: vec![(path, at.to_string())], variants: variants.clone() };
        scale(&mut point, 10.0 / (1.0 + 3.0 * i as f64));
        point
    });
    Results {
        scenario: "02-delivery-semantics".into(),
        title: "Delivery semantics under a broker outage".into(),
        question: Some("What does a crash cost with each delivery semantics?".into()),
        text: "title = \"An example\"\n".to_owned(),
        scenario_hash: 0x1234_5678_9abc_def0,
        overrides: Overrides::default(),
        seed: 7,
        replications: shape.replications,
        precision: Vec::new(),
        duration: Span::from_secs(120),
        warm_up: if shape.zero { Span::ZERO } else { Span::from_secs(10) },
        warm_up_found: false,
        groups: shape.groups.clone(),
        producers: vec!["checkout".into(), "web".into()],
        sources: vec!["checkout".into(), "web".into()],
        feeds: vec![vec!["checkout".into(), "web".into()]; shape.groups.len()],
        sweep: if shape.zero { Vec::new() } else { sweep.collect() },
        sweep_metrics: vec![format!("group.{group}.latency.p99"), format!("group.{group}.lag.max")],
        verdicts: verdicts(group),
        variants,
        differences,
    }
}

fn verdicts(group: &str) -> Vec<Verdict> {
    let verdict = |name: &str, metric: &str, outcome, evidence: &str| Verdict {
        name: name.into(),
        expression: format!("group.{group}.{metric}"),
        scope: "base".into(),
        outcome,
        evidence: evidence.into(),
    };
    vec![
        verdict("lag stays inside the SLO", "lag-time.p99 < 30s", Outcome::Held, "12.1 s ± 0.4 s"),
        verdict("nothing is lost", "lost == 0", Outcome::Broken, "412 ± 21 events lost"),
        verdict("the tail is short", "latency.p99.9 < 1s", Outcome::Undecided, "0.93 s ± 0.2 s"),
    ]
}

/// A repeatable noise in 0..1.
fn noise(seed: usize) -> f64 {
    let x = crate::engine::mix(seed as u64 + 1, 77) >> 11;
    x as f64 / (1u64 << 53) as f64
}

fn variant(shape: &Shape, index: usize) -> VariantResult {
    let k = if shape.zero { 0.0 } else { 1.0 };
    let mut estimates = BTreeMap::new();
    let mut put = |name: String, mean: f64, relative: f64| {
        let half = if shape.replications > 1 { mean.abs() * relative } else { 0.0 };
        let n = shape.replications;
        estimates.insert(name, Estimate { mean, low: mean - half, high: mean + half, n });
    };
    for (gi, group) in shape.groups.iter().enumerate() {
        let f = k * (1.0 + index as f64 * 0.7 + gi as f64 * 0.2);
        let duplicates = if index % 3 == 2 { 0.0 } else { 812.0 * f };
        let lost = if index % 3 == 1 { 412.0 * f } else { 0.0 };
        let mut g = |tail: &str, mean: f64| put(format!("group.{group}.{tail}"), mean, 0.05);
        g("created", 210_400.0);
        g("applied", 210_400.0 - lost - 31.0 * k);
        g("lost", lost);
        g("duplicates", duplicates);
        for (cause, share) in [("crash-before-commit", 0.6), ("ack-lost", 0.3), ("zombie", 0.1)] {
            g(&format!("duplicates.{cause}"), duplicates * share);
        }
        for (cause, share) in [("leader-failed", 0.8), ("committed-before-effect", 0.2)] {
            g(&format!("lost.{cause}"), lost * share);
        }
        for zero in ["shed", "expired", "order-violations"] {
            g(zero, 0.0);
        }
        g("dead-lettered", 3.0 * k);
        g("pending", 28.0 * k);
        for (s, v) in [("p50", 31.0), ("p99", 18_200.0), ("max", 41_000.0), ("mean", 2100.0)] {
            g(&format!("lag.{s}"), v * f);
            g(&format!("lag-time.{s}"), v * f / 1900.0);
        }
        for (s, v) in [("mean", 0.4), ("p50", 0.019), ("p90", 0.2), ("p99", 14.0), ("p99.9", 18.0)] {
            g(&format!("latency.{s}"), v * f);
        }
        g("rebalances", 3.0 * k);
        g("stalled", 83.0 * f);
        g("drain-time", 21.0 * f);
    }
    for producer in ["checkout", "web"] {
        put(format!("producer.{producer}.offered"), 105_200.0, 0.01);
    }
    let first = run(shape, index);
    let bands = first
        .series
        .iter()
        .map(|s| SeriesBand {
            name: s.name.clone(),
            unit: s.unit,
            step: s.step,
            mean: s.value.clone(),
            low: s.value.iter().map(|v| v * 0.9).collect(),
            high: s.value.iter().map(|v| v * 1.1).collect(),
            min: s.min.clone(),
            max: s.max.clone(),
        })
        .collect();
    let values = estimates
        .iter()
        .map(|(name, e): (&String, &Estimate)| (name.clone(), vec![e.mean; shape.replications as usize]))
        .collect();
    let rates = shape.groups.iter().map(|g| (format!("group.{g}.dead-lettered"), rate(3)));
    VariantResult {
        name: shape.variants[index].clone(),
        batch_means: BTreeMap::new(),
        rates: if shape.zero { BTreeMap::new() } else { rates.collect() },
        estimates,
        values,
        bands,
        latency: first.latency.clone(),
        stories: first.stories.clone(),
        warnings: first.warnings.clone(),
        digests: (0..u64::from(shape.replications)).map(|r| 0xfeed_0000 + r + index as u64 * 100).collect(),
        first,
    }
}

/// So many of the events of ten replications.
fn rate(seen: u64) -> Rate {
    let of = 2_104_000;
    let exact = crate::stats::proportion(seen, of, 0.95);
    Rate { seen, of, low: exact.low, high: exact.high }
}

fn run(shape: &Shape, index: usize) -> RunRecord {
    let end = 120.0;
    let step = Span::from_secs(120).scaled(1.0 / shape.samples as f64);
    let time = |i: usize| (i + 1) as f64 * end / shape.samples as f64;
    let mut series = Vec::new();
    let mut add = |name: String, unit: &'static str, f: &dyn Fn(usize, f64) -> f64| {
        let value: Vec<f64> =
            (0..shape.samples).map(|i| if shape.zero { 0.0 } else { f(i, time(i)).max(0.0) }).collect();
        let min = value.iter().map(|v| v * 0.8).collect();
        let max = value.iter().map(|v| v * 1.02).collect();
        series.push(Series { name, unit, step, value, min, max });
    };
    for (g, group) in shape.groups.iter().enumerate() {
        let weight = |p: usize| match p {
            3 => 2.6 + index as f64 * 0.3,
            8 => 1.7,
            p => 0.7 + 0.3 * noise(p),
        };
        let lag = |p: usize, i: usize, t: f64| {
            let rise = (t.clamp(40.0, 58.0) - 40.0) * 900.0 * weight(p);
            let fall = (t - 58.0).max(0.0) * 900.0 * (1.1 - 0.1 * weight(p) - 0.05 * g as f64);
            (rise - fall).max(20.0 * noise(i * 101 + p)) + 10.0 * noise(i + 7 * p)
        };
        for p in 0..shape.partitions {
            add(format!("group.{group}.partition.orders-{p}.lag"), "records", &|i, t| lag(p, i, t));
        }
        let total = |i: usize, t: f64| (0..shape.partitions).map(|p| lag(p, i, t)).sum::<f64>();
        add(format!("group.{group}.lag"), "records", &total);
        add(format!("group.{group}.lag-time"), "s", &|i, t| total(i, t) / 1900.0 / shape.partitions as f64);
        let applied = |i: usize, t: f64| match t {
            t if (40.0..58.0).contains(&t) => 60.0 * noise(i),
            t if t < 84.0 && t > 58.0 => 2600.0 + 150.0 * noise(i),
            _ => 1800.0 + 100.0 * noise(i),
        };
        add(format!("group.{group}.applied-rate"), "events/s", &applied);
        add(format!("group.{group}.consumers"), "consumers", &|_, _| shape.consumers as f64);
    }
    for producer in ["checkout", "web"] {
        add(format!("producer.{producer}.offered-rate"), "events/s", &|i, _| 900.0 + 80.0 * noise(i + 5));
        add(format!("producer.{producer}.accepted-rate"), "events/s", &|i, t| {
            if (40.0..45.0).contains(&t) { 300.0 } else { 890.0 + 80.0 * noise(i + 5) }
        });
    }
    series.sort_by(|a, b| a.name.cmp(&b.name));
    RunRecord {
        victims: Vec::new(),
        metrics: BTreeMap::new(),
        series,
        latency: shape.groups.iter().map(|g| (g.clone(), latency(shape, index))).collect(),
        batches: BTreeMap::new(),
        marks: marks(shape),
        states: states(shape),
        stories: if shape.zero { Vec::new() } else { stories(&shape.groups[0]) },
        warnings: warnings(shape),
        digest: 0xfeed + index as u64,
        engine_events: 1_000_000,
        created: 231_000,
        end: Time(120_000_000_000),
    }
}

fn warnings(shape: &Shape) -> Vec<Warning> {
    if shape.zero {
        return Vec::new();
    }
    let text = format!("group `{}` still had 31 events pending at the end; its p99.9 is a lower bound", {
        &shape.groups[0]
    });
    vec![Warning { code: "W101", text }]
}

fn latency(shape: &Shape, index: usize) -> Histogram {
    let mut histogram = Histogram::default();
    if shape.zero {
        return histogram;
    }
    for i in 0..20_000 {
        let u = noise(i * 13 + index * 7);
        let body = 8e6 * (1.0 + index as f64) * libm::exp(1.2 * (noise(i * 3) + noise(i * 5) - 0.8));
        let tail = if u < 0.012 * (1.0 + index as f64) { 6e8 + 2e10 * noise(i * 17) } else { 0.0 };
        histogram.record((body + tail) as u64);
    }
    histogram
}

fn marks(shape: &Shape) -> Vec<Mark> {
    let at = |s: f64| Time((s * 1e9) as u64);
    let mut marks = Vec::new();
    for i in 0..shape.faults {
        let from = if shape.faults <= 2 { 40.0 + 50.0 * i as f64 } else { i as f64 * 0.55 };
        let to = from
            + if shape.faults > 2 {
                0.2
            } else if i == 0 {
                18.0
            } else {
                0.0
            };
        let label = if i % 2 == 0 { "broker 1 down" } else { "billing/2 crashes" };
        marks.push(Mark {
            kind: MarkKind::Fault,
            group: None,
            label: label.into(),
            from: at(from),
            to: at(to),
        });
    }
    for (i, group) in shape.groups.iter().enumerate().filter(|_| shape.faults > 0) {
        let from = 90.0 + i as f64;
        marks.push(Mark {
            kind: MarkKind::Rebalance,
            group: Some(group.clone()),
            label: "rebalance 3 (member crashed)".into(),
            from: at(from),
            to: at(from + 4.0),
        });
    }
    marks.sort_by_key(|m| m.from);
    marks
}

fn states(shape: &Shape) -> Vec<ConsumerTime> {
    let mut states = Vec::new();
    for group in &shape.groups {
        for c in 0..shape.consumers {
            let mut t = 0u64;
            let mut i = c * 1000;
            let mut of = ConsumerTime {
                consumer: format!("{group}/{c}").into(),
                total: [Span::ZERO; 5],
                stretches: Vec::new(),
            };
            while t < 120_000 {
                let state = match t {
                    90_000..94_000 if c != 2 => 2,
                    90_000..105_000 if c == 2 => 4,
                    20_000..26_000 if c == 1 => 3,
                    _ if i % 2 == 0 && !shape.zero => 0,
                    _ => 1,
                };
                let length = 50 + (noise(i) * (200.0 + 150.0 * c as f64)) as u64;
                let to = (t + length).min(120_000);
                let mut eighths = [0; 5];
                eighths[state] = 8;
                of.total[state] += Span((to - t) * 1_000_000);
                of.stretches.push(Stretch { to: Time(to * 1_000_000), eighths });
                t += length;
                i += 1;
            }
            states.push(of);
        }
    }
    states
}

fn stories(group: &str) -> Vec<Story> {
    let step = |ms: u64, who: &str, what: &str| StoryStep {
        at: Time(ms * 1_000_000),
        who: who.into(),
        what: what.into(),
    };
    vec![
        Story {
            group: group.into(),
            kind: StoryKind::Duplicate,
            cause: "crash-before-commit".into(),
            event: "checkout/0 event 4711".into(),
            steps: vec![
                step(39_120, "checkout/0", "created, key customer-17"),
                step(39_131, "broker 1", "appended to orders-3 at offset 118"),
                step(39_160, "billing/2", "applied its effect"),
                step(40_000, "billing/2", "crashed before committing offset 119"),
                step(43_250, "billing/0", "was given orders-3 and applied the effect again"),
            ],
        },
        Story {
            group: group.into(),
            kind: StoryKind::Lost,
            cause: "leader-failed".into(),
            event: "web/0 event 99".into(),
            steps: vec![
                step(39_990, "broker 1", "acknowledged offset 120 before any follower had it"),
                step(40_000, "broker 1", "died"),
            ],
        },
    ]
}
