//! Everything that has a name and an explanation, in one list: what `list` shows and `explain` looks up.

use super::wording::{accepts, meanings, parameters};
use crate::experiment::warnings;
use crate::measure::metric::{Better, METRICS, Metric, Of, Unit};
use crate::model::catalog::{Member, Param};
use crate::model::cause::{DuplicateCause, LossCause, Place, RebalanceCause, ShedReason};
use crate::scenario::{self, KafkaSetting, Section};

/// A thing with a name and an explanation.
#[derive(Debug)]
pub(super) struct Topic {
    /// Its full name: `partitioner.salted`, `group.lag.p99`, `group.max-poll-records`, `E012`.
    pub(super) name: String,
    /// The short form of it, `salted`; several topics may share one.
    pub(super) short: String,
    /// What it is: `member of family partitioner`, `metric`.
    pub(super) kind: String,
    /// One sentence.
    pub(super) summary: String,
    /// The rest: paragraphs.
    pub(super) text: String,
    /// Parameters and the like: lines that are already laid out.
    pub(super) table: String,
}

/// Every topic, for lines of this width.
pub(super) fn all(width: usize) -> Vec<Topic> {
    let members = scenario::members();
    let sections = scenario::sections();
    let mut topics: Vec<Topic> = members.iter().map(|m| member(m, width)).collect();
    topics.extend(families(&members));
    topics.extend(sections.iter().map(|s| section(s, width)));
    topics.extend(sections.iter().flat_map(settings));
    topics.extend(METRICS.iter().map(metric));
    topics.extend(causes());
    topics.extend(scenario::kafka_settings().iter().map(kafka));
    topics.extend(codes().into_iter().map(|(code, title, text)| Topic {
        name: code.to_owned(),
        short: code.to_owned(),
        kind: if code.starts_with('E') { "error" } else { "warning" }.to_owned(),
        summary: title.to_owned(),
        text: text.to_owned(),
        table: String::new(),
    }));
    topics
}

/// Every code of a complaint about a scenario or a warning about results, with title and text.
pub(super) fn codes() -> Vec<(&'static str, &'static str, &'static str)> {
    let scenarios = scenario::codes().iter().map(|c| (c.code, c.title, c.text));
    scenarios.chain(warnings::CODES.iter().map(|c| (c.code, c.title, c.text))).collect()
}

/// The names of all families, each once, in order.
pub(super) fn family_names(members: &[Member]) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for member in members {
        if !names.contains(&member.family) {
            names.push(member.family);
        }
    }
    names
}

fn member(m: &Member, width: usize) -> Topic {
    let table = if m.params.is_empty() {
        String::new()
    } else {
        format!("Parameters\n{}", parameters(m.params, width))
    };
    Topic {
        name: format!("{}.{}", m.family, m.name),
        short: m.name.to_owned(),
        kind: format!("member of family {}", m.family),
        summary: m.summary.to_owned(),
        text: m.doc.to_owned(),
        table,
    }
}

fn families(members: &[Member]) -> Vec<Topic> {
    let family = |name: &'static str| {
        let inside = members.iter().filter(|m| m.family == name);
        let names: Vec<&str> = inside.map(|m| m.name).collect();
        Topic {
            name: name.to_owned(),
            short: name.to_owned(),
            kind: "family".to_owned(),
            summary: format!("Its members: {}.", names.join(", ")),
            text: format!(
                "`laglab list {name}` says what each is, `laglab explain {name}.MEMBER` tells more."
            ),
            table: String::new(),
        }
    };
    family_names(members).into_iter().map(family).collect()
}

/// Where a section stands, without brackets and the name a scenario gives: `group.retry`. One may stand
/// in several places; the top of the file has the section's own name.
fn paths(s: &Section) -> Vec<String> {
    if is_top(s) {
        return vec![s.name.to_owned()];
    }
    let path = |place: &str| {
        let parts = place.trim_matches(['[', ']']).split('.').filter(|part| *part != "NAME");
        parts.collect::<Vec<_>>().join(".")
    };
    s.place.split(", ").map(path).collect()
}

/// Whether its settings stand under no path.
fn is_top(s: &Section) -> bool {
    !s.place.contains(['[', '.'])
}

fn section(s: &Section, width: usize) -> Topic {
    Topic {
        name: paths(s).swap_remove(0),
        short: s.name.to_owned(),
        kind: format!("section, {}", s.place),
        summary: s.doc.to_owned(),
        text: String::new(),
        table: format!("Settings\n{}", parameters(s.params, width)),
    }
}

fn settings(s: &Section) -> Vec<Topic> {
    let setting = |path: &str, p: &Param| Topic {
        name: if is_top(s) { p.name.to_owned() } else { format!("{path}.{}", p.name) },
        short: p.name.to_owned(),
        kind: format!("setting of {}", s.place),
        summary: p.doc.to_owned(),
        text: format!("It is {}.", accepts(p)),
        table: meanings(p.kind),
    };
    paths(s).iter().flat_map(|path| s.params.iter().map(move |p| setting(path, p))).collect()
}

fn kafka(s: &KafkaSetting) -> Topic {
    let place = if s.section == "cluster" { "[cluster]".to_owned() } else { format!("[{}.NAME]", s.section) };
    let text = s.key.as_ref().map(|key| {
        let first = key.split('.').next().unwrap_or(key);
        format!(
            "In {place} stands `\"{}\" = ...` or `{key} = ...`, not both; `laglab explain {}.{first}` tells more.",
            s.name, s.section
        )
    });
    Topic {
        name: format!("{}.{}", s.section, s.name),
        short: s.name.to_owned(),
        kind: format!("Kafka's name of a setting of {place}"),
        summary: s.about.clone(),
        text: text.unwrap_or_default(),
        table: String::new(),
    }
}

fn metric(m: &Metric) -> Topic {
    let unit = match m.unit {
        Unit::Count => "a count",
        Unit::Seconds => "in seconds",
        Unit::PerSecond => "per second",
        Unit::Ratio => "a share or ratio",
        Unit::Bytes => "in bytes",
    };
    let better = match m.better {
        Better::Less => ", less is better",
        Better::More => ", more is better",
        Better::Neither => "",
    };
    let mut text = format!("Written {}, {unit}{better}.", written(m));
    if m.name.ends_with('*') {
        text.push_str(&format!("\n\nIn place of `*`: {}.", last_parts(m).join(", ")));
    }
    Topic {
        name: format!("{}.{}", m.of.prefix(), m.name),
        short: m.name.to_owned(),
        kind: "metric".to_owned(),
        summary: m.doc.to_owned(),
        text,
        table: String::new(),
    }
}

fn written(m: &Metric) -> String {
    let name = if m.of == Of::Broker { "N" } else { "NAME" };
    format!("`{}.{name}.{}`", m.of.prefix(), m.name)
}

fn last_parts(m: &Metric) -> Vec<String> {
    let stem = m.name.trim_end_matches('*');
    m.names().iter().map(|n| n.trim_start_matches(stem).to_owned()).collect()
}

fn causes() -> Vec<Topic> {
    let topic = |of: &str, metric: &str, name: &str, text: &str| Topic {
        name: format!("{metric}.{name}"),
        short: name.to_owned(),
        kind: format!("{of}, counted in `group.NAME.{metric}.{name}`"),
        summary: text.to_owned(),
        text: String::new(),
        table: String::new(),
    };
    let mut all: Vec<Topic> =
        LossCause::ALL.iter().map(|c| topic("cause of loss", "lost", c.name(), c.text())).collect();
    all.extend(ShedReason::ALL.iter().map(|c| topic("reason of refusal", "shed", c.name(), c.text())));
    all.extend(
        DuplicateCause::ALL.iter().map(|c| topic("cause of duplicates", "duplicates", c.name(), c.text())),
    );
    all.extend(
        RebalanceCause::ALL.iter().map(|c| topic("trigger of rebalances", "rebalances", c.name(), c.text())),
    );
    all.extend(Place::ALL.iter().map(|c| topic("place of unfinished events", "pending", c.name(), c.text())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_are_unique_among_their_kind_and_every_topic_says_something() {
        let topics = all(100);
        let mut names: Vec<(&str, &str)> =
            topics.iter().map(|t| (t.name.as_str(), t.kind.as_str())).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
        assert_eq!(twice, []);
        assert!(topics.iter().all(|t| !t.summary.is_empty() && !t.short.is_empty()));
    }
}
