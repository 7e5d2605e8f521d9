//! The program: the only place that prints, reads and writes files, looks at the clock, or exits.

mod check;
mod completions;
mod crash;
mod effective;
mod explain;
mod folder;
mod import;
mod input;
mod list;
mod onlooker;
mod run;
mod schema;
mod screen;
mod stop;
mod stories;
mod topics;
mod validate;
mod verify;
mod wording;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0    done; with `check`, every expectation holds; with `validate`, no case fails
  1    `check` found an expectation broken or undecided, `validate` a case that fails, or
       `verify` a difference
  2    the command line or a scenario is wrong
  3    reading or writing failed
  101  laglab broke one of its own rules; the message says how to replay it
  130  interrupted (Ctrl-C)";

/// A deterministic lab for event-driven messaging systems: lag, latency, loss and duplicates, with their causes.
#[derive(Parser)]
#[command(name = "laglab", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a scenario, print a summary, and write tables, charts and data to a folder.
    Run(run::Run),
    /// Run scenarios and say for each expectation whether it holds.
    Check(check::Check),
    /// Run an experiment again from its own summary and compare what comes out byte for byte.
    Verify(verify::Verify),
    /// Hold the simulator against queueing theory, measurements of real clients, and other simulators.
    Validate(validate::Validate),
    /// List what there is: families and their members, metrics, faults, codes, scenarios.
    List(list::List),
    /// Explain a member, setting, metric, cause or code, or tell the stories of a run.
    Explain(explain::Explain),
    /// Write a scenario from the properties of a real producer and consumer.
    Import(import::Import),
    /// Print the JSON Schema of scenario files, for editors.
    Schema(schema::Schema),
    /// Print a completion script for a shell.
    Completions(completions::Completions),
}

/// Runs the command line and says how the process should end.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    crash::install();
    let done = match cli.command {
        Command::Run(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(stop) => {
            screen::note(&stop.message());
            ExitCode::from(stop.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
