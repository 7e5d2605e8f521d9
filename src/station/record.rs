//! What a station saw: sums over whole nanoseconds, so that balances are exact.

use crate::engine::{Span, Time};
use crate::stats::Histogram;

/// What became of the customers of one class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassRecord {
    /// Customers who came.
    pub arrived: u64,
    /// Those of them who found the station full.
    pub turned_away: u64,
    /// Those who were served and have left.
    pub served: u64,
    /// Those who had to wait before their service.
    pub waited: u64,
    /// Sum of their waits, in nanoseconds.
    pub wait: u128,
    /// Sum of their times in the station, in nanoseconds.
    pub sojourn: u128,
    /// The distribution of these, if the plan asked for it.
    pub sojourns: Option<Histogram>,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct StationRecord {
    /// By class.
    pub classes: Vec<ClassRecord>,
    /// Customers in the station times time, in nanoseconds: what Little's law calls L, over the whole run.
    pub area: u128,
    /// Busy servers times time, in nanoseconds.
    pub busy: u128,
    /// When the last customer came.
    pub last_arrival: Time,
    /// When the last one left.
    pub end: Time,
    /// Services that had ended when the last customer came.
    pub served_by_then: u64,
    /// Events processed.
    pub events: u64,
}

impl ClassRecord {
    /// Mean time in the station, in seconds.
    pub fn mean_sojourn(&self) -> f64 {
        self.sojourn as f64 / self.served as f64 / 1e9
    }
    /// Mean wait, in seconds.
    pub fn mean_wait(&self) -> f64 {
        self.wait as f64 / self.served as f64 / 1e9
    }
    /// Share of those let in who had to wait.
    pub fn share_waited(&self) -> f64 {
        self.waited as f64 / self.served as f64
    }
    /// Share of those who came who were turned away.
    pub fn share_turned_away(&self) -> f64 {
        self.turned_away as f64 / self.arrived as f64
    }
    /// A quantile of the times in the station, in seconds; `NaN` if they were not kept.
    pub fn quantile(&self, q: f64) -> f64 {
        let found = self.sojourns.as_ref().and_then(|h| h.quantile(q));
        found.map_or(f64::NAN, |ns| Span(ns).secs())
    }
}

impl StationRecord {
    /// Sum of the times in the station over all classes, in nanoseconds: lambda W of Little's law, over the
    /// whole run. Since the station is empty at both ends, it equals [`area`](Self::area) exactly.
    pub fn sojourn(&self) -> u128 {
        self.classes.iter().map(|c| c.sojourn).sum()
    }
    /// Services per second while customers came.
    pub fn throughput(&self) -> f64 {
        self.served_by_then as f64 / self.last_arrival.secs()
    }
}
