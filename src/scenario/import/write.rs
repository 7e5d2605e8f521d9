//! The scenario's text: the settings of the files, and what its reader has to fill in.
//!
//! Knows which line comes from which property, so that a complaint about the line can point there.

use super::topic::Topic;
use super::{Client, Import, Sorted};
use crate::scenario::kafka::{Form, Setting};
use crate::scenario::tree::{key, quoted};
use std::ops::Range;

/// A line of the scenario that comes from a property.
pub(super) struct Origin {
    /// The line, from 0.
    pub line: usize,
    /// Which file.
    pub client: Client,
    /// Where the value stands in it.
    pub at: Range<usize>,
}

/// Writes the scenario line by line.
pub(super) struct Writer<'a> {
    from: &'a Import<'a>,
    topic: &'a Topic,
    producer: &'a Sorted,
    consumer: &'a Sorted,
    /// What the producer is called.
    pub producer_name: String,
    /// What the group is called.
    pub group_name: String,
    /// Where lines come from.
    pub origins: Vec<Origin>,
    /// The text so far.
    pub text: String,
}

/// What Kafka takes for explicit although it is the default: it refuses then what it would mend otherwise.
const EXPLICIT: [&str; 2] = ["enable.idempotence", "delivery.timeout.ms"];

impl<'a> Writer<'a> {
    pub fn new(
        from: &'a Import<'a>,
        topic: &'a Topic,
        producer: &'a Sorted,
        consumer: &'a Sorted,
    ) -> Writer<'a> {
        Writer {
            producer_name: name_of(producer, "client.id").unwrap_or_else(|| "producer".into()),
            group_name: name_of(consumer, "group.id").unwrap_or_else(|| "consumers".into()),
            from,
            topic,
            producer,
            consumer,
            origins: Vec::new(),
            text: String::new(),
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A line with a remark behind it.
    fn remarked(&mut self, line: &str, remark: &str) {
        self.line(&format!("{line:<32} # {remark}"));
    }

    pub fn write(&mut self) {
        let files: Vec<&str> =
            [self.from.producer, self.from.consumer].iter().flatten().map(|f| f.name).collect();
        let files = files.join(" and ");
        self.line(&format!("# Written by `laglab import` from {files}."));
        self.line("# Replace what is marked FILL IN by what your system does. Every other setting is the files', or");
        self.line("# Kafka's default.");
        self.line("");
        self.line(&format!("title = {}", quoted(&format!("{} as {files} configure it", self.topic.name))));
        self.line("question = \"How long do events wait, and what happens when something fails?\"");
        self.line("duration = \"10m\"");
        self.line("warm-up = \"1m\"");
        self.line("");
        if self.topic.replicas > 1 {
            self.line("[cluster]");
            self.remarked(&format!("brokers = {}", self.topic.replicas), "FILL IN: how many there are");
            self.line("");
        }
        self.topic();
        self.producer();
        self.group();
        self.line("[expect]");
        let group = key(&self.group_name);
        self.line(&format!("\"events reach the group\" = \"group.{group}.created > 0\""));
        self.line(&format!("# \"lag stays inside the SLO\" = \"group.{group}.lag.p99 < 10s\""));
        self.line(&format!("# \"nothing is lost\" = \"group.{group}.lost == 0\""));
    }

    fn topic(&mut self) {
        let topic = self.topic;
        self.line(&format!("[topic.{}]", key(&topic.name)));
        if !topic.settings.iter().any(|(k, _)| k == "partitions" || k == "num.partitions") {
            self.remarked("partitions = 6", "FILL IN: or say it with --topic");
        }
        for (name, value) in &topic.settings {
            self.line(&format!("{} = {value}", key(name)));
        }
        for (what, why) in &topic.remarks {
            self.line(&format!("# not modelled: {what}: {why}"));
        }
        self.line("");
    }

    fn producer(&mut self) {
        self.line(&format!("[producer.{}]", key(&self.producer_name)));
        self.line(&format!("topic = {}", quoted(&self.topic.name)));
        self.remarked("instances = 1", "FILL IN: how many processes send");
        self.remarked("rate = \"500/s\"", "FILL IN: events per second of each");
        self.remarked("size = \"1KiB\"", "FILL IN: an event with its key");
        self.remarked(
            "keys = { uniform = { count = 10_000 } }",
            "FILL IN: how many keys there are, or \"none\"",
        );
        self.client(Client::Producer);
        self.line("");
    }

    fn group(&mut self) {
        self.line(&format!("[group.{}]", key(&self.group_name)));
        self.line(&format!("topic = {}", quoted(&self.topic.name)));
        self.remarked("consumers = 3", "FILL IN: how many there are at the start");
        let value = |name: &str, default: u64| {
            let found = self.consumer.settings.iter().find(|(s, _)| s.name == name);
            found.and_then(|(_, p)| p.value.trim().parse::<u64>().ok()).unwrap_or(default).max(1)
        };
        let (records, interval) = (value("max.poll.records", 500), value("max.poll.interval.ms", 300_000));
        let each = interval as f64 / records as f64;
        // So long that the placeholder alone never breaks the promise.
        let service = if each > 2.0 { "1ms" } else { "100us" };
        self.remarked(
            &format!("service-time = \"{service}\""),
            &format!("FILL IN: per record; beyond {each:.0} ms a full poll of {records} outlasts max.poll.interval.ms"),
        );
        self.client(Client::Consumer);
        let written = |name: &str| self.consumer.settings.iter().any(|(s, _)| s.name == name);
        if !written("auto.offset.reset") {
            self.remarked("\"auto.offset.reset\" = \"latest\"", "Kafka's default; laglab's own is earliest");
        }
        if self
            .consumer
            .settings
            .iter()
            .any(|(s, p)| s.name == "enable.auto.commit" && p.value.trim().eq_ignore_ascii_case("false"))
        {
            self.line(
                "# The application commits by itself: laglab takes it to do so after each batch. Write",
            );
            self.line("# commit = \"after-record\" instead of enable.auto.commit if it commits more often.");
        }
        self.line("");
    }

    /// A codec says nothing of what it makes of events.
    fn compression(&mut self, codec: &str, place: &str) {
        if codec.is_empty() || codec == "none" {
            self.line(&format!("# Kafka's default: compression.type = none ({place})"));
        } else {
            let remark = format!("FILL IN: what {} leaves of an event ({place})", plain(codec));
            self.remarked("compression = \"100%\"", &remark);
        }
    }

    /// A client's settings, and what became of the rest of its file.
    fn client(&mut self, client: Client) {
        let (sorted, file) = match client {
            Client::Producer => (self.producer, self.from.producer),
            Client::Consumer => (self.consumer, self.from.consumer),
        };
        let file = file.map_or("", |f| f.name);
        for (setting, property) in &sorted.settings {
            let place = format!("{file}:{}", property.line);
            if is_default(setting, property.value.trim()) && !EXPLICIT.contains(&setting.name) {
                self.line(&format!(
                    "# Kafka's default: {} = {} ({place})",
                    setting.name,
                    property.value.trim()
                ));
                continue;
            }
            let line = self.text.matches('\n').count();
            self.origins.push(Origin { line, client, at: property.value_at.clone() });
            let name =
                if setting.name.contains('.') { quoted(setting.name) } else { setting.name.to_owned() };
            self.remarked(&format!("{name} = {}", value(setting, property.value.trim())), &place);
        }
        for (property, why) in &sorted.remarks {
            if property.key == "compression.type" && client == Client::Producer {
                self.compression(property.value.trim(), &format!("{file}:{}", property.line));
                continue;
            }
            let named = (client, property.key.as_str(), property.value.trim());
            if named == (Client::Producer, "client.id", self.producer_name.as_str())
                || named == (Client::Consumer, "group.id", self.group_name.as_str())
            {
                self.line(&format!("# named after {} ({file}:{})", property.key, property.line));
                continue;
            }
            // What a setting of this kind holds may be a secret: its value is not repeated.
            self.line(&format!("# not modelled: {} ({file}:{}): {why}", plain(&property.key), property.line));
        }
    }
}

/// A property's value as a name, if it can be one.
fn name_of(sorted: &Sorted, key: &str) -> Option<String> {
    let (property, _) = sorted.remarks.iter().find(|(p, _)| p.key == key)?;
    let name = property.value.trim();
    let good = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    (!name.is_empty() && !name.starts_with('.') && name.chars().all(good)).then(|| name.to_owned())
}

fn is_default(setting: &Setting, value: &str) -> bool {
    if setting.name == "auto.offset.reset" {
        return false;
    }
    value == setting.default || value.eq_ignore_ascii_case("true") && setting.default == "true"
}

/// A value in TOML.
fn value(setting: &Setting, text: &str) -> String {
    match setting.form {
        Form::Flag | Form::AutoCommit => text.to_ascii_lowercase(),
        Form::Word | Form::Reset | Form::Presence | Form::Assignor | Form::Partitioner => quoted(text),
        // A leading plus or zeros are Kafka's to read, not TOML's.
        _ => text.parse::<i64>().map_or_else(|_| quoted(text), |n| n.to_string()),
    }
}

/// A key in a comment: on one line.
fn plain(key: &str) -> String {
    key.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
