//! What is claimed, by whom, and how it is tried: cases, and the trials that several of them share.

use super::rig::Stage;
use super::rule::Rule;
pub use crate::measure::metric::Unit;

/// The groups of the suite, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Queueing theory, through the real pipeline.
    Pipeline,
    /// Queueing theory, through plain stations.
    Station,
    /// What batching, commits, crashes, outages and retries cost, by closed formulas.
    Messaging,
    /// Recorded behaviour of real clients and brokers.
    Measured,
    /// Figures of other simulators.
    Engines,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 5] =
        [Group::Pipeline, Group::Station, Group::Messaging, Group::Measured, Group::Engines];

    /// As `--only` and data files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Pipeline => "pipeline",
            Group::Station => "station",
            Group::Messaging => "messaging",
            Group::Measured => "measured",
            Group::Engines => "engines",
        }
    }
    /// As a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Pipeline => "Queueing theory, through the whole pipeline",
            Group::Station => "Queueing theory, through plain stations",
            Group::Messaging => "Messaging formulas",
            Group::Measured => "Real clients and brokers",
            Group::Engines => "Other simulators",
        }
    }
    /// What the group is about, in a sentence or two.
    pub const fn about(self) -> &'static str {
        match self {
            Group::Pipeline => {
                "Where nothing but processing takes time, a partition with its consumer is a queue with one \
server, whatever producers, polls, fetches and commits happen in between. These cases run scenarios through \
the model that every other scenario runs through."
            }
            Group::Station => {
                "The same theory on a station with a line and servers and nothing else, on the same event queue, \
random streams and statistics; and what a log has no use for, such as priorities and lines of limited length."
            }
            Group::Messaging => {
                "What batching, commits, crashes, rebalances, outages, retention, retries, windows and quotas cost, \
where a closed formula says so."
            }
            Group::Measured => {
                "Recordings of real clients and a real broker. A simulated figure has to lie inside the spread of \
the recorded ones."
            }
            Group::Engines => {
                "The same models on other simulators, written and run apart from this one. The interval of a simulated \
figure has to meet theirs."
            }
        }
    }
}

/// What a case expects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// This.
    Value(f64),
    /// Something between these.
    Between(f64, f64),
}

impl Expected {
    /// The value, or the middle of the range.
    pub fn middle(self) -> f64 {
        match self {
            Expected::Value(v) => v,
            Expected::Between(low, high) => (low + high) / 2.0,
        }
    }
}

/// A difference from a measurement that is known, with its reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Why it is there.
    pub why: &'static str,
    /// Where the simulated figure lies all the same: outside of this it is a failure.
    pub between: (f64, f64),
}

/// One claim about one figure.
#[derive(Clone, Debug)]
pub struct Case {
    /// Short, and its own within its trial.
    pub name: &'static str,
    /// Which figure, in words.
    pub figure: String,
    /// The formula or the measurement it is held against.
    pub formula: String,
    /// Where that comes from.
    pub source: &'static str,
    /// Unit of the figure.
    pub unit: Unit,
    /// What is expected.
    pub expected: Expected,
    /// When it passes.
    pub rule: Rule,
    /// A known difference.
    pub known: Option<Known>,
}

impl Case {
    /// A figure that a formula predicts; the rule is [`Rule::Interval`] with this resolution.
    pub fn predicted(name: &'static str, figure: &str, unit: Unit, value: f64, resolution: f64) -> Case {
        Case {
            name,
            figure: figure.to_owned(),
            formula: String::new(),
            source: "",
            unit,
            expected: Expected::Value(value),
            rule: Rule::Interval { resolution, grain: 0.0 },
            known: None,
        }
    }
    /// A figure that was measured between these values; the rule is [`Rule::Inside`].
    pub fn measured(name: &'static str, figure: &str, unit: Unit, (low, high): (f64, f64)) -> Case {
        Case {
            expected: Expected::Between(low, high),
            rule: Rule::Inside,
            ..Case::predicted(name, figure, unit, 0.0, 0.0)
        }
    }
    /// The formula and its source.
    pub fn by(self, formula: impl Into<String>, source: &'static str) -> Case {
        Case { formula: formula.into(), source, ..self }
    }
    /// With another rule.
    pub fn rule(self, rule: Rule) -> Case {
        Case { rule, ..self }
    }
    /// With a known difference.
    pub fn known(self, why: &'static str, between: (f64, f64)) -> Case {
        Case { known: Some(Known { why, between }), ..self }
    }
}

/// Gives the figure of each case of a trial in one replication; `NaN` where a replication has none.
pub type Play = dyn Fn(&Stage<'_>, u32) -> Vec<f64> + Send + Sync;

/// A system that is simulated several times, and the cases it answers.
pub struct Trial {
    /// Its group.
    pub group: Group,
    /// Short, and its own within its group.
    pub name: String,
    /// The system in a line.
    pub title: String,
    /// What was simulated, for a reader who wants to do it again: a scenario, or a station in words.
    pub script: String,
    /// How often, each time with other random numbers.
    pub replications: u32,
    /// The claims.
    pub cases: Vec<Case>,
    /// One replication.
    pub play: Box<Play>,
}

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Seconds of work: biases of a few percent are seen.
    Quick,
    /// Minutes of work: intervals are three times as narrow.
    Full,
}

impl Size {
    /// A length of the quick form, for this one.
    pub fn long(self, quick: u64) -> u64 {
        match self {
            Size::Quick => quick,
            Size::Full => 12 * quick,
        }
    }
    /// The resolution that goes with [`long`](Self::long), from the width that intervals of the quick form usually
    /// have: room for another seed's intervals, whose width varies by a seventh or so.
    pub fn fine(self, usual: f64) -> f64 {
        const ROOM: f64 = 1.4;
        match self {
            Size::Quick => ROOM * usual,
            Size::Full => ROOM * usual / 3.0,
        }
    }
    /// A number of replications of the quick form, for this one.
    pub fn often(self, quick: u32) -> u32 {
        match self {
            Size::Quick => quick,
            Size::Full => 4 * quick,
        }
    }
}
