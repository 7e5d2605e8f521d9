//! `laglab run --dry-run`: every setting in force as a scenario again, each with its origin in a comment.

use crate::scenario::{Effective, Scenario};
use std::fmt::Write;

/// Tables that stand once.
const SINGLE: [&str; 2] = ["cluster", "network"];
/// Tables with a name of their own.
const NAMED: [&str; 4] = ["topic", "producer", "group", "downstream"];
/// What the settings of the base do not include; it is taken over as it was written.
const BESIDES: [&str; 3] = ["variant", "sweep", "expect"];

/// The scenario as TOML text: the base with every default, then variants, sweep and expectations.
pub(super) fn toml(scenario: &Scenario) -> String {
    let mut tables: Vec<(String, Vec<(&str, &Effective)>)> = vec![(String::new(), Vec::new())];
    for setting in &scenario.effective {
        let (table, key) = place(&setting.path);
        match tables.iter_mut().find(|(t, _)| t == table) {
            Some((_, rows)) => rows.push((key, setting)),
            None => tables.push((table.to_owned(), vec![(key, setting)])),
        }
    }
    let mut text = String::new();
    for (table, rows) in &tables {
        // Writing to a string cannot fail, here and below.
        let _ = match table.split_once('.') {
            Some(("fault", _)) => writeln!(text, "\n[[fault]]"),
            _ if table.is_empty() => Ok(()),
            _ => writeln!(text, "\n[{table}]"),
        };
        let lines: Vec<String> = rows.iter().map(|(key, s)| format!("{key} = {}", s.value)).collect();
        let width = lines.iter().map(|l| l.chars().count()).filter(|n| *n <= 48).max().unwrap_or(0);
        for (line, (_, setting)) in lines.iter().zip(rows) {
            let _ = writeln!(text, "{line:<width$}  # {}", setting.origin);
        }
    }
    text.push_str(&besides(&scenario.text));
    text
}

/// Splits a dotted path into the table it belongs to and its key there.
fn place(path: &str) -> (&str, &str) {
    let parts = match segments(path).next() {
        Some(first) if SINGLE.contains(&first) => 1,
        Some(first) if NAMED.contains(&first) || first == "fault" => 2,
        _ => return ("", path),
    };
    let table: usize = segments(path).take(parts).map(|s| s.len() + 1).sum();
    if table < path.len() { (&path[..table - 1], &path[table..]) } else { ("", path) }
}

/// The parts of a dotted path; a quoted part may hold dots.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    path.split(move |c: char| {
        quoted ^= c == '"';
        c == '.' && !quoted
    })
}

/// Variants, sweep and expectations of the text, without its comments.
fn besides(text: &str) -> String {
    let mut table: toml::Table = text.parse().expect("a scenario that was read is TOML");
    table.retain(|key, _| BESIDES.contains(&key));
    if table.is_empty() {
        return String::new();
    }
    format!("\n{}", toml::to_string(&table).expect("what was TOML can be written as TOML"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::fixture;

    #[test]
    fn settings_return_to_their_tables() {
        let mut scenario = fixture::scenario(&["base"], 1);
        let row = |path: &str, value: &str, origin: &str| Effective {
            path: path.into(),
            value: value.into(),
            origin: origin.into(),
        };
        scenario.effective = vec![
            row("seed", "7", "written"),
            row("end.drain.limit", "\"1h\"", "default"),
            row("cluster.brokers", "3", "default"),
            row("topic.\"orders.v1\".partitions", "12", "written"),
            row("group.billing.retry.attempts", "10", "default"),
            row("fault.0.at", "\"3m\"", "written"),
            row("fault.1.at", "\"4m\"", "written"),
        ];
        scenario.text = "seed = 7\n[expect]\n\"nothing is lost\" = \"group.billing.lost == 0\"\n".into();
        let expected = r#"seed = 7                # written
end.drain.limit = "1h"  # default

[cluster]
brokers = 3  # default

[topic."orders.v1"]
partitions = 12  # written

[group.billing]
retry.attempts = 10  # default

[[fault]]
at = "3m"  # written

[[fault]]
at = "4m"  # written

[expect]
"nothing is lost" = "group.billing.lost == 0"
"#;
        assert_eq!(toml(&scenario), expected);
        let _: toml::Table = expected.parse().expect("it is TOML");
    }
}
