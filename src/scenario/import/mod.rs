//! From the properties of real clients to a scenario: every line becomes a setting, a comment or a complaint.
//!
//! Reads no files: it is given texts and gives one back. Complaints point at the properties they come from.

mod properties;
mod topic;
mod write;

use super::codes;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::kafka::{self, Form, Meaning, Setting};
use super::tree::Place;
use super::{Overrides, Scenario};
use properties::Property;
use std::mem::take;
use std::ops::Range;
use write::{Origin, Writer};

/// A text and what to call it.
#[derive(Clone, Copy, Debug)]
pub struct ClientFile<'a> {
    /// As the user named it.
    pub name: &'a str,
    /// Its content.
    pub text: &'a str,
}

/// What there is to make a scenario of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Import<'a> {
    /// `producer.properties`.
    pub producer: Option<ClientFile<'a>>,
    /// `consumer.properties`.
    pub consumer: Option<ClientFile<'a>>,
    /// `name=orders,partitions=12`.
    pub topic: &'a str,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario; of no use if a complaint is an error.
    pub text: String,
    /// Complaints about the producer's properties.
    pub producer: Diagnostics,
    /// Complaints about the consumer's properties.
    pub consumer: Diagnostics,
    /// Complaints about the topic.
    pub topic: Diagnostics,
    /// Complaints about the scenario that no property is to blame for.
    pub scenario: Diagnostics,
    /// What to run to see what the warnings say: arguments of `laglab run` behind the file.
    pub experiments: Vec<(String, String)>,
}

impl Imported {
    /// Whether anything is wrong.
    pub fn failed(&self) -> bool {
        [&self.producer, &self.consumer, &self.topic, &self.scenario]
            .iter()
            .any(|d| d.0.iter().any(Diagnostic::is_error))
    }
}

/// Which of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Producer,
    Consumer,
}

impl Client {
    fn section(self) -> &'static str {
        match self {
            Client::Producer => "producer",
            Client::Consumer => "group",
        }
    }
    fn noun(self) -> &'static str {
        match self {
            Client::Producer => "a producer",
            Client::Consumer => "a consumer",
        }
    }
}

/// A client's properties, sorted by what becomes of them.
#[derive(Default)]
struct Sorted {
    settings: Vec<(&'static Setting, Property)>,
    remarks: Vec<(Property, &'static str)>,
    complaints: Vec<Diagnostic>,
}

/// Settings of serializers, which Kafka's clients pass on: they are no settings of Kafka.
const OF_SERIALIZERS: [&str; 8] = [
    "schema.registry.",
    "specific.avro.reader",
    "auto.register.schemas",
    "use.latest.version",
    "basic.auth.",
    "key.subject.name.strategy",
    "value.subject.name.strategy",
    "avro.",
];

/// Makes a scenario.
pub fn import(from: &Import<'_>) -> Imported {
    let (topic, topic_complaints) = topic::read(from.topic);
    let mut producer = from.producer.map(|f| sort(Client::Producer, f.text)).unwrap_or_default();
    let mut consumer = from.consumer.map(|f| sort(Client::Consumer, f.text)).unwrap_or_default();
    let complaints = (take(&mut producer.complaints), take(&mut consumer.complaints));
    let mut writer = Writer::new(from, &topic, &producer, &consumer);
    writer.write();
    let mut done = Imported {
        text: writer.text,
        producer: Diagnostics(complaints.0),
        consumer: Diagnostics(complaints.1),
        topic: Diagnostics(topic_complaints),
        scenario: Diagnostics::default(),
        experiments: Vec::new(),
    };
    fetch_wait(&consumer.settings, &consumer.remarks, &mut done);
    if !done.failed() {
        let text = done.text.clone();
        let read = Scenario::parse("imported", &text, &Overrides::default(), &mut |_| Err("no files".into()));
        let found = read.map_or_else(|complaints| complaints.0, |scenario| scenario.warnings);
        for complaint in found {
            assign(complaint, &text, &writer.origins, &mut done);
        }
    }
    for part in [&mut done.producer, &mut done.consumer] {
        *part = Diagnostics::sorted(take(&mut part.0));
    }
    if !done.failed() {
        done.experiments = experiments(&done, &writer.producer_name, &writer.group_name);
    }
    done
}

/// Reads and sorts one client's properties.
fn sort(client: Client, text: &str) -> Sorted {
    let mut sorted = Sorted::default();
    let all = match properties::read(text) {
        Ok(all) => all,
        Err(malformed) => {
            let complaint = |at: Range<usize>| {
                let title = "Java gives up on this file: a character's number is malformed";
                Diagnostic::new(codes::BAD_FILE, &Place::Text(at), title)
                    .label("`\\u` needs four hexadecimal digits")
                    .help("a backslash itself is written twice")
            };
            sorted.complaints = malformed.into_iter().map(|m| complaint(m.at)).collect();
            return sorted;
        }
    };
    for (i, property) in all.iter().enumerate() {
        if let Some(later) = all[i + 1..].iter().rfind(|p| p.key == property.key) {
            let place = Place::Text(property.key_at.clone());
            let title = format!("`{}` stands twice, and the last one counts", property.key);
            let complaint = Diagnostic::new(codes::NO_EFFECT, &place, title).label("this one has no effect");
            sorted.complaints.push(complaint.also(&Place::Text(later.key_at.clone()), "this one counts"));
            continue;
        }
        place(client, property, &mut sorted);
    }
    sorted
}

/// Decides what becomes of one property.
fn place(client: Client, property: &Property, sorted: &mut Sorted) {
    let at = Place::Text(property.key_at.clone());
    let name = property.key.as_str();
    match kafka::meaning(client.section(), name) {
        Meaning::Ours(setting) => match misread(setting, property.value.trim()) {
            Some(needed) => {
                let title = format!("Kafka refuses `{}` for `{name}`", property.value);
                let place = Place::Text(property.value_at.clone());
                let complaint = Diagnostic::new(codes::BAD_VALUE, &place, title);
                sorted.complaints.push(complaint.label(format!("expected {needed}")));
            }
            None => sorted.settings.push((setting, property.clone())),
        },
        Meaning::Unmodelled(group) => sorted.remarks.push((property.clone(), group.why)),
        Meaning::Elsewhere(_) => {
            let title = format!("`{name}` means nothing to {}", client.noun());
            let complaint = Diagnostic::new(codes::NO_EFFECT, &at, title);
            sorted.complaints.push(complaint.label("Kafka passes over it with a warning"));
            sorted.remarks.push((property.clone(), "it belongs to another client"));
        }
        Meaning::Unknown if OF_SERIALIZERS.iter().any(|s| name.starts_with(s)) => {
            sorted.remarks.push((property.clone(), "it belongs to a serializer"));
        }
        Meaning::Removed(_) | Meaning::Unknown => {
            sorted.complaints.extend(kafka::complaint(client.section(), name, &at));
        }
    }
}

/// What Kafka needs instead of this value, if it is none.
fn misread(setting: &Setting, value: &str) -> Option<&'static str> {
    let flag = |v: &str| v.eq_ignore_ascii_case("true") || v.eq_ignore_ascii_case("false");
    match setting.form {
        Form::Flag | Form::AutoCommit => (!flag(value)).then_some("true or false"),
        Form::Word | Form::Reset | Form::Presence | Form::Assignor | Form::Partitioner => None,
        _ => value.parse::<i64>().is_err().then_some("a whole number"),
    }
}

/// Gives a complaint about the written scenario to the property that the line comes from.
fn assign(mut complaint: Diagnostic, text: &str, origins: &[Origin], done: &mut Imported) {
    let line = complaint.span.as_ref().map(|s| text[..s.start].matches('\n').count());
    let origin = line.and_then(|line| origins.iter().find(|o| o.line == line));
    let Some(origin) = origin else {
        done.scenario.0.push(complaint);
        return;
    };
    complaint.span = Some(origin.at.clone());
    complaint.also = None;
    let part = if origin.client == Client::Producer { &mut done.producer } else { &mut done.consumer };
    // What is said already about the real request timeout is not said again about Kafka's default.
    if !(complaint.code == codes::FETCH_WAIT && part.0.iter().any(|c| c.code == complaint.code)) {
        part.0.push(complaint);
    }
}

/// A broker that holds back its answer longer than the client waits for it.
fn fetch_wait(
    settings: &[(&'static Setting, Property)],
    remarks: &[(Property, &'static str)],
    done: &mut Imported,
) {
    let number = |p: &Property| p.value.trim().parse::<u64>().ok();
    let wait = settings.iter().find(|(s, _)| s.name == "fetch.max.wait.ms").map(|(_, p)| p);
    let Some(timeout) = remarks.iter().map(|(p, _)| p).find(|p| p.key == "request.timeout.ms") else {
        return;
    };
    let longest = wait.and_then(number).unwrap_or(500);
    if number(timeout).is_some_and(|t| t <= longest) {
        let at = wait.unwrap_or(timeout);
        let title = "a fetch that finds nothing is given up before the broker answers it";
        let label = format!("the broker waits {longest} ms, the consumer {} ms", timeout.value.trim());
        let place = Place::Text(at.value_at.clone());
        done.consumer.0.push(Diagnostic::new(codes::FETCH_WAIT, &place, title).label(label));
    }
}

/// The runs that show what the warnings say: what is seen, and the arguments for it.
fn experiments(done: &Imported, producer: &str, group: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let found = done.producer.0.iter().chain(&done.consumer.0).chain(&done.scenario.0);
    for complaint in found {
        let (what, arguments) = match complaint.code {
            codes::HEARTBEAT => ("members put out by lost heartbeats", "--set network.loss=20%".to_owned()),
            codes::LONG_POLL => ("members put out because they poll too late", String::new()),
            codes::IDEMPOTENCE_OFF => {
                ("copies made by lost acknowledgements", "--set network.response-loss=2%".to_owned())
            }
            codes::EARLY_COMMIT => (
                "what a crash loses",
                format!("--set 'fault=[{{ crash = \"{group}/0\", at = \"3m\", restart-after = \"10s\" }}]'"),
            ),
            codes::EXPIRED_OFFSETS => (
                "what is skipped after a long absence",
                format!(
                    "--set cluster.offsets-retention=1m --set 'fault=[{{ leave = \"{group}\", at = \"2m\", \
                     restart-after = \"2m\" }}]'"
                ),
            ),
            codes::LEADER_ALONE | codes::NO_SPARE_REPLICA => (
                "what the death of a leader does",
                "--set 'fault=[{ broker-outage = \"0\", at = \"3m\", for = \"30s\" }]'".to_owned(),
            ),
            codes::NO_BATCHING => {
                ("what larger batches change", format!("--set producer.{producer}.batch-size=64KiB"))
            }
            _ => continue,
        };
        if all.iter().all(|(w, _)| w != what) {
            all.push((what.to_owned(), arguments));
        }
    }
    all
}

#[cfg(test)]
mod tests;
