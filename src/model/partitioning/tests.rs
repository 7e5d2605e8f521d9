//! What all partitioners keep to, and what each promises.

use super::murmur2::partition_of;
use super::{MEMBERS, Partitioner, PlaceView, Queues, default, modulo, random, round_robin, salted};
use crate::engine::{Stream, StreamKey};
use crate::model::catalog::Value;
use crate::model::keys::{self, Keys, NO_KEY};
use crate::model::specimen::{self, make};
use Value::{Count, Number};

const ADAPTIVE: &[(&str, Value)] = &[("adaptive", Value::Flag(true))];

fn stream() -> Stream {
    StreamKey::new(5, 0).stream("partitioner")
}
/// Nothing waits, and what was begun is full.
struct Idle;
impl Queues for Idle {
    fn complete(&self, _: u32) -> bool {
        true
    }
    fn begun(&self, _: u32) -> bool {
        true
    }
    fn led(&self, _: u32) -> bool {
        true
    }
    fn all_led(&self) -> bool {
        true
    }
    fn waiting(&self, _: &mut dyn FnMut(u32, u32)) {}
}
fn event(key: u32, ordinal: u64, partitions: u32) -> PlaceView<'static> {
    PlaceView { key, ordinal, size: 100, partitions, batch_size: 1000, queues: &Idle }
}
fn one_hot_key() -> Box<dyn Keys> {
    make(&keys::hot::ENTRY, &[("share", Number(0.4)), ("count", Count(1000))])
}

#[test]
fn members_are_well_formed() {
    specimen::inspect(MEMBERS);
}

#[test]
fn every_partition_named_exists() {
    let keys = one_hot_key();
    for entry in MEMBERS {
        for partitions in [1, 3, 12] {
            let given: &[_] = match entry.name {
                "salted" => &[("salts", Count(4))],
                "default" => ADAPTIVE,
                _ => &[],
            };
            let mut partitioner = make(entry, given);
            let mut rng = stream();
            let table = partitioner.by_key(keys.as_ref(), partitions);
            let all_keys = table.is_none();
            if let Some(table) = table {
                assert_eq!(table.len(), keys.count() as usize);
                assert!(table.iter().all(|p| *p < partitions));
            }
            for ordinal in 0..1000 {
                let key = if all_keys && ordinal % 3 > 0 { ordinal as u32 } else { NO_KEY };
                assert!(partitioner.place(&event(key, ordinal, partitions), &mut rng) < partitions);
            }
        }
    }
}

#[test]
fn keyless_events_stick_until_a_batch_is_full_and_every_partition_gets_its_share() {
    for (entry, given) in [(&default::ENTRY, ADAPTIVE), (&modulo::ENTRY, &[])] {
        let mut partitioner = make(entry, given);
        let mut rng = stream();
        let mut batches = [0_u32; 5];
        for batch in 0..20_000 {
            let placed: Vec<u32> =
                (0..10).map(|i| partitioner.place(&event(NO_KEY, batch * 10 + i, 5), &mut rng)).collect();
            assert!(placed.iter().all(|p| *p == placed[0]));
            batches[placed[0] as usize] += 1;
        }
        for count in batches {
            // 4000 expected of each, standard deviation sqrt(20 000 * 0.2 * 0.8) = 56.6.
            assert!((f64::from(count) - 4000.0).abs() < 5.0 * 56.6, "{batches:?}");
        }
    }
}

#[test]
fn an_event_as_large_as_a_batch_ends_its_stay() {
    let mut partitioner = make(&default::ENTRY, ADAPTIVE);
    let mut rng = stream();
    let large = PlaceView { size: 1000, ..event(NO_KEY, 0, 1000) };
    let first = partitioner.place(&large, &mut rng);
    let second = partitioner.place(&large, &mut rng);
    // The same again by chance would be one in a thousand; this seed does not.
    assert_ne!(first, second);
}

#[test]
fn keys_go_by_hash_or_by_number() {
    let keys = one_hot_key();
    let hashed = make(&default::ENTRY, ADAPTIVE).by_key(keys.as_ref(), 7).expect("keys decide");
    assert!((0..).zip(&hashed).all(|(k, p)| *p == partition_of(format!("key-{k}").as_bytes(), 7)));
    let modulo = make(&modulo::ENTRY, &[]).by_key(keys.as_ref(), 7).expect("keys decide");
    assert!((0..).zip(&modulo).all(|(k, p)| *p == k % 7));
}

#[test]
fn round_robin_takes_turns_and_random_does_not_depend_on_keys() {
    let mut turns = make(&round_robin::ENTRY, &[]);
    let placed: Vec<u32> = (0..7).map(|i| turns.place(&event(9, i, 3), &mut stream())).collect();
    assert_eq!(placed, [0, 1, 2, 0, 1, 2, 0]);
    let mut drawn = make(&random::ENTRY, &[]);
    let mut rng = stream();
    let mut counts = [0_u32; 4];
    for i in 0..40_000 {
        counts[drawn.place(&event(0, i, 4), &mut rng) as usize] += 1;
    }
    // 10 000 expected of each, standard deviation 86.6.
    assert!(counts.iter().all(|c| (f64::from(*c) - 10_000.0).abs() < 5.0 * 86.6), "{counts:?}");
}

#[test]
fn salt_spreads_hot_keys_only() {
    let keys = one_hot_key();
    let mut salted = make(&salted::ENTRY, &[("salts", Count(4))]);
    assert_eq!(salted.by_key(keys.as_ref(), 100), None);
    let mut rng = stream();
    for key in 1..=1000 {
        let expected = partition_of(format!("key-{key}").as_bytes(), 100);
        assert_eq!(salted.place(&event(key, 77, 100), &mut rng), expected);
    }
    let targets: Vec<u32> = (0..4).map(|s| partition_of(format!("key-0#{s}").as_bytes(), 100)).collect();
    let n = 40_000;
    // Every fourth event as well as all of them: neither falls in step with the salts.
    for stride in [1, 4] {
        let mut counts = [0_u32; 4];
        for i in 0..n {
            let partition = salted.place(&event(0, i * stride, 100), &mut rng);
            counts[targets.iter().position(|t| *t == partition).expect("a salted partition")] += 1;
        }
        let off = counts.iter().map(|c| (f64::from(*c) - 10_000.0).abs()).fold(0.0, f64::max);
        let allowed = if stride == 1 { 0.0 } else { 5.0 * 86.6 };
        assert!(off <= allowed, "stride {stride}: {counts:?}");
    }
}

#[test]
fn without_hot_keys_salt_is_the_default() {
    let keys = make(&keys::uniform::ENTRY, &[("count", Count(1000))]);
    let mut salted: Box<dyn Partitioner> = make(&salted::ENTRY, &[("salts", Count(4))]);
    assert_eq!(salted.by_key(keys.as_ref(), 12), make(&default::ENTRY, ADAPTIVE).by_key(keys.as_ref(), 12));
}
