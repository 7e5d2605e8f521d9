//! Two runs side by side: alike they are alike to the end, and else the first fact that differs is named.

use crate::support::{moment, pipeline, run, seconds, strike};
use laglab::engine::Dist;
use laglab::experiment::twice::{account, again, parting};
use laglab::experiment::watch::Unwatched;
use laglab::model::ids::GroupId;
use laglab::model::plan::{Plan, Target};

fn plan() -> Plan {
    pipeline(200.0, Dist::Constant(2_000_000), 2, 5)
}

#[test]
fn one_plan_does_not_part_from_itself() {
    let plan = plan();
    assert_eq!(parting(&plan, &plan, 0, &Unwatched), None);
    assert!(account(&plan, 0, &Unwatched).contains("told the same"));
    let digest = run(&plan, 0).digest;
    assert!(again(&plan, 0, digest, &Unwatched).is_some_and(|twice| twice.same()));
    assert!(again(&plan, 0, digest ^ 1, &Unwatched).is_some_and(|twice| !twice.same()));
}

#[test]
fn the_first_fact_that_differs_is_named_with_its_time_and_whose_it_is() {
    let calm = plan();
    let mut struck = plan();
    struck.faults.push(strike("crash", moment(2.0), Some(seconds(1.0)), Target::Consumer(GroupId(0), 0)));
    let parted = parting(&calm, &struck, 0, &Unwatched).expect("one of them crashes");
    let (before, one, other) = (parted.before.clone(), parted.one.clone(), parted.other.clone());
    let (before, one, other) = (before.unwrap(), one.unwrap(), other.unwrap());
    assert!(before.at <= moment(2.0) && one.at >= moment(1.9), "{parted}");
    assert_eq!(other.at, moment(2.0), "{parted}");
    assert_eq!((other.who.as_str(), other.what.starts_with("struck")), ("fault 0", true), "{parted}");
    assert!(parted.to_string().contains("2.000000000 s  fault 0  struck"), "{parted}");
}

#[test]
fn a_run_that_ends_sooner_parts_from_one_that_goes_on() {
    let (short, long) = (plan(), pipeline(200.0, Dist::Constant(2_000_000), 2, 6));
    for (one, other) in [(&short, &long), (&long, &short)] {
        let parted = parting(one, other, 0, &Unwatched).expect("one is longer");
        assert_ne!(parted.one, parted.other);
    }
    let mut seeded = plan();
    seeded.seed += 1;
    let parted = parting(&plan(), &seeded, 0, &Unwatched).expect("other draws");
    assert!(parted.other.is_some_and(|line| line.who == "source/0" && line.what.starts_with("created")));
}
