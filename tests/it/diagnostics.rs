//! What a person sees who got a scenario wrong: a bad file for each code, and what is said about it.
//!
//! `LAGLAB_BLESS=1 cargo test --test it diagnostics` writes the answers anew, to be read in the diff.

use laglab::scenario::{Diagnostics, Overrides, Scenario, codes, render};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/bad")
}

/// The bad scenarios, in order of their names.
fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();
    files
}

/// What is said about a file. Lines `# --set path=value` at its top are its command line.
fn complaints(text: &str) -> Diagnostics {
    let arguments = text.lines().map_while(|l| l.strip_prefix("# --set "));
    let set = arguments.filter_map(|a| a.split_once('=')).map(|(p, v)| (p.into(), v.into())).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let mut load = |path: &str| fs::read(folder().join(path)).map_err(|_| "there is no such file".to_owned());
    match Scenario::parse("bad", text, &overrides, &mut load) {
        Ok(scenario) => Diagnostics(scenario.warnings),
        Err(complaints) => complaints,
    }
}

fn answer(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("readable");
    let name = file.file_name().expect("a file").to_string_lossy();
    render(&complaints(&text), &name, &text, false)
}

#[test]
fn answers_are_as_they_were() {
    let wrong: Vec<String> = files()
        .iter()
        .filter_map(|file| {
            let expected = fs::read_to_string(file.with_extension("txt")).unwrap_or_default();
            let found = answer(file);
            if std::env::vars().any(|(name, value)| name == "LAGLAB_BLESS" && value == "1") {
                fs::write(file.with_extension("txt"), &found).unwrap();
                return None;
            }
            (found != expected).then(|| format!("{}\n{found}", file.display()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_file_that_shows_it() {
    for code in codes() {
        let file = files()
            .into_iter()
            .find(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with(code.code)))
            .unwrap_or_else(|| panic!("no file for {}", code.code));
        let text = fs::read_to_string(&file).unwrap();
        let found = complaints(&text);
        assert!(found.0.iter().any(|c| c.code == code.code), "{} does not show its code", file.display());
        // A file shows one thing: nothing else follows from it, but for what stands in the same place.
        let others = found.0.iter().filter(|c| c.code != code.code).count();
        assert!(others <= found.0.len() / 2, "{} shows other things", file.display());
    }
}

#[test]
fn places_lie_inside_the_text_and_in_order() {
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        let found = complaints(&text);
        let mut last = 0;
        for complaint in &found.0 {
            if let Some(span) = &complaint.span {
                assert!(text.get(span.clone()).is_some(), "{}: {span:?}", file.display());
                assert!(span.start >= last, "{}: {} is out of order", file.display(), complaint.title);
                last = span.start;
            }
        }
    }
}
