//! Recorded kills of consumers of a real group, replayed one by one.
//!
//! The recording knows 60 kills of a consumer with a backlog: how many records it had processed and at what rate,
//! how many of them were done again or never, and how long it took until its successor got its first record.
//!
//! What it leaves open, and what is put in its place:
//!
//! - Work. One record takes 1 / rate, which includes whatever the client spent on polls and commits. It varies a
//!   little from record to record (`JITTER`), as the recorded rates of one setting do from run to run.
//! - The moment of the kill is that at which the recorded number of records was done. `life_s` is 5 to 55 ms shorter
//!   than that, so its clock began when the observer noticed.
//! - Commits keep step with the start of the client, which is not recorded: it got its partitions some time before
//!   its first record. That time is estimated per client from the committed positions of the even repetitions: their
//!   median, give or take as much as they differ from it. The odd repetitions have no part in it, and they alone
//!   decide whether there is a bias.
//! - librdkafka commits from a timer what was marked as done, record by record: here, an automatic commit with polls
//!   of one record.
//! - The successor joins a second after the kill, waits for the session of the dead member to end, and takes no time
//!   for its work. Wires are loopback and take no time. What a real successor needs between its assignment and its
//!   first record is left out, so it takes over that much later (`FIRST_FETCH`).
//! - Where a record lies does not matter: 6 partitions in turn.

use super::range;
use crate::engine::Stream;
use crate::validate::Stage;
use crate::validate::case::{Case, Expected, Group, Trial, Unit};
use crate::validate::pipeline::value;
use crate::validate::rig::chance;
use crate::validate::rule::Rule;
use crate::validate::script::{Script, evenly, gamma, quoted, span};
use serde::Deserialize;

const RECORDED: &str = include_str!("../../../assets/recorded/kafka-consumer-crash.json");
const SOURCE: &str = "60 recorded kills: Apache Kafka 3.6.2, its Java client, librdkafka 2.16.0";

/// Replays of each kill.
const RUNS: u32 = 8;
/// Coefficient of variation of the work on a record. Recorded rates of one setting differ by 1 to 2 % from run to
/// run; over the 200 records between two commits, this makes 1 %.
const JITTER: f64 = 0.15;
/// The longest time that passes between an assignment and the first record, in seconds: the Java client's usual start,
/// rounded up.
const FIRST_FETCH: f64 = 0.1;
/// Why takeovers come out earlier than recorded.
const NO_FIRST_FETCH: &str = "the recorded successor needs 0.05 to 0.12 s from its assignment to its first record, for \
looking up its committed offset and for the first fetch, which the model gives no time as long as its wires have none";

#[derive(Deserialize)]
struct Recording {
    rows: Vec<Kill>,
}

#[derive(Clone, Debug, Deserialize)]
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

/// When a client commits.
#[derive(Clone, Copy, PartialEq)]
enum Commits {
    Every(f64),
    After,
    Before,
}

/// How long before its first record a client begins to count, in seconds.
#[derive(Clone, Copy, Debug)]
struct Start {
    usual: f64,
    spread: f64,
}

/// What one replayed kill led to: duplicates, losses, and seconds until the takeover.
type Outcome = [f64; 3];

pub(super) fn trials(seed: u64) -> Vec<Trial> {
    let kills =
        serde_json::from_str::<Recording>(RECORDED).expect("a recording in the repository is whole").rows;
    let starts = ["java", "librdkafka"].map(|client| (client, estimated_start(&kills, client)));
    let start = |kill: &Kill| starts.iter().find(|(c, _)| *c == kill.client).map_or(starts[0].1, |(_, s)| *s);
    let mut all: Vec<Trial> = Vec::new();
    for setting in kills.chunk_by(|a, b| a.setting() == b.setting()) {
        all.push(trial(setting.to_vec(), start(&setting[0]), seed));
    }
    let odd: Vec<(Kill, Start)> =
        kills.iter().filter(|k| !k.rep.is_multiple_of(2)).map(|k| (k.clone(), start(k))).collect();
    all.push(bias(odd));
    all
}

impl Kill {
    fn setting(&self) -> (&str, &str, u64, u32) {
        (&self.client, &self.mode, self.commit_s.to_bits(), self.batch)
    }
    fn commits(&self) -> Commits {
        match self.mode.as_str() {
            "commit-after" => Commits::After,
            "commit-before" => Commits::Before,
            _ => Commits::Every(self.commit_s),
        }
    }
    /// Mean time between two commits, in seconds: automatic ones are on average half a poll late.
    fn period(&self) -> f64 {
        let poll = f64::from(self.batch) / self.rate;
        match self.commits() {
            Commits::Every(interval) if poll < interval => interval + poll / 2.0,
            _ => poll,
        }
    }
    /// If its commits tell when the client began, how long before its first record that was.
    fn start(&self) -> Option<f64> {
        let Commits::Every(_) = self.commits() else { return None };
        let committed = (f64::from(self.processed_1) - self.duplicates) / self.rate;
        let commits = libm::round(committed / self.period());
        (f64::from(self.batch) / self.rate < self.commit_s / 2.0)
            .then_some(commits * self.period() - committed)
    }
    /// The kill as a scenario, for a client that gets its first record after about `start`.
    fn script(&self, start: Start, chance: &mut Stream) -> Script {
        // A linger of nothing would send the first record alone.
        let begins = (start.usual + start.spread * (2.0 * chance.unit() - 1.0)).max(1e-6);
        let killed = begins + (f64::from(self.processed_1) + 0.5) / self.rate;
        let title = format!("Kill {} of a consumer: {}", self.rep, self.words());
        let commit = match self.commits() {
            Commits::Every(interval) => format!("{{ every = {} }}", span(interval)),
            Commits::After => quoted("after-batch"),
            Commits::Before => quoted("before-processing"),
        };
        let delivery = if self.commits() == Commits::Before { "at-most-once" } else { "at-least-once" };
        let work = gamma(&format!("{}ns", libm::round(1e9 / self.rate)), JITTER);
        Script::new(&title, &evenly(2e9), &work, "10us")
            .set("end", "{ drain = \"1h\" }")
            .set("sample-every", quoted("1s"))
            .set("topic.work.partitions", 6)
            .set("producer.source.partitioner", quoted("round-robin"))
            .set("producer.source.size", quoted("1B"))
            .set("producer.source.linger", span(begins))
            .set("producer.source.batch-size", quoted("1MB"))
            .set("group.sink.max-poll-records", self.batch)
            .set("group.sink.commit", commit)
            .set("group.sink.delivery", quoted(delivery))
            .set("group.sink.session-timeout", quoted("6s"))
            .fault(format!("crash = \"sink/0\"\nat = {}\nrestart-after = \"1s\"", span(killed)))
            .fault(format!("slow = \"sink/0\"\nat = {}\nfactor = 0.001", span(killed + 0.5)))
    }
    fn words(&self) -> String {
        let client = if self.client == "java" { "the Java client" } else { "librdkafka" };
        match self.commits() {
            Commits::Every(s) => format!("{client}, automatic commits every {s} s, polls of {}", self.batch),
            Commits::After => format!("{client}, commits after batches of {}", self.batch),
            Commits::Before => format!("{client}, commits before batches of {}", self.batch),
        }
    }
    /// What the simulator makes of it, several times.
    fn replay(&self, start: Start, stage: &Stage<'_>) -> Vec<Outcome> {
        let one = |run: u32| {
            let mut chance = stage.chance(&self.purpose(), run);
            let record = stage.scenario(&self.script(start, &mut chance).text(), run);
            ["duplicates", "lost", "takeover"].map(|m| value(&record, &format!("group.sink.{m}")))
        };
        (0..RUNS).map(one).collect()
    }
    fn purpose(&self) -> String {
        format!("kill {} {} {} {} {}", self.client, self.mode, self.commit_s, self.batch, self.rep)
    }
    fn recorded(&self) -> Outcome {
        [self.duplicates, self.lost, self.takeover_s]
    }
}

/// What the even repetitions of a client tell about its start.
fn estimated_start(kills: &[Kill], client: &str) -> Start {
    let even = kills.iter().filter(|k| k.client == client && k.rep.is_multiple_of(2));
    let mut starts: Vec<f64> = even.filter_map(Kill::start).collect();
    starts.sort_by(f64::total_cmp);
    let usual = starts[starts.len() / 2];
    Start { usual, spread: starts.iter().map(|s| libm::fabs(s - usual)).fold(0.0, f64::max) }
}

fn mean(outcomes: &[Outcome], i: usize) -> f64 {
    outcomes.iter().map(|o| o[i]).sum::<f64>() / outcomes.len() as f64
}

/// The ten kills of one setting; a replication is a kill.
fn trial(kills: Vec<Kill>, start: Start, seed: u64) -> Trial {
    let first = kills[0].clone();
    let spread = |i: usize| range(kills.iter().map(|k| k.recorded()[i]));
    let takeovers = spread(2);
    let takeover = Case::measured(
        "takeover",
        "time until a successor reads, mean over the kills",
        Unit::Seconds,
        takeovers,
    )
    .by("between the least and the greatest of ten kills", SOURCE);
    let takeover = match first.commits() {
        // Commits are so frequent that nothing else of the time is left to chance.
        Commits::Before => takeover.known(NO_FIRST_FETCH, (takeovers.0 - FIRST_FETCH, takeovers.1)),
        _ => takeover,
    };
    let cases = vec![
        Case::measured("duplicates", "records done twice, mean over the kills", Unit::Count, spread(0))
            .by("between the least and the greatest of ten kills", SOURCE),
        Case::measured("lost", "records lost, mean over the kills", Unit::Count, spread(1))
            .by("between the least and the greatest of ten kills", SOURCE),
        takeover,
        Case::predicted(
            "each",
            "share of kills of which each figure is what the replays of it give",
            Unit::Ratio,
            1.0,
            0.0,
        )
        .by("within a batch and a twentieth of a commit period, and within half a second, of the range of the replays", SOURCE)
        .rule(Rule::Every { grain: 0.0 }),
    ];
    let script = first.script(start, &mut chance(seed, &first.purpose(), 0)).text();
    let name = match first.commits() {
        Commits::Every(s) => format!("kill-{}-auto-{s}-{}", first.client, first.batch),
        Commits::After => format!("kill-{}-after-{}", first.client, first.batch),
        Commits::Before => format!("kill-{}-before-{}", first.client, first.batch),
    };
    Trial {
        group: Group::Measured,
        name,
        title: format!("Kills of a consumer: {}", first.words()),
        script: format!("# The first of ten kills and of {RUNS} replays of each.\n{script}"),
        replications: kills.len() as u32,
        cases,
        play: Box::new(move |stage, replication| {
            let kill = &kills[replication as usize];
            let found = kill.replay(start, stage);
            let records = f64::from(kill.batch) + 0.05 * kill.period() * kill.rate;
            let near = [records, records, 0.5].iter().enumerate().all(|(i, margin)| {
                let (low, high) = range(found.iter().map(|o| o[i]));
                (low - margin..=high + margin).contains(&kill.recorded()[i])
            });
            vec![mean(&found, 0), mean(&found, 1), mean(&found, 2), f64::from(u8::from(near))]
        }),
    }
}

/// Recorded less simulated, over the kills that had no part in the estimates.
fn bias(kills: Vec<(Kill, Start)>) -> Trial {
    let cases = vec![
        Case::predicted(
            "at-stake",
            "recorded less simulated records at stake, in commit periods",
            Unit::Ratio,
            0.0,
            0.0,
        )
        .by("0: no bias", SOURCE)
        .rule(Rule::Difference { resolution: 0.1 }),
        Case {
            expected: Expected::Between(0.0, FIRST_FETCH),
            ..Case::predicted(
                "takeover",
                "recorded less simulated time until a successor reads",
                Unit::Seconds,
                0.0,
                0.0,
            )
        }
        .by("0, and up to 0.1 s for a real successor's first fetch", SOURCE)
        .rule(Rule::Difference { resolution: 0.1 }),
    ];
    Trial {
        group: Group::Measured,
        name: "kill-bias".into(),
        title: "Kills of a consumer: is there a bias over all settings?".into(),
        script: "the odd kills of each setting, as in the trials before\n".into(),
        replications: kills.len() as u32,
        cases,
        play: Box::new(move |stage, replication| {
            let (kill, start) = &kills[replication as usize];
            let found = kill.replay(*start, stage);
            // In parts of a commit period, so that no setting outweighs the others.
            let off = kill.duplicates - mean(&found, 0) + kill.lost - mean(&found, 1);
            vec![off / (kill.period() * kill.rate), kill.takeover_s - mean(&found, 2)]
        }),
    }
}
