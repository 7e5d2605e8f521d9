//! `laglab completions`: a script that makes a shell complete laglab's commands and options.

use super::screen::out;
use super::stop::Stop;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// See `laglab completions --help`.
#[derive(Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "laglab", &mut script);
        out(&String::from_utf8_lossy(&script))?;
        Ok(0)
    }
}
