//! Charts: each says what was found in its title and shows the numbers it comes from.

mod harm;
mod heatmap;
mod latency;
mod marks;
mod partition_lag;
mod sheet;
mod states;
mod throughput;
mod variant_lag;

use crate::experiment::results::Results;

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
    let mut charts = Vec::new();
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
    charts
}
