//! Charts: each says what was found in its title and shows the numbers it comes from.

mod harm;
mod marks;
mod partition_lag;
mod sheet;
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
    let per_group = [variant_lag::chart, harm::chart, partition_lag::chart];
    let groups = &results.groups;
    per_group.iter().flat_map(|chart| groups.iter().filter_map(move |g| chart(results, g))).collect()
}
