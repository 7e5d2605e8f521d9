//! Runs a plan a second time and compares: the same plan must give the same facts, to the last one.

use super::once::{self, sampled};
use super::watch::Watch;
use crate::engine::Time;
use crate::measure::chronicle::{Chronicle, Line};
use crate::model::plan::Plan;
use crate::model::world::World;
use std::fmt;

/// The digests of two runs of one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twice {
    /// Of the first run.
    pub first: u64,
    /// Of the second.
    pub second: u64,
}

impl Twice {
    /// Whether nothing differed.
    pub fn same(self) -> bool {
        self.first == self.second
    }
}

/// Runs one replication again and compares it with the digest of its first run; `None` if cancelled.
pub fn again(plan: &Plan, replication: u32, first: u64, watch: &dyn Watch) -> Option<Twice> {
    let second = once::run(plan, replication, watch).digest;
    (!watch.cancelled()).then_some(Twice { first, second })
}

/// Where two runs part: the first fact told of one that is not told of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// The last fact that both have; `None` if they part at once.
    pub before: Option<Line>,
    /// What one goes on with; `None` if it is over.
    pub one: Option<Line>,
    /// What the other goes on with.
    pub other: Option<Line>,
}

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |l: &Option<Line>| l.as_ref().map_or_else(|| "nothing more".to_owned(), Line::to_string);
        let before = self.before.as_ref().map_or_else(|| "nothing".to_owned(), Line::to_string);
        write!(f, "both: {before}; then one: {}; the other: {}", line(&self.one), line(&self.other))
    }
}

/// Engine events between two comparisons: their facts are held in memory as text.
const STRIDE: u64 = 200;

/// A run that goes on step by step.
struct Side {
    world: World,
    told: Chronicle,
    runs: bool,
}

impl Side {
    fn new(plan: &Plan, replication: u32) -> Side {
        let (plan, _) = sampled(plan);
        let mut told = Chronicle::of(&plan);
        let world = World::new(&plan, replication, &mut told);
        Side { world, told, runs: true }
    }
    fn go_on(&mut self) {
        self.runs = self.runs && self.world.advance(STRIDE, &mut self.told);
    }
    /// The next fact, or `None` in it if there is none any more; `None` if it is not known yet.
    fn next(&self) -> Option<Option<Line>> {
        match self.told.lines.first() {
            Some(line) => Some(Some(line.clone())),
            None => (!self.runs).then_some(None),
        }
    }
}

/// Runs two plans side by side up to the first fact that is not the same; `None` if there is none, or if
/// cancelled.
pub fn parting(one: &Plan, other: &Plan, replication: u32, watch: &dyn Watch) -> Option<Parting> {
    let (mut one, mut other) = (Side::new(one, replication), Side::new(other, replication));
    let mut before = None;
    while !watch.cancelled() {
        one.go_on();
        other.go_on();
        watch.progress(one.world.now().since(Time::ZERO));
        let (a, b) = (&mut one.told.lines, &mut other.told.lines);
        let same = a.iter().zip(&*b).take_while(|(x, y)| x == y).count();
        before = a.drain(..same).next_back().or(before);
        b.drain(..same);
        match (one.next(), other.next()) {
            (Some(None), Some(None)) => return None,
            (Some(one), Some(other)) => return Some(Parting { before, one, other }),
            _ => {}
        }
    }
    None
}

/// Looks for where two runs of one plan part, and says it.
pub fn account(plan: &Plan, replication: u32, watch: &dyn Watch) -> String {
    match parting(plan, plan, replication, watch) {
        Some(parting) => parting.to_string(),
        None => "two more runs told the same, so it does not happen every time".to_owned(),
    }
}
