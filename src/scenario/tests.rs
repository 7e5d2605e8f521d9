//! Whole scenarios: from text to plan, with variants, sweeps, expectations and the command line.

use super::*;
use crate::engine::{Dist, Span, Time};
use crate::model::plan::{Acks, Commit, Delivery, End, Target, When};

const FULL: &str = r#"
title = "A hot merchant on the order topic"
question = "Is it a hot key, an imbalance, or a poison message?"
duration = "10m"
warm-up = "1m"
seed = 7
replications = 10

[topic.orders]
broker = "kafka"
partitions = 12
retention = "7d"

[producer.checkout]
topic = "orders"
rate = "2000/s"
keys = { zipf = { count = 10_000, exponent = 1.1 } }
size = "1KiB"
acks = "all"

[group.billing]
topic = "orders"
consumers = 6
service-time = { lognormal = { mean = "2ms", cv = 1.5 } }
delivery = "at-least-once"
commit = { every = "5s" }

[[fault]]
at = "3m"
crash = "billing/2"
restart-after = "20s"

[variant.at-most-once]
"group.billing.delivery" = "at-most-once"
"group.billing.commit" = "before-processing"

[variant.effectively-once]
"group.billing.delivery" = "effectively-once"
"group.billing.dedupe" = { ttl = "1h" }

[sweep]
"group.billing.consumers" = [4, 6, 12]

[expect]
"lag stays inside the SLO" = "group.billing.lag.p99 < 30s"
"nothing is lost" = "group.billing.lost@effectively-once == 0"
"the store removes the duplicates" = "group.billing.duplicates@base > group.billing.duplicates@effectively-once"
"#;

const SMALL: &str = r#"
title = "Small"
duration = "1m"
[topic.t]
[producer.p]
topic = "t"
rate = "10/s"
[group.g]
topic = "t"
service-time = "1ms"
"#;

fn read_with(text: &str, overrides: &Overrides) -> Result<Scenario, Diagnostics> {
    let mut files = |path: &str| match path {
        "keyed.csv" => Ok(b"at,key,size\n0.5,a,100\n1,b,300\n2,a,200\n".to_vec()),
        "times.csv" => Ok(b"latency\n2ms\n4ms\n".to_vec()),
        _ => Err(format!("no such file: {path}")),
    };
    Scenario::parse("test", text, overrides, &mut files)
}

fn read(text: &str) -> Result<Scenario, Diagnostics> {
    read_with(text, &Overrides::default())
}

fn good(text: &str) -> Scenario {
    read(text).unwrap_or_else(|d| panic!("{}", render(&d, "test.toml", text, false)))
}

/// `code at text: title` of every complaint.
fn complaints(text: &str) -> Vec<String> {
    let all = match read(text) {
        Ok(scenario) => scenario.warnings,
        Err(complaints) => complaints.0,
    };
    let marked = |c: &Diagnostic| c.span.clone().map_or("-", |s| &text[s]).to_owned();
    all.iter().map(|c| format!("{} at {}: {}", c.code, marked(c), c.title)).collect()
}

#[test]
fn a_full_scenario_becomes_a_plan() {
    let scenario = good(FULL);
    assert_eq!((scenario.seed, scenario.replications), (7, 10));
    let plan = &scenario.variants[0].plan;
    assert_eq!(plan.duration, Span::from_secs(600));
    assert_eq!(plan.end, End::Drain(Span::from_secs(600)));
    assert_eq!(plan.sample_every, Span::from_secs(1));
    let producer = &plan.producers[0];
    assert_eq!((producer.arrivals.entry.name, producer.keys.entry.name), ("poisson", "zipf"));
    assert_eq!(producer.arrivals.args.number("value"), 2000.0);
    assert_eq!((producer.size.clone(), producer.acks), (Dist::Constant(1024), Acks::All));
    assert_eq!((producer.linger, producer.batch_size), (Span::millis(5), 16384));
    assert_eq!(producer.backoff.entry.name, "kafka");
    let group = &plan.groups[0];
    assert_eq!((group.consumers, group.commit), (6, Commit::Auto(Span::from_secs(5))));
    assert!((group.service.mean() - 2e6).abs() < 1e-6);
    let fault = &plan.faults[0];
    assert_eq!(fault.when, When::At(vec![Time(180_000_000_000)]));
    assert_eq!(fault.lasts, Some(Span::from_secs(20)));
    assert_eq!(fault.target, Target::Consumer(crate::model::ids::GroupId(0), 2));
    assert_eq!(fault.label, "crash billing/2");
}

#[test]
fn variants_and_points_are_the_base_with_changes() {
    let scenario = good(FULL);
    let names: Vec<&str> = scenario.variants.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["base", "at-most-once", "effectively-once"]);
    let group = |i: usize| &scenario.variants[i].plan.groups[0];
    assert_eq!((group(1).delivery, group(1).commit), (Delivery::AtMostOnce, Commit::Before));
    assert_eq!(group(2).dedupe.as_ref().unwrap().ttl, Some(Span::from_secs(3600)));
    assert!(group(0).dedupe.is_none());
    let sweep = scenario.sweep.as_ref().unwrap();
    assert_eq!(sweep.axes[0], ("group.billing.consumers".into(), vec!["4".into(), "6".into(), "12".into()]));
    assert_eq!(sweep.points.len(), 3);
    for (point, n) in sweep.points.iter().zip([4, 6, 12]) {
        assert!(point.variants.iter().all(|v| v.plan.groups[0].consumers == n));
        assert_eq!(point.variants.len(), 3);
    }
}

#[test]
fn expectations_are_resolved() {
    let scenario = good(FULL);
    let [slo, lost, pair] = scenario.expect.as_slice() else { panic!("three") };
    assert_eq!(slo.left.metrics[0].1.metric, "group.billing.lag-time.p99");
    assert_eq!((slo.right.constant, slo.relation), (30.0, Relation::Less));
    assert_eq!(lost.left.metrics[0].1.variant.as_deref(), Some("effectively-once"));
    assert_eq!(pair.right.metrics[0].1.variant.as_deref(), Some("effectively-once"));
}
