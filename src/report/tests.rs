//! The whole report at once: the same bytes every time, whatever the results.

use super::*;
use std::collections::BTreeSet;

#[test]
fn equal_results_give_equal_bytes() {
    assert!(files(&fixture::results()) == files(&fixture::results()));
}

#[test]
fn every_kind_of_result_has_a_report() {
    let mut empty = fixture::nothing();
    empty.variants.clear();
    empty.groups.clear();
    empty.producers.clear();
    empty.sources.clear();
    for results in [fixture::nothing(), fixture::broken(), fixture::two_parameters(), empty] {
        let files = files(&results);
        let names: BTreeSet<_> = files.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names.len(), files.len(), "every path once: {names:?}");
        for name in names {
            let fine = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            assert!(name.chars().all(fine) && !name.contains(".."), "{name}");
        }
    }
}

#[cfg(feature = "charts")]
#[test]
fn charts_are_drawn_without_words_that_are_not_numbers() {
    for results in [fixture::results(), fixture::nothing(), fixture::broken(), fixture::two_parameters()] {
        for c in charts(&results) {
            for bad in ["NaN", "inf ", ">inf", "-2147483648", "2147483647"] {
                assert!(!c.svg.contains(bad), "{}: {bad}", c.file_stem);
            }
            assert!(!c.title.is_empty() && c.alt.starts_with(&c.title), "{}", c.file_stem);
        }
    }
}

#[cfg(feature = "charts")]
#[test]
fn a_run_that_ended_at_once_can_be_drawn() {
    use crate::engine::{Span, Time};
    let mut results = fixture::results();
    for v in &mut results.variants {
        v.first.end = Time::ZERO;
        for s in &mut v.first.series {
            s.step = Span::ZERO;
        }
        for s in &mut v.bands {
            s.step = Span::ZERO;
        }
    }
    assert!(!files(&results).is_empty());
}

#[cfg(feature = "charts")]
#[test]
fn a_large_experiment_stays_a_page_that_can_be_opened() {
    let results = fixture::many();
    let page = index_html(&results, &charts(&results), "");
    assert!(page.len() < 12_000_000, "{} bytes", page.len());
}

#[cfg(feature = "charts")]
#[test]
fn names_of_charts_are_safe_and_unique() {
    let mut results = fixture::results();
    results.groups = vec!["a/../b".into(), "a\\..\\b".into()];
    for v in &mut results.variants {
        for g in &results.groups {
            v.latency.insert(g.clone(), v.latency["billing"].clone());
        }
    }
    let stems: Vec<_> = charts(&results).into_iter().map(|c| c.file_stem).collect();
    let unique: BTreeSet<_> = stems.iter().collect();
    assert_eq!(unique.len(), stems.len(), "{stems:?}");
    assert!(stems.iter().all(|s| !s.contains('/') && !s.contains("..") && !s.contains('\\')), "{stems:?}");
}
