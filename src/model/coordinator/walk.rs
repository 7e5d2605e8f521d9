//! Every way in which a small group can go: two or three clients, two partitions, all orders of joining, beating,
//! reading, committing, crashing, leaving and waiting, with answers that lie about for as long as they like.
//!
//! Time passes in steps, sessions and rebalances last two of them. States that differ only in how high the
//! generations are count as one. What must hold in each: at most one owner per partition, also within a generation;
//! the committed offset never goes back nor beyond what was handed out; and whatever has happened, a group whose
//! members go on becomes stable.

use super::*;
use crate::model::catalog::{Args, Choice};
use crate::model::{assignment, remote_assignment as remote};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const STEP: Span = Span::from_secs(1);
/// Most records handed out per partition: more make states, but no new ones.
const RECORDS: u64 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Start(usize),
    Crash(usize),
    Leave(usize),
    /// The oldest answer reaches the client.
    Hear(usize),
    Beat(usize),
    Poll(usize),
    Commit(usize),
    Wait,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Out,
    Joining,
    Syncing,
    Member,
}

/// What a client of the real system does, without wires.
#[derive(Clone, Debug, Default)]
struct Client {
    up: bool,
    number: u32,
    standing: Standing,
    generation: u32,
    since: i64,
    rejoin: bool,
    expelled: bool,
    owned: BTreeMap<Part, u64>,
    news: Option<Vec<Part>>,
    /// Answers, with the generation they speak of.
    inbox: Vec<(Answer, u32, Vec<Part>)>,
    /// What it owns has changed since it last said so.
    unsaid: bool,
}

/// An answer as the client reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Joined,
    Assigned,
    Refused(Beat),
}

#[derive(Clone)]
struct Group {
    now: Time,
    coordinator: Coordinator,
    clients: Vec<Client>,
    fixed: bool,
    /// Who has had a partition in a generation.
    claims: BTreeMap<(Part, u32), usize>,
    handed: BTreeMap<Part, u64>,
    newest: u32,
    /// How it came to this.
    trail: Vec<Act>,
}

fn index(part: Part) -> usize {
    part.1 as usize
}

impl Group {
    fn new(protocol: Protocol, clients: usize, fixed: bool) -> Group {
        let times = Times {
            session: STEP + STEP,
            rebalance: STEP + STEP,
            initial_delay: STEP,
            offsets_retention: Span::FOREVER,
        };
        Group {
            now: Time::ZERO,
            coordinator: Coordinator::new(protocol, vec![(TopicId(0), 2)], &times),
            clients: vec![Client::default(); clients],
            fixed,
            claims: BTreeMap::new(),
            handed: BTreeMap::new(),
            newest: 0,
            trail: Vec::new(),
        }
    }
    fn who(&self, i: usize) -> Member {
        Member { consumer: ConsumerId::from(i), number: self.clients[i].number }
    }
    fn paced(&self) -> bool {
        self.coordinator.by_heartbeats()
    }

    fn possible(&self) -> Vec<Act> {
        let mut acts = vec![Act::Wait];
        for (i, client) in self.clients.iter().enumerate() {
            if !client.up {
                acts.push(Act::Start(i));
                continue;
            }
            acts.extend([Act::Crash(i), Act::Leave(i), Act::Poll(i)]);
            if !client.inbox.is_empty() {
                acts.push(Act::Hear(i));
            }
            if client.standing == Standing::Member && !client.expelled {
                // One that leads by its answers is not sent before the last is answered.
                if !self.paced() || client.inbox.is_empty() {
                    acts.push(Act::Beat(i));
                }
                if !client.owned.is_empty() {
                    acts.push(Act::Commit(i));
                }
            }
        }
        acts
    }

    fn act(&mut self, act: Act) {
        self.trail.push(act);
        match act {
            Act::Wait => {
                self.now += STEP;
                self.coordinator.timer(self.now);
            }
            Act::Start(i) => {
                let number = self.clients[i].number + 1;
                self.clients[i] = Client { up: true, number, since: -1, ..Client::default() };
                self.join(i);
            }
            Act::Crash(i) => {
                self.clients[i] = Client { number: self.clients[i].number, ..Client::default() };
            }
            Act::Leave(i) => {
                let who = self.who(i);
                self.commit(i);
                self.act(Act::Crash(i));
                if !self.fixed || self.paced() {
                    self.coordinator.leave(who, RebalanceCause::Leave, self.now);
                }
            }
            Act::Hear(i) => self.hear(i),
            Act::Beat(i) => self.beat(i),
            Act::Poll(i) => self.poll(i),
            Act::Commit(i) => self.commit(i),
        }
        self.carry_out();
        self.check();
    }

    fn carry_out(&mut self) {
        for word in self.coordinator.said() {
            let (who, answer) = match word {
                Say::Joined(who) => (who, Answer::Joined),
                Say::Assigned(who) => (who, Answer::Assigned),
                Say::SentBack(who) => (who, Answer::Refused(Beat::Rejoin)),
                _ => continue,
            };
            let generation = self.coordinator.generation(who);
            let parts = self.coordinator.assigned(who).unwrap_or_default().to_vec();
            self.answer(who, answer, generation, parts);
        }
    }
    fn answer(&mut self, who: Member, answer: Answer, generation: u32, parts: Vec<Part>) {
        self.newest = self.newest.max(generation);
        let i = who.consumer.index();
        let client = &mut self.clients[i];
        if client.up && client.number == who.number {
            let answer = (answer, generation, parts);
            // Saying the same twice adds no state.
            if client.inbox.last() != Some(&answer) {
                client.inbox.push(answer);
            }
        }
    }

    fn join(&mut self, i: usize) {
        let who = self.who(i);
        let client = &mut self.clients[i];
        client.standing = Standing::Joining;
        client.rejoin = false;
        let joiner = Joiner {
            who,
            id: format!("{i}-{}", who.number % 10),
            instance: self.fixed.then(|| i.to_string()),
            owned: client.owned.keys().copied().collect(),
            since: client.since,
        };
        let answer = self.coordinator.join(joiner, self.now);
        if answer != Beat::Fine {
            self.answer(who, Answer::Refused(answer), self.clients[i].generation, Vec::new());
        }
    }

    fn hear(&mut self, i: usize) {
        let paced = self.paced();
        let (answer, generation, parts) = self.clients[i].inbox.remove(0);
        let client = &mut self.clients[i];
        match (answer, client.standing) {
            (Answer::Joined, Standing::Joining) => {
                (client.standing, client.generation) = (Standing::Syncing, generation);
                let who = self.who(i);
                let answer = self.coordinator.sync(who, generation, self.now);
                if answer != Beat::Fine {
                    self.answer(who, Answer::Refused(answer), generation, Vec::new());
                }
            }
            (Answer::Assigned, Standing::Joining | Standing::Member)
                if paced && generation >= client.generation && !client.expelled =>
            {
                (client.standing, client.generation) = (Standing::Member, generation);
                client.news = Some(parts);
            }
            (Answer::Assigned, Standing::Syncing) if !paced && generation == client.generation => {
                client.standing = Standing::Member;
                client.news = Some(parts);
            }
            (Answer::Refused(Beat::Unreleased), Standing::Joining) => self.join(i),
            (Answer::Refused(beat), _) if generation == client.generation => {
                if beat == Beat::Rejoin {
                    client.rejoin = true;
                } else {
                    client.expelled = true;
                }
            }
            _ => {}
        }
    }

    fn beat(&mut self, i: usize) {
        let (who, generation) = (self.who(i), self.clients[i].generation);
        let owned: Vec<Part> = self.clients[i].owned.keys().copied().collect();
        let said = std::mem::take(&mut self.clients[i].unsaid).then_some(owned.as_slice());
        let answer = self.coordinator.heartbeat(who, generation, said, self.now);
        if answer != Beat::Fine {
            self.answer(who, Answer::Refused(answer), generation, Vec::new());
        }
    }

    fn poll(&mut self, i: usize) {
        if self.clients[i].expelled {
            let paced = self.paced();
            let client = &mut self.clients[i];
            let number = client.number + u32::from(!paced);
            *client = Client { up: true, number, since: -1, ..Client::default() };
            self.join(i);
            return;
        }
        if let Some(parts) = self.clients[i].news.take() {
            let gives_up = self.clients[i].owned.keys().any(|p| !parts.contains(p));
            self.commit(i);
            let client = &mut self.clients[i];
            client.since = i64::from(client.generation);
            client.owned.retain(|p, _| parts.contains(p));
            for part in &parts {
                let committed = self.coordinator.offset(index(*part)).unwrap_or(0);
                client.owned.entry(*part).or_insert(committed);
                if !self.coordinator.by_heartbeats() {
                    let first = *self.claims.entry((*part, client.generation)).or_insert(i);
                    assert_eq!(first, i, "{part:?} has two owners in generation {}", client.generation);
                }
            }
            if self.paced() {
                self.clients[i].unsaid = true;
                if self.clients[i].inbox.is_empty() {
                    self.beat(i);
                }
            } else if gives_up {
                self.clients[i].rejoin = true;
            }
        }
        if self.clients[i].rejoin {
            if !self.coordinator.cooperative() {
                self.commit(i);
                self.clients[i].owned.clear();
            }
            self.join(i);
        }
        for (part, position) in &mut self.clients[i].owned {
            *position = (*position + 1).min(RECORDS);
            let handed = self.handed.entry(*part).or_default();
            *handed = (*handed).max(*position);
        }
    }

    fn commit(&mut self, i: usize) {
        let (who, client) = (self.who(i), &self.clients[i]);
        if client.standing == Standing::Out || client.expelled {
            return;
        }
        if self.coordinator.commit(who, client.generation, self.now) != Beat::Fine {
            return;
        }
        if self.is_late(i) {
            return;
        }
        for (part, position) in &client.owned {
            let before = self.coordinator.offset(index(*part)).unwrap_or(0);
            assert!(*position >= before, "goes back from {before} to {position} after {:?}", self.trail);
            assert!(*position <= self.handed.get(part).copied().unwrap_or(0), "more than was handed out");
            self.coordinator.set_offset(index(*part), *position);
        }
    }

    /// A static member that was too slow to join stays in its group all the same, and what it has may have been given
    /// to others meanwhile. It learns that with its next assignment or heartbeat; until then it is a zombie.
    fn is_late(&self, i: usize) -> bool {
        let (client, newest) = (&self.clients[i], i64::from(self.coordinator.generation(self.who(i))));
        let missed = client.since + 1 < newest || i64::from(client.generation) != newest;
        self.fixed && !self.paced() && missed
    }

    /// No two members have the same partition.
    fn check(&self) {
        let mut owner = BTreeMap::new();
        for (i, client) in self.clients.iter().enumerate() {
            let member = self.coordinator.assigned(self.who(i)).is_some();
            let late = self.is_late(i);
            if !member || late || client.expelled || client.standing == Standing::Out {
                continue;
            }
            for part in client.owned.keys() {
                let other = owner.insert(*part, i);
                assert_eq!(other, None, "{part:?} is owned by two after {:?}", self.trail);
            }
        }
    }

    /// Everybody goes on: the group must become stable, with every partition read.
    fn settle(mut self) {
        for _ in 0..9 {
            for i in 0..self.clients.len() {
                for _ in 0..3 {
                    // Not what is answered to what it says then: who is refused asks again at once.
                    for _ in 0..self.clients[i].inbox.len() {
                        self.act(Act::Hear(i));
                    }
                    if self.clients[i].up {
                        self.act(Act::Poll(i));
                    }
                }
                if self.clients[i].standing == Standing::Member && !self.clients[i].expelled {
                    self.act(Act::Beat(i));
                }
            }
            self.act(Act::Wait);
        }
        let up: Vec<&Client> = self.clients.iter().filter(|c| c.up).collect();
        let read: usize = up.iter().map(|c| c.owned.len()).sum();
        let stable = up.iter().all(|c| c.standing == Standing::Member && !c.expelled && !c.rejoin);
        assert!(
            up.is_empty() || stable && read == 2,
            "does not become stable: {:?} after {:?}",
            self.clients,
            self.trail
        );
    }

    /// The state, with generations and times as distances.
    fn key(&self) -> String {
        let mut key = String::new();
        for client in &self.clients {
            let behind = self.newest.saturating_sub(client.generation).min(3);
            let since = (i64::from(self.newest) - client.since).min(3);
            let inbox: Vec<_> =
                client.inbox.iter().map(|(a, g, p)| (a, self.newest.saturating_sub(*g).min(3), p)).collect();
            write!(
                key,
                "{} {:?} {behind} {since} {} {} {} {:?} {:?} {inbox:?};",
                client.up,
                client.standing,
                client.rejoin,
                client.expelled,
                client.unsaid,
                client.owned,
                client.news
            )
            .unwrap();
        }
        let offsets = (0..2).map(|i| self.coordinator.offset(i)).collect::<Vec<_>>();
        write!(key, "{offsets:?}{:?}", self.handed).unwrap();
        match &self.coordinator.rules {
            Rules::Classic(group) => group.sketch(self.now, self.newest, &mut key),
            Rules::Consumer(group) => group.sketch(self.now, self.newest, &mut key),
            Rules::Leases(_) => unreachable!("nobody rebalances by leases"),
        }
        key
    }
}

/// Goes every way up to so many steps, and on from each state once only: how many states there are.
fn walk(start: &Group, steps: u32) -> usize {
    let mut seen = BTreeSet::from([start.key()]);
    let mut here = vec![start.clone()];
    for _ in 0..steps {
        let mut next = Vec::new();
        for group in here {
            for act in group.possible() {
                let mut after = group.clone();
                after.act(act);
                if seen.insert(after.key()) {
                    after.clone().settle();
                    next.push(after);
                }
            }
        }
        here = next;
    }
    seen.len()
}

fn classic(name: &str) -> Protocol {
    Protocol::Classic(Choice::of(assignment::MEMBERS, name, Args(Vec::new())).build())
}
fn consumer() -> Protocol {
    Protocol::Consumer(Choice::of(remote::MEMBERS, "uniform", Args(Vec::new())).build(), Span::ZERO)
}

/// A group at work, so that the walk begins where things can go wrong; one more client may come.
fn at_work(protocol: Protocol, members: usize, more: usize, fixed: bool) -> Group {
    let mut group = Group::new(protocol, members + more, fixed);
    (0..members).for_each(|i| group.act(Act::Start(i)));
    for _ in 0..8 {
        for i in 0..members {
            while !group.clients[i].inbox.is_empty() {
                group.act(Act::Hear(i));
            }
            group.act(Act::Poll(i));
            if group.clients[i].standing == Standing::Member {
                group.act(Act::Beat(i));
            }
        }
        group.act(Act::Wait);
    }
    group
}

#[test]
fn two_members_from_nothing() {
    for fixed in [false, true] {
        for protocol in [classic("range"), classic("cooperative-sticky"), consumer()] {
            let states = walk(&Group::new(protocol, 2, fixed), 8);
            assert!(states > 500, "{states}");
        }
    }
}

#[test]
fn an_eager_group_at_work() {
    for fixed in [false, true] {
        assert!(walk(&at_work(classic("range"), 2, 0, fixed), 7) > 500);
        assert!(walk(&at_work(classic("sticky"), 2, 1, fixed), 6) > 500);
    }
}

#[test]
fn a_cooperative_group_at_work() {
    for fixed in [false, true] {
        assert!(walk(&at_work(classic("cooperative-sticky"), 2, 0, fixed), 7) > 500);
        assert!(walk(&at_work(classic("cooperative-sticky"), 1, 2, fixed), 6) > 500);
    }
}

#[test]
fn a_group_led_by_heartbeats_at_work() {
    for fixed in [false, true] {
        assert!(walk(&at_work(consumer(), 2, 0, fixed), 7) > 500);
        assert!(walk(&at_work(consumer(), 1, 2, fixed), 6) > 500);
    }
}
