//! `laglab check`: do the expectations of these scenarios hold, and does a run repeat itself to the last fact?

use super::input::Settings;
use super::onlooker::{self, Onlooker};
use super::run::conduct;
use super::screen::{BAD, DIM, DOUBT, GOOD, note, out};
use super::stop::Stop;
use crate::error::Error;
use crate::experiment::results::{Outcome, Results, Verdict};
use crate::experiment::twice;
use crate::model::plan::Plan;
use crate::scenario::{Scenario, Variant};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// See `laglab check --help`.
#[derive(Args)]
pub(super) struct Check {
    /// Scenarios, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// No progress.
    #[arg(long, short)]
    quiet: bool,
}

/// What to print on standard output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line per expectation.
    Text,
    /// One JSON document with every verdict.
    Json,
}

/// How many expectations came out how.
#[derive(Default)]
struct Tally {
    held: usize,
    broken: usize,
    undecided: usize,
}

impl Check {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        onlooker::heed_interrupts();
        let files = self.files()?;
        let mut tally = Tally::default();
        let mut worst = 0;
        let mut document = Vec::new();
        for file in &files {
            match self.one(file, &mut tally) {
                Ok(report) => document.push(report),
                Err(Stop::Interrupted) => return Err(Stop::Interrupted),
                // The other scenarios are judged all the same, and the exit code remembers.
                Err(stop) => {
                    note(&stop.message());
                    worst = worst.max(stop.code());
                    document.push(json!({ "file": file.to_string_lossy(), "error": plain(&stop.message()) }));
                }
            }
        }
        match self.format {
            Format::Json => {
                let text =
                    serde_json::to_string_pretty(&document).expect("texts and numbers are always JSON");
                out(&format!("{text}\n"))?;
            }
            Format::Text => out(&format!(
                "{} held, {} broken, {} undecided in {} scenario{}\n",
                tally.held,
                tally.broken,
                tally.undecided,
                files.len(),
                if files.len() == 1 { "" } else { "s" }
            ))?,
        }
        Ok(worst.max(u8::from(tally.broken + tally.undecided > 0)))
    }

    /// The files named, and those in the folders named, in order of their names.
    fn files(&self) -> Result<Vec<PathBuf>, Stop> {
        let mut all = Vec::new();
        for path in &self.paths {
            if !path.is_dir() {
                all.push(path.clone());
                continue;
            }
            let before = all.len();
            scenarios_below(path, &mut all)?;
            if all.len() == before {
                return Err(Stop::Usage(format!("there is no scenario (`*.toml`) in `{}`", path.display())));
            }
        }
        Ok(all)
    }

    /// Judges one scenario, prints its lines and returns its part of the document.
    fn one(&self, file: &Path, tally: &mut Tally) -> Result<Value, Stop> {
        let scenario = self.settings.load(file)?;
        let results = conduct(&scenario, self.settings.jobs(), self.quiet)?;
        repeat(&scenario, &results, self.quiet)?;
        let verdicts = &results.verdicts;
        for verdict in verdicts {
            match verdict.outcome {
                Outcome::Held => tally.held += 1,
                Outcome::Broken => tally.broken += 1,
                Outcome::Undecided => tally.undecided += 1,
            }
            if self.format == Format::Text {
                out(&line(&scenario.name, verdict))?;
            }
        }
        if verdicts.is_empty() && self.format == Format::Text {
            out(&format!("{DIM}-         {DIM:#}  {}: it expects nothing\n", scenario.name))?;
        }
        Ok(json!({
            "file": file.to_string_lossy(),
            "scenario": scenario.name,
            "seed": scenario.seed,
            "replications": results.replications,
            "expectations": verdicts.iter().map(entry).collect::<Vec<_>>(),
        }))
    }
}

fn scenarios_below(folder: &Path, all: &mut Vec<PathBuf>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<PathBuf> =
        entries.map_err(|e| Error::new("read", folder, e))?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            scenarios_below(&path, all)?;
        } else if path.extension().is_some_and(|e| e == "toml") {
            all.push(path);
        }
    }
    Ok(())
}

/// Runs the first replication of the first variant again. That it gives the same facts is a rule of
/// laglab, not an expectation of the scenario.
fn repeat(scenario: &Scenario, results: &Results, quiet: bool) -> Result<(), Stop> {
    let Variant { name, plan } = match &scenario.sweep {
        Some(sweep) => &sweep.points[0].variants[0],
        None => &scenario.variants[0],
    };
    // A warm-up that was found stands in the results only.
    let plan = &Plan { warm_up: results.warm_up, ..plan.clone() };
    let watch = Onlooker::new("again", plan.duration, quiet);
    let twice = twice::again(plan, 0, results.variants[0].digests[0], &watch).ok_or(Stop::Interrupted)?;
    assert!(
        twice.same(),
        "two runs of one plan give the same facts (variant {name} of {}: digest {:016x}, then {:016x}); {}",
        scenario.name,
        twice.first,
        twice.second,
        twice::account(plan, 0, &watch)
    );
    Ok(())
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Held => "held",
        Outcome::Broken => "broken",
        Outcome::Undecided => "undecided",
    }
}

fn line(scenario: &str, v: &Verdict) -> String {
    let style = match v.outcome {
        Outcome::Held => GOOD,
        Outcome::Broken => BAD,
        Outcome::Undecided => DOUBT,
    };
    let scope = if v.scope.is_empty() { String::new() } else { format!(" [{}]", v.scope) };
    format!(
        "{style}{:<10}{style:#}  {scenario}: {}{scope}  {DIM}{}{DIM:#}: {}\n",
        word(v.outcome),
        v.name,
        v.expression,
        v.evidence
    )
}

fn entry(v: &Verdict) -> Value {
    json!({
        "name": v.name,
        "expression": v.expression,
        "scope": v.scope,
        "outcome": word(v.outcome),
        "evidence": v.evidence,
    })
}

/// Without styles, for the document.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string().trim_end().to_owned()
}
