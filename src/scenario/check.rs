//! Settings held against each other: contradictions are errors, oddities are warnings.
//!
//! What needs the load of the whole system is in `load`.

use super::codes;
use super::diagnostics::Diagnostic;
use super::draft::{Draft, Named};
use super::of_one_broker;
use super::outputs;
use super::read::{Fields, Reader};
use super::sections::{group, producer, top, topic};
use super::units::show_span;
use super::warm_up;
use crate::engine::{Span, Time};
use crate::model::plan::{Acks, Commit, Delivery, GroupProtocol, Plan, Target, When};

/// Instances of all producers together: their numbers are part of every event's id.
const MOST_PRODUCERS: u64 = 1 << 20;

/// Points of a time series: more fill no chart, but memory.
const MOST_SAMPLES: u64 = 1_000_000;
/// Priority classes: their numbers are part of every event.
const MOST_CLASSES: usize = 255;

/// Complains about everything that does not fit together.
pub(super) fn check(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    whole(reader, draft);
    for t in &draft.topics {
        of_one_broker::check(reader, t, topic::FOREIGN, topic::is_stream(&t.fields));
    }
    for (i, p) in draft.producers.iter().enumerate() {
        let stream = plan.topics.get(plan.producers[i].topic.index()).is_some_and(|t| t.stream.is_some());
        producer(reader, p, stream);
        of_one_broker::check(reader, p, producer::FOREIGN, stream);
        of_one_broker::check_partitioner(reader, p, stream);
    }
    let instances: u64 = plan.producers.iter().map(|p| u64::from(p.instances)).sum();
    if instances > MOST_PRODUCERS {
        let last = draft.producers.last().expect("there are instances");
        let title = format!("there are {instances} producer instances in all");
        let place = last.fields.place("instances");
        reader.say(Diagnostic::new(codes::OUT_OF_RANGE, place, title).label("at most 1048576 are possible"));
    }
    for (i, g) in draft.groups.iter().enumerate() {
        group(reader, g);
        of_one_broker::check_group(reader, g, draft);
        if let Some(built) = plan.groups.get(i) {
            retry(reader, &g.fields, plan, i);
            delivery(reader, &g.fields, &built.commit);
        }
    }
    outputs::check(reader, draft, plan);
    faults(reader, draft, plan);
    connections(reader, draft, plan);
}

fn whole(reader: &mut Reader<'_, '_>, draft: &Draft) {
    let f = &draft.top;
    let duration = f.args.span("duration");
    let warm_up = warm_up::chosen(f).unwrap_or(Span::ZERO);
    if f.sound(&["duration"]) && duration.is_zero() {
        let complaint = Diagnostic::new(codes::NOTHING_TO_DO, f.place("duration"), "the run has no length");
        reader.say(complaint.label("this is zero"));
    }
    for key in
        ["retention-check", "cleaner-backoff", "replica-lag-time-max", "leader-check", "metadata-max-age"]
    {
        not_below_1ms(reader, &draft.cluster, key);
    }
    replicas(reader, draft);
    draft.topics.iter().for_each(|t| segments(reader, t));
    draft.topics.iter().for_each(|t| limits(reader, t));
    let every = f.args.try_span("sample-every").filter(|_| f.sound(&["duration", "sample-every"]));
    if every.is_some_and(|every| duration.0.checked_div(every.0).is_none_or(|n| n > MOST_SAMPLES)) {
        let title = "the samples are too close to each other";
        let complaint = Diagnostic::new(codes::OUT_OF_RANGE, f.place("sample-every"), title);
        reader.say(complaint.label(format!("a run may have {MOST_SAMPLES} of them at most")));
    }
    if f.sound(&["duration", "warm-up"]) && !duration.is_zero() && warm_up >= duration {
        let title = "the warm-up leaves nothing to measure";
        let label = format!("not shorter than the run, {}", show_span(duration));
        reader.say(Diagnostic::new(codes::WARM_UP, f.place("warm-up"), title).label(label));
    }
    if top::batch_means(f) && f.sound(&["replications"]) && top::replications(f) != 1 {
        let n = top::replications(f);
        let title = format!("batch means are made from one long run, and `replications` is {n}");
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("replications"), title);
        reader.say(complaint.label("leave it out, or write intervals = \"replications\""));
    }
    if draft.cluster.args.try_number("bandwidth") == Some(0.0) {
        let place = draft.cluster.place("bandwidth");
        let complaint = Diagnostic::new(codes::OUT_OF_RANGE, place, "the brokers have no bandwidth at all");
        reader.say(complaint.label("leave it out for any bandwidth"));
    }
    for (what, all) in [("topic", &draft.topics), ("producer", &draft.producers), ("group", &draft.groups)] {
        if all.is_empty() {
            let title = format!("the scenario has no {what}");
            let complaint = Diagnostic::new(codes::NOTHING_TO_DO, &draft.top.at, title);
            reader.say(complaint.help(format!("write a table [{what}.NAME]")));
        }
    }
}

/// Kafka refuses a topic with more replicas than brokers, and acks=all while fewer are in sync than it asks for.
fn replicas(reader: &mut Reader<'_, '_>, draft: &Draft) {
    let (brokers, racks) = (draft.cluster.args.count("brokers"), draft.cluster.args.count("racks"));
    if draft.cluster.sound(&["brokers", "racks"]) && racks > brokers {
        let complaint =
            Diagnostic::new(codes::OUT_OF_RANGE, draft.cluster.place("racks"), "some racks have no broker");
        reader.say(complaint.label(format!("at most one for each of the {brokers} brokers")));
    }
    for Named { name, fields: f, .. } in &draft.topics {
        let stream = topic::is_stream(f);
        if stream
            || !f.sound(&["replication-factor", "min-insync-replicas"])
            || !draft.cluster.sound(&["brokers"])
        {
            continue;
        }
        let (factor, least) = (f.args.count("replication-factor"), f.args.count("min-insync-replicas"));
        let mut say = |key: &str, title: String, label: String| {
            reader.say(Diagnostic::new(codes::OUT_OF_RANGE, f.place(key), title).label(label));
        };
        if factor > brokers {
            let label = format!("at most {brokers}: each replica lies on a broker of its own");
            say(
                "replication-factor",
                format!("topic `{name}` has more replicas than there are brokers"),
                label,
            );
        } else if least > factor {
            let title = format!("topic `{name}` could never take a write with acks=all");
            say("min-insync-replicas", title, format!("at most {factor}, the replication factor"));
        }
    }
}

/// Limits of shards are whole numbers per second.
fn limits(reader: &mut Reader<'_, '_>, t: &Named) {
    let f = &t.fields;
    for key in ["write-records", "write-bytes", "read-calls", "read-bytes"] {
        let limit = f.args.number(key);
        if f.written(key) && (limit < 1.0 || libm::trunc(limit) != limit) {
            let title = format!("`{key}` of `{}` must be a whole number per second, and not 0", t.name);
            let complaint = Diagnostic::new(codes::OUT_OF_RANGE, f.place(key), title);
            reader.say(complaint.label(format!("this is {limit}/s")));
        }
    }
}

/// Kafka counts a segment's bytes in 31 bits, and no segment can be nothing.
fn segments(reader: &mut Reader<'_, '_>, t: &Named) {
    let f = &t.fields;
    if f.sound(&["segment-bytes"]) && !(1..1 << 31).contains(&f.args.bytes("segment-bytes")) {
        let title = format!("a segment of `{}` cannot have this size", t.name);
        let complaint = Diagnostic::new(codes::OUT_OF_RANGE, f.place("segment-bytes"), title);
        reader.say(complaint.label("at least 1 byte and below 2 GiB"));
    }
    not_below_1ms(reader, f, "segment-time");
    if f.args.try_span("max-compaction-lag").is_some() {
        not_below_1ms(reader, f, "max-compaction-lag");
    }
}

/// Kafka counts these in whole milliseconds; and a simulation of what is done every nanosecond has no end.
fn not_below_1ms(reader: &mut Reader<'_, '_>, f: &Fields, key: &str) {
    if f.sound(&[key]) && f.args.span(key) < Span::millis(1) {
        let title = format!("`{key}` must be at least 1ms");
        reader.say(Diagnostic::new(codes::OUT_OF_RANGE, f.place(key), title).label("this is less"));
    }
}

fn producer(reader: &mut Reader<'_, '_>, p: &Named, stream: bool) {
    let f = &p.fields;
    let (delivery, linger, request) =
        (f.args.span("delivery-timeout"), f.args.span("linger"), f.args.span("request-timeout"));
    if f.written("delivery-timeout") && f.sound(&["linger", "request-timeout"]) && delivery < linger + request
    {
        let title = format!("`{}` would give up before an answer can be late", p.name);
        let label = format!("below linger + request-timeout, {} + {}", show_span(linger), show_span(request));
        let complaint = Diagnostic::new(codes::DELIVERY_TIMEOUT, f.place("delivery-timeout"), title);
        reader.say(complaint.label(label).help("Kafka refuses this producer"));
    }
    if f.sound(&["size", "max-request-size"])
        && f.args.dist("size").constant().is_some_and(|size| size > f.args.bytes("max-request-size"))
    {
        let title = format!("every event of `{}` is larger than `max-request-size`", p.name);
        let complaint = Diagnostic::new(codes::OUT_OF_RANGE, f.place("size"), title);
        reader.say(complaint.label("Kafka would refuse each of them"));
    }
    if !stream {
        idempotence(reader, p);
        transactions(reader, p);
    }
    if f.args.try_weights("priorities").is_some_and(|classes| classes.len() > MOST_CLASSES) {
        let title = format!("`{}` has too many priority classes", p.name);
        let complaint = Diagnostic::new(codes::BAD_LIST, f.place("priorities"), title);
        reader.say(complaint.label(format!("at most {MOST_CLASSES} are possible")));
    }
    let sheds = f.pick("backpressure").is_some_and(|(name, _)| name == "shed-by-priority");
    if sheds && !f.written("priorities") && f.sound(&["priorities"]) {
        let title = format!("all events of `{}` have the same priority", p.name);
        let complaint = Diagnostic::new(codes::NO_EFFECT, f.place("backpressure"), title);
        reader.say(
            complaint.label("this sheds by priority").help("`priorities = [0.1, 0.9]` makes two classes"),
        );
    }
}

fn idempotence(reader: &mut Reader<'_, '_>, p: &Named) {
    let f = &p.fields;
    const KEYS: [&str; 4] = ["idempotence", "acks", "retries", "max-in-flight"];
    if !f.sound(&KEYS) || !f.args.flag("idempotence") || producer::can_be_idempotent(f) {
        return;
    }
    // The limit in flight is refused however idempotence came about: it is on by default.
    let asked = f.written("idempotence");
    let many = f.args.count("max-in-flight") > 5;
    let (key, reason) = if many && !asked {
        ("max-in-flight", "needs at most 5 requests in flight")
    } else if producer::acks(f) != Acks::All {
        ("acks", "needs `acks = \"all\"`")
    } else if f.args.count("retries") == 0 {
        ("retries", "needs retries")
    } else {
        ("max-in-flight", "needs at most 5 requests in flight")
    };
    let (code, title, help) = if asked {
        (codes::IDEMPOTENCE, format!("`{}` cannot be idempotent", p.name), "Kafka refuses this producer")
    } else if many {
        let help = "Kafka refuses this producer: write `idempotence = false` if that is meant";
        (codes::IDEMPOTENCE, format!("`{}` cannot be idempotent, as it is by default", p.name), help)
    } else {
        let title = format!("`{}` is not idempotent", p.name);
        (codes::IDEMPOTENCE_OFF, title, "write `idempotence = false` if that is meant")
    };
    let complaint = Diagnostic::new(code, f.place(key), title);
    reader.say(complaint.label(format!("idempotence {reason}")).help(help));
}

/// Kafka's transactional producer is an idempotent one.
fn transactions(reader: &mut Reader<'_, '_>, p: &Named) {
    let f = &p.fields;
    let Some(table) = f.table("transactional") else { return };
    not_below_1ms(reader, table, "timeout");
    if !f.sound(&["idempotence", "acks", "retries", "max-in-flight"])
        || f.args.flag("idempotence") && producer::can_be_idempotent(f)
    {
        return;
    }
    let title = format!("`{}` cannot be transactional", p.name);
    let complaint = Diagnostic::new(codes::IDEMPOTENCE, f.place("transactional"), title);
    let complaint = complaint.label("transactions need idempotence");
    reader.say(complaint.help("that needs `acks = \"all\"`, retries, and at most 5 requests in flight"));
}

fn group(reader: &mut Reader<'_, '_>, g: &Named) {
    let f = &g.fields;
    match (f.written("topic"), f.written("topics")) {
        (true, true) => {
            let title = format!("`{}` has both `topic` and `topics`", g.name);
            let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("topic"), title);
            reader.say(complaint.label("put it into the list `topics`"));
        }
        (false, false) if f.sound(&["topic", "topics"]) => {
            let title = format!("`group.{}` needs `topic`", g.name);
            let complaint = Diagnostic::new(codes::MISSING_KEY, &f.at, title);
            reader.say(complaint.label("`topic` is missing here").help("write topic = \"NAME\""));
        }
        _ => {}
    }
    of_one_protocol(reader, g);
    let (beats, sessions) = (group::heartbeat_key(f), group::session_key(f));
    for key in [beats, sessions, "fetch-max-wait", "max-poll-interval"] {
        not_below_1ms(reader, f, key);
    }
    if f.written("dedupe") && f.sound(&["delivery"]) && group::delivery(f) != Delivery::EffectivelyOnce {
        let title = format!("`{}` never asks its idempotency store", g.name);
        let complaint = Diagnostic::new(codes::NO_USE_OF_STORE, f.place("dedupe"), title);
        reader.say(complaint.label("needs `delivery = \"effectively-once\"`"));
    }
}

/// A setting of the other protocol would be read and do nothing; Kafka's client refuses it, too.
fn of_one_protocol(reader: &mut Reader<'_, '_>, g: &Named) {
    let f = &g.fields;
    if !f.sound(&["protocol"]) {
        return;
    }
    let protocol = f.args.text("protocol");
    let leases = group::NOT_OF_LEASES.iter().filter(|_| group::by_leases(f));
    let other = group::OF_ONE_PROTOCOL.iter().filter(|(_, of, _)| *of != protocol);
    let other = other.map(|(key, of, instead)| {
        let by_workers = group::by_leases(f) && *of != "leases";
        (key, if by_workers { group::INSTEAD_BY_LEASES } else { *instead })
    });
    if group::by_leases(f) {
        not_below_1ms(reader, f, "idle-between-reads");
        let enhanced = f.args.text("fan-out") == "enhanced";
        let (idle, why) = match enhanced {
            true => ("idle-between-reads", "its workers do not ask: records are pushed to them"),
            false => ("push-delay", "its workers ask: nothing is pushed without `fan-out = \"enhanced\"`"),
        };
        if f.written(idle) && f.sound(&["fan-out"]) {
            let title = format!("`{idle}` of `{}` has no effect", g.name);
            reader.say(Diagnostic::new(codes::NO_EFFECT, f.place(idle), title).label(why));
        }
    }
    for (key, instead) in other.chain(leases.map(|(key, why)| (key, *why))) {
        if f.written(key) {
            let title =
                format!("`{}` has no `{key}` with `protocol = \"{}\"`", g.name, f.args.text("protocol"));
            let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place(key), title);
            reader.say(complaint.label("belongs to another protocol").help(instead));
        }
    }
}

fn delivery(reader: &mut Reader<'_, '_>, f: &Fields, commit: &Commit) {
    if !f.written("commit") || !f.sound(&["delivery"]) {
        return;
    }
    let before = *commit == Commit::Before;
    let (title, help) = match (group::delivery(f), before) {
        (Delivery::AtMostOnce, false) => (
            "at most once means to commit before the effect",
            "leave `commit` out, or write commit = \"before-processing\"",
        ),
        (Delivery::AtLeastOnce | Delivery::EffectivelyOnce, true) => (
            "at least once means to commit after the effect",
            "write delivery = \"at-most-once\", or another commit",
        ),
        _ => return,
    };
    let complaint = Diagnostic::new(codes::COMMIT_CONTRADICTION, f.place("commit"), title);
    reader
        .say(complaint.label(format!("contradicts `delivery = \"{}\"`", f.args.text("delivery"))).help(help));
}

/// Whether anything can fail in this group, so that a retry matters; and whether retries end.
fn retry(reader: &mut Reader<'_, '_>, f: &Fields, plan: &Plan, index: usize) {
    let Some(retry) = f.table("retry").filter(|_| f.written("retry")) else { return };
    if retry.written("attempts") && retry.args.text("then") == "block" {
        let title = "a partition that waits for ever has no last attempt";
        let complaint = Diagnostic::new(codes::EXCLUSIVE, retry.place("attempts"), title);
        reader.say(complaint.label("contradicts `then = \"block\"`"));
    }
    let group = &plan.groups[index];
    let poisoned = plan.faults.iter().any(|fault| {
        fault.what.entry.name == "poison" && matches!(fault.target, Target::Group(g) if g.index() == index)
    });
    if f.sound(&["failures", "downstream"]) && group.failing.is_none() && group.calls.is_none() && !poisoned {
        let title = format!("nothing fails in `{}`, so nothing is tried again", group.name);
        let complaint = Diagnostic::new(codes::NO_EFFECT, f.place("retry"), title);
        reader.say(complaint.label("has no effect without failures"));
    }
    let endless = group.retry.attempts.is_none_or(|n| n > 1_000_000);
    if endless && group.service.is_zero() && group.calls.is_none() && group.retry.backoff.entry.name == "none"
    {
        let title = format!("`{}` would try a failing record for ever in no time", group.name);
        let complaint = Diagnostic::new(codes::EXCLUSIVE, f.place("retry"), title);
        reader.say(complaint.label("needs a backoff or a service time above zero"));
    }
}

fn faults(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    let end = Time(plan.duration.0);
    // Complaints about a fault that could not be built have been made; places no longer match then.
    if draft.faults.len() != plan.faults.len() || !draft.top.sound(&["duration"]) {
        return;
    }
    for (fault, written) in plan.faults.iter().zip(&draft.faults) {
        if fault.what.entry.name == "replay" && written.written("back") && written.written("offset") {
            let title = format!("`{}` goes back to a moment and to an offset", fault.label);
            let complaint = Diagnostic::new(codes::EXCLUSIVE, written.place("offset"), title);
            reader.say(complaint.label("leave one of them out"));
        }
        let (never, key) = match &fault.when {
            When::At(moments) => (moments.iter().all(|at| *at >= end), "at"),
            When::Random { from, until, .. } => (from >= until, "from"),
        };
        if never {
            let title = format!("`{}` never strikes", fault.label);
            let complaint = Diagnostic::new(codes::NEVER_STRIKES, written.place(key), title);
            reader.say(complaint.label(format!("the workload ends at {}", show_span(plan.duration))));
        }
        let (idle, reason) = match fault.target {
            Target::Group(g) => {
                let group = &plan.groups[g.index()];
                if fault.what.entry.name == "replay" && matches!(group.protocol, GroupProtocol::Leases(_)) {
                    let title = format!("`{}` cannot go back in a stream", group.name);
                    let complaint = Diagnostic::new(codes::EXCLUSIVE, written.target_place(), title);
                    reader.say(complaint.label("leases of shards that are read to the end do not come back"));
                }
                let store = fault.what.entry.name == "store-outage" && group.dedupe.is_none();
                (store, format!("`{}` has no idempotency store", group.name))
            }
            Target::Downstream(d) => {
                let called = |c: &crate::model::plan::CallPlan| c.downstream == d;
                let idle = !plan.groups.iter().any(|g| g.calls.as_ref().is_some_and(called));
                (idle, format!("no group calls `{}`", plan.downstreams[d.index()].name))
            }
            Target::Topic(t) if plan.topics[t.index()].stream.is_some() => {
                of_one_broker::check_resharding(reader, fault, written, plan, t);
                (false, String::new())
            }
            Target::Topic(t) if fault.what.entry.name != "add-partitions" => {
                let title = format!("`{}` has partitions, and no shards", plan.topics[t.index()].name);
                let complaint = Diagnostic::new(codes::EXCLUSIVE, written.target_place(), title);
                reader
                    .say(complaint.label("this is a log of Kafka's").help("write a fault `add-partitions`"));
                (false, String::new())
            }
            Target::Topic(t) => {
                let (to, there) = (fault.what.args.count("to"), plan.topics[t.index()].partitions);
                if to <= u64::from(there) {
                    let title = format!("`{}` adds no partition", fault.label);
                    let complaint = Diagnostic::new(codes::OUT_OF_RANGE, written.place("to"), title);
                    reader.say(complaint.label(format!("it has {there} already")).help("Kafka refuses this"));
                }
                (false, String::new())
            }
            _ => (false, String::new()),
        };
        if idle {
            let title = format!("`{}` has no effect", fault.label);
            reader.say(Diagnostic::new(codes::NO_EFFECT, written.target_place(), title).label(reason));
        }
    }
}

/// Topics without a reader or a writer.
fn connections(reader: &mut Reader<'_, '_>, draft: &Draft, plan: &Plan) {
    let known = |all: &[Named], keys: &[&str]| all.iter().all(|n| n.fields.sound(keys));
    let producers = known(&draft.producers, &["topic"]) && !draft.producers.is_empty();
    let groups = known(&draft.groups, &["topic", "topics"]) && !draft.groups.is_empty();
    if reader.complaints.iter().any(|c| c.code == codes::UNKNOWN_NAME) || !producers || !groups {
        return;
    }
    for (id, topic) in draft.topics.iter().enumerate() {
        let written = plan.producers.iter().any(|p| p.topic.index() == id);
        let read = plan.groups.iter().any(|g| g.topics.iter().any(|t| t.index() == id));
        let (title, label) = match (written, read) {
            (true, true) => continue,
            (true, false) => (format!("nobody reads `{}`", topic.name), "no group names it"),
            (false, true) => (format!("nobody writes to `{}`", topic.name), "no producer names it"),
            (false, false) => (format!("nobody uses `{}`", topic.name), "no producer and no group names it"),
        };
        reader.say(Diagnostic::new(codes::UNCONNECTED, &topic.place, title).label(label));
    }
}
