//! The first facts that two plans do not have in common, for tests that hold one way of running against another.
//!
//! Lines are put in order of time and text: a batched run tells those of one moment in another order.

use laglab::measure::chronicle::{Chronicle, Line};
use laglab::model::plan::Plan;
use laglab::model::world::World;
use std::sync::Arc;

/// What comes to pass in a plan's first replication.
fn lines(plan: &Plan) -> Vec<Line> {
    let plan = Arc::new(plan.clone());
    let mut chronicle = Chronicle::of(&plan);
    let mut world = World::new(&plan, 0, &mut chronicle);
    while world.advance(100_000, &mut chronicle) && chronicle.lines.len() < 5_000_000 {}
    chronicle.lines.sort();
    chronicle.lines
}

/// The first lines of both that are not the same, with some that led there.
pub fn parting(one: &Plan, other: &Plan) -> String {
    let (one, other) = (lines(one), lines(other));
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let show = |all: &[Line], from: usize, n: usize| {
        all.iter().skip(from).take(n).map(|line| format!("    {line}\n")).collect::<String>()
    };
    let before = same.saturating_sub(6);
    format!(
        "both:\n{}one:\n{}other:\n{}",
        show(&one, before, same - before),
        show(&one, same, 5),
        show(&other, same, 5)
    )
}
