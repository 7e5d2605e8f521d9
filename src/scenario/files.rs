//! Recordings and measured values from CSV files, each read once.
//!
//! Where the bytes come from is the caller's business.

use super::codes;
use super::diagnostics::{Diagnostic, suggest};
use super::tree::Place;
use super::units;
use crate::engine::Time;
use crate::model::catalog::{Kind, Trace};
use crate::model::keys::NO_KEY;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Gives the bytes of a file by its path as written, or says why not.
pub type Open<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// The files a scenario names.
pub(super) struct Files<'a> {
    open: &'a mut Open<'a>,
    traces: BTreeMap<String, Found<Arc<Trace>>>,
    /// By path, and whether they are sizes.
    values: BTreeMap<(String, bool), Found<Vec<u64>>>,
}

/// Or the code of a complaint and its reason.
type Found<T> = Result<T, (&'static str, String)>;

impl<'a> Files<'a> {
    pub fn new(open: &'a mut Open<'a>) -> Self {
        Files { open, traces: BTreeMap::new(), values: BTreeMap::new() }
    }

    /// A recording.
    pub fn trace(&mut self, path: &str, place: &Place) -> Result<Arc<Trace>, Diagnostic> {
        if !self.traces.contains_key(path) {
            let read = self.bytes(path).and_then(|bytes| read_trace(&bytes)).map(Arc::new);
            self.traces.insert(path.to_owned(), read);
        }
        self.traces[path].clone().map_err(|bad| complaint(path, place, bad))
    }

    /// Measured lengths of time in nanoseconds, or sizes in bytes.
    pub fn values(&mut self, path: &str, kind: Kind, place: &Place) -> Result<Vec<u64>, Diagnostic> {
        let key = (path.to_owned(), kind == Kind::SizeDist);
        if !self.values.contains_key(&key) {
            let read = self.bytes(path).and_then(|bytes| read_values(&bytes, kind));
            self.values.insert(key.clone(), read);
        }
        self.values[&key].clone().map_err(|bad| complaint(path, place, bad))
    }

    fn bytes(&mut self, path: &str) -> Found<Vec<u8>> {
        (self.open)(path).map_err(|reason| (codes::NO_FILE, reason))
    }
}

fn complaint(path: &str, place: &Place, (code, reason): (&'static str, String)) -> Diagnostic {
    let title = match code {
        codes::NO_FILE => format!("`{path}` cannot be read"),
        _ => format!("the content of `{path}` cannot be used"),
    };
    let complaint = Diagnostic::new(code, place, title).label(reason);
    if code == codes::NO_FILE {
        return complaint.help("the path is relative to the scenario's folder");
    }
    complaint
}

fn bad<T>(line: u64, reason: &str) -> Found<T> {
    Err((codes::BAD_FILE, format!("line {line}: {reason}")))
}

/// A moment or length: with its unit, or as seconds.
fn seconds(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let read = if plain { units::span(&format!("{text}s")) } else { units::span(text) };
    read.ok().map(|s| s.0)
}

/// A number of bytes: with its unit, or plain.
fn size(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| units::bytes(text).ok())
}

fn read_trace(bytes: &[u8]) -> Found<Trace> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(bytes);
    let header = reader.headers().map_err(|e| (codes::BAD_FILE, e.to_string()))?.clone();
    const COLUMNS: [&str; 3] = ["at", "key", "size"];
    if let Some(other) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return bad(1, &format!("there is no column `{other}`; {}", suggest(other, COLUMNS)));
    }
    let column = |name: &str| header.iter().position(|h| h == name);
    let Some(at) = column("at") else { return bad(1, "the header needs a column `at`") };
    let (key, size_at) = (column("key"), column("size"));
    let mut trace = Trace { at: vec![], key: vec![], keys: vec![], size: vec![] };
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| (codes::BAD_FILE, e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |i: usize| record.get(i).unwrap_or_default();
        let Some(moment) = seconds(field(at)) else {
            return bad(line, &format!("`{}` is no moment", field(at)));
        };
        if trace.at.last().is_some_and(|last| last.0 > moment) {
            return bad(line, "the moments must ascend");
        }
        trace.at.push(Time(moment));
        if let Some(i) = key {
            let name = field(i);
            let next = numbers.len() as u32;
            trace.key.push(if name.is_empty() {
                NO_KEY
            } else {
                *numbers.entry(name.to_owned()).or_insert_with(|| {
                    trace.keys.push(name.to_owned());
                    next
                })
            });
        }
        if let Some(i) = size_at {
            match size(field(i)).and_then(|n| u32::try_from(n).ok()) {
                Some(bytes) => trace.size.push(bytes),
                None => return bad(line, &format!("`{}` is no size below 4 GiB", field(i))),
            }
        }
    }
    if trace.at.is_empty() { bad(1, "there is no event in it") } else { Ok(trace) }
}

fn read_values(bytes: &[u8], kind: Kind) -> Found<Vec<u64>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes);
    let mut values = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| (codes::BAD_FILE, e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let text = record.get(0).unwrap_or_default();
        let read = match kind {
            Kind::SizeDist => size(text),
            _ => units::span(text).ok().map(|s| s.0),
        };
        match read {
            Some(value) => values.push(value),
            // A header.
            None if i == 0 && text.starts_with(|c: char| c.is_alphabetic()) => {}
            None => return bad(line, &format!("`{text}` is no value with a unit")),
        }
    }
    if values.is_empty() { bad(1, "there is no value in it") } else { Ok(values) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_has_moments_keys_and_sizes() {
        let text = "at,key,size\n0.5,a,100\n1s,b,1KiB\n1500ms,,7\n2,a,8\n";
        let trace = read_trace(text.as_bytes()).unwrap();
        assert_eq!(trace.at.iter().map(|t| t.0 / 1_000_000).collect::<Vec<_>>(), [500, 1000, 1500, 2000]);
        assert_eq!(trace.key, [0, 1, NO_KEY, 0]);
        assert_eq!(trace.keys, ["a", "b"]);
        assert_eq!(trace.size, [100, 1024, 7, 8]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let reason = |text: &str| read_trace(text.as_bytes()).unwrap_err().1;
        assert_eq!(reason("at\n2\n1\n"), "line 3: the moments must ascend");
        assert_eq!(reason("at\nsoon\n"), "line 2: `soon` is no moment");
        assert_eq!(reason("at,kye\n1,a\n"), "line 1: there is no column `kye`; did you mean `key`?");
        assert_eq!(reason("at\n"), "line 1: there is no event in it");
    }

    #[test]
    fn values_may_have_a_header_and_further_columns() {
        let values = read_values(b"latency,code\n2ms,200\n1s,500\n", Kind::Dist).unwrap();
        assert_eq!(values, [2_000_000, 1_000_000_000]);
        assert!(read_values(b"2ms\nx\n", Kind::Dist).is_err());
    }
}
