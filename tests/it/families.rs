//! Adding a member to a family is one file and one line; this holds the code to that promise.

use crate::tidy::source::*;
use std::collections::{BTreeMap, BTreeSet};

/// A family's folder: what it is called in scenarios, the names in its list, and its files.
struct Folder {
    path: String,
    family: String,
    list: Vec<String>,
    helpers: BTreeSet<String>,
    files: BTreeSet<String>,
}

/// Every folder of the model whose `mod.rs` has a list.
fn folders() -> Vec<Folder> {
    let all = rust_files("src/model");
    let mut found = Vec::new();
    for file in all.iter().filter(|f| f.ends_with("/mod.rs")) {
        let text = read(file);
        let words = words(&text);
        let list = members(&words);
        if list.is_empty() {
            continue;
        }
        let path = file.strip_suffix("/mod.rs").expect("a mod.rs").to_owned();
        let at = text.find("family! {").expect("the list");
        let family = text[at..].split('"').nth(1).expect("its name is a text").to_owned();
        let inside = format!("{path}/");
        let files = all
            .iter()
            .filter_map(|f| f.strip_prefix(&inside)?.strip_suffix(".rs"))
            .filter(|name| !matches!(*name, "mod" | "tests"))
            .map(str::to_owned)
            .collect();
        let helpers =
            declared(&words).into_iter().filter(|name| name != "tests" && !list.contains(name)).collect();
        found.push(Folder { path, family, list, helpers, files });
    }
    found
}

/// As a scenario writes it.
fn written(module: &str) -> String {
    module.replace('_', "-")
}

#[test]
fn a_member_is_one_file_and_one_line() {
    let folders = folders();
    assert!(folders.len() >= 11, "a scenario chooses from eleven families of rules");
    let mut offered: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let all = laglab::scenario::members();
    for member in &all {
        assert!(
            offered.entry(member.family).or_default().insert(member.name.to_owned()),
            "{}.{} is offered twice",
            member.family,
            member.name
        );
    }
    for Folder { path, family, list, helpers, files } in &folders {
        let listed: BTreeSet<String> = list.iter().cloned().collect();
        assert_eq!(listed.len(), list.len(), "{path}: a member stands in the list once");
        let both: BTreeSet<String> = listed.union(helpers).cloned().collect();
        assert_eq!(
            &both, files,
            "{path}: every file is a member in the list or a helper that `mod` declares"
        );
        for name in files {
            let entries = read(&format!("{path}/{name}.rs")).matches("pub static ENTRY: Entry<dyn ").count();
            let due = usize::from(listed.contains(name));
            assert_eq!(entries, due, "{path}/{name}.rs: a member has one ENTRY, a helper has none");
        }
        let names: BTreeSet<String> = list.iter().map(|m| written(m)).collect();
        assert_eq!(
            offered.get(family.as_str()),
            Some(&names),
            "what scenarios are offered as `{family}` against the list in {path}/mod.rs"
        );
    }
}

/// Nothing but the list of its folder knows a member, so nothing else changes when one comes or goes.
#[test]
fn nobody_else_names_a_member() {
    let mut found = Vec::new();
    let sources = sources();
    for folder in folders() {
        let inside = format!("{}/", folder.path);
        let family = module_of(&format!("{}/mod.rs", folder.path));
        for (file, words) in sources.iter().filter(|(file, _)| !file.starts_with(&inside)) {
            for path in paths(file, words) {
                let below = path.strip_prefix(family.as_slice()).and_then(|rest| rest.first());
                if below.is_some_and(|name| folder.list.contains(name)) {
                    found.push(format!("{file} uses {}", path.join("::")));
                }
            }
        }
    }
    assert!(found.is_empty(), "members are chosen by name, through their list: {found:#?}");
}

/// Each is explained in the same order, so that `laglab explain` reads the same everywhere.
#[test]
fn every_member_says_what_it_does_and_where_it_hurts() {
    let families: BTreeSet<String> = folders().into_iter().map(|f| f.family).collect();
    let all = laglab::scenario::members();
    for member in all.iter().filter(|m| families.contains(m.family)) {
        let name = format!("{}.{}", member.family, member.name);
        let mut last = 0;
        for heading in ["What it does.", "When it helps.", "When it hurts.", "Seen in."] {
            let at = member.doc.find(heading).unwrap_or_else(|| panic!("{name}: no `{heading}`"));
            assert!(at >= last, "{name}: `{heading}` out of order");
            last = at;
        }
    }
}
