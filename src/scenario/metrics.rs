//! Which metrics a system has: dotted names in `[expect]` and `[sweep]` against the catalogue.

use super::diagnostics::{nearest, suggest};
use super::patch::parse_path;
use crate::measure::metric::{METRICS, Of, Unit, find};
use crate::model::plan::Plan;

/// A metric of a system.
pub(super) struct Found {
    /// What it belongs to.
    pub of: Of,
    /// Whose it is.
    pub name: String,
    /// The last part or parts of its name.
    pub metric: String,
    /// See [`Unit`].
    pub unit: Unit,
}

impl Found {
    /// Its full name, `group.billing.lag.p99`.
    pub fn full(&self) -> String {
        format!("{}.{}.{}", self.of.prefix(), self.name, self.metric)
    }
    /// The same lag in time instead of records, if this is a lag that has one.
    pub fn in_time(self) -> Found {
        let in_time = self.metric.strip_prefix("lag.").map(|last| format!("lag-time.{last}"));
        match in_time.and_then(|metric| find(self.of, &metric).map(|m| (metric, m.unit))) {
            Some((metric, unit)) => Found { metric, unit, ..self },
            None => self,
        }
    }
}

/// The metric of this name.
///
/// # Errors
/// Says what is wrong with the name, and what was probably meant.
pub(super) fn resolve(text: &str, plan: &Plan) -> Result<Found, String> {
    const ALL: [Of; 5] = [Of::Group, Of::Producer, Of::Topic, Of::Broker, Of::Downstream];
    let parts = parse_path(text).ok_or("expected a dotted name, such as group.billing.lost")?;
    let Some(of) = ALL.into_iter().find(|of| of.prefix() == parts[0]) else {
        return Err(suggest(&parts[0], ALL.map(Of::prefix)));
    };
    let names = names(of, plan);
    // A name with dots may be written without quotes where nothing else is meant.
    let found = (2..=parts.len()).find_map(|end| {
        let name = parts[1..end].join(".");
        names.contains(&name).then(|| (name, parts[end..].join(".")))
    });
    let Some((name, metric)) = found else {
        let Some(name) = parts.get(1) else { return Err(format!("which {}?", of.prefix())) };
        return Err(match names.as_slice() {
            [] => format!("the scenario has no {}", of.prefix()),
            _ => format!(
                "there is no {} `{name}`; {}",
                of.prefix(),
                suggest(name, names.iter().map(String::as_str))
            ),
        });
    };
    if let Some(unit) = find(of, &metric).filter(|_| !metric.ends_with('*')).map(|m| m.unit) {
        return Ok(Found { of, name, metric, unit });
    }
    let known: Vec<String> = METRICS.iter().filter(|m| m.of == of).flat_map(|m| m.names()).collect();
    Err(match nearest(&metric, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("no metric of a {}; `laglab list metrics` shows them", of.prefix()),
    })
}

fn names(of: Of, plan: &Plan) -> Vec<String> {
    match of {
        Of::Group => plan.groups.iter().map(|g| g.name.clone()).collect(),
        Of::Producer => plan.producers.iter().map(|p| p.name.clone()).collect(),
        Of::Topic => plan.topics.iter().map(|t| t.name.clone()).collect(),
        Of::Broker => (0..plan.cluster.brokers).map(|b| b.to_string()).collect(),
        Of::Downstream => plan.downstreams.iter().map(|d| d.name.clone()).collect(),
    }
}
