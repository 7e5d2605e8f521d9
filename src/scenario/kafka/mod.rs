//! Settings under Kafka's own names: which of ours each one is, and why some are none of ours.
//!
//! Knows names, units and reasons. Where such a setting stands in a scenario is the business of `rewrite`.

mod modelled;
mod removed;
mod rewrite;
mod unmodelled;
mod value;

pub(super) use modelled::{Form, Setting};
pub(super) use rewrite::{named_differently, permitted, rewrite};
pub(super) use value::convert;

use super::codes;
use super::describe;
use super::diagnostics::{Diagnostic, nearest};
use super::tree::Place;

/// A setting of Kafka as a reader meets it: what `laglab list kafka` and `laglab explain` show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaSetting {
    /// Kafka's name, `max.poll.records`.
    pub name: &'static str,
    /// The section it belongs to, `group`.
    pub section: &'static str,
    /// What it is called here, `max-poll-records`; nothing if it is not modelled, or is no more.
    pub key: Option<String>,
    /// In one sentence.
    pub about: String,
}

/// Every name of Kafka that is known here, those first that mean something; without those that are ours, too.
pub fn kafka_settings() -> Vec<KafkaSetting> {
    let ours = modelled::SETTINGS.iter().filter(|s| !s.same_name()).map(|s| KafkaSetting {
        name: s.name,
        section: s.section,
        key: Some(s.key()),
        about: s.about(),
    });
    let rest = unmodelled::GROUPS.iter().flat_map(|group| {
        let names = move |section: &'static str| {
            group.names().map(move |name| KafkaSetting {
                name,
                section,
                key: None,
                about: format!("Kafka has this setting; laglab does not model it: {}.", group.why),
            })
        };
        group.sections.iter().copied().flat_map(names)
    });
    let gone = removed::SETTINGS.iter().map(|r| KafkaSetting {
        name: r.name,
        section: r.section,
        key: None,
        about: format!("{}; {}.", r.fate(), r.instead),
    });
    ours.chain(rest).chain(gone).collect()
}

/// What a name means in a section.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// It is one of ours.
    Ours(&'static Setting),
    /// Kafka has it, laglab does not.
    Unmodelled(&'static unmodelled::Group),
    /// Kafka had it.
    Removed(&'static removed::Removed),
    /// It belongs to another section.
    Elsewhere(&'static str),
    /// It is no name of Kafka's.
    Unknown,
}

/// What `name` means in `section`.
pub(super) fn meaning(section: &str, name: &str) -> Meaning {
    if let Some(setting) = modelled::find(section, name) {
        return Meaning::Ours(setting);
    }
    if let Some(gone) = removed::find(section, name) {
        return Meaning::Removed(gone);
    }
    if let Some(group) = unmodelled::find(section, name) {
        return Meaning::Unmodelled(group);
    }
    match modelled::SETTINGS.iter().find(|s| s.name == name) {
        Some(setting) => Meaning::Elsewhere(setting.section),
        None => Meaning::Unknown,
    }
}

/// The settings of a section that Kafka calls differently.
pub(super) fn settings(section: &str) -> impl Iterator<Item = &'static Setting> {
    modelled::SETTINGS.iter().filter(move |s| s.section == section && !s.same_name())
}

/// Every name that means something somewhere.
#[cfg(test)]
pub(super) fn modelled_names() -> impl Iterator<Item = &'static str> {
    modelled::SETTINGS.iter().map(|s| s.name)
}

/// The names that belong to a section and mean something there.
pub(super) fn names(section: &str) -> impl Iterator<Item = &'static str> + Clone {
    let section = section.to_owned();
    modelled::SETTINGS.iter().filter(move |s| s.section == section).map(|s| s.name)
}

/// The complaint about a name that is none of ours in this section.
pub(super) fn complaint(section: &str, name: &str, place: &Place) -> Option<Diagnostic> {
    let complain = |code, title: String| Diagnostic::new(code, place, title);
    Some(match meaning(section, name) {
        Meaning::Ours(_) => return None,
        Meaning::Removed(gone) => {
            complain(codes::REMOVED, format!("Kafka 4 has no `{name}`")).label(gone.fate()).help(gone.instead)
        }
        Meaning::Unmodelled(group) => {
            let title = format!("Kafka has `{name}`; laglab does not model it");
            let complaint = complain(codes::NOT_MODELLED, title).label(group.why);
            if group.nearest.is_empty() {
                complaint.help("take the line out: it would have no effect")
            } else {
                complaint.help(group.nearest)
            }
        }
        Meaning::Elsewhere(owner) => {
            let place = describe::section(owner).place;
            complain(codes::UNKNOWN_KEY, format!("`{name}` does not belong here"))
                .label(format!("this setting stands in {place}"))
        }
        Meaning::Unknown => {
            let title = format!("neither Kafka nor laglab has a setting `{name}` here");
            let known = || names(section);
            let label = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "no setting has a name like this".to_owned(),
            };
            let help = format!("`laglab list kafka` shows Kafka's names, `laglab list {section}` ours");
            complain(codes::UNKNOWN_KEY, title).label(label).help(help)
        }
    })
}

#[cfg(test)]
mod tests;
