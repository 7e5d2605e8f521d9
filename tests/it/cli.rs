//! The program as a person or a pipeline meets it: exit codes, streams, files, and what stays untouched.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A system that is small enough to run in a moment.
const SCENARIO: &str = r#"
title = "A small system"
duration = "20s"
warm-up = "2s"
seed = 7
replications = 3

[topic.orders]
partitions = 4

[producer.checkout]
topic = "orders"
rate = "50/s"

[group.billing]
topic = "orders"
consumers = 2
service-time = "2ms"

[variant.slow]
"group.billing.service-time" = "4ms"

[expect]
"everything created is accounted for" = "group.billing.created > 0"
"slow processing takes longer" = "group.billing.latency.mean@slow > group.billing.latency.mean@base"
"#;

pub fn laglab(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_laglab"))
        .args(args)
        .current_dir(home)
        .env_remove("COLUMNS")
        .output()
        .expect("the program was built")
}

/// A folder with `small.toml` in it.
pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("small.toml"), SCENARIO).unwrap();
    home
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

#[track_caller]
pub fn assert_code(output: &Output, expected: i32) {
    assert_eq!(code(output), expected, "stdout: {}\nstderr: {}", text(&output.stdout), text(&output.stderr));
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The files below a folder, by their paths relative to it.
fn below(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for name in entries(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            all.extend(below(&path).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            all.push(name);
        }
    }
    all
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let home = home();
    let help = laglab(home.path(), &["--help"]);
    assert_code(&help, 0);
    for word in ["run", "check", "list", "explain", "import", "schema", "completions", "Exit codes", "130"] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    assert_code(&laglab(home.path(), &[]), 2);
    assert_code(&laglab(home.path(), &["rum"]), 2);
}

#[test]
fn a_run_prints_a_summary_and_writes_its_folder() {
    let home = home();
    let run = laglab(home.path(), &["run", "small.toml"]);
    assert_code(&run, 0);
    assert!(text(&run.stdout).contains("A small system"), "{}", text(&run.stdout));
    assert!(!text(&run.stdout).contains('\u{1b}'), "no styles where nobody asked for them");
    let written = entries(&home.path().join("output/small"));
    assert!(written.contains(&"summary.json".to_owned()) && written.contains(&"stories.json".to_owned()));
    assert_eq!(entries(&home.path().join("output")), ["small"], "nothing is left beside it");
}

#[test]
fn the_number_of_threads_does_not_show_in_any_file() {
    let home = home();
    for jobs in ["1", "3"] {
        assert_code(
            &laglab(home.path(), &["run", "small.toml", "--quiet", "--jobs", jobs, "--out", jobs]),
            0,
        );
    }
    let (one, three) = (home.path().join("1"), home.path().join("3"));
    let names = below(&one);
    assert_eq!(names, below(&three));
    assert!(names.len() > 3);
    for name in names {
        assert!(fs::read(one.join(&name)).unwrap() == fs::read(three.join(&name)).unwrap(), "{name} differs");
    }
}

#[test]
fn charts_change_nothing_but_that_they_are_there() {
    let home = home();
    assert_code(&laglab(home.path(), &["run", "small.toml", "--quiet", "--out", "with"]), 0);
    assert_code(
        &laglab(home.path(), &["run", "small.toml", "--quiet", "--no-charts", "--out", "without"]),
        0,
    );
    let (with, without) = (home.path().join("with"), home.path().join("without"));
    assert_eq!(below(&without), [".laglab", "series.csv", "stories.json", "summary.json"]);
    assert!(below(&with).len() > 5, "{:?}", below(&with));
    for name in ["series.csv", "stories.json", "summary.json"] {
        assert!(
            fs::read(with.join(name)).unwrap() == fs::read(without.join(name)).unwrap(),
            "{name} differs"
        );
    }
}

#[test]
fn json_goes_to_stdout_alone_and_equals_the_file() {
    let home = home();
    let run = laglab(home.path(), &["run", "small.toml", "--format", "json", "--out", "here"]);
    assert_code(&run, 0);
    assert_eq!(run.stdout, fs::read(home.path().join("here/summary.json")).unwrap());
    let _: serde_json::Value = serde_json::from_slice(&run.stdout).expect("one JSON document");
}

#[test]
fn format_none_and_quiet_print_nothing() {
    let home = home();
    for args in [["--format", "none"], ["--quiet", "--no-charts"]] {
        let run = laglab(home.path(), &[&["run", "small.toml"], &args[..]].concat());
        assert_code(&run, 0);
        assert_eq!(text(&run.stdout), "");
    }
}

#[test]
fn overrides_reach_the_results() {
    let home = home();
    let args = ["run", "small.toml", "--seed", "99", "--replications", "2", "--format", "json"];
    let run = laglab(home.path(), &args);
    assert_code(&run, 0);
    let summary: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((summary["seed"].as_u64(), summary["replications"].as_u64()), (Some(99), Some(2)));
}

#[test]
fn a_wrong_setting_is_the_users_mistake_and_writes_nothing() {
    let home = home();
    for wrong in ["group.billing.consumer=3", "group.nobody.consumers=3"] {
        let run = laglab(home.path(), &["run", "small.toml", "--set", wrong]);
        assert_code(&run, 2);
        assert!(text(&run.stderr).contains("error"), "{}", text(&run.stderr));
    }
    assert_code(&laglab(home.path(), &["run", "small.toml", "--set", "no-value"]), 2);
    assert_code(&laglab(home.path(), &["run", "small.toml", "--replications", "0"]), 2);
    assert_eq!(entries(home.path()), ["small.toml"]);
}

#[test]
fn a_file_that_is_not_there_is_named_with_its_neighbour() {
    let home = home();
    let run = laglab(home.path(), &["run", "smal.toml"]);
    assert_code(&run, 2);
    assert!(text(&run.stderr).contains("did you mean `small.toml`?"), "{}", text(&run.stderr));
    assert_code(&laglab(home.path(), &["run", "."]), 2);
    assert_eq!(entries(home.path()), ["small.toml"]);
}

#[test]
fn text_that_is_no_toml_is_shown_with_its_place() {
    let home = home();
    fs::write(home.path().join("bad.toml"), "title = \"open\n").unwrap();
    let run = laglab(home.path(), &["run", "bad.toml"]);
    assert_code(&run, 2);
    assert!(text(&run.stderr).contains("bad.toml"), "{}", text(&run.stderr));
    assert_eq!(text(&run.stdout), "");
}

#[test]
fn a_place_that_cannot_be_written_is_found_before_the_run() {
    let home = home();
    fs::write(home.path().join("blocked"), "a file").unwrap();
    let blocked = laglab(home.path(), &["run", "small.toml", "--out", "blocked/inside"]);
    assert_code(&blocked, 3);
    let told = text(&blocked.stderr);
    assert!(told.contains("could not create `blocked`") && told.contains("`--out`"), "{told}");
    assert_code(&laglab(home.path(), &["run", "small.toml", "--out", "blocked"]), 2);
    assert_code(&laglab(home.path(), &["run", "small.toml", "--out", "."]), 2);
    assert_eq!(entries(home.path()), ["blocked", "small.toml"]);
    assert_eq!(fs::read_to_string(home.path().join("blocked")).unwrap(), "a file");
}

#[test]
fn a_dry_run_prints_a_scenario_that_is_in_force_as_it_stands() {
    let home = home();
    let dry = laglab(home.path(), &["run", "small.toml", "--dry-run"]);
    assert_code(&dry, 0);
    assert_eq!(entries(home.path()), ["small.toml"], "nothing is written");
    let printed = text(&dry.stdout);
    let _: toml::Table = printed.parse().expect("it is TOML");
    fs::write(home.path().join("printed.toml"), &printed).unwrap();
    let again = laglab(home.path(), &["run", "printed.toml", "--dry-run"]);
    assert_code(&again, 0);
    let values = |s: &str| s.parse::<toml::Table>().unwrap();
    assert_eq!(values(&printed), values(&text(&again.stdout)), "all defaults are in it already");
}

#[test]
fn check_says_held_or_broken_by_line_and_exit_code() {
    let home = home();
    let held = laglab(home.path(), &["check", "small.toml"]);
    assert_code(&held, 0);
    assert!(text(&held.stdout).contains("held"), "{}", text(&held.stdout));
    let broken = SCENARIO.replace("created > 0", "created < 1");
    fs::create_dir(home.path().join("more")).unwrap();
    fs::write(home.path().join("more/broken.toml"), broken).unwrap();
    let check = laglab(home.path(), &["check", "small.toml", "more"]);
    assert_code(&check, 1);
    let lines = text(&check.stdout);
    assert!(lines.lines().any(|l| l.starts_with("broken") && l.contains("accounted for")), "{lines}");
    assert!(lines.contains("in 2 scenarios"), "{lines}");
    assert!(!home.path().join("output").exists(), "check writes nothing");
}

#[test]
fn check_judges_the_rest_when_one_scenario_is_wrong() {
    let home = home();
    fs::write(home.path().join("bad.toml"), "title = 1\n").unwrap();
    let check = laglab(home.path(), &["check", ".", "--format", "json"]);
    assert_code(&check, 2);
    let document: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert!(document[0]["error"].is_string(), "{document}");
    assert_eq!(document[1]["expectations"][0]["outcome"], "held", "{document}");
    assert_code(&laglab(home.path(), &["check", "nowhere.toml"]), 2);
    fs::create_dir(home.path().join("empty")).unwrap();
    assert_code(&laglab(home.path(), &["check", "empty"]), 2);
}

#[test]
fn lists_and_explanations_find_what_they_name() {
    let home = home();
    for topic in ["families", "metrics", "faults", "codes", "sections", "partitioner"] {
        let list = laglab(home.path(), &["list", topic]);
        assert_code(&list, 0);
        assert!(text(&list.stdout).lines().count() > 2, "{topic}");
    }
    assert_code(&laglab(home.path(), &["list"]), 0);
    assert_code(&laglab(home.path(), &["list", "scenarios"]), 2);
    fs::create_dir(home.path().join("scenarios")).unwrap();
    fs::copy(home.path().join("small.toml"), home.path().join("scenarios/01-small.toml")).unwrap();
    assert!(text(&laglab(home.path(), &["list", "scenarios"]).stdout).contains("A small system"));
    let names = [
        "salted",
        "partitioner.salted",
        "group.billing.lag-time.p99",
        "zombie",
        "E001",
        "W204",
        "fault",
        "group.max-poll-records",
        "group.billing.max-poll-records",
        "group",
    ];
    for name in names {
        assert_code(&laglab(home.path(), &["explain", name]), 0);
    }
    let wrong = laglab(home.path(), &["explain", "saltd"]);
    assert_code(&wrong, 2);
    assert!(text(&wrong.stderr).contains("did you mean `salted`?"), "{}", text(&wrong.stderr));
}

#[test]
fn the_stories_of_a_run_are_read_back_from_its_folder() {
    let home = home();
    assert_code(&laglab(home.path(), &["run", "small.toml", "--quiet"]), 0);
    let told = laglab(home.path(), &["explain", "--run", "output/small"]);
    assert_code(&told, 0);
    assert_ne!(text(&told.stdout), "");
    assert_code(&laglab(home.path(), &["explain", "--run", "."]), 2);
    assert_code(&laglab(home.path(), &["explain"]), 2);
}

#[test]
fn the_schema_is_json_and_completions_are_scripts() {
    let home = home();
    let schema = laglab(home.path(), &["schema"]);
    assert_code(&schema, 0);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert_eq!(schema["type"], "object");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = laglab(home.path(), &["completions", shell]);
        assert_code(&script, 0);
        assert!(text(&script.stdout).contains("laglab"));
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    use std::process::Stdio;
    let home = home();
    let mut list = Command::new(env!("CARGO_BIN_EXE_laglab"))
        .args(["list", "metrics"])
        .current_dir(home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(list.stdout.take());
    let ended = list.wait_with_output().unwrap();
    assert_code(&ended, 0);
    assert_eq!(text(&ended.stderr), "");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_long_run_without_a_trace() {
    let home = home();
    let run = long_run(home.path());
    interrupt(&run);
    let ended = run.wait_with_output().unwrap();
    assert_code(&ended, 130);
    assert_eq!(entries(home.path()), ["long.toml", "small.toml"]);
}

/// Line and column of the first place where `mark` stands, as complaints write them.
fn place(text: &str, mark: &str) -> String {
    let at = text.find(mark).unwrap_or_else(|| panic!("`{mark}` stands in the text"));
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    format!("{line}:{}", before.chars().rev().take_while(|c| *c != '\n').count() + 1)
}

/// What is put for what in [`SCENARIO`], the code of the complaint, where it points, and what it advises.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    ("\"50/s\"", "\"1_000_000_000_000_000/s\"", "E036", "\"1_000", "insist with `--unlimited`"),
    ("\"50/s\"", "\"0/s\"", "E021", "\"0/s\"", "give it a rate above zero"),
    ("\"2ms\"", "\"-2ms\"", "E009", "\"-2ms\"", "expected a length of time with its unit"),
    ("\"50/s\"", "\"50ms\"", "E007", "\"50ms\"", "expected a rate with its unit"),
    ("\"2ms\"", "2", "E006", "2\n\n[variant", "write \"2ms\" or \"2s\""),
    ("topic = \"orders\"\nrate", "topic = \"order\"\nrate", "E013", "\"order\"\n", "did you mean `orders`?"),
    ("consumers =", "consumer =", "E003", "consumer =", "did you mean `consumers`?"),
    ("\"group.billing.service-time\" = \"4ms\"\n", "", "E030", "slow]", "write a path and a value below it"),
    ("\"group.billing.service-time\"", "\"group.bill.service-time\"", "E029", "\"group.bill.", "billing"),
    ("[expect]", "[[fault]]\nat = \"-1s\"\ncrash = \"billing/0\"\n\n[expect]", "E009", "\"-1s\"", "250ms"),
    ("billing.created > 0", "billing.creatd > 0", "E033", "group.billing.creatd", "did you mean"),
];

#[test]
fn every_mistake_has_its_place_and_its_remedy_and_writes_nothing() {
    let home = home();
    for (what, wrong, code, mark, remedy) in MISTAKES {
        let text = SCENARIO.replacen(what, wrong, 1);
        assert_ne!(text, SCENARIO, "{what}");
        fs::write(home.path().join("wrong.toml"), &text).unwrap();
        let run = laglab(home.path(), &["run", "wrong.toml"]);
        assert_code(&run, 2);
        let told = self::text(&run.stderr);
        let at = format!("wrong.toml:{}\n", place(&text, mark));
        for part in [&format!("error[{code}]"), &at, &(*remedy).to_owned()] {
            assert!(told.contains(part.as_str()), "`{wrong}` needs `{part}`:\n{told}");
        }
        assert_eq!(entries(home.path()), ["small.toml", "wrong.toml"]);
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let home = home();
    let wrong = SCENARIO
        .replace("\"50/s\"", "\"50ms\"")
        .replace("\"2ms\"", "\"-2ms\"")
        .replace("consumers = 2", "consumers = 2\nconsumer = 3")
        .replace("\"20s\"", "20")
        .replace("topic = \"orders\"\nconsumers", "topic = \"order\"\nconsumers")
        .replace("\"group.billing.service-time\" = \"4ms\"\n", "");
    fs::write(home.path().join("wrong.toml"), wrong).unwrap();
    let run = laglab(home.path(), &["check", "wrong.toml"]);
    assert_code(&run, 2);
    let told = text(&run.stderr);
    for code in ["E007", "E009", "E003", "E006", "E013", "E030"] {
        assert!(told.contains(&format!("error[{code}]")), "{code}:\n{told}");
    }
    assert!(told.contains("6 errors"), "{told}");
}

#[test]
fn a_broken_line_deep_in_a_long_recording_is_found() {
    let home = home();
    let mut recording = String::from("# from the gateway\nat,key,size\n");
    for i in 0..120_000 {
        recording +=
            &format!("{}.{:03},customer-{},{}\n", i / 1000, i % 1000, i * 7919 % 5000, 100 + i % 900);
    }
    recording += "120.001,customer-1,many\n";
    recording += "120.002,customer-1,100\n";
    assert!(recording.len() > 2_500_000);
    fs::write(home.path().join("long.csv"), recording).unwrap();
    let traced = SCENARIO.replace("\"50/s\"", "{ trace = \"long.csv\" }");
    fs::write(home.path().join("traced.toml"), traced).unwrap();
    let run = laglab(home.path(), &["run", "traced.toml"]);
    assert_code(&run, 2);
    let told = text(&run.stderr);
    for part in ["`long.csv`", "line 120003, column 20: `many` is no size", "`4KiB`", "traced.toml:13:18"] {
        assert!(told.contains(part), "`{part}`:\n{told}");
    }
    assert_eq!(entries(home.path()), ["long.csv", "small.toml", "traced.toml"]);
}

#[cfg(unix)]
#[test]
fn the_way_back_leads_to_the_same_bytes() {
    let home = home();
    let service = "group.billing.service-time={ exponential = { mean = \"3ms\" } }";
    let given = ["--set", service, "--set", "title=it's \"so\"", "--seed", "99", "--replications", "2"];
    let run = laglab(home.path(), &[&["run", "small.toml", "--out", "one"], &given[..]].concat());
    assert_code(&run, 0);
    let read = |file: &str| fs::read_to_string(home.path().join(file)).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&read("one/summary.json")).unwrap();
    let command = summary["command"].as_str().expect("a command").to_owned();
    assert!(text(&run.stdout).contains(&format!("the same again: {command}\n")), "{}", text(&run.stdout));
    let page = read("one/index.html").replace("&quot;", "\"");
    assert!(page.contains(&format!("<code>{command}</code>")), "{command}");
    // As somebody pastes it into a shell.
    let program = Path::new(env!("CARGO_BIN_EXE_laglab")).parent().unwrap();
    let again = Command::new("sh")
        .args(["-c", &format!("PATH=\"$0:$PATH\"\n{command} --out two --quiet")])
        .arg(program)
        .current_dir(home.path())
        .output()
        .unwrap();
    assert_code(&again, 0);
    for file in ["summary.json", "index.html", "stories.json", "series.csv"] {
        assert!(read(&format!("one/{file}")) == read(&format!("two/{file}")), "{file} differs");
    }
}

#[cfg(unix)]
fn interrupt(run: &std::process::Child) {
    // Fails if it has ended already, and then need not be interrupted.
    let _killed = Command::new("kill").args(["-INT", &run.id().to_string()]).output().unwrap();
}

/// A run that has begun, and its folder.
#[cfg(unix)]
fn long_run(home: &Path) -> std::process::Child {
    let long = SCENARIO.replace("20s", "400h").replace("replications = 3", "replications = 64");
    fs::write(home.join("long.toml"), long).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_laglab"))
        .args(["run", "long.toml", "--unlimited", "--set", "producer.checkout.rate=100000/s"])
        .current_dir(home)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    wait_until(|| home.join("output").exists());
    run
}

#[cfg(unix)]
fn wait_until(done: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("waited in vain");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_the_results_of_the_one_before() {
    let home = home();
    assert_code(&laglab(home.path(), &["run", "small.toml", "--quiet", "--out", "output/long"]), 0);
    let before = fs::read(home.path().join("output/long/summary.json")).unwrap();
    let run = long_run(home.path());
    wait_until(|| entries(&home.path().join("output")).len() == 2);
    interrupt(&run);
    let ended = run.wait_with_output().unwrap();
    assert_code(&ended, 130);
    assert!(text(&ended.stderr).contains("interrupted; nothing was written"), "{}", text(&ended.stderr));
    assert_eq!(entries(&home.path().join("output")), ["long"], "nothing is left beside it");
    assert!(fs::read(home.path().join("output/long/summary.json")).unwrap() == before);
}

/// The second may come before the first is heeded, while what is unfinished is removed, or too late.
#[cfg(unix)]
#[test]
fn a_second_interrupt_leaves_no_trace_either() {
    for pause in [0, 2, 5, 10, 20, 40] {
        let home = home();
        let run = long_run(home.path());
        interrupt(&run);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        interrupt(&run);
        let ended = run.wait_with_output().unwrap();
        assert_code(&ended, 130);
        assert_eq!(entries(home.path()), ["long.toml", "small.toml"], "{pause} ms apart");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_reading_of_a_file_at_once() {
    let home = home();
    let pipe = home.path().join("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Nobody ever writes into the pipe, so the program waits where it cannot look up.
    let run = Command::new(env!("CARGO_BIN_EXE_laglab"))
        .args(["run", "pipe.toml"])
        .current_dir(home.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    interrupt(&run);
    let ended = run.wait_with_output().unwrap();
    assert_code(&ended, 130);
    assert_eq!(text(&ended.stderr), "interrupted\n");
    assert_eq!(entries(home.path()), ["pipe.toml", "small.toml"]);
}

/// Whenever it comes, there is what was there before or all that is new, and nothing beside it.
#[cfg(unix)]
#[test]
fn an_interrupt_at_any_moment_leaves_the_old_results_or_the_new_ones() {
    let home = home();
    let run = ["run", "small.toml", "--quiet", "--seed"];
    let folder = home.path().join("output/small");
    let bytes =
        || below(&folder).into_iter().map(|n| (fs::read(folder.join(&n)).unwrap(), n)).collect::<Vec<_>>();
    assert_code(&laglab(home.path(), &[&run[..], &["2"]].concat()), 0);
    let second = bytes();
    assert_code(&laglab(home.path(), &[&run[..], &["1"]].concat()), 0);
    let first = bytes();
    assert!(first != second);
    let mut ends = Vec::new();
    // Until one comes too late, however long a run takes by then.
    while ends.len() < 20 || !ends.contains(&0) {
        let moment = ends.len() as u32;
        assert_code(&laglab(home.path(), &[&run[..], &["1"]].concat()), 0);
        let mut again = Command::new(env!("CARGO_BIN_EXE_laglab"))
            .args(run)
            .arg("2")
            .current_dir(home.path())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(15 * u64::from(moment)));
        interrupt(&again);
        // Without a code it came before anybody could heed it.
        let ended = again.wait().unwrap().code().unwrap_or(130);
        assert!(ended == 130 || ended == 0, "{ended}");
        // One that comes when the new results are in their place already ends the run all the same.
        let (found, late) = (bytes(), ended == 130);
        let whole = found == second || late && found == first;
        assert!(whole, "interrupted after {moment} times 15 ms, it ended with {ended}");
        assert_eq!(entries(&home.path().join("output")), ["small"], "nothing is left beside it");
        ends.push(ended);
    }
    assert!(ends.contains(&130), "{ends:?}");
}

#[cfg(unix)]
#[test]
fn results_come_where_they_belong_though_the_folder_went_meanwhile() {
    for put_in_its_place in [false, true] {
        let home = home();
        let output = home.path().join("output");
        let run = Command::new(env!("CARGO_BIN_EXE_laglab"))
            .args(["run", "small.toml", "--quiet", "--set", "producer.checkout.rate=20000/s"])
            .current_dir(home.path())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        wait_until(|| output.exists() && !entries(&output).is_empty());
        fs::remove_dir_all(&output).unwrap();
        if put_in_its_place {
            fs::write(&output, "mine").unwrap();
        }
        let ended = run.wait_with_output().unwrap();
        if put_in_its_place {
            assert_code(&ended, 3);
            assert!(text(&ended.stderr).contains("could not create `output"), "{}", text(&ended.stderr));
            assert_eq!(fs::read_to_string(&output).unwrap(), "mine");
        } else {
            assert_code(&ended, 0);
            assert_eq!(entries(&output), ["small"]);
            assert!(output.join("small/index.html").exists() && output.join("small/stories.json").exists());
        }
    }
}

/// A limit of the shell stands for a full disk: both are told as having no room.
#[cfg(unix)]
#[test]
fn where_there_is_no_room_it_is_said_how_much_is_needed_and_the_old_results_stay() {
    let home = home();
    assert_code(&laglab(home.path(), &["run", "small.toml", "--quiet", "--no-charts"]), 0);
    let folder = home.path().join("output/small");
    let needed: u64 = below(&folder).iter().map(|n| fs::metadata(folder.join(n)).unwrap().len()).sum();
    let before = fs::read(folder.join("summary.json")).unwrap();
    // A write beyond the limit fails if nobody takes the signal.
    let limited = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" run small.toml --quiet --no-charts"])
        .arg(env!("CARGO_BIN_EXE_laglab"))
        .current_dir(home.path())
        .output()
        .unwrap();
    assert_code(&limited, 3);
    let told = text(&limited.stderr);
    let remedy = format!("make room for {needed} bytes, or choose another folder with `--out`");
    assert!(told.contains("could not write `") && told.contains(&remedy), "{told}");
    assert_eq!(entries(&home.path().join("output")), ["small"]);
    assert!(fs::read(folder.join("summary.json")).unwrap() == before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_told() {
    let home = home();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let list = Command::new(env!("CARGO_BIN_EXE_laglab"))
        .args(["list", "metrics"])
        .current_dir(home.path())
        .stdout(full)
        .output()
        .unwrap();
    assert_code(&list, 3);
    let told = text(&list.stderr);
    assert!(told.contains("could not write `standard output`") && told.contains("make room for "), "{told}");
}

#[test]
fn verify_makes_the_same_again_and_sees_what_was_changed() {
    let home = tempfile::tempdir().expect("a folder");
    fs::write(home.path().join("small.toml"), SCENARIO).expect("a file");
    let run = ["run", "small.toml", "--set", "group.billing.consumers=1", "--seed", "9", "--quiet"];
    assert_eq!(laglab(home.path(), &run).status.code(), Some(0));

    let again = laglab(home.path(), &["verify", "output/small/summary.json", "--jobs", "1"]);
    let told = String::from_utf8_lossy(&again.stdout).into_owned();
    assert_eq!(again.status.code(), Some(0), "{told}");
    for name in ["summary.json", "series.csv", "stories.json", "index.html"] {
        assert!(told.contains(&format!("same     {name}")), "{told}");
    }

    let path = home.path().join("output/small/series.csv");
    let kept = fs::read_to_string(&path).expect("a table");
    fs::write(&path, kept.replacen(",1", ",2", 1)).expect("a file");
    let changed = laglab(home.path(), &["verify", "output/small"]);
    assert_eq!(changed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&changed.stdout).contains("differs  series.csv, first in line"));

    fs::write(home.path().join("other.json"), "{}").expect("a file");
    let other = laglab(home.path(), &["verify", "other.json"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("it is no summary of this version of laglab"));
    assert_eq!(laglab(home.path(), &["verify", "nowhere"]).status.code(), Some(2));
}

#[test]
fn validate_writes_its_report_and_says_by_its_code_how_it_went() {
    let home = home();
    let args = ["validate", "--quick", "--only", "station/window", "--out", "report"];
    let done = laglab(home.path(), &args);
    assert_code(&done, 0);
    assert!(text(&done.stdout).contains("All 12 cases pass"), "{}", text(&done.stdout));
    assert_eq!(below(&home.path().join("report")), [".laglab", "index.html", "station.svg", "validate.json"]);
    let json = fs::read(home.path().join("report/validate.json")).unwrap();
    let again = laglab(home.path(), &[&args[..], &["--format", "json", "--jobs", "1"]].concat());
    assert_eq!(again.stdout, json, "the same again, whatever the number of threads");

    let nothing = laglab(home.path(), &["validate", "--only", "station/windew-1"]);
    assert_code(&nothing, 2);
    assert!(text(&nothing.stderr).contains("no case"), "{}", text(&nothing.stderr));
    assert_code(&laglab(home.path(), &["validate", "--seed", "-1"]), 2);
    assert!(!home.path().join("output").exists());
    fs::write(home.path().join("file"), "").unwrap();
    assert_code(&laglab(home.path(), &["validate", "--quick", "--only", "d-d-1", "--out", "file/x"]), 3);
}
