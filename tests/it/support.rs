//! Plans made by hand, for tests that look at the model itself and not at the scenario language.

use laglab::engine::{Dist, Span};
use laglab::experiment::once;
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::Unwatched;
use laglab::model::catalog::{Args, Choice, Entry, Value};
use laglab::model::ids::TopicId;
use laglab::model::plan::*;
use laglab::model::{arrivals, assignment, backoff, backpressure, keys, partitioning};

/// A member of a family with these values; every parameter must be given.
pub fn choose<T: ?Sized>(
    members: &'static [&'static Entry<T>],
    name: &str,
    given: &[(&'static str, Value)],
) -> Choice<T> {
    Choice::of(members, name, Args(given.to_vec()))
}

/// A wire on which nothing takes time.
pub fn instant() -> WirePlan {
    WirePlan { out: Dist::ZERO, back: Dist::ZERO, loss: 0.0, back_loss: 0.0, ordered: true }
}

/// Kafka's backoff.
pub fn kafka_backoff() -> Choice<dyn backoff::Backoff> {
    let span = |ms| Value::Span(Span::millis(ms));
    choose(backoff::MEMBERS, "kafka", &[("base", span(100)), ("cap", span(1000))])
}

/// A producer that sends every event at once, without waiting for answers.
pub fn producer(rate: f64) -> ProducerPlan {
    ProducerPlan {
        name: "source".into(),
        instances: 1,
        topic: TopicId(0),
        arrivals: choose(arrivals::MEMBERS, "poisson", &[("value", Value::Number(rate))]),
        keys: choose(
            keys::MEMBERS,
            "uniform",
            &[("count", Value::Count(1000)), ("prefix", Value::Text("key-".into()))],
        ),
        size: Dist::Constant(100),
        priorities: Vec::new(),
        schema: vec![(laglab::engine::Time::ZERO, 1)],
        partitioner: choose(partitioning::MEMBERS, "default", &[]),
        acks: Acks::None,
        linger: Span::ZERO,
        batch_size: 16_384,
        max_request_size: 1 << 20,
        max_in_flight: 5,
        request_timeout: Span::from_secs(30),
        delivery_timeout: Span::from_secs(120),
        retries: u32::MAX - 1,
        backoff: kafka_backoff(),
        idempotence: false,
        admission: choose(backpressure::admission::MEMBERS, "none", &[]),
        wire: instant(),
    }
}

/// A group of one consumer with this service time.
pub fn group(service: Dist) -> GroupPlan {
    GroupPlan {
        name: "sink".into(),
        topics: vec![TopicId(0)],
        consumers: 1,
        start_spacing: Span::ZERO,
        service,
        poll_cost: Dist::ZERO,
        max_poll_records: 500,
        max_poll_interval: Span::from_secs(300),
        fetch_min_bytes: 1,
        fetch_max_wait: Span::millis(500),
        max_partition_fetch_bytes: 1 << 20,
        concurrency: 1,
        processing: Processing::Barrier,
        delivery: Delivery::AtLeastOnce,
        commit: Commit::AfterBatch,
        offset_reset: OffsetReset::Earliest,
        session_timeout: Span::from_secs(45),
        heartbeat: Span::from_secs(3),
        initial_rebalance_delay: Span::from_secs(3),
        formed: true,
        assignor: choose(assignment::MEMBERS, "range", &[]),
        dedupe: None,
        failing: None,
        retry: RetryPlan { attempts: Some(1), backoff: kafka_backoff(), then: GiveUp::DeadLetter },
        calls: None,
        flow: None,
        scaling: None,
        wire: instant(),
    }
}

/// One topic of `partitions`, one producer of `rate` per second, one consumer.
pub fn pipeline(rate: f64, service: Dist, partitions: u32, seconds: u64) -> Plan {
    Plan {
        seed: 1,
        duration: Span::from_secs(seconds),
        warm_up: Span::ZERO,
        end: End::Drain(Span::from_secs(3600)),
        sample_every: Span::from_secs(seconds.max(1)).scaled(1.0 / 200.0),
        cluster: ClusterPlan {
            brokers: 1,
            request_cost: Dist::ZERO,
            byte_cost: 0.0,
            failover: Span::from_secs(8),
            retention_check: Span::from_secs(300),
            quota: None,
        },
        topics: vec![TopicPlan { name: "work".into(), partitions, retention: None, retention_bytes: None }],
        producers: vec![producer(rate)],
        groups: vec![group(service)],
        downstreams: Vec::new(),
        faults: Vec::new(),
        reference: false,
    }
}

/// One run.
pub fn run(plan: &Plan, replication: u32) -> RunRecord {
    once::run(plan, replication, &Unwatched)
}

/// A metric of a run.
pub fn metric(record: &RunRecord, name: &str) -> f64 {
    *record
        .metrics
        .get(name)
        .unwrap_or_else(|| panic!("no metric `{name}` among {:?}", record.metrics.keys()))
}
