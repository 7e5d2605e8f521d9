//! `laglab validate`: the validation suite, its verdicts on the screen and its report in a folder.

use super::folder::Staging;
use super::onlooker::{self, Onlooker};
use super::screen::{out, width};
use super::stop::Stop;
use super::{crash, wording};
use crate::report::text::Style;
use crate::report::validation;
use crate::validate::{Findings, Group, Options, Outcome, Plain, Size, play, suite, work};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// See `laglab validate --help`.
#[derive(Args)]
pub(super) struct Validate {
    /// Seconds of work instead of minutes: intervals are three times as wide.
    #[arg(long)]
    quick: bool,
    /// Only cases whose name (`group/trial/case`) contains this, such as `m-m-1` or `measured/`.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Seed of every random stream.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: u64,
    /// Threads to use [default: one per core]; results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Folder of the report; an earlier report's files in it are replaced.
    #[arg(long, value_name = "DIR", default_value = "output/validate")]
    out: PathBuf,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// No progress.
    #[arg(long, short)]
    quiet: bool,
}

/// How the process ends.
fn code(findings: &Findings) -> u8 {
    u8::from(findings.count(Outcome::Failed) > 0)
}

/// What to print on standard output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table per group.
    Text,
    /// The contents of `validate.json`.
    Json,
}

impl Validate {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        onlooker::heed_interrupts();
        let options = Options {
            seed: self.seed,
            size: if self.quick { Size::Quick } else { Size::Full },
            jobs: self.jobs.map(usize::from),
            only: self.only.clone(),
        };
        let work = work(&options);
        if work.is_zero() {
            return Err(Stop::Usage(self.no_such_case(&options)));
        }
        crash::remember(self.again());
        let staging = Staging::prepare(&self.out)?;
        let watch = Onlooker::new("validate", work, self.quiet);
        let findings = play(&options, &Plain, &watch).ok_or(Stop::Interrupted)?;
        drop(watch);
        let files = validation::files(&findings);
        staging.commit(&files)?;
        self.print(&findings, &files)?;
        Ok(code(&findings))
    }

    fn print(&self, findings: &Findings, files: &[(String, Vec<u8>)]) -> Result<(), Stop> {
        match self.format {
            Format::Text => {
                out(&validation::text(findings, width(), Style { colour: true }))?;
                out(&format!("\n{} files in {}\n", files.len(), self.out.display()))
            }
            Format::Json => out(&validation::json(findings)),
        }
    }

    fn no_such_case(&self, options: &Options) -> String {
        let pattern = self.only.as_deref().unwrap_or_default();
        let names = suite(options.seed, options.size);
        let near = wording::suggestion(pattern, names.iter().map(|t| t.name.as_str()));
        let groups = Group::ALL.map(Group::name).join(", ");
        format!("no case's name contains `{pattern}`{near}; the groups are {groups}")
    }

    /// The command that does the same again.
    fn again(&self) -> String {
        let mut command = format!("laglab validate --seed {}", self.seed);
        if self.quick {
            command += " --quick";
        }
        if let Some(pattern) = &self.only {
            command += &format!(" --only '{pattern}'");
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Dist, StreamKey};
    use crate::experiment::results::RunRecord;
    use crate::experiment::watch::{Unwatched, Watch};
    use crate::model::plan::Plan;
    use crate::station::{StationPlan, StationRecord};
    use crate::validate::Rig;

    /// Services that take twice as long as asked for.
    struct TwiceAsSlow;

    impl Rig for TwiceAsSlow {
        fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
            Plain.run(plan, replication, watch)
        }
        fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
            let mut plan = plan.clone();
            for class in &mut plan.classes {
                if let Dist::Exponential { mean } = &mut class.service {
                    *mean *= 2.0;
                }
            }
            Plain.station(&plan, key)
        }
    }

    #[test]
    fn one_case_that_fails_is_enough_for_another_exit_code() {
        let only = Some("station/m-m-1-0.5/".to_owned());
        let options = Options { seed: 1, size: Size::Quick, jobs: None, only };
        let with = |rig: &dyn Rig| play(&options, rig, &Unwatched).expect("nobody called it off");
        let (right, mut wrong) = (with(&Plain), with(&TwiceAsSlow));
        assert_eq!(code(&right), 0);
        assert_eq!(code(&wrong), 1);
        let case = wrong.cases.iter().position(|f| f.outcome == Outcome::Failed).expect("one fails");
        wrong.cases = [&right.cases[..], &[wrong.cases[case].clone()]].concat();
        assert_eq!(code(&wrong), 1, "of {}", wrong.cases.len());
        wrong.cases.iter_mut().for_each(|f| f.outcome = Outcome::Explained);
        assert_eq!(code(&wrong), 0, "what differs for a known reason is no failure");
    }
}
