//! Plans made by hand, for tests that look at the model itself and not at the scenario language.

use laglab::engine::{Dist, Span, StreamKey, Time};
use laglab::experiment::once;
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::Unwatched;
use laglab::model::catalog::{Args, Choice, Entry, Trace, Value};
use laglab::model::ids::TopicId;
use laglab::model::plan::*;
use laglab::model::{
    arrivals, assignment, backoff, backpressure, fault, keys, partitioning, remote_assignment,
};

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
        recorded_sizes: None,
        compression: 1.0,
        deletes: 0.0,
        priorities: Vec::new(),
        schema: vec![(laglab::engine::Time::ZERO, 1)],
        tables: std::sync::Arc::default(),
        partitioner: choose(partitioning::MEMBERS, "default", &[("adaptive", Value::Flag(true))]),
        acks: Acks::None,
        linger: Span::ZERO,
        batch_size: 16_384,
        max_request_size: 1 << 20,
        collects: None,
        max_in_flight: 5,
        request_timeout: Span::from_secs(30),
        delivery_timeout: Span::from_secs(120),
        retries: u32::MAX - 1,
        backoff: kafka_backoff(),
        idempotence: false,
        transactional: None,
        from: None,
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
        isolation: Isolation::ReadUncommitted,
        session_timeout: Span::from_secs(45),
        heartbeat: Span::from_secs(3),
        initial_rebalance_delay: Span::from_secs(3),
        formed: true,
        static_membership: false,
        protocol: GroupProtocol::Classic,
        remote_assignor: choose(remote_assignment::MEMBERS, "uniform", &[]),
        assignment_interval: Span::ZERO,
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
            failover: Some(Span::from_secs(8)),
            replication: ReplicationPlan::default(),
            retention_check: Span::from_secs(300),
            initial_task_delay: Span::from_secs(30),
            cleaner_backoff: Span::from_secs(15),
            offsets_retention: Span::from_secs(7 * 24 * 3600),
            quota: None,
            fetch_quota: None,
        },
        topics: vec![TopicPlan {
            name: "work".into(),
            partitions,
            replication_factor: 1,
            min_insync: 1,
            unclean_election: false,
            retention: None,
            retention_bytes: None,
            segment_bytes: 1 << 30,
            segment_time: Span::from_secs(7 * 24 * 3600),
            stream: None,
            compaction: None,
        }],
        producers: vec![producer(rate)],
        groups: vec![group(service)],
        downstreams: Vec::new(),
        faults: Vec::new(),
        batch_means: false,
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

/// Replications `0..n`.
pub fn runs(plan: &Plan, n: u32) -> Vec<RunRecord> {
    (0..n).map(|r| run(plan, r)).collect()
}

/// A metric of each of these runs.
pub fn metrics(records: &[RunRecord], name: &str) -> Vec<f64> {
    records.iter().map(|r| metric(r, name)).collect()
}

/// So many seconds.
pub fn seconds(s: f64) -> Span {
    Span((s * 1e9 + 0.5) as u64)
}

/// The moment after so many seconds.
pub fn moment(s: f64) -> Time {
    Time::ZERO + seconds(s)
}

/// Events at even distances, the first at time 0.
pub fn evenly(rate: f64) -> Choice<dyn arrivals::Arrivals> {
    choose(arrivals::MEMBERS, "constant", &[("value", Value::Number(rate)), ("phase", Value::Number(0.0))])
}

/// Events without keys, to every partition in turn.
pub fn spread_evenly(producer: &mut ProducerPlan) {
    producer.keys = choose(keys::MEMBERS, "none", &[]);
    producer.partitioner = choose(partitioning::MEMBERS, "round-robin", &[]);
}

/// `count` events, all there at time `at`, spread evenly.
pub fn backlog(plan: &mut Plan, count: usize, at: Time) {
    let trace = Trace { at: vec![at; count], key: Vec::new(), keys: Vec::new(), size: Vec::new() };
    plan.duration = at.since(Time::ZERO) + Span(1);
    plan.sample_every = Span::millis(100);
    let producer = &mut plan.producers[0];
    producer.arrivals = choose(arrivals::MEMBERS, "trace", &[("value", Value::Trace(trace.into()))]);
    producer.batch_size = u64::MAX;
    spread_evenly(producer);
}

/// A member of the family of faults that strikes once.
pub fn strike(name: &str, at: Time, lasts: Option<Span>, target: Target) -> FaultPlan {
    let what = choose(fault::MEMBERS, name, &[]);
    FaultPlan { when: When::At(vec![at]), lasts, target, what, label: name.into() }
}

/// Uniform numbers between 0 and 1 for what a test itself leaves to chance.
pub fn chances(purpose: &str, n: usize) -> Vec<f64> {
    let mut stream = StreamKey::new(1, 0).stream(purpose);
    (0..n).map(|_| stream.unit()).collect()
}
