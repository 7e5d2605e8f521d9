//! What can be written: every section with its keys, and every family with its members.
//!
//! Reader, JSON Schema, `laglab list` and `laglab explain` all work from these descriptions.

use super::sections::{cluster, downstream, fault, group, network, precision, producer, top, topic};
use super::{commit, distribution, end, reset, warm_up};
use crate::model::catalog::{Default, Kind, Member, Param};
use crate::model::{
    arrivals, assignment, backoff, backpressure, failing, fault as faults, keys, partitioning,
    remote_assignment,
};

/// A table of a scenario and the keys it may have.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// How it is referred to.
    pub name: &'static str,
    /// Where it stands: `[topic.NAME]`, `group.NAME.retry`.
    pub place: &'static str,
    /// What it describes.
    pub doc: &'static str,
    /// Its keys.
    pub params: &'static [Param],
}

/// Every section, those within others last.
pub fn sections() -> Vec<Section> {
    vec![
        top::SECTION,
        precision::SECTION,
        cluster::SECTION,
        network::SECTION,
        topic::SECTION,
        producer::SECTION,
        group::SECTION,
        downstream::SECTION,
        fault::SECTION,
        network::OWN,
        group::RETRY,
        group::DEDUPE,
        group::CALL,
        group::BREAKER,
    ]
}

/// Every member of every family, in the families' order.
pub fn members() -> Vec<Member> {
    let mut all = Vec::new();
    macro_rules! add {
        ($($family:path),*) => { $({
            use $family as family;
            all.extend(family::MEMBERS.iter().map(|e| e.member(family::FAMILY)));
        })* };
    }
    add!(arrivals, keys, partitioning, backpressure::admission, backoff);
    all.extend_from_slice(commit::MEMBERS);
    all.extend_from_slice(reset::MEMBERS);
    add!(
        assignment,
        remote_assignment,
        failing,
        backpressure::flow,
        backpressure::scaling,
        backpressure::quota,
        faults
    );
    all.extend(distribution::members());
    all.extend_from_slice(end::MEMBERS);
    all.extend_from_slice(warm_up::MEMBERS);
    all
}

/// The members of a family.
pub(super) fn family(name: &str) -> Vec<Member> {
    members().into_iter().filter(|m| m.family == name).collect()
}

/// The section that a key of kind [`Kind::Table`] names.
pub(super) fn section(name: &str) -> Section {
    sections().into_iter().find(|s| s.name == name).unwrap_or_else(|| panic!("`{name}` is a section"))
}

/// The member a bare value stands for: `"2000/s"` for a Poisson process, `"2ms"` for a constant, `"30s"` for a
/// fixed warm-up.
pub(super) fn bare_member(family: &str) -> Option<&'static str> {
    match family {
        "rate" => Some("poisson"),
        warm_up::FAMILY => Some("fixed"),
        distribution::OF_TIMES | distribution::OF_SIZES => Some("constant"),
        _ => None,
    }
}

/// The family from which a kind of value is chosen, if it is.
pub(super) fn family_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Family(name) => Some(name),
        Kind::Dist => Some(distribution::OF_TIMES),
        Kind::SizeDist => Some(distribution::OF_SIZES),
        _ => None,
    }
}

/// A parameter that must be written.
pub(super) const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Param {
    Param { name, kind, default: Default::Required, doc }
}
/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Param {
    Param { name, kind, default: Default::Absent, doc }
}
/// A parameter with a default.
pub(super) const fn param(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Param {
    Param { name, kind, default: Default::Is(default), doc }
}
/// A whole number that is at least `min`.
pub(super) const fn count(min: u64, max: u64) -> Kind {
    Kind::Count { min, max }
}

/// Where a default comes from: `default`, or with the setting its text names, `default, Kafka 4 linger.ms`.
pub(super) fn origin(doc: &str) -> String {
    let quoted = doc.split("Kafka 4 `").nth(1).and_then(|rest| rest.split('`').next());
    // Members of families write "Kafka's max.block.ms".
    let named = || {
        let word =
            doc.split("Kafka's ").nth(1)?.split(|c: char| c.is_whitespace() || ",;".contains(c)).next()?;
        Some(word.trim_end_matches('.')).filter(|word| word.contains('.'))
    };
    match quoted.or_else(named) {
        Some(setting) => format!("default, Kafka 4 {setting}"),
        None => "default".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_complete_and_unambiguous() {
        for section in sections() {
            assert!(section.doc.ends_with('.'), "{}", section.name);
            for (i, p) in section.params.iter().enumerate() {
                assert!(p.doc.ends_with('.'), "{}.{}", section.name, p.name);
                assert!(section.params[i + 1..].iter().all(|q| q.name != p.name), "{} twice", p.name);
                if let Some(family) = family_of(p.kind) {
                    assert!(!super::family(family).is_empty(), "family {family} has members");
                }
            }
        }
        let members = members();
        for (i, m) in members.iter().enumerate() {
            let twice = members[i + 1..].iter().any(|n| n.family == m.family && n.name == m.name);
            assert!(!twice, "{} {} twice", m.family, m.name);
        }
    }

    #[test]
    fn origins_name_kafkas_settings() {
        assert_eq!(origin("How long it waits (Kafka 4 `linger.ms`)."), "default, Kafka 4 linger.ms");
        assert_eq!(origin("How many."), "default");
        assert_eq!(origin("How long; Kafka's max.block.ms."), "default, Kafka 4 max.block.ms");
        assert_eq!(origin("The log start. Kafka's own default is latest."), "default");
        let linger = producer::PARAMS.iter().find(|p| p.name == "linger").unwrap();
        assert_eq!(origin(linger.doc), "default, Kafka 4 linger.ms");
    }
}
