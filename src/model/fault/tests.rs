//! What every fault's script must keep to, and what each one does.

use super::*;
use crate::model::catalog::{Default, Entry, Kind, TargetKind, Value};
use crate::model::ids::{BrokerId, DownstreamId, GroupId, ProducerId, TopicId};
use crate::model::lever::{Client, Rewind, Way};
use crate::model::specimen;
use std::collections::BTreeMap;

const GROUP: GroupId = GroupId(3);
const TWENTY: Span = Span::from_secs(20);

/// Everything a fault of this kind may strike.
fn targets(kind: TargetKind) -> Vec<Target> {
    let consumers = [Target::Consumer(GROUP, 2), Target::Group(GROUP)];
    let producers = [1, 3].map(|count| Target::Producers { first: ProducerId(5), count });
    match kind {
        TargetKind::Consumer => consumers.to_vec(),
        TargetKind::Group => vec![Target::Group(GROUP)],
        TargetKind::Broker => vec![Target::Broker(BrokerId(1))],
        TargetKind::Rack => vec![Target::Rack(1)],
        TargetKind::Producer => producers.to_vec(),
        TargetKind::Downstream => vec![Target::Downstream(DownstreamId(1))],
        TargetKind::Topic => vec![Target::Topic(TopicId(1))],
        TargetKind::Client => [consumers, producers].concat(),
    }
}

fn make(entry: &'static Entry<dyn Fault>) -> Box<dyn Fault> {
    let required = entry.params.iter().filter(|p| p.default == Default::Required);
    let given: Vec<_> = required.map(|p| (p.name, example(p.kind))).collect();
    specimen::make(entry, &given)
}

fn example(kind: Kind) -> Value {
    match kind {
        Kind::Number { .. } => Value::Number(4.0),
        Kind::Ratio => Value::Number(0.25),
        Kind::Span => Value::Span(Span::millis(300)),
        Kind::Count { .. } => Value::Count(7),
        _ => Value::Text("billing".into()),
    }
}

fn view(target: Target, lasts: Option<Span>, consumers: u32) -> FaultView {
    FaultView { target, lasts, consumers, brokers: 6, racks: 3 }
}

fn script(name: &str, target: Target, lasts: Option<Span>, consumers: u32) -> Vec<(Span, Lever)> {
    let entry = MEMBERS.iter().find(|e| e.name == name).unwrap();
    make(entry).script(&view(target, lasts, consumers))
}

/// What a lever changes, and whether it leaves it as it should be.
fn effect(lever: Lever) -> (String, bool) {
    match lever {
        Lever::CrashConsumer(g, i) | Lever::LeaveConsumer(g, i) => (format!("runs {g:?} {i}"), false),
        Lever::StartConsumer(g, i) => (format!("runs {g:?} {i}"), true),
        Lever::PauseConsumer(g, i) => (format!("goes {g:?} {i}"), false),
        Lever::ResumeConsumer(g, i) => (format!("goes {g:?} {i}"), true),
        Lever::SlowConsumer(g, i, factor) => (format!("speed {g:?} {i}"), factor == 1.0),
        Lever::StopBroker(b) | Lever::CutPower(b, _) | Lever::ShutDownBroker(b) => {
            (format!("runs {b:?}"), false)
        }
        Lever::IsolateBroker(b, cut, _) => (format!("touch {b:?}"), !cut),
        Lever::StartBroker(b) => (format!("runs {b:?}"), true),
        Lever::SlowBroker(b, factor) => (format!("speed {b:?}"), factor == 1.0),
        Lever::DelayWire(c, way, extra) => (format!("delay {c:?} {way:?}"), extra.is_zero()),
        Lever::LoseOnWire(c, way, share) => (format!("loss {c:?} {way:?}"), share == 0.0),
        Lever::CutWire(c, way, b, cut) => (format!("cut {c:?} {way:?} {b:?}"), !cut),
        Lever::SlowDownstream(d, factor) => (format!("speed {d:?}"), factor == 1.0),
        Lever::StopDownstream(d, down) => (format!("runs {d:?}"), !down),
        Lever::StopStore(g, down) => (format!("store {g:?}"), !down),
        Lever::Poison(g, share) => (format!("poison {g:?}"), share == 0.0),
        Lever::CrashProducer(p) => (format!("runs {p:?}"), false),
        Lever::StartProducer(p) => (format!("runs {p:?}"), true),
        Lever::AddPartitions(topic, _) => (format!("width {topic:?}"), false),
        Lever::SplitShard(topic, n) => (format!("shard {topic:?} {n}"), false),
        Lever::MergeShards(topic, a, b) => (format!("shards {topic:?} {a} {b}"), false),
        Lever::HoldConsumer(g, i, hold) => (format!("takes {g:?} {i}"), !hold),
        Lever::Replay(..) => panic!("a replay is done when it is made"),
        Lever::AddConsumer(_) | Lever::RemoveConsumer(_) => panic!("no fault scales a group"),
    }
}

/// Faults that no length of time is said of.
const BY_THEMSELVES: [&str; 5] =
    ["rolling-restart", "replay", "add-partitions", "split-shard", "merge-shards"];

#[test]
fn a_replay_goes_where_it_is_told() {
    let to = |values: &[(&'static str, Value)]| {
        let named = [&[("replay", Value::Text("billing".into()))], values].concat();
        let view = view(Target::Group(GROUP), None, 2);
        specimen::make(&replay::ENTRY, &named).script(&view)
    };
    let lever = |rewind| [(Span::ZERO, Lever::Replay(GROUP, rewind))];
    assert_eq!(to(&[]), lever(Rewind::Start));
    assert_eq!(to(&[("back", Value::Span(TWENTY))]), lever(Rewind::Back(TWENTY)));
    assert_eq!(to(&[("offset", Value::Count(7))]), lever(Rewind::Offset(7)));
}

#[test]
fn the_family_is_well_described() {
    specimen::inspect(MEMBERS);
}

#[test]
fn a_fault_is_named_by_what_it_strikes_and_lasts_by_one_parameter() {
    for entry in MEMBERS {
        let first = &entry.params[0];
        assert_eq!(first.name, entry.name);
        assert!(matches!(first.kind, Kind::Target(_)) && first.default == Default::Required);
        let lengths = entry.params.iter().filter(|p| ["for", "restart-after"].contains(&p.name)).count();
        assert_eq!(lengths, usize::from(!BY_THEMSELVES.contains(&entry.name)), "{}", entry.name);
    }
}

#[test]
fn levers_are_put_back_when_the_fault_is_over() {
    for entry in MEMBERS.iter().filter(|e| !BY_THEMSELVES.contains(&e.name)) {
        let Kind::Target(kind) = entry.params[0].kind else { panic!("{} has no target", entry.name) };
        for target in targets(kind) {
            let script = make(entry).script(&view(target, Some(TWENTY), 4));
            assert!(script.is_sorted_by_key(|(offset, _)| *offset));
            let mut states = BTreeMap::new();
            for (offset, lever) in script {
                let (what, normal) = effect(lever);
                let before = states.insert(what.clone(), normal);
                let expected = if normal { (TWENTY, Some(false)) } else { (Span::ZERO, None) };
                assert_eq!((offset, before), expected, "{}: {what}", entry.name);
            }
            assert!(
                !states.is_empty() && states.values().all(|normal| *normal),
                "{}: {states:?}",
                entry.name
            );
        }
    }
}

#[test]
fn a_fault_without_end_is_never_put_back() {
    for entry in MEMBERS.iter().filter(|e| !BY_THEMSELVES.contains(&e.name)) {
        let Kind::Target(kind) = entry.params[0].kind else { panic!("{} has no target", entry.name) };
        for target in targets(kind) {
            let script = make(entry).script(&view(target, None, 4));
            assert!(!script.is_empty());
            assert!(
                script.iter().all(|(offset, lever)| offset.is_zero() && !effect(*lever).1),
                "{}",
                entry.name
            );
        }
    }
}

#[test]
fn a_group_stands_for_all_its_consumers() {
    let crashes: Vec<_> = (0..3).map(|i| (Span::ZERO, Lever::CrashConsumer(GROUP, i))).collect();
    assert_eq!(script("crash", Target::Group(GROUP), None, 3), crashes);
    assert_eq!(script("crash", Target::Group(GROUP), None, 0), []);
    assert_eq!(
        script("crash", Target::Consumer(GROUP, 7), None, 3),
        [(Span::ZERO, Lever::CrashConsumer(GROUP, 7))]
    );
}

#[test]
fn values_reach_their_levers() {
    let cut = |c| {
        [true, false]
            .map(|cut| (if cut { Span::ZERO } else { TWENTY }, Lever::CutWire(c, Way::Both, None, cut)))
    };
    let producer = Target::Producers { first: ProducerId(5), count: 1 };
    assert_eq!(script("network-cut", producer, Some(TWENTY), 0), cut(Client::Producer(ProducerId(5))));
    let consumer = Target::Consumer(GROUP, 1);
    assert_eq!(script("network-cut", consumer, Some(TWENTY), 4), cut(Client::Consumer(GROUP, 1)));
    let client = Client::Consumer(GROUP, 1);
    let first = |name, target| script(name, target, None, 4)[0].1;
    assert_eq!(first("network-delay", consumer), Lever::DelayWire(client, Way::Both, Span::millis(300)));
    assert_eq!(first("network-loss", consumer), Lever::LoseOnWire(client, Way::Both, 0.25));
    assert_eq!(first("slow", consumer), Lever::SlowConsumer(GROUP, 1, 4.0));
    assert_eq!(first("broker-slow", Target::Broker(BrokerId(2))), Lever::SlowBroker(BrokerId(2), 4.0));
    let downstream = DownstreamId(0);
    assert_eq!(
        first("downstream-slow", Target::Downstream(downstream)),
        Lever::SlowDownstream(downstream, 4.0)
    );
    assert_eq!(first("poison", Target::Group(GROUP)), Lever::Poison(GROUP, 1.0));
}

#[test]
fn the_way_is_that_of_the_word() {
    for (word, way) in [("out", Way::Out), ("back", Way::Back), ("both", Way::Both)] {
        let fault = specimen::make(
            &network_cut::ENTRY,
            &[("network-cut", Value::Text("billing".into())), ("way", Value::Text(word.into()))],
        );
        let view = view(Target::Consumer(GROUP, 0), None, 1);
        let client = Client::Consumer(GROUP, 0);
        assert_eq!(fault.script(&view), [(Span::ZERO, Lever::CutWire(client, way, None, true))]);
    }
}

#[test]
fn consumers_are_restarted_in_turn() {
    let restart = |each, gap| {
        let given = [
            ("rolling-restart", Value::Text("billing".into())),
            ("each", Value::Span(Span::from_secs(each))),
            ("gap", Value::Span(Span::from_secs(gap))),
        ];
        let view = view(Target::Group(GROUP), None, 2);
        specimen::make(&rolling_restart::ENTRY, &given).script(&view)
    };
    let leave = |at, i| (Span::from_secs(at), Lever::LeaveConsumer(GROUP, i));
    let start = |at, i| (Span::from_secs(at), Lever::StartConsumer(GROUP, i));
    assert_eq!(restart(10, 30), [leave(0, 0), start(10, 0), leave(30, 1), start(40, 1)]);
    // Shorter gaps overlap, still in order of time.
    assert_eq!(restart(10, 4), [leave(0, 0), leave(4, 1), start(10, 0), start(14, 1)]);
}
