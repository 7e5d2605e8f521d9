//! What all kinds of failure keep to, and what each promises.

use super::{FailView, MEMBERS, by_key, by_schema, poison, random};
use crate::engine::{StreamKey, Time};
use crate::model::catalog::Value;
use crate::model::specimen::{self, make};
use Value::{Count, Number};

/// Try number `attempt` of event `ordinal`.
fn a_try(ordinal: u64, attempt: u32, key: u32, schema: u32) -> FailView {
    let run = StreamKey::new(31, 0);
    FailView {
        key,
        schema,
        created: Time::ZERO,
        attempt,
        of_event: run.per_event("event").at(ordinal),
        of_try: run.per_event("try").at(ordinal * 16 + u64::from(attempt)),
    }
}

/// How many of `n` with probability `p` lie within five standard errors.
fn assert_share(count: usize, n: usize, p: f64) {
    let (count, n) = (count as f64, n as f64);
    assert!((count - n * p).abs() <= 5.0 * libm::sqrt(n * p * (1.0 - p)), "{count} of {n} for {p}");
}

#[test]
fn members_are_well_formed() {
    specimen::inspect(MEMBERS);
}

#[test]
fn random_failures_are_independent_from_try_to_try() {
    let failing = make(&random::ENTRY, &[("probability", Number(0.3))]);
    let fails = |event, attempt| failing.fails(&mut a_try(event, attempt, 0, 1));
    let first: Vec<u64> = (0..50_000).filter(|e| fails(*e, 1)).collect();
    assert_share(first.len(), 50_000, 0.3);
    let again = first.iter().filter(|e| fails(**e, 2)).count();
    assert_share(again, first.len(), 0.3);
}

#[test]
fn poison_is_poison_at_every_try() {
    let failing = make(&poison::ENTRY, &[("share", Number(0.05))]);
    let fails = |event, attempt| failing.fails(&mut a_try(event, attempt, 0, 1));
    let first: Vec<u64> = (0..50_000).filter(|e| fails(*e, 1)).collect();
    assert_share(first.len(), 50_000, 0.05);
    let second: Vec<u64> = (0..50_000).filter(|e| fails(*e, 2)).collect();
    assert_eq!(first, second);
}

#[test]
fn only_the_named_key_fails() {
    let always = make(&by_key::ENTRY, &[("key", Count(3))]);
    let half = make(&by_key::ENTRY, &[("key", Count(3)), ("probability", Number(0.5))]);
    assert!((0..1000).all(|e| always.fails(&mut a_try(e, 1, 3, 1)) && !always.fails(&mut a_try(e, 1, 4, 1))));
    let failed = (0..10_000).filter(|e| half.fails(&mut a_try(*e, 1, 3, 1))).count();
    assert_share(failed, 10_000, 0.5);
}

#[test]
fn schema_versions_fail_from_one_on() {
    let failing = make(&by_schema::ENTRY, &[("version", Count(2))]);
    let failed: Vec<u32> = (1..=4).filter(|v| failing.fails(&mut a_try(0, 1, 0, *v))).collect();
    assert_eq!(failed, [2, 3, 4]);
}
