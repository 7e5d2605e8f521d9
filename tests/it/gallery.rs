//! `output/` is what the program makes today, byte for byte. `LAGLAB_BLESS=1` makes it anew.

use crate::scenarios::{judged, read};
use std::fs;
use std::path::Path;

/// The scenarios the README shows, and what is kept of each.
const SHOWN: &[&str] = &["02-delivery-semantics", "03-hot-key"];

#[test]
fn the_gallery_is_what_the_program_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bless = std::env::vars().any(|(name, value)| name == "LAGLAB_BLESS" && value == "1");
    for name in SHOWN {
        let scenario = read(&root.join(format!("scenarios/{name}.toml")), &[]);
        let results = judged(&scenario);
        let mut files = laglab::report::files(&results);
        // By this list the program knows the folder as its own and writes into it.
        let names = files.iter().map(|(name, _)| name.as_str()).chain(["stories.json"]);
        let list: String = names.map(|name| format!("{name}\n")).collect();
        files.push((".laglab".to_owned(), list.into_bytes()));
        for (path, bytes) in files {
            if !(path == ".laglab"
                || path.ends_with(".svg")
                || path == "summary.json"
                || path == "index.html")
            {
                continue;
            }
            let file = root.join("output").join(name).join(&path);
            if bless {
                fs::create_dir_all(file.parent().expect("a file in a folder")).expect("a writable folder");
                fs::write(&file, &bytes).expect("a writable file");
            }
            let kept = fs::read(&file).unwrap_or_default();
            assert!(kept == bytes, "output/{name}/{path} is not what the program makes: see CONTRIBUTING.md");
        }
    }
}
