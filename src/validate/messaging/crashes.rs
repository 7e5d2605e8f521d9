//! What a crash costs: records done twice, records never done, time until somebody notices.
//!
//! A consumer with a backlog works through one record per service time, so what is done between a commit and a crash
//! is known to the record. Crashes are spread evenly over a commit period, one at a random moment of each part of
//! it; the mean is then the formula's, up to half a part and the one record by which whole records fall short of a
//! fluid.

use super::varied;
use crate::validate::case::{Case, Group, Size, Trial, Unit};
use crate::validate::formulas::commit_period;
use crate::validate::pipeline::value;
use crate::validate::rule::Rule;
use crate::validate::script::{Script, evenly, quoted, span};
use crate::validate::sources;

/// Seconds per record.
const SERVICE: f64 = 1e-3;
/// When the backlog gets to the log, in seconds.
const START: f64 = 1e-3;

pub(super) fn trials(seed: u64, size: Size) -> Vec<Trial> {
    let crashes = size.often(40);
    let mut all: Vec<Trial> = [(700, 0.7), (100, 0.1)]
        .map(|(batch, poll)| {
            let period = commit_period(5.0, poll);
            let case =
                duplicates(period / SERVICE / 2.0, "rate P / 2, P = p ceil(tau / p)", sources::AUTO_COMMIT);
            let commit = "{ every = \"5s\" }";
            let what = format!("automatic commits every 5 s, polls of {poll} s");
            crash((&format!("auto-commit-{poll}"), seed), &what, worker(batch, commit), period, case, crashes)
        })
        .into();
    let batch = 0.4;
    let half = batch / SERVICE / 2.0;
    let case = duplicates(half, "n / 2", sources::RENEWAL);
    let script = worker(400, &quoted("after-batch"));
    all.push(crash(
        ("commit-after-batch", seed),
        "a commit after each batch of 400",
        script,
        batch,
        case,
        crashes,
    ));
    let case = duplicates(0.0, "0: the record in work had no effect yet", sources::ARITHMETIC)
        .rule(Rule::Every { grain: 0.0 });
    let script = worker(400, &quoted("after-record"));
    all.push(crash(
        ("commit-after-record", seed),
        "a commit after each record",
        script,
        batch,
        case,
        crashes,
    ));
    let script = worker(400, &quoted("before-processing")).set("group.sink.delivery", quoted("at-most-once"));
    let case = Case::predicted("lost", "records lost per crash", Unit::Count, half, 0.0)
        .by("n / 2", sources::RENEWAL);
    all.push(crash(
        ("commit-before", seed),
        "a commit before each batch of 400",
        script,
        batch,
        case,
        crashes,
    ));
    all.push(takeover(("takeover-rare-commits", seed), "{ every = \"1h\" }", (42.0, 45.0), 43.5, size));
    all.push(takeover(("takeover-after-commits", seed), "\"after-batch\"", (44.9, 45.0), 44.95, size));
    all
}

fn duplicates(expected: f64, formula: &str, source: &'static str) -> Case {
    Case::predicted("duplicates", "records done twice per crash", Unit::Count, expected, 0.0)
        .by(formula, source)
}

/// A consumer at 1000 records per second with 20000 of them before it, which come to the log together.
fn worker(batch: u32, commit: &str) -> Script {
    Script::new("A crash", &evenly(20e6), &quoted("1ms"), "1ms")
        .set("end", "{ drain = \"1h\" }")
        .set("sample-every", quoted("100ms"))
        .set("producer.source.size", quoted("1B"))
        .set("producer.source.linger", span(START))
        .set("producer.source.batch-size", quoted("1MB"))
        .set("group.sink.max-poll-records", batch)
        .set("group.sink.session-timeout", quoted("10s"))
        .set("group.sink.commit", commit)
}

/// Crashes spread evenly over the third commit period; and each costs what the position in it says.
fn crash(
    (name, seed): (&str, u64),
    what: &str,
    script: Script,
    period: f64,
    mean: Case,
    crashes: u32,
) -> Trial {
    let script = script.set("title", quoted(&format!("A crash, with {what}")));
    // Half of one crash's part of the period, and a record; whatever loses or repeats nothing is exact.
    let grain = period / SERVICE / (2.0 * f64::from(crashes)) + 1.0;
    let mean = match mean.rule {
        Rule::Interval { .. } => mean.rule(Rule::Mean { grain }),
        _ => mean,
    };
    let lost = mean.name == "lost";
    let other = if lost { ("duplicates", "records done twice") } else { ("lost", "records lost") };
    let none = Case::predicted(other.0, other.1, Unit::Count, 0.0, 0.0)
        .by("0: the other way round", sources::ARITHMETIC)
        .rule(Rule::Every { grain: 0.0 });
    let metrics = [mean.name, other.0].map(|name| format!("group.sink.{name}"));
    let write = move |replication: u32, chance: &mut crate::engine::Stream| {
        let part = (f64::from(replication) + chance.unit().clamp(0.01, 0.99)) / f64::from(crashes);
        let done = libm::floor(part * period / SERVICE);
        // In the middle of a record, whichever it is.
        let at = START + 2.0 * period + (done + 0.5) * SERVICE;
        script.clone().fault(format!("crash = \"sink/0\"\nat = {}\nrestart-after = \"1s\"", span(at)))
    };
    let read = move |_: u32, record: &_| metrics.iter().map(|m| value(record, m)).collect();
    varied((Group::Messaging, name, seed), crashes, vec![mean, none], write, read)
}

/// Ten records a second, and a crash at a random moment between two heartbeats.
fn takeover((name, seed): (&str, u64), commit: &str, bounds: (f64, f64), mean: f64, size: Size) -> Trial {
    let title = format!("A crash between two heartbeats, with commits {}", commit.trim_matches('"'));
    let script = Script::new(&title.replace('"', ""), &evenly(10.0), &quoted("1ms"), "110s")
        .set("end", "{ drain = \"1h\" }")
        .set("group.sink.commit", commit);
    let cases = vec![
        Case::predicted("mean", "mean time until a successor reads", Unit::Seconds, mean, size.fine(0.03))
            .by("session less half of the heartbeat (or of the distance of commits)", sources::SESSION),
        Case {
            expected: crate::validate::Expected::Between(bounds.0, bounds.1),
            ..Case::predicted("bounds", "time until a successor reads", Unit::Seconds, mean, 0.0)
        }
        .by("between session less one heartbeat (or commit) and session", sources::SESSION)
        .rule(Rule::EveryInside),
    ];
    let write = move |_: u32, chance: &mut crate::engine::Stream| {
        let at = 60.0 + 3.0 * chance.unit();
        script.clone().fault(format!("crash = \"sink/0\"\nat = {}\nrestart-after = \"1s\"", span(at)))
    };
    let read = |_: u32, record: &_| vec![value(record, "group.sink.takeover"); 2];
    varied((Group::Messaging, name, seed), size.often(60), cases, write, read)
}
