//! The JSON Schema of scenarios (draft 7), from the same descriptions that the reader uses.
//!
//! Editors complete and check with it while a scenario is written. References, sums of settings and
//! other things that need more than one place are left to the reader.

use super::choice::short_param;
use super::describe::{self, Section, bare_member, family_of};
use super::kafka::{self, Form};
use super::sections::{fault, precision, top};
use super::tree::{Data, Node, parse_default};
use crate::model::catalog::{Default, Kind, Member, Param, TargetKind};
use serde_json::{Map, Value, json};

/// The schema as a JSON document.
pub fn schema() -> Value {
    let mut properties = params(top::PARAMS);
    for section in ["precision", "cluster", "network"] {
        properties.insert(section.into(), table(section));
    }
    for section in ["topic", "producer", "group", "downstream"] {
        let of = describe::section(section);
        properties.insert(
            section.into(),
            json!({ "type": "object", "description": of.doc, "additionalProperties": table(section) }),
        );
    }
    properties.insert("fault".into(), json!({ "type": "array", "items": table("fault") }));
    properties.insert("variant".into(), variants());
    properties.insert("sweep".into(), sweep());
    properties.insert(
        "expect".into(),
        json!({
            "type": "object",
            "description": "Statements about the results that must hold: a sentence, and the comparison that makes it true.",
            "additionalProperties": { "type": "string" },
        }),
    );
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "laglab scenario",
        "type": "object",
        "properties": properties,
        "required": required(top::PARAMS),
        "additionalProperties": false,
        "definitions": definitions(),
    })
}

fn variants() -> Value {
    json!({
        "type": "object",
        "description": "The scenario with changes: dotted paths and their values.",
        "additionalProperties": { "type": "object", "minProperties": 1 },
    })
}

fn sweep() -> Value {
    json!({
        "type": "object",
        "description": "One or two dotted paths, each with the list of values it takes in turn.",
        "properties": {
            "metrics": {
                "type": "array",
                "items": { "type": "string" },
                "description": "Metrics to show over the sweep.",
            },
        },
        "additionalProperties": { "type": ["array", "object"] },
    })
}

/// What several places refer to: units, sections, families.
fn definitions() -> Map<String, Value> {
    let mut all = Map::new();
    for (name, pattern, text) in PATTERNS {
        all.insert((*name).into(), json!({ "type": "string", "pattern": pattern, "description": text }));
    }
    for section in describe::sections() {
        if section.name != top::SECTION.name {
            all.insert(format!("section-{}", section.name), object(section));
        }
    }
    let mut families: Vec<&str> = Vec::new();
    for member in describe::members() {
        if !families.contains(&member.family) && member.family != crate::model::fault::FAMILY {
            families.push(member.family);
            all.insert(format!("family-{}", member.family), family(member.family));
        }
    }
    all
}

const PATTERNS: &[(&str, &str, &str)] = &[
    (
        "time",
        r"^\s*([0-9][0-9_]*(\.[0-9_]*)?\s*(ns|us|µs|ms|s|m|min|h|d)\s*)+$",
        "A length of time with its unit: \"250ms\", \"1.5s\", \"1h30m\".",
    ),
    (
        "size",
        r"^\s*[0-9][0-9_]*(\.[0-9_]*)?\s*(B|kB|KB|KiB|MB|MiB|GB|GiB|TB|TiB)\s*$",
        "A size with its unit: \"100B\", \"16KiB\".",
    ),
    (
        "byte-rate",
        r"^\s*[0-9][0-9_]*(\.[0-9_]*)?\s*(B|kB|KB|KiB|MB|MiB|GB|GiB|TB|TiB|kbit|Mbit|Gbit)/(s|m|min|h|d)\s*$",
        "Bytes per second: \"30MB/s\".",
    ),
    (
        "rate",
        r"^\s*[0-9][0-9_]*(\.[0-9_]*)?\s*/\s*(s|m|min|h|d)\s*$",
        "Events per second, minute, hour or day: \"2000/s\".",
    ),
    ("percent", r"^\s*[0-9][0-9_]*(\.[0-9_]*)?\s*%?\s*$", "A share: \"5%\"."),
];

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A section as its keys refer to it.
fn table(section: &str) -> Value {
    reference(&format!("section-{section}"))
}

fn object(section: Section) -> Value {
    let mut properties = params(section.params);
    if section.name == fault::SECTION.name {
        for member in describe::family(crate::model::fault::FAMILY) {
            properties.extend(params(member.params));
        }
    }
    for setting in kafka::settings(section.name) {
        properties.insert(
            setting.name.into(),
            json!({ "type": kafka_types(setting), "description": setting.about() }),
        );
    }
    // Besides its settings, this one has metrics for keys.
    let others = if section.name == precision::SECTION.name { kind(Kind::Ratio) } else { json!(false) };
    json!({
        "type": "object",
        "description": section.doc,
        "properties": properties,
        "required": required(section.params),
        "additionalProperties": others,
    })
}

/// What Kafka's notation of a setting may be, in a scenario and in quotes.
fn kafka_types(setting: &kafka::Setting) -> Vec<&'static str> {
    match setting.form {
        Form::Word | Form::Reset | Form::Presence | Form::Partitioner => vec!["string"],
        Form::Assignor => vec!["string", "array"],
        Form::Flag | Form::AutoCommit => vec!["boolean", "string"],
        _ => vec!["integer", "string"],
    }
}

fn required(params: &[Param]) -> Vec<&str> {
    params.iter().filter(|p| p.default == Default::Required).map(|p| p.name).collect()
}

fn params(params: &[Param]) -> Map<String, Value> {
    params.iter().map(|p| (p.name.to_owned(), property(p))).collect()
}

/// A key: what it accepts, what it means, what holds without it. References take no neighbours in draft 7,
/// so they are wrapped.
fn property(param: &Param) -> Value {
    let mut property = match kind(param.kind) {
        Value::Object(plain) if !plain.contains_key("$ref") => plain,
        reference => Map::from_iter([("allOf".to_owned(), json!([reference]))]),
    };
    property.insert("description".into(), param.doc.into());
    if let Default::Is(text) = param.default {
        property.insert("default".into(), value(&parse_default(text)));
    }
    Value::Object(property)
}

fn value(node: &Node) -> Value {
    match &node.data {
        Data::Flag(b) => json!(b),
        Data::Whole(n) => i64::try_from(*n).map_or_else(|_| json!(n.to_string()), |n| json!(n)),
        Data::Decimal(text) | Data::Date(text) => {
            text.parse::<f64>().map_or_else(|_| json!(text), |x| json!(x))
        }
        Data::Text(text) => json!(text),
        Data::List(items) => items.iter().map(value).collect(),
        Data::Table(table) => {
            Value::Object(table.0.iter().map(|e| (e.key.clone(), value(&e.node))).collect())
        }
    }
}

fn kind(of: Kind) -> Value {
    if let Some(family) = family_of(of) {
        return reference(&format!("family-{family}"));
    }
    let pair = |second: Value| {
        json!({
            "type": "array",
            "minItems": 1,
            "items": { "type": "array", "items": [reference("time"), second], "minItems": 2, "maxItems": 2 },
        })
    };
    match of {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count { min, max } if max > i64::MAX as u64 => json!({ "type": "integer", "minimum": min }),
        Kind::Count { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Ratio => {
            json!({ "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, reference("percent")] })
        }
        Kind::Span => reference("time"),
        Kind::Bytes => reference("size"),
        Kind::ByteRate => reference("byte-rate"),
        Kind::Rate => reference("rate"),
        Kind::Word(words) => {
            let texts = words.iter().map(|(w, _)| json!(w));
            let numbers = words.iter().filter_map(|(w, _)| w.parse::<i64>().ok()).map(|n| json!(n));
            json!({ "enum": texts.chain(numbers).collect::<Vec<_>>() })
        }
        Kind::Weights => json!({
            "type": "array",
            "minItems": 1,
            "items": { "anyOf": [{ "type": "number", "minimum": 0 }, reference("percent")] },
        }),
        Kind::Counts => {
            json!({ "type": "array", "minItems": 1, "items": { "type": "integer", "minimum": 0 } })
        }
        Kind::Profile => pair(reference("rate")),
        Kind::Versions => pair(json!({ "type": "integer", "minimum": 0 })),
        Kind::Moments => json!({
            "anyOf": [reference("time"), { "type": "array", "minItems": 1, "items": reference("time") }],
        }),
        Kind::Target(TargetKind::Broker | TargetKind::Rack) => json!({ "type": ["integer", "string"] }),
        Kind::OrNone(kind_of) => json!({ "anyOf": [{ "const": "none" }, kind(*kind_of)] }),
        Kind::Names(_) => json!({ "type": "array", "minItems": 1, "items": { "type": "string" } }),
        Kind::Table(section) => {
            let first = describe::section(section).params.first();
            if first.is_some_and(|p| matches!(p.kind, Kind::Name(_))) {
                return json!({ "anyOf": [{ "type": "string" }, table(section)] });
            }
            table(section)
        }
        Kind::Text | Kind::Trace | Kind::Name(_) | Kind::Target(_) => json!({ "type": "string" }),
        Kind::Dist | Kind::SizeDist | Kind::Family(_) => unreachable!("these are families"),
    }
}

/// A member's name, a table with its name as the one key, or a bare value.
fn family(name: &str) -> Value {
    let members = describe::family(name);
    let free = |m: &&Member| m.params.iter().all(|p| p.default != Default::Required);
    let names: Vec<&str> = members.iter().filter(free).map(|m| m.name).collect();
    let mut forms = Vec::new();
    if !names.is_empty() {
        forms.push(json!({ "enum": names }));
    }
    if let Some(bare) = bare_member(name).and_then(|b| members.iter().find(|m| m.name == b)) {
        forms.push(kind(bare.params[0].kind));
    }
    let properties: Map<String, Value> = members.iter().map(|m| (m.name.to_owned(), member(m))).collect();
    forms.push(json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    }));
    json!({ "anyOf": forms })
}

fn member(of: &Member) -> Value {
    let long = json!({
        "type": "object",
        "properties": params(of.params),
        "required": required(of.params),
        "additionalProperties": false,
    });
    match short_param(of) {
        Some(param) => json!({ "anyOf": [kind(param.kind), long], "description": of.summary }),
        None => json!({ "allOf": [long], "description": of.summary }),
    }
}
