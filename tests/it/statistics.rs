//! What is done about chance, from scenario text to results: how many replications, which warm-up, which percentiles,
//! which intervals.

use laglab::experiment::results::Results;
use laglab::experiment::run_all;
use laglab::experiment::watch::Unwatched;
use laglab::report::text::{Style, summary};
use laglab::report::{data_files, index_html};
use laglab::scenario::{Diagnostics, Overrides, Scenario};

/// Nobody reads for the first 30 s, and it takes a while to catch up: 30 s at a load of one half, less at a lower.
const SLOW: &str = r#"
title = "A slow queue"
duration = "20m"
warm-up = "auto"
seed = 3
replications = 3

[topic.orders]
partitions = 1

[producer.checkout]
topic = "orders"
rate = "50/s"

[group.billing]
topic = "orders"
consumers = 1
service-time = { exponential = { mean = "10ms" } }
formed = false
initial-rebalance-delay = "30s"

[variant.faster]
"group.billing.service-time" = { exponential = { mean = "5ms" } }
"#;

fn parsed(text: &str, overrides: &Overrides) -> Result<Scenario, Diagnostics> {
    let mut files = |_: &str| Err("it names no files".to_owned());
    Scenario::parse("statistics", text, overrides, &mut files)
}

fn results(text: &str, overrides: &Overrides) -> Results {
    let scenario = parsed(text, overrides).unwrap_or_else(|found| panic!("{found:?}"));
    run_all(&scenario, Some(2), &Unwatched).unwrap()
}

fn set(path: &str, value: &str) -> Overrides {
    Overrides { set: vec![(path.into(), value.into())], ..Overrides::default() }
}

fn json(results: &Results) -> serde_json::Value {
    let files = data_files(results);
    let (_, bytes) = files.iter().find(|(name, _)| name == "summary.json").unwrap();
    serde_json::from_slice(bytes).unwrap()
}

/// Terminal and page.
fn shown(results: &Results) -> [String; 2] {
    let terminal = summary(results, 10_000, Style::default());
    [terminal, index_html(results, &[], "")].map(|text| text.replace('\u{a0}', " "))
}

fn codes(results: &Results) -> Vec<&str> {
    let mut all: Vec<&str> = results.variants.iter().flat_map(|v| &v.warnings).map(|w| w.code).collect();
    all.dedup();
    all
}

#[test]
fn a_warm_up_is_found_once_for_all_variants_and_gives_what_it_gives_when_written() {
    let found = results(SLOW, &Overrides::default());
    let cut = found.warm_up;
    assert!(found.warm_up_found && (30.0..300.0).contains(&cut.secs()), "{cut}");
    assert!(!codes(&found).contains(&"W206"), "{:?}", codes(&found));
    let written = results(SLOW, &set("warm-up", &format!("{}ns", cut.0)));
    for (a, b) in found.variants.iter().zip(&written.variants) {
        assert_eq!(a.digests, b.digests, "{}", a.name);
        assert!(a.values == b.values, "{}", a.name);
    }
    let created = |r: &Results, v: usize| r.variants[v].estimates["group.billing.created"].mean;
    assert_eq!(created(&found, 0), created(&found, 1), "one cut for both");
    let value = json(&found);
    assert_eq!((&value["warm_up"], &value["warm_up_found"]), (&cut.secs().into(), &true.into()));
    for text in shown(&found) {
        assert!(
            text.contains(&format!("first {cut} are left out as warm-up, found by MSER-5")),
            "{text:.2000}"
        );
    }
    assert_eq!(json(&written)["warm_up_found"], false);
}

#[test]
fn a_warm_up_of_something_that_never_settles_is_doubted() {
    let overloaded = results(SLOW, &set("group.billing.service-time", "25ms"));
    assert_eq!(overloaded.warm_up.secs(), 600.0, "half of the run at most");
    assert!(codes(&overloaded).contains(&"W206"), "{:?}", codes(&overloaded));
    let changing =
        format!("{SLOW}\n[[fault]]\nat = \"5m\"\ncrash = \"billing/0\"\nrestart-after = \"10s\"\n");
    let changing = results(&changing, &Overrides::default());
    let texts: Vec<&str> =
        changing.variants[0].warnings.iter().filter(|w| w.code == "W206").map(|w| &*w.text).collect();
    assert!(texts.iter().any(|t| t.contains("no steady state")), "{texts:?}");
}

/// Enough events for a p99 of each run, whose precision then depends on the replications.
const NOISY: &str = r#"
title = "A noisy queue"
duration = "30s"
warm-up = "2s"
seed = 5
replications = 4

[precision]
max-replications = 80
"group.billing.latency.p99" = "5%"
"group.billing.latency.mean" = "3%"

[topic.orders]
partitions = 1

[producer.checkout]
topic = "orders"
rate = "350/s"

[group.billing]
topic = "orders"
consumers = 1
service-time = { exponential = { mean = "2ms" } }

[variant.faster]
"group.billing.service-time" = { exponential = { mean = "1ms" } }
"#;

#[test]
fn replications_go_on_until_the_precision_is_reached() {
    let found = results(NOISY, &Overrides::default());
    let n = found.replications;
    assert!(n > 10 && n < 80 && n.is_multiple_of(10), "{n}");
    for reached in &found.precision {
        assert!(reached.met && reached.at == "base", "{reached:?}");
        for v in &found.variants {
            let e = v.estimates[&reached.metric];
            assert_eq!(e.n, n, "pairs stay pairs");
            assert!((e.high - e.low) / 2.0 <= reached.target * e.mean);
        }
    }
    // The same replications as ever: to ask for them by their number gives the same.
    let fixed = results(NOISY, &Overrides { replications: Some(n), ..Overrides::default() });
    for (a, b) in found.variants.iter().zip(&fixed.variants) {
        assert_eq!(a.digests, b.digests);
        assert!(a.values == b.values, "{}", a.name);
    }
    assert_eq!((fixed.precision.len(), fixed.replications), (0, n), "a given number switches it off");
    let few = results(NOISY, &Overrides { replications: Some(2), ..Overrides::default() });
    assert_eq!(few.replications, 2);
    let value = json(&found);
    assert_eq!(value["replications"], n);
    assert_eq!(value["precision"].as_array().map(Vec::len), Some(2));
    assert_eq!(value["precision"][0]["met"], true);
    for text in shown(&found) {
        assert!(text.to_lowercase().contains(&format!("precision after {n} replications: ")), "{text:.2000}");
    }
    assert!(!codes(&found).contains(&"W205"));
}

#[test]
fn a_precision_that_is_not_reached_is_said() {
    let found = results(NOISY, &set("precision.max-replications", "12"));
    assert_eq!(found.replications, 12, "ten, and then two");
    assert!(found.precision.iter().any(|p| !p.met));
    assert!(codes(&found).contains(&"W205"), "{:?}", codes(&found));
}

#[test]
fn what_is_asked_of_replications_is_shown_and_cannot_differ_between_variants() {
    let scenario = parsed(NOISY, &Overrides::default()).unwrap();
    let row = |path: &str| scenario.effective.iter().find(|e| e.path == path).map(|e| e.value.as_str());
    assert_eq!(row("precision.max-replications"), Some("80"));
    assert_eq!(row("precision.\"group.billing.latency.p99\""), Some("\"5%\""));
    for path in ["precision.max-replications", "intervals"] {
        let text = format!("{NOISY}\n[variant.other]\n\"{path}\" = 9\n");
        let found = parsed(&text, &Overrides::default()).unwrap_err();
        assert!(found.0.iter().any(|d| d.code == "E028"), "{path}: {found:?}");
    }
}

#[test]
fn a_percentile_that_a_run_is_too_short_for_is_left_out_with_its_reason() {
    // 350/s for 28 s are 9800 events: enough for p99, not for p99.9.
    let found = results(NOISY, &Overrides { replications: Some(3), ..Overrides::default() });
    let base = &found.variants[0];
    assert!(base.estimates.contains_key("group.billing.latency.p99"));
    assert!(!base.estimates.contains_key("group.billing.latency.p99.9"));
    let warning = base.warnings.iter().find(|w| w.code == "W202").expect("the reason");
    assert!(warning.text.contains("beyond p99.9, which is left out"), "{}", warning.text);
    // One replication happens to have 10 000 latencies. It is not like the others, and states none either.
    let many = results(NOISY, &Overrides { replications: Some(30), ..Overrides::default() });
    let base = &many.variants[0];
    let most = base.values["group.billing.applied"].iter().copied().fold(0.0, f64::max);
    assert!(most >= 10_000.0, "{most}: another seed is needed");
    assert!(!base.values.contains_key("group.billing.latency.p99.9"));
    // 20 buckets of 4 samples, less the warm-up.
    let sparse = Overrides { replications: Some(2), ..set("sample-every", "1500ms") };
    let sparse = results(NOISY, &sparse);
    let base = &sparse.variants[0];
    let has = |metric: &str| base.estimates.contains_key(&format!("group.billing.{metric}"));
    assert!(has("lag.p50") && !has("lag.p99") && !has("lag-time.p99"));
    assert!(base.warnings.iter().any(|w| w.text.contains("samples of its lag")), "{:?}", base.warnings);
}

#[test]
fn one_long_run_has_intervals_of_its_means() {
    let text = NOISY.replace("replications = 4\n", "").replace("max-replications = 80\n", "");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.retain(|l| !l.contains("precision") && !l.starts_with("\"group.billing.latency"));
    let text = format!("intervals = \"batch-means\"\n{}", lines.join("\n"));
    let found = results(&text, &Overrides::default());
    assert_eq!(found.replications, 1, "which is what the intervals ask for");
    for v in &found.variants {
        let metrics: Vec<&str> = v.batch_means.keys().map(String::as_str).collect();
        assert_eq!(
            metrics,
            ["group.billing.lag-time.mean", "group.billing.lag.mean", "group.billing.latency.mean"]
        );
        for (metric, b) in &v.batch_means {
            let e = v.estimates[metric];
            assert!((b.mean / e.mean - 1.0).abs() < 1e-9 && e.low == e.high, "{metric}: {b:?}");
            assert!(b.low < b.mean && b.mean < b.high && b.batches == 20);
        }
    }
    let value = json(&found);
    assert_eq!(value["variants"]["base"]["batch_means"]["group.billing.lag.mean"]["batches"], 20);
    for text in shown(&found) {
        assert!(text.to_lowercase().contains("by batch means, 20 batches of one run, base: mean lag"));
        assert!(text.contains("the only intervals are those of means"));
    }
    let many = parsed(&text, &Overrides { replications: Some(3), ..Overrides::default() }).unwrap_err();
    assert_eq!(many.0[0].code, "E037");
    let scenario = parsed(&text, &Overrides::default()).unwrap();
    let row = scenario.effective.iter().find(|e| e.path == "replications").unwrap();
    assert_eq!((row.value.as_str(), row.origin.as_str()), ("1", "default, one long run"));
}

#[test]
fn what_common_numbers_are_worth_is_told() {
    let found = results(NOISY, &Overrides { replications: Some(5), ..Overrides::default() });
    let value = json(&found);
    let all = value["differences"].as_array().unwrap();
    let p50 = all.iter().find(|d| d["metric"] == "group.billing.latency.p50").unwrap();
    let share = p50["variance_reduction"].as_f64().unwrap();
    assert!((-1.0..=1.0).contains(&share));
    for text in shown(&found) {
        assert!(text.contains("of the variance"));
    }
}
