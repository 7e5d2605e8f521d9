//! Charts: each says what was found in its title and shows the numbers it comes from.

mod contrast;
mod harm;
mod heatmap;
mod latency;
mod marks;
mod partition_lag;
mod scale;
pub(super) mod sheet;
mod states;
mod sweep;
mod sweep_map;
mod throughput;
mod traces;
mod variant_lag;

use crate::experiment::results::Results;
use std::collections::BTreeSet;

/// A finished chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// File name without folder and ending.
    pub file_stem: String,
    /// What it shows, as a sentence.
    pub title: String,
    /// The chart in words, for those who cannot see it.
    pub alt: String,
    /// The picture.
    pub svg: String,
}

/// All charts that have something to say about these results.
pub fn charts(results: &Results) -> Vec<Chart> {
    let mut charts = sweep::charts(results);
    charts.extend(sweep_map::charts(results));
    for group in &results.groups {
        charts.extend(variant_lag::chart(results, group));
        charts.extend(harm::chart(results, group));
        charts.extend(latency::chart(results, group));
    }
    charts.extend(throughput::chart(results));
    for group in &results.groups {
        charts.extend(partition_lag::chart(results, group));
        charts.extend(heatmap::chart(results, group));
        charts.extend(states::chart(results, group));
    }
    let mut taken = BTreeSet::new();
    for chart in &mut charts {
        let stem = plain(&chart.file_stem);
        let numbered = (2..).map(|n| format!("{stem}-{n}"));
        let free = std::iter::once(stem.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        chart.file_stem = free.expect("there are more numbers than charts");
    }
    charts
}

/// A name made safe for files and addresses.
fn plain(name: &str) -> String {
    let fine = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let plain: String = name.chars().map(fine).collect();
    plain.replace("..", "--")
}
