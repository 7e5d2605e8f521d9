//! The rules of the house, read off the source: which folder may use which, what a file must have, and what
//! must never be in one. `ARCHITECTURE.md` states the rules; this holds the code to them.

pub mod source;

use source::*;
use std::collections::{BTreeMap, BTreeSet};

/// Words that every part of the model may use.
const VOCABULARY: &[&str] = &["ids", "record", "fact", "lever", "cause", "plan", "catalog", "hashes"];
/// State machines that know nothing of each other.
const PARTS: &[&str] = &[
    "producer",
    "log",
    "broker",
    "consumer",
    "coordinator",
    "transaction",
    "outputs",
    "replicas",
    "sequences",
    "shards",
    "store",
    "downstream",
    "breaker",
    "wire",
];
/// Replaceable rules.
const FAMILIES: &[&str] = &[
    "arrivals",
    "keys",
    "partitioning",
    "remote_assignment",
    "assignment",
    "backoff",
    "failing",
    "fault",
    "backpressure",
];
/// Only compiled for tests.
const SUPPORT: &[&str] = &["specimen"];

/// More lines than this, without its tests, are two nouns.
const LONGEST: usize = 600;

#[track_caller]
fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}

/// The table of `ARCHITECTURE.md`: each folder with the folders it may use, in order.
fn arrows() -> Vec<(String, BTreeSet<String>)> {
    let text = read("ARCHITECTURE.md");
    let rows = text.lines().skip_while(|l| !l.starts_with("| folder |")).skip(2);
    let quoted =
        |cell: &str| -> BTreeSet<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let mut table: Vec<(String, BTreeSet<String>)> = Vec::new();
    for row in rows.take_while(|l| l.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let folder = quoted(cells[0]).pop_first().expect("a row begins with its folder");
        let used = match cells[2].trim() {
            "all of them" => table.iter().map(|(name, _)| name.clone()).collect(),
            _ => quoted(cells[2]),
        };
        table.push((folder, used));
    }
    table
}

#[test]
fn the_table_of_folders_is_whole_and_has_no_circle() {
    let table = arrows();
    let named: BTreeSet<&str> = table.iter().map(|(name, _)| name.as_str()).collect();
    let files = rust_files("src");
    let there: BTreeSet<&str> = files
        .iter()
        .filter_map(|f| f.strip_prefix("src/")?.split_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    assert_eq!(named, there, "the table of ARCHITECTURE.md against the folders of src");
    for (i, (folder, used)) in table.iter().enumerate() {
        for name in used {
            let above = table[..i].iter().any(|(other, _)| other == name);
            assert!(above, "`{folder}` may use `{name}`, which does not stand above it");
        }
    }
}

#[test]
fn no_arrow_points_back() {
    let table: BTreeMap<String, BTreeSet<String>> = arrows().into_iter().collect();
    let mut broken = BTreeSet::new();
    for (file, words) in sources() {
        // What stands in `src` itself: the root, the program, and the error that only the program makes.
        let Some(own) = module_of(&file).first().filter(|f| table.contains_key(*f)).cloned() else {
            continue;
        };
        for path in paths(&file, &words) {
            let Some(room) = path.first() else { continue };
            if room == &own || table[&own].contains(room) || (own == "cli" && room == "error") {
                continue;
            }
            broken.insert(format!("{file} uses {}", path.join("::")));
        }
    }
    assert_none("a folder uses only what stands above it", &Vec::from_iter(broken));
}

#[test]
fn parts_and_families_of_the_model_know_nothing_of_each_other() {
    let kind = |name: &str| {
        let among = |list: &[&str]| list.contains(&name);
        match name {
            "world" => "the world",
            _ if among(VOCABULARY) => "vocabulary",
            _ if among(PARTS) => "a part",
            _ if among(FAMILIES) => "a family",
            _ if among(SUPPORT) => "support of tests",
            _ => {
                panic!("`model/{name}` is neither vocabulary nor part, family or world: say which in tidy.rs")
            }
        }
    };
    let mut broken = BTreeSet::new();
    for (file, words) in sources() {
        let here = module_of(&file);
        let own = match here.first().map(String::as_str) {
            // `model/mod.rs` names all of them, as modules.
            Some("model") => here.get(1).map(String::as_str),
            _ => Some("outside"),
        };
        let Some(own) = own else { continue };
        for path in paths(&file, &words) {
            let [room, used, ..] = path.as_slice() else { continue };
            if room != "model" || used == own {
                continue;
            }
            let allowed = match (if own == "outside" { own } else { kind(own) }, kind(used)) {
                ("the world", used) => used != "support of tests",
                ("a part" | "a family" | "vocabulary", "vocabulary" | "a family") => true,
                ("outside", used) => used != "a part" && used != "support of tests",
                ("support of tests", used) => used == "vocabulary" || used == "a family",
                ("a part" | "a family", "support of tests") => true,
                _ => false,
            };
            if !allowed {
                broken.insert(format!("{file} uses {}", path.join("::")));
            }
        }
    }
    assert_none(
        "only model/world names a part; parts and families see vocabulary and families alone",
        &Vec::from_iter(broken),
    );
}

/// `ARCHITECTURE.md` tells what the model consists of, by name.
#[test]
fn the_description_of_the_model_names_what_is_there() {
    let text = read("ARCHITECTURE.md");
    let section = text.split("## Inside the model").nth(1).expect("a section on the model");
    let lists: Vec<&str> = section.split("### ").next().expect("its beginning").split("\n- ").collect();
    let missing: Vec<String> = [VOCABULARY, PARTS, FAMILIES]
        .concat()
        .into_iter()
        .filter(|name| {
            let forms = [format!("`{name}`"), format!("`{name}/`")];
            !lists.iter().any(|l| forms.iter().any(|f| l.contains(f)))
        })
        .map(str::to_owned)
        .collect();
    assert_none("named in tidy.rs, not in ARCHITECTURE.md", &missing);
}

#[test]
fn every_file_opens_with_its_caption_and_is_short() {
    let (mut bare, mut long) = (Vec::new(), Vec::new());
    for folder in ["src", "tests", "benches"] {
        for file in rust_files(folder) {
            let text = read(&file);
            if !text.starts_with("//! ") {
                bare.push(file.clone());
            }
            let lines = without_tests(&text);
            if folder == "src" && !file.ends_with("/tests.rs") && lines > LONGEST {
                long.push(format!("{file}: {lines}"));
            }
        }
    }
    assert_none("a file says in its first line what it is for", &bare);
    assert_none(&format!("a file has at most {LONGEST} lines without its tests"), &long);
}

#[test]
fn every_file_is_part_of_the_program_or_its_tests() {
    let mut dead = Vec::new();
    for (folder, roots) in
        [("src", vec!["src/lib.rs", "src/main.rs"]), ("tests/it", vec!["tests/it/main.rs"])]
    {
        let files: BTreeSet<String> = rust_files(folder).into_iter().collect();
        let mut alive = BTreeSet::new();
        let mut open: Vec<String> = roots.into_iter().map(str::to_owned).collect();
        while let Some(file) = open.pop() {
            let modules = declared(&words(&read(&file)));
            let places = modules.iter().flat_map(|module| places(&file, module));
            open.extend(places.filter(|place| files.contains(place)));
            alive.insert(file);
        }
        dead.extend(files.difference(&alive).cloned());
    }
    assert_none("no module declares these files", &dead);
    let code: String = rust_files("src").iter().map(|f| read(f)).collect();
    let lost: Vec<String> = files_below("assets")
        .into_iter()
        .filter(|f| !f.contains("LICENSE") && !code.contains(f.as_str()))
        .collect();
    assert_none("nothing embeds these files", &lost);
}

/// Put together here, so that this file passes its own test.
fn banned() -> Vec<(String, &'static str)> {
    vec![
        (["TO", "DO"].concat(), "is work left undone"),
        (["FIX", "ME"].concat(), "is work left undone"),
        (["to", "do!("].concat(), "is work left undone"),
        (["un", "implemented!("].concat(), "is work left undone"),
        (["#[ig", "nore"].concat(), "is a test that does not test"),
        (["#[pa", "th"].concat(), "hides where a module is"),
        (["#![al", "low"].concat(), "silences a lint for a whole file"),
    ]
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for file in ["src", "tests", "benches"].iter().flat_map(|f| rust_files(f)) {
        for (number, line) in read(&file).lines().enumerate() {
            for (word, why) in banned() {
                if line.contains(&word) {
                    found.push(format!("{file}:{}: `{word}` {why}", number + 1));
                }
            }
        }
    }
    assert_none("finished, or not there", &found);
}

/// Texts of the package: what a reader of the repository reads.
fn texts() -> Vec<String> {
    let mut all: Vec<String> = ["src", "tests", "benches", "scenarios", "docs", ".ci"]
        .iter()
        .filter(|folder| home().join(folder).is_dir())
        .flat_map(|folder| files_below(folder))
        .collect();
    for file in
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml", "clippy.toml"]
    {
        all.push(file.to_owned());
    }
    all
}

/// The project stands alone: it mentions no place that exists on one machine only.
#[test]
fn no_path_leads_out_of_the_repository() {
    let folders = ["home", "work", "root", "mnt", "opt", "srv", "Users", "workspace", "tmp"];
    let absolute: Vec<String> = folders.iter().map(|f| format!("/{f}/")).collect();
    let mut found = Vec::new();
    for file in texts() {
        let depth = file.matches('/').count();
        for (number, line) in read(&file).lines().enumerate() {
            let place = format!("{file}:{}", number + 1);
            for start in absolute.iter().flat_map(|a| line.match_indices(a.as_str()).map(|(at, _)| at)) {
                // After a name it is the middle of a longer path.
                if !line[..start].ends_with(|c: char| c.is_alphanumeric() || "-_.}".contains(c)) {
                    found.push(format!("{place}: {}", &line[start..]));
                }
            }
            let up = [".", "./"].concat();
            let Some(start) = line.find(&up) else { continue };
            let ups = line[start..].split(&up).take_while(|s| s.is_empty()).count().max(1);
            let rest: String = line[start..]
                .trim_start_matches(&up)
                .chars()
                .take_while(|c| c.is_alphanumeric() || "-_./".contains(*c))
                .collect();
            let folder = home().join(&file).parent().expect("a folder").to_owned();
            let leads = (0..ups).fold(folder, |f, _| f.parent().unwrap_or(&f).to_owned()).join(&rest);
            // In the middle of a name it is a text of a test, and leads nowhere.
            let inside = line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '/');
            if !inside && (ups > depth || !leads.exists()) {
                found.push(format!("{place}: {}", &line[start..]));
            }
        }
    }
    assert_none("paths lead to places in the repository", &found);
}
