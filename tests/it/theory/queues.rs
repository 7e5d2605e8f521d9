//! Waiting: one partition as a single server, workers as several, polls as batch service, retries as longer
//! service, skewed keys as unequal servers.
//!
//! Where nothing but processing takes time, a partition with its consumer is a queue with one server,
//! whatever polls, fetches and commits happen in between.

use super::*;
use laglab::engine::Dist;
use laglab::model::catalog::Value;
use laglab::model::plan::*;
use laglab::model::{backoff, failing, keys, partitioning};
use laglab::validate::formulas::{number_in_batch_service, wait_m_g_1, wait_m_m_c};

/// Mean service time of a record: 1 ms.
const SERVICE: f64 = 1e-3;

fn exponential() -> Dist {
    Dist::exponential(SERVICE * 1e9).expect("above zero")
}

/// Samples every ten services: for Little's law.
fn sampled(mut plan: Plan) -> Plan {
    plan.sample_every = seconds(10.0 * SERVICE);
    plan
}

/// Mean sojourn of a queue with one server, at a moderate and a high load. The more its services vary, the
/// longer it takes to know it.
fn single_server(service: &Dist, cs2: f64) {
    for (rho, length, resolution) in [(0.5, 100, 0.03 + 0.01 * cs2), (0.8, 250, 0.05 + 0.02 * cs2)] {
        let rate = rho / SERVICE;
        let records = runs(&sampled(pipeline(rate, service.clone(), 1, length)), 16);
        let expected = wait_m_g_1(rate, SERVICE, cs2) + SERVICE;
        let what = format!("sojourn at load {rho} with cs2 {cs2}");
        agree(&what, &metrics(&records, "group.sink.latency.mean"), expected, resolution);
        agree("utilisation", &metrics(&records, "group.sink.utilisation"), rho, 0.02);
        little_on_average(&records);
    }
}

#[test]
fn m_m_1_waits_as_it_should() {
    single_server(&exponential(), 1.0);
}

#[test]
fn m_d_1_waits_half_as_long() {
    single_server(&Dist::Constant((SERVICE * 1e9) as u64), 0.0);
}

#[test]
fn m_g_1_waits_by_the_variance_of_its_service() {
    single_server(&Dist::gamma(SERVICE * 1e9, 0.5).unwrap(), 0.25);
    single_server(&Dist::gamma(SERVICE * 1e9, 2.0).unwrap(), 4.0);
}

/// The sojourn in M/M/1 is exponential with rate mu - lambda (Kleinrock I, section 5.7), so its quantiles are
/// -ln(1 - q) / (mu - lambda). The histogram is off by at most 1/64 of a value: half a bucket's width.
#[test]
fn the_quantiles_of_m_m_1_are_those_of_its_exponential_sojourn() {
    let (rho, grain) = (0.5, 1.0 / 64.0);
    let records = runs(&sampled(pipeline(rho / SERVICE, exponential(), 1, 400)), 16);
    for (name, q) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
        let expected = -libm::log1p(-q) * SERVICE / (1.0 - rho);
        let interval = mean_interval(&metrics(&records, &format!("group.sink.latency.{name}")), LEVEL);
        let (low, high) = (interval.low * (1.0 - grain), interval.high * (1.0 + grain));
        assert!(low <= expected && expected <= high, "{name}: {interval:?}, but theory says {expected}");
        assert!(interval.half_width() < 0.05 * expected, "{name}: too vague to tell anything: {interval:?}");
    }
    little_on_average(&records);
}

/// Records that are fetched over a wire without delay wait as long, to the nanosecond, as records that are
/// read where they lie: fetching ahead must cost no work time.
#[test]
fn fetching_is_work_conserving() {
    let mut plan = sampled(pipeline(0.8 / SERVICE, exponential(), 1, 100));
    let read = run(&plan, 0);
    // Half a record is too little for the short cut and never too little for the broker.
    plan.groups[0].fetch_min_bytes = 50;
    let fetched = run(&plan, 0);
    assert_eq!(read.latency, fetched.latency);
    little(&fetched);
}

#[test]
fn several_workers_wait_as_m_m_c() {
    for c in [2, 4] {
        let rate = 0.8 * f64::from(c) / SERVICE;
        let mut plan = pipeline(rate, exponential(), 1, 100);
        plan.groups[0].concurrency = c;
        plan.groups[0].processing = Processing::Streaming;
        let records = runs(&sampled(plan), 16);
        let expected = wait_m_m_c(rate, SERVICE, c) + SERVICE;
        agree(
            &format!("sojourn with {c} workers"),
            &metrics(&records, "group.sink.latency.mean"),
            expected,
            0.05,
        );
        agree("utilisation", &metrics(&records, "group.sink.utilisation"), 0.8, 0.01);
        for record in &records {
            // Records done out of turn lag until those before them are done, too.
            let (area, time, step, applied) = areas(record);
            assert!(area >= time - step * applied, "lag {area} below the time in the system {time}");
        }
    }
}

/// A consumer whose polls cost an exponential time, and whose records cost none.
#[test]
fn polls_serve_in_batches() {
    for (load, most, length) in [(3.0, 5, 60), (8.0, 10, 60)] {
        let mu = 1.0 / SERVICE;
        let mut plan = pipeline(load * mu, Dist::ZERO, 1, length);
        plan.groups[0].poll_cost = exponential();
        plan.groups[0].max_poll_records = most;
        plan.sample_every = seconds(10.0 * SERVICE);
        let records = runs(&plan, 16);
        let expected = number_in_batch_service(load * mu, mu, most) / (load * mu);
        agree(
            &format!("sojourn in batches of {most}"),
            &metrics(&records, "group.sink.latency.mean"),
            expected,
            0.05,
        );
        little_on_average(&records);
    }
}

/// A record that fails with probability p per try, and is tried until it succeeds, takes a geometric number
/// of exponential services: an exponential service of rate mu (1 - p) (Kleinrock I, section 4.2). The queue
/// is M/M/1 with that rate, stable while lambda E(tries) < mu.
#[test]
fn retries_slow_the_server_down() {
    let (p, rho) = (0.5, 0.7);
    let mean = SERVICE / (1.0 - p);
    let mut plan = sampled(pipeline(rho / mean, exponential(), 1, 400));
    plan.groups[0].failing = Some(choose(failing::MEMBERS, "random", &[("probability", Value::Number(p))]));
    plan.groups[0].retry.attempts = None;
    plan.groups[0].retry.backoff = choose(backoff::MEMBERS, "none", &[]);
    let records = runs(&plan, 16);
    agree("tries", &metrics(&records, "group.sink.attempts.mean"), 1.0 / (1.0 - p), 0.01);
    agree("utilisation", &metrics(&records, "group.sink.utilisation"), rho, 0.02);
    // Every new try begins 1 us late at least, which is no work but keeps the server: on average one per
    // record.
    let mean = mean + 1e-6 * p / (1.0 - p);
    let expected = mean / (1.0 - rho / (SERVICE / (1.0 - p)) * mean);
    agree("sojourn", &metrics(&records, "group.sink.latency.mean"), expected, 0.05);
    little_on_average(&records);
}

/// With at most r retries: (1 - p^(r+1)) / (1 - p) tries per record, of which a share p^(r+1) is given up.
#[test]
fn limited_retries_give_up_a_share() {
    for (p, r) in [(0.5, 3), (0.9, 3), (1.0, 4)] {
        let mut plan = pipeline(100.0, exponential(), 1, 100);
        plan.groups[0].failing =
            Some(choose(failing::MEMBERS, "random", &[("probability", Value::Number(p))]));
        plan.groups[0].retry.attempts = Some(r + 1);
        plan.groups[0].retry.backoff = choose(backoff::MEMBERS, "none", &[]);
        let given_up = libm::pow(p, f64::from(r + 1));
        let tries = if p == 1.0 { f64::from(r + 1) } else { (1.0 - given_up) / (1.0 - p) };
        let records = runs(&plan, 16);
        agree("tries", &metrics(&records, "group.sink.attempts.mean"), tries, 0.02);
        let share = |x: &RunRecord| metric(x, "group.sink.dead-lettered") / metric(x, "group.sink.created");
        agree("share given up", &records.iter().map(share).collect::<Vec<_>>(), given_up, 0.1);
    }
}

/// The share of the events that each of `partitions` gets.
fn shares(producer: &ProducerPlan, partitions: u32) -> Vec<f64> {
    let keys = producer.keys.build();
    let table = producer.partitioner.build().by_key(keys.as_ref(), partitions).expect("keys decide alone");
    let mut shares = vec![0.0; partitions as usize];
    for (key, partition) in (0..).zip(table) {
        shares[partition as usize] += keys.share(key).expect("their shares are known");
    }
    shares
}

/// Six partitions with a consumer each, and a key that has 30 % of the events.
fn skewed(rate: f64, length: u64) -> (Plan, Vec<f64>) {
    let mut plan = pipeline(rate, exponential(), 6, length);
    plan.groups[0].consumers = 6;
    plan.producers[0].keys = choose(
        keys::MEMBERS,
        "hot",
        &[
            ("share", Value::Number(0.3)),
            ("count", Value::Count(1000)),
            ("prefix", Value::Text("key-".into())),
        ],
    );
    plan.producers[0].partitioner =
        choose(partitioning::MEMBERS, "default", &[("adaptive", Value::Flag(true))]);
    let shares = shares(&plan.producers[0], 6);
    (plan, shares)
}

/// Below saturation each partition is an M/M/1 queue of its own: Poisson events, split independently by key,
/// are Poisson again (Kleinrock I, section 2.5).
#[test]
fn a_hot_key_makes_unequal_queues() {
    let rate = 2000.0;
    let (plan, shares) = skewed(rate, 100);
    let records = runs(&sampled(plan), 16);
    let expected: f64 = shares.iter().map(|p| p / (1.0 / SERVICE - p * rate)).sum();
    agree("sojourn", &metrics(&records, "group.sink.latency.mean"), expected, 0.05);
    little_on_average(&records);
}

/// The whole saturates when the hottest partition does, at the capacity of one consumer over that partition's
/// share; beyond, its lag grows by what is too much for it, and nothing else comes through than before.
#[test]
fn a_hot_key_limits_the_whole() {
    let (plan, shares) = skewed(1.0, 1);
    assert_eq!(plan.groups[0].consumers, 6);
    let hottest = shares.iter().copied().fold(0.0, f64::max);
    let capacity = 1.0 / SERVICE;
    let limit = capacity / hottest;
    assert!(limit < 3.0 * capacity, "of the six consumers' capacity more than half cannot be used");
    let (rate, length) = (1.2 * limit, 100);
    let (mut plan, _) = skewed(rate, length);
    plan.end = End::Stop;
    let records = runs(&plan, 12);
    // The hot partition is never empty for long; the others do not saturate and keep a few records each.
    let waiting = |p: f64| p * rate * SERVICE / (1.0 - p * rate * SERVICE);
    let others: f64 = shares.iter().filter(|p| **p < hottest).map(|p| waiting(*p)).sum();
    let growth = (rate * hottest - capacity) * length as f64;
    agree("lag after overload", &metrics(&records, "group.sink.lag.end"), growth + others, 0.05);
    let through = rate * (1.0 - hottest) + capacity;
    agree("throughput", &metrics(&records, "group.sink.throughput"), through, 0.01);
}
