//! From the runs of one variant to its result: estimates, bands, stories, warnings.

use super::LEVEL;
use super::bands::bands;
use super::results::{Estimate, RunRecord, Story, VariantResult};
use super::warnings;
use crate::model::plan::Plan;
use crate::stats::{self, Histogram};
use std::collections::{BTreeMap, BTreeSet};

/// Sums up the replications of one variant, in their order.
pub(super) fn summarise(name: &str, plan: &Plan, runs: Vec<RunRecord>) -> VariantResult {
    let values = values(&runs);
    let estimates = values.iter().filter_map(|(m, v)| Some((m.clone(), estimate(v, LEVEL)?))).collect();
    let bands = bands(&runs);
    let latency = latency(&runs);
    let mut found = warnings::gathered(&runs);
    found.extend(warnings::about(plan, runs.len(), &values, &latency, &bands));
    VariantResult {
        name: name.to_owned(),
        estimates,
        values,
        bands,
        latency,
        stories: stories(&runs),
        warnings: found,
        digests: runs.iter().map(|r| r.digest).collect(),
        first: runs.into_iter().next().expect("a variant has at least one run"),
    }
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

/// Every metric that any run states, with its value in each run.
fn values(runs: &[RunRecord]) -> BTreeMap<String, Vec<f64>> {
    let names: BTreeSet<&String> = runs.iter().flat_map(|r| r.metrics.keys()).collect();
    let of = |name: &String| runs.iter().map(|r| r.metrics.get(name).copied().unwrap_or(f64::NAN)).collect();
    names.into_iter().map(|name| (name.clone(), of(name))).collect()
}

fn latency(runs: &[RunRecord]) -> BTreeMap<String, Histogram> {
    let mut merged: BTreeMap<String, Histogram> = BTreeMap::new();
    for (group, histogram) in runs.iter().flat_map(|r| &r.latency) {
        merged.entry(group.clone()).or_default().merge(histogram);
    }
    merged
}

/// One story per group, kind and cause: that of the first run that has it.
fn stories(runs: &[RunRecord]) -> Vec<Story> {
    let mut first = BTreeMap::new();
    for story in runs.iter().flat_map(|r| &r.stories) {
        first.entry((&story.group, story.kind, &story.cause)).or_insert(story);
    }
    first.into_values().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::results::StoryKind;
    use super::*;

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
        let plan = fixture::plan(1);
        let mut runs: Vec<_> = (0..3).map(|_| fixture::record()).collect();
        runs[1].metrics.insert("group.billing.takeover".into(), 3.0);
        let result = summarise("base", &plan, runs);
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
        let told: Vec<_> = stories(&runs).into_iter().map(|s| (s.cause, s.event)).collect();
        let expected = [("offset-reset", "third run"), ("retention", "second run")];
        assert_eq!(told, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
