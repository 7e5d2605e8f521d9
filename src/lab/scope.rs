//! Where an expectation is to be judged: the variants and sweep points it leaves open, in turn.

use crate::experiment::results::{Results, VariantResult};
use crate::scenario::{Expectation, MetricRef};

/// One place to judge at: what stands in for what the expectation does not name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scope<'a> {
    /// The sweep point, if there is a sweep.
    point: Option<&'a [(String, String)]>,
    /// The variant.
    variant: &'a str,
    /// For readers; empty where the expression names everything.
    pub(super) label: String,
}

/// Every place at which this expectation is to be judged, in order of the scenario.
///
/// An expectation that names no variant holds for the base and every variant; one that names some and
/// leaves others open holds for every variant but the named ones (`lost < lost@base` says nothing of
/// the base itself). The same goes for the axes of a sweep.
pub(super) fn scopes<'a>(expectation: &Expectation, results: &'a Results) -> Vec<Scope<'a>> {
    let refs: Vec<&MetricRef> =
        expectation.left.metrics.iter().chain(&expectation.right.metrics).map(|(_, r)| r).collect();
    let variants = open_variants(&refs, results);
    let mut all = Vec::new();
    for (point, point_label) in open_points(&refs, results) {
        for (variant, variant_label) in &variants {
            let label = match (variant_label.is_empty(), point_label.is_empty()) {
                (false, false) => format!("{variant_label}, {point_label}"),
                _ => format!("{variant_label}{point_label}"),
            };
            all.push(Scope { point, variant, label });
        }
    }
    all
}

/// The variants to go through, with a label each.
fn open_variants<'a>(refs: &[&MetricRef], results: &'a Results) -> Vec<(&'a str, String)> {
    let names = || results.variants.iter().map(|v| v.name.as_str());
    if refs.iter().all(|r| r.variant.is_some()) {
        return names().take(1).map(|n| (n, String::new())).collect();
    }
    // With the base alone there is nothing to tell apart.
    let label = |n: &str| if results.variants.len() > 1 { n.to_owned() } else { String::new() };
    let named = |n: &str| refs.iter().any(|r| r.variant.as_deref() == Some(n));
    names().filter(|n| !named(n)).map(|n| (n, label(n))).collect()
}

type At<'a> = Option<&'a [(String, String)]>;

/// The sweep points to go through, with a label each: one per value of the axes that are left open.
fn open_points<'a>(refs: &[&MetricRef], results: &'a Results) -> Vec<(At<'a>, String)> {
    if results.sweep.is_empty() {
        return vec![(None, String::new())];
    }
    let mut points: Vec<(At<'a>, String)> = Vec::new();
    for point in &results.sweep {
        let fixed = |path: &str| refs.iter().all(|r| r.at.iter().any(|(p, _)| p == path));
        let named = |(path, value): &(String, String)| {
            refs.iter().any(|r| r.at.iter().any(|(p, v)| p == path && v == value))
        };
        let open: Vec<&(String, String)> = point.at.iter().filter(|(path, _)| !fixed(path)).collect();
        if open.iter().any(|at| named(at)) {
            continue;
        }
        let label = open.iter().map(|(p, v)| format!("{p}={v}")).collect::<Vec<_>>().join(", ");
        if points.iter().all(|(_, l)| *l != label) {
            points.push((Some(&point.at), label));
        }
    }
    points
}

impl Scope<'_> {
    /// The variant result a reference means here; `None` if there is no such variant or point.
    pub(super) fn resolve<'r>(
        &self,
        reference: &MetricRef,
        results: &'r Results,
    ) -> Option<&'r VariantResult> {
        let name = reference.variant.as_deref().unwrap_or(self.variant);
        let variants = match self.point {
            None => &results.variants,
            Some(here) => {
                let wanted =
                    |(path, value): &(String, String)| match reference.at.iter().find(|(p, _)| p == path) {
                        Some((_, named)) => value == named,
                        None => here.iter().any(|(p, v)| p == path && v == value),
                    };
                &results.sweep.iter().find(|p| p.at.iter().all(wanted))?.variants
            }
        };
        variants.iter().find(|v| v.name == name)
    }
}
