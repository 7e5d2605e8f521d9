//! Reads a scenario file with the changes the command line makes to it.

use super::crash;
use super::stop::Stop;
use super::wording::suggestion;
use crate::error::Error;
use crate::report;
use crate::scenario::{self, Overrides, Scenario};
use clap::Args;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Options of every command that runs scenarios.
#[derive(Args, Clone, Debug)]
pub(super) struct Settings {
    /// Change a setting, such as `group.billing.consumers=8`; may be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Seed of every random stream, instead of the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Independent runs per variant, instead of the scenario's number or the precision it asks for.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replications: Option<u32>,
    /// Threads to use [default: one per core]; results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Run even what is estimated to take too much time or memory.
    #[arg(long)]
    unlimited: bool,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected `path=value`, such as `group.billing.consumers=8`".to_owned()),
    }
}

impl Settings {
    pub(super) fn jobs(&self) -> Option<usize> {
        self.jobs.map(usize::from)
    }

    /// Reads and checks a scenario; trace files are looked for beside it.
    pub(super) fn load(&self, file: &Path) -> Result<Scenario, Stop> {
        let text = read(file)?;
        let overrides = Overrides {
            set: self.set.clone(),
            seed: self.seed,
            replications: self.replications,
            unlimited: self.unlimited,
        };
        let name = file.file_stem().map_or_else(|| "scenario".into(), |s| s.to_string_lossy());
        let beside = file.parent().unwrap_or(Path::new(""));
        let mut load = |trace: &str| fs::read(beside.join(trace)).map_err(|e| e.to_string());
        let read = Scenario::parse(&name, &text, &overrides, &mut load);
        let scenario = read
            .map_err(|found| Stop::Input(scenario::render(&found, &file.to_string_lossy(), &text, true)))?;
        crash::remember(report::command(&file.to_string_lossy(), &overrides));
        Ok(scenario)
    }
}

/// The scenario's text. A file that is not there, or is no text, is the user's mistake.
fn read(file: &Path) -> Result<String, Stop> {
    let shown = file.display();
    if file.is_dir() {
        return Err(Stop::Usage(format!("`{shown}` is a folder; give one scenario file")));
    }
    match fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let near = suggestion(&file.to_string_lossy(), neighbours(file).iter().map(String::as_str));
            Err(Stop::Usage(format!("there is no file `{shown}`{near}")))
        }
        Err(e) if e.kind() == ErrorKind::InvalidData => {
            Err(Stop::Usage(format!("`{shown}` is not a text file in UTF-8")))
        }
        Err(e) => Err(Error::new("read", file, e).into()),
    }
}

/// The scenario files in the folder where this one should be.
fn neighbours(file: &Path) -> Vec<String> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let names = entries.map(|e| folder.map_or_else(|| e.file_name().into(), |f| f.join(e.file_name())));
    let mut all: Vec<String> =
        names.map(|n| n.to_string_lossy().into_owned()).filter(|n| n.ends_with(".toml")).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_split_at_the_first_equals_sign() {
        assert_eq!(assignment("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert!(assignment("=1").is_err() && assignment("a.b").is_err());
    }
}
