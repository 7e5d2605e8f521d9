//! `laglab explain`: what a name means, or how the losses and duplicates of a run came about.

use super::screen::{BOLD, DIM, out, width};
use super::stop::Stop;
use super::stories;
use super::topics::{Topic, all};
use super::wording::{suggestion, wrap};
use crate::experiment::results::Story;
use crate::lab::explain::timeline;
use clap::Args;
use std::path::{Path, PathBuf};

/// See `laglab explain --help`.
#[derive(Args)]
pub(super) struct Explain {
    /// A member (`partitioner.salted` or `salted`), family, section, setting (`group.max-poll-records`),
    /// metric (`lag-time.p99`), cause (`zombie`) or code (`E012`). With --run: only stories with this
    /// cause or of this group.
    #[arg(required_unless_present = "run")]
    name: Option<String>,
    /// Tell the stories of a run from its output folder.
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
}

impl Explain {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        match (&self.run, &self.name) {
            (Some(folder), name) => tell(folder, name.as_deref())?,
            (None, Some(name)) => explain(name)?,
            (None, None) => unreachable!("the command line asks for one of them"),
        }
        Ok(0)
    }
}

fn explain(name: &str) -> Result<(), Stop> {
    let topics = all(width());
    let found = look_up(&topics, name);
    if found.is_empty() {
        let names = topics.iter().flat_map(|t| [t.name.as_str(), t.short.as_str()]);
        let near = suggestion(name, names);
        return Err(Stop::Usage(format!(
            "nothing is called `{name}`{near}\nSee `laglab list` for what there is."
        )));
    }
    let pages: Vec<String> = found.into_iter().map(page).collect();
    out(&pages.join("\n"))
}

/// The topics meant by `name`: by full name, else by short name, else by the end of a full name
/// (`retry.then`), else as a scenario writes it, with the name of a group or the like in the middle.
fn look_up<'a>(topics: &'a [Topic], name: &str) -> Vec<&'a Topic> {
    let name = name.trim_matches(['[', ']']).to_lowercase();
    let by = |matches: &dyn Fn(&Topic) -> bool| topics.iter().filter(|t| matches(t)).collect::<Vec<_>>();
    let full = by(&|t| t.name.to_lowercase() == name);
    if !full.is_empty() {
        return full;
    }
    let short = by(&|t| t.short.to_lowercase() == name);
    if !short.is_empty() {
        return short;
    }
    let end = by(&|t| t.name.to_lowercase().strip_suffix(&name).is_some_and(|before| before.ends_with('.')));
    if !end.is_empty() {
        return end;
    }
    let Some((first, rest)) = name.split_once('.') else { return Vec::new() };
    let ends = rest.match_indices('.').map(|(at, _)| format!("{first}.{}", &rest[at + 1..]));
    for candidate in ends.chain([name.clone()]) {
        let starred = |t: &Topic| t.name.strip_suffix('*').is_some_and(|stem| is_member(&candidate, stem));
        let found = by(&|t| t.name == candidate || starred(t));
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Whether this is one of the names a metric ending in `.*` stands for: one more part after its stem.
fn is_member(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|last| !last.is_empty() && !last.contains('.'))
}

fn page(topic: &Topic) -> String {
    let width = width();
    let mut text = format!("{BOLD}{}{BOLD:#}  {DIM}{}{DIM:#}\n", topic.name, topic.kind);
    text.push_str(&wrap(&topic.summary, width, 0));
    for part in [wrap_if(&topic.text, width), topic.table.clone()] {
        if !part.is_empty() {
            text.push('\n');
            text.push_str(&part);
        }
    }
    text
}

fn wrap_if(text: &str, width: usize) -> String {
    if text.is_empty() { String::new() } else { wrap(text, width, 0) }
}

/// Prints the stories in an output folder, of one cause or group if it is named.
fn tell(folder: &Path, name: Option<&str>) -> Result<(), Stop> {
    let wanted = |s: &Story| name.is_none_or(|n| s.cause == n || s.group == n);
    let chapters = stories::read(folder)?;
    let mut text = String::new();
    for chapter in &chapters {
        let mut stories = chapter.stories().filter(wanted).peekable();
        if stories.peek().is_none() {
            continue;
        }
        let at: String = chapter.at.iter().map(|(path, value)| format!(", {path}={value}")).collect();
        text.push_str(&format!("{BOLD}{}{at}{BOLD:#}\n\n", chapter.variant));
        for story in stories {
            text.push_str(&timeline(&story));
            text.push('\n');
        }
    }
    if text.is_empty() {
        text = match name {
            None => "No event was lost, refused or applied twice: there is no story to tell.\n".to_owned(),
            Some(name) => format!("There is no story about `{name}`.\n"),
        };
    }
    out(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str) -> Vec<String> {
        let topics = all(100);
        look_up(&topics, name).into_iter().map(|t| t.name.clone()).collect()
    }

    #[test]
    fn a_metric_is_found_as_it_is_listed_and_as_a_scenario_writes_it() {
        for name in
            ["group.lag-time.p99", "lag-time.p99", "group.billing.lag-time.p99", "group.a.b.lag-time.p99"]
        {
            assert_eq!(names(name), ["group.lag-time.p99"], "{name}");
        }
        assert_eq!(names("group.billing.latency.p99.9"), ["group.latency.p99.9"]);
        assert_eq!(names("group.billing.lost.retention"), ["group.lost.*"]);
    }

    #[test]
    fn a_short_name_shows_everything_that_has_it() {
        assert_eq!(names("offset-reset"), ["lost.offset-reset", "duplicates.offset-reset"]);
        assert_eq!(
            names("utilisation"),
            ["group.utilisation", "broker.utilisation", "downstream.utilisation"]
        );
        assert_eq!(names("retry.then"), ["group.retry.then"]);
        assert_eq!(names("w201"), ["W201"]);
        assert_eq!(names("no-such-thing"), [""; 0]);
    }
}
