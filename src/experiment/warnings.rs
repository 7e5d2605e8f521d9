//! What the numbers themselves give reason to doubt: too few runs, too few samples, a lag that never settles.
//!
//! Also the list of codes of result warnings, which `laglab explain` reads. Each rule is stated where
//! it is applied; all are deliberately slow to speak, since a warning that is often wrong is not read.

use super::results::{SeriesBand, Warning};
use crate::engine::Time;
use crate::model::plan::Plan;
use crate::stats::{BatchMeans, Summary, mser5, t_quantile};
use std::collections::BTreeMap;

/// A code of a result warning.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// `W201`.
    pub code: &'static str,
    /// What it says, in a few words.
    pub title: &'static str,
    /// When it is given, and what to do.
    pub text: &'static str,
}

/// Every code of a warning about results.
pub static CODES: &[Code] = &[
    Code {
        code: "W101",
        title: "a latency percentile is a lower bound",
        text: "Events were still on their way when the run ended. They enter the percentiles with the age they had \
               then, as a lower bound, and so many are pending that the percentile depends on them.\n\n\
               Let the run drain for longer (`end`), run longer, or see why the events are stuck: \
               `group.NAME.pending.*` says where they are.",
    },
    Code {
        code: "W201",
        title: "one replication gives no interval",
        text: "The scenario ran once, so nothing is known about how much its numbers would differ in another \
               run with other random draws. Differences between variants may be chance.\n\n\
               Set `replications` to 5 or more, or give `--replications`. For means of latency and lag alone, \
               `intervals = \"batch-means\"` makes intervals from one long run.",
    },
    Code {
        code: "W202",
        title: "too few values for a high percentile",
        text: "Fewer than ten values of a run lie beyond a percentile, so it would be the luck of a few events, and it \
               is left out: the interval is made of the percentiles of single runs, and if one run cannot state its own, \
               none does. Ten beyond p99 need 1 000 values, ten beyond p99.9 need 10 000.\n\nRun longer, create more events, sample \
               more often (for percentiles of the lag), or read a lower percentile.",
    },
    Code {
        code: "W203",
        title: "the warm-up seems too short",
        text: "The lag after the warm-up still differs from what it settles at: the truncation rule MSER-5 \
               (White 1997) would cut away more than a quarter of the measured time, the lag rises or falls \
               beyond doubt (99.9 %) in the first half, and it begins more than three standard deviations from \
               where the second half is. Means then mix the start with the steady state. Only judged for workloads \
               with a constant rate and without faults, since everything else is meant to change.\n\nRaise `warm-up`.",
    },
    Code {
        code: "W204",
        title: "the lag still grows at the end",
        text: "In the second half of the measured workload the lag of the group rises: the slope over ten batch \
               means is above zero at the 99.9 % level, the last batch is at least half as large again as the \
               first, and the rise is at least 1 % of the events created in that time. The consumers cannot keep \
               up (or the workload ends on a rise), so lag and latency say how long the run was, not what the \
               system does.\n\nGive the group more capacity, lower the rate, or run until it settles.",
    },
    Code {
        code: "W205",
        title: "the precision was not reached",
        text: "`[precision]` asks for metrics whose 95 % intervals are narrow enough, and after `max-replications` one \
               of them still is not. An interval shrinks with the root of the number of replications: half the width \
               takes four times as many.\n\nRaise `max-replications`, let each replication run longer, or ask for less.",
    },
    Code {
        code: "W206",
        title: "the warm-up that was found is doubtful",
        text: "`warm-up = \"auto\"` looks in the lag of pilot runs for the start that is off (MSER-5). It needs a lag that \
               settles, in the first half of the run, and 50 samples of it. Faults, scaling and rates that change \
               leave nothing to settle at; a lag that rises throughout has no end of its start.\n\n\
               Set `warm-up` yourself, run longer, or take out what keeps the lag from settling.",
    },
    Code {
        code: "W207",
        title: "batches resemble each other",
        text: "Successive batches of the run are correlated by more than two over the root of their number, so they are \
               not nearly independent and the interval from them is too narrow. Batches that are several times as long \
               as the system remembers are not.\n\nRun several times as long, or use replications.",
    },
];

/// The warnings of the runs of a variant, each once. Those that differ only in their figures are one: the
/// first run's figures stand for all, and it says so.
#[derive(Default)]
pub(super) struct Heard(BTreeMap<(&'static str, String), (Warning, usize)>);

impl Heard {
    /// The next run's.
    pub(super) fn add(&mut self, warnings: &[Warning]) {
        for warning in warnings {
            assert!(
                CODES.iter().any(|c| c.code == warning.code),
                "`{}` is in the list of codes",
                warning.code
            );
            let shape = shape(&warning.text);
            self.0.entry((warning.code, shape)).or_insert_with(|| (warning.clone(), 0)).1 += 1;
        }
    }
    /// All of them.
    pub(super) fn finish(self) -> Vec<Warning> {
        let one = |(warning, times): (Warning, usize)| {
            let more = if times > 1 {
                format!(" (the first of {times} replications that say so)")
            } else {
                String::new()
            };
            Warning { text: format!("{}{more}", warning.text), ..warning }
        };
        self.0.into_values().map(one).collect()
    }
}

/// A text without its figures. What stands in `quotes` is a name, whose digits are its own.
fn shape(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let without = |part: &str| part.replace(|c: char| c.is_ascii_digit(), "");
    parts.map(|(i, part)| if i % 2 == 1 { part.to_owned() } else { without(part) }).collect()
}

/// The name of the series of a group's lag.
pub(super) fn lag_of(group: &str) -> String {
    format!("group.{group}.lag")
}

/// A warning with a code of the list.
pub(super) fn warning(code: &str, text: String) -> Warning {
    let code = CODES.iter().find(|c| c.code == code).expect("every warning has its code in the list").code;
    Warning { code, text }
}

/// The statistical warnings about one variant.
pub(super) fn about(
    plan: &Plan,
    replications: usize,
    values: &BTreeMap<String, Vec<f64>>,
    bands: &[SeriesBand],
) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |code: &str, text: String| found.push(warning(code, text));
    if replications == 1 {
        let none =
            if plan.batch_means { "only batch means have intervals" } else { "no intervals can be given" };
        warn("W201", format!("one replication: {none}, and differences may be chance"));
    }
    for group in &plan.groups {
        let name = lag_of(&group.name);
        let Some(band) = bands.iter().find(|b| b.name == name) else { continue };
        let lag = measured(plan, band);
        let created = values.get(&format!("group.{}.created", group.name)).and_then(|v| v.first());
        let rate = created.map_or(0.0, |c| c / (plan.duration.secs() - plan.warm_up.secs()));
        if let Some(slope) = growth(&lag[lag.len() / 2..], band.step.secs(), rate) {
            warn(
                "W204",
                format!(
                    "the lag of group `{}` still grows at the end of the workload, by about {} records/s",
                    group.name,
                    rounded(slope)
                ),
            );
        } else if steady(plan) && still_warming_up(lag) {
            warn(
                "W203",
                format!(
                    "the lag of group `{}` has not settled when the warm-up ends: means include the start",
                    group.name
                ),
            );
        }
    }
    found
}

/// What there is to say against intervals from batches.
pub(super) fn about_batches(batched: &BTreeMap<String, BatchMeans>) -> Vec<Warning> {
    let short = batched.iter().filter(|(_, b)| b.too_short());
    let text = |(metric, b): (&String, &BatchMeans)| {
        format!(
            "successive batches of `{metric}` are correlated ({:.2}): its interval is too narrow",
            b.correlation
        )
    };
    short.map(|of| warning("W207", text(of))).collect()
}

/// The mean lag after the warm-up, up to the end of the workload.
fn measured<'a>(plan: &Plan, band: &'a SeriesBand) -> &'a [f64] {
    let step = band.step.0.max(1);
    let end = ((plan.duration.0 / step) as usize).min(band.mean.len());
    let start = (plan.warm_up.0.div_ceil(step) as usize).min(end);
    &band.mean[start..end]
}

/// Whether the workload is meant to be alike all the time: constant rates, no faults, no scaling.
pub(super) fn steady(plan: &Plan) -> bool {
    const SLICES: u64 = 10;
    let slice = plan.duration.0 / SLICES;
    plan.faults.is_empty()
        && plan.groups.iter().all(|g| g.scaling.is_none())
        && plan.producers.iter().all(|p| {
            let arrivals = p.arrivals.build();
            let mut rates = (0..SLICES).map(|i| arrivals.mean_rate(Time(i * slice), Time((i + 1) * slice)));
            let first = rates.next().unwrap_or(0.0);
            arrivals.trace().is_none() && rates.all(|r| (r - first).abs() <= 0.01 * first)
        })
}

/// Whether MSER-5 would cut more than a quarter of this series, whose first half moves in one direction
/// beyond doubt, away from where the second half is. (MSER-5 alone would not do: a busy consumer's lag
/// wanders, and the cut then falls anywhere.)
fn still_warming_up(lag: &[f64]) -> bool {
    let (start, rest) = lag.split_at(lag.len() / 2);
    let (Some(trend), Some(warm_up)) = (trend(start), mser5(lag)) else { return false };
    let (Some(level), Some(spread)) = (Summary::of(rest).mean(), Summary::of(rest).std_dev()) else {
        return false;
    };
    warm_up.cut * 4 > lag.len() && (trend.first - level).abs() > 3.0 * spread
}

/// Records per second by which the lag grows, if it does so beyond doubt (see the text of W204).
fn growth(lag: &[f64], step: f64, rate: f64) -> Option<f64> {
    let trend = trend(lag)?;
    let slope = trend.slope / step;
    (slope > 0.0 && trend.last >= 1.5 * trend.first && slope >= 0.01 * rate).then_some(slope)
}

/// To two figures, so that variants that grow alike say the same sentence.
fn rounded(slope: f64) -> f64 {
    let unit = libm::pow(10.0, libm::floor(libm::log10(slope)) - 1.0);
    let figures = libm::round(slope / unit);
    // Dividing by a whole power of ten keeps 0.21 from being written as 0.21000000000000002.
    if unit < 1.0 { figures / libm::round(1.0 / unit) } else { figures * unit }
}

/// A series that rises or falls.
struct Trend {
    /// Change per value.
    slope: f64,
    /// Mean of the first tenth.
    first: f64,
    /// Mean of the last tenth.
    last: f64,
}

/// The trend of a series by least squares, if its slope differs from zero at the one-sided 99.9 % level.
///
/// It is taken over ten batch means, which are nearly independent, so that Student's distribution fits.
fn trend(series: &[f64]) -> Option<Trend> {
    const BATCHES: usize = 10;
    let size = series.len() / BATCHES;
    if size == 0 || series.iter().any(|v| v.is_nan()) {
        return None;
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let batches: Vec<f64> = series.chunks_exact(size).take(BATCHES).map(mean).collect();
    let (x0, y0) = ((BATCHES as f64 - 1.0) / 2.0, mean(&batches));
    let points = || batches.iter().enumerate().map(|(x, y)| (x as f64 - x0, y - y0));
    let xx: f64 = points().map(|(x, _)| x * x).sum();
    let slope = points().map(|(x, y)| x * y).sum::<f64>() / xx;
    let residual: f64 = points().map(|(x, y)| (y - slope * x) * (y - slope * x)).sum();
    let error = libm::sqrt(residual / (BATCHES as f64 - 2.0) / xx);
    let beyond_doubt = slope.abs() > t_quantile(0.999, BATCHES as f64 - 2.0) * error;
    beyond_doubt.then(|| Trend { slope: slope / size as f64, first: batches[0], last: batches[BATCHES - 1] })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::engine::StreamKey;

    fn codes(replications: u32) -> Vec<&'static str> {
        let results = fixture::results(&fixture::scenario(&["base"], replications));
        results.variants[0].warnings.iter().map(|w| w.code).collect()
    }

    #[test]
    fn one_run_alone_is_said() {
        assert_eq!(codes(1), ["W201"]);
        assert_eq!(codes(5), [""; 0]);
    }

    #[test]
    fn warnings_that_differ_in_figures_only_are_one() {
        let warning = |text: &str| warning("W101", text.into());
        let mut heard = Heard::default();
        heard.add(&[warning("group `a` hangs on 12 events")]);
        heard.add(&[]);
        heard.add(&[warning("group `a` hangs on 7 events"), warning("group `a2` hangs on 7 events")]);
        let texts: Vec<String> = heard.finish().into_iter().map(|w| w.text).collect();
        let first = "group `a` hangs on 12 events (the first of 2 replications that say so)";
        assert_eq!(texts, [first, "group `a2` hangs on 7 events"]);
    }

    #[test]
    fn slopes_are_said_to_two_figures() {
        let said = [20.695, 0.2149, 1234.5, 9.99, 0.000_123_4].map(|s| rounded(s).to_string());
        assert_eq!(said, ["21", "0.21", "1200", "10", "0.00012"]);
    }

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(CODES.windows(2).all(|w| w[0].code < w[1].code));
    }

    #[test]
    fn a_slow_start_is_seen_and_a_settled_one_is_not() {
        let mut noise = StreamKey::new(5, 0).stream("noise");
        let mut lag = |fill: f64| -> Vec<f64> {
            (0..500)
                .map(|s| 1000.0 * (1.0 - libm::exp(-f64::from(s) / fill)) + 100.0 * noise.unit())
                .collect()
        };
        assert!(still_warming_up(&lag(100.0)));
        assert!(!still_warming_up(&lag(5.0)));
    }

    #[test]
    fn a_lag_that_grows_without_bound_is_seen_and_its_slope_is_right() {
        let mut noise = StreamKey::new(3, 0).stream("noise");
        let lag: Vec<f64> = (300..600).map(|s| 20.0 * f64::from(s) + 300.0 * noise.unit()).collect();
        let slope = growth(&lag, 1.0, 1000.0).unwrap();
        assert!((slope - 20.0).abs() < 1.0, "{slope}");
    }

    #[test]
    fn a_lag_that_wanders_or_barely_rises_is_not_called_growing() {
        let mut noise = StreamKey::new(4, 0).stream("noise");
        let (mut growing, mut warming) = (0, 0);
        for _ in 0..200 {
            // A reflected random walk: the lag of a stable, busy consumer.
            let mut level: f64 = 0.0;
            let lag: Vec<f64> = (0..300)
                .map(|_| {
                    level = (level + 20.0 * (noise.unit() - 0.55)).max(0.0);
                    level
                })
                .collect();
            growing += usize::from(growth(&lag, 1.0, 1000.0).is_some());
            warming += usize::from(still_warming_up(&lag));
        }
        assert_eq!((growing, warming), (0, 0));
        let rise: Vec<f64> = (0..300).map(|s| 1000.0 + f64::from(s)).collect();
        assert_eq!(growth(&rise, 1.0, 10.0), None, "not half as large again");
        assert_eq!(growth(&[1.0; 5], 1.0, 1.0), None, "too short to say");
    }
}
