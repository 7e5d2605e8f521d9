//! Series of runs and variants by name, and where they peak.

use crate::experiment::results::{RunRecord, Series, SeriesBand, VariantResult};
use crate::report::reading::greatest;

/// A series of a run by name.
pub(crate) fn series<'a>(run: &'a RunRecord, name: &str) -> Option<&'a Series> {
    run.series.iter().find(|s| s.name == name && !s.value.is_empty())
}

/// A band of a variant by name.
pub(crate) fn band<'a>(variant: &'a VariantResult, name: &str) -> Option<&'a SeriesBand> {
    variant.bands.iter().find(|b| b.name == name && !b.mean.is_empty())
}

/// Where the greatest finite number stands first.
pub(crate) fn position_of_greatest(values: &[f64]) -> Option<usize> {
    let top = greatest(values.iter().copied())?;
    values.iter().position(|v| *v == top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_ignores_what_is_not_a_number() {
        assert_eq!(position_of_greatest(&[f64::NAN, 1.0, 3.0, 3.0, f64::INFINITY]), Some(2));
        assert_eq!(position_of_greatest(&[f64::NAN]), None);
    }
}
