//! What a metric is called in a sentence, and which way is better: from dotted names to words.
//!
//! Knows the naming scheme of the metrics, not their values.

use crate::report::number::Unit;

/// A metric in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wording {
    /// The group or producer it belongs to; empty for neither.
    pub(crate) owner: String,
    /// As it follows "has 12 more" (a tally) or "the" (a level): `duplicate effects`, `p99 lag`.
    pub(crate) noun: String,
    /// Its unit.
    pub(crate) unit: Unit,
    /// Whether it counts things.
    pub(crate) tally: bool,
}

impl Wording {
    /// The words for a dotted metric name. Unknown names speak for themselves.
    pub(crate) fn of(metric: &str, groups: &[String], producers: &[String]) -> Wording {
        let owned = |prefix: &str, names: &[String]| {
            let rest_of = |name: &String| {
                let rest = metric.strip_prefix(prefix)?.strip_prefix(name.as_str())?.strip_prefix('.')?;
                Some((name.clone(), rest.to_owned()))
            };
            // A name may contain a dot, so that another name is its beginning: the longest one owns.
            names.iter().filter_map(rest_of).max_by_key(|(name, _)| name.len())
        };
        let (owner, rest) = owned("group.", groups)
            .or_else(|| owned("producer.", producers))
            .unwrap_or_else(|| (String::new(), metric.to_owned()));
        let (noun, unit, tally) = known(&rest);
        Wording { owner, noun, unit, tally }
    }

    /// The noun with its owner: `p99 lag of billing`.
    pub(crate) fn full(&self) -> String {
        if self.owner.is_empty() { self.noun.clone() } else { format!("{} of {}", self.noun, self.owner) }
    }

    /// The noun with its owner and its verb, beginning a sentence: `The p99 lag of billing is`.
    #[cfg(feature = "charts")]
    pub(crate) fn subject_with(&self, singular: &str, plural: &str) -> String {
        if self.tally {
            format!("{} {plural}", capital(&self.full()))
        } else {
            format!("The {} {singular}", self.full())
        }
    }
}

/// The same text with its first letter upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A cause as prose: `ack-lost` becomes `ack lost`.
pub(crate) fn cause(name: &str) -> String {
    name.replace('-', " ")
}

/// `1 rebalance`, `3 rebalances`.
pub(crate) fn plural(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

fn known(name: &str) -> (String, Unit, bool) {
    let statistic = |s: &str| match s {
        "p50" => "median".to_owned(),
        "max" => "greatest".to_owned(),
        other => other.to_owned(),
    };
    let (head, tail) = name.split_once('.').map_or((name, None), |(h, t)| (h, Some(t)));
    match (head, tail) {
        ("created", None) => ("events created".into(), Unit::Count, true),
        ("applied", None) => ("events applied".into(), Unit::Count, true),
        ("lost", None) => ("lost events".into(), Unit::Count, true),
        ("lost", Some(why)) => (format!("events lost by {}", cause(why)), Unit::Count, true),
        ("duplicates", None) => ("duplicate effects".into(), Unit::Count, true),
        ("duplicates", Some(why)) => (format!("duplicate effects by {}", cause(why)), Unit::Count, true),
        ("shed", None) => ("events shed".into(), Unit::Count, true),
        ("shed", Some(why)) => (format!("events shed by {}", cause(why)), Unit::Count, true),
        ("dead-lettered", None) => ("dead-lettered events".into(), Unit::Count, true),
        ("expired", None) => ("expired events".into(), Unit::Count, true),
        ("pending", None) => ("events left pending".into(), Unit::Count, true),
        ("offered", None) => ("events offered".into(), Unit::Count, true),
        ("accepted", None) => ("events accepted".into(), Unit::Count, true),
        ("rebalances", None) => ("rebalances".into(), Unit::Count, true),
        ("order-violations", None) => ("order violations".into(), Unit::Count, true),
        ("lag", Some(s)) => (format!("{} lag", statistic(s)), Unit::Count, false),
        ("lag-time", Some(s)) => (format!("{} lag in time", statistic(s)), Unit::Seconds, false),
        ("latency", Some(s)) => (format!("{} latency", statistic(s)), Unit::Seconds, false),
        ("stalled", None) => ("partition time stood still".into(), Unit::Seconds, false),
        ("drain-time", None) => ("drain time".into(), Unit::Seconds, false),
        _ if name.ends_with("-time") || name.contains("-time.") => {
            (name.replace(['-', '.'], " "), Unit::Seconds, false)
        }
        _ if name.ends_with("rate") => (name.replace(['-', '.'], " "), Unit::Rate, false),
        _ => (name.to_owned(), Unit::Count, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words_even_with_dots_in_a_group_name() {
        let groups = ["billing".to_owned(), "billing.v2".to_owned()];
        let producers = ["checkout".to_owned()];
        let say = |metric: &str| Wording::of(metric, &groups, &producers).full();
        assert_eq!(say("group.billing.duplicates"), "duplicate effects of billing");
        assert_eq!(say("group.billing.v2.lost"), "lost events of billing.v2");
        assert_eq!(say("group.billing.latency.p99.9"), "p99.9 latency of billing");
        assert_eq!(say("group.billing.lag.p50"), "median lag of billing");
        assert_eq!(say("group.billing.lost.leader-failed"), "events lost by leader failed of billing");
        assert_eq!(say("producer.checkout.offered"), "events offered of checkout");
        assert_eq!(say("broker.0.busy"), "broker.0.busy");
        assert_eq!(Wording::of("group.billing.lag-time.max", &groups, &producers).unit, Unit::Seconds);
    }
}
