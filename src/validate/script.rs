//! Scenarios of cases as text, so that a reader can save one and run it.

use crate::engine::Span;
use std::fmt::Display;

/// A scenario that grows setting by setting: one topic, one producer, one group, and what goes wrong.
#[derive(Clone, Debug)]
pub(super) struct Script {
    sections: Vec<(&'static str, Vec<(String, String)>)>,
    faults: Vec<String>,
}

impl Script {
    /// Events of this rate to one partition, sent at once, and one consumer for whom each takes this long; nothing
    /// else takes time. Rate and service in TOML.
    pub fn new(title: &str, rate: &str, service: &str, duration: &str) -> Script {
        let empty = Script { sections: Vec::new(), faults: Vec::new() };
        empty
            .set("title", quoted(title))
            .set("duration", quoted(duration))
            .set("topic.work.retention", quoted("none"))
            .set("producer.source.topic", quoted("work"))
            .set("producer.source.rate", rate)
            .set("producer.source.size", quoted("100B"))
            .set("producer.source.acks", quoted("none"))
            .set("producer.source.idempotence", "false")
            .set("producer.source.linger", quoted("0s"))
            .set("producer.source.backpressure", quoted("none"))
            .set("group.sink.topic", quoted("work"))
            .set("group.sink.service-time", service)
            .set("group.sink.commit", quoted("after-batch"))
    }
    /// One more setting, or another value for one that is there; value in TOML.
    pub fn set(mut self, path: &str, value: impl Display) -> Script {
        const TABLES: [&str; 8] = [
            "cluster",
            "topic.work",
            "producer.source",
            "producer.other",
            "group.sink.retry",
            "group.sink.downstream",
            "group.sink",
            "downstream.service",
        ];
        let table =
            TABLES.into_iter().find(|t| path.strip_prefix(t).is_some_and(|rest| rest.starts_with('.')));
        let (table, key) = table.map_or(("", path), |t| (t, &path[t.len() + 1..]));
        let place = match self.sections.iter().position(|(name, _)| *name == table) {
            Some(place) => place,
            None => {
                self.sections.push((table, Vec::new()));
                self.sections.len() - 1
            }
        };
        let entries = &mut self.sections[place].1;
        match entries.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = value.to_string(),
            None => entries.push((key.to_owned(), value.to_string())),
        }
        self
    }
    /// One more fault; the settings of its table in TOML, one per line.
    pub fn fault(mut self, settings: String) -> Script {
        self.faults.push(settings);
        self
    }
    /// Its title.
    pub fn title(&self) -> String {
        let title = self.sections[0].1.iter().find(|(key, _)| key == "title");
        title.map(|(_, value)| value.trim_matches('"').to_owned()).unwrap_or_default()
    }
    /// The scenario.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (table, entries) in &self.sections {
            if !table.is_empty() {
                text += &format!("\n[{table}]\n");
            }
            for (key, value) in entries {
                text += &format!("{key} = {value}\n");
            }
        }
        for fault in &self.faults {
            text += &format!("\n[[fault]]\n{fault}\n");
        }
        text
    }
}

/// A text in TOML.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// A rate in TOML: of a Poisson process.
pub(super) fn per_second(rate: f64) -> String {
    format!("\"{rate}/s\"")
}

/// Events at even distances, in TOML.
pub(super) fn evenly(rate: f64) -> String {
    format!("{{ constant = \"{rate}/s\" }}")
}

/// A length of time in TOML, exact to the nanosecond.
pub(super) fn span(seconds: f64) -> String {
    quoted(&format!("{}ns", nanos(seconds).0))
        .replace("000000000ns", "s")
        .replace("000000ns", "ms")
        .replace("000ns", "us")
}

/// So many seconds.
pub(super) fn nanos(seconds: f64) -> Span {
    Span(libm::round(seconds * 1e9) as u64)
}

/// An exponential time in TOML.
pub(super) fn exponential(mean: &str) -> String {
    format!("{{ exponential = {{ mean = \"{mean}\" }} }}")
}

/// A gamma-distributed time in TOML.
pub(super) fn gamma(mean: &str, cv: f64) -> String {
    format!("{{ gamma = {{ mean = \"{mean}\", cv = {cv:?} }} }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_a_scenario_with_its_settings_in_their_tables() {
        let script = Script::new("x", &per_second(800.0), &exponential("1ms"), "10s")
            .set("group.sink.retry.attempts", 3)
            .set("topic.work.partitions", 2)
            .set("producer.source.rate", evenly(0.5))
            .fault("crash = \"sink/0\"\nat = \"1s\"".to_owned());
        let text = script.text();
        assert!(text.contains("[group.sink.retry]\nattempts = 3\n"), "{text}");
        assert!(text.contains("rate = { constant = \"0.5/s\" }\n") && !text.contains("800"), "{text}");
        assert!(text.contains("[topic.work]\nretention = \"none\"\npartitions = 2\n"), "{text}");
    }

    #[test]
    fn spans_are_exact_and_short() {
        assert_eq!(
            [5.0, 0.25, 0.0015, 1.25e-7, 0.0].map(span),
            ["\"5s\"", "\"250ms\"", "\"1500us\"", "\"125ns\"", "\"0ns\""]
        );
    }
}
