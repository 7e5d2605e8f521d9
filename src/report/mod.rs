//! Results to bytes: tables, charts, pages, data files. Pure functions; knows nothing of files and the clock.
//!
//! Equal results give equal bytes.

#[cfg(feature = "charts")]
mod base64;
#[cfg(feature = "charts")]
mod chart;
mod command;
mod csv;
#[cfg(feature = "charts")]
mod draw;
mod grid;
#[cfg(feature = "charts")]
mod html;
mod json;
mod number;
mod overview;
#[cfg(feature = "charts")]
mod png;
mod reading;
mod sentence;
pub mod text;
pub mod validation;
mod wording;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

#[cfg(feature = "charts")]
pub use chart::{Chart, charts};
pub use command::command;
pub use csv::series_csv;
#[cfg(feature = "charts")]
pub use html::index_html;
pub use json::{Source, source, summary_json};

use crate::experiment::results::Results;

/// Everything that is written for an experiment: paths (with `/`, below the folder of the experiment) and
/// contents. `summary.json` and `series.csv`; with charts also `index.html`, and each chart as
/// `charts/NAME.svg` and `charts/NAME.png`. `scenario_text` is shown on the page.
pub fn files(results: &Results) -> Vec<(String, Vec<u8>)> {
    let mut files = data_files(results);
    files.extend(pictures(results));
    files
}

/// The data alone, for those who do not want to wait for charts: `summary.json` and `series.csv`.
pub fn data_files(results: &Results) -> Vec<(String, Vec<u8>)> {
    vec![
        ("summary.json".to_owned(), summary_json(results).into_bytes()),
        ("series.csv".to_owned(), series_csv(results)),
    ]
}

#[cfg(not(feature = "charts"))]
fn pictures(_: &Results) -> Vec<(String, Vec<u8>)> {
    Vec::new()
}

#[cfg(feature = "charts")]
fn pictures(results: &Results) -> Vec<(String, Vec<u8>)> {
    use rayon::prelude::*;
    let charts = charts(results);
    let page = index_html(results, &charts, &results.text);
    let rasteriser = png::Rasteriser::new();
    let mut files = vec![("index.html".to_owned(), page.into_bytes())];
    // Side by side, because a picture takes a tenth of a second; the order of the files stays.
    let drawn = charts.into_par_iter().map(|c| {
        let png = rasteriser.png(&c.svg);
        let path = |ending: &str| format!("charts/{}.{ending}", c.file_stem);
        [(path("svg"), c.svg.clone().into_bytes()), (path("png"), png)]
    });
    files.extend(drawn.collect::<Vec<_>>().into_iter().flatten());
    files
}
