//! The consumer protocol (KIP-848) has no barrier: what moves waits for its new owner's heartbeat, and nothing else
//! stands still. A crash is noticed a session after the last heartbeat; a static restart costs what is away.

use super::varied;
use crate::engine::{Stream, Time};
use crate::experiment::results::{MarkKind, RunRecord};
use crate::validate::case::{Case, Group, Size, Trial, Unit};
use crate::validate::formulas::last_of_uniform;
use crate::validate::pipeline::value;
use crate::validate::rule::Rule;
use crate::validate::script::{Script, nanos, per_second, quoted, span};
use crate::validate::sources;

const HEARTBEAT: f64 = 5.0;
/// The longest that a member is held up, in seconds.
const PAUSE: f64 = 1e-3;
const SURVIVORS: u32 = 3;

pub(super) fn trials(seed: u64, size: Size) -> Vec<Trial> {
    vec![handover(seed, size), crash(seed, size), restart(seed)]
}

/// Four members with three partitions each and little to do.
fn group(title: &str, seconds: &str) -> Script {
    Script::new(title, &per_second(20.0), &quoted("1us"), seconds)
        .set("topic.work.partitions", 3 * (SURVIVORS + 1))
        .set("producer.source.keys", "{ uniform = { count = 1000 } }")
        .set("group.sink.consumers", SURVIVORS + 1)
}
/// Under the consumer protocol, as before Kafka 4.3: changes are served at once.
fn led(script: Script) -> Script {
    script.set("group.sink.protocol", quoted("consumer")).set("group.sink.assignment-interval", quoted("0s"))
}

/// One leaves; each of the others takes one of its partitions over with its next heartbeat.
fn handover(seed: u64, size: Size) -> Trial {
    let cases = vec![
        Case::predicted(
            "handover",
            "mean standstill of a partition that moves",
            Unit::Seconds,
            HEARTBEAT / 2.0,
            size.fine(0.2),
        )
        .by("h / 2", sources::HANDOVER),
        Case::predicted(
            "last",
            "mean standstill of the last of three",
            Unit::Seconds,
            last_of_uniform(SURVIVORS, HEARTBEAT),
            size.fine(0.2),
        )
        .by("h m / (m + 1)", sources::HANDOVER),
    ];
    let script = led(group("A member leaves three others, led by their heartbeats", "30s"));
    let write = move |_: u32, chance: &mut Stream| {
        let script = (0..=SURVIVORS).fold(script.clone(), |script, member| {
            let at = span(5.0 + HEARTBEAT * chance.unit());
            script.fault(format!("pause = \"sink/{member}\"\nat = {at}\nfor = {}", span(PAUSE)))
        });
        let at = span(18.0 + HEARTBEAT * chance.unit());
        script.fault(format!("leave = \"sink/{SURVIVORS}\"\nat = {at}"))
    };
    let read = |_: u32, record: &RunRecord| {
        let moved = value(record, "group.sink.stalled-by.leave") / f64::from(SURVIVORS);
        vec![moved, value(record, "group.sink.stalled.max")]
    };
    varied((Group::Messaging, "handover", seed), size.often(160), cases, write, read)
}

fn crash(seed: u64, size: Size) -> Trial {
    let cases = vec![
        Case::predicted("mean", "mean time until a crash is noticed", Unit::Seconds, 42.5, size.fine(0.03))
            .by("session less half of the heartbeat", sources::HANDOVER),
    ];
    let script = led(group("A crash between two heartbeats, led by heartbeats", "90s"));
    let at = |chance: f64| 20.0 + HEARTBEAT * chance;
    let write = move |_: u32, chance: &mut Stream| {
        script.clone().fault(format!("crash = \"sink/1\"\nat = {}", span(at(chance.unit()))))
    };
    let read = |_: u32, record: &RunRecord| {
        let began =
            |kind| record.marks.iter().find(|m| m.kind == kind && m.from > Time::ZERO).map(|m| m.from);
        let noticed = began(MarkKind::Rebalance).zip(began(MarkKind::Fault));
        vec![noticed.map_or(f64::NAN, |(noticed, crashed)| noticed.since(crashed).secs())]
    };
    varied((Group::Messaging, "crash-by-heartbeats", seed), size.often(60), cases, write, read)
}

/// A static member of either protocol is away for ten seconds: three partitions stand still for as long.
fn restart(seed: u64) -> Trial {
    let cases = vec![
        Case::predicted("rebalances", "rebalances", Unit::Count, 0.0, 0.0)
            .by("0: it takes its seat again", sources::STATIC)
            .rule(Rule::Every { grain: 0.0 }),
        Case::predicted("standstill", "standstill of all partitions, summed", Unit::Seconds, 30.0, 0.0)
            .by("its partitions, for as long as it is away", sources::STATIC)
            .rule(Rule::Every { grain: nanos(1e-4).secs() }),
    ];
    let write = move |replication: u32, _: &mut Stream| {
        let script = group("A static member restarts", "60s").set("group.sink.static-membership", "true");
        let script = if replication.is_multiple_of(2) { script } else { led(script) };
        script.fault("leave = \"sink/1\"\nat = \"20s\"\nrestart-after = \"10s\"".to_owned())
    };
    let read = |_: u32, record: &RunRecord| {
        vec![value(record, "group.sink.rebalances"), value(record, "group.sink.stalled")]
    };
    varied((Group::Messaging, "static-restart", seed), 4, cases, write, read)
}
