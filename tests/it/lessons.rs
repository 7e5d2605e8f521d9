//! What a scenario teaches must hang on its mechanism: with the mechanism switched off, its expectation fails.

use crate::scenarios::{judged, read};
use laglab::experiment::results::Outcome;
use std::path::Path;

/// Scenario, the expectation that states its lesson, and the settings that switch the mechanism off.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    (
        "01-steady-state",
        "steady work waits less than irregular work",
        &[(
            "variant.constant-service",
            "{ \"group.workers.service-time\" = { exponential = { mean = \"1ms\" } } }",
        )],
    ),
    ("02-delivery-semantics", "it repeats what was done since the last commit", &[("fault", "[]")]),
    (
        "03-hot-key",
        "one partition carries the backlog",
        &[("producer.checkout.keys", "{ uniform = { count = 10000 } }")],
    ),
    (
        "04-ways-to-push-back",
        "admission by lag keeps the lag near its mark",
        &[("fault", "[]"), ("producer.shop.rate", "\"400/s\"")],
    ),
    ("05-rolling-deploy", "cooperative members stand still less", &[("fault", "[]")]),
    (
        "06-poison-message",
        "without a limit the partitions block",
        &[("group.billing.failures", "{ poison = { share = \"0%\" } }")],
    ),
    ("07-zombie", "the zombie pays what others have paid", &[("group.bank.session-timeout", "\"45s\"")]),
    (
        "08-lost-acknowledgement",
        "without idempotence the log holds copies",
        &[("producer.checkout.network", "{ delay = \"1ms\" }")],
    ),
    ("09-retention", "what is older than the retention is lost", &[("topic.events.retention", "\"1h\"")]),
    ("10-order-fan-out", "the check falls behind", &[("fault", "[]")]),
    ("11-email-at-most-once", "at-least-once sends some twice", &[("fault", "[]")]),
    (
        "12-autoscaling",
        "every change is a rebalance",
        &[("variant.nervous", "{ \"group.billing.consumers\" = 9 }")],
    ),
    ("14-rolling-deploy-of-twenty", "cooperative members stand still less", &[("fault", "[]")]),
    ("15-the-rebalance-loop", "who does not poll is put out", &[("group.billing.max-poll-records", "100")]),
    ("13-how-many-consumers", "three are too few", &[("producer.checkout.rate", "\"100/s\"")]),
    ("17-broker-dies", "acks=1 loses what no follower had", &[("fault", "[]")]),
    (
        "18-unclean-election",
        "and loses what only the dead broker had",
        &[("variant.unclean", "{ \"topic.orders.unclean-leader-election\" = false }")],
    ),
    (
        "19-isolated-leader",
        "a lone replica vouches for thousands of events, and dies",
        &[("cluster.replica-lag-time-max", "\"5m\"")],
    ),
    (
        "21-retries-reorder",
        "a retry behind its successors reorders",
        &[("producer.checkout.network", "{ delay = \"10ms\" }")],
    ),
    ("20-seven-day-log", "an effect that is not idempotent happens twice", &[("fault.1.at", "\"8d\"")]),
    (
        "24-exactly-once",
        "with transactions the ledger has every charge once",
        &[("variant.exactly-once", "{ \"producer.charger.transactional\" = { timeout = \"10s\" } }")],
    ),
    (
        "25-fenced-zombie",
        "without a transactional id the zombie writes for good",
        &[("fault.0.for", "\"1s\"")],
    ),
    (
        "26-open-transaction",
        "one open transaction holds its partitions for its timeout",
        &[("group.ledger.isolation-level", "\"read-uncommitted\"")],
    ),
    ("22-adding-partitions", "keys that move overtake their own past", &[("fault", "[]")]),
    (
        "23-kinesis-hot-shard",
        "two halves take it all",
        &[("fault", "[{ at = \"1s\", merge-shards = \"orders\", shard = 0, with = 1 }]")],
    ),
    (
        "27-compacted-topic",
        "the cache never sees most of what changed meanwhile",
        &[("topic.prices.segment-bytes", "\"64MiB\"")],
    ),
];

#[test]
fn a_lesson_fails_without_its_mechanism() {
    for (name, lesson, off) in ROWS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
        let results = judged(&read(&path, off));
        let verdicts: Vec<_> = results.verdicts.iter().filter(|v| v.name == *lesson).collect();
        assert!(!verdicts.is_empty(), "{name} expects \"{lesson}\"");
        assert!(
            verdicts.iter().any(|v| v.outcome != Outcome::Held),
            "{name}: \"{lesson}\" holds although its mechanism is switched off: {}",
            verdicts[0].evidence
        );
    }
}

#[test]
fn every_numbered_scenario_has_a_row() {
    for file in crate::scenarios::files() {
        let name = file.file_stem().expect("a file name").to_string_lossy().into_owned();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            assert!(ROWS.iter().any(|(row, _, _)| *row == name), "{name} has no row here");
        }
    }
}
