//! From text to scenario: reads the base, then every variant and sweep point as the base with changes.

use super::check;
use super::codes;
use super::contradictions;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::draft;
use super::expect;
use super::files::Files;
use super::kafka;
use super::load::{self, Cost};
use super::patch::{self, Patch};
use super::precision;
use super::read::Reader;
use super::sections::top;
use super::sweep;
use super::syntax;
use super::tree::{self, Data, Node, Place, Table};
use super::units::show_span;
use super::warm_up::{self, PILOTS};
use super::{Effective, Overrides, Precision, Scenario, Variant, build};
use crate::model::plan::{End, Plan};
use std::ops::Range;
use std::sync::Arc;

/// A system as read from one state of the tree.
struct System {
    plan: Plan,
    title: String,
    question: Option<String>,
    replications: u32,
    auto_warm_up: bool,
    complaints: Vec<Diagnostic>,
    rows: Vec<Effective>,
    /// Where most of the load is written.
    busiest: Place,
}

/// Reads systems from changed trees, and keeps each complaint once.
pub(super) struct Parser<'f, 'g> {
    files: &'f mut Files<'g>,
    pub complaints: Vec<Diagnostic>,
}

impl Scenario {
    /// Reads a scenario. `name` is its file's stem; `files` gives the bytes of a file by its path relative
    /// to the scenario, and is the only way to anything outside the text.
    ///
    /// # Errors
    /// All complaints, warnings included, if one of them is an error.
    pub fn parse(
        name: &str,
        text: &str,
        overrides: &Overrides,
        files: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Scenario, Diagnostics> {
        let mut files = Files::new(files);
        let mut parser = Parser { files: &mut files, complaints: vec![] };
        let (mut root, broken) = tree::parse(text);
        kafka::rewrite(&mut root, &mut parser.complaints);
        override_settings(&mut root, overrides, &mut parser.complaints);
        let base = parser.system(&root, true);
        if !broken.is_empty() {
            let others = parser.complaints.into_iter().chain(base.complaints).collect();
            return Err(syntax::complaints(text, &root, broken, others));
        }
        parser.complaints.extend(base.complaints);
        let (precision, more_rows) = parser.precision(&root, &base.plan, base.replications);
        // A number given on the command line is meant.
        let precision = precision.filter(|_| overrides.replications.is_none());
        let mut rows = base.rows;
        if precision.is_some() {
            rows.extend(more_rows);
        }
        let most = precision.as_ref().map_or(base.replications, |p| p.max_replications);
        let pilots = if base.auto_warm_up { PILOTS } else { 0 };
        let mut variants = vec![Variant { name: "base".into(), plan: base.plan }];
        let changes = parser.variants(&root, &mut variants);
        let sweep = sweep::read(&mut parser, &root, &changes, &variants);
        let expect = expect::read(&root, &variants, sweep.as_ref(), &mut parser.complaints);
        let clean = !parser.complaints.iter().any(Diagnostic::is_error);
        if clean && !overrides.unlimited {
            let plans: Vec<&Plan> = match &sweep {
                Some(sweep) => sweep.points.iter().flat_map(|p| &p.variants).map(|v| &v.plan).collect(),
                None => variants.iter().map(|v| &v.plan).collect(),
            };
            let cost = plans.iter().map(|plan| Cost::of(plan, most + pilots));
            parser.complaints.extend(cost.fold(Cost::default(), Cost::and).complaint(&base.busiest));
        }
        let complaints = Diagnostics::sorted(parser.complaints);
        if complaints.0.iter().any(Diagnostic::is_error) {
            return Err(complaints);
        }
        Ok(Scenario {
            name: name.to_owned(),
            title: base.title,
            question: base.question,
            text: text.to_owned(),
            hash: hash(text, overrides),
            overrides: overrides.clone(),
            seed: variants[0].plan.seed,
            replications: base.replications,
            auto_warm_up: base.auto_warm_up,
            precision,
            variants,
            sweep,
            expect,
            warnings: complaints.0,
            effective: rows,
        })
    }
}

impl Parser<'_, '_> {
    /// Warnings can be left out, which saves looking at every key.
    fn system(&mut self, root: &Table, warn: bool) -> System {
        let mut reader = Reader::new(self.files);
        let draft = draft::read(&mut reader, root);
        let plan = build::plan(&mut reader, &draft);
        check::check(&mut reader, &draft, &plan);
        contradictions::check(&mut reader, &draft, &plan);
        if !reader.complaints.iter().any(Diagnostic::is_error) {
            load::check(&mut reader, &draft, &plan);
            if warn {
                load::warn(&mut reader, &draft, &plan);
            }
        }
        computed(&mut reader.rows, &plan, top::replications(&draft.top));
        let clean = !reader.complaints.iter().any(Diagnostic::is_error);
        System {
            // What could not be read has no rate.
            busiest: if clean { load::busiest(&draft, &plan).clone() } else { Place::Nowhere },
            title: draft.top.args.text("title"),
            question: draft.top.args.try_text("question"),
            replications: top::replications(&draft.top),
            auto_warm_up: warm_up::chosen(&draft.top).is_none(),
            plan,
            complaints: reader.complaints,
            rows: reader.rows,
        }
    }

    /// What precision is asked for, and the settings in force for it.
    fn precision(
        &mut self,
        root: &Table,
        plan: &Plan,
        replications: u32,
    ) -> (Option<Precision>, Vec<Effective>) {
        let mut reader = Reader::new(self.files);
        let precision = precision::read(&mut reader, root, plan, replications);
        self.complaints.extend(reader.complaints);
        (precision, reader.rows)
    }

    /// The system of a changed tree. What the unchanged one was blamed for already is not said again;
    /// other complaints say where they come from.
    pub fn changed(&mut self, root: &Table, patches: &[&Patch], wherein: &str, warn: bool) -> Plan {
        let system = self.system(root, warn);
        let own = |span: &Range<usize>| {
            let inside =
                |place: &Place| matches!(place, Place::Text(p) if p.start <= span.start && span.end <= p.end);
            patches.iter().any(|p| inside(&p.place) || inside(&p.node.place))
        };
        for mut complaint in system.complaints {
            let same = |c: &Diagnostic| c.code == complaint.code && c.span == complaint.span;
            let known = if complaint.is_error() {
                self.complaints.iter().any(|c| same(c) && c.title == complaint.title)
            } else {
                !warn || self.complaints.iter().any(same)
            };
            if !known {
                if !complaint.span.as_ref().is_some_and(own) {
                    complaint.title = format!("{} ({wherein})", complaint.title);
                }
                self.complaints.push(complaint);
            }
        }
        system.plan
    }

    /// Reads every variant; gives their changes by name.
    fn variants(&mut self, root: &Table, variants: &mut Vec<Variant>) -> Vec<(String, Vec<Patch>)> {
        let mut all = Vec::new();
        let Some(node) = root.get("variant") else { return all };
        let Some(tables) = node.table() else {
            let complaint =
                Diagnostic::new(codes::WRONG_TYPE, &node.place, "variants are written as [variant.NAME]");
            self.complaints.push(complaint.label(format!("this is {}", node.kind())));
            return all;
        };
        for entry in &tables.0 {
            let name = entry.key.as_str();
            let good = |c: char| c.is_alphanumeric() || "-_.".contains(c);
            if name == "base" || name.is_empty() || !name.chars().all(good) {
                let title = format!("a variant cannot be called `{name}`");
                let label = match name {
                    "base" => "`base` is the scenario as written",
                    _ => "names are made of letters, digits, `-`, `_` and `.`",
                };
                self.complaints.push(Diagnostic::new(codes::BAD_NAME, &entry.place, title).label(label));
                continue;
            }
            let Some(table) = entry.node.table() else {
                let title = format!("`variant.{name}` is {}", entry.node.kind());
                let complaint = Diagnostic::new(codes::WRONG_TYPE, &entry.node.place, title);
                self.complaints.push(complaint.label("expected a table of paths and values"));
                continue;
            };
            let before = self.complaints.len();
            let patches = patch::list(table, root, &mut self.complaints);
            if table.0.is_empty() {
                let complaint =
                    Diagnostic::new(codes::EMPTY_VARIANT, &entry.place, format!("`{name}` changes nothing"));
                self.complaints.push(complaint.label("write a path and a value below it"));
                continue;
            }
            let mut changed = root.clone();
            self.apply(&mut changed, &patches);
            if self.complaints.len() > before {
                continue;
            }
            if same(&changed, root) {
                let title = format!("`{name}` equals the scenario as written");
                let complaint = Diagnostic::new(codes::SAME_AS_BASE, &entry.place, title);
                self.complaints.push(complaint.label("its values are what is written there"));
            }
            let refs: Vec<&Patch> = patches.iter().collect();
            let plan = self.changed(&changed, &refs, &format!("variant `{name}`"), true);
            variants.push(Variant { name: name.to_owned(), plan });
            all.push((name.to_owned(), patches));
        }
        all
    }

    /// Makes the changes; whether all of them were possible.
    pub fn apply(&mut self, root: &mut Table, patches: &[Patch]) -> bool {
        let before = self.complaints.len();
        for patch in patches {
            let done = patch::permitted(patch).and_then(|()| patch::apply(root, patch));
            self.complaints.extend(done.err());
        }
        self.complaints.len() == before
    }
}

/// Whether two trees describe the same system.
fn same(a: &Table, b: &Table) -> bool {
    let node = |t: &Table| Node::new(Place::Nowhere, Data::Table(t.clone()));
    node(a).same(&node(b))
}

/// Applies the command line to the tree.
fn override_settings(root: &mut Table, overrides: &Overrides, complaints: &mut Vec<Diagnostic>) {
    let mut all: Vec<(String, String, String)> = overrides
        .set
        .iter()
        .map(|(path, value)| (path.clone(), value.clone(), format!("--set {path}={value}")))
        .collect();
    all.extend(overrides.seed.map(|n| ("seed".into(), n.to_string(), format!("--seed {n}"))));
    all.extend(
        overrides.replications.map(|n| ("replications".into(), n.to_string(), format!("--replications {n}"))),
    );
    for (path, value, argument) in all {
        let argument: Arc<str> = argument.into();
        let place = Place::Set(argument.clone());
        let Some(path) = patch::parse_path(&path) else {
            let complaint = Diagnostic::new(codes::NO_SUCH_PATH, &place, format!("`{path}` is no path"));
            complaints
                .push(complaint.help("a path is names with dots between them: group.billing.consumers"));
            continue;
        };
        let patch = Patch::new(path, place, tree::parse_argument(&value, &argument), root);
        complaints.extend(patch.and_then(|patch| patch::apply(root, &patch)).err());
    }
}

/// Settings that are worked out rather than written or taken from a description.
fn computed(rows: &mut Vec<Effective>, plan: &Plan, replications: u32) {
    let position = |rows: &[Effective], path: &str| rows.iter().position(|r| r.path == path);
    let n = replications.to_string();
    if let Some(row) = position(rows, "replications").map(|i| &mut rows[i]).filter(|row| row.value != n) {
        (row.value, row.origin) = (n, "default, one long run".into());
    }
    if let (Some(i), End::Drain(limit)) = (position(rows, "end"), plan.end) {
        rows[i].path = "end.drain.value".into();
        rows[i].value = tree::quoted(&show_span(limit));
        rows[i].origin = "default, the duration once more, at least 10m".into();
    }
    if position(rows, "sample-every").is_none() {
        let at = position(rows, "end.drain.value").or_else(|| position(rows, "end")).map_or(0, |i| i + 1);
        let value = tree::quoted(&show_span(plan.sample_every));
        let origin = "default, a 600th of the duration".into();
        rows.insert(at, Effective { path: "sample-every".into(), value, origin });
    }
}

/// FNV-1a over the text and what the command line changes in it.
fn hash(text: &str, overrides: &Overrides) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    feed(text.as_bytes());
    for (path, value) in &overrides.set {
        feed(format!("\0{path}={value}").as_bytes());
    }
    if let Some(seed) = overrides.seed {
        feed(format!("\0seed={seed}").as_bytes());
    }
    if let Some(replications) = overrides.replications {
        feed(format!("\0replications={replications}").as_bytes());
    }
    hash
}
