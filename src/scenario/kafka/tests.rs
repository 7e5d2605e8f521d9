//! Kafka's names in scenarios, changes and the command line.

use super::*;
use crate::model::catalog::{Default, Kind, Param};
use crate::scenario::tree::{self, Data, Node, Table, parse_default};
use crate::scenario::{Diagnostics, Overrides, Scenario};

const BASE: &str = "title = \"t\"\nduration = \"1m\"\n[topic.t]\npartitions = 4\n\
[producer.p]\ntopic = \"t\"\nrate = \"10/s\"\nPRODUCER\n[group.g]\ntopic = \"t\"\nservice-time = \"1ms\"\nGROUP\n";

fn with(producer: &str, group: &str) -> String {
    BASE.replace("PRODUCER", producer).replace("GROUP", group)
}

fn parse(text: &str, set: &[(&str, &str)]) -> Result<Scenario, Diagnostics> {
    let set = set.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    Scenario::parse("t", text, &overrides, &mut |_| Err("no files".into()))
}

fn plans_equal(a: &str, b: &str) {
    let plan =
        |text: &str| format!("{:?}", parse(text, &[]).unwrap_or_else(|e| panic!("{text}\n{e:?}")).variants);
    assert_eq!(plan(a), plan(b), "{a}");
}

fn codes_of(text: &str) -> Vec<(&'static str, String, String)> {
    let all = match parse(text, &[]) {
        Ok(scenario) => scenario.warnings,
        Err(complaints) => complaints.0,
    };
    all.into_iter().map(|d| (d.code, d.title, d.label)).collect()
}

/// The parameter that a setting's path leads to.
fn param(setting: &Setting) -> Param {
    let mut params = describe::section(setting.section).params;
    let mut found: Option<Param> = None;
    for part in setting.path {
        let name = if *part == "*" { modelled::DEFAULT_MEMBER } else { part };
        if let Some(Kind::Family(family)) = found.map(|p| p.kind) {
            let member = describe::family(family).into_iter().find(|m| m.name == name).expect("a member");
            params = member.params;
            found = member.params.iter().find(|p| p.name == "value").copied();
            continue;
        }
        found = params.iter().find(|p| p.name == name).copied();
        assert!(found.is_some(), "{}: no `{name}`", setting.name);
    }
    found.expect("a path has parts")
}

#[test]
fn every_setting_leads_to_a_parameter_with_kafkas_default() {
    // What a scenario has on purpose instead of Kafka's default.
    let others = [
        "group.instance.id",
        "group.remote.assignor",
        "auto.offset.reset",
        "enable.auto.commit",
        "partitioner.class",
        "partition.assignment.strategy",
    ];
    for setting in modelled::SETTINGS {
        let param = param(setting);
        if others.contains(&setting.name) {
            continue;
        }
        let Default::Is(ours) = param.default else { panic!("{} has no default", setting.name) };
        let kafkas = convert(setting, &Node::new(Place::Nowhere, Data::Text(setting.default.into())));
        let value = |node: &Node| {
            let text = node.plain();
            let span = crate::scenario::units::span(&text).map(|s| format!("{s:?}"));
            span.or_else(|_| crate::scenario::units::bytes(&text).map(|b| format!("{b} B"))).unwrap_or(text)
        };
        assert_eq!(value(&kafkas), value(&parse_default(ours)), "{}", setting.name);
    }
}

#[test]
fn no_name_has_two_meanings_in_a_section() {
    let all = kafka_settings();
    for (i, a) in all.iter().enumerate() {
        let twice = all[i + 1..].iter().any(|b| a.name == b.name && a.section == b.section);
        assert!(!twice, "{} {}", a.section, a.name);
    }
    for s in modelled::SETTINGS {
        assert!(unmodelled::find(s.section, s.name).is_none(), "{}", s.name);
        assert!(removed::find(s.section, s.name).is_none(), "{}", s.name);
    }
}

#[test]
fn kafkas_names_mean_what_ours_mean() {
    let cases = [
        ("\"linger.ms\" = 20", "linger = \"20ms\""),
        ("linger.ms = 20", "linger = \"20ms\""),
        ("\"linger.ms\" = \"20ms\"", "linger = \"20ms\""),
        ("\"linger.ms\" = \"20\"", "linger = \"20ms\""),
        ("batch.size = 32768", "batch-size = \"32KiB\""),
        (
            "\"retry.backoff.ms\" = 50\n\"retry.backoff.max.ms\" = 500",
            "retry-backoff = { kafka = { base = \"50ms\", cap = \"500ms\" } }",
        ),
        (
            "retry-backoff = { kafka = { cap = \"500ms\" } }\n\"retry.backoff.ms\" = 50",
            "retry-backoff = { kafka = { base = \"50ms\", cap = \"500ms\" } }",
        ),
        (
            "\"max.block.ms\" = 100\n\"buffer.memory\" = 1048576",
            "backpressure = { block = { max-block = \"100ms\", buffer-memory = \"1MiB\" } }",
        ),
        (
            "backpressure = \"drop-newest\"\nbuffer.memory = 1048576",
            "backpressure = { drop-newest = { buffer-memory = \"1MiB\" } }",
        ),
        (
            "\"enable.idempotence\" = \"false\"\nmax.in.flight.requests.per.connection = 1\nacks = 1\nretries = 3",
            "idempotence = false\nmax-in-flight = 1\nacks = \"leader\"\nretries = 3",
        ),
        (
            "\"partitioner.class\" = \"org.apache.kafka.clients.producer.RoundRobinPartitioner\"",
            "partitioner = \"round-robin\"",
        ),
    ];
    for (kafka, ours) in cases {
        plans_equal(&with(kafka, ""), &with(ours, ""));
    }
    let cases = [
        ("max.poll.records = 50", "max-poll-records = 50"),
        ("\"enable.auto.commit\" = false", "commit = \"after-batch\""),
        ("\"auto.commit.interval.ms\" = 1000", "commit = { every = \"1s\" }"),
        ("\"auto.commit.interval.ms\" = 1000\n\"enable.auto.commit\" = true", "commit = { every = \"1s\" }"),
        ("\"auto.offset.reset\" = \"by_duration:PT1H\"", "auto-offset-reset = { back = \"1h\" }"),
        ("group.protocol = \"consumer\"", "protocol = \"consumer\""),
        ("\"group.instance.id\" = \"billing-0\"", "static-membership = true"),
        ("\"auto.offset.reset\" = \"latest\"", "auto-offset-reset = \"latest\""),
        ("\"auto.offset.reset\" = \"none\"", "auto-offset-reset = \"none\""),
        (
            "partition.assignment.strategy = \"org.apache.kafka.clients.consumer.CooperativeStickyAssignor\"",
            "assignor = \"cooperative-sticky\"",
        ),
        ("partition.assignment.strategy = [\"org.x.RangeAssignor\", \"CooperativeStickyAssignor\"]", ""),
    ];
    for (kafka, ours) in cases {
        plans_equal(&with("", kafka), &with("", ours));
    }
    let topic = |text: &str| with("", "").replace("partitions = 4", &format!("partitions = 4\n{text}"));
    plans_equal(&topic("retention.ms = -1"), &topic("retention = \"none\""));
    plans_equal(&topic("\"retention.bytes\" = 1024"), &topic("retention-bytes = \"1KiB\""));
    let cluster = |text: &str| format!("{}[cluster]\n{text}\n", with("", ""));
    plans_equal(&cluster("offsets.retention.minutes = 3"), &cluster("offsets-retention = \"3m\""));
}

#[test]
fn changes_may_use_kafkas_names() {
    let base = with("", "\"max.poll.records\" = 100");
    let poll = |s: &Scenario, variant: usize| s.variants[variant].plan.groups[0].max_poll_records;
    for path in ["group.g.\"max.poll.records\"", "group.g.max.poll.records", "group.g.max-poll-records"] {
        let changed = parse(&base, &[(path, "7")]).unwrap();
        assert_eq!(poll(&changed, 0), 7, "{path}");
    }
    for variant in [
        "[variant.v]\n\"group.g.max.poll.records\" = 7",
        "[variant.v.group.g]\n\"max.poll.records\" = 7",
        "[variant.v.group.g]\nmax.poll.records = 7",
        "[variant.v]\ngroup.g = { topic = \"t\", service-time = \"1ms\", \"max.poll.records\" = 7 }",
    ] {
        let scenario =
            parse(&format!("{base}{variant}\n"), &[]).unwrap_or_else(|e| panic!("{variant}: {e:?}"));
        assert_eq!(poll(&scenario, 1), 7, "{variant}");
    }
    let swept = parse(&format!("{base}[sweep]\n\"producer.p.\\\"linger.ms\\\"\" = [1, 50]\n"), &[]).unwrap();
    let sweep = swept.sweep.unwrap();
    assert_eq!(sweep.axes[0].0, "producer.p.\"linger.ms\"");
    let lingers: Vec<u64> = sweep.points.iter().map(|p| p.variants[0].plan.producers[0].linger.0).collect();
    assert_eq!(lingers, [1_000_000, 50_000_000]);
    let member =
        parse(&with("backpressure = \"drop-newest\"", ""), &[("producer.p.buffer.memory", "2048")]).unwrap();
    assert_eq!(member.variants[0].plan.producers[0].admission.entry.name, "drop-newest");
    for bad in
        [("group.g.isolation.level", "x"), ("group.g.\"max.pol.records\"", "1"), ("group.g.linger.ms", "1")]
    {
        assert!(parse(&base, &[bad]).is_err(), "{bad:?}");
    }
    let manual = with("", "\"enable.auto.commit\" = false");
    assert!(parse(&manual, &[("group.g.auto.commit.interval.ms", "5")]).is_err());
}

#[test]
fn what_means_nothing_here_is_said_once_with_the_reason() {
    let cases = [
        ("\"linger.msec\" = 5", "E003", "did you mean `linger.ms`?"),
        ("linger.mss = 5", "E003", "did you mean `linger.ms`?"),
        ("\"max.poll.records\" = 5", "E003", "this setting stands in [group.NAME]"),
        ("\"block.on.buffer.full\" = true", "E039", "removed in Kafka 0.11"),
        ("\"ssl.keystore.location\" = \"/x\"", "E040", "security costs nothing here"),
        ("transactional.id = \"x\"", "E040", "how a producer's transactions go stands in one table here"),
        ("linger = \"5ms\"\n\"linger.ms\" = 5", "E002", "Kafka's name for `linger`"),
        (
            "backpressure = { drop-newest = { buffer-memory = \"1MiB\" } }\n\"buffer.memory\" = 5",
            "E002",
            "Kafka's name for `backpressure.block.buffer-memory`",
        ),
        (
            "retry-backoff = \"none\"\n\"retry.backoff.ms\" = 5",
            "E002",
            "Kafka's name for `retry-backoff.kafka.base`",
        ),
    ];
    for (line, code, label) in cases {
        let found = codes_of(&with(line, ""));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!((found[0].0, found[0].2.as_str()), (code, label), "{line}");
    }
    let idle = codes_of(&with("", "\"enable.auto.commit\" = false\n\"auto.commit.interval.ms\" = 5"));
    assert_eq!(idle.iter().map(|c| c.0).collect::<Vec<_>>(), ["W010"]);
    let both = codes_of(&with("", "commit = \"after-batch\"\n\"auto.commit.interval.ms\" = 5"));
    assert_eq!(both.iter().map(|c| c.0).collect::<Vec<_>>(), ["E002"]);
    let zoo = codes_of(&format!("{}[cluster]\n\"zookeeper.connect\" = \"z:2181\"\n", with("", "")));
    assert_eq!((zoo[0].0, zoo[0].2.as_str()), ("E039", "removed in Kafka 4.0"));
    let above = codes_of(&format!("\"linger.ms\" = 5\n{}", with("", "")));
    assert_eq!((above[0].0, above[0].2.as_str()), ("E003", "this setting stands in [producer.NAME]"));
}

#[test]
fn a_tree_without_kafkas_names_stays_as_it_is() {
    let (mut root, _) = tree::parse(&with("retry-backoff.kafka.base = \"5ms\"", "retry.attempts = 3"));
    let show = |t: &Table| Node::new(Place::Nowhere, Data::Table(t.clone())).toml();
    let before = show(&root);
    let mut complaints = Vec::new();
    rewrite(&mut root, &mut complaints);
    assert_eq!((show(&root), complaints), (before, vec![]));
}
