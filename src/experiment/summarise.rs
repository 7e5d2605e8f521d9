//! From the runs of one variant to its result: estimates, bands, stories, warnings.
//!
//! Runs are taken in one by one, in their order, and let go: what is kept does not grow with their number,
//! but for one number per metric.

use super::LEVEL;
use super::bands::Bands;
use super::results::{BatchEstimate, Estimate, Rate, RunRecord, Story, StoryKind, VariantResult};
use super::warnings::{self, Heard};
use crate::measure::Victim;
use crate::measure::metric::is_percentile;
use crate::model::ids::GroupId;
use crate::model::plan::Plan;
use crate::stats::{self, BatchMeans, Histogram};
use std::collections::BTreeMap;

/// One variant at one sweep point while its runs come in.
pub(super) struct Gathering {
    /// Whether the course of its runs is kept, or their numbers only.
    in_full: bool,
    runs: usize,
    values: BTreeMap<String, Vec<f64>>,
    bands: Bands,
    latency: BTreeMap<String, Histogram>,
    stories: BTreeMap<(String, StoryKind, String), Story>,
    heard: Heard,
    digests: Vec<u64>,
    first: Option<RunRecord>,
    /// Mishaps of which an example was found.
    told: Vec<(GroupId, Victim)>,
}

impl Gathering {
    /// No run yet. A sweep shows numbers over its points, not the course of each run: that is kept of its first
    /// point, and keeping it for every point would take a gigabyte for a large sweep.
    pub(super) fn new(in_full: bool) -> Self {
        Gathering {
            in_full,
            runs: 0,
            values: BTreeMap::new(),
            bands: Bands::default(),
            latency: BTreeMap::new(),
            stories: BTreeMap::new(),
            heard: Heard::default(),
            digests: Vec::new(),
            first: None,
            told: Vec::new(),
        }
    }

    /// The mishaps of the next run that no earlier one had: each is told once, from the first run in which it
    /// occurred.
    pub(super) fn untold(&mut self, run: &RunRecord) -> Vec<crate::measure::VictimOf> {
        let new: Vec<_> =
            run.victims.iter().filter(|(g, v, ..)| !self.told.contains(&(*g, *v))).copied().collect();
        self.told.extend(new.iter().map(|(g, v, ..)| (*g, *v)));
        new
    }

    /// The next run.
    pub(super) fn add(&mut self, plan: &Plan, mut run: RunRecord) {
        for (name, value) in &run.metrics {
            match self.values.get_mut(name) {
                Some(values) => values.push(*value),
                None => {
                    let mut values = vec![f64::NAN; self.runs];
                    values.push(*value);
                    self.values.insert(name.clone(), values);
                }
            }
        }
        self.runs += 1;
        let runs = self.runs;
        self.values.values_mut().for_each(|v| v.resize(runs, f64::NAN));
        if self.in_full {
            self.bands.add(&run.series);
        } else {
            let lags: Vec<String> = plan.groups.iter().map(|g| warnings::lag_of(&g.name)).collect();
            self.bands.add(run.series.iter().filter(|s| lags.contains(&s.name)));
            run.series = Vec::new();
            run.states = Vec::new();
        }
        for (group, histogram) in &run.latency {
            self.latency.entry(group.clone()).or_default().merge(histogram);
        }
        for story in &run.stories {
            let key = (story.group.clone(), story.kind, story.cause.clone());
            self.stories.entry(key).or_insert_with(|| story.clone());
        }
        self.heard.add(&run.warnings);
        self.digests.push(run.digest);
        self.first.get_or_insert(run);
    }

    /// The value of a metric in each run so far (`NaN` where absent), if it can be stated.
    pub(super) fn values(&self, metric: &str) -> Option<&[f64]> {
        self.values.get(metric).filter(|values| stated(metric, values)).map(Vec::as_slice)
    }

    /// Sums up the runs.
    pub(super) fn finish(self, name: &str, plan: &Plan) -> VariantResult {
        let mut values = self.values;
        values.retain(|metric, values| stated(metric, values));
        let estimates = values.iter().filter_map(|(m, v)| Some((m.clone(), estimate(v, LEVEL)?))).collect();
        let bands = self.bands.finish();
        let mut found = self.heard.finish();
        found.extend(warnings::about(plan, self.runs, &values, &bands));
        let first = self.first.expect("a variant has at least one run");
        let batched = batched(&first);
        found.extend(warnings::about_batches(&batched));
        VariantResult {
            name: name.to_owned(),
            estimates,
            rates: rates(plan, &values),
            batch_means: batched.into_iter().map(|(m, b)| (m, batch_estimate(&b))).collect(),
            values,
            bands: if self.in_full { bands } else { Vec::new() },
            latency: self.latency,
            stories: self.stories.into_values().collect(),
            warnings: found,
            digests: self.digests,
            first,
        }
    }
}

/// What the batches of a run say of its means; of those that every batch can state.
fn batched(run: &RunRecord) -> BTreeMap<String, BatchMeans> {
    let full = run.batches.iter().filter(|(_, sums)| sums.iter().all(|(_, n)| *n > 0.0));
    full.filter_map(|(metric, sums)| Some((metric.clone(), stats::batch_ratio(sums, LEVEL)?))).collect()
}

fn batch_estimate(of: &BatchMeans) -> BatchEstimate {
    let i = of.interval;
    BatchEstimate { mean: i.mean, low: i.low, high: i.high, batches: i.n as u32, correlation: of.correlation }
}

/// Whether a metric can be stated. A percentile that some runs are too short for is stated of none: the others happen
/// to have had more events, and are not like them.
fn stated(metric: &str, values: &[f64]) -> bool {
    !is_percentile(metric) || values.iter().all(|v| !v.is_nan())
}

/// Fates of which an event has one at most, so that how many met one is binomial if events are independent.
const FATES: [&str; 4] = ["lost", "shed", "dead-lettered", "expired"];

/// How often events met a fate, with exact bounds: they hold for the rarest ones too, of which an interval around
/// a mean of counts like 0, 0 and 1 says little.
fn rates(plan: &Plan, values: &BTreeMap<String, Vec<f64>>) -> BTreeMap<String, Rate> {
    // Counts are whole, and far below what a float holds exactly.
    let total =
        |metric: &str| values.get(metric).map(|v| v.iter().filter(|x| !x.is_nan()).sum::<f64>() as u64);
    let mut all = BTreeMap::new();
    for group in &plan.groups {
        let Some(of) = total(&format!("group.{}.created", group.name)) else { continue };
        for fate in FATES {
            let metric = format!("group.{}.{fate}", group.name);
            let Some(seen) = total(&metric).filter(|seen| *seen <= of) else { continue };
            let exact = stats::proportion(seen, of, LEVEL);
            all.insert(metric, Rate { seen, of, low: exact.low, high: exact.high });
        }
    }
    all
}

/// The mean of the values that are there (`NaN` is absent) and its interval; `None` without any.
pub fn estimate(values: &[f64], level: f64) -> Option<Estimate> {
    let there: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let n = there.len() as u32;
    match there[..] {
        [] => None,
        // Equal values have no spread; summing them up could only add a rounding error.
        [first, ..] if there.iter().all(|v| *v == first) => {
            Some(Estimate { mean: first, low: first, high: first, n })
        }
        _ => {
            let i = stats::mean_interval(&there, level);
            Some(Estimate { mean: i.mean, low: i.low, high: i.high, n })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::results::StoryKind;
    use super::*;

    fn gathered(runs: Vec<RunRecord>) -> VariantResult {
        let plan = fixture::plan(1);
        let mut gathering = Gathering::new(true);
        runs.into_iter().for_each(|run| gathering.add(&plan, run));
        gathering.finish("base", &plan)
    }

    #[test]
    fn an_absent_metric_is_left_out_of_its_mean() {
        let e = estimate(&[f64::NAN, 2.0, f64::NAN, 4.0], LEVEL).unwrap();
        assert_eq!((e.mean, e.n), (3.0, 2));
        assert!(e.low < 3.0 && e.high > 3.0);
        assert_eq!(estimate(&[f64::NAN], LEVEL), None);
    }

    #[test]
    fn one_value_or_equal_values_have_a_point_for_an_interval() {
        let point = |v, n| Some(Estimate { mean: v, low: v, high: v, n });
        assert_eq!(estimate(&[0.1], LEVEL), point(0.1, 1));
        assert_eq!(estimate(&[0.1; 3], LEVEL), point(0.1, 3));
    }

    #[test]
    fn a_metric_of_some_runs_keeps_its_place_in_each() {
        let mut runs: Vec<_> = (0..3).map(|_| fixture::record()).collect();
        runs[1].metrics.insert("group.billing.takeover".into(), 3.0);
        let result = gathered(runs);
        let values = &result.values["group.billing.takeover"];
        assert!(values[0].is_nan() && values[1] == 3.0 && values[2].is_nan());
        assert_eq!(result.estimates["group.billing.takeover"].n, 1);
    }

    #[test]
    fn the_first_run_with_a_cause_tells_its_story() {
        let mut runs: Vec<_> = (0..3).map(|_| fixture::record()).collect();
        let story = |cause: &str, event: &str| Story {
            group: "billing".into(),
            kind: StoryKind::Lost,
            cause: cause.into(),
            event: event.into(),
            steps: vec![],
        };
        runs[1].stories = vec![story("retention", "second run")];
        runs[2].stories = vec![story("retention", "third run"), story("offset-reset", "third run")];
        let told: Vec<_> = gathered(runs).stories.into_iter().map(|s| (s.cause, s.event)).collect();
        let expected = [("offset-reset", "third run"), ("retention", "second run")];
        assert_eq!(told, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn fates_are_counted_over_all_runs_with_exact_bounds() {
        let run = |lost: f64| {
            let mut run = fixture::record();
            run.metrics.insert("group.billing.created".into(), 1000.0);
            run.metrics.insert("group.billing.lost".into(), lost);
            run
        };
        let result = gathered(vec![run(0.0), run(1.0), run(0.0)]);
        let rate = result.rates["group.billing.lost"];
        assert_eq!((rate.seen, rate.of, result.rates.len()), (1, 3000, 1));
        // The mean of 0, 1, 0 has an interval that reaches below zero; the exact one does not.
        assert!(result.estimates["group.billing.lost"].low < 0.0);
        assert!(rate.low > 8e-6 && rate.high < 1.86e-3, "{rate:?}");
    }
}
