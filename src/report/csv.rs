//! `series.csv`: every time series in long form, ready for a data frame.
//!
//! | column | meaning |
//! |---|---|
//! | `variant` | name of the variant |
//! | `series` | dotted name, such as `group.billing.lag` |
//! | `unit` | `records`, `s`, `events/s`, `consumers` |
//! | `time_s` | end of the bucket, in seconds since the start of the run |
//! | `value` | the first replication at that time (rates: its mean over the bucket) |
//! | `mean`, `low`, `high` | over replications, with the 95 % interval of the mean |
//! | `min`, `max` | extremes within the bucket over all replications |
//!
//! An empty field is a number that cannot be stated. The file is bounded: of each group only the partitions
//! with the greatest lag are written, at most [`PARTITIONS`], and fewer (but at least 4) when there are many
//! groups and variants, so that there are not many more than [`SERIES`] series of partitions in all. They
//! are chosen over all variants, so that every variant has the same ones. In a sweep, the variants are
//! those of the first point.

use crate::experiment::results::{Results, Series, SeriesBand, VariantResult};
use crate::report::reading::{greatest, partition_of, partitions};
use std::collections::{BTreeMap, BTreeSet};

/// How many partitions of a group are written at most.
pub const PARTITIONS: usize = 24;
/// How many series of partitions are written at most, as long as each group has 4.
pub const SERIES: usize = 144;

const COLUMNS: [&str; 10] =
    ["variant", "series", "unit", "time_s", "value", "mean", "low", "high", "min", "max"];

/// The content of `series.csv`.
pub fn series_csv(results: &Results) -> Vec<u8> {
    let kept = kept_partitions(results);
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let mut write = |row: &[&str; 10]| out.write_record(row).expect("a vector takes every byte");
    write(&COLUMNS);
    for variant in &results.variants {
        for (name, (single, band)) in by_name(variant) {
            if partition_of(name).is_some() && !kept.contains(name) {
                continue;
            }
            rows(&variant.name, name, single, band, &mut write);
        }
    }
    out.into_inner().expect("a vector takes every byte")
}

fn rows(
    variant: &str,
    name: &str,
    single: Option<&Series>,
    band: Option<&SeriesBand>,
    write: &mut impl FnMut(&[&str; 10]),
) {
    let (unit, step) = match (single, band) {
        (Some(s), _) => (s.unit, s.step),
        (None, Some(b)) => (b.unit, b.step),
        (None, None) => return,
    };
    let length = single.map_or(0, |s| s.value.len()).max(band.map_or(0, |b| b.mean.len()));
    for i in 0..length {
        let of = |pick: fn(&SeriesBand) -> &Vec<f64>| field(band.map(pick), i);
        let time = step.secs() * (i + 1) as f64;
        let value = field(single.map(|s| &s.value), i);
        // Rounded to the nanosecond: the product may end in digits that mean nothing.
        let time = (libm::round(time * 1e9) / 1e9).to_string();
        write(&[
            variant,
            name,
            unit,
            &time,
            &value,
            &of(|b| &b.mean),
            &of(|b| &b.low),
            &of(|b| &b.high),
            &of(|b| &b.min),
            &of(|b| &b.max),
        ]);
    }
}

fn field(values: Option<&Vec<f64>>, i: usize) -> String {
    values.and_then(|v| v.get(i)).filter(|v| v.is_finite()).map_or_else(String::new, f64::to_string)
}

type Pair<'a> = (Option<&'a Series>, Option<&'a SeriesBand>);

fn by_name(variant: &VariantResult) -> BTreeMap<&str, Pair<'_>> {
    let mut all: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
    for s in &variant.first.series {
        all.entry(&s.name).or_default().0 = Some(s);
    }
    for b in &variant.bands {
        all.entry(&b.name).or_default().1 = Some(b);
    }
    all
}

/// Names of the partition series with the greatest peaks of each group.
fn kept_partitions(results: &Results) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    let each = SERIES / (results.groups.len() * results.variants.len()).max(1);
    for group in &results.groups {
        let mut peaks: BTreeMap<&str, f64> = BTreeMap::new();
        for (_, s) in results.variants.iter().flat_map(|v| partitions(&v.first, group)) {
            let peak = greatest(s.max.iter().copied()).unwrap_or(0.0);
            let best = peaks.entry(&s.name).or_insert(0.0);
            *best = best.max(peak);
        }
        let mut order: Vec<_> = peaks.into_iter().collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        kept.extend(order.iter().take(each.clamp(4, PARTITIONS)).map(|(name, _)| (*name).to_owned()));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn rows_are_long_form_and_bounded() {
        let results = fixture::many();
        let bytes = series_csv(&results);
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        assert_eq!(reader.headers().expect("header"), COLUMNS.as_slice());
        let mut names = BTreeSet::new();
        let mut rows = 0;
        for record in reader.records() {
            let record = record.expect("row");
            names.insert((record[0].to_owned(), record[1].to_owned()));
            rows += 1;
        }
        let partitions = names.iter().filter(|(_, s)| partition_of(s).is_some()).count();
        assert_eq!(partitions, 10 * 5 * 4);
        assert_eq!(rows, names.len() * 300);
        let hot = "group.group-0.partition.orders-3.lag".to_owned();
        assert!(names.contains(&("variant-with-a-long-name-0".to_owned(), hot)), "the hottest is kept");
    }

    #[test]
    fn the_time_is_the_end_of_the_bucket_and_gaps_are_empty() {
        let text = String::from_utf8(series_csv(&fixture::results())).expect("text");
        let row = text.lines().find(|l| l.starts_with("base,group.billing.lag,")).expect("there");
        assert!(row.starts_with("base,group.billing.lag,records,0.5,"), "{row}");
        let text = String::from_utf8(series_csv(&fixture::broken())).expect("text");
        assert!(text.lines().any(|l| l.starts_with("base,group.billing.lag,records,6,,,,,")), "{text}");
    }
}
