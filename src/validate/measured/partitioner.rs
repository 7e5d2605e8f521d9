//! A hundred keys and the partitions that Kafka's clients put them into.

use crate::engine::Time;
use crate::model::catalog::{Args, Choice, Trace, Value};
use crate::model::keys;
use crate::model::partitioning;
use crate::validate::case::{Case, Group, Trial, Unit};
use crate::validate::rule::Rule;
use serde::Deserialize;
use std::collections::BTreeMap;

const RECORDED: &str = include_str!("../../../assets/recorded/partitioner.json");
const SOURCE: &str =
    "kafka-python 3.0.12, kafka-clients (Java) 3.6.2, kafkajs 2.2.4, aiokafka 0.14.0, which agree";

#[derive(Deserialize)]
struct Recording {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    partition: BTreeMap<String, u32>,
}

pub(super) fn trial() -> Trial {
    let rows =
        serde_json::from_str::<Recording>(RECORDED).expect("a recording in the repository is whole").rows;
    let case = |name, partitions: u32| {
        let figure = format!("keys of {} that go to the recorded one of {partitions} partitions", rows.len());
        Case::predicted(name, &figure, Unit::Count, rows.len() as f64, 0.0)
            .by("(murmur2(key) & 0x7fffffff) mod P", SOURCE)
            .rule(Rule::Every { grain: 0.0 })
    };
    let cases = vec![case("of-3", 3), case("of-6", 6), case("of-12", 12), case("of-50", 50)];
    let trace = Trace {
        at: vec![Time::ZERO; rows.len()],
        key: (0_u32..).take(rows.len()).collect(),
        keys: rows.iter().map(|r| r.key.clone()).collect(),
        size: Vec::new(),
    };
    let keys = Args(vec![("value", Value::Trace(trace.into()))]);
    let agreeing = move |partitions: u32| {
        let keys = Choice::of(keys::MEMBERS, "traced", keys.clone()).build();
        let mut partitioner =
            Choice::of(partitioning::MEMBERS, "default", Args(vec![("adaptive", Value::Flag(true))])).build();
        let placed = partitioner.by_key(keys.as_ref(), partitions).expect("keys decide alone");
        let recorded = partitions.to_string();
        rows.iter().zip(placed).filter(|(row, place)| *place == row.partition[&recorded]).count() as f64
    };
    Trial {
        group: Group::Measured,
        name: "partitioner".into(),
        title: "The default partitioner for events with keys".into(),
        script: "the default partitioner, each recorded key by itself\n".into(),
        replications: 1,
        cases,
        play: Box::new(move |_, _| [3, 6, 12, 50].map(&agreeing).to_vec()),
    }
}
