//! Properties that hold for every plan, tried on random ones. A failure names the seed that replays it.

use crate::draw;
use laglab::engine::Span;
use laglab::experiment::once;
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::Watch;
use laglab::model::plan::Plan;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that failed once, tried before all others.
const REMEMBERED: &[u64] = &[];
/// Where the fresh seeds begin.
const BASE: u64 = 1_000;
/// How many there are.
const PLANS: u64 = 1_000;
/// More looks than a run of a drawn plan can need: it does not end.
const LOOKS: u64 = 300;

/// Stops a run that does not end.
#[derive(Default)]
struct Impatient(AtomicU64);
impl Watch for Impatient {
    fn cancelled(&self) -> bool {
        false
    }
    fn progress(&self, done: Span) {
        assert!(self.0.fetch_add(1, Ordering::Relaxed) < LOOKS, "the run does not end; it is at {done}");
    }
}

/// One run of a plan, which must end.
pub fn run(plan: &Plan) -> RunRecord {
    once::run(plan, 0, &Impatient::default())
}

/// Tries `law` on every seed, and names those that break it.
fn for_every_seed(law: impl Fn(u64) -> Result<(), String>) {
    let range = BASE..BASE + PLANS;
    let mut broken = Vec::new();
    for seed in REMEMBERED.iter().copied().chain(range) {
        let outcome = catch_unwind(AssertUnwindSafe(|| law(seed)));
        let why = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(why)) => why,
            Err(panic) => panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                .unwrap_or_default(),
        };
        broken.push(format!("seed {seed}: {why}"));
    }
    let first: Vec<&String> = broken.iter().take(20).collect();
    assert!(broken.is_empty(), "{} plans break the law; the first: {first:#?}", broken.len());
}

/// What two records differ in, if they do.
fn difference(a: &RunRecord, b: &RunRecord) -> Result<(), String> {
    let mut all = Vec::new();
    for (name, value) in &a.metrics {
        let other = b.metrics.get(name);
        if other.map(|x| x.to_bits()) != Some(value.to_bits()) {
            all.push(format!("{name}: {value} and {other:?}"));
        }
    }
    all.extend(b.metrics.keys().filter(|k| !a.metrics.contains_key(*k)).map(|k| format!("{k} appears")));
    for (x, y) in a.series.iter().zip(&b.series) {
        if format!("{x:?}") != format!("{y:?}") {
            all.push(format!("series {}", x.name));
        }
    }
    let same = [
        ("digest", a.digest == b.digest),
        ("marks", a.marks == b.marks),
        ("states", a.states == b.states),
        ("warnings", a.warnings == b.warnings),
        ("created", a.created == b.created),
        ("end", a.end == b.end),
        ("series", a.series.len() == b.series.len()),
    ];
    all.extend(same.iter().filter(|(_, same)| !same).map(|(what, _)| (*what).to_owned()));
    if all.is_empty() { Ok(()) } else { Err(all.join("; ")) }
}

#[test]
fn the_books_balance() {
    for_every_seed(|seed| {
        run(&draw::plan(seed));
        Ok(())
    });
}

#[test]
fn the_plain_path_gives_the_same_results() {
    for_every_seed(|seed| {
        let plan = draw::plan(seed);
        let plain = Plan { reference: true, ..plan.clone() };
        difference(&run(&plan), &run(&plain))
    });
}
