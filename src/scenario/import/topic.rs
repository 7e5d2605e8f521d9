//! The topic as the command line describes it: `name=orders,partitions=12,retention.ms=86400000`.

use super::misread;
use crate::scenario::codes;
use crate::scenario::diagnostics::Diagnostic;
use crate::scenario::kafka::{self, Meaning};
use crate::scenario::tree::Place;
use std::sync::Arc;

/// What is known of the topic.
pub(super) struct Topic {
    /// Its name.
    pub name: String,
    /// Lines of its table.
    pub settings: Vec<(String, String)>,
    /// On how many brokers a partition lies.
    pub replicas: u32,
    /// What is not modelled, with the reason.
    pub remarks: Vec<(String, &'static str)>,
}

/// Reads it. A part without `=` belongs to the value before it, as in `cleanup.policy=compact,delete`.
pub(super) fn read(text: &str) -> (Topic, Vec<Diagnostic>) {
    let mut topic = Topic { name: "events".into(), settings: Vec::new(), replicas: 1, remarks: Vec::new() };
    let mut complaints = Vec::new();
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        match (part.split_once('='), parts.last_mut()) {
            (Some((key, value)), _) => parts.push((key.trim().to_owned(), value.trim().to_owned())),
            (None, Some((_, value))) => value.push_str(&format!(",{part}")),
            (None, None) => parts.push(("name".into(), part.to_owned())),
        }
    }
    for (key, value) in parts {
        let place = Place::Set(Arc::from(format!("--topic {key}={value}")));
        match (key.as_str(), kafka::meaning("topic", &key)) {
            ("name", _) => topic.name = value,
            ("partitions", _) => topic.settings.push((key, value)),
            ("replication-factor" | "replication.factor", _) => {
                topic.replicas = value.parse().unwrap_or(1);
                topic.settings.push(("replication-factor".into(), value));
            }
            (_, Meaning::Ours(setting)) => {
                if let Some(needed) = misread(setting, &value) {
                    let title = format!("Kafka refuses `{value}` for `{key}`");
                    let complaint = Diagnostic::new(codes::BAD_VALUE, &place, title);
                    complaints.push(complaint.label(format!("expected {needed}")));
                } else {
                    if setting.name == "default.replication.factor" {
                        topic.replicas = value.parse().unwrap_or(1);
                    }
                    topic.settings.push((setting.name.to_owned(), value));
                }
            }
            (_, Meaning::Unmodelled(group)) => topic.remarks.push((format!("{key}={value}"), group.why)),
            _ => complaints.extend(kafka::complaint("topic", &key, &place)),
        }
    }
    (topic, complaints)
}
