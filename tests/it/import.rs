//! Kafka's own settings as a person brings them: imported from properties, listed and explained.

use crate::cli::{assert_code, home, laglab, text};
use std::fs;

#[test]
fn import_makes_a_scenario_that_checks_and_runs() {
    let home = home();
    fs::write(home.path().join("p.properties"), "client.id=shop\nlinger.ms=20\nssl.key.password=geheim\n")
        .unwrap();
    fs::write(home.path().join("c.properties"), "group.id=billing\nheartbeat.interval.ms=20000\n").unwrap();
    let args = [
        "import",
        "--producer",
        "p.properties",
        "--consumer",
        "c.properties",
        "--topic",
        "name=orders,partitions=4",
    ];
    let printed = laglab(home.path(), &args);
    assert_code(&printed, 0);
    let scenario = text(&printed.stdout);
    assert!(
        scenario.starts_with("# Written by `laglab import` from p.properties and c.properties."),
        "{scenario}"
    );
    let said = text(&printed.stderr);
    assert!(said.contains("c.properties:2:23") && said.contains("W004"), "{said}");
    assert!(said.contains("laglab run FILE --set network.loss=20%   # members put out"), "{said}");

    let saved = laglab(home.path(), &[&args[..], &["--out", "orders.toml"]].concat());
    assert_code(&saved, 0);
    assert!(saved.stdout.is_empty());
    assert_eq!(fs::read_to_string(home.path().join("orders.toml")).unwrap(), scenario);
    assert_code(
        &laglab(home.path(), &["check", "orders.toml", "--set", "duration=20s", "--set", "warm-up=2s"]),
        0,
    );
    let run = ["run", "orders.toml", "--set", "duration=20s", "--set", "warm-up=2s", "--no-charts", "-q"];
    assert_code(&laglab(home.path(), &run), 0);

    let again = laglab(home.path(), &[&args[..], &["--out", "orders.toml"]].concat());
    assert_code(&again, 2);
    assert!(text(&again.stderr).contains("`orders.toml` is there already"), "{}", text(&again.stderr));
    assert_code(&laglab(home.path(), &[&args[..], &["--out", "nowhere/orders.toml"]].concat()), 3);
}

#[test]
fn import_refuses_what_it_cannot_use_with_its_place() {
    let home = home();
    let import = |properties: &str| {
        fs::write(home.path().join("p.properties"), properties).unwrap();
        laglab(home.path(), &["import", "--producer", "p.properties"])
    };
    let cases = [
        ("acks=all\n  linger.mss = 5\n", "p.properties:2:3", "did you mean `linger.ms`?"),
        ("a=\\u12\n", "p.properties:1:3", "four hexadecimal digits"),
        ("block.on.buffer.full=true\n", "p.properties:1:1", "removed in Kafka 0.11"),
        ("linger.ms=soon\n", "p.properties:1:11", "expected a whole number"),
        ("enable.idempotence=true\nacks=1\n", "p.properties:2:6", "Kafka refuses this producer"),
    ];
    for (properties, place, reason) in cases {
        let done = import(properties);
        assert_code(&done, 2);
        assert!(done.stdout.is_empty());
        let said = text(&done.stderr);
        assert!(said.contains(place) && said.contains(reason), "{properties}\n{said}");
    }
    // Latin-1, as Java reads it.
    fs::write(home.path().join("p.properties"), b"client.id=caf\xe9\n").unwrap();
    assert_code(&laglab(home.path(), &["import", "--producer", "p.properties"]), 0);
    assert_code(&laglab(home.path(), &["import"]), 2);
    assert_code(&laglab(home.path(), &["import", "--consumer", "none.properties"]), 2);
    assert_code(&laglab(home.path(), &["import", "--consumer", "."]), 2);
}

#[test]
fn kafkas_names_are_listed_and_explained() {
    let home = home();
    let listed = text(&laglab(home.path(), &["list", "kafka"]).stdout);
    assert!(listed.contains("max.poll.records") && listed.contains("isolation.level"), "{listed}");
    for (name, part) in [
        ("max.poll.records", "Here `max-poll-records`"),
        ("block.on.buffer.full", "removed in Kafka 0.11"),
        ("isolation.level", "laglab does not model it"),
        ("group.max.poll.records", "Here `max-poll-records`"),
    ] {
        let told = laglab(home.path(), &["explain", name]);
        assert_code(&told, 0);
        assert!(text(&told.stdout).contains(part), "{name}: {}", text(&told.stdout));
    }
    for further in
        ["group.commit", "producer.backpressure", "producer.retry-backoff", "cluster.retention-check"]
    {
        assert_code(&laglab(home.path(), &["explain", further]), 0);
    }
}
