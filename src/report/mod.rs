//! Stand-in.
pub mod text;
use crate::experiment::results::Results;
/// Files.
pub fn files(r: &Results, scenario_text: &str) -> Vec<(String, Vec<u8>)> {
    vec![
        ("summary.json".to_owned(), format!("{{\"scenario\":\"{}\"}}\n", r.scenario).into_bytes()),
        ("scenario.toml".to_owned(), scenario_text.as_bytes().to_vec()),
    ]
}
