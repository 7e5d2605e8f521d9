//! The JSON Schema and the reader must accept the same keys, or editors would lie.
//!
//! Looks at structure: keys, kinds of value, choices. Units and numbers' ranges are the reader's business.

use laglab::model::catalog::{Default, Kind, Member, Param, TargetKind};
use laglab::scenario::{Overrides, Scenario, kafka_settings, members, schema, sections};
use serde_json::{Map, Value};
use std::path::Path;

/// Why a value does not fit a schema; nothing if it does.
fn misfit(schema: &Value, value: &Value, root: &Value) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).expect("references lead somewhere");
        return misfit(target, value, root);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        if let Some(reason) = misfit(part, value, root) {
            return Some(reason);
        }
    }
    let forms = schema.get("anyOf").and_then(Value::as_array);
    if forms.is_some_and(|forms| forms.iter().all(|form| misfit(form, value, root).is_some())) {
        return Some(format!("{value} fits none of its forms"));
    }
    let words = schema.get("enum").and_then(Value::as_array);
    if words.is_some_and(|words| !words.contains(value)) {
        return Some(format!("{value} is not one of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|c| c != value) {
        return Some(format!("{value} is not {}", schema["const"]));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is = |kind: &&str| match *kind {
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("type {other}"),
    };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        return Some(format!("{value} is not of type {kinds:?}"));
    }
    match value {
        Value::Object(object) => misfit_of_keys(schema, object, root),
        Value::Array(items) => items.iter().enumerate().find_map(|(i, item)| {
            let of = match schema.get("items")? {
                Value::Array(each) => each.get(i)?,
                all => all,
            };
            misfit(of, item, root)
        }),
        _ => None,
    }
}

fn misfit_of_keys(schema: &Value, object: &Map<String, Value>, root: &Value) -> Option<String> {
    for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !object.contains_key(required.as_str().expect("a name")) {
            return Some(format!("{required} is missing"));
        }
    }
    let count = |key: &str| schema.get(key).and_then(Value::as_u64).map(|n| n as usize);
    if count("maxProperties").is_some_and(|n| object.len() > n)
        || count("minProperties").is_some_and(|n| object.len() < n)
    {
        return Some(format!("{} keys", object.len()));
    }
    for (key, value) in object {
        let of =
            schema.get("properties").and_then(|p| p.get(key)).or_else(|| schema.get("additionalProperties"));
        match of {
            Some(Value::Bool(false)) => return Some(format!("there is no key `{key}`")),
            Some(of) => {
                if let Some(reason) = misfit(of, value, root) {
                    return Some(format!("{key}: {reason}"));
                }
            }
            None => {}
        }
    }
    None
}

/// A table `at` a dotted path, with one more key and the value it needs.
fn with(mut base: toml::Table, at: &[&str], key: &str, value: toml::Value) -> toml::Table {
    fn descend<'a>(table: &'a mut toml::Table, part: &str) -> &'a mut toml::Table {
        match table.entry(part).or_insert_with(|| toml::Table::new().into()) {
            toml::Value::Table(inner) => inner,
            toml::Value::Array(items) => items[0].as_table_mut().expect("a table"),
            other => panic!("{other}"),
        }
    }
    let table = at.iter().fold(&mut base, |table, part| descend(table, part));
    table.insert(key.into(), value);
    base
}

/// A scenario in which every section stands.
fn base() -> toml::Table {
    toml::toml! {
        title = "Base"
        duration = "1m"
        [cluster]
        [network]
        [topic.t]
        partitions = 4
        [producer.p]
        topic = "t"
        rate = "10/s"
        [producer.p.network]
        [group.g]
        topic = "t"
        service-time = "1ms"
        [group.g.retry]
        [group.g.dedupe]
        [group.g.downstream]
        name = "d"
        [group.g.downstream.breaker]
        [downstream.d]
        latency = "1ms"
        [[fault]]
        at = "1s"
        pause = "g/0"
        for = "1s"
    }
}

/// Where a section stands in [`base`].
fn path(place: &str) -> Vec<&str> {
    let names = [("topic", "t"), ("producer", "p"), ("group", "g"), ("downstream", "d")];
    let parts = place.trim_matches(['[', ']']).split('.');
    let mut path: Vec<&str> = Vec::new();
    for part in parts {
        let before = path.last().copied();
        path.push(match part {
            "NAME" => names.iter().find(|(s, _)| Some(*s) == before).expect("a named section").1,
            part => part,
        });
    }
    path
}

/// A value that a kind accepts.
fn example(param: &Param) -> toml::Value {
    fn of(kind: Kind) -> toml::Value {
        let toml = match kind {
            Kind::Flag => "true".into(),
            Kind::Count { min, max } => min.max(2).min(max).to_string(),
            Kind::Number { min, max } => format!("{:?}", min.max(2.0).min(max)),
            Kind::Ratio => "\"5%\"".into(),
            Kind::Span | Kind::Dist | Kind::Moments => "\"2s\"".into(),
            Kind::Bytes | Kind::SizeDist => "\"2KiB\"".into(),
            Kind::ByteRate => "\"30MB/s\"".into(),
            Kind::Rate => "\"20/s\"".into(),
            Kind::Text => "\"times.csv\"".into(),
            Kind::Trace => "\"keyed.csv\"".into(),
            Kind::Word(words) => format!("\"{}\"", words[0].0),
            Kind::Weights => "[0.5, 0.5]".into(),
            Kind::Counts => "[1, 2]".into(),
            Kind::Profile => "[[\"0s\", \"5/s\"], [\"2s\", \"50/s\"]]".into(),
            Kind::Versions => "[[\"0s\", 1], [\"5s\", 2]]".into(),
            Kind::Target(TargetKind::Broker | TargetKind::Rack) => "0".into(),
            Kind::Target(TargetKind::Producer) => "\"p/0\"".into(),
            Kind::Target(TargetKind::Downstream) => "\"d\"".into(),
            Kind::Target(TargetKind::Group) => "\"g\"".into(),
            Kind::Target(_) => "\"g/0\"".into(),
            Kind::OrNone(kind) => return of(*kind),
            Kind::Name("downstream") => "\"d\"".into(),
            Kind::Name(_) => "\"t\"".into(),
            Kind::Names(_) => "[\"t\"]".into(),
            Kind::Table("call") => "\"d\"".into(),
            Kind::Table(_) => "{}".into(),
            Kind::Family(family) => {
                let first = members().into_iter().find(|m| m.family == family).expect("a member");
                return choice(&first);
            }
        };
        toml::from_str::<toml::Table>(&format!("x = {toml}")).expect("it is TOML").remove("x").expect("x")
    }
    of(param.kind)
}

/// A member with all that it requires.
fn choice(member: &Member) -> toml::Value {
    let required = member.params.iter().filter(|p| p.default == Default::Required);
    let values: toml::Table = required.map(|p| (p.name.to_owned(), example(p))).collect();
    toml::Table::from_iter([(member.name.to_owned(), values.into())]).into()
}

/// What the reader says about keys, values and choices.
fn complaints(table: &toml::Table) -> Vec<String> {
    let text = toml::to_string(table).expect("a table is TOML");
    let mut files = |path: &str| match path {
        "keyed.csv" => Ok(b"at,key\n0.5,a\n".to_vec()),
        _ => Ok(b"2ms\n".to_vec()),
    };
    const STRUCTURE: [&str; 6] = ["E001", "E003", "E004", "E005", "E010", "E011"];
    match Scenario::parse("schema", &text, &Overrides::default(), &mut files) {
        Ok(_) => vec![],
        Err(found) => {
            let structural = found.0.into_iter().filter(|c| STRUCTURE.contains(&c.code));
            structural.map(|c| format!("{} {}", c.code, c.title)).collect()
        }
    }
}

fn json(table: &toml::Table) -> Value {
    serde_json::to_value(table).expect("TOML is JSON")
}

fn check(table: &toml::Table, schema: &Value, what: &str) {
    assert_eq!(misfit(schema, &json(table), schema), None, "schema on {what}");
    assert_eq!(complaints(table), Vec::<String>::new(), "reader on {what}");
}

#[test]
fn every_key_is_accepted_by_both_and_a_misspelt_one_by_neither() {
    let schema = schema();
    check(&base(), &schema, "the base");
    for section in sections() {
        let at = if section.place.contains(' ') { vec![] } else { path(section.place) };
        for param in section.params {
            let table = with(base(), &at, param.name, example(param));
            check(&table, &schema, &format!("{} {}", section.place, param.name));
        }
        let wrong = with(base(), &at, "misspelt", true.into());
        assert!(misfit(&schema, &json(&wrong), &schema).is_some(), "schema on {}", section.place);
        assert!(!complaints(&wrong).is_empty(), "reader on {}", section.place);
    }
}

#[test]
fn every_member_and_its_keys_are_accepted_by_both() {
    let schema = schema();
    let sections = sections();
    for member in members() {
        if member.family == "fault" {
            let mut fault: toml::Table = member.params.iter().map(|p| (p.name.into(), example(p))).collect();
            fault.insert("at".into(), "1s".into());
            let table = with(base(), &[], "fault", toml::Value::Array(vec![fault.into()]));
            check(&table, &schema, member.name);
            continue;
        }
        let takes = |p: &&Param| match p.kind {
            Kind::Family(family) => family == member.family,
            Kind::Dist => member.family == "distribution",
            Kind::SizeDist => member.family == "size-distribution",
            _ => false,
        };
        let place = sections.iter().find_map(|s| s.params.iter().find(takes).map(|p| (s, p)));
        let (section, param) = place.unwrap_or_else(|| panic!("no key takes {}", member.family));
        let at = if section.place.contains(' ') { vec![] } else { path(section.place) };
        let key = param.name;
        check(&with(base(), &at, key, choice(&member)), &schema, member.name);
        let full: toml::Table = member.params.iter().map(|p| (p.name.into(), example(p))).collect();
        let full = toml::Table::from_iter([(member.name.to_owned(), full.into())]);
        check(&with(base(), &at, key, full.into()), &schema, member.name);
        let wrong: toml::Table = toml::Table::from_iter([("misspelt".to_owned(), 1.into())]);
        let wrong = toml::Table::from_iter([(member.name.to_owned(), wrong.into())]);
        let wrong = with(base(), &at, key, wrong.into());
        assert!(misfit(&schema, &json(&wrong), &schema).is_some(), "schema on {}", member.name);
        assert!(!complaints(&wrong).is_empty(), "reader on {}", member.name);
    }
}

#[test]
fn every_shipped_scenario_fits() {
    let schema = schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in
        entries.map(|e| e.expect("an entry").path()).filter(|p| p.extension().is_some_and(|e| e == "toml"))
    {
        let table: toml::Table = std::fs::read_to_string(&path).expect("readable").parse().expect("TOML");
        assert_eq!(misfit(&schema, &json(&table), &schema), None, "{}", path.display());
    }
}

#[test]
fn kafkas_names_are_accepted_by_schema_and_reader() {
    let root = schema();
    let mut seen = 0;
    for setting in kafka_settings() {
        let Some(key) = setting.key else { continue };
        let at: &[&str] = match setting.section {
            "topic" => &["topic", "t"],
            "producer" => &["producer", "p"],
            "group" => &["group", "g"],
            _ => &["cluster"],
        };
        let value: toml::Value = match setting.name {
            "enable.idempotence" | "enable.auto.commit" | "unclean.leader.election.enable" => true.into(),
            "group.protocol" => "classic".into(),
            "group.instance.id" => "billing-0".into(),
            "group.remote.assignor" => "range".into(),
            "auto.offset.reset" => "latest".into(),
            "partition.assignment.strategy" => "RangeAssignor".into(),
            "partitioner.class" => "RoundRobinPartitioner".into(),
            "compression.type" => "zstd".into(),
            "isolation.level" => "read_committed".into(),
            "cleanup.policy" => "compact".into(),
            "partitioner.adaptive.partitioning.enable" => false.into(),
            _ => 150_000.into(),
        };
        let mut plain = base();
        if setting.section == "topic" {
            plain["topic"]["t"].as_table_mut().expect("a table").remove("partitions");
        }
        let table = with(plain, at, setting.name, value);
        let text = toml::to_string(&table).expect("TOML");
        let read = Scenario::parse("s", &text, &Overrides::default(), &mut |_| Err(String::new()));
        // A value may be out of range or not fit the others; the key must be known.
        let unknown = read
            .err()
            .into_iter()
            .flat_map(|d| d.0)
            .find(|c| ["E003", "E005", "E039", "E040"].contains(&c.code));
        assert!(unknown.is_none(), "{} ({key}): {unknown:?}", setting.name);
        let json = serde_json::to_value(&table).expect("JSON");
        assert_eq!(misfit(&root, &json, &root), None, "{}", setting.name);
        seen += 1;
    }
    assert!(seen > 20);
}
