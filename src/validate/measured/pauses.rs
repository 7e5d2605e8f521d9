//! How long partitions of a real group stood still when a member joined, left or crashed.
//!
//! The recording: 4 members, 12 partitions of 40 records/s each, heartbeats every 3 s, a session of 6 s, five
//! repetitions of each event; a partition's pause is the longest gap between two of its records. Taken over here is
//! the longest pause of each repetition. A restart under a static id is recorded, too, and left out: most of it
//! is the start of a process, of which the recording says nothing.
//!
//! What it leaves open: the moment of the event between two heartbeats, here random; and how often the clients
//! committed. The crashes cost 11 to 117 records of the dead member's 120 per second, so a second, about.

use super::range;
use crate::engine::Stream;
use crate::experiment::results::RunRecord;
use crate::validate::case::{Case, Group, Size, Trial, Unit};
use crate::validate::messaging::varied;
use crate::validate::pipeline::value;
use crate::validate::script::{Script, evenly, quoted, span};
use serde::Deserialize;

const RECORDED: &str = include_str!("../../../assets/recorded/kafka-rebalance-pause.json");
const SOURCE: &str = "Apache Kafka 3.6.2, its Java client, librdkafka 2.16.0: five recorded repetitions";
/// Why joins cost less than recorded.
const NO_WORK: &str = "a real group spends 0.1 to 0.2 s on joining, syncing, looking up offsets and the first fetch, and \
between two polls of 50 ms, which the model gives no time as long as its wires have none";

#[derive(Deserialize)]
struct Recording {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    client: String,
    strategy: String,
    event: String,
    max_pause: f64,
}

pub(super) fn trials(seed: u64, size: Size) -> Vec<Trial> {
    let rows =
        serde_json::from_str::<Recording>(RECORDED).expect("a recording in the repository is whole").rows;
    let longest = |client: &str, strategy: &str, event: &str| {
        let of = rows.iter().filter(|r| {
            (r.client.as_str(), r.strategy.as_str(), r.event.as_str()) == (client, strategy, event)
        });
        range(of.map(|r| r.max_pause))
    };
    let case = |client: &str, strategy, event| {
        Case::measured(
            "longest",
            "longest standstill of a partition, mean",
            Unit::Seconds,
            longest(client, strategy, event),
        )
        .by("between the least and the greatest of five repetitions", SOURCE)
    };
    let cooperative = "cooperative-sticky";
    let runs = size.often(120);
    vec![
        leave("leave-eager", seed, "range", runs, case("librdkafka", "range", "leave")),
        leave("leave-cooperative", seed, cooperative, runs, case("java", cooperative, "leave")),
        crash("crash-eager", seed, runs, case("java", "range", "crash")),
        join("join-eager", seed, "range", runs, case("java", "range", "join").known(NO_WORK, (0.0, 0.05))),
        join(
            "join-cooperative",
            seed,
            cooperative,
            runs,
            case("java", cooperative, "join").known(NO_WORK, (2.95, 3.1)),
        ),
    ]
}

/// A group as recorded, with so many members.
fn group(title: &str, assignor: &str, members: u32) -> Script {
    Script::new(title, &evenly(480.0), &quoted("100us"), "45s")
        .set("topic.work.partitions", 12)
        .set("producer.source.partitioner", quoted("round-robin"))
        .set("group.sink.consumers", members)
        .set("group.sink.assignor", quoted(assignor))
        .set("group.sink.commit", "{ every = \"1s\" }")
        .set("group.sink.session-timeout", quoted("6s"))
}

/// A moment at random between two heartbeats, in TOML.
fn moment(chance: &mut Stream) -> String {
    span(30.0 + 3.0 * chance.unit())
}

fn longest(_: u32, record: &RunRecord) -> Vec<f64> {
    vec![value(record, "group.sink.stalled.max")]
}

fn leave(name: &str, seed: u64, assignor: &str, runs: u32, case: Case) -> Trial {
    let script = group(&format!("One of four members leaves, {assignor}"), assignor, 4);
    let write = move |_: u32, chance: &mut Stream| {
        script.clone().fault(format!("leave = \"sink/1\"\nat = {}", moment(chance)))
    };
    varied((Group::Measured, name, seed), runs, vec![case], write, longest)
}

fn crash(name: &str, seed: u64, runs: u32, case: Case) -> Trial {
    let script = group("One of four members is killed, range", "range", 4);
    let write = move |_: u32, chance: &mut Stream| {
        script.clone().fault(format!("crash = \"sink/1\"\nat = {}", moment(chance)))
    };
    varied((Group::Measured, name, seed), runs, vec![case], write, longest)
}

/// A fifth member, which left long ago, just before a heartbeat, so that this stopped nobody for long.
fn join(name: &str, seed: u64, assignor: &str, runs: u32, case: Case) -> Trial {
    let script = group(&format!("A member joins four others, {assignor}"), assignor, 5);
    let write = move |_: u32, chance: &mut Stream| {
        let away = span(21.01 + 3.0 * chance.unit());
        script.clone().fault(format!("leave = \"sink/4\"\nat = \"8990ms\"\nrestart-after = {away}"))
    };
    varied((Group::Measured, name, seed), runs, vec![case], write, longest)
}
