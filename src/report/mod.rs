//! Results to bytes: tables, charts, pages, data files. Pure functions; knows nothing of files and the clock.
//!
//! Equal results give equal bytes.

mod csv;
mod grid;
mod json;
mod number;
mod overview;
mod reading;
mod sentence;
pub mod text;
mod wording;

#[cfg(test)]
mod fixture;

pub use csv::series_csv;
pub use json::summary_json;
