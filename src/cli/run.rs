//! `laglab run`: one scenario, its summary on the screen and its results in a folder.

use super::folder::Staging;
use super::input::Settings;
use super::onlooker::{self, Onlooker};
use super::screen::{note, out, width};
use super::stop::Stop;
use super::{effective, stories};
use crate::experiment::results::Results;
use crate::experiment::{run_all, work};
use crate::report::text::{Style, summary};
use crate::scenario::{self, Diagnostics, Scenario};
use crate::{lab, report};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// See `laglab run --help`.
#[derive(Args)]
pub(super) struct Run {
    /// The scenario.
    file: PathBuf,
    #[command(flatten)]
    settings: Settings,
    /// Folder of the results [default: output/SCENARIO]; an earlier run's files in it are replaced.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// No progress, no warnings about the scenario, and no summary unless `--format json` asks for it.
    #[arg(long, short)]
    quiet: bool,
    /// Write data files only, no charts and no page.
    #[arg(long)]
    no_charts: bool,
    /// Do not run: print every setting in force, with the origin of each, as a scenario.
    #[arg(long)]
    dry_run: bool,
}

/// What to print on standard output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A summary for people.
    Text,
    /// The contents of `summary.json`.
    Json,
    /// Nothing.
    None,
}

impl Run {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        onlooker::heed_interrupts();
        let scenario = self.settings.load(&self.file)?;
        if !self.quiet {
            warn(&scenario, &self.file);
        }
        if self.dry_run {
            out(&effective::toml(&scenario))?;
            return Ok(0);
        }
        let target = self.out.clone().unwrap_or_else(|| Path::new("output").join(&scenario.name));
        let staging = Staging::prepare(&target)?;
        let results = conduct(&scenario, self.settings.jobs(), self.quiet)?;
        let files = files(&results, !self.no_charts);
        staging.commit(&files)?;
        self.print(&results, &files, &target)?;
        Ok(0)
    }

    fn print(&self, results: &Results, files: &[(String, Vec<u8>)], target: &Path) -> Result<(), Stop> {
        let file = |name: &str| files.iter().find(|(n, _)| n == name).map(|(_, bytes)| bytes);
        match self.format {
            Format::Text if !self.quiet => {
                out(&summary(results, width(), Style { colour: true }))?;
                let page = files.iter().find(|(n, _)| n.ends_with(".html"));
                let open =
                    page.map_or_else(String::new, |(n, _)| format!("; open {}", target.join(n).display()));
                let again = report::command(&self.file.to_string_lossy(), &results.overrides);
                out(&format!("\n{} files in {}{open}\n", files.len(), target.display()))?;
                out(&format!("the same again: {again}\n"))
            }
            Format::Json => {
                let json = file("summary.json").expect("the report always has a summary");
                out(&String::from_utf8_lossy(json))
            }
            Format::Text | Format::None => Ok(()),
        }
    }
}

/// Everything an experiment writes.
pub(super) fn files(results: &Results, charts: bool) -> Vec<(String, Vec<u8>)> {
    let mut files = if charts { report::files(results) } else { report::data_files(results) };
    files.push(stories::file(results));
    files
}

/// Prints what is legal but odd about a scenario.
pub(super) fn warn(scenario: &Scenario, file: &Path) {
    if !scenario.warnings.is_empty() {
        let found = Diagnostics(scenario.warnings.clone());
        note(&scenario::render(&found, &file.to_string_lossy(), &scenario.text, true));
    }
}

/// Runs and judges a scenario while the user looks on.
pub(super) fn conduct(scenario: &Scenario, jobs: Option<usize>, quiet: bool) -> Result<Results, Stop> {
    let watch = Onlooker::new(&scenario.name, work(scenario), quiet);
    let mut results = run_all(scenario, jobs, &watch).ok_or(Stop::Interrupted)?;
    results.verdicts = lab::judge(scenario, &results);
    Ok(results)
}
