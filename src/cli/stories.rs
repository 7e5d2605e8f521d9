//! `stories.json` in an output folder: written by `run`, read back by `explain --run`.

use super::stop::Stop;
use crate::engine::Time;
use crate::error::Error;
use crate::experiment::results::{Results, Story, StoryKind, StoryStep, VariantResult};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// Its name.
pub(super) const FILE: &str = "stories.json";

/// The stories of one variant at one sweep point.
#[derive(Serialize, Deserialize)]
pub(super) struct Chapter {
    /// As in the scenario.
    pub(super) variant: String,
    /// `(dotted path, value as written)`; empty without a sweep.
    pub(super) at: Vec<(String, String)>,
    stories: Vec<Told>,
}

#[derive(Serialize, Deserialize)]
struct Told {
    group: String,
    kind: Kind,
    cause: String,
    event: String,
    steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Lost,
    Duplicate,
    Shed,
}

#[derive(Serialize, Deserialize)]
struct Step {
    /// Nanoseconds since the start of the run.
    at_ns: u64,
    who: String,
    what: String,
}

impl Chapter {
    fn of(variant: &VariantResult, at: &[(String, String)]) -> Chapter {
        let stories = variant.stories.iter().map(tell).collect();
        Chapter { variant: variant.name.clone(), at: at.to_vec(), stories }
    }
    /// Its stories.
    pub(super) fn stories(&self) -> impl Iterator<Item = Story> {
        self.stories.iter().map(hear)
    }
}

fn tell(story: &Story) -> Told {
    let step = |s: &StoryStep| Step { at_ns: s.at.0, who: s.who.clone(), what: s.what.clone() };
    Told {
        group: story.group.clone(),
        kind: match story.kind {
            StoryKind::Lost => Kind::Lost,
            StoryKind::Duplicate => Kind::Duplicate,
            StoryKind::Shed => Kind::Shed,
        },
        cause: story.cause.clone(),
        event: story.event.clone(),
        steps: story.steps.iter().map(step).collect(),
    }
}

fn hear(told: &Told) -> Story {
    let step = |s: &Step| StoryStep { at: Time(s.at_ns), who: s.who.clone(), what: s.what.clone() };
    Story {
        group: told.group.clone(),
        kind: match told.kind {
            Kind::Lost => StoryKind::Lost,
            Kind::Duplicate => StoryKind::Duplicate,
            Kind::Shed => StoryKind::Shed,
        },
        cause: told.cause.clone(),
        event: told.event.clone(),
        steps: told.steps.iter().map(step).collect(),
    }
}

/// The file's name and bytes.
pub(super) fn file(results: &Results) -> (String, Vec<u8>) {
    let chapters: Vec<Chapter> = if results.sweep.is_empty() {
        results.variants.iter().map(|v| Chapter::of(v, &[])).collect()
    } else {
        results.sweep.iter().flat_map(|p| p.variants.iter().map(|v| Chapter::of(v, &p.at))).collect()
    };
    let mut bytes = serde_json::to_vec_pretty(&chapters).expect("texts and whole numbers are always JSON");
    bytes.push(b'\n');
    (FILE.to_owned(), bytes)
}

/// Reads the stories of a run back from its output folder.
pub(super) fn read(folder: &Path) -> Result<Vec<Chapter>, Stop> {
    let path = folder.join(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("`{}` is no output folder of laglab: it has no `{FILE}`", folder.display());
            return Err(Stop::Usage(text));
        }
        Err(e) => return Err(Error::new("read", &path, e).into()),
    };
    serde_json::from_slice(&bytes)
        .map_err(|e| Stop::Usage(format!("`{}` was not written by this laglab: {e}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fixture;

    #[test]
    fn stories_come_back_as_they_were_told() {
        for scenario in [fixture::scenario(&["base", "x"], 2), fixture::sweep(&[1, 2], 2)] {
            let results = fixture::results(&scenario);
            let folder = tempfile::tempdir().unwrap();
            let (name, bytes) = file(&results);
            fs::write(folder.path().join(name), bytes).unwrap();
            let chapters = read(folder.path()).unwrap();
            assert_eq!(chapters.len(), 2);
            assert_eq!(chapters[0].stories().collect::<Vec<_>>(), results.variants[0].stories);
        }
    }
}
