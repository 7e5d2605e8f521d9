//! The validation suite, run as `laglab validate --quick` runs it; and the proof that it notices what it is for.

use laglab::experiment::watch::Unwatched;
use laglab::report::text::Style;
use laglab::report::validation;
use laglab::validate::{Options, Outcome, Plain, Size, play};

fn quick(only: Option<&str>) -> Options {
    Options { seed: 1, size: Size::Quick, jobs: None, only: only.map(str::to_owned) }
}

#[test]
fn every_case_of_the_suite_passes() {
    let findings = play(&quick(None), &Plain, &Unwatched).expect("nobody called it off");
    assert_eq!(findings.count(Outcome::Failed), 0, "{}", validation::text(&findings, 120, Style::default()));
}
