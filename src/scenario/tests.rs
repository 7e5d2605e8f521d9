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

#[test]
fn one_file_gives_all_its_complaints_in_order() {
    let text = "title = 5\nduration = 60\n[topic.t]\npartitons = 3\n[producer.p]\ntopic = \"u\"\nrate = \"10\"\n\
                [group.g]\ntopic = \"t\"\nservice-time = \"1 parsec\"\n";
    assert_eq!(
        complaints(text),
        [
            "E005 at 5: `title` is a whole number, but something else belongs here",
            "E006 at 60: `duration` is a length of time and needs a unit",
            "E003 at partitons: `topic.t` has no key `partitons`",
            "E013 at \"u\": there is no topic `u`",
            "E006 at \"10\": `producer.p.rate` cannot be read",
            "E007 at \"1 parsec\": `group.g.service-time` cannot be read",
        ]
    );
}

#[test]
fn a_change_is_blamed_where_it_was_written() {
    let text =
        format!("{SMALL}[variant.v]\n\"group.g.consumers\" = 0\n[sweep]\n\"topic.t.partitions\" = [1, -1]\n");
    assert_eq!(
        complaints(&text),
        ["E009 at 0: `group.g.consumers` cannot be 0", "E009 at -1: `topic.t.partitions` cannot be -1",]
    );
    let late = format!("{SMALL}[variant.v]\n\"group.g.commit\" = \"before-processing\"\n");
    assert_eq!(
        complaints(&late),
        ["E022 at \"before-processing\": at least once means to commit after the effect"]
    );
}

#[test]
fn what_a_variant_breaks_elsewhere_names_the_variant() {
    let text = format!(
        "{SMALL}[variant.many]\n\"group.g.consumers\" = 2\n[variant.big]\n\"producer.p.rate\" = \"2000/s\"\n"
    );
    assert_eq!(
        complaints(&text),
        [
            "W002 at g: `g` cannot keep up: utilisation 2.00 (variant `big`)",
            "W001 at 2: `g` has more consumers than partitions",
        ]
    );
}

#[test]
fn the_command_line_comes_last_and_is_quoted_in_complaints() {
    let set = |path: &str, value: &str| Overrides {
        set: vec![(path.into(), value.into())],
        ..Overrides::default()
    };
    let scenario = read_with(SMALL, &set("group.g.service-time", "3ms")).unwrap();
    assert_eq!(scenario.variants[0].plan.groups[0].service, Dist::Constant(3_000_000));
    let row = scenario.effective.iter().find(|r| r.path == "group.g.service-time").unwrap();
    assert_eq!((row.value.as_str(), row.origin.as_str()), ("\"3ms\"", "--set"));
    let wrong = read_with(SMALL, &set("group.g.service-time", "3")).unwrap_err();
    assert_eq!(wrong.0[0].span, None);
    assert!(wrong.0[0].title.starts_with("`--set group.g.service-time=3`: "), "{}", wrong.0[0].title);
    let seeded = Overrides { seed: Some(99), replications: Some(2), ..Overrides::default() };
    let scenario = read_with(SMALL, &seeded).unwrap();
    assert_eq!((scenario.seed, scenario.variants[0].plan.seed, scenario.replications), (99, 99, 2));
    assert_ne!(scenario.hash, good(SMALL).hash);
}

#[test]
fn too_much_work_is_refused_unless_it_is_insisted_on() {
    let text = SMALL.replace("10/s", "100_000_000/s").replace("1ms", "0s");
    assert_eq!(read(&text).unwrap_err().0[0].code, "E036");
    let insist = Overrides { unlimited: true, ..Overrides::default() };
    assert!(read_with(&text, &insist).is_ok());
}

#[test]
fn a_recording_brings_its_keys_and_sizes() {
    let text = SMALL.replace("\"10/s\"", "{ trace = \"keyed.csv\" }");
    let scenario = good(&text);
    let producer = &scenario.variants[0].plan.producers[0];
    assert_eq!((producer.arrivals.entry.name, producer.keys.entry.name), ("trace", "traced"));
    assert_eq!(producer.size.mean(), 200.0);
    let value = |path: &str| scenario.effective.iter().find(|r| r.path == path).map(|r| r.value.as_str());
    assert_eq!(value("producer.p.keys.traced.value"), Some("\"keyed.csv\""));
    let keyless = text.replace("rate =", "keys = \"none\"\nsize = \"1B\"\nrate =");
    let producer = &good(&keyless).variants[0].plan.producers[0];
    assert_eq!((producer.keys.entry.name, producer.size.clone()), ("none", Dist::Constant(1)));
}

#[test]
fn measured_values_make_a_distribution() {
    let text = SMALL.replace("\"1ms\"", "{ empirical = { file = \"times.csv\" } }");
    assert_eq!(good(&text).variants[0].plan.groups[0].service.mean(), 3e6);
}

#[test]
fn faults_strike_again_and_again_or_at_random() {
    let fault = |lines: &str| {
        let text = format!("{SMALL}[[fault]]\ncrash = \"g/0\"\n{lines}\n");
        good(&text).variants[0].plan.faults[0].clone()
    };
    let moments = |seconds: &[u64]| When::At(seconds.iter().map(|s| Time(s * 1_000_000_000)).collect());
    assert_eq!(fault("every = \"20s\"").when, moments(&[20, 40, 60]));
    assert_eq!(fault("at = \"5s\"\nevery = \"20s\"\ntimes = 2").when, moments(&[5, 25]));
    assert_eq!(fault("at = \"0s\"\nevery = \"20s\"\nuntil = \"30s\"").when, moments(&[0, 20]));
    assert_eq!(fault("at = [\"9s\", \"3s\"]").when, moments(&[3, 9]));
    let random = fault("mtbf = \"20s\"\nmttr = \"2s\"\nfrom = \"10s\"");
    let (mtbf, mttr) = (Span::from_secs(20), Span::from_secs(2));
    let (from, until) = (Time(10_000_000_000), Time(60_000_000_000));
    assert_eq!(random.when, When::Random { mtbf, mttr, from, until });
    assert_eq!(random.lasts, None);
}

#[test]
fn wires_delays_and_brokers_are_read() {
    let text = format!(
        "{SMALL}network = {{ back-delay = \"3ms\", loss = \"1%\" }}\n\
         [network]\ndelay = \"1ms\"\nresponse-loss = 0.5\n[cluster]\nbrokers = 3\nbandwidth = \"100MB/s\"\n"
    );
    let scenario = good(&text);
    let plan = &scenario.variants[0].plan;
    assert_eq!((plan.cluster.brokers, plan.cluster.byte_cost), (3, 10.0));
    let (common, own) = (&plan.producers[0].wire, &plan.groups[0].wire);
    assert_eq!(
        (common.out.clone(), common.back.clone()),
        (Dist::Constant(1_000_000), Dist::Constant(1_000_000))
    );
    assert_eq!((own.out.clone(), own.back.clone()), (Dist::Constant(1_000_000), Dist::Constant(3_000_000)));
    assert_eq!((own.loss, own.back_loss, common.loss), (0.01, 0.5, 0.0));
}

#[test]
fn stores_retries_and_calls_are_read() {
    let text = format!(
        "{SMALL}delivery = \"effectively-once\"\nfailures = {{ random = \"5%\" }}\n\
         retry = {{ then = \"block\", backoff = {{ fixed = \"1s\" }} }}\n\
         downstream = {{ name = \"bank\", timeout = \"2s\", breaker = {{}} }}\n\
         [downstream.bank]\nlatency = {{ exponential = {{ mean = \"10ms\" }} }}\nconcurrency = 4\n"
    );
    let scenario = good(&text);
    let group = &scenario.variants[0].plan.groups[0];
    let store = group.dedupe.as_ref().unwrap();
    assert_eq!((store.ttl, store.capacity, store.fail_open), (Some(Span::from_secs(86_400)), None, false));
    assert_eq!((group.retry.attempts, group.retry.backoff.entry.name), (None, "fixed"));
    let call = group.calls.as_ref().unwrap();
    assert_eq!((call.timeout, call.breaker.as_ref().unwrap().window), (Some(Span::from_secs(2)), 100));
    let origin = |path: &str| scenario.effective.iter().find(|r| r.path == path).map(|r| r.origin.as_str());
    assert_eq!(origin("group.g.dedupe.ttl"), Some("default of effectively-once delivery"));
    assert_eq!(origin("group.g.retry.attempts"), Some("default"));
    assert_eq!(origin("group.g.retry.backoff.fixed.value"), Some("written"));
    assert_eq!(origin("group.g.commit.every.value"), Some("default, Kafka 4 auto.commit.interval.ms"));
    assert_eq!(origin("producer.p.linger"), Some("default, Kafka 4 linger.ms"));
}

#[test]
fn an_unset_delivery_timeout_gives_way_and_an_unset_idempotence_goes() {
    let text = SMALL.replace("rate =", "request-timeout = \"5m\"\nacks = 0\nrate =");
    let producer = &good(&text).variants[0].plan.producers[0];
    assert_eq!(producer.delivery_timeout, Span::millis(300_005));
    assert!(!producer.idempotence);
    assert_eq!(complaints(&text), ["W006 at 0: `p` is not idempotent"]);
}

#[test]
fn topics_have_their_ids_in_order_of_their_names() {
    let text = SMALL
        .replace("[topic.t]", "[topic.z]\n[topic.t]\n[topic.\"a.b\"]")
        .replace("[group.g]\ntopic = \"t\"", "[group.g]\ntopics = [\"z\", \"t\", \"a.b\"]");
    let plan = &good(&text).variants[0].plan;
    let names: Vec<&str> = plan.topics.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["a.b", "t", "z"]);
    assert_eq!(plan.producers[0].topic.index(), 1);
    assert_eq!(plan.groups[0].topics.len(), 3);
}

#[test]
fn settings_in_force_read_back_to_the_same_plan() {
    for text in [FULL, SMALL] {
        let scenario = good(text);
        let mut again = String::new();
        let mut faults = String::new();
        for row in &scenario.effective {
            // A fault's rows belong to its table of the list.
            match row.path.strip_prefix("fault.0.") {
                Some(key) => faults.push_str(&format!("{key} = {}\n", row.value)),
                None => again.push_str(&format!("{} = {}\n", row.path, row.value)),
            }
        }
        if !faults.is_empty() {
            again.push_str(&format!("[[fault]]\n{faults}"));
        }
        let plan = |s: &Scenario| format!("{:?}", s.variants[0].plan);
        assert_eq!(plan(&good(&again)), plan(&scenario), "{again}");
    }
}

#[test]
fn sub_tables_and_dotted_keys_mean_the_same_as_inline_ones() {
    let text = SMALL
        .replace("[group.g]", "[producer.p.keys.zipf]\ncount = 9\n[group.g]\nretry.then = \"dead-letter\"")
        + "failures.random.probability = 0.5\n[variant.a]\ngroup.g.consumers = 1\ngroup.g.retry.attempts = 3\n\
           [variant.b.group.g]\nfailures = { poison = \"1%\" }\n[variant.c]\ntopic.u = { partitions = 7 }\n\
           \"group.g\" = { topic = \"u\" }\n\"producer.p.topic\" = \"u\"\n";
    let scenario = good(&text);
    let group = |i: usize| &scenario.variants[i].plan.groups[0];
    assert_eq!(scenario.variants[0].plan.producers[0].keys.args.count("count"), 9);
    assert_eq!((group(0).retry.attempts, group(1).retry.attempts), (Some(10), Some(3)));
    assert_eq!(group(1).retry.then, crate::model::plan::GiveUp::DeadLetter);
    assert_eq!(group(2).failing.as_ref().unwrap().entry.name, "poison");
    assert_eq!(scenario.variants[3].plan.topics[1].partitions, 7);
    assert_eq!(group(3).topics[0].index(), 1);
}

#[test]
fn a_quoted_path_replaces_also_under_a_heading() {
    let text = SMALL.replace("rate =", "keys = { zipf = { count = 9, exponent = 2 } }\nrate =")
        + "[variant.a.\"producer.p.keys\".zipf]\ncount = 5\n[variant.b]\nproducer.p.keys.zipf.count = 5\n";
    let scenario = good(&text);
    let exponent = |i: usize| scenario.variants[i].plan.producers[0].keys.args.number("exponent");
    assert_eq!((exponent(0), exponent(1), exponent(2)), (2.0, 1.0, 2.0));
}

#[test]
fn a_sweep_of_two_settings_has_every_pair_the_last_running_fastest() {
    let text = format!(
        "{SMALL}[sweep]\nmetrics = [\"topic.t.skew\"]\ngroup.g.consumers = [1, 2]\n\
         \"producer.p.rate\" = [\"5/s\", {{ constant = \"6/s\" }}]\n\
         [expect]\n\"x\" = \"group.g.lost[group.g.consumers=2] == group.g.lost[group.g.consumers=1, producer.p.rate=5/s]\"\n"
    );
    let scenario = good(&text);
    let sweep = scenario.sweep.as_ref().unwrap();
    let at: Vec<String> = sweep.points.iter().map(|p| format!("{} {}", p.at[0].1, p.at[1].1)).collect();
    assert_eq!(at, ["1 5/s", "1 { constant = \"6/s\" }", "2 5/s", "2 { constant = \"6/s\" }"]);
    assert_eq!(sweep.metrics, ["topic.t.skew"]);
    assert_eq!(scenario.expect[0].right.metrics[0].1.at.len(), 2);
}

/// Pieces that mutations put in: what is rare in good text and likely to be mishandled.
const PIECES: [&str; 24] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    "\n",
    "-1",
    "1e400",
    "99999999999999999999",
    "\"\"",
    "'''",
    "\u{fe0f}",
    "\u{e9}",
    "[[fault]]\n",
    "[group.g]\n",
    "inf",
    "{}",
    "[]",
    "\"9999999999d\"",
    "\"0s\"",
    "\"0/s\"",
    "\0",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_the_reader_panic(
        full in proptest::bool::ANY,
        edits in proptest::collection::vec((0.0..1.0f64, 0usize..40, 0usize..PIECES.len()), 1..6),
    ) {
        let mut text = if full { FULL } else { SMALL }.to_owned();
        for (at, length, piece) in edits {
            let border = |i: usize| (0..=i.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            let start = border((at * text.len() as f64) as usize);
            let end = border(start + length).max(start);
            text.replace_range(start..end, PIECES[piece]);
        }
        if let Err(found) = read(&text) {
            proptest::prop_assert!(!found.0.is_empty());
            let shown = render(&found, "test.toml", &text, true);
            proptest::prop_assert!(shown.contains("error"));
        }
    }

    #[test]
    fn no_value_makes_the_reader_panic(row in 0usize..200, piece in 0usize..PIECES.len(), noise in ".{0,40}") {
        let scenario = good(FULL);
        let row = &scenario.effective[row % scenario.effective.len()];
        let path = || row.path.clone();
        let tries = [(path(), PIECES[piece].to_owned()), (noise.clone(), row.value.clone()), (path(), noise.clone())];
        for attempt in tries {
            let overrides = Overrides { set: vec![attempt], ..Overrides::default() };
            if let Err(found) = read_with(FULL, &overrides) {
                proptest::prop_assert!(render(&found, "test.toml", FULL, false).contains("error"));
            }
        }
    }
}

#[test]
fn a_value_that_is_none_is_refused_wherever_it_stands() {
    let text = "title = \"x\"\nduration = \"10s\"\nwarm-up = \"1s\"\n[cluster]\nbrokers = 1\n[topic.t]\npartitions = 1\n\
                [producer.p]\ntopic = \"t\"\nrate = \"1/s\"\nkeys = \"none\"\nbackpressure = \"none\"\n[group.g]\n\
                topic = \"t\"\nconsumers = 1\nservice-time = \"1ms\"\ncommit = \"after-batch\"\nassignor = \"range\"\n\
                delivery = \"effectively-once\"\ndedupe = {}\nretry = { attempts = 3 }\nfailures = { random = \"1%\" }\n\
                network = { delay = \"1ms\" }\n[[fault]]\ncrash = \"g/0\"\nat = \"1s\"\n";
    for line in text.lines().filter(|l| l.contains(" = ")) {
        let (key, _) = line.split_once(" = ").expect("it was looked for");
        for broken in [")", "){ attempts = 3 }", "\"", "[1", "{ a", "= 1", "\u{fffd}"] {
            let text = text.replace(line, &format!("{key} = {broken}"));
            let read = Scenario::parse("x", &text, &Overrides::default(), &mut |_| Err("no file".to_owned()));
            assert!(read.is_err(), "`{key} = {broken}` was read");
        }
    }
}
