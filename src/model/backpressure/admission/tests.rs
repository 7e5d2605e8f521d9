//! Each way of admitting events against its own rule.

use super::*;
use crate::model::catalog::Entry;
use crate::model::catalog::Value;
use crate::model::specimen::{self, make};
use proptest::prelude::*;

const VIEW: AdmitView =
    AdmitView { now: Time::ZERO, size: 100, priority: 0, classes: 1, buffered: 0, lag: 0 };
const KIB: (&str, Value) = ("buffer-memory", Value::Bytes(1000));

fn with_buffered(buffered: u64) -> AdmitView {
    AdmitView { buffered, ..VIEW }
}

#[test]
fn the_family_is_well_described() {
    specimen::inspect(MEMBERS);
}

#[test]
fn only_none_need_not_be_asked() {
    let accepting: Vec<_> = MEMBERS
        .iter()
        .filter(|e| {
            let required = e.params.iter().filter(|p| p.default == crate::model::catalog::Default::Required);
            let given: Vec<_> = required
                .map(|p| (p.name, if p.name == "rate" { Value::Number(1.0) } else { Value::Count(1) }))
                .collect();
            make(e, &given).room(0) == u64::MAX
        })
        .map(|e| e.name)
        .collect();
    assert_eq!(accepting, ["none"]);
    assert_eq!(make(&none::ENTRY, &[]).decide(&with_buffered(u64::MAX)), Admit::Accept);
}

#[test]
fn defaults_are_those_of_kafka() {
    let mut block = make(&block::ENTRY, &[]);
    assert_eq!(block.max_block(), Span::from_secs(60));
    assert_eq!(block.decide(&with_buffered(33_554_432 - 100)), Admit::Accept);
    assert_eq!(block.decide(&with_buffered(33_554_432 - 99)), Admit::Block);
}

#[test]
fn a_full_buffer_gets_the_answer_of_its_rule() {
    let cases: [(&'static Entry<dyn Admission>, Admit); 4] = [
        (&block::ENTRY, Admit::Block),
        (&drop_newest::ENTRY, Admit::Refuse(ShedReason::DropNewest)),
        (&drop_oldest::ENTRY, Admit::DropOldest),
        (&shed_by_priority::ENTRY, Admit::Refuse(ShedReason::DropNewest)),
    ];
    for (entry, full) in cases {
        let mut member = make(entry, &[KIB]);
        assert_eq!(member.decide(&with_buffered(900)), Admit::Accept, "{}", entry.name);
        assert_eq!(member.decide(&with_buffered(901)), full, "{}", entry.name);
    }
}

#[test]
fn nothing_is_thrown_out_for_an_event_that_can_never_fit() {
    let mut member = make(&drop_oldest::ENTRY, &[KIB]);
    let huge = AdmitView { size: 1001, ..with_buffered(500) };
    assert_eq!(member.decide(&huge), Admit::Refuse(ShedReason::DropNewest));
}

#[test]
fn less_important_classes_are_shed_first() {
    let mut member = make(&shed_by_priority::ENTRY, &[KIB, ("start", Value::Number(0.4))]);
    // Three classes: limits 1000, 700 and 400 bytes.
    for (priority, limit) in [(0, 1000), (1, 700), (2, 400)] {
        let view = |buffered| AdmitView { priority, classes: 3, ..with_buffered(buffered) };
        // Where not even the most important class fits, importance is not the reason.
        let reason = if limit < 1000 { ShedReason::Priority } else { ShedReason::DropNewest };
        assert_eq!(member.decide(&view(limit - 100)), Admit::Accept, "class {priority}");
        assert_eq!(member.decide(&view(limit - 99)), Admit::Refuse(reason), "class {priority}");
        assert_eq!(member.decide(&view(950)), Admit::Refuse(ShedReason::DropNewest), "class {priority}");
    }
}

#[test]
fn lag_admission_has_hysteresis() {
    let mut member = make(&lag_aware::ENTRY, &[("high", Value::Count(1000))]);
    assert_eq!(member.watch(), Some(Span::from_secs(1)));
    let refused = Admit::Refuse(ShedReason::LagAdmission);
    let course = [
        (1000, Admit::Accept),
        (1001, refused),
        (501, refused),
        (500, Admit::Accept),
        (1000, Admit::Accept),
        (1001, refused),
    ];
    for (lag, expected) in course {
        assert_eq!(member.decide(&AdmitView { lag, ..VIEW }), expected, "at lag {lag}");
    }
}

#[test]
fn the_most_important_class_can_be_spared() {
    let given = [("high", Value::Count(10)), ("spare", Value::Text("priority-0".into()))];
    let mut member = make(&lag_aware::ENTRY, &given);
    let view = |priority| AdmitView { priority, classes: 2, lag: 11, ..VIEW };
    assert_eq!(member.decide(&view(0)), Admit::Accept);
    assert_eq!(member.decide(&view(1)), Admit::Refuse(ShedReason::LagAdmission));
}

#[test]
fn a_limit_below_the_other_never_gets_stuck() {
    // `low` above `high` counts as `high`.
    let mut member = make(&lag_aware::ENTRY, &[("high", Value::Count(10)), ("low", Value::Count(50))]);
    let mut at = |lag| member.decide(&AdmitView { lag, ..VIEW });
    assert_eq!([at(11), at(10)], [Admit::Refuse(ShedReason::LagAdmission), Admit::Accept]);
}

#[test]
fn a_bucket_passes_its_burst_and_then_its_rate_exactly() {
    let mut bucket = make(&token_bucket::ENTRY, &[("rate", Value::Number(3.0)), ("burst", Value::Count(5))]);
    let mut passed = |now| u64::from(bucket.decide(&AdmitView { now, ..VIEW }) == Admit::Accept);
    assert_eq!((0..10).map(|_| passed(Time::ZERO)).sum::<u64>(), 5);
    // A third of a second is no whole number of nanoseconds: the token is there one after it.
    assert_eq!(passed(Time(333_333_333)), 0);
    assert_eq!(passed(Time(333_333_334)), 1);
    // Asked every millisecond for 1000 s, 3000 more pass: nothing is lost to rounding.
    let total: u64 = (334..=1_000_334u64).map(|ms| passed(Time(ms * 1_000_000))).sum();
    assert_eq!(total, 3000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_interval_passes_more_than_burst_and_rate(
        rate in 1u32..5000,
        burst in 1u64..50,
        gaps in prop::collection::vec(0u64..40_000_000, 1..200),
    ) {
        let given = [("rate", Value::Number(f64::from(rate))), ("burst", Value::Count(burst))];
        let mut bucket = make(&token_bucket::ENTRY, &given);
        let mut now = 0;
        let mut passed = Vec::new();
        for gap in gaps {
            now += gap;
            if bucket.decide(&AdmitView { now: Time(now), ..VIEW }) == Admit::Accept {
                passed.push(now);
            }
        }
        for (i, from) in passed.iter().enumerate() {
            for (j, to) in passed.iter().enumerate().skip(i) {
                let most = burst + u64::from(rate) * (to - from) / 1_000_000_000;
                prop_assert!((j - i + 1) as u64 <= most);
            }
        }
    }
}
