//! Recorded crashes of a real Kafka group, replayed one by one.
//!
//! `assets/recorded/kafka-consumer-crash.json` (its header says how it was recorded) knows 60 kills of a consumer
//! with a backlog: how many records it had processed and at what rate, how many of them were done again or
//! never, and how long it took until its successor got its first record. Each is rebuilt as a plan and held
//! against that.
//!
//! What the recording leaves open, and what is put in its place:
//!
//! - Work. One record takes 1 / rate, which includes whatever the client spent on polls and commits. It
//!   varies a little from record to record (`JITTER`), as the recorded rates of one setting do from run to
//!   run. It matters where a commit's interval is close to a whole number of polls.
//! - The moment of the kill is that at which the recorded number of records was done, so `processed_1` / rate
//!   after the first one began. `life_s` is 5 to 55 ms shorter than that, so its clock began when the
//!   observer noticed.
//! - Commits keep step with the start of the client, which is not recorded: it got its partitions some time
//!   before its first record, fetching offsets and records meanwhile. That time is estimated per client from
//!   the committed positions of the even repetitions: their median, give or take as much as they differ from
//!   it. The odd repetitions have no part in it, and they alone decide whether there is a bias.
//! - librdkafka commits from a timer what was marked as done, record by record: here, an automatic commit
//!   with polls of one record.
//! - The successor joins a second after the kill, waits for the session of the dead member to end, and takes
//!   no time for its work. The wires are loopback and take no time either. What a real successor needs
//!   between its assignment and its first record is left out, so it takes over that much later
//!   (`FIRST_FETCH`).
//! - Where a record lies does not matter: 6 partitions in turn.

use crate::support::*;
use laglab::engine::Dist;
use laglab::model::ids::GroupId;
use laglab::model::plan::*;
use laglab::stats::mean_interval;
use serde::Deserialize;

const RECORDED: &str = include_str!("../../assets/recorded/kafka-consumer-crash.json");

/// Replications of each kill.
const RUNS: usize = 12;
/// Coefficient of variation of the work on a record. Recorded rates of one setting differ by 1 to 2 % from
/// run to run; over the 200 records between two commits, this makes 1 %.
const JITTER: f64 = 0.15;
/// The longest time that passes between an assignment and the first record, in seconds: the Java client's
/// usual start, rounded up.
const FIRST_FETCH: f64 = 0.1;

#[derive(Deserialize)]
struct Recording {
    rows: Vec<Kill>,
}

#[derive(Debug, Deserialize)]
struct Kill {
    client: String,
    mode: String,
    commit_s: f64,
    batch: u32,
    rep: u32,
    processed_1: u32,
    rate: f64,
    duplicates: f64,
    lost: f64,
    takeover_s: f64,
}

/// What one replayed kill led to.
struct Outcome {
    duplicates: f64,
    lost: f64,
    takeover: f64,
}

impl Kill {
    fn commit(&self) -> Commit {
        match (self.client.as_str(), self.mode.as_str()) {
            ("java", "default") | ("librdkafka", "store-after") => Commit::Auto(seconds(self.commit_s)),
            ("java", "commit-after") => Commit::AfterBatch,
            ("java", "commit-before") => Commit::Before,
            other => panic!("no such recording: {other:?}"),
        }
    }
    /// Mean time between two commits, in seconds: automatic ones are on average half a poll late.
    fn period(&self) -> f64 {
        let poll = f64::from(self.batch) / self.rate;
        match self.commit() {
            Commit::Auto(_) if poll < self.commit_s => self.commit_s + poll / 2.0,
            _ => poll,
        }
    }
    /// If its commits tell when the client began, how long before its first record that was.
    fn start(&self) -> Option<f64> {
        let Commit::Auto(_) = self.commit() else { return None };
        let committed = (f64::from(self.processed_1) - self.duplicates) / self.rate;
        let commits = (committed / self.period()).round();
        (f64::from(self.batch) / self.rate < self.commit_s / 2.0)
            .then_some(commits * self.period() - committed)
    }
    /// The kill as a plan, for a client that gets its first record after `start` seconds.
    fn plan(&self, start: f64) -> Plan {
        let work = Dist::gamma(1e9 / self.rate, JITTER).expect("above zero");
        let mut plan = pipeline(1.0, work, 6, 1);
        backlog(&mut plan, 20_000, moment(start));
        let group = &mut plan.groups[0];
        group.session_timeout = seconds(6.0);
        group.heartbeat = seconds(3.0);
        group.max_poll_records = self.batch;
        group.commit = self.commit();
        if group.commit == Commit::Before {
            group.delivery = Delivery::AtMostOnce;
        }
        let killed = start + (f64::from(self.processed_1) + 0.5) / self.rate;
        let who = Target::Consumer(GroupId(0), 0);
        let quick = choose(
            laglab::model::fault::MEMBERS,
            "slow",
            &[("factor", laglab::model::catalog::Value::Number(1e-3))],
        );
        plan.faults = vec![
            strike("crash", moment(killed), Some(seconds(1.0)), who),
            FaultPlan { what: quick, ..strike("slow", moment(killed + 0.5), None, who) },
        ];
        plan
    }
    fn replay(&self, start: &Start) -> Vec<Outcome> {
        let name = format!("{} {} {} {} {}", self.client, self.mode, self.commit_s, self.batch, self.rep);
        let one = |(r, u): (usize, &f64)| {
            let start = (start.usual + start.spread * (2.0 * u - 1.0)).max(0.0);
            let record = run(&self.plan(start), r as u32);
            Outcome {
                duplicates: metric(&record, "group.sink.duplicates"),
                lost: metric(&record, "group.sink.lost"),
                takeover: metric(&record, "group.sink.takeover"),
            }
        };
        chances(&name, RUNS).iter().enumerate().map(one).collect()
    }
}

/// How far a value lies outside the range of these.
fn outside(value: f64, seen: impl Iterator<Item = f64> + Clone) -> f64 {
    let (low, high) = (seen.clone().fold(f64::INFINITY, f64::min), seen.fold(f64::NEG_INFINITY, f64::max));
    (low - value).max(value - high).max(0.0)
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

/// How long before its first record a client begins to count, in seconds.
#[derive(Debug)]
struct Start {
    usual: f64,
    spread: f64,
}

/// What the even repetitions of a client tell about its start.
fn estimated_start(kills: &[Kill], client: &str) -> Start {
    let even = kills.iter().filter(|k| k.client == client && k.rep.is_multiple_of(2));
    let mut starts: Vec<f64> = even.filter_map(Kill::start).collect();
    starts.sort_by(f64::total_cmp);
    let usual = starts[starts.len() / 2];
    Start { usual, spread: starts.iter().map(|s| (s - usual).abs()).fold(0.0, f64::max) }
}

/// Each kill has duplicates and losses within one poll's batch, and a takeover within half a second, of what
/// the simulator can make of it; and over all odd repetitions there is no bias (Student t at 1 %: a right
/// program fails one recording in a hundred, and this one is always the same).
#[test]
fn recorded_crashes_come_out_as_recorded() {
    let kills = serde_json::from_str::<Recording>(RECORDED).expect("well formed").rows;
    assert_eq!(kills.len(), 60);
    let java = estimated_start(&kills, "java");
    let librdkafka = estimated_start(&kills, "librdkafka");
    assert!(java.usual <= FIRST_FETCH, "{java:?}");
    let (mut phases, mut takeovers) = (Vec::new(), Vec::new());
    for kill in &kills {
        let found = kill.replay(if kill.client == "java" { &java } else { &librdkafka });
        let duplicates = found.iter().map(|o| o.duplicates);
        let lost = found.iter().map(|o| o.lost);
        let takeover = found.iter().map(|o| o.takeover);
        let batch = f64::from(kill.batch);
        let seen = duplicates.clone().collect::<Vec<_>>();
        assert!(outside(kill.duplicates, duplicates.clone()) <= batch, "duplicates of {kill:?}: {seen:?}");
        assert!(outside(kill.lost, lost.clone()) <= batch, "losses of {kill:?}");
        assert!(outside(kill.takeover_s, takeover.clone()) <= 0.5, "takeover of {kill:?}");
        if !kill.rep.is_multiple_of(2) {
            // In parts of a commit period, so that no setting outweighs the others.
            let off = kill.duplicates - mean(duplicates) + kill.lost - mean(lost);
            phases.push(off / (kill.period() * kill.rate));
            takeovers.push(kill.takeover_s - mean(takeover));
        }
    }
    let phase = mean_interval(&phases, 0.99);
    assert!(phase.covers(0.0) && phase.half_width() < 0.05, "effects at stake, in commit periods: {phase:?}");
    let takeover = mean_interval(&takeovers, 0.99);
    assert!(takeover.low <= FIRST_FETCH && takeover.high >= 0.0, "takeovers in seconds: {takeover:?}");
    assert!(takeover.half_width() < 0.05, "too vague to tell anything: {takeover:?}");
}
