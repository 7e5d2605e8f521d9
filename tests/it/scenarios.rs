//! Every shipped scenario is read, run and judged, and its digest is the committed one: a change of results
//! is never an accident.

use laglab::experiment::results::{Outcome, Results};
use laglab::experiment::run_all;
use laglab::experiment::watch::Unwatched;
use laglab::lab::judge;
use laglab::scenario::{Overrides, Scenario, render};
use std::path::{Path, PathBuf};

/// Every scenario file, in order.
pub fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files = Vec::new();
    for folder in [root.clone(), root.join("published"), root.join("speed")] {
        let entries = std::fs::read_dir(folder).expect("the scenarios are there");
        files.extend(
            entries
                .map(|e| e.expect("a readable folder").path())
                .filter(|p| p.extension().is_some_and(|x| x == "toml")),
        );
    }
    files.sort();
    files
}

/// Reads a scenario with `--set` overrides.
pub fn read(path: &Path, set: &[(&str, &str)]) -> Scenario {
    let text = std::fs::read_to_string(path).expect("a readable scenario");
    let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
    let set = set.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let mut load = |file: &str| std::fs::read(path.with_file_name(file)).map_err(|e| e.to_string());
    Scenario::parse(&name, &text, &overrides, &mut load)
        .unwrap_or_else(|complaints| panic!("{}", render(&complaints, &name, &text, false)))
}

/// Runs a scenario and judges it.
pub fn judged(scenario: &Scenario) -> Results {
    let mut results = run_all(scenario, None, &Unwatched).expect("nobody cancels");
    results.verdicts = judge(scenario, &results);
    results
}

/// One value for everything a scenario's runs told.
fn digest(results: &Results) -> u64 {
    let points = results.sweep.iter().flat_map(|p| &p.variants);
    let all = results.variants.iter().chain(points).flat_map(|v| v.digests.iter().copied());
    all.fold(0xcbf2_9ce4_8422_2325, |h, d| (h ^ d).wrapping_mul(0x0100_0000_01b3).rotate_left(5))
}

#[test]
fn every_scenario_keeps_its_promises_and_its_digest() {
    let committed = include_str!("digests.txt");
    let (mut complaints, mut lines) = (Vec::new(), String::new());
    for file in files() {
        let scenario = read(&file, &[]);
        let results = judged(&scenario);
        assert!(!results.verdicts.is_empty(), "{}: a scenario expects something", scenario.name);
        for v in results.verdicts.iter().filter(|v| v.outcome != Outcome::Held) {
            complaints.push(format!("{}: {} ({}): {}", scenario.name, v.name, v.scope, v.evidence));
        }
        lines.push_str(&format!("{} {:016x}\n", scenario.name, digest(&results)));
    }
    assert!(complaints.is_empty(), "not held:\n{}", complaints.join("\n"));
    assert!(
        lines == committed,
        "results have changed. If that is meant, put this into tests/it/digests.txt and say why in CHANGELOG.md \
         under \"Results changed\":\n{lines}"
    );
}
