//! A scenario's text as a tree in which every key and value knows where it was written.
//!
//! Variants, sweeps and `--set` change this tree before it is read, so that a complaint about a changed
//! value points at the change. Knows TOML, and nothing of what the keys mean.

use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Bytes of the scenario's text.
    Text(Range<usize>),
    /// An argument of the command line: `--set group.billing.consumers=8`.
    Set(Arc<str>),
    /// Not written: a default, or the scenario as a whole.
    Nowhere,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub place: Place,
    pub data: Data,
    /// Whether a table was written as a whole, in braces, rather than key by key or under a heading.
    pub whole: bool,
}

/// What TOML can hold.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Flag(bool),
    Whole(i128),
    Decimal(String),
    Text(String),
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys with their values, in the order of writing.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(pub Vec<Entry>);

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

/// A break of TOML's own rules.
pub(super) struct SyntaxError {
    pub message: String,
    pub span: Option<Range<usize>>,
}

/// The tree of a text, as far as it can be read, and every break of TOML's rules in it.
pub(super) fn parse(text: &str) -> (Table, Vec<SyntaxError>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let errors = errors
        .iter()
        .map(|e| SyntaxError { message: e.message().to_owned(), span: e.span().map(|s| within(s, text)) })
        .collect();
    (Source { text, place: &|span| Place::Text(within(span, text)) }.table(root.get_ref()), errors)
}

/// A value as the command line writes it: TOML, or else a bare text.
pub(super) fn parse_argument(value: &str, argument: &Arc<str>) -> Node {
    let place = |_: Range<usize>| Place::Set(argument.clone());
    let text = value.trim();
    match DeValue::parse(text) {
        Ok(value) => Source { text, place: &place }.node(&value),
        Err(_) => Node::new(Place::Set(argument.clone()), Data::Text(text.to_owned())),
    }
}

/// A default as its description writes it: TOML, or a text without its quotes.
pub(super) fn parse_default(text: &str) -> Node {
    match DeValue::parse(text) {
        Ok(value) => Source { text, place: &|_| Place::Nowhere }.node(&value),
        Err(_) => Node::new(Place::Nowhere, Data::Text(text.to_owned())),
    }
}

/// Keeps a span inside the text and on the borders of characters.
fn within(span: Range<usize>, text: &str) -> Range<usize> {
    let mut start = span.start.min(text.len());
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// A text that was parsed, and what a place in it is called.
struct Source<'a> {
    text: &'a str,
    place: &'a dyn Fn(Range<usize>) -> Place,
}

impl Source<'_> {
    fn table(&self, table: &DeTable<'_>) -> Table {
        let entry = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| Entry {
            key: key.get_ref().to_string(),
            place: (self.place)(key.span()),
            node: self.node(value),
        };
        Table(table.iter().map(entry).collect())
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let data = match value.get_ref() {
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Integer(n) => match i128::from_str_radix(n.as_str(), n.radix()) {
                Ok(n) => Data::Whole(n),
                Err(_) => Data::Decimal(n.as_str().to_owned()),
            },
            DeValue::Float(x) => Data::Decimal(x.as_str().to_owned()),
            DeValue::Boolean(b) => Data::Flag(*b),
            DeValue::Datetime(date) => Data::Date(date.to_string()),
            DeValue::Array(items) => Data::List(items.iter().map(|v| self.node(v)).collect()),
            DeValue::Table(entries) => Data::Table(self.table(entries)),
        };
        let whole = self.text.get(value.span().start..).is_some_and(|text| text.starts_with('{'));
        Node { place: (self.place)(value.span()), data, whole }
    }
}

impl Table {
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|e| e.key == key)
    }
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.node)
    }
}

impl Node {
    /// A value that stands for itself as a whole.
    pub fn new(place: Place, data: Data) -> Node {
        Node { place, data, whole: true }
    }
    /// A table under this key, or nothing if it is something else.
    pub fn table(&self) -> Option<&Table> {
        if let Data::Table(table) = &self.data { Some(table) } else { None }
    }
    pub fn text(&self) -> Option<&str> {
        if let Data::Text(text) = &self.data { Some(text) } else { None }
    }
    /// What it is, for complaints.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Flag(_) => "true or false",
            Data::Whole(_) => "a whole number",
            Data::Decimal(_) => "a number",
            Data::Text(_) => "a text",
            Data::Date(_) => "a date",
            Data::List(_) => "a list",
            Data::Table(_) => "a table",
        }
    }
    /// In TOML's notation.
    pub fn toml(&self) -> String {
        match &self.data {
            Data::Flag(b) => b.to_string(),
            Data::Whole(n) => n.to_string(),
            Data::Decimal(text) | Data::Date(text) => text.clone(),
            Data::Text(text) => quoted(text),
            Data::List(items) => {
                format!("[{}]", items.iter().map(Node::toml).collect::<Vec<_>>().join(", "))
            }
            Data::Table(Table(entries)) if entries.is_empty() => "{}".into(),
            Data::Table(Table(entries)) => {
                let entries: Vec<String> =
                    entries.iter().map(|e| format!("{} = {}", key(&e.key), e.node.toml())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
    /// As a person would say it: a text without its quotes, anything else in TOML's notation.
    pub fn plain(&self) -> String {
        self.text().map_or_else(|| self.toml(), str::to_owned)
    }
    /// Whether it holds the same as `other`, wherever they were written.
    pub fn same(&self, other: &Node) -> bool {
        self.toml() == other.toml()
    }
}

/// A text in TOML's notation.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A key in TOML's notation: quoted only where it must be.
pub(super) fn key(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if bare { key.to_owned() } else { quoted(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_and_value_knows_its_place() {
        let text = "[topic.orders]\npartitions = 12\nname = { a = [1, \"x\"] }\n";
        let (root, errors) = parse(text);
        assert!(errors.is_empty());
        let topic = root.get("topic").unwrap().table().unwrap().entry("orders").unwrap();
        assert_eq!(topic.place, Place::Text(7..13));
        let partitions = topic.node.table().unwrap().get("partitions").unwrap();
        assert_eq!(partitions.place, Place::Text(28..30));
        assert_eq!(topic.node.toml(), "{ partitions = 12, name = { a = [1, \"x\"] } }");
    }

    #[test]
    fn all_errors_are_found_and_the_rest_is_read() {
        let (root, errors) = parse("a = 5ms\nb = 1\nc = [1,\nd = 2\n");
        assert!(errors.len() >= 2, "{}", errors.len());
        assert!(root.get("b").is_some());
    }

    #[test]
    fn the_command_line_may_leave_quotes_out() {
        let argument: Arc<str> = "--set x=5ms".into();
        assert_eq!(parse_argument("5ms", &argument).toml(), "\"5ms\"");
        assert_eq!(parse_argument("8", &argument).toml(), "8");
        assert_eq!(parse_argument("{ ttl = \"1h\" }", &argument).toml(), "{ ttl = \"1h\" }");
    }
}
