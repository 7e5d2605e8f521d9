//! Histories of joins, leaves, crashes and changes of topics, and what Kafka's Java client made of them.
//!
//! Range and roundrobin are unique, so every list has to be the same. The sticky assignors promise balance and to
//! keep what can be kept; which partition moves is left to them, so sizes and the number kept are compared.

use crate::model::assignment::{self, AssignView, Assignor, MemberView, Part};
use crate::model::catalog::{Args, Choice};
use crate::model::ids::TopicId;
use crate::validate::case::{Case, Group, Trial, Unit};
use crate::validate::rule::Rule;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const RECORDED: &str = include_str!("../../../assets/recorded/assignors.json");
const SOURCE: &str = "kafka-clients (Java) 3.6.2, one assignor object per member";

#[derive(Clone, Deserialize)]
struct Recording {
    cases: Vec<History>,
}

#[derive(Clone, Deserialize)]
struct History {
    steps: Vec<Step>,
    java: BTreeMap<String, Vec<RecordedRound>>,
}

#[derive(Clone, Deserialize)]
struct Step {
    /// In the order in which the leader knows them, which tells apart two ids in one bucket of its map.
    members: Map<String, Value>,
    topics: BTreeMap<String, u32>,
}

#[derive(Clone, Deserialize)]
struct Member {
    instance: Option<String>,
    topics: Vec<String>,
}

#[derive(Clone, Deserialize)]
struct RecordedRound {
    assignment: BTreeMap<String, BTreeMap<String, Vec<u32>>>,
}

/// What each member has after a round.
type Round = BTreeMap<String, Vec<Part>>;

pub(super) fn trials() -> Vec<Trial> {
    let recording: Recording =
        serde_json::from_str(RECORDED).expect("a recording in the repository is whole");
    let all = recording.cases;
    let one = |(name, exact): (&'static str, bool)| trial(name, exact, all.clone());
    [("range", true), ("roundrobin", true), ("sticky", false), ("cooperative-sticky", false)].map(one).into()
}

fn trial(name: &'static str, exact: bool, histories: Vec<History>) -> Trial {
    let rounds: usize = histories.iter().map(|h| h.java[name].len()).sum();
    let case = |case, figure: &str, formula: &str| {
        Case::predicted(case, &format!("{figure}, of {rounds}"), Unit::Count, rounds as f64, 0.0)
            .by(formula, SOURCE)
            .rule(Rule::Every { grain: 0.0 })
    };
    let cases = if exact {
        vec![case("rounds", "rounds with the recorded lists", "every list is the same")]
    } else {
        vec![
            case("sizes", "rounds with lists of the recorded sizes", "sizes are the same"),
            case("kept", "rounds that leave as many partitions where they were", "as many are kept"),
        ]
    };
    let title = format!("The {name} assignor over {} histories of a group", histories.len());
    let play = move || {
        let by = Choice::of(assignment::MEMBERS, name, Args::default()).build();
        let mut agreeing = [0, 0, 0];
        for history in &histories {
            let (ours, theirs) = (history.replayed(by.as_ref()), history.recorded(name));
            for (i, (our, their)) in ours.iter().zip(&theirs).enumerate() {
                let before = i.checked_sub(1);
                let same = kept(before.map(|b| &ours[b]), our) == kept(before.map(|b| &theirs[b]), their);
                agreeing[0] += usize::from(our == their);
                agreeing[1] += usize::from(ours.len() == theirs.len() && sizes(our) == sizes(their));
                agreeing[2] += usize::from(ours.len() == theirs.len() && same);
            }
        }
        let [equal, sizes, kept] = agreeing.map(|n| n as f64);
        if exact { vec![equal] } else { vec![sizes, kept] }
    };
    Trial {
        group: Group::Measured,
        name: format!("assignor-{name}"),
        title,
        script: format!("the {name} assignor, each recorded history step by step\n"),
        replications: 1,
        cases,
        play: Box::new(move |_, _| play()),
    }
}

impl Step {
    fn members(&self) -> Vec<(&String, Member)> {
        let read =
            |value: &Value| Member::deserialize(value).expect("a recording in the repository is whole");
        self.members.iter().map(|(id, value)| (id, read(value))).collect()
    }
}

impl History {
    /// Ids of topics, which ascend in the order of names.
    fn topics(&self) -> BTreeMap<String, TopicId> {
        let subscribed = self.steps.iter().flat_map(Step::members).flat_map(|(_, m)| m.topics);
        let existing = self.steps.iter().flat_map(|s| s.topics.keys().cloned());
        let names: BTreeSet<String> = existing.chain(subscribed).collect();
        names.into_iter().zip((0..).map(TopicId)).collect()
    }

    fn recorded(&self, name: &str) -> Vec<Round> {
        let ids = self.topics();
        let list = |topics: &BTreeMap<String, Vec<u32>>| {
            let parts =
                topics.iter().flat_map(|(name, parts)| parts.iter().map(|p| (ids[name.as_str()], *p)));
            let mut list: Vec<Part> = parts.collect();
            list.sort_unstable();
            list
        };
        let round = |r: &RecordedRound| r.assignment.iter().map(|(id, t)| (id.clone(), list(t))).collect();
        self.java[name].iter().map(round).collect()
    }

    /// Every round that this assignor makes of the history. Members come back with what they had; a cooperative one
    /// goes on until nobody has anything to give up any more.
    fn replayed(&self, by: &dyn Assignor) -> Vec<Round> {
        let ids = self.topics();
        let (mut rounds, mut generation) = (Vec::new(), 0);
        let mut had: BTreeMap<String, (i64, Vec<Part>)> = BTreeMap::new();
        for step in &self.steps {
            let topics: Vec<(TopicId, u32)> =
                step.topics.iter().map(|(t, n)| (ids[t.as_str()], *n)).collect();
            loop {
                had.retain(|id, _| step.members.contains_key(id));
                let view = |(id, member): (&String, Member)| {
                    let (generation, owned) = had.get(id).cloned().unwrap_or((-1, Vec::new()));
                    let topics = member.topics.iter().map(|t| ids[t.as_str()]).collect();
                    MemberView {
                        id: id.clone(),
                        instance: member.instance.clone(),
                        topics,
                        owned,
                        generation,
                    }
                };
                let members: Vec<MemberView> = step.members().into_iter().map(view).collect();
                let lists = by.assign(&AssignView { topics: &topics, members: &members });
                let round: Round = members.iter().map(|m| m.id.clone()).zip(lists).collect();
                let revoked = had.iter().any(|(id, (_, then))| then.iter().any(|p| !round[id].contains(p)));
                generation += 1;
                had = round.iter().map(|(id, list)| (id.clone(), (generation, list.clone()))).collect();
                rounds.push(round);
                if !by.cooperative() || !revoked {
                    break;
                }
                assert!(rounds.len() < 1000, "follow-up rounds end");
            }
        }
        rounds
    }
}

fn sizes(round: &Round) -> Vec<usize> {
    let mut sizes: Vec<usize> = round.values().map(Vec::len).collect();
    sizes.sort_unstable();
    sizes
}

/// How many partitions stay with the member that had them.
fn kept(before: Option<&Round>, now: &Round) -> usize {
    let had =
        |id: &str, part: &Part| before.is_some_and(|b| b.get(id).is_some_and(|list| list.contains(part)));
    now.iter().map(|(id, list)| list.iter().filter(|part| had(id, part)).count()).sum()
}
