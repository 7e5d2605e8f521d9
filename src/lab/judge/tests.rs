//! Verdicts on results whose numbers are given by hand.

use super::*;
use crate::experiment::fixture;
use crate::scenario::MetricRef;

const LOST: &str = "group.billing.lost";
const P99: &str = "group.billing.latency.p99";

fn metric(name: &str, variant: Option<&str>) -> Term {
    let reference = MetricRef { metric: name.into(), variant: variant.map(str::to_owned), at: Vec::new() };
    Term { metrics: vec![(1.0, reference)], constant: 0.0 }
}

fn constant(value: f64) -> Term {
    Term { metrics: Vec::new(), constant: value }
}

fn expect(left: Term, relation: Relation, right: Term) -> Expectation {
    Expectation { name: "it holds".into(), expression: "left ? right".into(), left, relation, right }
}

/// Judges one expectation where `metric` has these values in the base and the variant.
fn judged(expectation: Expectation, metric: &str, base: &[f64], variant: &[f64]) -> Vec<Verdict> {
    let mut scenario = fixture::scenario(&["base", "x"], base.len() as u32);
    let mut results = fixture::results(&scenario);
    for (v, values) in results.variants.iter_mut().zip([base, variant]) {
        v.values.insert(metric.into(), values.to_vec());
    }
    scenario.expect = vec![expectation];
    judge(&scenario, &results)
}

fn outcomes(relation: Relation, limit: f64, values: &[f64]) -> Outcome {
    let e = expect(metric(LOST, Some("base")), relation, constant(limit));
    let verdicts = judged(e, LOST, values, values);
    assert_eq!(verdicts.len(), 1);
    verdicts[0].outcome
}

#[test]
fn the_whole_interval_decides() {
    let near_ten = [9.0, 10.0, 11.0, 10.0];
    for relation in [Relation::Less, Relation::AtMost] {
        assert_eq!(outcomes(relation, 20.0, &near_ten), Outcome::Held);
        assert_eq!(outcomes(relation, 2.0, &near_ten), Outcome::Broken);
        assert_eq!(outcomes(relation, 10.2, &near_ten), Outcome::Undecided);
    }
    for relation in [Relation::Greater, Relation::AtLeast] {
        assert_eq!(outcomes(relation, 2.0, &near_ten), Outcome::Held);
        assert_eq!(outcomes(relation, 20.0, &near_ten), Outcome::Broken);
        assert_eq!(outcomes(relation, 10.2, &near_ten), Outcome::Undecided);
    }
}

#[test]
fn the_limit_itself_belongs_to_at_most_and_not_to_less() {
    let same = [5.0; 3];
    assert_eq!(outcomes(Relation::AtMost, 5.0, &same), Outcome::Held);
    assert_eq!(outcomes(Relation::Less, 5.0, &same), Outcome::Broken);
    assert_eq!(outcomes(Relation::AtLeast, 5.0, &same), Outcome::Held);
    assert_eq!(outcomes(Relation::Greater, 5.0, &same), Outcome::Broken);
}

#[test]
fn equality_speaks_of_every_replication() {
    assert_eq!(outcomes(Relation::Equal, 0.0, &[0.0; 5]), Outcome::Held);
    // Its interval includes zero, and yet one run lost an event.
    assert_eq!(outcomes(Relation::Equal, 0.0, &[0.0, 0.0, 1.0, 0.0]), Outcome::Broken);
    assert_eq!(outcomes(Relation::Equal, 0.0, &[0.0]), Outcome::Held);
    assert_eq!(outcomes(Relation::Differs, 0.0, &[0.0; 5]), Outcome::Broken);
    assert_eq!(outcomes(Relation::Differs, 0.0, &[1.0, 900.0, 3.0]), Outcome::Held);
    assert_eq!(outcomes(Relation::Differs, 0.0, &[0.0, 900.0, 3.0]), Outcome::Undecided);
}

#[test]
fn rounding_does_not_break_equality() {
    assert_eq!(outcomes(Relation::Equal, 0.3, &[0.1 + 0.2; 3]), Outcome::Held);
}

#[test]
fn the_replication_that_breaks_equality_is_named() {
    let e = expect(metric(LOST, Some("base")), Relation::Equal, constant(0.0));
    let verdicts = judged(e, LOST, &[0.0, 0.0, 7.0], &[0.0; 3]);
    assert!(verdicts[0].evidence.contains("replication 2 has 7"), "{}", verdicts[0].evidence);
}

#[test]
fn without_a_variant_the_base_and_every_variant_are_judged() {
    let e = expect(metric(LOST, None), Relation::Equal, constant(0.0));
    let verdicts = judged(e, LOST, &[0.0; 3], &[2.0; 3]);
    let got: Vec<_> = verdicts.iter().map(|v| (v.scope.as_str(), v.outcome)).collect();
    assert_eq!(got, [("base", Outcome::Held), ("x", Outcome::Broken)]);
    assert_eq!(verdicts[1].evidence, "2 in each of 3 replications");
}

#[test]
fn against_a_named_variant_only_the_others_are_judged() {
    let e = expect(metric(LOST, None), Relation::Less, metric(LOST, Some("base")));
    let verdicts = judged(e, LOST, &[5.0; 3], &[2.0; 3]);
    let got: Vec<_> = verdicts.iter().map(|v| (v.scope.as_str(), v.outcome)).collect();
    assert_eq!(got, [("x", Outcome::Held)]);
}

#[test]
fn two_variants_are_compared_pairwise() {
    // Unpaired, the spread of 10 to 8000 would hide a difference of one.
    let base = [10.0, 250.0, 70.0, 8000.0];
    let more = base.map(|v| v + 1.0);
    let e = expect(metric(LOST, Some("x")), Relation::Greater, metric(LOST, Some("base")));
    let verdicts = judged(e, LOST, &base, &more);
    assert_eq!(verdicts[0].outcome, Outcome::Held);
    assert!(
        verdicts[0].evidence.ends_with("difference 1 in each of 4 replications"),
        "{}",
        verdicts[0].evidence
    );
    assert_eq!(verdicts[0].scope, "");
}

#[test]
fn what_is_absent_leaves_it_undecided_and_says_so() {
    let none = [f64::NAN; 2];
    let e = || expect(metric(P99, Some("base")), Relation::Less, constant(1.0));
    let verdicts = judged(e(), P99, &none, &none);
    assert_eq!(verdicts[0].outcome, Outcome::Undecided);
    assert_eq!(verdicts[0].evidence, format!("no replication of `base` could state `{P99}`"));
    let some = judged(e(), P99, &[0.5, f64::NAN, 0.5], &[0.0; 3]);
    assert_eq!(some[0].outcome, Outcome::Held);
    assert!(some[0].evidence.ends_with("500 ms in each of 2 replications (absent in 1 of 3 replications)"));
}

#[test]
fn undecided_says_how_many_replications_would_likely_decide() {
    // Standard deviation 1, distance 0.1: the interval is narrow enough at about (2 * 1 / 0.1)^2 = 400.
    let values: Vec<f64> = (0..20).map(|i| if i % 2 == 0 { 9.1 } else { 11.1 }).collect();
    let e = expect(metric(LOST, Some("base")), Relation::Greater, constant(10.0));
    let text = judged(e, LOST, &values, &values).remove(0).evidence;
    let number: f64 = text.split("about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((380.0..460.0).contains(&number), "{text}");
    let level = expect(metric(LOST, Some("base")), Relation::Greater, constant(10.1));
    let text = judged(level, LOST, &values, &values).remove(0).evidence;
    assert!(text.ends_with("will hardly decide it"), "{text}");
}

#[test]
fn a_sweep_is_judged_at_each_point_or_at_the_named_one() {
    let mut scenario = fixture::sweep(&[1, 2, 4], 4);
    let results = fixture::results(&scenario);
    let at = |n: &str| {
        let mut term = metric(P99, None);
        term.metrics[0].1.at = vec![("group.billing.consumers".into(), n.into())];
        term
    };
    scenario.expect = vec![
        expect(metric(P99, None), Relation::Less, constant(0.004)),
        expect(at("4"), Relation::Less, at("1")),
        expect(metric(P99, None), Relation::AtMost, at("1")),
    ];
    let verdicts = judge(&scenario, &results);
    let got: Vec<_> = verdicts.iter().map(|v| (v.scope.as_str(), v.outcome)).collect();
    assert_eq!(
        got,
        [
            ("group.billing.consumers=1", Outcome::Broken),
            ("group.billing.consumers=2", Outcome::Broken),
            ("group.billing.consumers=4", Outcome::Held),
            ("", Outcome::Held),
            ("group.billing.consumers=2", Outcome::Held),
            ("group.billing.consumers=4", Outcome::Held),
        ]
    );
}

#[test]
fn sums_and_factors_are_taken_in_each_replication() {
    let mut left = metric(LOST, Some("x"));
    left.metrics.push((-2.0, metric(LOST, Some("base")).metrics.remove(0).1));
    left.constant = 1.0;
    let e = expect(left, Relation::Equal, constant(1.0));
    assert_eq!(judged(e, LOST, &[1.0, 50.0], &[2.0, 100.0])[0].outcome, Outcome::Held);
}
