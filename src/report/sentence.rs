//! Comparisons in plain sentences; no winner where the interval includes zero.
//!
//! Knows results and words, not where the sentences are printed.

use crate::experiment::results::{Difference, Results};
use crate::report::number::{half_width, mean_and_half, percent};
use crate::report::reading::shows_a_difference;
use crate::report::wording::Wording;

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Finding {
    /// The interval leaves out zero.
    Differs,
    /// The interval includes zero, or there is none.
    NotShown,
    /// The two were the same in every replication.
    Same,
}

/// One comparison of two variants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sentence {
    /// What it came to.
    pub(crate) finding: Finding,
    /// In words, without a final stop.
    pub(crate) text: String,
}

/// All paired differences as sentences, those that show something first, else in the order of the results.
pub(crate) fn differences(results: &Results) -> Vec<Sentence> {
    let mut all: Vec<_> = results
        .differences
        .iter()
        .filter(|d| d.estimate.n > 0 && d.estimate.mean.is_finite())
        .map(|d| sentence(d, results))
        .collect();
    all.sort_by_key(|s| s.finding);
    all
}

/// What the common random numbers were worth, as it ends a sentence; empty where it cannot be said.
fn worth(d: &Difference) -> String {
    match d.variance_reduction {
        // With one side constant there is nothing to take away.
        Some(share) if share.abs() < 0.005 => String::new(),
        Some(share) if share >= 0.0 => format!("; pairing took away {} of the variance", percent(share)),
        Some(share) => format!("; pairing added {} to the variance", percent(-share)),
        None => String::new(),
    }
}

fn sentence(d: &Difference, results: &Results) -> Sentence {
    let words = Wording::of(&d.metric, &results.groups, &results.producers);
    let e = &d.estimate;
    if e.mean == 0.0 && e.low == 0.0 && e.high == 0.0 {
        let text = format!("{} and {} have the same {}", d.a, d.b, words.full());
        return Sentence { finding: Finding::Same, text };
    }
    if !shows_a_difference(e) {
        let size = mean_and_half(e.mean, half_width(e), words.unit);
        let why = if e.n > 1 { worth(d) } else { "; one replication cannot tell cause from chance".into() };
        let text =
            format!("no difference shown in {} between {} and {} ({size}{why})", words.full(), d.a, d.b);
        return Sentence { finding: Finding::NotShown, text };
    }
    let size = mean_and_half(e.mean.abs(), half_width(e), words.unit);
    let more = e.mean > 0.0;
    let text = if words.tally {
        let which = if more { "more" } else { "fewer" };
        let place = if words.owner.is_empty() { String::new() } else { format!(" in {}", words.owner) };
        format!("{} has {size} {which} {} than {}{place}", d.a, words.noun, d.b)
    } else {
        let which = if more { "higher" } else { "lower" };
        format!("the {} is {size} {which} with {} than with {}", words.full(), d.a, d.b)
    };
    Sentence { finding: Finding::Differs, text: text + &worth(d) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::results::Estimate;
    use crate::report::fixture;

    fn say(metric: &str, mean: f64, half: f64, n: u32) -> (Finding, String) {
        let mut results = fixture::results();
        let estimate = Estimate { mean, low: mean - half, high: mean + half, n };
        let variance_reduction = (n > 2).then_some(0.93);
        let (metric, a, b) = (metric.into(), "careless".into(), "base".into());
        results.differences = vec![Difference { metric, a, b, estimate, variance_reduction }];
        let s = differences(&results).remove(0);
        (s.finding, s.text.replace('\u{a0}', " "))
    }

    #[test]
    fn a_difference_is_a_sentence_with_a_direction() {
        assert_eq!(
            say("group.billing.duplicates", 812.0, 40.0, 20),
            (
                Finding::Differs,
                "careless has 812 ± 40 more duplicate effects than base in billing; pairing took away 93% of the \
                 variance"
                    .into()
            )
        );
        assert_eq!(
            say("group.billing.lag.p99", -812.0, 40.0, 2).1,
            "the p99 lag of billing is 812 ± 40 lower with careless than with base"
        );
    }

    #[test]
    fn no_winner_without_proof() {
        let (finding, text) = say("group.billing.duplicates", 3.0, 40.0, 20);
        assert_eq!(finding, Finding::NotShown);
        assert!(text.ends_with("(3 ± 40; pairing took away 93% of the variance)"), "{text}");
        let (finding, text) = say("group.billing.duplicates", 812.0, 0.0, 1);
        assert_eq!(finding, Finding::NotShown);
        assert!(text.contains("one replication"), "{text}");
        assert_eq!(say("group.billing.duplicates", 0.0, 0.0, 20).0, Finding::Same);
    }
}
