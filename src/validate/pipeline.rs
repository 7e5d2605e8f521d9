//! Queueing theory, through the model that every scenario runs through.
//!
//! Runs begin empty and have no warm-up, which the law of Little wants; what the empty start takes off a mean is
//! less than a tenth of each case's resolution, since runs last for hundreds of relaxation times.

use super::case::{Case, Group, Size, Trial, Unit};
use super::formulas::{number_in_batch_service, quantile_m_m_1, tries, wait_m_g_1, wait_m_m_c};
use super::rule::Rule;
use super::script::{Script, evenly, exponential, gamma, per_second, quoted};
use super::sources;
use crate::experiment::results::RunRecord;

/// Mean service time: a millisecond.
const SERVICE: f64 = 1e-3;
/// Replications of each trial.
const RUNS: u32 = 32;
/// A bucket of the latency histogram is at most this wide, as a share of its values; half of it, as a value is
/// interpolated inside.
const STEP: f64 = 1.0 / 64.0;

/// Reads a figure off a run.
pub(super) type Read = Box<dyn Fn(&RunRecord) -> f64 + Send + Sync>;

/// A metric of a run; `NaN` if the run cannot state it.
pub(super) fn metric(name: &'static str) -> Read {
    Box::new(move |record| value(record, name))
}

/// See [`metric`].
pub(super) fn value(record: &RunRecord, name: &str) -> f64 {
    record.metrics.get(name).copied().unwrap_or(f64::NAN)
}

/// One scenario, the same in every replication, and its cases.
pub(super) fn scenario(
    group: Group,
    name: impl Into<String>,
    script: &Script,
    replications: u32,
    cases: Vec<(Case, Read)>,
) -> Trial {
    let (script, title) = (script.clone().set("replications", replications).text(), script.title());
    let (cases, reads): (Vec<Case>, Vec<Read>) = cases.into_iter().unzip();
    let text = script.clone();
    Trial {
        group,
        name: name.into(),
        title,
        script,
        replications,
        cases,
        play: Box::new(move |stage, replication| {
            let record = stage.scenario(&text, replication);
            reads.iter().map(|read| read(&record)).collect()
        }),
    }
}

fn pipeline(name: impl Into<String>, script: &Script, cases: Vec<(Case, Read)>) -> Trial {
    scenario(Group::Pipeline, name, script, RUNS, cases)
}

/// Events at this load to a single server, sampled every twenty services.
fn single(title: &str, rho: f64, service: &str, seconds: u64) -> Script {
    Script::new(title, &per_second(rho / SERVICE), service, &format!("{seconds}s"))
        .set("sample-every", quoted("20ms"))
}

/// Little's law, L = lambda W, on the part of the way from the log to the effect. L times the length of the run is the
/// area under the lag, which is read off the logs by samples; lambda W times that length is the sum of the events'
/// times, added up event by event. A record is counted by as many samples as fall between its append and its
/// effect, so a record's share of the area is off by less than the distance of two samples, and by nothing on
/// average.
pub(super) fn little(resolution: f64) -> (Case, Read) {
    let case = Case::predicted(
        "little",
        "area under the lag over the events' summed time from log to effect",
        Unit::Ratio,
        1.0,
        resolution,
    )
    .by("L = lambda W", sources::LITTLE);
    let read = |record: &RunRecord| {
        let lag = record.series.iter().find(|s| s.name == "group.sink.lag");
        let area = lag.map_or(f64::NAN, |s| s.value.iter().sum::<f64>() * s.step.secs());
        let waited = value(record, "group.sink.latency.mean") - value(record, "producer.source.batch.wait");
        area / (value(record, "group.sink.applied") * waited)
    };
    (case, Box::new(read))
}

fn mean_time(formula: &str, source: &'static str, value: f64, resolution: f64) -> (Case, Read) {
    let case = Case::predicted("mean", "mean time from creation to effect", Unit::Seconds, value, resolution);
    (case.by(formula, source), metric("group.sink.latency.mean"))
}

fn utilisation(rho: f64, resolution: f64) -> (Case, Read) {
    let case = Case::predicted("utilisation", "share of the time at work", Unit::Ratio, rho, resolution);
    (case.by("lambda E[S] / c", sources::UTILISATION), metric("group.sink.utilisation"))
}

/// All of them.
pub(super) fn trials(size: Size) -> Vec<Trial> {
    let mut all = vec![counts()];
    all.extend(markovian(size));
    all.extend(general(size));
    all.extend(several_servers(size));
    all.extend(batches(size));
    all.push(pooled_against_partitioned(size));
    all.push(two_sources(size));
    all.push(uneven_partitions(size));
    all.push(retries(size));
    all
}

/// As many events as the clock says, none left out before anybody counts.
fn counts() -> Trial {
    let script = Script::new("Even arrivals", &evenly(1000.0), &quoted("500us"), "20s");
    let case = |name, figure: &str, formula: &str| {
        Case::predicted(name, figure, Unit::Count, 20_000.0, 0.0)
            .by(formula, "arithmetic")
            .rule(Rule::Every { grain: 0.0 })
    };
    let cases = vec![
        (case("created", "events created", "rate times duration"), metric("producer.source.created")),
        (case("applied", "events applied", "all that were created"), metric("group.sink.applied")),
        (
            Case::predicted("mean", "mean time from creation to effect", Unit::Seconds, 0.5e-3, 0.0)
                .by("E[S]: nobody waits", "arithmetic")
                .rule(Rule::Every { grain: 1e-9 }),
            metric("group.sink.latency.mean"),
        ),
    ];
    scenario(Group::Pipeline, "d-d-1", &script, 2, cases)
}

fn markovian(size: Size) -> Vec<Trial> {
    let one = |(rho, seconds, mean, tail): (f64, u64, f64, f64)| {
        let script = single(&format!("M/M/1 at load {rho}"), rho, &exponential("1ms"), size.long(seconds));
        let expected = SERVICE / (1.0 - rho);
        let quantile = |name, q: f64, read| {
            let figure = format!("{} of the times from creation to effect", &name);
            let value = quantile_m_m_1(rho / SERVICE, SERVICE, q);
            let case = Case::predicted(name, &figure, Unit::Seconds, value, size.fine(tail))
                .by("-ln(1 - q) / (mu - lambda)", sources::KLEINROCK_SOJOURN)
                .rule(Rule::Interval { resolution: size.fine(tail), grain: STEP });
            (case, metric(read))
        };
        let cases = vec![
            mean_time("1 / (mu - lambda)", sources::KLEINROCK_M_M_1, expected, size.fine(mean)),
            quantile("p50", 0.5, "group.sink.latency.p50"),
            quantile("p99", 0.99, "group.sink.latency.p99"),
            utilisation(rho, size.fine(0.01)),
            little(size.fine(0.025)),
        ];
        pipeline(format!("m-m-1-{rho}"), &script, cases)
    };
    [(0.5, 40, 0.02, 0.04), (0.8, 60, 0.05, 0.1), (0.9, 90, 0.09, 0.16)].map(one).into()
}

fn general(size: Size) -> Vec<Trial> {
    let one = |(name, cs2, rho, seconds, resolution): (&str, f64, f64, u64, f64)| {
        let service = if cs2 == 0.0 { quoted("1ms") } else { gamma("1ms", libm::sqrt(cs2)) };
        let title = match cs2 {
            0.0 => format!("M/D/1 at load {rho}"),
            _ => format!("M/G/1 with cs2 = {cs2} at load {rho}"),
        };
        let script = single(&title, rho, &service, size.long(seconds));
        let expected = wait_m_g_1(rho / SERVICE, SERVICE, cs2) + SERVICE;
        let formula = "E[S] + lambda E[S^2] / (2 (1 - rho))";
        let cases = vec![
            mean_time(formula, sources::POLLACZEK, expected, size.fine(resolution)),
            utilisation(rho, size.fine(0.02)),
            little(size.fine(0.03)),
        ];
        pipeline(format!("{name}-{rho}"), &script, cases)
    };
    [
        ("m-d-1", 0.0, 0.5, 30, 0.02),
        ("m-d-1", 0.0, 0.8, 40, 0.05),
        ("m-d-1", 0.0, 0.9, 60, 0.09),
        ("m-g-1-cs2-4", 4.0, 0.5, 60, 0.06),
        ("m-g-1-cs2-4", 4.0, 0.8, 90, 0.12),
    ]
    .map(one)
    .into()
}

fn several_servers(size: Size) -> Vec<Trial> {
    let one = |(c, seconds): (u32, u64)| {
        let rate = 0.8 * f64::from(c) / SERVICE;
        let title = format!("M/M/{c} at load 0.8: workers of one consumer");
        let script =
            Script::new(&title, &per_second(rate), &exponential("1ms"), &format!("{}s", size.long(seconds)))
                .set("group.sink.concurrency", c)
                .set("group.sink.processing", quoted("streaming"));
        let expected = wait_m_m_c(rate, SERVICE, c) + SERVICE;
        let cases = vec![
            mean_time("E[S] + C(c, a) / (c mu - lambda)", sources::ERLANG_C, expected, size.fine(0.05)),
            utilisation(0.8, size.fine(0.01)),
        ];
        pipeline(format!("m-m-{c}-0.8"), &script, cases)
    };
    [(2, 20), (4, 12), (10, 5)].map(one).into()
}

/// A consumer whose polls cost an exponential time, and whose records cost none.
fn batches(size: Size) -> Vec<Trial> {
    let one = |(load, most, seconds): (f64, u32, u64)| {
        let mu = 1.0 / SERVICE;
        let title = format!("Polls of at most {most}, of {load} records per poll that would be needed");
        let script =
            Script::new(&title, &per_second(load * mu), &quoted("0s"), &format!("{}s", size.long(seconds)))
                .set("group.sink.poll-cost", exponential("1ms"))
                .set("group.sink.max-poll-records", most)
                .set("sample-every", quoted("10ms"));
        let expected = number_in_batch_service(load * mu, mu, most) / (load * mu);
        let cases = vec![
            mean_time(
                "L / lambda, L = p0 r / (1 - r)^2 + lambda / mu, mu r^(b+1) - (lambda + mu) r + lambda = 0",
                sources::BAILEY,
                expected,
                size.fine(0.05),
            ),
            little(size.fine(0.03)),
        ];
        pipeline(format!("poll-batch-{most}"), &script, cases)
    };
    [(3.0, 5, 20), (8.0, 10, 12)].map(one).into()
}

/// The price of partitions: ten of them, each with its consumer, against one with ten workers.
fn pooled_against_partitioned(size: Size) -> Trial {
    let (c, rho) = (10_u32, 0.8);
    let rate = rho * f64::from(c) / SERVICE;
    let base = Script::new(
        "Ten partitions with a consumer each, against one with ten workers",
        &per_second(rate),
        &exponential("1ms"),
        &format!("{}s", size.long(6)),
    )
    .set("replications", RUNS);
    let partitioned = base
        .clone()
        .set("topic.work.partitions", c)
        .set("producer.source.partitioner", quoted("random"))
        .set("group.sink.consumers", c);
    let pooled = base.set("group.sink.concurrency", c).set("group.sink.processing", quoted("streaming"));
    let (wait_apart, wait_together) = (wait_m_g_1(rho / SERVICE, SERVICE, 1.0), wait_m_m_c(rate, SERVICE, c));
    let cases = vec![
        Case::predicted(
            "partitioned",
            "mean time, partitioned",
            Unit::Seconds,
            wait_apart + SERVICE,
            size.fine(0.05),
        )
        .by("1 / (mu - lambda / c)", sources::SPLITTING),
        Case::predicted(
            "pooled",
            "mean time, pooled",
            Unit::Seconds,
            wait_together + SERVICE,
            size.fine(0.02),
        )
        .by("E[S] + C(c, a) / (c mu - lambda)", sources::ERLANG_C),
        Case::predicted(
            "ratio",
            "wait, partitioned over pooled",
            Unit::Ratio,
            wait_apart / wait_together,
            size.fine(0.12),
        )
        .by("c rho / C(c, a)", sources::ERLANG_C),
    ];
    let texts = [partitioned.text(), pooled.text()];
    Trial {
        group: Group::Pipeline,
        name: "pooled-partitioned".into(),
        title: partitioned.title(),
        script: format!("# Partitioned.\n{}\n\n# Pooled.\n{}", texts[0], texts[1]),
        replications: RUNS,
        cases,
        play: Box::new(move |stage, replication| {
            let [apart, together] = [&texts[0], &texts[1]]
                .map(|text| value(&stage.scenario(text, replication), "group.sink.latency.mean"));
            vec![apart, together, (apart - SERVICE) / (together - SERVICE)]
        }),
    }
}

/// Two producers are as good as one of their summed rate, if and only if they are independent.
fn two_sources(size: Size) -> Trial {
    let rho = 0.8;
    let script =
        single("M/M/1 at load 0.8, fed by two producers", rho / 2.0, &exponential("1ms"), size.long(60))
            .set("producer.other.topic", quoted("work"))
            .set("producer.other.rate", per_second(rho / 2.0 / SERVICE))
            .set("producer.other.size", quoted("100B"))
            .set("producer.other.acks", quoted("none"))
            .set("producer.other.idempotence", "false")
            .set("producer.other.linger", quoted("0s"))
            .set("producer.other.backpressure", quoted("none"));
    let cases = vec![
        mean_time("1 / (mu - lambda)", sources::SUPERPOSITION, SERVICE / (1.0 - rho), size.fine(0.05)),
        utilisation(rho, size.fine(0.01)),
        little(size.fine(0.03)),
    ];
    pipeline("two-producers", &script, cases)
}

/// Partitions of unequal shares, each a queue of its own.
fn uneven_partitions(size: Size) -> Trial {
    let (rate, shares) = (4000.0, [0.2, 0.15, 0.15, 0.1, 0.1, 0.3 / 3.0, 0.1, 0.1]);
    let weights: Vec<String> = shares.iter().map(|s| format!("{s:?}")).collect();
    let script = Script::new(
        "Eight partitions of unequal shares, with a consumer each",
        &per_second(rate),
        &exponential("1ms"),
        &format!("{}s", size.long(20)),
    )
    .set("topic.work.partitions", 8)
    .set("producer.source.keys", format!("{{ weighted = {{ weights = [{}] }} }}", weights.join(", ")))
    .set("producer.source.partitioner", quoted("modulo"))
    .set("group.sink.consumers", 8);
    let expected = shares.iter().map(|p| p / (1.0 / SERVICE - rate * p)).sum();
    let cases = vec![mean_time(
        "sum of p / (mu - p lambda) over the partitions' shares p",
        sources::SPLITTING,
        expected,
        size.fine(0.03),
    )];
    pipeline("uneven-partitions", &script, cases)
}

/// A record that fails with probability p per try, and is tried until it succeeds.
fn retries(size: Size) -> Trial {
    let (p, rho) = (0.5, 0.7);
    let mean = SERVICE / (1.0 - p);
    let script = single(
        "M/M/1 at load 0.7, of which half is done in vain",
        rho * (1.0 - p),
        &exponential("1ms"),
        size.long(60),
    )
    .set("group.sink.failures", format!("{{ random = {{ probability = {p:?} }} }}"))
    .set("group.sink.retry.then", quoted("block"))
    .set("group.sink.retry.backoff", quoted("none"));
    // Every new try begins 1 us late at least, which is no work but keeps the server: on average one per record.
    let kept = mean + 1e-6 * p / (1.0 - p);
    let cases = vec![
        mean_time(
            "1 / ((1 - p) mu - lambda)",
            sources::GEOMETRIC,
            kept / (1.0 - rho / mean * kept),
            size.fine(0.05),
        ),
        utilisation(rho, size.fine(0.01)),
        (
            Case::predicted("tries", "tries per record", Unit::Ratio, tries(p, 60), size.fine(0.005))
                .by("1 / (1 - p)", sources::GEOMETRIC),
            metric("group.sink.attempts.mean"),
        ),
        little(size.fine(0.03)),
    ];
    pipeline("retries", &script, cases)
}
