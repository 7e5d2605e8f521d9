//! What becomes of each kind of line, and which contradictions are seen.

use super::*;

fn made(producer: &str, consumer: &str, topic: &str) -> Imported {
    import(&Import {
        producer: Some(ClientFile { name: "p.properties", text: producer }),
        consumer: Some(ClientFile { name: "c.properties", text: consumer }),
        topic,
    })
}

/// `producer E003 linger.mss`, for every complaint.
fn found(producer: &str, consumer: &str) -> Vec<String> {
    let done = made(producer, consumer, "");
    let list = |who: &str, text: &str, all: &Diagnostics| -> Vec<String> {
        let place = |c: &Diagnostic| c.span.clone().map_or("-".to_owned(), |s| text[s].to_owned());
        all.0.iter().map(|c| format!("{who} {} {}", c.code, place(c))).collect()
    };
    let mut all = list("producer", producer, &done.producer);
    all.extend(list("consumer", consumer, &done.consumer));
    all.extend(list("scenario", &done.text, &done.scenario));
    all
}

#[test]
fn every_line_becomes_a_setting_or_a_comment() {
    let producer = "bootstrap.servers=a:1,b:2\nclient.id=checkout\nlinger.ms=20\nbatch.size = 65536\nacks=all\n\
retries:2147483647\nssl.keystore.password=geheim\nkey.serializer=org.x.S\nenable.idempotence=true\n\
partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner\n";
    let consumer = "group.id=billing\nmax.poll.records=100\nenable.auto.commit=false\nsession.timeout.ms=45000\n\
isolation.level=read_committed\npartition.assignment.strategy=org.x.CooperativeStickyAssignor\n";
    let done = made(producer, consumer, "name=orders,partitions=12,replication-factor=3,retention.ms=-1");
    assert!(!done.failed(), "{done:?}");
    for line in [
        "[topic.orders]",
        "partitions = 12",
        "\"retention.ms\" = -1",
        "[producer.checkout]",
        "[group.billing]",
        "\"linger.ms\" = 20",
        "\"batch.size\" = 65536",
        "# Kafka's default: acks = all (p.properties:5)",
        "# Kafka's default: retries = 2147483647 (p.properties:6)",
        "\"enable.idempotence\" = true",
        "# named after client.id (p.properties:2)",
        "# named after group.id (c.properties:1)",
        "# not modelled: bootstrap.servers (p.properties:1): clients know",
        "replication-factor = 3",
        "brokers = 3",
        "\"max.poll.records\" = 100",
        "\"enable.auto.commit\" = false",
        "\"auto.offset.reset\" = \"latest\"",
        "\"isolation.level\" = \"read_committed\"",
        "beyond 3000 ms",
    ] {
        assert!(done.text.contains(line), "{line}\n{}", done.text);
    }
    assert!(!done.text.contains("geheim"), "a secret is not repeated");
    let read = Scenario::parse("i", &done.text, &Overrides::default(), &mut |_| Err(String::new())).unwrap();
    let plan = &read.variants[0].plan;
    assert_eq!(plan.producers[0].linger, crate::engine::Span::millis(20));
    assert_eq!(plan.producers[0].partitioner.entry.name, "round-robin");
    assert_eq!(plan.groups[0].max_poll_records, 100);
    assert_eq!(plan.groups[0].assignor.entry.name, "cooperative-sticky");
    assert_eq!(plan.groups[0].offset_reset, crate::model::plan::OffsetReset::Latest);
    assert_eq!(plan.groups[0].isolation, crate::model::plan::Isolation::ReadCommitted);
    assert_eq!(plan.topics[0].retention, None);
}

#[test]
fn no_number_is_too_strange() {
    for setting in kafka::modelled_names() {
        for value in [
            "0",
            "-1",
            "1",
            "+7",
            "007",
            "2147483648",
            "9223372036854775807",
            "99999999999999999999",
            "",
            "x",
        ] {
            let line = format!("{setting}={value}\n");
            let done = made(&line, &line, &line.replace('\n', ""));
            assert!(
                done.failed()
                    || Scenario::parse("i", &done.text, &Overrides::default(), &mut |_| Err(String::new()))
                        .is_ok()
            );
        }
    }
}

#[test]
fn one_client_is_enough_and_none_of_its_settings_need_be_written() {
    for (producer, consumer) in [(Some(""), None), (None, Some(""))] {
        let file = |text: Option<&'static str>| text.map(|text| ClientFile { name: "f", text });
        let done = import(&Import { producer: file(producer), consumer: file(consumer), topic: "orders" });
        assert!(!done.failed() && done.text.contains("[topic.orders]"), "{done:?}");
    }
}

#[test]
fn what_cannot_become_anything_is_said_where_it_stands() {
    let cases = [
        ("linger.mss=5", "producer E003 linger.mss"),
        ("block.on.buffer.full=true", "producer E039 block.on.buffer.full"),
        ("linger.ms=5ms", "producer E008 5ms"),
        ("enable.idempotence=yes", "producer E008 yes"),
        ("acks=2", "producer E010 2"),
        ("a=\\u12", "producer E019 \\u12"),
        ("linger.ms=1\nlinger.ms=2", "producer W010 linger.ms"),
        ("max.poll.records=5", "producer W010 max.poll.records"),
        ("partitioner.class=com.acme.Mine", "producer E011 com.acme.Mine"),
    ];
    for (text, expected) in cases {
        assert_eq!(found(text, ""), [expected], "{text}");
    }
    assert_eq!(found("schema.registry.url=http://x", ""), [""; 0]);
    let topic = made("", "", "name=orders,partitons=3");
    assert_eq!(topic.topic.0[0].code, "E003");
}

#[test]
fn contradictions_point_at_the_property() {
    let producers = [
        ("enable.idempotence=true\nacks=1", "producer E025 1"),
        ("acks=1", "producer W006 1"),
        ("retries=0", "producer W006 0"),
        ("max.in.flight.requests.per.connection=6", "producer E025 6"),
        ("delivery.timeout.ms=10000", "producer E024 10000"),
        ("linger.ms=20\nbatch.size=1000", "producer W012 1000"),
    ];
    for (text, expected) in producers {
        assert_eq!(found(text, ""), [expected], "{text}");
    }
    let replicated = |topic: &str, producer: &str| {
        let done = made(producer, "", topic);
        let all = done.producer.0.iter().chain(&done.scenario.0).map(|c| c.code).collect::<Vec<_>>();
        assert!(!done.failed(), "{done:?}");
        all
    };
    assert_eq!(replicated("replication-factor=3,min.insync.replicas=3", ""), ["W015"]);
    assert_eq!(replicated("replication-factor=3,min.insync.replicas=2", ""), [""; 0]);
    assert_eq!(replicated("replication-factor=3", "acks=1\nenable.idempotence=false"), ["W016"]);
    let consumers = [
        ("heartbeat.interval.ms=20000", "consumer W004 20000"),
        ("session.timeout.ms=3000", "consumer E041 3000"),
        ("fetch.max.wait.ms=30000", "consumer W011 30000"),
        ("fetch.max.wait.ms=5000\nrequest.timeout.ms=4000", "consumer W011 5000"),
        ("request.timeout.ms=400", "consumer W011 400"),
    ];
    for (text, expected) in consumers {
        assert_eq!(found("", text), [expected], "{text}");
    }
    let warned = made("acks=1", "heartbeat.interval.ms=20000", "");
    let commands: Vec<&str> = warned.experiments.iter().map(|(_, c)| c.as_str()).collect();
    assert_eq!(commands, ["--set network.response-loss=2%", "--set network.loss=20%"]);
}

#[test]
fn offsets_that_expire_before_the_records_are_a_warning() {
    let done = made("", "", "retention.ms=-1");
    assert_eq!(done.scenario.0.iter().map(|c| c.code).collect::<Vec<_>>(), ["W014"]);
    let done = made("", "auto.offset.reset=latest", "retention.ms=-1");
    assert_eq!(done.consumer.0.iter().map(|c| c.code).collect::<Vec<_>>(), ["W014"]);
}
