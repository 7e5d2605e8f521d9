//! Closed formulas as the judge: whatever the pipeline is made of, its queues must behave like queues.
//!
//! Every test names its formula and the source of it. A value that chance has a part in is compared by the
//! Student t interval over independent replications at `LEVEL`, so that a right program fails a comparison
//! with probability 1e-4 if the seeds change (about 60 comparisons: once in 170 changes of the seeds), and
//! `agree` asks besides that the interval be narrow enough to have noticed a deviation worth the name.
//! Where nothing is left to chance, the tolerance follows from the grain of time and of whole records.
//!
//! Little's law is asked of every run whose records all come to their effect: the area under the curve of
//! the lag, which is read off the logs by samples, against the sum of the times that the events spent
//! between log and effect, which is added up event by event.

mod batching;
mod compaction;
mod crashes;
mod drains;
mod handovers;
mod idempotence;
mod kinesis;
mod queues;
mod quotas;
mod rebalances;
mod replication;
mod spreading;
mod stages;
mod transactions;

use crate::support::*;
use laglab::experiment::results::RunRecord;
use laglab::stats::mean_interval;

/// Confidence level of every comparison.
const LEVEL: f64 = 0.9999;

/// The mean of `values` is `expected`, and known to within `resolution` of it.
fn agree(what: &str, values: &[f64], expected: f64, resolution: f64) {
    let interval = mean_interval(values, LEVEL);
    let found = format!("{what}: {} +- {} of {} runs", interval.mean, interval.half_width(), interval.n);
    assert!(interval.covers(expected), "{found}, but theory says {expected}");
    assert!(interval.half_width() <= resolution * expected.abs(), "{found}: too vague to tell anything");
}

/// Area under the lag, and the events' summed time from log to effect, both in event-seconds; with the
/// distance of the samples in seconds and the number of events.
fn areas(record: &RunRecord) -> (f64, f64, f64, f64) {
    let lag = record.series.iter().find(|s| s.name == "group.sink.lag").expect("every group has a lag");
    let step = lag.step.secs();
    let area = lag.value.iter().sum::<f64>() * step;
    let applied = metric(record, "group.sink.applied");
    assert_eq!(
        applied,
        metric(record, "group.sink.created"),
        "Little's law here is about events that all come through"
    );
    let waited = metric(record, "group.sink.latency.mean") - metric(record, "producer.source.batch.wait");
    (area, applied * waited, step, applied)
}

/// Little's law for one run (L = lambda W; Little, Operations Research 1961). A record is counted by as many
/// samples as fall between its append and its effect, so each one's share of the area is off by less than the
/// distance of two samples.
fn little(record: &RunRecord) {
    let (area, time, step, applied) = areas(record);
    assert!((area - time).abs() <= step * applied, "area under the lag {area}, time in the system {time}");
}

/// Little's law for one run, and on average: with random arrivals the errors of the samples have mean zero.
fn little_on_average(records: &[RunRecord]) {
    records.iter().for_each(little);
    let errors: Vec<f64> = records.iter().map(areas).map(|(area, time, ..)| (area - time) / time).collect();
    let interval = mean_interval(&errors, LEVEL);
    assert!(interval.covers(0.0), "relative difference of the two sides of Little's law: {interval:?}");
    assert!(interval.half_width() < 0.05, "too vague to tell anything: {interval:?}");
}
