//! What the texts say is tried: commands run, scenarios are read, tables match the files, links lead somewhere.

use crate::scenarios;
use laglab::scenario::{Overrides, Scenario, render};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Commands of the README that are not run here, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo test", "it runs this very test"),
    ("cargo install --locked --path .", "it builds for release and writes into the user's own folders"),
    ("laglab check scenarios/", "`every_scenario_keeps_its_promises_and_its_digest` judges the same files"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Texts for readers, by their paths in the repository.
fn texts() -> Vec<String> {
    let mut all = Vec::new();
    for folder in ["", "docs/", "output/", "scenarios/", "tests/", "benches/"] {
        let entries = fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
        let names = entries.map(|e| e.file_name().to_string_lossy().into_owned());
        all.extend(names.filter(|n| n.ends_with(".md")).map(|n| format!("{folder}{n}")));
    }
    all.sort();
    assert!(all.contains(&"README.md".into()) && all.contains(&"docs/formats.md".into()), "{all:?}");
    all
}

fn read(text: &str) -> String {
    fs::read_to_string(root().join(text)).unwrap()
}

/// A fenced block.
struct Block {
    /// `README.md:41`
    place: String,
    /// What follows the fence: `sh`, `toml`, `toml fragment`.
    kind: String,
    text: String,
    /// The line before it that says something.
    before: String,
}

fn blocks(file: &str) -> Vec<Block> {
    let text = read(file);
    let (mut all, mut before) = (Vec::new(), String::new());
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let inside: Vec<&str> = lines.by_ref().map(|(_, l)| l).take_while(|l| *l != "```").collect();
            let (place, kind) = (format!("{file}:{}", number + 1), kind.to_owned());
            all.push(Block { place, kind, text: inside.join("\n") + "\n", before: before.clone() });
        } else if !line.trim().is_empty() {
            line.clone_into(&mut before);
        }
    }
    all
}

/// The name in a sentence such as "Save this as `mine.toml`:".
fn file_named(sentence: &str) -> Option<&str> {
    let named = |word: &&str| word.ends_with(".toml") || word.ends_with(".properties");
    sentence.split('`').skip(1).step_by(2).find(named)
}

/// The commands in a line of text: what stands between backticks and begins like one.
fn commands_in(text: &str) -> Vec<String> {
    let mut fenced = false;
    let plain = text.lines().filter(|l| {
        let fence = l.starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    let plain: String = plain.collect::<Vec<_>>().join(" ");
    let spans = plain.split('`').skip(1).step_by(2).map(str::to_owned);
    spans.filter(|s| s.starts_with("laglab ") || s.starts_with("cargo ")).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs a line as a shell does that finds `laglab`, and looks whether it ends as the line says: `# exits 1`,
/// or well.
#[cfg(unix)]
fn try_line(line: &str, place: &str, home: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_laglab"));
    let (command, remark) = line.split_once(" # ").unwrap_or((line, ""));
    let command = command.trim();
    if NOT_RUN.iter().any(|(other, _)| *other == command) {
        return;
    }
    let expected = remark.split_once("exits ").map_or(0, |(_, code)| {
        let digits: String = code.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or_else(|_| panic!("{place}: `{line}` exits with what?"))
    });
    let command = command.replacen("cargo run --release --", "laglab", 1).replace("NAME", "salted");
    assert!(
        command.starts_with("laglab "),
        "{place}: `{line}` is neither run nor in the list of what is not"
    );
    let folder = program.parent().unwrap().to_string_lossy().into_owned();
    let done = std::process::Command::new("sh")
        .args(["-c", &format!("PATH=\"$0:$PATH\"\n{command}"), &folder])
        .current_dir(home)
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(expected), "{place}: `{line}`\n{told}");
}

#[cfg(unix)]
#[test]
fn the_readme_can_be_followed_line_by_line() {
    let home = tempfile::tempdir().unwrap();
    for folder in ["scenarios", "output/02-delivery-semantics"] {
        copy_folder(&root().join(folder), &home.path().join(folder));
    }
    let mut run = 0;
    for block in blocks("README.md") {
        match block.kind.as_str() {
            "sh" | "console" => {
                for line in block.text.lines().map(|l| l.trim_start_matches("$ ")).filter(|l| !l.is_empty()) {
                    try_line(line, &block.place, home.path());
                    run += 1;
                }
            }
            "toml" | "toml fragment" | "properties" => {
                let Some(name) = file_named(&block.before) else { continue };
                let path = home.path().join(name);
                let before = if block.kind != "toml fragment" {
                    String::new()
                } else {
                    fs::read_to_string(&path).unwrap()
                };
                fs::write(path, format!("{before}\n{}", block.text)).unwrap();
            }
            _ => {}
        }
    }
    for line in commands_in(&read("README.md")) {
        try_line(&line, "README.md", home.path());
        run += 1;
    }
    assert!(run > 10, "only {run} commands were found");
    let made = home.path().join("output/02-delivery-semantics");
    let kept = root().join("output/02-delivery-semantics");
    for file in [".laglab", "index.html", "summary.json", "charts/harm-billing.svg"] {
        assert!(
            fs::read(made.join(file)).unwrap() == fs::read(kept.join(file)).unwrap(),
            "{file} has changed"
        );
    }
    for file in ["index.html", "summary.json", "series.csv", "stories.json", "charts"] {
        assert!(made.join(file).exists(), "the README promises {file}");
    }
    let charts: BTreeSet<_> = fs::read_dir(made.join("charts"))
        .unwrap()
        .filter_map(|e| Some(e.unwrap().path().extension()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(charts, BTreeSet::from(["png".to_owned(), "svg".to_owned()]));
}

#[test]
fn what_is_not_run_is_there_and_has_a_reason() {
    let readme = read("README.md");
    for (command, why) in NOT_RUN {
        assert!(readme.contains(command), "`{command}` is not in the README any more");
        assert!(why.len() > 10);
    }
}

#[test]
fn scenarios_in_texts_can_be_read() {
    let mut wholes = 0;
    for file in texts() {
        let mut base = String::new();
        for block in blocks(&file).into_iter().filter(|b| b.kind.starts_with("toml")) {
            let text = match block.kind.as_str() {
                "toml" => block.text.clone(),
                "toml fragment" => {
                    assert!(!base.is_empty(), "{}: a fragment needs a scenario before it", block.place);
                    format!("{base}\n{}", block.text)
                }
                other => panic!("{}: a block is `toml` or `toml fragment`, not `{other}`", block.place),
            };
            let mut files = |_: &str| Err("examples name no files".to_owned());
            match Scenario::parse("example", &text, &Overrides::default(), &mut files) {
                Ok(scenario) => assert_eq!(scenario.warnings, [], "{}", block.place),
                Err(found) => panic!("{}: {}", block.place, render(&found, &block.place, &text, false)),
            }
            if block.kind == "toml" {
                base = block.text;
                wholes += 1;
            }
        }
    }
    assert!(wholes > 0, "no scenario was found in any text");
}

/// What a scenario file says of itself.
struct Head {
    name: String,
    question: String,
    comment: String,
}

fn heads() -> Vec<Head> {
    let of = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let values: toml::Table = text.parse().unwrap();
        Head {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            question: values["question"].as_str().unwrap().to_owned(),
            comment: text.lines().take_while(|l| l.starts_with('#')).map(|l| format!("{l}\n")).collect(),
        }
    };
    scenarios::files().iter().map(of).collect()
}

fn numbered(head: &Head) -> bool {
    head.name.starts_with(|c: char| c.is_ascii_digit())
}

#[test]
fn the_table_of_scenarios_says_what_the_files_say() {
    let readme = read("README.md");
    let rows = readme.lines().skip_while(|l| *l != "| file | question |").skip(2);
    let table: Vec<&str> = rows.take_while(|l| l.starts_with('|')).collect();
    let files: Vec<String> =
        heads().iter().filter(|h| numbered(h)).map(|h| format!("| {} | {} |", h.name, h.question)).collect();
    assert_eq!(table, files);
    for head in heads().iter().filter(|h| !numbered(h)) {
        let named =
            |text: &str, folder: &str| text.contains(&format!("`scenarios/{folder}/{}.toml`", head.name));
        let known = named(&readme, "speed") || named(&read("docs/published.md"), "published");
        assert!(known, "{}", head.name);
    }
}

#[test]
fn every_scenario_opens_with_lesson_question_and_more() {
    for head in heads().iter().filter(|h| numbered(h)) {
        let number = head.name.split('-').next().unwrap();
        let first = head.comment.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("# {number} · ")), "{}: {first}", head.name);
        for part in ["# Lesson:   ", "# Question: ", "# Look at:  ", "# Then try: "] {
            assert_eq!(head.comment.matches(part).count(), 1, "{} and its `{part}`", head.name);
        }
    }
}

/// The `--set` arguments in a comment, as a shell takes them.
fn settings(comment: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rest in comment.split("--set ").skip(1) {
        let (path, value) = rest.split_once('=').unwrap_or_else(|| panic!("`--set {rest}` sets nothing"));
        let value = match value.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next().unwrap(),
            None => value.split([' ', ':', ',', '\n']).next().unwrap().trim_end_matches('.'),
        };
        found.push((path.to_owned(), value.to_owned()));
    }
    found
}

#[test]
fn what_a_scenario_says_to_try_can_be_tried() {
    let mut tried = 0;
    for path in scenarios::files() {
        let text = fs::read_to_string(&path).unwrap();
        let comment: String =
            text.lines().take_while(|l| l.starts_with('#')).map(|l| format!("{l}\n")).collect();
        for (name, value) in settings(&comment) {
            let scenario = scenarios::read(&path, &[(&name, &value)]);
            let setting =
                scenario.effective.iter().any(|s| s.path.starts_with(&name) && s.origin.contains("--set"));
            assert!(setting, "{}: `--set {name}={value}` sets nothing", path.display());
            tried += 1;
        }
    }
    assert!(tried >= 6, "only {tried} were found");
}

/// The heading as the address of its section.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_to_what_is_there() {
    let mut checked = 0;
    for file in texts() {
        let text = read(&file);
        let folder = root().join(&file).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (path, section) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { root().join(&file) } else { folder.join(path) };
            assert!(path.exists(), "{file}: the link to {target} leads nowhere");
            if !section.is_empty() {
                let there = fs::read_to_string(&path).unwrap();
                let mut headings =
                    there.lines().filter(|l| l.starts_with('#')).map(|l| l.trim_start_matches('#'));
                assert!(headings.any(|h| anchor(h) == section), "{file}: there is no section {target}");
            }
            checked += 1;
        }
    }
    assert!(checked >= 5, "only {checked} links were found");
}

/// Files named in texts, but for those that only stand for something (`scenarios/NAME.toml`).
#[test]
fn files_named_in_texts_are_there() {
    let mut checked = 0;
    for file in texts() {
        for word in read(&file).split('`').skip(1).step_by(2) {
            let path = word.trim_end_matches('/');
            let like_a_path =
                path.contains('/') && path.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c));
            let ending = [".rs", ".toml", ".md", ".txt", ".csv"].iter().any(|e| path.ends_with(e));
            if !like_a_path || !ending || path.contains("NAME") {
                continue;
            }
            let there = ["", "src", "src/model"].iter().any(|folder| root().join(folder).join(path).exists());
            assert!(there, "{file}: there is no `{word}`");
            checked += 1;
        }
    }
    assert!(checked > 15, "only {checked} were found");
}
