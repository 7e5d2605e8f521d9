//! `profile`: random arrivals whose rate follows straight lines between given points.

use super::Arrivals;
use super::curve::Curve;
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Arrivals> = Entry {
    name: "profile",
    summary: "Random arrivals whose rate follows straight lines between given points.",
    doc: "What it does. A Poisson process whose rate is joined by straight lines between the points. \
Before the first point its rate holds, after the last point the last one; two points at one moment \
are a jump. Arrivals are drawn by inverting the cumulative rate, so the shape is exact.\n\n\
When it helps. A ramp to find where a system breaks, a step to see how it recovers, or a day taken \
from a dashboard.\n\n\
When it hurts. It says nothing about bursts shorter than the distance of its points.\n\n\
Seen in. Load tests with stages (k6, Gatling, Locust), and traffic curves from monitoring.",
    params: &[Param {
        name: "value",
        kind: Kind::Profile,
        default: Default::Required,
        doc: "Moments of the run and the events per second there, in order of time.",
    }],
    build: |args| Box::new(Curve::new(&args.profile("value"))),
};
