//! Every fate, every cause of loss, refusal, duplication and rebalance, every kind of failure and every fault
//! is produced by a case of this folder, alone and in the number that can be worked out by hand.
//!
//! A case is `base.toml` with a few settings changed. It says which members it is there for, everything that
//! its books must then show (so that no other cause can hide among them), and a further change that takes the
//! members away again. Faults strike between two events, 50 ms after one and before the next, so that nothing
//! hangs on the order of things within one moment.

mod duplicates;
mod failures;
mod fates;
mod faults;
mod losses;
mod rebalances;
mod refusals;

use crate::scenarios::read;
use crate::tidy::source::home;
use laglab::experiment::once;
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::Unwatched;
use laglab::measure::findings::MarkKind;
use laglab::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use laglab::model::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// Metrics by name, those of the group without their prefix.
type Books = BTreeMap<String, f64>;

/// See the module's text.
struct Case {
    /// As its test is called.
    name: &'static str,
    /// The members it is there for.
    produces: &'static [&'static str],
    /// What it changes, a setting per line.
    settings: &'static str,
    /// What it changes besides to take these members away.
    without: &'static str,
    /// Its books, and whatever else of its metrics shows what happened.
    books: &'static str,
}

/// Declares cases, and a test of each. Their comments say how the numbers come about.
macro_rules! cases {
    ($(
        $(#[doc = $why:literal])*
        $name:ident produces $($member:literal),+;
        $settings:literal
        without $without:literal
        books $books:literal;
    )*) => {
        pub(super) const CASES: &[super::Case] = &[$(super::Case {
            name: stringify!($name),
            produces: &[$($member),+],
            settings: $settings,
            without: $without,
            books: $books,
        }),*];
        $(
            $(#[doc = $why])*
            #[test]
            fn $name() {
                let case = CASES.iter().find(|c| c.name == stringify!($name)).expect("it is declared here");
                case.check();
            }
        )*
    };
}
use cases;

fn all() -> impl Iterator<Item = &'static Case> {
    [
        fates::CASES,
        losses::CASES,
        refusals::CASES,
        duplicates::CASES,
        rebalances::CASES,
        failures::CASES,
        faults::CASES,
    ]
    .into_iter()
    .flatten()
}

/// What the books always show, unless it is 0.
fn is_booked(name: &str) -> bool {
    const STEMS: [&str; 6] =
        ["lost.", "shed.", "duplicates.", "extra-deliveries.", "pending.", "rebalances."];
    const SINGLE: [&str; 5] = ["created", "applied", "dead-lettered", "expired", "failures"];
    STEMS.iter().any(|stem| name.starts_with(stem)) || SINGLE.contains(&name)
}

/// `applied 99, lost.retention 1`.
fn parse(books: &str) -> Books {
    let entry = |text: &str| {
        let (name, value) = text.trim().split_once(' ').expect("a name and a number");
        (name.to_owned(), value.trim().parse().expect("a number"))
    };
    books.split(',').map(entry).collect()
}

/// The books of a run, with these metrics besides.
fn books_of(record: &RunRecord, besides: &Books) -> Books {
    let short = |name: &str| name.strip_prefix("group.sink.").unwrap_or(name).to_owned();
    let wanted = |name: &str, value: f64| is_booked(name) && value != 0.0 || besides.contains_key(name);
    record.metrics.iter().map(|(n, v)| (short(n), *v)).filter(|(n, v)| wanted(n, *v)).collect()
}

fn alike(a: &Books, b: &Books) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((n, x), (m, y))| n == m && (x - y).abs() < 1e-9)
}

/// Whether a run produced a member.
fn bears_out(plan: &Plan, record: &RunRecord, member: &str) -> bool {
    if let Some(fault) = member.strip_prefix("fault.") {
        let strikes = |label: &str| label.split(' ').next() == Some(fault);
        return record.marks.iter().any(|m| m.kind == MarkKind::Fault && strikes(&m.label));
    }
    let count = |name: &str| record.metrics.get(&format!("group.sink.{name}")).copied().unwrap_or(0.0);
    if let Some(kind) = member.strip_prefix("failures.") {
        let chosen = plan.groups[0].failing.as_ref().is_some_and(|f| f.entry.name == kind);
        return chosen && count("failures") > 0.0;
    }
    count(member) > 0.0
}

impl Case {
    /// Reads it, with its mechanism or without, and runs it.
    fn run(&self, without: bool, reference: bool) -> (Plan, RunRecord) {
        let lines = self.settings.lines().chain(if without { self.without } else { "" }.lines());
        let set: Vec<(&str, &str)> = lines
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| line.split_once(" = ").expect("a setting is `path = value`"))
            .collect();
        let scenario = read(&home().join("tests/it/causes/base.toml"), &set);
        let plan = Plan { reference, ..scenario.variants[0].plan.clone() };
        let record = once::run(&plan, 0, &Unwatched);
        (plan, record)
    }
    /// The members it is there for and really produces.
    fn seen(&self) -> impl Iterator<Item = &'static str> {
        let (plan, record) = self.run(false, false);
        self.produces.iter().copied().filter(move |member| bears_out(&plan, &record, member))
    }
    fn check(&self) {
        let expected = parse(self.books);
        for reference in [false, true] {
            let (plan, record) = self.run(false, reference);
            let found = books_of(&record, &expected);
            assert!(alike(&found, &expected), "{}: {found:#?}\ninstead of {expected:#?}", self.name);
            for member in self.produces {
                assert!(bears_out(&plan, &record, member), "{} does not produce {member}", self.name);
            }
        }
        let (plan, record) = self.run(true, false);
        let found = books_of(&record, &expected);
        assert!(!alike(&found, &expected), "{}: its mechanism makes no difference", self.name);
        for member in self.produces {
            assert!(!bears_out(&plan, &record, member), "{} produces {member} without it", self.name);
        }
    }
}

/// Every member that there is.
fn members() -> Vec<String> {
    let mut all = vec!["applied".to_owned(), "dead-lettered".to_owned(), "expired".to_owned()];
    all.extend(LossCause::ALL.iter().map(|c| format!("lost.{}", c.name())));
    all.extend(ShedReason::ALL.iter().map(|c| format!("shed.{}", c.name())));
    all.extend(Place::ALL.iter().map(|c| format!("pending.{}", c.name())));
    all.extend(DuplicateCause::ALL.iter().map(|c| format!("duplicates.{}", c.name())));
    all.extend(RebalanceCause::ALL.iter().map(|c| format!("rebalances.{}", c.name())));
    let families = ["failures", "fault"];
    let offered = laglab::scenario::members();
    let offered = offered.iter().filter(|m| families.contains(&m.family));
    all.extend(offered.map(|m| format!("{}.{}", m.family, m.name)));
    all
}

/// The members that are not among those seen.
fn unseen<'a>(members: &'a [String], seen: &BTreeSet<&str>) -> Vec<&'a str> {
    members.iter().map(String::as_str).filter(|m| !seen.contains(m)).collect()
}

#[test]
fn every_member_is_produced() {
    let members = members();
    for case in all() {
        for member in case.produces {
            assert!(members.iter().any(|m| m == member), "{} is there for {member}", case.name);
        }
    }
    let unseen = unseen(&members, &all().flat_map(Case::seen).collect());
    assert!(unseen.is_empty(), "no case produces {unseen:?}");
}

#[test]
fn whatever_member_is_missing_is_named() {
    let members = members();
    for missing in &members {
        let seen = members.iter().map(String::as_str).filter(|m| m != missing).collect();
        assert_eq!(unseen(&members, &seen), [missing]);
    }
    assert_eq!(unseen(&members, &BTreeSet::new()), members);
}

/// What a case says does not count, only what its run bears out.
#[test]
fn an_empty_claim_is_not_seen() {
    let claims = Case {
        name: "claims",
        produces: &["applied", "lost.retention", "fault.crash", "failures.poison", "pending.log"],
        settings: "",
        without: "",
        books: "",
    };
    assert_eq!(claims.seen().collect::<Vec<_>>(), ["applied"]);
}
