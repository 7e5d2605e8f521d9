//! What happens when laglab breaks one of its own rules: the rule, and the command that replays it.

use super::{folder, screen};
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

static REPLAY: Mutex<Option<String>> = Mutex::new(None);

/// Remembers the command that runs what is about to run.
pub(super) fn remember(command: String) {
    *REPLAY.lock().unwrap_or_else(PoisonError::into_inner) = Some(command);
}

/// Makes a broken assertion, on whichever thread, end the process with a report and exit code 101.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|info| {
        folder::abandon();
        screen::note(&report(info));
        std::process::exit(101);
    }));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let rule = info.payload_as_str().unwrap_or("(no text)");
    let mut text = format!(
        "laglab broke one of its own rules; its results would be wrong, so it stops.\n  rule:   {rule}\n"
    );
    if let Some(place) = info.location() {
        text.push_str(&format!("  where:  {place}\n"));
    }
    if let Ok(Some(command)) = REPLAY.try_lock().as_deref() {
        text.push_str(&format!("  replay: {command}\n"));
    }
    text.push_str(&format!(
        "Please report this with the scenario and the version ({}).\n",
        env!("CARGO_PKG_VERSION")
    ));
    text
}
