//! The producer's batches: how long a record waits for company, and how much of it comes.

use super::fixed;
use crate::validate::case::{Case, Size, Trial, Unit};
use crate::validate::formulas::linger_wait;
use crate::validate::pipeline::{little, metric, value};
use crate::validate::rule::Rule;
use crate::validate::script::{Script, per_second, quoted};
use crate::validate::sources;

const LINGER: f64 = 5e-3;

pub(super) fn trials(size: Size) -> Vec<Trial> {
    let mut all: Vec<Trial> = [(0.5, 60), (5.0, 20), (50.0, 8)]
        .map(|(company, s)| lingering(company, 1, size.long(s), size))
        .into();
    all.push(lingering(5.0, 4, size.long(10), size));
    all.push(full(size));
    all
}

/// Records that wait for company, to partitions on brokers of their own.
fn lingering(company: f64, partitions: u32, seconds: u64, size: Size) -> Trial {
    let each = company / LINGER;
    let title = match partitions {
        1 => format!("A linger of 5 ms, in which {company} more records come"),
        n => format!("The same to {n} partitions, each on a broker of its own"),
    };
    let script =
        Script::new(&title, &per_second(each * f64::from(partitions)), &quoted("0s"), &format!("{seconds}s"))
            .set("cluster.brokers", partitions)
            .set("topic.work.partitions", partitions)
            .set("producer.source.keys", "{ uniform = { count = 400 } }")
            .set("producer.source.partitioner", quoted("modulo"))
            .set("producer.source.linger", quoted("5ms"))
            .set("producer.source.batch-size", quoted("1MiB"));
    let cases = vec![
        (
            Case::predicted("records", "records per batch", Unit::Count, 1.0 + company, size.fine(0.02))
                .by("1 + lambda T", sources::LINGER),
            metric("producer.source.batch.mean"),
        ),
        (
            Case::predicted(
                "wait",
                "mean wait for the batch",
                Unit::Seconds,
                linger_wait(each, LINGER),
                size.fine(0.02),
            )
            .by("T (1 + lambda T / 2) / (1 + lambda T)", sources::LINGER),
            metric("producer.source.batch.wait"),
        ),
        little_at_once(),
    ];
    let name =
        if partitions == 1 { format!("linger-{company}") } else { format!("linger-{company}-x{partitions}") };
    fixed(name, &script, 16, cases)
}

/// The way from the log to the effect takes no time here, so its law is that nothing waits on it.
fn little_at_once() -> (Case, crate::validate::pipeline::Read) {
    let case = Case::predicted("rest", "mean time from log to effect", Unit::Seconds, 0.0, 0.0)
        .by("0: no wire, no work", sources::ARITHMETIC)
        .rule(Rule::Every { grain: 1e-9 });
    let rest = |r: &crate::experiment::results::RunRecord| {
        value(r, "group.sink.latency.mean") - value(r, "producer.source.batch.wait")
    };
    (case, Box::new(rest))
}

/// Batches that are full before the linger is over.
fn full(size: Size) -> Trial {
    let (rate, n) = (1000.0, 10);
    // Nine arrivals within 60 ms fail to come once in 10^15 batches.
    let script = Script::new(
        "Batches of ten records, full before their linger is over",
        &per_second(rate),
        &quoted("100us"),
        &format!("{}s", size.long(60)),
    )
    .set("producer.source.linger", quoted("60ms"))
    .set("producer.source.batch-size", quoted("1000B"))
    .set("sample-every", quoted("10ms"));
    let cases = vec![
        (
            Case::predicted("records", "records per batch", Unit::Count, f64::from(n), 0.0)
                // The last batch of a run may be short.
                .by("n", sources::ARITHMETIC)
                .rule(Rule::Every { grain: 0.02 }),
            metric("producer.source.batch.mean"),
        ),
        (
            Case::predicted(
                "wait",
                "mean wait for the batch",
                Unit::Seconds,
                f64::from(n - 1) / (2.0 * rate),
                size.fine(0.02),
            )
            .by("(n - 1) / (2 lambda)", sources::LINGER),
            metric("producer.source.batch.wait"),
        ),
        little(size.fine(0.09)),
    ];
    fixed("full-batches", &script, 16, cases)
}
