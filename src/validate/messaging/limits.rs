//! Limits: tries, windows, fetches, full buffers, token buckets, quotas.

use super::fixed;
use crate::experiment::results::RunRecord;
use crate::validate::case::{Case, Size, Trial, Unit};
use crate::validate::formulas::{blocked_m_m_c_k, throughput_of_window, tries};
use crate::validate::pipeline::{Read, metric, value};
use crate::validate::rule::Rule;
use crate::validate::script::{Script, evenly, exponential, per_second, quoted};
use crate::validate::sources;

pub(super) fn trials(size: Size) -> Vec<Trial> {
    let mut all: Vec<Trial> = [(0.5, 3), (0.9, 3), (1.0, 4)].map(|(p, r)| limited_retries(p, r, size)).into();
    all.extend([1, 3, 5, 10].map(in_flight));
    all.push(fetches());
    all.push(full_buffer(size));
    all.push(token_bucket());
    all.push(quota());
    all
}

/// With at most r retries: (1 - p^(r+1)) / (1 - p) tries per record, of which a share p^(r+1) is given up.
fn limited_retries(p: f64, r: u32, size: Size) -> Trial {
    let title = format!("Tries that fail with probability {p}, at most {} of them", r + 1);
    let script = Script::new(&title, &per_second(100.0), &exponential("1ms"), &format!("{}s", size.long(60)))
        .set("group.sink.failures", format!("{{ random = {{ probability = {p:?} }} }}"))
        .set("group.sink.retry.attempts", r + 1)
        .set("group.sink.retry.then", quoted("dead-letter"))
        .set("group.sink.retry.backoff", quoted("none"));
    let given_up = libm::pow(p, f64::from(r + 1));
    let share = |x: &RunRecord| value(x, "group.sink.dead-lettered") / value(x, "group.sink.created");
    let cases: Vec<(Case, Read)> = vec![
        (
            Case::predicted("tries", "tries per record", Unit::Ratio, tries(p, r), size.fine(0.02))
                .by("(1 - p^(r+1)) / (1 - p)", sources::BERNOULLI),
            metric("group.sink.attempts.mean"),
        ),
        (
            Case::predicted("given-up", "share given up", Unit::Ratio, given_up, size.fine(0.1))
                .by("p^(r+1)", sources::BERNOULLI),
            Box::new(share),
        ),
    ];
    fixed(format!("tries-{p}-{}", r + 1), &script, 16, cases)
}

/// The same, with a group that leaves the broker alone: its one fetch waits for more than will ever come.
fn without_fetches(script: Script) -> Script {
    script
        .set("end", quoted("stop"))
        .set("group.sink.fetch-min-bytes", quoted("1GB"))
        .set("group.sink.fetch-max-wait", quoted("1h"))
}

/// A producer with a window of open requests, to a broker that takes its time for each.
fn in_flight(k: u32) -> Trial {
    let (trip, service) = (0.02, 5e-3);
    let seconds = 100.0;
    let expected = throughput_of_window(k, trip, service);
    let script = without_fetches(Script::new(
        &format!("A window of {k} requests, round trip 20 ms, 5 ms each at the broker"),
        &evenly(1000.0),
        &quoted("0s"),
        "100s",
    ))
    .set("cluster.request-cost", quoted("5ms"))
    .set("producer.source.acks", quoted("leader"))
    .set("producer.source.batch-size", quoted("100B"))
    .set("producer.source.max-in-flight", k)
    .set("producer.source.network", "{ delay = \"10ms\" }");
    // The rounds at both ends that are cut off.
    let grain = f64::from(2 * k + 1) / seconds;
    let case =
        Case::predicted("throughput", "records acknowledged per second", Unit::PerSecond, expected, 0.0)
            .by("min(1 / s, k / (RTT + s))", sources::WINDOW)
            .rule(Rule::Every { grain });
    let acknowledged = move |r: &RunRecord| value(r, "producer.source.acknowledged") / seconds;
    fixed(format!("in-flight-{k}"), &script, 1, vec![(case, Box::new(acknowledged))])
}

/// One open fetch per partition: what one brings per round trip.
fn fetches() -> Trial {
    let (bytes, trip) = (10.0, 0.1);
    let script = Script::new(
        "A consumer that fetches ten records at a time over a round trip of 100 ms",
        &evenly(500.0),
        &quoted("0s"),
        "100s",
    )
    .set("end", quoted("stop"))
    .set("group.sink.max-partition-fetch-bytes", quoted("1000B"))
    .set("group.sink.network", "{ delay = \"50ms\" }")
    .set("group.sink.commit", "{ every = \"5s\" }");
    let case =
        Case::predicted("throughput", "records applied per second", Unit::PerSecond, bytes / trip, 0.0)
            .by("records per fetch / RTT", sources::WINDOW)
            .rule(Rule::Every { grain: 3.0 * bytes / 100.0 });
    fixed("fetch", &script, 1, vec![(case, metric("group.sink.throughput"))])
}

/// A send buffer of limited size in front of a broker with exponential times is M/M/1/K.
fn full_buffer(size: Size) -> Trial {
    let (k, rho) = (10, 1.2);
    let script = without_fetches(Script::new(
        "A send buffer with room for ten records, and a broker at 1.2 times its capacity",
        &per_second(rho * 1000.0),
        &quoted("0s"),
        &format!("{}s", size.long(40)),
    ))
    .set("cluster.request-cost", exponential("1ms"))
    .set("producer.source.acks", quoted("leader"))
    .set("producer.source.batch-size", quoted("100B"))
    .set("producer.source.max-in-flight", 1)
    .set("producer.source.backpressure", "{ drop-newest = { buffer-memory = \"1000B\" } }");
    let share = |r: &RunRecord| value(r, "producer.source.shed") / value(r, "producer.source.created");
    let case =
        Case::predicted("blocked", "share refused", Unit::Ratio, blocked_m_m_c_k(rho, 1, k), size.fine(0.05))
            .by("(1 - rho) rho^K / (1 - rho^(K+1))", sources::BIRTH_DEATH);
    fixed("full-buffer", &script, 16, vec![(case, Box::new(share) as Read)])
}

/// In a time t, a token bucket lets burst + rate t events through.
fn token_bucket() -> Trial {
    let script = Script::new(
        "A token bucket of 100 events and 200 more per second, for 1000 events per second",
        &evenly(1000.0),
        &quoted("0s"),
        "50s",
    )
    .set("producer.source.backpressure", "{ token-bucket = { rate = \"200/s\", burst = 100 } }");
    let case = Case::predicted("accepted", "events let through", Unit::Count, 100.0 + 200.0 * 50.0, 0.0)
        .by("burst + rate t", sources::BUCKET)
        .rule(Rule::Every { grain: 1.0 });
    fixed("token-bucket", &script, 1, vec![(case, metric("producer.source.accepted"))])
}

/// Under a quota the long run goes at the quota, and no more than eleven windows' worth goes before.
fn quota() -> Trial {
    let (rate, seconds) = (50_000.0, 600.0);
    let script =
        Script::new("A quota of 50 kB/s for a producer of 100 kB/s", &evenly(1000.0), &quoted("0s"), "600s")
            .set("end", quoted("stop"))
            .set("cluster.quota", "{ byte-rate = { rate = \"50kB/s\" } }")
            .set("producer.source.acks", quoted("leader"));
    let case = Case::predicted("rate", "bytes appended per second", Unit::Bytes, rate, 0.0)
        .by("the quota, give or take eleven windows of a second", sources::QUOTA)
        .rule(Rule::Every { grain: rate * 11.0 / seconds });
    let bytes = move |r: &RunRecord| value(r, "topic.work.bytes") / seconds;
    fixed("quota", &script, 1, vec![(case, Box::new(bytes))])
}
