//! Settings of clients that undo each other, with the figures: what Kafka refuses, and what it runs all the same.
//!
//! What one section's keys must be in any case is in `check`, what the load of a whole system does in `load`.

use super::codes;
use super::compaction;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::load::rate_of_all;
use super::read::{Fields, Reader};
use super::sections::group;
use super::units::{show_count, show_span};
use crate::engine::Span;
use crate::model::plan::{Acks, Commit, GroupPlan, OffsetReset, Plan, Processing, ProducerPlan};

/// How long a consumer waits for an answer (Kafka 4 `request.timeout.ms`).
const REQUEST_TIMEOUT: Span = Span::millis(30_000);

/// Complains about the clients of a scenario.
pub(super) fn check(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    compaction::check(reader, draft, plan);
    for (written, producer) in draft.producers.iter().zip(&plan.producers) {
        lingering(reader, written, producer);
        leader_alone(reader, written, producer, plan);
    }
    for (written, topic) in draft.topics.iter().zip(&plan.topics) {
        let asked = topic.min_insync > 1 && topic.min_insync == topic.replication_factor;
        if asked && written.fields.sound(&["replication-factor", "min-insync-replicas"]) {
            let title = format!("`{}` takes no writes with acks=all while one broker is away", written.name);
            let place = written.fields.place("min-insync-replicas");
            let complaint = Diagnostic::new(codes::NO_SPARE_REPLICA, place, title);
            reader.say(complaint.label(format!("all {} replicas must be in sync", topic.replication_factor)));
        }
    }
    for (written, group) in draft.groups.iter().zip(&plan.groups) {
        heartbeat(reader, written);
        fetch_wait(reader, written);
        early_commit(reader, written, group);
        expired_offsets(reader, written, group, draft, plan);
    }
}

/// A linger that fills no batch, because two events do not fit into one.
fn lingering(reader: &mut Reader<'_, '_>, p: &Named, plan: &ProducerPlan) {
    let f = &p.fields;
    if !f.sound(&["linger", "batch-size", "size"]) || !f.written("linger") && !f.written("batch-size") {
        return;
    }
    let size = plan.size.mean();
    if plan.linger.is_zero() || plan.collects.is_some() || plan.batch_size as f64 >= 2.0 * size {
        return;
    }
    let key = if f.written("batch-size") { "batch-size" } else { "linger" };
    let title = format!("`{}` lingers for nothing", p.name);
    let complaint = Diagnostic::new(codes::NO_BATCHING, f.place(key), title);
    let label = format!(
        "a batch of {} holds one event of {} bytes",
        show_count(plan.batch_size as f64),
        show_count(size)
    );
    reader.say(
        complaint.label(label).help("a batch that is full is sent at once: every request carries one event"),
    );
}

/// Replicas that no acknowledgement waits for.
fn leader_alone(reader: &mut Reader<'_, '_>, p: &Named, plan: &ProducerPlan, whole: &Plan) {
    let factor = whole.topics.get(plan.topic.index()).map_or(1, |t| t.replication_factor);
    if plan.acks != Acks::Leader || factor < 2 || !p.fields.sound(&["acks", "topic", "rate"]) {
        return;
    }
    let rate = rate_of_all(whole, plan);
    let behind = 2.0 * whole.cluster.replication.delay.mean() / 1e9;
    let title = format!("`{}` does not wait for any of the {} followers", p.name, factor - 1);
    let complaint = Diagnostic::new(codes::LEADER_ALONE, p.fields.place("acks"), title);
    let label = format!(
        "{}/s are acknowledged about {:.1} ms before a follower has them",
        show_count(rate),
        behind * 1e3
    );
    reader.say(complaint.label(label).help("what a leader has in that time is lost when it dies"));
}

fn heartbeat(reader: &mut Reader<'_, '_>, g: &Named) {
    let f = &g.fields;
    if group::by_leases(f) {
        return;
    }
    let (of_beats, of_sessions) = (group::heartbeat_key(f), group::session_key(f));
    let (beat, session) = (f.args.span(of_beats), f.args.span(of_sessions));
    if !f.sound(&[of_beats, of_sessions]) || session.0 >= beat.0.saturating_mul(3) {
        return;
    }
    let key = if f.written(of_beats) { of_beats } else { of_sessions };
    let (beats, sessions) = (show_span(beat), show_span(session));
    reader.say(if beat >= session {
        let title = format!("`{}` would put every consumer out again and again", g.name);
        let complaint = Diagnostic::new(codes::HEARTBEAT_REFUSED, f.place(key), title);
        complaint
            .label(format!("a heartbeat every {beats}, a session of {sessions}"))
            .help("Kafka refuses this consumer")
    } else {
        let title = format!("a few lost heartbeats put a consumer out of `{}`", g.name);
        let complaint = Diagnostic::new(codes::HEARTBEAT, f.place(key), title);
        complaint.label(format!("a heartbeat every {beats} is more than a third of {sessions}"))
    });
}

fn fetch_wait(reader: &mut Reader<'_, '_>, g: &Named) {
    let f = &g.fields;
    let wait = f.args.span("fetch-max-wait");
    if !f.written("fetch-max-wait") || wait < REQUEST_TIMEOUT {
        return;
    }
    let title =
        format!("a fetch of `{}` that finds nothing is given up before the broker answers it", g.name);
    let complaint = Diagnostic::new(codes::FETCH_WAIT, f.place("fetch-max-wait"), title);
    let label = format!("the broker waits {}, a consumer {}", show_span(wait), show_span(REQUEST_TIMEOUT));
    reader.say(complaint.label(label).help("the wait of Kafka's consumer is request.timeout.ms"));
}

/// Polls that commit what workers still have in hand.
fn early_commit(reader: &mut Reader<'_, '_>, g: &Named, plan: &GroupPlan) {
    let f = &g.fields;
    let Commit::Auto(every) = plan.commit else { return };
    if plan.processing != Processing::Streaming || !f.sound(&["processing", "commit"]) {
        return;
    }
    let title = format!("a crash loses what the workers of `{}` have in hand", g.name);
    let complaint = Diagnostic::new(codes::EARLY_COMMIT, f.place("processing"), title);
    let label = format!(
        "polls go on while up to {} records of each poll are in work, and commit them every {}",
        plan.max_poll_records,
        show_span(every)
    );
    let help = "write commit = \"after-batch\" or \"after-record\": such records were lost by `committed-while-in-work`";
    reader.say(complaint.label(label).help(help));
}

/// A group that goes to the log end when its offsets are gone, which is before the records are.
fn expired_offsets(reader: &mut Reader<'_, '_>, g: &Named, plan: &GroupPlan, draft: &Draft, whole: &Plan) {
    let f: &Fields = &g.fields;
    let kept = whole.cluster.offsets_retention;
    if plan.offset_reset != OffsetReset::Latest || !draft.cluster.sound(&["offsets-retention"]) {
        return;
    }
    let outlives = |t: &crate::model::ids::TopicId| {
        whole.topics.get(t.index()).is_some_and(|topic| topic.retention.is_none_or(|r| r > kept))
    };
    if !plan.topics.iter().any(outlives) {
        return;
    }
    let title =
        format!("`{}` skips what is in the log when it has been away for {}", g.name, show_span(kept));
    let complaint = Diagnostic::new(codes::EXPIRED_OFFSETS, f.place("auto-offset-reset"), title);
    let help = "records are kept longer than offsets: raise `offsets-retention`, or write `auto-offset-reset = \"earliest\"`";
    reader.say(complaint.label("without an offset it goes to the log end").help(help));
}
