//! Small runs that can be followed by hand, and balances that hold exactly.

use super::*;
use crate::engine::{HeapQueue, StreamKey, Time, WheelQueue};
use proptest::prelude::*;

const MS: u64 = 1_000_000;

fn constant(ms: u64) -> Dist {
    Dist::Constant(ms * MS)
}

fn play(plan: &StationPlan) -> StationRecord {
    run(plan, Streams::new(plan, StreamKey::new(1, 0)), WheelQueue::default())
}

#[test]
fn three_customers_by_hand() {
    // They come at 2, 4, 6 ms and take 3 ms each: waits of 0, 1 and 2 ms.
    let record = play(&StationPlan::single(constant(2), constant(3), 3));
    let class = &record.classes[0];
    assert_eq!((class.arrived, class.served, class.waited), (3, 3, 2));
    assert_eq!(class.wait, u128::from(3 * MS));
    assert_eq!(class.sojourn, u128::from(12 * MS));
    assert_eq!((record.last_arrival, record.end, record.served_by_then), (Time(6 * MS), Time(11 * MS), 1));
    assert_eq!((record.area, record.busy), (u128::from(12 * MS), u128::from(9 * MS)));
}

#[test]
fn a_full_station_turns_away() {
    // One place: who comes at 2 ms is in service until 5 ms, who comes at 4 ms is turned away.
    let record = play(&StationPlan::single(constant(2), constant(3), 3).capacity(1));
    assert_eq!((record.classes[0].turned_away, record.classes[0].served), (1, 2));
}

#[test]
fn the_important_go_first_and_interrupt_nobody() {
    let class = |gap| Class { source: Source::Outside(constant(gap)), service: constant(5) };
    // The first class comes at 3 ms and 6 ms, the second at 2 and 4 ms.
    let plan = StationPlan {
        classes: vec![class(3), class(2)],
        servers: 1,
        capacity: None,
        customers: 4,
        distribution: false,
    };
    let record = play(&plan);
    // At 6 ms one of each is due; the one of the first class was announced earlier. Served: second (2..7),
    // first (7..12), first (12..17), second (17..22).
    let waits: Vec<u128> = record.classes.iter().map(|c| c.wait / u128::from(MS)).collect();
    let came: Vec<u64> = record.classes.iter().map(|c| c.arrived).collect();
    assert_eq!((came, waits), (vec![2, 2], vec![4 + 6, 13]));
}

#[test]
fn those_who_return_are_a_fixed_number() {
    // Two of them, 10 ms away and 1 ms in service: one cycle each per 11 ms, the second right behind.
    let source = Source::Returning { population: 2, away: constant(10) };
    let mut plan = StationPlan::single(constant(1), constant(1), 2_000);
    plan.classes[0].source = source;
    let record = play(&plan);
    assert_eq!(record.classes[0].served, 2_000);
    assert!((record.throughput() - 2_000.0 / 11.0).abs() < 0.2, "{}", record.throughput());
}

proptest! {
    #[test]
    fn the_books_balance_on_either_queue(
        rate in 0.2..3.0_f64, servers in 1..4_u32, room in 0..6_u32, classes in 1..4_usize, seed in 0..1000_u64,
    ) {
        let class = |i| Class {
            source: if i == 2 {
                Source::Returning { population: 3, away: Dist::exponential(2e6).unwrap() }
            } else {
                Source::Outside(Dist::exponential(1e6 / rate).unwrap())
            },
            service: Dist::gamma(1e6, 1.5).unwrap(),
        };
        let plan = StationPlan {
            classes: (0..classes).map(class).collect(),
            servers,
            capacity: (room > 0).then_some(servers + room),
            customers: 500,
            distribution: true,
        };
        let streams = || Streams::new(&plan, StreamKey::new(seed, 0));
        let record = run(&plan, streams(), WheelQueue::default());
        prop_assert_eq!(&record, &run(&plan, streams(), HeapQueue::default()));
        prop_assert_eq!(record.classes.iter().map(|c| c.arrived).sum::<u64>(), 500);
        for c in &record.classes {
            prop_assert_eq!(c.arrived, c.served + c.turned_away);
            prop_assert!(c.wait <= c.sojourn && c.waited <= c.served);
            prop_assert_eq!(c.sojourns.as_ref().unwrap().count(), c.served);
        }
        // Little's law over the whole run, to the nanosecond: for the station, and for its servers.
        prop_assert_eq!(record.area, record.sojourn());
        prop_assert_eq!(record.busy, record.classes.iter().map(|c| c.sojourn - c.wait).sum::<u128>());
    }
}
