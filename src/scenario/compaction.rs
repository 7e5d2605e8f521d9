//! Settings of topics that act only where records are compacted, or only where they are not; and producers that a
//! compacted topic refuses.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::read::Reader;
use super::sections::topic;
use crate::model::plan::Plan;

/// Complains about a scenario's topics, and whoever writes to them.
pub(super) fn check(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    for written in draft.topics.iter().filter(|t| t.fields.sound(&["cleanup-policy"])) {
        let (compacts, deletes) = topic::policy(&written.fields);
        for key in topic::OF_COMPACTION.iter().filter(|_| !compacts) {
            idle(reader, written, key, "nothing is compacted", "compact");
        }
        for key in ["retention", "retention-bytes"].iter().filter(|_| !deletes) {
            idle(reader, written, key, "nothing is removed for its age or size", "compact,delete");
        }
    }
    for (written, producer) in draft.producers.iter().zip(&plan.producers) {
        let compacted = plan.topics.get(producer.topic.index()).filter(|t| t.compaction.is_some());
        let Some(topic) = compacted.filter(|_| producer.keys.entry.name == "none") else { continue };
        if written.fields.sound(&["topic", "keys"]) {
            let title = format!("`{}` takes nothing that `{}` sends", topic.name, written.name);
            let complaint = Diagnostic::new(codes::KEYLESS, written.fields.place("keys"), title);
            reader.say(
                complaint
                    .label("events without keys")
                    .help("give them keys, or write cleanup-policy = \"delete\""),
            );
        }
    }
}

fn idle(reader: &mut Reader<'_, '_>, written: &Named, key: &str, why: &str, policy: &str) {
    if written.fields.written(key) {
        let title = format!("{why} in `{}`", written.name);
        let complaint = Diagnostic::new(codes::NO_EFFECT, written.fields.place(key), title);
        let help = format!("`cleanup-policy = \"{policy}\"` would make it act");
        reader.say(complaint.label("has no effect").help(help));
    }
}
