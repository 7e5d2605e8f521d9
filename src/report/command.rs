//! The command that gives the same results again, as a POSIX shell reads it.
//!
//! Knows what the command line can change in a scenario. Knows nothing of where its file lies.

use crate::scenario::Overrides;

/// The command that runs the scenario in `file` with these changes: what was given, and nothing else, since
/// the hash in the results is over what was given.
pub fn command(file: &str, overrides: &Overrides) -> String {
    let mut command = format!("laglab run {}", quoted(file));
    for (path, value) in &overrides.set {
        command += &format!(" --set {}", quoted(&format!("{path}={value}")));
    }
    if let Some(seed) = overrides.seed {
        command += &format!(" --seed {seed}");
    }
    if let Some(n) = overrides.replications {
        command += &format!(" --replications {n}");
    }
    if overrides.unlimited {
        command += " --unlimited";
    }
    command
}

/// One word for the shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/=:".contains(c);
    let bare = !word.is_empty() && word.chars().all(plain);
    if bare { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_given_is_in_it_and_nothing_else() {
        assert_eq!(command("a.toml", &Overrides::default()), "laglab run a.toml");
        let overrides = Overrides {
            set: vec![("group.g.consumers".into(), "3".into()), ("title".into(), "it's \"so\"".into())],
            seed: Some(9),
            replications: Some(2),
            unlimited: true,
        };
        assert_eq!(
            command("my plans/a.toml", &overrides),
            "laglab run 'my plans/a.toml' --set group.g.consumers=3 --set 'title=it'\\''s \"so\"' --seed 9 \
             --replications 2 --unlimited"
        );
    }

    #[test]
    fn words_survive_the_shell() {
        for (word, seen) in [("a.b=3", "a.b=3"), ("", "''"), ("a b's", "'a b'\\''s'"), ("$HOME", "'$HOME'")] {
            assert_eq!(quoted(word), seen);
        }
    }
}
