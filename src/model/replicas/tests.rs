//! Every order in which a leader, its followers and their failures can come, in a small case.

use super::*;
use std::collections::{BTreeSet, VecDeque};

const BROKERS: usize = 3;

/// Where a follower's fetch session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Broken,
    Parked,
    Carries(Offset),
    Stored,
}

/// All there is: replicas, the history they hold beginnings of, who was told what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    replicas: Replicas,
    phases: [Phase; BROKERS],
    fenced: [bool; BROKERS],
    /// Lost its memory, and is not in sync again.
    blank: [bool; BROKERS],
    history: Vec<u8>,
    visible: Offset,
    acknowledged: BTreeSet<u8>,
    written: u8,
    failures: u8,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Write,
    Feed(usize),
    Store(usize),
    Fetch(usize),
    Drop,
    Crash(usize),
    CutPower(usize),
    Fence(usize),
    Start(usize),
}

impl State {
    fn new(least: u32, unclean: bool) -> Self {
        let brokers = (0..BROKERS).map(BrokerId::from);
        State {
            replicas: Replicas::new(brokers, least, unclean),
            phases: [Phase::Parked; BROKERS],
            fenced: [false; BROKERS],
            blank: [false; BROKERS],
            history: Vec::new(),
            visible: 0,
            acknowledged: BTreeSet::new(),
            written: 0,
            failures: 0,
        }
    }
    fn end(&self) -> Offset {
        self.history.len() as Offset
    }
    fn runs(&self, b: usize) -> bool {
        self.replicas.all()[b].running
    }
    fn leads(&self) -> Option<usize> {
        self.replicas.leading().filter(|b| self.runs(*b))
    }

    /// What can happen next.
    fn steps(&self, most: (u8, u8)) -> Vec<Step> {
        let mut steps = Vec::new();
        let leader = self.leads();
        if leader.is_some() && self.written < most.0 && !self.replicas.too_few() {
            steps.push(Step::Write);
        }
        if leader.is_some() {
            steps.push(Step::Drop);
        }
        for b in 0..BROKERS {
            let r = &self.replicas.all()[b];
            let follows = leader.is_some_and(|l| l != b) && r.running;
            match self.phases[b] {
                Phase::Parked if follows && (r.end < self.end() || !r.in_sync) => steps.push(Step::Feed(b)),
                Phase::Carries(_) if follows => steps.push(Step::Store(b)),
                Phase::Stored if follows => steps.push(Step::Fetch(b)),
                _ => {}
            }
            if r.running && self.failures < most.1 {
                steps.push(Step::Crash(b));
                // No more than one memory is lost at a time.
                if !self.blank.iter().any(|blank| *blank) {
                    steps.push(Step::CutPower(b));
                }
            }
            if !r.running {
                if !self.fenced[b] {
                    steps.push(Step::Fence(b));
                }
                steps.push(Step::Start(b));
            }
        }
        steps
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Write => {
                self.history.push(self.written);
                self.written += 1;
                self.replicas.appended(self.end());
                self.advance();
            }
            Step::Feed(b) => self.phases[b] = Phase::Carries(self.end()),
            Step::Store(b) => {
                let Phase::Carries(to) = self.phases[b] else { panic!("nothing to store") };
                self.replicas.received(b, to);
                self.phases[b] = Phase::Stored;
            }
            Step::Fetch(b) => {
                self.replicas.fetched(b, self.end(), self.visible, Time::ZERO);
                self.phases[b] = Phase::Parked;
                self.advance();
            }
            Step::Drop => {
                self.replicas.shrink(Time(1), Span::ZERO);
                self.advance();
            }
            Step::Crash(b) | Step::CutPower(b) => {
                self.failures += 1;
                self.replicas.runs(BrokerId::from(b), false);
                if matches!(step, Step::CutPower(_)) {
                    self.replicas.forget(b, 0);
                    self.blank[b] = true;
                }
                self.reconnect();
            }
            Step::Fence(b) => self.fence(b),
            Step::Start(b) => {
                if !self.fenced[b] {
                    self.fence(b);
                }
                self.replicas.runs(BrokerId::from(b), true);
                self.fenced[b] = false;
                self.elect();
                self.reconnect();
            }
        }
        for b in 0..BROKERS {
            self.blank[b] &= !self.replicas.all()[b].in_sync;
        }
    }
    fn fence(&mut self, b: usize) {
        self.fenced[b] = true;
        self.replicas.fence(BrokerId::from(b));
        self.elect();
        self.advance();
    }
    fn elect(&mut self) {
        let fenced = self.fenced;
        let Some(election) = self.replicas.elect(Time::ZERO, |b| !fenced[b.index()]) else { return };
        self.history.truncate(election.end as usize);
        self.visible = self.visible.min(self.end());
        self.replicas.begin_again();
        self.reconnect();
        self.advance();
    }
    /// Sessions are to the leader that is, and begin with a fetch.
    fn reconnect(&mut self) {
        let leader = self.leads();
        for b in 0..BROKERS {
            let follows = leader.is_some_and(|l| l != b) && self.runs(b);
            self.phases[b] = if follows { Phase::Parked } else { Phase::Broken };
        }
    }
    fn advance(&mut self) {
        if self.leads().is_none() {
            return;
        }
        self.visible = self.replicas.high_watermark(self.visible);
        if !self.replicas.too_few() {
            self.acknowledged.extend(&self.history[..self.visible as usize]);
        }
    }

    fn lost(&self) -> Option<u8> {
        self.leads()?;
        self.acknowledged.iter().copied().find(|id| !self.history.contains(id))
    }
}

/// Walks everything that can happen with so many writes and failures; returns how many states there are, and
/// how many of them have lost an acknowledged record.
fn walk(start: State, most: (u8, u8), check: impl Fn(&State, &[Step])) -> (usize, usize) {
    let mut seen = BTreeSet::from([start.clone()]);
    let mut open = VecDeque::from([(start, Vec::new())]);
    let mut lossy = 0;
    while let Some((state, way)) = open.pop_front() {
        for step in state.steps(most) {
            let (mut next, mut way) = (state.clone(), way.clone());
            next.take(step);
            way.push(step);
            check(&next, &way);
            if seen.insert(next.clone()) {
                lossy += usize::from(next.lost().is_some());
                open.push_back((next, way));
            }
        }
    }
    (seen.len(), lossy)
}

fn orderly(state: &State, way: &[Step]) {
    let end = state.end();
    assert!(state.visible <= end, "{way:?} {state:?}");
    for r in state.replicas.all() {
        assert!(r.end <= end && r.known <= r.end.max(end), "{way:?} {state:?}");
    }
    if let Some(leader) = state.leads() {
        assert_eq!(state.replicas.all()[leader].end, end, "{way:?} {state:?}");
        assert!(state.replicas.all()[leader].in_sync, "{way:?} {state:?}");
    }
}

#[test]
fn with_acks_all_two_in_sync_and_clean_elections_nothing_acknowledged_is_lost() {
    let (states, lossy) = walk(State::new(2, false), (2, 3), |state, way| {
        orderly(state, way);
        assert_eq!(state.lost(), None, "{way:?} {state:?}");
    });
    assert!(states > 10_000, "{states}");
    assert_eq!(lossy, 0);
}

#[test]
fn with_one_in_sync_or_unclean_elections_it_can_be() {
    let (_, alone) = walk(State::new(1, false), (1, 3), orderly);
    assert!(alone > 0, "a lone replica that loses its memory loses what it vouched for");
    let (_, unclean) = walk(State::new(1, true), (1, 3), orderly);
    assert!(unclean > alone);
}
