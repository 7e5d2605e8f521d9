//! Quotas: the long run goes at the quota, and what goes before is at most what eleven windows of a second may have.
//!
//! Kafka's ClientQuotaManager (QuotaUtils): a client whose mean O over the windows, of length W, is above its quota T
//! waits (O - T) / T W. So after t seconds a client that always has more to send or to read has had T t bytes, give or
//! take 11 T and one request.

use super::*;
use laglab::engine::{Dist, Time};
use laglab::model::backpressure::quota;
use laglab::model::catalog::{Choice, Value};
use laglab::model::plan::*;

/// Events of 100 B, twice as fast as the quota permits.
const RATE: f64 = 1000.0;
const QUOTA: f64 = 50_000.0;
const LENGTH: f64 = 300.0;

fn under_quota(partitions: u32) -> Plan {
    let mut plan = pipeline(RATE, Dist::ZERO, partitions, LENGTH as u64);
    plan.producers[0].arrivals = evenly(RATE);
    spread_evenly(&mut plan.producers[0]);
    plan.producers[0].acks = Acks::All;
    plan.end = End::Stop;
    plan
}

fn byte_rate() -> Option<Choice<dyn quota::Quota>> {
    Some(choose(quota::MEMBERS, "byte-rate", &[("rate", Value::Number(QUOTA))]))
}

fn assert_at_quota(what: &str, bytes: f64, clients: f64, request: f64) {
    let (least, most) = (QUOTA * clients * (LENGTH - 11.0), QUOTA * clients * (LENGTH + 11.0) + request);
    assert!((least..=most).contains(&bytes), "{what}: {bytes} B, but theory says {least} to {most}");
}

/// What followers fetch counts for no client.
#[test]
fn a_producer_goes_at_its_quota_however_many_replicas_there_are() {
    for replicas in [1, 3] {
        let mut plan = under_quota(1);
        plan.cluster.brokers = 3;
        plan.topics[0].replication_factor = replicas;
        (plan.cluster.quota, plan.cluster.fetch_quota) = (byte_rate(), byte_rate());
        // The reader is slower than its quota.
        plan.groups[0].service = Dist::Constant(4_000_000);
        let record = run(&plan, 0);
        assert_at_quota("appended", metric(&record, "topic.work.bytes"), 1.0, 1e6);
        assert!(metric(&record, "producer.source.throttled") > 0.0);
        assert_eq!(metric(&record, "group.sink.fetch-throttled"), 0.0);
    }
}

/// A consumer of all partitions has one quota per broker.
#[test]
fn a_consumer_goes_at_its_quota_per_broker() {
    for brokers in [1, 2] {
        let mut plan = under_quota(2 * brokers);
        plan.producers[0].arrivals = evenly(RATE * f64::from(brokers));
        plan.cluster.brokers = brokers;
        plan.cluster.fetch_quota = byte_rate();
        plan.groups[0].max_partition_fetch_bytes = 5_000;
        let record = run(&plan, 0);
        let read = metric(&record, "group.sink.applied") * 100.0;
        assert_at_quota("read", read, f64::from(brokers), 10_000.0);
        assert!(metric(&record, "group.sink.fetch-throttled") > 0.0);
        assert_eq!(metric(&record, "producer.source.throttled"), 0.0);
        plan.cluster.fetch_quota = None;
        let free = metric(&run(&plan, 0), "group.sink.applied") * 100.0;
        assert!(free > 1.9 * QUOTA * f64::from(brokers) * LENGTH, "without a quota it reads {free} B");
    }
}

/// An answer may have ten windows' worth, 10 T. The next one would make it 20 T in windows of 10 s: it has to wait for
/// 10 s, finds the first one still in the windows, which go back 11 s, and waits for 10 s again. So there is one every
/// 20 s, what comes first at once, and the consumer gets half its quota.
#[test]
fn answers_as_large_as_the_windows_halve_the_quota() {
    let mut plan = under_quota(1);
    plan.cluster.fetch_quota = byte_rate();
    // There is more to read than the windows may have from the first fetch on.
    backlog(&mut plan, 100_000, Time::ZERO);
    plan.producers[0].batch_size = 10_000;
    plan.duration = seconds(LENGTH - 1.0);
    let read = metric(&run(&plan, 0), "group.sink.applied") * 100.0;
    let (least, most) = (LENGTH / 20.0 * 10.0 * QUOTA, (LENGTH / 20.0 + 1.0) * 10.0 * QUOTA);
    assert!((least..=most).contains(&read), "{read} B, but theory says {least} to {most}");
}
