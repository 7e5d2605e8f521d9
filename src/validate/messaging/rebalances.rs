//! The eager barrier: a rebalance waits until the last member has heard of it from a heartbeat.
//!
//! Heartbeats count from the assignment, so a group that got it together beats together. Members that were held up
//! for a moment each (a pause of a millisecond) beat at moments of their own: then n of them hear after times that
//! are independent and uniform over an interval h, the last after h n / (n + 1) on average.

use super::varied;
use crate::engine::{Stream, Time};
use crate::experiment::results::{MarkKind, RunRecord};
use crate::validate::case::{Case, Group, Size, Trial, Unit};
use crate::validate::formulas::last_of_uniform;
use crate::validate::pipeline::value;
use crate::validate::rule::Rule;
use crate::validate::script::{Script, nanos, per_second, quoted, span};
use crate::validate::sources;

const HEARTBEAT: f64 = 3.0;
/// The longest that a member is held up, in seconds.
const PAUSE: f64 = 1e-3;

pub(super) fn trials(seed: u64, size: Size) -> Vec<Trial> {
    vec![apart(3, "barrier-3", seed, size), apart(10, "barrier-10", seed, size), together(seed, size)]
}

/// A group of members with a partition each and little to do, of which the last leaves.
fn leaving(survivors: u32, title: &str) -> Script {
    Script::new(title, &per_second(20.0), &quoted("1us"), "30s")
        .set("topic.work.partitions", survivors + 1)
        .set("producer.source.keys", "{ uniform = { count = 1000 } }")
        .set("group.sink.consumers", survivors + 1)
}

fn leave(survivors: u32, chance: &mut Stream) -> String {
    format!("leave = \"sink/{survivors}\"\nat = {}", span(18.0 + HEARTBEAT * chance.unit()))
}

/// How long the one rebalance took.
fn barrier(record: &RunRecord) -> f64 {
    let mut bands = record.marks.iter().filter(|m| m.kind == MarkKind::Rebalance && m.from > Time::ZERO);
    bands.next().map_or(f64::NAN, |m| m.to.since(m.from).secs())
}

fn apart(survivors: u32, name: &str, seed: u64, size: Size) -> Trial {
    let n = f64::from(survivors);
    let last = last_of_uniform(survivors, HEARTBEAT);
    let cases = vec![
        Case::predicted("barrier", "mean length of the rebalance", Unit::Seconds, last, size.fine(0.1))
            .by("h n / (n + 1)", sources::BARRIER),
        // Each survivor's partition stands from the moment it hears, the leaver's from the beginning.
        Case::predicted(
            "standstill",
            "mean time for which partitions stood still, summed",
            Unit::Seconds,
            n * (last - HEARTBEAT / 2.0) + last,
            size.fine(0.15),
        )
        .by("n (h n / (n + 1) - h / 2), and the leaver's own h n / (n + 1)", sources::BARRIER),
    ];
    let title = format!("A member leaves {survivors} others, whose heartbeats are independent");
    let script = leaving(survivors, &title);
    let write = move |_: u32, chance: &mut Stream| {
        let script = (0..=survivors).fold(script.clone(), |script, member| {
            let at = span(5.0 + HEARTBEAT * chance.unit());
            script.fault(format!("pause = \"sink/{member}\"\nat = {at}\nfor = {}", span(PAUSE)))
        });
        script.fault(leave(survivors, chance))
    };
    let read = move |_: u32, record: &RunRecord| {
        // What the pauses themselves stopped is no part of it.
        vec![barrier(record), value(record, "group.sink.stalled") - f64::from(survivors + 1) * PAUSE]
    };
    varied((Group::Messaging, name, seed), size.often(160), cases, write, read)
}

/// Members in step hear together.
fn together(seed: u64, size: Size) -> Trial {
    let survivors = 3;
    let cases = vec![
        Case::predicted(
            "barrier",
            "mean length of the rebalance",
            Unit::Seconds,
            HEARTBEAT / 2.0,
            size.fine(0.3),
        )
        .by("h / 2", sources::BARRIER),
        Case::predicted(
            "standstill",
            "standstill of all but the leaver's partition",
            Unit::Seconds,
            0.0,
            0.0,
        )
        .by("0: nobody waits for anybody", sources::BARRIER)
        .rule(Rule::Every { grain: nanos(1e-6).secs() }),
    ];
    let script = leaving(survivors, "A member leaves three others, whose heartbeats are in step");
    let write = move |_: u32, chance: &mut Stream| script.clone().fault(leave(survivors, chance));
    let read = |_: u32, record: &RunRecord| {
        let barrier = barrier(record);
        vec![barrier, value(record, "group.sink.stalled") - barrier]
    };
    varied((Group::Messaging, "barrier-in-step", seed), size.often(80), cases, write, read)
}
