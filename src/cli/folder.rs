//! The output folder, whole or not at all: files are written beside it and swapped in together.
//!
//! A folder that laglab wrote holds a list of its files, so that what a person put beside them
//! survives the next run, and a folder that laglab did not write is never touched.

use super::onlooker::interrupted;
use super::stop::Stop;
use crate::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The list of files that laglab wrote, one per line.
const LIST: &str = ".laglab";

/// What goes again if nothing comes of it.
struct Unfinished {
    /// The folder being written.
    temporary: PathBuf,
    /// Folders made on the way to it, outermost first.
    made: Vec<PathBuf>,
}

/// The folder being written, if there is one. Holding the lock keeps the process from being ended on
/// purpose, so that the swap is never cut in two.
static UNFINISHED: Mutex<Option<Unfinished>> = Mutex::new(None);

fn unfinished() -> MutexGuard<'static, Option<Unfinished>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what was written so far, before the process is ended; waits for a swap that has begun, and for
/// whoever is removing it already.
pub(super) fn abandon() {
    let mut unfinished = unfinished();
    let Some(Unfinished { temporary, made }) = unfinished.take() else { return };
    let _ = fs::remove_dir_all(temporary);
    for folder in made.iter().rev() {
        // Fails, as it should, if something else came to be in it.
        let _ = fs::remove_dir(folder);
    }
}

/// A folder about to be written.
#[derive(Debug)]
pub(super) struct Staging {
    target: PathBuf,
    temporary: PathBuf,
}

impl Staging {
    /// Makes sure, before the long work, that `target` can be written.
    pub(super) fn prepare(target: &Path) -> Result<Staging, Stop> {
        refuse_foreign(target)?;
        // Through links and dots to the folder itself: it is the one that is swapped.
        let target = if target.exists() {
            fs::canonicalize(target).map_err(|e| Error::new("find", target, e))?
        } else {
            target.to_owned()
        };
        let Some(name) = target.file_name().map(|n| n.to_string_lossy().into_owned()) else {
            return Err(Stop::Usage(format!("`{}` is no name for an output folder", target.display())));
        };
        let parent = target.parent().unwrap_or(Path::new(""));
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let mut made: Vec<PathBuf> =
            parent.ancestors().take_while(|p| !p.exists()).map(Path::to_owned).collect();
        made.reverse();
        let failed = |doing, e| Error::new(doing, parent, e).advise("choose another folder with `--out`");
        fs::create_dir_all(parent).map_err(|e| failed("create", e))?;
        let temporary = parent.join(format!(".{name}.{}.new", std::process::id()));
        fs::create_dir(&temporary).map_err(|e| failed("write into", e))?;
        *unfinished() = Some(Unfinished { temporary: temporary.clone(), made });
        Ok(Staging { target, temporary })
    }

    /// Writes all files and swaps them in for what an earlier run wrote.
    pub(super) fn commit(self, files: &[(String, Vec<u8>)]) -> Result<(), Stop> {
        let list: String = files.iter().map(|(name, _)| format!("{name}\n")).collect();
        let all = files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() + list.len();
        let failed = |e: Error| e.short_of(all, ", or choose another folder with `--out`");
        for (name, bytes) in files {
            if interrupted() {
                return Err(Stop::Interrupted);
            }
            self.write(name, bytes).map_err(failed)?;
        }
        self.write(LIST, list.as_bytes()).map_err(failed)?;
        self.swap()
    }

    /// Makes the way to it anew, so that nothing is lost if somebody cleared it away meanwhile.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.temporary.join(name);
        let parent = path.parent().expect("a file in a folder has a parent");
        fs::create_dir_all(parent).map_err(|e| Error::new("create", parent, e))?;
        fs::write(&path, bytes).map_err(|e| Error::new("write", &path, e))
    }

    /// Puts the new folder in place of the old one, of which it keeps what is not laglab's.
    fn swap(&self) -> Result<(), Stop> {
        let mut unfinished = unfinished();
        if interrupted() {
            return Err(Stop::Interrupted);
        }
        let failed = |e| Stop::from(Error::new("replace", &self.target, e));
        let old = self.temporary.with_extension("old");
        let had = self.target.exists();
        if had {
            fs::rename(&self.target, &old).map_err(failed)?;
        }
        if let Err(e) = fs::rename(&self.temporary, &self.target) {
            if had {
                let _ = fs::rename(&old, &self.target);
            }
            return Err(failed(e));
        }
        *unfinished = None;
        if had {
            keep_foreign(&old, &self.target).map_err(|e| Error::new("clear", &old, e))?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        abandon();
    }
}

/// Refuses a target that holds what laglab did not write.
fn refuse_foreign(target: &Path) -> Result<(), Stop> {
    let shown = target.display();
    if target.exists() && !target.is_dir() {
        return Err(Stop::Usage(format!("`{shown}` is a file; results are a folder of files")));
    }
    let empty = fs::read_dir(target).map_or(true, |mut entries| entries.next().is_none());
    if empty || target.join(LIST).is_file() {
        return Ok(());
    }
    Err(Stop::Usage(format!(
        "`{shown}` holds files that laglab did not write; choose another folder with `--out`"
    )))
}

/// Moves what laglab did not write from the old folder to the new one, and removes the rest.
fn keep_foreign(old: &Path, new: &Path) -> io::Result<()> {
    let list = fs::read_to_string(old.join(LIST)).unwrap_or_default();
    let ours = |path: &Path| path == Path::new(LIST) || list.lines().any(|line| path == Path::new(line));
    let mut all = Vec::new();
    files_below(old, Path::new(""), &mut all)?;
    for path in all.iter().filter(|p| !ours(p)) {
        let to = new.join(path);
        if !to.exists() {
            fs::create_dir_all(to.parent().unwrap_or(new))?;
            fs::rename(old.join(path), to)?;
        }
    }
    fs::remove_dir_all(old)
}

fn files_below(root: &Path, below: &Path, all: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            files_below(root, &path, all)?;
        } else {
            all.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folder being written is one per process, so these tests take turns.
    static TURN: Mutex<()> = Mutex::new(());

    fn names(folder: &Path) -> Vec<String> {
        let mut all = Vec::new();
        files_below(folder, Path::new(""), &mut all).unwrap();
        let mut all: Vec<String> = all.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        all.sort();
        all
    }

    fn commit(target: &Path, files: &[&str]) {
        let files: Vec<_> = files.iter().map(|f| ((*f).to_owned(), f.as_bytes().to_vec())).collect();
        Staging::prepare(target).unwrap().commit(&files).unwrap();
    }

    #[test]
    fn a_second_run_replaces_its_own_files_and_keeps_those_of_others() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("deep/er/01");
        commit(&target, &["summary.json", "charts/lag.svg", "charts/gone.svg"]);
        fs::write(target.join("notes.md"), "mine").unwrap();
        fs::write(target.join("charts/mine.svg"), "mine").unwrap();
        commit(&target, &["summary.json", "charts/lag.svg"]);
        let expected = [".laglab", "charts/lag.svg", "charts/mine.svg", "notes.md", "summary.json"];
        assert_eq!(names(&target), expected);
        assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_not_finished_leaves_no_trace() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let home = tempfile::tempdir().unwrap();
        drop(Staging::prepare(&home.path().join("output/01")).unwrap());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        fs::create_dir(home.path().join("output")).unwrap();
        drop(Staging::prepare(&home.path().join("output/01")).unwrap());
        assert!(home.path().join("output").exists(), "it was there before");
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("thesis.tex"), "x").unwrap();
        assert_eq!(Staging::prepare(home.path()).unwrap_err().code(), 2);
        assert_eq!(Staging::prepare(&home.path().join("thesis.tex")).unwrap_err().code(), 2);
        assert_eq!(names(home.path()), ["thesis.tex"]);
    }
}
