//! Properties that hold for every plan, tried on random ones. A failure names the seed that replays it.

use crate::chronicle::parting;
use crate::draw::{self, Without};
use crate::laws::Laws;
use crate::support::metric;
use laglab::engine::{Dist, Span, Time};
use laglab::experiment::once;
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::Watch;
use laglab::model::cause::{LossCause, ShedReason};
use laglab::model::fact::Facts;
use laglab::model::ids::{EventId, PartitionId, ProducerId, TopicId};
use laglab::model::plan::{Acks, End, Isolation, Plan};
use laglab::model::record::Record;
use laglab::model::world::World;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds that failed once, tried before all others.
const REMEMBERED: &[u64] = &[];
/// Where the fresh seeds begin.
const BASE: u64 = 1_000;
/// How many there are.
const PLANS: u64 = 1_000;
/// More looks than a run of a drawn plan can need: it does not end.
const LOOKS: u64 = 1_000;

/// Plans of a kind, by their seed.
type Kind = (&'static str, fn(u64) -> Plan);
/// All kinds there are, as `swarm.txt` names them.
const KINDS: [Kind; 3] =
    [("", draw::plan), ("chained ", draw::chained_plan), ("streams ", draw::stream_plan)];

/// Stops a run that does not end.
#[derive(Default)]
struct Impatient(AtomicU64);
impl Watch for Impatient {
    fn cancelled(&self) -> bool {
        false
    }
    fn progress(&self, done: Span) {
        assert!(self.0.fetch_add(1, Ordering::Relaxed) < LOOKS, "the run does not end; it is at {done}");
    }
}

/// One run of a plan, which must end.
pub fn run(plan: &Plan) -> RunRecord {
    once::run(plan, 0, &Impatient::default())
}

/// Tries `law` on every seed, and names those that break it.
fn for_every_seed(law: impl Fn(u64) -> Result<(), String>) {
    let range = BASE..BASE + PLANS;
    let mut broken = Vec::new();
    for seed in REMEMBERED.iter().copied().chain(range) {
        let outcome = catch_unwind(AssertUnwindSafe(|| law(seed)));
        let why = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(why)) => why,
            Err(panic) => panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                .unwrap_or_default(),
        };
        broken.push(format!("seed {seed}: {why}"));
    }
    let first: Vec<&String> = broken.iter().take(20).collect();
    assert!(broken.is_empty(), "{} plans break the law; the first: {first:#?}", broken.len());
}

/// What two records differ in, if they do.
fn difference(a: &RunRecord, b: &RunRecord) -> Result<(), String> {
    let mut all = Vec::new();
    for (name, value) in &a.metrics {
        let other = b.metrics.get(name);
        if other.map(|x| x.to_bits()) != Some(value.to_bits()) {
            all.push(format!("{name}: {value} and {other:?}"));
        }
    }
    all.extend(b.metrics.keys().filter(|k| !a.metrics.contains_key(*k)).map(|k| format!("{k} appears")));
    for (x, y) in a.series.iter().zip(&b.series) {
        if format!("{x:?}") != format!("{y:?}") {
            all.push(format!("series {}", x.name));
        }
    }
    let same = [
        ("digest", a.digest == b.digest),
        ("marks", a.marks == b.marks),
        ("states", a.states == b.states),
        ("warnings", a.warnings == b.warnings),
        ("created", a.created == b.created),
        ("end", a.end == b.end),
        ("series", a.series.len() == b.series.len()),
    ];
    all.extend(same.iter().filter(|(_, same)| !same).map(|(what, _)| (*what).to_owned()));
    if all.is_empty() { Ok(()) } else { Err(all.join("; ")) }
}

#[test]
fn a_run_is_the_same_again_and_on_another_thread() {
    // The books are checked inside every run.
    for_every_seed(|seed| {
        let plan = draw::plan(seed);
        let first = run(&plan);
        difference(&first, &run(&plan))?;
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| run(&plan)).join());
        difference(&first, &elsewhere.map_err(|_| "it fails on another thread".to_owned())?)
    });
}

/// Both paths share most of their code, and a mistake of both is seen only against what was the case before.
/// `LAGLAB_BLESS=1` writes it down anew, a line per hundred seeds.
#[test]
fn every_run_is_what_it_was() {
    let lines = KINDS.iter().flat_map(|(kind, plan)| {
        (BASE..BASE + PLANS).step_by(100).map(move |first| {
            let digests = (first..first + 100).map(|seed| run(&plan(seed)).digest);
            format!("{kind}{first} {:016x}\n", digests.fold(0, laglab::engine::mix))
        })
    });
    let found: String = lines.collect();
    if std::env::vars().any(|(name, value)| name == "LAGLAB_BLESS" && value == "1") {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/swarm.txt");
        std::fs::write(file, &found).expect("a writable file");
        return;
    }
    assert!(
        found == include_str!("swarm.txt"),
        "runs of random plans have changed. If that is meant, `LAGLAB_BLESS=1 cargo test --test it swarm` writes \
         tests/it/swarm.txt anew, and CHANGELOG.md says why:\n{found}"
    );
}

#[test]
fn the_plain_path_gives_the_same_results() {
    for_every_seed(|seed| {
        let plan = draw::plan(seed);
        let plain = Plan { reference: true, ..plan.clone() };
        difference(&run(&plan), &run(&plain)).map_err(|what| format!("{what}\n{}", parting(&plan, &plain)))
    });
}

/// The same where producers send every event at once and wait for no answer, into brokers that take no time: what
/// travels without a request meets the same faults, quotas and ends of runs.
#[test]
fn what_nobody_answers_for_comes_to_the_same_without_a_request() {
    for_every_seed(|seed| {
        let mut plan = draw::plan(seed);
        (plan.cluster.request_cost, plan.cluster.byte_cost) = (Dist::ZERO, 0.0);
        for p in &mut plan.producers {
            (p.acks, p.linger, p.idempotence, p.transactional) = (Acks::None, Span::ZERO, false, None);
        }
        if seed % 2 == 0 {
            plan.end = End::Stop;
        }
        let plain = Plan { reference: true, ..plan.clone() };
        difference(&run(&plan), &run(&plain)).map_err(|what| format!("{what}\n{}", parting(&plan, &plain)))
    });
}

#[test]
fn every_run_keeps_the_laws() {
    for_every_seed(|seed| keeps_the_laws(&draw::plan(seed)));
}

fn keeps_the_laws(plan: &Plan) -> Result<(), String> {
    match Laws::broken_by(plan).join("; ") {
        broken if broken.is_empty() => Ok(()),
        broken => Err(broken),
    }
}

/// Once more, on the plain path, and before the law.
fn holds(plan: &Plan) -> Result<(), String> {
    let first = run(plan);
    difference(&first, &run(plan))?;
    let plain = Plan { reference: true, ..plan.clone() };
    difference(&first, &run(&plain)).map_err(|what| format!("{what}\n{}", parting(plan, &plain)))?;
    keeps_the_laws(plan)
}

#[test]
fn all_this_holds_with_a_stage_in_between() {
    for_every_seed(|seed| {
        let plan = draw::chained_plan(seed);
        holds(&plan)?;
        let again = metric(&run(&plan), "group.reader.duplicates.produced-again");
        if again > 0.0 && makes_each_once(&plan) {
            return Err(format!("{again} outputs count twice in spite of their transactions"));
        }
        Ok(())
    });
}

/// Whether a stage has transactions, their reader waits for them, and the stage's group never goes back on purpose or
/// for want of its offsets.
fn makes_each_once(plan: &Plan) -> bool {
    let in_transactions = plan.producers.iter().any(|p| p.from.is_some() && p.transactional.is_some());
    let waits = plan.groups.last().is_some_and(|g| g.isolation == Isolation::ReadCommitted);
    let back = plan.faults.iter().any(|f| f.what.entry.name == "replay");
    in_transactions && waits && !back && plan.cluster.offsets_retention == Span::FOREVER
}

#[test]
fn all_this_holds_for_streams() {
    for_every_seed(|seed| holds(&draw::stream_plan(seed)));
}

#[test]
fn another_group_changes_nothing_for_the_others() {
    for_every_seed(|seed| {
        let mut plan = draw::plan_without(seed, Without { shared: true, ..Without::default() });
        // A run that drains goes on until every group is done.
        plan.end = End::Stop;
        let alone = run(&plan);
        plan.groups.push(draw::another_group(seed, &plan));
        let together = run(&plan);
        let concerns = |name: &str| !name.starts_with("broker.") && !name.contains(draw::ANOTHER);
        difference(&only(&alone, concerns), &only(&together, concerns))
    });
}

#[test]
fn producers_create_the_same_whatever_the_others_do() {
    for_every_seed(|seed| {
        let plan = draw::plan(seed);
        let mut changed = plan.clone();
        changed.producers[0] = draw::another_producer(seed, &plan);
        let theirs = plan.producers[0].instances;
        let (before, after) = (Created::by_others(&plan, theirs), Created::by_others(&changed, theirs));
        if before.agrees_with(&after) {
            Ok(())
        } else {
            Err("another producer's events have changed".to_owned())
        }
    });
}

/// A record without the metrics and series whose names do not concern, nor what stands for the whole run.
fn only(record: &RunRecord, concerns: impl Fn(&str) -> bool) -> RunRecord {
    let mut record = record.clone();
    record.metrics.retain(|name, _| concerns(name));
    record.series.retain(|s| concerns(&s.name));
    record.marks.retain(|m| m.group.as_deref().is_none_or(&concerns));
    record.states.retain(|s| concerns(&s.consumer));
    record.warnings.retain(|w| concerns(&w.text));
    record.digest = 0;
    record
}

/// What producers create: the moment of each event, and what became of it as a record.
#[derive(Default)]
struct Created {
    /// Producers before this one are left out.
    from: u32,
    times: BTreeMap<EventId, Time>,
    records: BTreeMap<EventId, (Time, u32, u32)>,
}

impl Created {
    fn by_others(plan: &Plan, from: u32) -> Created {
        let plan = Arc::new(plan.clone());
        let mut created = Created { from, ..Created::default() };
        let mut world = World::new(&plan, 0, &mut created);
        let mut looks = 0;
        while world.advance(100_000, &mut created) {
            looks += 1;
            assert!(looks < 250, "the run does not end");
        }
        created
    }
    /// Which events leave the producer depends on how busy the brokers are; what they are does not.
    fn agrees_with(&self, other: &Created) -> bool {
        let mut both =
            self.records.iter().filter_map(|(event, what)| Some((what, other.records.get(event)?)));
        self.times == other.times && both.all(|(mine, theirs)| mine == theirs)
    }
    fn hear(&mut self, record: &Record) {
        if record.event.producer().0 >= self.from {
            let what = (record.created, record.key, record.size);
            let before = self.records.insert(record.event, what);
            assert!(before.is_none_or(|b| b == what), "an event stays what it is");
        }
    }
}

impl Facts for Created {
    fn created(&mut self, producer: ProducerId, _: TopicId, first: u64, times: &[Time]) {
        if producer.0 >= self.from {
            self.times.extend((first..).zip(times).map(|(n, at)| (EventId::new(producer, n), *at)));
        }
    }
    fn sent(&mut self, _: ProducerId, _: PartitionId, records: &[Record], _: u32, _: Time) {
        records.iter().for_each(|r| self.hear(r));
    }
    fn shed(&mut self, record: &Record, _: TopicId, _: ShedReason, _: Time) {
        self.hear(record);
    }
    fn lost_on_the_way(&mut self, records: &[Record], _: TopicId, _: LossCause, _: Time) {
        records.iter().for_each(|r| self.hear(r));
    }
}
