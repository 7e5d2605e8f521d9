//! Rust source as far as the house rules need it: words without comments and texts, the modules a file
//! declares, and the paths it names. It knows just enough of the language for code that compiles.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the package.
pub fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` (relative to the package, like all paths here), in order.
pub fn files_below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(home().join(&folder)).expect("a folder of the package") {
            let entry = entry.expect("an entry of a folder");
            let path = folder.join(entry.file_name());
            if entry.file_type().expect("its type").is_dir() {
                open.push(path);
            } else {
                found.push(path.to_str().expect("names are UTF-8").replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// The Rust files below `folder`.
pub fn rust_files(folder: &str) -> Vec<String> {
    files_below(folder).into_iter().filter(|f| f.ends_with(".rs")).collect()
}

/// The text of a file.
pub fn read(file: &str) -> String {
    fs::read_to_string(home().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// The lines of a file before the tests at its end.
pub fn without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|w| w[0] == "#[cfg(test)]" && w[1].starts_with("mod tests {"));
    tests.unwrap_or(lines.len())
}

/// Names, `::` and single signs, without comments, texts, characters and lifetimes.
pub fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut words = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        i = if c == '/' && at(i + 1) == '/' {
            chars[i..].iter().position(|&c| c == '\n').map_or(chars.len(), |n| i + n)
        } else if c == '/' && at(i + 1) == '*' {
            after_comment(&chars, i)
        } else if c == '"' {
            after_text(&chars, i + 1)
        } else if c == 'r' && (at(i + 1) == '"' || (at(i + 1) == '#' && matches!(at(i + 2), '"' | '#'))) {
            after_raw_text(&chars, i + 1)
        } else if c == '\'' {
            after_character(&chars, i)
        } else if c.is_alphanumeric() || c == '_' {
            let end = chars[i..].iter().position(|c| !c.is_alphanumeric() && *c != '_');
            let end = end.map_or(chars.len(), |n| i + n);
            words.push(chars[i..end].iter().collect());
            // The prefix of a byte text is no name.
            if matches!(at(end), '"' | '\'') && end - i == 1 {
                words.pop();
            }
            end
        } else if c == ':' && at(i + 1) == ':' {
            words.push("::".to_owned());
            i + 2
        } else {
            if !c.is_whitespace() {
                words.push(c.to_string());
            }
            i + 1
        };
    }
    words
}

fn after_comment(chars: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    loop {
        match (chars.get(i), chars.get(i + 1)) {
            (Some('/'), Some('*')) => (depth, i) = (depth + 1, i + 2),
            (Some('*'), Some('/')) => (depth, i) = (depth - 1, i + 2),
            (None, _) => return i,
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
}

fn after_text(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn after_raw_text(chars: &[char], start: usize) -> usize {
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    let mut i = start + hashes + 1;
    while i < chars.len() {
        if chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return i + 1 + hashes;
        }
        i += 1;
    }
    i
}

/// After `'a'`, `'\n'`, or the lifetime `'a`.
fn after_character(chars: &[char], i: usize) -> usize {
    if chars.get(i + 1) == Some(&'\\') {
        let end = chars[i + 3..].iter().position(|c| *c == '\'').expect("a character ends");
        return i + 3 + end + 1;
    }
    if chars.get(i + 2) == Some(&'\'') {
        return i + 3;
    }
    let name = chars[i + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
    i + 1 + name
}

/// The modules that files declare for other files: with `mod`, or in a `family!` list.
pub fn declared(words: &[String]) -> Vec<String> {
    let mut names: Vec<String> =
        words.windows(3).filter(|w| w[0] == "mod" && w[2] == ";").map(|w| w[1].clone()).collect();
    names.extend(members(words));
    names
}

/// The names in the `family!` list of a file, as often as they stand there.
pub fn members(words: &[String]) -> Vec<String> {
    let Some(start) = words.windows(3).position(|w| w[0] == "family" && w[1] == "!" && w[2] == "{") else {
        return Vec::new();
    };
    let list = words[start + 3..].iter().skip_while(|w| *w != "{").skip(1).take_while(|w| *w != "}");
    list.filter(|w| *w != ",").cloned().collect()
}

/// Where the file of a module may be that `file` declares.
pub fn places(file: &str, module: &str) -> [String; 2] {
    let stem = file.strip_suffix(".rs").expect("a Rust file");
    let (folder, name) = stem.rsplit_once('/').expect("a file in a folder");
    let own = if matches!(name, "mod" | "lib" | "main") { folder } else { stem };
    [format!("{own}/{module}.rs"), format!("{own}/{module}/mod.rs")]
}

/// Every absolute path of modules and items that a file names, with `crate`, `self` and `super` resolved
/// and without the leading `crate`.
pub fn paths(file: &str, words: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut here = module_of(file);
    // For each open brace, whether it opens a module.
    let mut open: Vec<bool> = Vec::new();
    let mut i = 0;
    while i < words.len() {
        match words[i].as_str() {
            "{" => {
                let module = i >= 2 && words[i - 2] == "mod";
                if module {
                    here.push(words[i - 1].clone());
                }
                open.push(module);
            }
            "}" => {
                let closes_module = open.pop() == Some(true);
                if closes_module {
                    here.pop();
                }
            }
            "crate" | "self" | "super"
                if words.get(i + 1).is_some_and(|w| w == "::") && (i == 0 || words[i - 1] != "::") =>
            {
                let before = if words[i] == "crate" { Vec::new() } else { here.clone() };
                i = tree(words, i, before, &mut found);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// Reads one path or tree of paths from `words[i..]` on, and returns where it ends.
fn tree(words: &[String], mut i: usize, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    loop {
        match words[i].as_str() {
            "{" => {
                i += 1;
                while words[i] != "}" {
                    i = tree(words, i, path.clone(), found);
                    if words[i] == "," {
                        i += 1;
                    }
                }
                return i + 1;
            }
            "crate" => path.clear(),
            "self" => {}
            "super" => {
                path.pop();
            }
            name if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => path.push(name.to_owned()),
            // `::<T>` or `::*`.
            _ => {
                found.push(path);
                return if words[i] == "*" { i + 1 } else { i };
            }
        }
        i += 1;
        if words.get(i).is_none_or(|w| w != "::") {
            found.push(path);
            if words.get(i).is_some_and(|w| w == "as") {
                i += 2;
            }
            return i;
        }
        i += 1;
    }
}

/// The module that a file below `src` is.
pub fn module_of(file: &str) -> Vec<String> {
    let stem = file.strip_prefix("src/").expect("below src").strip_suffix(".rs").expect("a Rust file");
    let mut parts: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|l| matches!(l.as_str(), "mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// Every file below `src` with its words.
pub fn sources() -> BTreeMap<String, Vec<String>> {
    rust_files("src").into_iter().map(|f| (f.clone(), words(&read(&f)))).collect()
}

/// The scanner itself, on what real files contain.
#[test]
fn it_reads_code_and_nothing_else() {
    let text = r##"
        //! crate::lab is not named here
        use crate::{engine::{Span, math as m}, model::ids::*};
        mod inner { use super::other; const T: &str = "crate::cli"; fn f<'a>() { let _ = ('"', b'\'', r#""crate::cli""#); } }
        fn g() -> crate::stats::Mean { crate::scenario::parse::<u8>(/* crate::cli */) }
    "##;
    let paths: Vec<String> = paths("src/report/text.rs", &words(text)).iter().map(|p| p.join(".")).collect();
    assert_eq!(
        paths,
        ["engine.Span", "engine.math", "model.ids", "report.text.other", "stats.Mean", "scenario.parse"]
    );
    let list = words("mod a; pub mod b; family! { /// Doc.\n \"x\" of dyn X { c, d_e, } } mod inner { }");
    assert_eq!(declared(&list), ["a", "b", "c", "d_e"]);
    assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {\n}\n"), 1);
}
