//! The terminal summary on made-up results: nothing overlaps, nothing is left out, nothing is claimed without proof.

use super::*;
use crate::report::fixture;

const PLAIN: Style = Style { colour: false };

fn widest(text: &str) -> usize {
    text.lines().map(|l| l.chars().count()).max().unwrap_or(0)
}

#[test]
fn it_fits_a_hundred_columns_whatever_the_results() {
    for results in [
        fixture::results(),
        fixture::many(),
        fixture::nothing(),
        fixture::broken(),
        fixture::two_parameters(),
    ] {
        for width in [80, 100] {
            let text = summary(&results, width, PLAIN);
            assert!(widest(&text) <= width, "{text}");
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        }
    }
}

#[test]
fn warnings_are_announced_first_and_told_last() {
    let text = summary(&fixture::results(), 100, PLAIN);
    let first = text.find("W101").expect("announced");
    let last = text.rfind("W101: group").expect("told");
    assert!(first < text.find("group billing\n").expect("a table"), "{text}");
    assert!(last > text.rfind("\nexpectations").expect("verdicts"), "{text}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let results = fixture::results();
    let plain = summary(&results, 100, PLAIN);
    let colour = summary(&results, 100, Style { colour: true });
    assert_ne!(plain, colour);
    let stripped: String = anstream::adapter::strip_str(&colour).to_string();
    assert_eq!(plain, stripped);
}

#[test]
fn a_warm_up_that_was_found_is_said_to_be() {
    let mut results = fixture::results();
    assert!(!summary(&results, 100, PLAIN).contains("MSER-5"));
    results.warm_up_found = true;
    let text = summary(&results, 100, PLAIN).replace('\n', " ");
    assert!(text.contains("the first 10s are left out as warm-up, found by MSER-5"), "{text}");
}

#[test]
fn causes_add_up_in_words() {
    let text = summary(&fixture::results(), 100, PLAIN).replace('\u{a0}', " ");
    assert!(
        text.contains("duplicated, base: crash before commit 487 ± 24 (60%); ack lost 244 ± 12 (30%)"),
        "{text}"
    );
}

#[test]
fn no_experiment_is_too_small() {
    let mut results = fixture::nothing();
    results.variants.clear();
    assert!(!summary(&results, 100, PLAIN).is_empty());
    let mut one = fixture::nothing();
    one.verdicts.clear();
    let text = summary(&one, 100, PLAIN).replace('\n', " ");
    assert!(text.contains("One replication is one draw") && !text.contains('±'), "{text}");
}
