//! The producer's batches: how long a record waits for company, and how much of it comes.

use super::*;
use laglab::engine::Dist;
use laglab::model::catalog::Value;
use laglab::model::keys;
use laglab::model::plan::*;

/// A producer of `rate` per second to one partition on one broker, and a consumer that takes no time.
fn batching(rate: f64, linger: f64) -> Plan {
    let mut plan = pipeline(rate, Dist::ZERO, 1, 100);
    plan.producers[0].linger = seconds(linger);
    plan.producers[0].batch_size = 1 << 30;
    plan
}

/// The first record of a batch waits the whole linger T; while it does, Poisson records join it, lambda T on
/// average, and wait half of it: (T + lambda T T/2) / (1 + lambda T). Each partition needs a connection of
/// its own, or else the batches of others go along early.
#[test]
fn linger_makes_batches_and_waits() {
    let linger = 5e-3;
    for company in [0.5, 5.0, 50.0] {
        let records = runs(&batching(company / linger, linger), 16);
        let wait = linger * (1.0 + company / 2.0) / (1.0 + company);
        agree("records per batch", &metrics(&records, "producer.source.batch.mean"), 1.0 + company, 0.02);
        agree("wait", &metrics(&records, "producer.source.batch.wait"), wait, 0.02);
        agree("latency", &metrics(&records, "group.sink.latency.mean"), wait, 0.02);
        records.iter().for_each(little);
    }
}

/// The same on several partitions, each on a broker of its own, where every partition sees its share of the
/// events.
#[test]
fn partitions_on_their_own_brokers_linger_apart() {
    let (linger, company, partitions) = (5e-3, 5.0, 4);
    let mut plan = batching(company / linger * f64::from(partitions), linger);
    plan.topics[0].partitions = partitions;
    plan.cluster.brokers = partitions;
    // Keys of equal shares, as many on every partition as on the next.
    plan.producers[0].keys = choose(
        keys::MEMBERS,
        "uniform",
        &[("count", Value::Count(400)), ("prefix", Value::Text("key-".into()))],
    );
    plan.producers[0].partitioner = choose(laglab::model::partitioning::MEMBERS, "modulo", &[]);
    let records = runs(&plan, 16);
    let wait = linger * (1.0 + company / 2.0) / (1.0 + company);
    agree("records per batch", &metrics(&records, "producer.source.batch.mean"), 1.0 + company, 0.02);
    agree("wait", &metrics(&records, "producer.source.batch.wait"), wait, 0.02);
    records.iter().for_each(little);
}

/// Batches that are full before the linger is over: of n records, each waits for those after it, (n - 1) / 2
/// arrivals on average.
#[test]
fn full_batches_wait_for_their_last_record() {
    let (rate, n) = (1000.0, 10);
    // Nine arrivals within 60 ms fail to come once in 10^15 batches.
    let mut plan = batching(rate, 60e-3);
    plan.producers[0].batch_size = n * 100;
    plan.duration = seconds(500.0);
    let records = runs(&plan, 16);
    let wait = (n as f64 - 1.0) / (2.0 * rate);
    for record in &records {
        let batches =
            metric(record, "producer.source.created") / metric(record, "producer.source.batch.mean");
        // All are full but the last, whose share in the mean wait is below 9 * 60 ms in 500000 records.
        assert_eq!(batches.round(), (metric(record, "producer.source.created") / n as f64).ceil());
        little(record);
    }
    agree("wait", &metrics(&records, "producer.source.batch.wait"), wait, 0.01);
}

/// What a codec leaves of events decides how many fit into a batch, and how full the log gets: a quarter of the size means four times as many.
#[test]
fn compressed_events_fill_batches_later() {
    let mut plan = batching(1000.0, 60e-3);
    plan.producers[0].batch_size = 1000;
    plan.duration = seconds(100.0);
    let full = |plan: &Plan| {
        let records = runs(plan, 4);
        (metrics(&records, "producer.source.batch.mean"), metrics(&records, "topic.work.bytes"))
    };
    let plain = full(&plan);
    plan.producers[0].compression = 0.25;
    let compressed = full(&plan);
    agree("records per batch", &plain.0, 10.0, 0.01);
    agree("records per batch, compressed", &compressed.0, 40.0, 0.01);
    let shares: Vec<f64> = compressed.1.iter().zip(&plain.1).map(|(few, many)| few / many).collect();
    agree("bytes in the log", &shares, 0.25, 1e-9);
}
