//! A plain queueing station: customers arrive, wait in a line, are served, and go.
//!
//! Some servers, a line that may be limited, classes of which the first goes first, and customers who come from
//! outside or, of a fixed number, come back. It runs on the engine's event queue and knows nothing of messaging:
//! what theory says of queues can be tried on it without a broker in between.

mod record;
mod run;
#[cfg(test)]
mod tests;

pub use record::{ClassRecord, StationRecord};
pub use run::{Streams, run};

use crate::engine::Dist;

/// A station and who comes to it.
#[derive(Clone, Debug)]
pub struct StationPlan {
    /// The classes of customers, the most important first. Who waits is served by class, then in order of
    /// arrival; nobody's service is interrupted.
    pub classes: Vec<Class>,
    /// How many are served at once.
    pub servers: u32,
    /// How many may be in the station, those in service included; who comes when it is full is turned away.
    /// `None` for any number.
    pub capacity: Option<u32>,
    /// After so many arrivals in all no more come, and the station empties itself.
    pub customers: u64,
    /// Whether the distribution of the times in the station is kept, and not their sum alone.
    pub distribution: bool,
}

/// Customers who are alike.
#[derive(Clone, Debug)]
pub struct Class {
    /// Where they come from.
    pub source: Source,
    /// How long their service takes.
    pub service: Dist,
}

/// Where customers come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From outside, at these distances.
    Outside(Dist),
    /// There are so many, and each comes back this long after it was served.
    Returning {
        /// How many there are; all of them are away at the start.
        population: u32,
        /// How long they stay away.
        away: Dist,
    },
}

impl StationPlan {
    /// One class from outside, one server, no limit; times in nanoseconds.
    pub fn single(gap: Dist, service: Dist, customers: u64) -> StationPlan {
        let classes = vec![Class { source: Source::Outside(gap), service }];
        StationPlan { classes, servers: 1, capacity: None, customers, distribution: false }
    }
    /// The same station with so many servers.
    pub fn servers(self, servers: u32) -> StationPlan {
        StationPlan { servers, ..self }
    }
    /// The same station with room for so many, those in service included.
    pub fn capacity(self, capacity: u32) -> StationPlan {
        StationPlan { capacity: Some(capacity), ..self }
    }
    /// The same station, which keeps the distribution of the times in it.
    pub fn with_distribution(self) -> StationPlan {
        StationPlan { distribution: true, ..self }
    }
}
