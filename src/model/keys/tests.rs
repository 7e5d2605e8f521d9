//! What all key distributions keep to, and what each promises.

use super::alias::{Alias, total};
use super::{Keys, MEMBERS, NO_KEY, hot, none, traced, uniform, weighted, zipf};
use crate::engine::{EventRng, StreamKey};
use crate::model::catalog::Value;
use crate::model::specimen::{self, make};
use Value::{Count, Number};
use proptest::prelude::*;

fn draws() -> EventRng {
    StreamKey::new(11, 0).per_event("keys")
}

/// One of every member that draws.
fn drawing() -> Vec<Box<dyn Keys>> {
    vec![
        make(&uniform::ENTRY, &[("count", Count(37))]),
        make(&zipf::ENTRY, &[("count", Count(100))]),
        make(&zipf::ENTRY, &[("count", Count(12)), ("exponent", Number(2.5))]),
        make(&zipf::ENTRY, &[("count", Count(9)), ("exponent", Number(0.0))]),
        make(&hot::ENTRY, &[("share", Number(0.3)), ("count", Count(20))]),
        make(&weighted::ENTRY, &[("weights", Value::Weights(vec![5.0, 0.0, 1.0, 4.0]))]),
    ]
}

#[test]
fn members_are_well_formed() {
    specimen::inspect(MEMBERS);
}

#[test]
fn keys_have_the_share_they_are_said_to_have() {
    let n = 400_000_usize;
    for keys in drawing() {
        let mut out = vec![0; n];
        keys.fill(draws(), 0, &mut out);
        let mut seen = vec![0.0; keys.count() as usize];
        for key in out {
            seen[key as usize] += 1.0;
        }
        let mut sum = 0.0;
        for (key, seen) in (0..).zip(seen) {
            let share = keys.share(key).expect("a known share");
            let error = libm::sqrt(share * (1.0 - share) / n as f64);
            assert!((seen / n as f64 - share).abs() <= 5.0 * error, "key {key}: {seen} for {share}");
            sum += share;
        }
        assert!((sum - 1.0).abs() < 1e-12);
        assert_eq!(keys.share(keys.count()), None);
    }
}

#[test]
fn a_key_depends_on_its_ordinal_alone() {
    for keys in drawing() {
        let mut whole = vec![0; 1000];
        keys.fill(draws(), 500, &mut whole);
        let mut part = vec![0; 10];
        keys.fill(draws(), 700, &mut part);
        assert_eq!(part, whole[200..210]);
    }
}

#[test]
fn names_are_prefix_and_number() {
    let keys = make(&uniform::ENTRY, &[("count", Count(37))]);
    assert_eq!(keys.name(36), "key-36");
    let keys = make(&zipf::ENTRY, &[("count", Count(5)), ("prefix", Value::Text("customer/".into()))]);
    assert_eq!(keys.name(0), "customer/0");
}

#[test]
fn zipf_shares_are_those_of_the_law() {
    let keys = make(&zipf::ENTRY, &[("count", Count(10_000))]);
    // The harmonic number of 10 000 is ln n + gamma + 1 / 2n - 1 / 12n^2.
    let harmonic = libm::log(1e4) + 0.577_215_664_901_532_9 + 1.0 / 2e4 - 1.0 / 12e8;
    for key in [0, 1, 99, 9999] {
        let share = keys.share(key).expect("a known share");
        assert!((share * harmonic * f64::from(key + 1) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn recorded_keys_keep_their_order_and_names() {
    let keys = make(&traced::ENTRY, &[("value", Value::Trace(specimen::recording()))]);
    let mut out = vec![7; 4];
    keys.fill(draws(), 1, &mut out);
    assert_eq!(out, [1, 0, NO_KEY, NO_KEY]);
    keys.fill(draws(), 100, &mut out);
    assert_eq!(out, [NO_KEY; 4]);
    assert_eq!((keys.count(), keys.name(1)), (2, "b".to_owned()));
    assert_eq!(keys.share(0), Some(2.0 / 3.0));
}

#[test]
fn no_keys_means_none() {
    let keys = make(&none::ENTRY, &[]);
    let mut out = vec![7; 3];
    keys.fill(draws(), 0, &mut out);
    assert_eq!((out, keys.count(), keys.share(0)), (vec![NO_KEY; 3], 0, None));
}

proptest! {
    #[test]
    fn an_alias_table_holds_the_shares_it_was_given(
        weights in prop::collection::vec(prop_oneof![Just(0.0), 0.0..1.0_f64, 0.0..1e6_f64], 1..200)
    ) {
        let sum = total(weights.iter().copied());
        prop_assume!(sum > 0.0);
        let count = weights.len() as u32;
        let table = Alias::new(count, |i| weights[i as usize] / sum);
        // Rounding each mass by half a unit of 2^-32 columns can add up over the columns at one place.
        for (share, weight) in table.shares().iter().zip(&weights) {
            prop_assert!((share - weight / sum).abs() < 1.5 / 4_294_967_296.0);
        }
    }
}
