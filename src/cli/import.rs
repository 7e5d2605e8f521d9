//! `laglab import`: a scenario from the configuration of real clients.

use super::screen::{BOLD, note, out};
use super::stop::Stop;
use crate::error::Error;
use crate::scenario::{self, ClientFile, Diagnostics, Imported};
use clap::Args;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// See `laglab import --help`.
#[derive(Args)]
pub(super) struct Import {
    /// The properties of a producer.
    #[arg(long, value_name = "FILE", required_unless_present = "consumer")]
    producer: Option<PathBuf>,
    /// The properties of a consumer.
    #[arg(long, value_name = "FILE")]
    consumer: Option<PathBuf>,
    /// The topic, by Kafka's names: `name=orders,partitions=12,retention.ms=86400000`.
    #[arg(long, value_name = "KEY=VALUE,...", default_value = "")]
    topic: String,
    /// Where to write the scenario; without it, to standard output. A file that is there already is left alone.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A file as read.
struct Source {
    name: String,
    text: String,
}

impl Import {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        let producer = self.producer.as_deref().map(read).transpose()?;
        let consumer = self.consumer.as_deref().map(read).transpose()?;
        fn client(source: Option<&Source>) -> Option<ClientFile<'_>> {
            source.map(|s| ClientFile { name: &s.name, text: &s.text })
        }
        let done = scenario::import(&scenario::Import {
            producer: client(producer.as_ref()),
            consumer: client(consumer.as_ref()),
            topic: &self.topic,
        });
        let mut said = complaints(producer.as_ref(), &done.producer);
        said.push_str(&complaints(consumer.as_ref(), &done.consumer));
        if !done.topic.0.is_empty() {
            said.push_str(&scenario::render(&done.topic, "--topic", &self.topic, true));
        }
        if !done.scenario.0.is_empty() {
            said.push_str(&scenario::render(&done.scenario, "the scenario", &done.text, true));
        }
        if done.failed() {
            return Err(Stop::Input(said));
        }
        note(&said);
        match &self.out {
            Some(file) => write_new(file, &done.text)?,
            None => out(&done.text)?,
        }
        note(&next(&done, self.out.as_deref()));
        Ok(0)
    }
}

/// What is wrong with a file, in the manner of everything else that is.
fn complaints(source: Option<&Source>, found: &Diagnostics) -> String {
    match source {
        Some(source) if !found.0.is_empty() => scenario::render(found, &source.name, &source.text, true),
        _ => String::new(),
    }
}

/// What the reader does now.
fn next(done: &Imported, file: Option<&Path>) -> String {
    let shown = file.map_or_else(|| "FILE".to_owned(), |f| f.display().to_string());
    let marks = done.text.matches("FILL IN").count() - 1;
    let mut text =
        format!("{BOLD}{marks} settings are marked FILL IN{BOLD:#}: no client knows them. Then:\n");
    text.push_str(&format!("  laglab run {shown}\n"));
    for (what, arguments) in &done.experiments {
        let command = format!("laglab run {shown} {arguments}");
        text.push_str(&format!("  {}   # {what}\n", command.trim_end()));
    }
    text
}

/// The text of a file. Properties are Latin-1 unless they are UTF-8; every byte is a character of it.
fn read(file: &Path) -> Result<Source, Stop> {
    let name = file.display().to_string();
    match fs::read(file) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes)
                .unwrap_or_else(|e| e.into_bytes().iter().map(|byte| char::from(*byte)).collect());
            Ok(Source { name, text })
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Err(Stop::Usage(format!("there is no file `{name}`"))),
        Err(_) if file.is_dir() => Err(Stop::Usage(format!("`{name}` is a folder; give one file"))),
        Err(e) => Err(Error::new("read", file, e).into()),
    }
}

/// Writes a file that must not be there: what somebody has filled in is worth more than what can be made again.
fn write_new(file: &Path, text: &str) -> Result<(), Stop> {
    let made = fs::OpenOptions::new().write(true).create_new(true).open(file);
    match made.and_then(|mut file| file.write_all(text.as_bytes())) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(Stop::Usage(format!(
            "`{}` is there already; name another file, or remove it",
            file.display()
        ))),
        Err(e) => Err(Error::new("write", file, e).into()),
        Ok(()) => Ok(()),
    }
}
