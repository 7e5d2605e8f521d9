//! `laglab list`: what there is, a line each.

use super::screen::{BOLD, out, width};
use super::stop::Stop;
use super::topics::{codes, family_names};
use super::wording::{columns, suggestion, wrap};
use crate::error::Error;
use crate::measure::metric::METRICS;
use crate::scenario;
use clap::Args;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// See `laglab list --help`.
#[derive(Args)]
pub(super) struct List {
    /// `families`, `metrics`, `faults`, `kafka`, `codes`, `sections`, `scenarios`, or the name of a family or section;
    /// without it, all of these topics.
    topic: Option<String>,
}

/// The topics that are no families.
const TOPICS: &[(&str, &str)] = &[
    ("families", "The replaceable rules, such as partitioners and backoffs, with their members."),
    ("sections", "The tables of a scenario; name one to see its settings."),
    ("metrics", "What is measured: names for [expect] and for sweeps."),
    ("faults", "What can be made to go wrong."),
    ("kafka", "Kafka's settings by their own names: what each is called here, or why it is not modelled."),
    ("codes", "Errors and warnings by their code."),
    ("scenarios", "The scenarios in the folder `scenarios`."),
];

type Rows = Vec<(String, String)>;

impl List {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        let text = match self.topic.as_deref() {
            None => overview(),
            Some("families") => families(),
            Some("sections") => table(&sections()),
            Some("metrics") => table(&metrics()),
            Some("faults") => table(&members("fault")),
            Some("kafka") => table(&kafka()),
            Some("codes") => table(&codes().iter().map(|(code, title, _)| row(code, title)).collect()),
            Some("scenarios") => table(&scenarios(Path::new("scenarios"))?),
            Some(name) => named(name)?,
        };
        out(&text)?;
        Ok(0)
    }
}

fn row(name: &str, sentence: &str) -> (String, String) {
    (name.to_owned(), sentence.to_owned())
}

fn table(rows: &Rows) -> String {
    columns(rows.iter().map(|(name, sentence)| (name.as_str(), sentence.as_str())), width())
}

fn overview() -> String {
    let names = family_names(&scenario::members()).join(", ");
    let topics = columns(TOPICS.iter().copied(), width());
    let families = wrap(&format!("or a family: {names}"), width(), 0);
    format!("laglab list TOPIC, where TOPIC is\n{topics}{families}")
}

fn families() -> String {
    let names = family_names(&scenario::members());
    let parts = names.iter().map(|name| format!("{BOLD}{name}{BOLD:#}\n{}", table(&members(name))));
    parts.collect::<Vec<_>>().join("\n")
}

fn members(family: &str) -> Rows {
    let all = scenario::members();
    all.iter().filter(|m| m.family == family).map(|m| row(m.name, m.summary)).collect()
}

fn sections() -> Rows {
    scenario::sections().iter().map(|s| row(s.name, &format!("{}: {}", s.place, s.doc))).collect()
}

fn metrics() -> Rows {
    METRICS.iter().map(|m| row(&format!("{}.*.{}", m.of.prefix(), m.name), m.doc)).collect()
}

fn kafka() -> Rows {
    let place =
        |section: &str| if section == "cluster" { section.to_owned() } else { format!("{section}.NAME") };
    let all = scenario::kafka_settings();
    all.iter().map(|s| row(s.name, &format!("[{}] {}", place(s.section), s.about))).collect()
}

/// A family's members or a section's settings.
fn named(name: &str) -> Result<String, Stop> {
    let family = members(name);
    if !family.is_empty() {
        return Ok(table(&family));
    }
    let sections = scenario::sections();
    if let Some(section) = sections.iter().find(|s| s.name == name) {
        return Ok(table(&section.params.iter().map(|p| row(p.name, p.doc)).collect()));
    }
    let all = scenario::members();
    let names =
        TOPICS.iter().map(|(n, _)| *n).chain(family_names(&all)).chain(sections.iter().map(|s| s.name));
    let near = suggestion(name, names);
    Err(Stop::Usage(format!("there is nothing called `{name}` to list{near}\nSee `laglab list`.")))
}

/// The scenarios of a folder with their titles.
fn scenarios(folder: &Path) -> Result<Rows, Stop> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err(Stop::Usage(format!("there is no folder `{}` here", folder.display())));
        }
        Err(e) => return Err(Error::new("read", folder, e).into()),
    };
    let mut rows = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "toml") {
            let text = fs::read_to_string(&path).map_err(|e| Error::new("read", &path, e))?;
            // A scenario that does not parse is listed all the same; `run` says what is wrong with it.
            let table: toml::Table = text.parse().unwrap_or_default();
            let title = table.get("title").and_then(toml::Value::as_str).unwrap_or_default();
            rows.push(row(&path.to_string_lossy(), title));
        }
    }
    rows.sort();
    Ok(rows)
}
