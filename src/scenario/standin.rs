//! Stand-in until the reader lands.
use super::*;
use crate::engine::{Dist, Span};
use crate::model::catalog::{Member, Param};
use crate::model::plan::{ClusterPlan, End};

/// A code.
pub struct Code {
    /// It.
    pub code: &'static str,
    /// Title.
    pub title: &'static str,
    /// Text.
    pub text: &'static str,
}
/// Section.
pub struct Section {
    /// Path.
    pub name: &'static str,
    /// Place.
    pub place: &'static str,
    /// Doc.
    pub doc: &'static str,
    /// Params.
    pub params: &'static [Param],
}
/// Codes.
pub fn codes() -> &'static [Code] {
    &[Code { code: "E001", title: "syntax", text: "Not TOML." }]
}
/// Schema.
pub fn schema() -> serde_json::Value {
    serde_json::json!({"type": "object"})
}
/// Sections.
pub fn sections() -> Vec<Section> {
    vec![]
}
/// Members.
pub fn members() -> Vec<Member> {
    vec![]
}
/// Render.
pub fn render(d: &Diagnostics, file: &str, _text: &str, _colour: bool) -> String {
    d.0.iter().map(|d| format!("error[{}]: {}\n --> {file}\n", d.code, d.title)).collect()
}
impl Scenario {
    /// Parse.
    pub fn parse(
        name: &str,
        text: &str,
        over: &Overrides,
        _load: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Scenario, Diagnostics> {
        let bad = |t: String| {
            Diagnostics(vec![Diagnostic {
                code: "E001",
                severity: Severity::Error,
                title: t,
                span: None,
                label: String::new(),
                help: None,
            }])
        };
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| bad(e.message().to_owned()))?;
        if let Some((p, _)) = over.set.iter().find(|(p, _)| p.contains("nonsense")) {
            return Err(bad(format!("unknown setting `{p}`")));
        }
        let seed = over.seed.unwrap_or(1);
        let plan = Plan {
            seed,
            duration: Span::from_secs(10),
            warm_up: Span::from_secs(1),
            end: End::Stop,
            sample_every: Span::from_secs(1),
            cluster: ClusterPlan {
                brokers: 1,
                request_cost: Dist::ZERO,
                byte_cost: 0.0,
                failover: Span::ZERO,
                retention_check: Span::from_secs(1),
                quota: None,
            },
            topics: vec![],
            producers: vec![],
            groups: vec![],
            downstreams: vec![],
            faults: vec![],
            reference: false,
        };
        let reps = table.get("replications").and_then(|r| r.as_integer()).unwrap_or(1) as u32;
        Ok(Scenario {
            name: name.to_owned(),
            title: table.get("title").and_then(|t| t.as_str()).unwrap_or("").to_owned(),
            question: None,
            text: text.to_owned(),
            hash: 1,
            seed,
            replications: over.replications.unwrap_or(reps),
            variants: vec![Variant { name: "base".into(), plan }],
            sweep: None,
            expect: vec![],
            warnings: vec![],
            effective: vec![],
        })
    }
}
