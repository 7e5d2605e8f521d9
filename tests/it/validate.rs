//! The validation suite, run as `laglab validate --quick` runs it; and the proof that it notices what it is for.

mod late_commits;

use laglab::engine::{Dist, Stream, StreamKey, Time, WheelQueue};
use laglab::experiment::results::RunRecord;
use laglab::experiment::watch::{Unwatched, Watch};
use laglab::model::arrivals::{Arrivals, MEMBERS};
use laglab::model::catalog::{Args, Choice, Entry};
use laglab::model::plan::{Commit, Plan};
use laglab::report::text::Style;
use laglab::report::validation;
use laglab::station::{self, StationPlan, StationRecord, Streams};
use laglab::validate::{Findings, Options, Outcome, Plain, Rig, Size, play};

fn quick(only: &str) -> Options {
    Options { seed: 1, size: Size::Quick, jobs: None, only: Some(only.to_owned()) }
}

fn played(options: &Options, rig: &dyn Rig) -> Findings {
    play(options, rig, &Unwatched).expect("nobody called it off")
}

#[test]
fn every_case_of_the_suite_passes() {
    let findings = played(&Options { only: None, ..quick("") }, &Plain);
    assert_eq!(findings.count(Outcome::Failed), 0, "{}", validation::text(&findings, 120, Style::default()));
    assert_eq!(findings.cases.len(), findings.of);
    // A known difference that has gone must not be kept as an excuse.
    for f in findings.cases.iter().filter(|f| f.case.known.is_some()) {
        assert_eq!(f.outcome, Outcome::Explained, "{}", findings.name(f));
    }
}

#[test]
fn names_of_cases_are_their_own() {
    let suite = laglab::validate::suite(1, Size::Full);
    let mut names: Vec<String> = suite
        .iter()
        .flat_map(|t| t.cases.iter().map(move |c| format!("{}/{}/{}", t.group.name(), t.name, c.name)))
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    for case in suite.iter().flat_map(|t| &t.cases) {
        assert!(!case.formula.is_empty() && !case.source.is_empty(), "{}", case.figure);
    }
}

#[test]
fn the_number_of_threads_never_shows() {
    let options = Options { jobs: Some(1), ..quick("erlang") };
    let one = played(&options, &Plain);
    let three = played(&Options { jobs: Some(3), ..options }, &Plain);
    assert_eq!(validation::files(&one), validation::files(&three));
    assert!(one.cases.len() >= 6);
    let files = validation::files(&one);
    let page = files.iter().find(|(name, _)| name == "index.html").map(|(_, bytes)| bytes.clone());
    let page = String::from_utf8(page.expect("charts are on")).unwrap();
    for outside in ["http://", "https://", "src=\"", "<script", "<link", "{{"] {
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
    }
}

/// Asserts that these lie outside of what their rules allow, with the fault; that all of them pass without it is the
/// first test's business. Being too vague to tell is not enough.
#[track_caller]
fn assert_noticed(cases: &[&str], rig: &dyn Rig) {
    let unnoticed: Vec<&str> = cases
        .iter()
        .copied()
        .filter(|case| {
            let findings = played(&quick(case), rig);
            let found =
                findings.cases.iter().find(|f| findings.name(f) == *case).expect("a case of the suite");
            found.outcome != Outcome::Failed || found.why != "outside"
        })
        .collect();
    assert_eq!(unnoticed, Vec::<&str>::new());
}

fn plain_station(plan: &StationPlan, key: StreamKey) -> StationRecord {
    Plain.station(plan, key)
}

/// Services that take 2 % longer than asked for.
struct SlowServices;

fn slower(dist: &Dist) -> Dist {
    match dist {
        Dist::Exponential { mean } => Dist::Exponential { mean: mean * 1.02 },
        Dist::Constant(ns) => Dist::Constant(ns + ns / 50),
        other => other.clone(),
    }
}

impl Rig for SlowServices {
    fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
        let mut plan = plan.clone();
        for group in &mut plan.groups {
            group.service = slower(&group.service);
            group.poll_cost = slower(&group.poll_cost);
        }
        Plain.run(&plan, replication, watch)
    }
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
        let mut plan = plan.clone();
        plan.classes.iter_mut().for_each(|c| c.service = slower(&c.service));
        plain_station(&plan, key)
    }
}

#[test]
fn a_service_rate_off_by_two_percent_is_noticed() {
    let cases = [
        "pipeline/m-m-1-0.5/utilisation",
        "pipeline/m-m-1-0.8/mean",
        "pipeline/m-m-1-0.9/mean",
        "pipeline/m-d-1-0.9/mean",
        "pipeline/m-m-4-0.8/utilisation",
        "pipeline/two-producers/mean",
        "pipeline/poll-batch-10/mean",
        "station/m-m-1-0.8/p99",
        "station/m-m-1-0.9/mean",
        "station/m-d-1-0.8/mean",
        "station/m-m-2-0.8/waits",
        "station/priority-alike/second",
        "station/window-26/throughput",
        "messaging/pause-0.8/drain",
        "messaging/slow/drain",
        "engines/pipeline/formula",
    ];
    assert_noticed(&cases, &SlowServices);
}

/// An arrival process of which every thousandth event is dropped before anybody hears of it.
struct Thinned {
    inner: Box<dyn Arrivals>,
    seen: u64,
}

impl Arrivals for Thinned {
    fn fill(&mut self, n: usize, rng: &mut Stream, out: &mut Vec<Time>) {
        let mut all = Vec::new();
        self.inner.fill(n, rng, &mut all);
        for time in all {
            self.seen += 1;
            if !self.seen.is_multiple_of(1000) {
                out.push(time);
            }
        }
    }
    fn mean_rate(&self, from: Time, to: Time) -> f64 {
        self.inner.mean_rate(from, to)
    }
}

fn build_thinned(args: &Args) -> Box<dyn Arrivals> {
    let inner = Choice::of(MEMBERS, "constant", args.clone()).build();
    Box::new(Thinned { inner, seen: 0 })
}

static THINNED: Entry<dyn Arrivals> =
    Entry { name: "thinned", summary: "", doc: "", params: &[], build: build_thinned };

struct DroppedEvents;

impl Rig for DroppedEvents {
    fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
        let mut plan = plan.clone();
        for producer in plan.producers.iter_mut().filter(|p| p.arrivals.entry.name == "constant") {
            producer.arrivals.entry = &THINNED;
        }
        Plain.run(&plan, replication, watch)
    }
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
        plain_station(plan, key)
    }
}

#[test]
fn one_event_in_a_thousand_dropped_before_it_is_counted_is_noticed() {
    assert_noticed(&["pipeline/d-d-1/created", "pipeline/d-d-1/applied"], &DroppedEvents);
}

/// Automatic commits that come one poll later than they should.
struct LateAutoCommits;

impl Rig for LateAutoCommits {
    fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
        let mut plan = plan.clone();
        for group in &mut plan.groups {
            if let Commit::Auto(interval) = &mut group.commit {
                *interval += laglab::engine::Span::nanos(group.service.mean() as u64)
                    .scaled(f64::from(group.max_poll_records));
            }
        }
        Plain.run(&plan, replication, watch)
    }
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
        plain_station(plan, key)
    }
}

#[test]
fn commits_one_batch_late_are_noticed() {
    assert_noticed(
        &["messaging/auto-commit-0.7/duplicates", "messaging/auto-commit-0.1/duplicates"],
        &LateAutoCommits,
    );
    assert_noticed(&["messaging/commit-after-batch/duplicates"], &late_commits::LateCommits);
}

/// Two components that draw from one stream: the producers of a plan, or arrivals and services of a station.
struct SharedStreams;

impl Rig for SharedStreams {
    fn run(&self, plan: &Plan, replication: u32, watch: &dyn Watch) -> RunRecord {
        let mut plan = plan.clone();
        let name = plan.producers[0].name.clone();
        plan.producers.iter_mut().for_each(|p| p.name.clone_from(&name));
        Plain.run(&plan, replication, watch)
    }
    fn station(&self, plan: &StationPlan, key: StreamKey) -> StationRecord {
        let one = |i: usize| (key.stream(&format!("class.{i}")), key.stream(&format!("class.{i}")));
        station::run(plan, Streams((0..plan.classes.len()).map(one).collect()), WheelQueue::default())
    }
}

#[test]
fn a_random_stream_shared_by_two_components_is_noticed() {
    let cases = [
        "pipeline/two-producers/mean",
        "station/m-m-1-0.5/mean",
        "station/m-m-4-0.8/waits",
        "station/priority-alike/first",
        "station/m-m-1-0.8/p99",
    ];
    assert_noticed(&cases, &SharedStreams);
}
