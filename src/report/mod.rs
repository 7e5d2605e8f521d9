//! Results to bytes: tables, charts, pages, data files. Pure functions; knows nothing of files and the clock.
//!
//! Equal results give equal bytes.

#[cfg(feature = "charts")]
mod chart;
mod csv;
#[cfg(feature = "charts")]
mod draw;
mod grid;
mod json;
mod number;
mod overview;
#[cfg(feature = "charts")]
mod png;
mod reading;
mod sentence;
pub mod text;
mod wording;

#[cfg(test)]
mod fixture;

#[cfg(feature = "charts")]
pub use chart::{Chart, charts};
pub use csv::series_csv;
pub use json::summary_json;

/// Stand-in.
pub fn files(r: &crate::experiment::results::Results, _scenario_text: &str) -> Vec<(String, Vec<u8>)> {
    vec![("summary.json".to_owned(), summary_json(r).into_bytes()), ("series.csv".to_owned(), series_csv(r))]
}
