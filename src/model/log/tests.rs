//! What a log gives back of what was appended, and what retention, trimming and truncation leave of it.

use super::*;
use crate::engine::Span;
use crate::model::ids::{EventId, PartitionId, ProducerId};

fn filled(lens: &[u32]) -> (Log, Batches) {
    // Every batch is a segment.
    let segments = Segments::new(1, Span::FOREVER);
    let (mut log, mut batches) = (Log::new(Some(segments), false, false), Batches::default());
    let mut ordinal = 0;
    for (i, len) in lens.iter().enumerate() {
        let id = batches.open(ProducerId(0), PartitionId(0), Time(i as u64));
        for _ in 0..*len {
            let event = EventId::new(ProducerId(0), ordinal);
            batches[id].push(Record { event, created: Time(i as u64), key: 0, size: 10 });
            ordinal += 1;
        }
        log.append(id, &mut batches, Time(i as u64));
        batches.release(id);
    }
    (log, batches)
}

#[test]
fn every_range_reads_its_own_records() {
    let (log, batches) = filled(&[3, 1, 4, 2]);
    for from in 0..10 {
        for to in from..=10 {
            let mut seen = Vec::new();
            log.visit(from, to, &batches, |at, records, _| {
                assert_eq!(at, from + seen.len() as u64);
                seen.extend(records.iter().map(|r| r.event.ordinal()));
            });
            assert_eq!(seen, (from..to).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_guess_where_records_lie_changes_nothing_but_the_search() {
    let (mut log, mut batches) = filled(&[3, 1, 4, 2]);
    for keep in [0, 4] {
        log.trim(keep, &mut batches);
        for (near, from) in (0..7).chain([u64::MAX]).flat_map(|near| (keep..10).map(move |from| (near, from)))
        {
            for to in from + 1..=10 {
                let mut seen = Vec::new();
                let next = log.visit_near(near, from, to, &batches, |_, records, _| {
                    seen.extend(records.iter().map(|r| r.event.ordinal()));
                });
                assert_eq!(seen, (from..to).collect::<Vec<_>>());
                // The batch with the next offset, counted from the first that ever was.
                let ends = [3, 4, 8, 10];
                assert_eq!(next, ends.partition_point(|end| *end <= to) as u64, "{near} {from} {to}");
            }
        }
    }
}

#[test]
fn a_fetch_gets_whole_batches_and_at_least_one() {
    let (log, batches) = filled(&[3, 1, 4, 2]);
    assert_eq!(log.reach(0, 1, &batches), (3, 30));
    assert_eq!(log.reach(0, 40, &batches), (4, 40));
    assert_eq!(log.reach(0, 79, &batches), (4, 40));
    assert_eq!(log.reach(4, 1_000, &batches), (10, 60));
    assert_eq!(log.reach(10, 1_000, &batches), (10, 0));
}

#[test]
fn retention_moves_the_start_and_trim_frees_the_memory() {
    let (mut log, mut batches) = filled(&[3, 1, 4, 2]);
    assert_eq!(log.retain(Some(Time(2)), None), Some(4));
    assert_eq!(log.bytes(), 60);
    assert_eq!(log.retain(None, Some(20)), Some(8));
    assert_eq!(log.retain(None, Some(20)), None);
    assert_eq!(log.floor(), 0);
    log.trim(8, &mut batches);
    assert_eq!((log.floor(), log.end(), batches.held()), (8, 10, 1));
}

#[test]
fn what_is_out_of_memory_ages_all_the_same() {
    let (mut log, mut batches) = filled(&[3, 1, 4, 2]);
    log.trim(8, &mut batches);
    assert_eq!((log.start(), log.floor(), log.bytes()), (0, 8, 100));
    assert_eq!(log.retain(Some(Time(1)), None), Some(3));
    assert_eq!(log.retain(None, Some(65)), None);
    assert_eq!(log.retain(None, Some(60)), Some(4));
    assert_eq!(log.retain(Some(Time(4)), None), Some(10));
    assert_eq!(log.bytes(), 0);
}

#[test]
fn a_truncation_leaves_a_hole_that_readers_step_over() {
    let (mut log, mut batches) = filled(&[3, 1, 4, 2]);
    let (cuts, _) = log.truncate(4, &batches);
    assert_eq!(cuts.iter().map(|c| (c.entry.base, c.seen)).collect::<Vec<_>>(), [(4, true), (8, true)]);
    assert_eq!(
        (log.visible(), log.onward(3, 99, false), log.onward(4, 99, false), log.onward(10, 99, false)),
        (10, 3, 10, 10)
    );
    assert_eq!((log.before_gap(0, 10, false), log.before_gap(10, 12, false)), (4, 12));
    // Readers saw all of it, so it is still there for those who have it in hand.
    assert!(log.record(9, &batches).is_some());
    let id = batches.open(ProducerId(0), PartitionId(0), Time(9));
    batches[id].push(Record { event: EventId::new(ProducerId(0), 99), created: Time(9), key: 0, size: 10 });
    assert_eq!(log.append(id, &mut batches, Time(9)), 10);
    assert_eq!((log.end(), log.follow(3, 1_000, &batches)), (11, (11, 80)));
}

#[test]
fn a_deeper_truncation_takes_in_the_holes_before_it() {
    let (mut log, batches) = filled(&[3, 1, 4, 2]);
    log.truncate(8, &batches);
    assert_eq!((log.after_hole(4), log.after_hole(9)), (4, 10));
    log.truncate(3, &batches);
    for at in 3..10 {
        assert_eq!(log.after_hole(at), 10, "{at}");
    }
    assert_eq!((log.before_gap(0, 10, false), log.visible()), (3, 10));
}

#[test]
fn what_nobody_has_seen_leaves_the_memory_at_once() {
    let (mut log, mut batches) = filled(&[3, 1, 4, 2]);
    log.replicated = true;
    log.show(3);
    let (cuts, _) = log.truncate(4, &batches);
    for cut in &cuts {
        assert!(!cut.seen);
        batches.release(cut.entry.batch);
    }
    assert_eq!((log.visible(), log.floor(), log.end(), log.bytes()), (3, 0, 10, 40));
    assert!(log.record(5, &batches).is_none());
    log.trim(10, &mut batches);
    assert_eq!(batches.held(), 0);
    let mut seen = 0;
    log.visit(10, 10, &batches, |_, _, _| seen += 1);
    assert_eq!((seen, log.truncate(10, &batches).0.len()), (0, 0));
}
