//! `[downstream.NAME]`: a dependency that groups call while they process.

use crate::model::catalog::{Kind, Param};
use crate::model::plan::DownstreamPlan;
use crate::scenario::describe::{Section, count, optional, param, required};
use crate::scenario::read::Fields;

pub(in crate::scenario) const SECTION: Section = Section {
    name: "downstream",
    place: "[downstream.NAME]",
    doc: "A dependency with limited capacity, such as a database or a payment service.",
    params: PARAMS,
};

const PARAMS: &[Param] = &[
    required("latency", Kind::Dist, "Time of one call once it is being served."),
    optional(
        "concurrency",
        count(1, 1_000_000),
        "Calls served at once; further ones wait in line. Without it, any number.",
    ),
    param("errors", Kind::Ratio, "0%", "Share of the calls that fail, after their latency."),
];

pub(in crate::scenario) fn build(name: &str, f: &Fields) -> DownstreamPlan {
    DownstreamPlan {
        name: name.to_owned(),
        latency: f.args.dist("latency"),
        concurrency: f.args.try_count("concurrency").map(|n| n as u32),
        errors: f.args.number("errors"),
    }
}
