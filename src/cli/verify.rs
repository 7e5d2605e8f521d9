//! `laglab verify`: runs an experiment again from its own summary and compares what comes out byte for byte.
//!
//! Pictures in PNG are left out: they are drawn from the SVG files, which are compared.

use super::onlooker;
use super::run::{conduct, files};
use super::screen::{BAD, GOOD, note, out};
use super::stop::Stop;
use crate::error::Error;
use crate::report::{Source, source};
use crate::scenario::{self, Scenario};
use clap::Args;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// See `laglab verify --help`.
#[derive(Args)]
pub(super) struct Verify {
    /// The `summary.json` of a run, or the folder it lies in.
    summary: PathBuf,
    /// Where the traces of the scenario lie, if it has some.
    #[arg(long, value_name = "DIR", default_value = "scenarios")]
    traces: PathBuf,
    /// Threads to use [default: one per core]; results do not depend on it.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// No progress, and no list of files: the exit code says it.
    #[arg(long, short)]
    quiet: bool,
}

/// How a file compares with what it should be.
enum Finding {
    Same,
    /// The first line, from 1, that is not the same.
    Differs(usize),
}

impl Verify {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        onlooker::heed_interrupts();
        let file =
            if self.summary.is_dir() { self.summary.join("summary.json") } else { self.summary.clone() };
        let shown = file.display();
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                return Err(Stop::Usage(format!("there is no file `{shown}`; `laglab run` writes one")));
            }
            Err(e) => return Err(Error::new("read", &file, e).into()),
        };
        let source =
            source(&bytes).map_err(|why| Stop::Usage(format!("`{shown}` cannot be verified: {why}")))?;
        if source.version != env!("CARGO_PKG_VERSION") && !self.quiet {
            let this = env!("CARGO_PKG_VERSION");
            note(&format!("made by laglab {}, verified by {this}: results may differ\n", source.version));
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let scenario = self.load(source)?;
        let results = conduct(&scenario, self.jobs.map(usize::from), self.quiet)?;
        let made = files(&results, folder.join("index.html").exists());
        self.compare(folder, &made)
    }

    fn load(&self, source: Source) -> Result<Scenario, Stop> {
        let mut load = |trace: &str| fs::read(self.traces.join(trace)).map_err(|e| e.to_string());
        Scenario::parse(&source.scenario, &source.text, &source.overrides, &mut load).map_err(|found| {
            let name = format!("{}.toml", source.scenario);
            Stop::Input(scenario::render(&found, &name, &source.text, true))
        })
    }

    fn compare(&self, folder: &Path, made: &[(String, Vec<u8>)]) -> Result<u8, Stop> {
        let (mut same, mut differ) = (0, 0);
        for (name, bytes) in made.iter().filter(|(name, _)| !name.ends_with(".png")) {
            let path = folder.join(name);
            let kept = match fs::read(&path) {
                Ok(kept) => kept,
                // A folder may keep a part of the files only; the summary, which was read, is always there.
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) => return Err(Error::new("read", &path, e).into()),
            };
            let line = match finding(&kept, bytes) {
                Finding::Same => {
                    same += 1;
                    format!("{GOOD}same{GOOD:#}     {name}\n")
                }
                Finding::Differs(line) => {
                    differ += 1;
                    format!("{BAD}differs{BAD:#}  {name}, first in line {line}\n")
                }
            };
            if !self.quiet {
                out(&line)?;
            }
        }
        if !self.quiet {
            out(&format!("\n{same} files are what laglab makes again, {differ} are not\n"))?;
        }
        Ok(u8::from(differ > 0))
    }
}

fn finding(kept: &[u8], made: &[u8]) -> Finding {
    if kept == made {
        return Finding::Same;
    }
    let common = kept.iter().zip(made).take_while(|(a, b)| a == b).count();
    Finding::Differs(made[..common].iter().filter(|b| **b == b'\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        let line = |kept: &[u8], made: &[u8]| match finding(kept, made) {
            Finding::Same => 0,
            Finding::Differs(line) => line,
        };
        assert_eq!(line(b"a\nb\n", b"a\nb\n"), 0);
        assert_eq!(line(b"a\nb\n", b"a\nc\n"), 2);
        assert_eq!(line(b"a\n", b"a\nb\n"), 2);
        assert_eq!(line(b"", b"a"), 1);
    }
}
