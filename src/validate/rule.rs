//! When a case passes: the stated rules, as functions of the simulated values alone.

use super::case::{Case, Expected, Unit};
use crate::stats::{Interval, mean_interval, simultaneous_level};

/// The suite as a whole fails a right program with at most this probability, if the seed is drawn at random.
pub const RISK: f64 = 0.01;

/// How a figure is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// The interval of the mean covers the prediction, and is narrow enough to have noticed a bias.
    Interval {
        /// Half of the interval, as a share of the prediction, is at most this.
        resolution: f64,
        /// What the figure may be off by for being told in steps, as a share of the prediction.
        grain: f64,
    },
    /// As [`Interval`](Rule::Interval), for a difference that should be nothing or nearly so.
    Difference {
        /// Half of the interval is at most this, in the unit of the figure.
        resolution: f64,
    },
    /// The mean is off by at most this: where chance was taken out by spreading it evenly, and the rest is grain.
    Mean {
        /// In the unit of the figure.
        grain: f64,
    },
    /// Every replication is off by at most this: where nothing is left to chance.
    Every {
        /// In the unit of the figure.
        grain: f64,
    },
    /// The mean lies inside what was measured.
    Inside,
    /// Every replication lies inside the bounds.
    EveryInside,
}

/// What a rule finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Mean of the simulated values and its interval.
    pub interval: Interval,
    /// Whether the rule is kept; if not, why.
    pub verdict: Result<(), String>,
}

/// The level of each interval, so that all `cases` of them hold together with probability 1 - [`RISK`].
pub fn level(cases: usize) -> f64 {
    simultaneous_level(1.0 - RISK, cases)
}

impl Rule {
    /// Holds the values of the replications (those that are none are left out) against the expectation.
    pub fn judge(self, expected: Expected, values: &[f64], level: f64) -> Judgement {
        let values: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        let interval = mean_interval(&values, level);
        let verdict = if values.is_empty() {
            Err("no replication could state it".to_owned())
        } else {
            self.verdict(expected, &values, &interval)
        };
        Judgement { interval, verdict }
    }

    fn verdict(self, expected: Expected, values: &[f64], interval: &Interval) -> Result<(), String> {
        let (low, high) = match expected {
            Expected::Value(v) => (v, v),
            Expected::Between(low, high) => (low, high),
        };
        let inside = |v: f64, grain: f64| low - grain <= v && v <= high + grain;
        let size = libm::fabs(expected.middle());
        let (narrow, grain) = match self {
            Rule::Interval { resolution, grain } => (resolution * size, grain * size),
            Rule::Difference { resolution } => (resolution, 0.0),
            _ => (f64::INFINITY, 0.0),
        };
        let half = interval.half_width();
        if self.is_statistical() && (half.is_nan() || half > narrow) {
            return Err("too vague to tell anything".to_owned());
        }
        let holds = match self {
            Rule::Interval { .. } | Rule::Difference { .. } => {
                interval.low - grain <= high && low <= interval.high + grain
            }
            Rule::Mean { grain } => inside(interval.mean, grain),
            Rule::Inside => inside(interval.mean, 0.0),
            Rule::Every { grain } => values.iter().all(|v| inside(*v, grain)),
            Rule::EveryInside => values.iter().all(|v| inside(*v, 0.0)),
        };
        if holds { Ok(()) } else { Err("outside".to_owned()) }
    }

    /// Whether it rests on an interval, and so takes part in the risk.
    pub fn is_statistical(self) -> bool {
        matches!(self, Rule::Interval { .. } | Rule::Difference { .. })
    }
}

impl Case {
    /// Its rule in words.
    pub fn rule_in_words(&self, level: f64) -> String {
        match self.rule {
            Rule::Interval { resolution, grain } => {
                let steps = if grain > 0.0 {
                    format!(", give or take the {:.1}\u{a0}% of a histogram's step", grain * 100.0)
                } else {
                    String::new()
                };
                let meets = match self.expected {
                    Expected::Value(_) => "covers it",
                    Expected::Between(..) => "meets it",
                };
                format!(
                    "the {:.3}\u{a0}% interval of the mean {meets}{steps}, and half of it is at most {}\u{a0}%",
                    level * 100.0,
                    plain(resolution * 100.0)
                )
            }
            Rule::Difference { resolution } => format!(
                "the {:.3}\u{a0}% interval of the mean meets it, and half of it is at most {}",
                level * 100.0,
                self.amount(resolution)
            ),
            Rule::Mean { grain } => format!("the mean is off by at most {}", self.amount(grain)),
            Rule::Every { grain: 0.0 } => "every replication gives exactly this".to_owned(),
            Rule::Every { grain } => format!("every replication is off by at most {}", self.amount(grain)),
            Rule::Inside => {
                "the mean lies between the least and the greatest of the measured values".to_owned()
            }
            Rule::EveryInside => "every replication lies between the two".to_owned(),
        }
    }
}

impl Case {
    /// An amount of its figure, in a unit that fits.
    fn amount(&self, value: f64) -> String {
        const TIMES: [(f64, &str); 4] = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")];
        let (per, unit) = match self.unit {
            Unit::Seconds => TIMES.into_iter().find(|(per, _)| value >= per * 0.9995).unwrap_or(TIMES[3]),
            Unit::PerSecond => (1.0, "per second"),
            Unit::Bytes => (1.0, "bytes per second"),
            Unit::Count | Unit::Ratio => return plain(value),
        };
        format!("{}\u{a0}{unit}", plain(value / per))
    }
}

/// Four significant digits, without zeros at the end.
fn plain(value: f64) -> String {
    let digits = (3.0 - libm::floor(libm::log10(libm::fabs(value).max(1e-12)))).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Rule = Rule::Interval { resolution: 0.05, grain: 0.0 };

    fn kept(rule: Rule, expected: Expected, values: &[f64]) -> bool {
        rule.judge(expected, values, 0.999).verdict.is_ok()
    }

    #[test]
    fn an_interval_must_cover_and_be_narrow() {
        let near = [9.9, 10.1, 10.0, 9.95, 10.05, 10.0, 9.97, 10.03];
        assert!(kept(INTERVAL, Expected::Value(10.0), &near));
        assert!(!kept(INTERVAL, Expected::Value(10.5), &near), "a bias");
        let wide = near.map(|v| 10.0 + 20.0 * (v - 10.0));
        let found = INTERVAL.judge(Expected::Value(10.0), &wide, 0.999);
        assert_eq!(found.verdict, Err("too vague to tell anything".to_owned()));
        let steps = Rule::Interval { resolution: 0.05, grain: 0.06 };
        assert!(kept(steps, Expected::Value(10.5), &near));
    }

    #[test]
    fn one_value_and_none_tell_nothing() {
        assert!(!kept(INTERVAL, Expected::Value(10.0), &[10.0]));
        assert!(!kept(INTERVAL, Expected::Value(10.0), &[]));
        assert!(!kept(Rule::Every { grain: 1.0 }, Expected::Value(10.0), &[f64::NAN]));
    }

    #[test]
    fn a_mean_may_hide_what_every_value_must_not() {
        let spread = [9.0, 11.0];
        let between = Expected::Between(9.5, 10.5);
        assert!(kept(Rule::Mean { grain: 0.1 }, Expected::Value(10.0), &spread));
        assert!(!kept(Rule::Every { grain: 0.1 }, Expected::Value(10.0), &spread));
        assert!(kept(Rule::Inside, between, &spread) && !kept(Rule::EveryInside, between, &spread));
        assert!(kept(Rule::Every { grain: 0.0 }, Expected::Value(3.0), &[3.0, f64::NAN, 3.0]));
    }

    #[test]
    fn amounts_have_a_unit_that_fits() {
        let case = |unit| Case::predicted("x", "x", unit, 1.0, 0.1);
        let texts = [1.5, 0.02, 1e-9].map(|v| case(Unit::Seconds).amount(v).replace('\u{a0}', " "));
        assert_eq!(texts, ["1.5 s", "20 ms", "1 ns"]);
        assert_eq!(case(Unit::Count).amount(4.0), "4");
    }

    #[test]
    fn grains_are_written_as_a_person_would() {
        assert_eq!([0.05, 47.666, 1.0, 1234.6, 1e-4].map(plain), ["0.05", "47.67", "1", "1235", "0.0001"]);
    }
}
