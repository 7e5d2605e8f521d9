//! Plays the suite: every trial as often as it asks for, on all cores, and each case judged by its rule.
//!
//! Values are gathered in the order of the suite, so the number of threads never shows.

use super::case::{Case, Group, Size, Trial};
use super::rig::{Rig, Stage};
use super::rule;
use crate::engine::Span;
use crate::experiment::watch::Watch;
use crate::stats::Interval;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// What to play, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Seed of every random stream.
    pub seed: u64,
    /// How much is simulated.
    pub size: Size,
    /// Threads (`None`: one per core).
    pub jobs: Option<usize>,
    /// Only cases whose name (`group/trial/case`) contains this.
    pub only: Option<String>,
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its rule is kept.
    Passed,
    /// It is not, for a reason that is known, and by no more than that explains.
    Explained,
    /// It is not.
    Failed,
}

/// One case, judged.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The case.
    pub case: Case,
    /// Index of its trial.
    pub trial: usize,
    /// Mean of the simulated figure and its interval.
    pub interval: Interval,
    /// What became of it.
    pub outcome: Outcome,
    /// If its rule is not kept, why.
    pub why: String,
}

/// A trial without the means to play it again.
#[derive(Clone, Debug)]
pub struct TrialRecord {
    /// Its group.
    pub group: Group,
    /// Its name.
    pub name: String,
    /// The system in a line.
    pub title: String,
    /// What was simulated.
    pub script: String,
    /// How often.
    pub replications: u32,
}

/// Everything the suite found.
#[derive(Clone, Debug)]
pub struct Findings {
    /// As asked for.
    pub seed: u64,
    /// As asked for.
    pub size: Size,
    /// As asked for.
    pub only: Option<String>,
    /// Level of the intervals: that of the whole suite, even if only a part was played.
    pub level: f64,
    /// Cases in the whole suite.
    pub of: usize,
    /// What was played.
    pub trials: Vec<TrialRecord>,
    /// Every case, in the order of the suite.
    pub cases: Vec<Finding>,
}

impl Findings {
    /// How many came out so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.cases.iter().filter(|c| c.outcome == outcome).count()
    }
    /// The name of a case: `group/trial/case`.
    pub fn name(&self, finding: &Finding) -> String {
        let trial = &self.trials[finding.trial];
        name(trial.group, &trial.name, finding.case.name)
    }
}

fn name(group: Group, trial: &str, case: &str) -> String {
    format!("{}/{trial}/{case}", group.name())
}

/// The suite, or the part of it that is asked for, with each trial's cases marked as wanted or not; and the level
/// of its intervals and the number of its cases.
fn chosen(options: &Options) -> (Vec<(Trial, Vec<bool>)>, f64, usize) {
    let suite = super::suite(options.seed, options.size);
    let cases = suite.iter().flat_map(|t| &t.cases);
    let level = rule::level(cases.clone().filter(|c| c.rule.is_statistical()).count());
    let of = cases.count();
    let wanted = |trial: &Trial, case: &Case| {
        let name = name(trial.group, &trial.name, case.name);
        options.only.as_ref().is_none_or(|pattern| name.contains(pattern.as_str()))
    };
    let marked = suite.into_iter().map(|t| {
        let marks: Vec<bool> = t.cases.iter().map(|c| wanted(&t, c)).collect();
        (t, marks)
    });
    (marked.filter(|(_, marks)| marks.contains(&true)).collect(), level, of)
}

/// How much [`play`] will report to its onlooker in all: a second for each replication of each trial. Nothing if
/// no case is asked for.
pub fn work(options: &Options) -> Span {
    Span::from_secs(chosen(options).0.iter().map(|(t, _)| u64::from(t.replications)).sum())
}

/// Plays what is asked for; `None` if the onlooker called it off.
///
/// # Panics
/// If a run breaks one of the model's own rules, such as the balance of its books.
pub fn play(options: &Options, rig: &dyn Rig, watch: &dyn Watch) -> Option<Findings> {
    let (chosen, level, of) = chosen(options);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs.unwrap_or(0))
        .build()
        .expect("the system lets a program start as many threads as it was asked for");
    let quiet = Quiet(watch);
    let stage = Stage { rig, seed: options.seed, watch: &quiet };
    let done = AtomicU64::new(0);
    let turns: Vec<(usize, u32)> = chosen
        .iter()
        .enumerate()
        .flat_map(|(i, (trial, _))| (0..trial.replications).map(move |r| (i, r)))
        .collect();
    let turn = |&(trial, replication): &(usize, u32)| {
        if watch.cancelled() {
            return None;
        }
        let trial: &Trial = &chosen[trial].0;
        let values = (trial.play)(&stage, replication);
        assert_eq!(values.len(), trial.cases.len(), "a value for each case of {}", trial.name);
        watch.progress(Span::from_secs(done.fetch_add(1, Ordering::Relaxed) + 1));
        (!watch.cancelled()).then_some(values)
    };
    let played = pool.install(|| turns.par_iter().with_max_len(1).map(turn).collect::<Option<Vec<_>>>())?;
    let mut values = vec![Vec::new(); chosen.len()];
    for ((trial, _), own) in turns.iter().zip(played) {
        values[*trial].push(own);
    }
    let mut findings = Vec::new();
    let mut trials = Vec::new();
    for (i, (trial, marks)) in chosen.into_iter().enumerate() {
        let Trial { group, name, title, script, replications, cases, .. } = trial;
        for (k, case) in cases.into_iter().enumerate().filter(|(k, _)| marks[*k]) {
            let own: Vec<f64> = values[i].iter().map(|v| v[k]).collect();
            findings.push(finding(case, i, &own, level));
        }
        trials.push(TrialRecord { group, name, title, script, replications });
    }
    Some(Findings {
        seed: options.seed,
        size: options.size,
        only: options.only.clone(),
        level,
        of,
        trials,
        cases: findings,
    })
}

fn finding(case: Case, trial: usize, values: &[f64], level: f64) -> Finding {
    let judged = case.rule.judge(case.expected, values, level);
    let (outcome, why) = match judged.verdict {
        Ok(()) => (Outcome::Passed, String::new()),
        Err(why) => match case.known {
            Some(known) if (known.between.0..=known.between.1).contains(&judged.interval.mean) => {
                (Outcome::Explained, known.why.to_owned())
            }
            _ => (Outcome::Failed, why),
        },
    };
    Finding { case, trial, interval: judged.interval, outcome, why }
}

/// An onlooker who may call off a single run, and does not hear how far it is.
struct Quiet<'a>(&'a dyn Watch);

impl Watch for Quiet<'_> {
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
    fn progress(&self, _done: Span) {}
}
