//! The end of a run: the books are closed and checked, and everything gets its name.

use super::findings::{RunRecord, Series, Warning};
use super::{GroupBook, Measure, ProducerBook, RateTrack, VictimOf, batches};
use crate::engine::{Span, Time};
use crate::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use crate::model::fact::View;
use crate::model::ids::{EventId, GroupId, TopicId};
use crate::stats;
use std::collections::BTreeMap;

/// Metrics being named; what cannot be stated is left out.
struct Sheet {
    prefix: String,
    all: BTreeMap<String, f64>,
}

impl Sheet {
    fn put(&mut self, name: &str, value: f64) {
        if value.is_finite() {
            let mut whole = String::with_capacity(self.prefix.len() + 1 + name.len());
            whole.extend([&self.prefix, ".", name]);
            self.all.insert(whole, value);
        }
    }
    fn maybe(&mut self, name: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }
    fn mean(&mut self, name: &str, sum: f64, n: u64) {
        if n > 0 {
            self.put(name, sum / n as f64);
        }
    }
    fn by<'a>(&mut self, stem: &str, counts: &[u64], names: impl Iterator<Item = &'a str>) {
        self.put(stem, counts.iter().sum::<u64>() as f64);
        for (count, name) in counts.iter().zip(names) {
            self.put(&format!("{stem}.{name}"), *count as f64);
        }
    }
}

const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

impl Measure {
    /// Counts what is pending and checks every group's books.
    pub(super) fn close(&mut self, view: &dyn View) {
        self.replication.close();
        for (g, book) in self.groups.iter_mut().enumerate() {
            let plan = &self.plan.groups[g];
            book.ledger.put_in_order();
            for p in &book.partitions {
                book.ledger.close(*p, self.copies.seen(g, *p), view);
            }
            let created: u64 = plan.topics.iter().map(|t| self.topics[t.index()].created).sum();
            book.ledger.balance(&plan.name, created);
            for (since, until) in book.standstill.close() {
                book.rebalances.stood(since, until);
            }
            book.rebalances.close(&plan.name, view.now());
        }
        for (_, activity) in self.activity.iter_mut().flatten() {
            activity.advance(view.now());
        }
    }

    /// Everything this run found.
    pub fn finish(mut self, engine_events: u64) -> RunRecord {
        let plan = self.plan.clone();
        let victims = self.victims();
        let mut all = BTreeMap::new();
        let mut warnings = Vec::new();
        let mut latency = BTreeMap::new();
        let mut batched = BTreeMap::new();
        let mut marks = std::mem::take(&mut self.marks);
        let mut states = Vec::new();
        let mut series: Vec<Series> = Vec::new();
        let step = self.step;
        let seconds = self.work_end.since(self.warm_up).secs();
        for (g, book) in std::mem::take(&mut self.groups).into_iter().enumerate() {
            let group = &plan.groups[g];
            let created: u64 = group.topics.iter().map(|t| self.topics[t.index()].created).sum();
            let mut sheet = Sheet { prefix: format!("group.{}", group.name), all: std::mem::take(&mut all) };
            group_metrics(&mut sheet, &book, created, seconds, &self);
            latency_metrics(&mut sheet, &book, &group.name, &mut warnings);
            all = sheet.all;
            latency.insert(group.name.clone(), book.ledger.latency.clone());
            if let Some(latencies) = &book.ledger.batches {
                let name = |metric: &str| format!("group.{}.{metric}", group.name);
                batched.insert(name("latency.mean"), latencies.finish());
                batched.insert(name("lag.mean"), batches::of_samples(&book.lag_samples));
                batched.insert(name("lag-time.mean"), batches::of_samples(&book.lag_time_samples));
            }
            marks.extend(book.rebalances.marks);
            let activity =
                self.activity.extract_if(.., |a| a.as_ref().is_some_and(|(of, _)| of.index() == g));
            for (i, (_, a)) in activity.flatten().enumerate() {
                states.extend(a.finish(format!("{}/{i}", group.name).into()));
            }
            let tracks = [book.lag, book.lag_time, book.consumers].into_iter().chain(book.partition_lag);
            series.extend(tracks.map(|t| t.finish(step)));
            series.push(book.applied_rate.finish(step));
        }
        for (book, producer) in std::mem::take(&mut self.producers).into_iter().zip(&plan.producers) {
            let mut sheet =
                Sheet { prefix: format!("producer.{}", producer.name), all: std::mem::take(&mut all) };
            producer_metrics(&mut sheet, &book);
            all = sheet.all;
            series.extend([book.offered, book.accepted_rate].map(|t: RateTrack| t.finish(step)));
        }
        self.other_metrics(&mut all);
        series.sort_by(|a, b| a.name.cmp(&b.name));
        marks.sort_by(|a, b| (a.from, a.kind, &a.label).cmp(&(b.from, b.kind, &b.label)));
        warnings.sort();
        RunRecord {
            metrics: all,
            series,
            latency,
            batches: batched,
            marks,
            states,
            victims,
            stories: Vec::new(),
            warnings,
            digest: self.digest.value(),
            engine_events,
            created: self.topics.iter().map(|t| t.created).sum(),
            end: self.ended,
        }
    }

    /// The first victim of each cause, per group.
    fn victims(&self) -> Vec<VictimOf> {
        let of = |(g, book): (usize, &GroupBook)| {
            let mut all: Vec<_> = book
                .ledger
                .victims
                .iter()
                .map(|(v, e, at)| (GroupId::from(g), *v, EventId(*e), *at))
                .collect();
            all.sort_unstable_by_key(|(_, v, _, _)| *v);
            all
        };
        self.groups.iter().enumerate().flat_map(of).collect()
    }

    fn other_metrics(&self, all: &mut BTreeMap<String, f64>) {
        let work = self.work_end.secs();
        let mut first = 0;
        for (t, ((topic, plan), replicas)) in
            self.topics.iter().zip(&self.plan.topics).zip(&self.replication.topics).enumerate()
        {
            let room = self.plan.room(TopicId::from(t)) as usize;
            let mut sheet = Sheet { prefix: format!("topic.{}", plan.name), all: std::mem::take(all) };
            sheet.put("appended", topic.appended as f64);
            sheet.put("bytes", topic.bytes as f64);
            sheet.put("removed", topic.removed as f64);
            if plan.stream.is_some() {
                sheet.put("throughput-exceeded", topic.refused as f64);
            }
            sheet.put("compacted", topic.compacted as f64);
            sheet.put("elections", replicas.elections as f64);
            sheet.put("unclean-elections", replicas.unclean as f64);
            sheet.put("isr-shrinks", replicas.shrinks as f64);
            sheet.put("truncated", replicas.truncated as f64);
            sheet.put("under-replicated", replicas.under_replicated as f64 / 1e9);
            sheet.put("under-min-isr", replicas.under_min as f64 / 1e9);
            sheet.put("offline", replicas.offline as f64 / 1e9);
            let here = &self.partition_records[first..first + room];
            first += room;
            let loads: Vec<f64> = here.iter().map(|n| *n as f64).collect();
            sheet.maybe("skew", stats::max_over_median(&loads));
            *all = sheet.all;
        }
        for (b, broker) in self.brokers.iter().enumerate() {
            let mut sheet = Sheet { prefix: format!("broker.{b}"), all: std::mem::take(all) };
            sheet.put("utilisation", broker.busy as f64 / 1e9 / work);
            sheet.put("requests", broker.requests as f64);
            *all = sheet.all;
        }
        for (downstream, plan) in self.downstreams.iter().zip(&self.plan.downstreams) {
            let mut sheet = Sheet { prefix: format!("downstream.{}", plan.name), all: std::mem::take(all) };
            sheet.put("calls", downstream.calls as f64);
            sheet.put("errors", downstream.errors as f64);
            if let Some(places) = plan.concurrency {
                sheet.put("utilisation", downstream.busy as f64 / 1e9 / work / f64::from(places));
            }
            sheet.put("queue.max", f64::from(downstream.queue_max));
            sheet.put("breaker-opened", downstream.opened as f64);
            *all = sheet.all;
        }
    }
}

fn group_metrics(sheet: &mut Sheet, book: &GroupBook, created: u64, seconds: f64, measure: &Measure) {
    let ledger = &book.ledger;
    sheet.put("created", created as f64);
    sheet.put("applied", ledger.applied as f64);
    sheet.by("lost", &ledger.lost, LossCause::ALL.iter().map(|c| c.name()));
    sheet.by("shed", &ledger.shed, ShedReason::ALL.iter().map(|c| c.name()));
    sheet.by("pending", &ledger.pending, Place::ALL.iter().map(|c| c.name()));
    sheet.by("duplicates", &ledger.duplicates, DuplicateCause::ALL.iter().map(|c| c.name()));
    sheet.by("extra-deliveries", &ledger.redelivered, DuplicateCause::ALL.iter().map(|c| c.name()));
    sheet.by("rebalances", &book.rebalances.counts, RebalanceCause::ALL.iter().map(|c| c.name()));
    sheet.put("dead-lettered", ledger.dead as f64);
    sheet.put("expired", ledger.expired as f64);
    sheet.mean("duplicate-rate", ledger.duplicates.iter().sum::<u64>() as f64, ledger.applied);
    sheet.mean("loss-rate", ledger.lost.iter().sum::<u64>() as f64, created);
    sheet.put("order-violations", ledger.disorder as f64);
    sheet.put("throughput", ledger.applied as f64 / seconds);
    lag_metrics(sheet, book);
    sheet.put("fetch-throttled", Time(book.throttled).secs());
    if book.by_leases {
        let reads = &book.reads;
        sheet.put("reads", reads.counted as f64);
        sheet.put("reads-refused", reads.refused as f64);
        sheet.put("iterator-age.max", reads.oldest.secs());
        sheet.mean("iterator-age.mean", reads.ages as f64 / 1e9, reads.counted);
    }
    sheet.put("stalled", book.standstill.total as f64 / 1e9);
    sheet.put("stalled.max", book.standstill.longest as f64 / 1e9);
    let stood = &book.rebalances.stood;
    let names = RebalanceCause::ALL.iter().map(|c| c.name()).chain([super::metric::NO_REBALANCE]);
    for (name, length) in names.zip(stood) {
        sheet.put(&format!("stalled-by.{name}"), *length as f64 / 1e9);
    }
    let in_rebalances: u64 = stood[..RebalanceCause::ALL.len()].iter().sum();
    sheet.mean("stalled.per-rebalance", in_rebalances as f64 / 1e9, book.rebalances.counts.iter().sum());
    sheet.mean("takeover", book.standstill.takeovers.0 as f64 / 1e9, book.standstill.takeovers.1);
    sheet.maybe("drain-time", drain_time(book, measure));
    let busy = book.busy_at.1.unwrap_or(book.busy)
        - book.busy_at.0.unwrap_or(0).min(book.busy_at.1.unwrap_or(book.busy));
    if book.capacity > 0.0 {
        sheet.put("utilisation", busy as f64 / book.capacity);
    }
    sheet.put("consumer-hours", book.consumer_ns / 3.6e12);
    sheet.put("consumers.max", f64::from(book.consumers_max));
    sheet.put("scalings", book.scalings as f64);
    sheet.put("polls", book.polls as f64);
    sheet.mean("batch.mean", book.polled as f64, book.polls);
    sheet.put("commits", book.commits as f64);
    sheet.put("failures", book.failures as f64);
    sheet.mean("attempts.mean", book.attempts as f64, book.finished);
    sheet.put("store-lookups", book.lookups as f64);
    sheet.put("store-hits", book.hits as f64);
    sheet.put("resets", book.resets as f64);
    sheet.put("stopped", book.stopped as f64);
}

fn lag_metrics(sheet: &mut Sheet, book: &GroupBook) {
    for (name, samples) in [("lag", &book.lag_samples), ("lag-time", &book.lag_time_samples)] {
        let n = samples.len();
        if n == 0 {
            continue;
        }
        sheet.put(&format!("{name}.mean"), samples.iter().sum::<f64>() / n as f64);
        // Of all places in their order only two are asked for, and the last. What is not below zero has the order of
        // its bits, which are quicker to compare.
        let mut samples: Vec<u64> = samples.iter().map(|v| v.to_bits()).collect();
        let (mut rest, mut before) = (&mut samples[..], 0);
        for (quantile, q) in [("p50", 0.5), ("p99", 0.99)] {
            let place = ((q * n as f64) as usize).min(n - 1);
            let (_, value, _) = rest.select_nth_unstable(place - before);
            if stats::resolves(n as u64, q) {
                sheet.put(&format!("{name}.{quantile}"), f64::from_bits(*value));
            }
            (rest, before) = (&mut rest[place - before..], place);
        }
        let max = rest.iter().max().expect("the last place is among the rest");
        sheet.put(&format!("{name}.max"), f64::from_bits(*max));
    }
    sheet.maybe("lag.end", book.lag_end);
    sheet.maybe("lag.skew", stats::max_over_median(&book.partition_sums));
    sheet.maybe("lag.gini", stats::gini(&book.partition_sums));
}

/// Latency over applied events; what is pending enters as a lower bound, and a quantile that hangs on it
/// is announced as such.
fn latency_metrics(sheet: &mut Sheet, book: &GroupBook, group: &str, warnings: &mut Vec<Warning>) {
    let ledger = &book.ledger;
    sheet.maybe("latency.mean", ledger.latency.mean().map(|m| m / 1e9));
    sheet.maybe("latency.max", ledger.latency.max().map(|m| m as f64 / 1e9));
    let mut with_waiting = ledger.latency.clone();
    with_waiting.merge(&ledger.waiting);
    let (mut bounds, mut refused) = (Vec::new(), Vec::new());
    let (n, samples) = (with_waiting.count(), book.lag_samples.len() as u64);
    if samples > 0 && !stats::resolves(samples, 0.99) {
        warnings.push(too_few(group, "samples of its lag", samples, &["p99"]));
    }
    for (name, q) in QUANTILES {
        let Some(value) = with_waiting.quantile_if_resolvable(q) else {
            refused.push(name);
            continue;
        };
        sheet.put(&format!("latency.{name}"), value as f64 / 1e9);
        let youngest = ledger.waiting.min().unwrap_or(u64::MAX);
        let share = ledger.waiting.count() as f64 / with_waiting.count() as f64;
        if value >= youngest && share > 1.0 - q {
            bounds.push(name);
        }
    }
    if n > 0 && !refused.is_empty() {
        warnings.push(too_few(group, "latencies", n, &refused));
    }
    if !bounds.is_empty() {
        let text = format!(
            "latency {} of group `{group}` hangs on {} events that were still pending when the run ended: the true \
             value is at least this",
            bounds.join(", "),
            ledger.waiting.count()
        );
        warnings.push(Warning { code: "W101", text });
    }
}

/// Says which quantiles are left out, and why.
fn too_few(group: &str, what: &str, n: u64, refused: &[&str]) -> Warning {
    let (which, verb) = (refused.join(", "), if refused.len() > 1 { "are" } else { "is" });
    let text = format!(
        "group `{group}` has only {n} {what} in a run, fewer than ten of them beyond {which}, which {verb} left out"
    );
    Warning { code: "W202", text }
}

/// See the metric's text.
fn drain_time(book: &GroupBook, measure: &Measure) -> Option<f64> {
    match measure.faults_over {
        Some(over) => book.calm_since.map(|calm| calm.since(over).secs()),
        None => {
            let pending: u64 = book.ledger.pending.iter().sum();
            let end = measure.work_end;
            (pending == 0).then(|| book.ledger.last_settled.max(end).since(end).secs())
        }
    }
}

fn producer_metrics(sheet: &mut Sheet, book: &ProducerBook) {
    sheet.put("created", book.created as f64);
    sheet.put("accepted", book.accepted as f64);
    sheet.put("acknowledged", book.acknowledged as f64);
    sheet.put("shed", book.shed as f64);
    sheet.put("lost", book.lost as f64);
    sheet.put("retries", book.retries as f64);
    sheet.put("too-few-in-sync", book.refused as f64);
    sheet.put("extra-appends", book.extra_appends as f64);
    sheet.put("transactions", book.transactions as f64);
    sheet.put("transactions-aborted", book.transactions_aborted as f64);
    sheet.put("blocked", Span(book.blocked).secs());
    sheet.put("throttled", Time(book.throttled).secs());
    sheet.mean("batch.mean", book.batched as f64, book.batches);
    sheet.mean("batch.wait", book.wait_sum as f64 / 1e9, book.waited);
    sheet.mean("ack-latency.mean", book.ack_sum as f64 / 1e9, book.acknowledged);
}
