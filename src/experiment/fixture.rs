//! Small plans and scenarios for tests of this room and of the lab.

use super::results::{Mark, MarkKind, Results, RunRecord, Series, Story, StoryKind, StoryStep};
use super::watch::{Unwatched, Watch};
use crate::engine::{Dist, Span, StreamKey, Time};
use crate::model::assignment::Assignor;
use crate::model::backoff::Backoff;
use crate::model::catalog::{Args, Choice, Entry};
use crate::model::ids::TopicId;
use crate::model::plan::{
    ClusterPlan, Commit, Delivery, End, GiveUp, GroupPlan, GroupProtocol, Isolation, OffsetReset, Plan,
    Processing, ReplicationPlan, RetryPlan, TopicPlan, WirePlan,
};
use crate::scenario::{Overrides, Point, Scenario, Sweep, Variant};
use crate::stats::Histogram;
use std::collections::BTreeMap;
use std::sync::Arc;

static ASSIGNOR: Entry<dyn Assignor> =
    Entry { name: "none", summary: "", doc: "", params: &[], build: |_| panic!("never built") };
static BACKOFF: Entry<dyn Backoff> =
    Entry { name: "none", summary: "", doc: "", params: &[], build: |_| panic!("never built") };

/// One group `billing` of this many consumers; ten seconds, the first of them warm-up.
pub(crate) fn plan(consumers: u32) -> Plan {
    Plan {
        seed: 7,
        duration: Span::from_secs(10),
        warm_up: Span::from_secs(1),
        end: End::Stop,
        sample_every: Span::millis(100),
        cluster: ClusterPlan {
            brokers: 1,
            request_cost: Dist::ZERO,
            byte_cost: 0.0,
            failover: Some(Span::from_secs(1)),
            replication: ReplicationPlan::default(),
            retention_check: Span::from_secs(300),
            initial_task_delay: Span::from_secs(30),
            cleaner_backoff: Span::from_secs(15),
            offsets_retention: Span::from_secs(7 * 24 * 3600),
            quota: None,
            fetch_quota: None,
        },
        topics: vec![TopicPlan {
            name: "orders".into(),
            partitions: 6,
            replication_factor: 1,
            min_insync: 1,
            unclean_election: false,
            retention: None,
            retention_bytes: None,
            segment_bytes: 1 << 30,
            compaction: None,
            segment_time: Span::from_secs(7 * 24 * 3600),
            stream: None,
        }],
        producers: Vec::new(),
        groups: vec![group(consumers)],
        downstreams: Vec::new(),
        faults: Vec::new(),
        batch_means: false,
        reference: false,
    }
}

fn group(consumers: u32) -> GroupPlan {
    GroupPlan {
        name: "billing".into(),
        topics: vec![TopicId(0)],
        consumers,
        start_spacing: Span::ZERO,
        service: Dist::ZERO,
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
        offset_reset: OffsetReset::Latest,
        isolation: Isolation::ReadUncommitted,
        session_timeout: Span::from_secs(45),
        heartbeat: Span::from_secs(3),
        initial_rebalance_delay: Span::ZERO,
        formed: true,
        static_membership: false,
        protocol: GroupProtocol::Classic,
        remote_assignor: Choice { entry: &ASSIGNOR, args: Arc::new(Args::default()) },
        assignment_interval: Span::ZERO,
        assignor: Choice { entry: &ASSIGNOR, args: Arc::new(Args::default()) },
        dedupe: None,
        failing: None,
        retry: RetryPlan {
            attempts: Some(1),
            backoff: Choice { entry: &BACKOFF, args: Arc::new(Args::default()) },
            then: GiveUp::Skip,
        },
        calls: None,
        flow: None,
        scaling: None,
        wire: WirePlan { out: Dist::ZERO, back: Dist::ZERO, loss: 0.0, back_loss: 0.0, ordered: true },
    }
}

/// A scenario with these variants; the first has one consumer, each later one two more.
pub(crate) fn scenario(variants: &[&str], replications: u32) -> Scenario {
    let variant =
        |(i, name): (usize, &&str)| Variant { name: (*name).to_owned(), plan: plan(1 + 2 * i as u32) };
    Scenario {
        name: "01-test".into(),
        title: "A test".into(),
        question: None,
        text: "title = \"A test\"\n".into(),
        hash: 1,
        overrides: Overrides::default(),
        seed: 7,
        replications,
        auto_warm_up: false,
        precision: None,
        variants: variants.iter().enumerate().map(variant).collect(),
        sweep: None,
        expect: Vec::new(),
        warnings: Vec::new(),
        effective: Vec::new(),
    }
}

/// A sweep over the number of consumers, base only.
pub(crate) fn sweep(consumers: &[u32], replications: u32) -> Scenario {
    let path = "group.billing.consumers".to_owned();
    let point = |n: &u32| Point {
        at: vec![(path.clone(), n.to_string())],
        variants: vec![Variant { name: "base".into(), plan: plan(*n) }],
    };
    let sweep = Sweep {
        axes: vec![(path.clone(), consumers.iter().map(u32::to_string).collect())],
        metrics: vec!["group.billing.latency.p99".into()],
        points: consumers.iter().map(point).collect(),
    };
    Scenario { sweep: Some(sweep), ..scenario(&["base"], replications) }
}

/// A run of nothing.
pub(crate) fn record() -> RunRecord {
    RunRecord {
        metrics: BTreeMap::new(),
        series: Vec::new(),
        latency: BTreeMap::new(),
        batches: BTreeMap::new(),
        marks: Vec::new(),
        states: Vec::new(),
        victims: Vec::new(),
        stories: Vec::new(),
        warnings: Vec::new(),
        digest: 0,
        engine_events: 0,
        created: 0,
        end: Time::ZERO,
    }
}

/// The results of a scenario whose runs are [`made_up`].
pub(crate) fn results(scenario: &Scenario) -> Results {
    super::run::run_with(scenario, None, &Unwatched, &made_up).expect("nobody cancels")
}

/// A run that never took place, but depends on seed, replication and plan as a real one would.
pub(crate) fn made_up(plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
    let mut rng = StreamKey::new(plan.seed, replication).stream("made up");
    let mut metrics = BTreeMap::new();
    let mut latency = BTreeMap::new();
    let mut series = Vec::new();
    let mut stories = Vec::new();
    let buckets = (plan.duration.0 / plan.sample_every.0.max(1)) as usize;
    for group in &plan.groups {
        let mut h = Histogram::default();
        for _ in 0..2000 {
            h.record(1 + rng.below(10_000_000));
        }
        latency.insert(group.name.clone(), h);
        let n = |m: &str| format!("group.{}.{m}", group.name);
        metrics.insert(n("created"), 2000.0);
        metrics.insert(n("applied"), 2000.0);
        metrics.insert(n("lost"), 0.0);
        metrics.insert(n("duplicates"), 5.0 + rng.below(5) as f64);
        metrics.insert(n("latency.p99"), 0.01 / f64::from(group.consumers) + rng.unit() * 0.001);
        if replication.is_multiple_of(2) {
            metrics.insert(n("takeover"), 3.0);
        }
        let value: Vec<f64> = (0..buckets).map(|_| 10.0 + rng.unit()).collect();
        series.push(Series {
            name: n("lag"),
            unit: "records",
            step: plan.sample_every,
            min: value.iter().map(|v| v - 1.0).collect(),
            max: value.iter().map(|v| v + 1.0).collect(),
            value,
        });
        stories.push(Story {
            group: group.name.clone(),
            kind: StoryKind::Duplicate,
            cause: "crash-before-commit".into(),
            event: format!("checkout/0 event {}", rng.below(100)),
            steps: vec![StoryStep { at: Time(5), who: "checkout/0".into(), what: "created".into() }],
        });
        for tenth in 1..=10 {
            if watch.cancelled() {
                break;
            }
            watch.progress(Span(plan.duration.0 * tenth / 10));
        }
    }
    let marks =
        vec![Mark { kind: MarkKind::Fault, group: None, label: "x".into(), from: Time(1), to: Time(2) }];
    RunRecord {
        victims: Vec::new(),
        metrics,
        series,
        latency,
        batches: BTreeMap::new(),
        marks,
        states: vec![],
        stories,
        warnings: vec![],
        digest: rng.below(u64::MAX),
        engine_events: 1,
        created: 2000,
        end: Time(plan.duration.0),
    }
}
