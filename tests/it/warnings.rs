//! What results are doubted for: one scenario that nothing is to be said against, and for each code the change
//! that brings its warning about, with its words.

use laglab::experiment::results::Results;
use laglab::experiment::run_all;
use laglab::experiment::warnings::CODES;
use laglab::experiment::watch::Unwatched;
use laglab::scenario::{Overrides, Scenario};

/// Long enough for p99.9, and settled from the start.
const SOUND: &str = r#"
title = "Nothing to be said against it"
duration = "40s"
sample-every = "100ms"
replications = 2

[topic.orders]
partitions = 2

[producer.checkout]
topic = "orders"
rate = "600/s"

[group.billing]
topic = "orders"
consumers = 2
service-time = "1ms"
"#;

/// A code, what is changed in [`SOUND`] (settings, and lines put below it), and the words of the warning.
struct Case {
    code: &'static str,
    set: &'static [(&'static str, &'static str)],
    more: &'static str,
    words: &'static [&'static str],
}

const fn case(
    code: &'static str,
    set: &'static [(&'static str, &'static str)],
    more: &'static str,
    words: &'static [&'static str],
) -> Case {
    Case { code, set, more, words }
}

const OVERLOAD: &[(&str, &str)] = &[("group.billing.service-time", "\"4ms\""), ("end", "\"stop\"")];

const CASES: &[Case] = &[
    case(
        "W101",
        OVERLOAD,
        "",
        &["latency p90, p99, p99.9 of group `billing`", "still pending", "(the first of 2 replications"],
    ),
    case("W201", &[("replications", "1")], "", &["one replication: no intervals can be given"]),
    case(
        "W202",
        &[("duration", "\"2s\"")],
        "",
        &["latencies in a run, fewer than ten of them", "beyond p99.9, which is left out"],
    ),
    // The consumers come three seconds late and are busy until the 19th with what has piled up.
    case(
        "W203",
        &[
            ("group.billing.formed", "false"),
            ("warm-up", "\"4s\""),
            ("group.billing.service-time", "\"2800us\""),
            ("group.billing.auto-offset-reset", "\"earliest\""),
        ],
        "",
        &["the lag of group `billing` has not settled when the warm-up ends"],
    ),
    // They do 490 of 600 per second: 4 ms and what comes between.
    case("W204", OVERLOAD, "", &["the lag of group `billing` still grows", "by about 110 records/s"]),
    case(
        "W205",
        &[],
        "[precision]\n\"group.billing.latency.mean\" = \"0.001%\"\nmax-replications = 10\n",
        &[
            "`group.billing.latency.mean` of `base` is known to",
            "after 10 replications; 0.0 % were asked for",
        ],
    ),
    case(
        "W206",
        &[("warm-up", "\"auto\"")],
        "[[fault]]\nat = \"10s\"\ncrash = \"billing/0\"\nrestart-after = \"1s\"\n",
        &["leave no steady state: the warm-up that was found means little"],
    ),
    // A queue at a load of 0.99 remembers longer than a batch of two seconds.
    case(
        "W207",
        &[
            ("replications", "1"),
            ("intervals", "\"batch-means\""),
            ("producer.checkout.rate", "{ poisson = \"600/s\" }"),
            ("group.billing.service-time", "{ exponential = { mean = \"3300us\" } }"),
        ],
        "",
        &[
            "successive batches of `group.billing.latency.mean` are correlated (0.",
            "its interval is too narrow",
        ],
    ),
];

fn run(set: &[(&str, &str)], more: &str) -> Results {
    let set = set.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let mut files = |_: &str| Err("it names no files".to_owned());
    let read = Scenario::parse("sound", &format!("{SOUND}\n{more}"), &overrides, &mut files);
    let scenario = read.unwrap_or_else(|found| panic!("{found:?}"));
    run_all(&scenario, None, &Unwatched).expect("nobody cancels")
}

/// Code and text of each warning of the base.
fn warned(results: &Results) -> Vec<(&str, &str)> {
    results.variants[0].warnings.iter().map(|w| (w.code, w.text.as_str())).collect()
}

#[test]
fn every_code_has_a_case() {
    let cases: Vec<&str> = CASES.iter().map(|c| c.code).collect();
    let codes: Vec<&str> = CODES.iter().map(|c| c.code).collect();
    assert_eq!(cases, codes);
}

#[test]
fn a_sound_scenario_is_not_doubted() {
    assert_eq!(warned(&run(&[], "")), []);
}

#[test]
fn each_doubt_has_its_words() {
    for Case { code, set, more, words } in CASES {
        let results = run(set, more);
        let warned = warned(&results);
        let says = |(c, text): &(&str, &str)| c == code && words.iter().all(|w| text.contains(w));
        assert!(warned.iter().any(says), "{code} with {words:?} is not among {warned:#?}");
    }
}
