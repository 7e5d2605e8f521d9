//! What all backoffs keep to, and the formulas each is named after.

use super::{Backoff, MEMBERS, equal_jitter, exponential, fixed, full_jitter, kafka, none};
use crate::engine::{EventRng, Span, StreamKey};
use crate::model::catalog::{Entry, Value};
use crate::model::specimen::{self, make};

fn draws() -> EventRng {
    StreamKey::new(21, 0).per_event("backoff")
}
fn span(millis: u64) -> Value {
    Value::Span(Span::millis(millis))
}

/// Waits in milliseconds after this many failures, over many events.
fn waits(entry: &'static Entry<dyn Backoff>, given: &[(&'static str, Value)], failures: u32) -> Vec<f64> {
    let backoff = make(entry, given);
    (0..20_000).map(|i| backoff.delay(failures, &mut draws().at(i)).secs() * 1e3).collect()
}

/// That the waits are uniform between two bounds, by range, mean and variance.
fn assert_uniform(waits: &[f64], low: f64, high: f64) {
    let (n, width) = (waits.len() as f64, high - low);
    let mean = waits.iter().sum::<f64>() / n;
    let variance = waits.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / n;
    assert!(waits.iter().all(|w| *w >= low - 1e-6 && *w <= high + 1e-6), "{low}..{high}");
    let error = width / libm::sqrt(12.0 * n);
    assert!((mean - (low + high) / 2.0).abs() < 5.0 * error, "{mean} of {low}..{high}");
    // The variance of a sample variance of U(0, 1) is (1/80 - 1/144) / n.
    let error = width * width * libm::sqrt((1.0 / 80.0 - 1.0 / 144.0) / n);
    assert!((variance - width * width / 12.0).abs() < 5.0 * error, "{variance} of {low}..{high}");
}

#[test]
fn members_are_well_formed() {
    specimen::inspect(MEMBERS);
}

#[test]
fn without_chance_waits_are_exact() {
    let exact = |entry: &'static Entry<dyn Backoff>, given: &[_], expected: &[u64]| {
        let backoff = make(entry, given);
        for (failures, millis) in (1..).zip(expected) {
            assert_eq!(backoff.delay(failures, &mut draws().at(1)), Span::millis(*millis));
        }
        backoff
    };
    exact(&none::ENTRY, &[], &[0, 0]);
    exact(&fixed::ENTRY, &[("value", span(250))], &[250, 250]);
    let growing = exact(&exponential::ENTRY, &[], &[100, 200, 400, 800, 1000, 1000]);
    for failures in [63, 64, 65, 66, 1000, u32::MAX] {
        assert_eq!(growing.delay(failures, &mut draws().at(1)), Span::from_secs(1));
    }
    exact(&exponential::ENTRY, &[("base", span(500)), ("cap", span(200))], &[200, 200]);
}

#[test]
fn jittered_waits_are_uniform_where_their_formulas_say() {
    let given = [("base", span(5)), ("cap", span(2000))];
    for (failures, expo) in [(1, 5.0), (4, 40.0), (9, 1280.0), (10, 2000.0), (70, 2000.0)] {
        assert_uniform(&waits(&full_jitter::ENTRY, &given, failures), 0.0, expo);
        assert_uniform(&waits(&equal_jitter::ENTRY, &given, failures), expo / 2.0, expo);
    }
    for (failures, expo) in [(1, 100.0), (2, 200.0), (4, 800.0)] {
        assert_uniform(&waits(&kafka::ENTRY, &[], failures), 0.8 * expo, 1.2 * expo);
    }
}

#[test]
fn kafka_never_waits_longer_than_its_cap() {
    let waits = waits(&kafka::ENTRY, &[], 9);
    let below: Vec<f64> = waits.iter().copied().filter(|w| *w < 1000.0).collect();
    assert_uniform(&below, 800.0, 1000.0);
    // Half of 20 000, standard deviation 70.7; the others are at the cap.
    assert!((below.len() as f64 - 10_000.0).abs() < 5.0 * 70.7, "{}", below.len());
    assert!(waits.iter().all(|w| *w <= 1000.0));
    let flat = make(&kafka::ENTRY, &[("base", span(300)), ("cap", span(200))]);
    assert_eq!(flat.delay(1, &mut draws().at(3)), Span::millis(200));
}
