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

/// Why a file is of no use: the code of a complaint, the reason with its place in the file, and what would be
/// right.
type Fault = (&'static str, String, String);
type Found<T> = Result<T, Fault>;

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
        let remedy = "the path is relative to the scenario's folder";
        (self.open)(path).map_err(|reason| (codes::NO_FILE, reason, remedy.to_owned()))
    }
}

fn complaint(path: &str, place: &Place, (code, reason, remedy): Fault) -> Diagnostic {
    let title = match code {
        codes::NO_FILE => format!("`{path}` cannot be read"),
        _ => format!("the content of `{path}` cannot be used"),
    };
    Diagnostic::new(code, place, title).label(reason).help(remedy)
}

/// A file's bytes, to say where in them something is.
struct Content<'a>(&'a [u8]);

impl Content<'_> {
    fn reader(&self, header: bool) -> csv::Reader<&[u8]> {
        let mut settings = csv::ReaderBuilder::new();
        // Without a header nobody knows how many fields there should be.
        settings.has_headers(header).flexible(!header).trim(csv::Trim::All).comment(Some(b'#'));
        settings.from_reader(self.0)
    }
    fn bad<T>(&self, at: Option<&csv::Position>, field: usize, reason: &str, remedy: &str) -> Found<T> {
        let (line, column) = at.map_or((1, 1), |at| self.place(at, field));
        Err((codes::BAD_FILE, format!("line {line}, column {column}: {reason}"), remedy.to_owned()))
    }
    /// What the reader of CSV cannot read.
    fn unreadable<T>(&self, error: &csv::Error) -> Found<T> {
        match error.kind() {
            csv::ErrorKind::Utf8 { pos, err } => {
                self.bad(pos.as_ref(), err.field(), "this is not UTF-8", "save the file as UTF-8")
            }
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let reason = format!("{len} fields, where the header has {expected_len}");
                let field = usize::try_from(*expected_len.min(len)).unwrap_or(usize::MAX);
                let remedy = "every line has the fields of the header; a comma inside a field needs quotes";
                self.bad(pos.as_ref(), field, &reason, remedy)
            }
            _ => Err((codes::BAD_FILE, error.to_string(), "see docs/formats.md".to_owned())),
        }
    }
    /// Line and column, from 1, of a field of the record that is read from `at` on, or of the record's end
    /// if it has fewer.
    fn place(&self, at: &csv::Position, field: usize) -> (u64, u64) {
        let mut line = at.line();
        let from = usize::try_from(at.byte()).map_or(self.0.len(), |from| from.min(self.0.len()));
        let mut rest = &self.0[from..];
        // The reader notes where it stood before the empty lines and comments that it then passes over.
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            if !rest.starts_with(b"#") && !matches!(&rest[..end], b"" | b"\r") {
                break;
            }
            rest = &rest[end + 1..];
            line += 1;
        }
        let (mut left, mut quoted, mut column) = (field, false, 1);
        for byte in rest {
            match byte {
                b' ' | b'\t' if left == 0 => {}
                _ if left == 0 => break,
                b'"' => quoted = !quoted,
                b',' if !quoted => left -= 1,
                b'\r' | b'\n' if !quoted => break,
                _ => {}
            }
            if *byte == b'\n' {
                (line, column) = (line + 1, 1);
            } else {
                // Every character has one byte that does not continue another.
                column += u64::from(byte & 0xC0 != 0x80);
            }
        }
        (line, column)
    }
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

const MOMENT: &str = "a moment is a number of seconds, `1.5`, or a length of time, `1500ms`";
const SIZE: &str = "a size is a number of bytes, `512`, or has a unit, `4KiB`";
const HEADER: &str = "the first line names the columns: `at`, and if there are such `key` and `size`";

fn read_trace(bytes: &[u8]) -> Found<Trace> {
    let content = Content(bytes);
    let mut reader = content.reader(true);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(e) => return content.unreadable(&e),
    };
    let top = header.position().cloned();
    const COLUMNS: [&str; 3] = ["at", "key", "size"];
    if let Some(i) = header.iter().position(|name| !COLUMNS.contains(&name)) {
        let reason = format!("there is no column `{}`; {}", &header[i], suggest(&header[i], COLUMNS));
        return content.bad(top.as_ref(), i, &reason, HEADER);
    }
    let column = |name: &str| header.iter().position(|h| h == name);
    let Some(at) = column("at") else {
        return content.bad(top.as_ref(), 0, "the header needs a column `at`", HEADER);
    };
    let (key, size_at) = (column("key"), column("size"));
    let mut trace = Trace { at: vec![], key: vec![], keys: vec![], size: vec![] };
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(e) => return content.unreadable(&e),
        }
        let bad = |i: usize, reason: String, remedy: &str| content.bad(record.position(), i, &reason, remedy);
        let field = |i: usize| record.get(i).unwrap_or_default();
        let Some(moment) = seconds(field(at)) else {
            return bad(at, format!("`{}` is no moment", field(at)), MOMENT);
        };
        if trace.at.last().is_some_and(|last| last.0 > moment) {
            let remedy = "put the lines in order of their moments";
            return bad(at, "the moments must ascend".to_owned(), remedy);
        }
        trace.at.push(Time(moment));
        if let Some(i) = key {
            trace.key.push(match (field(i), numbers.get(field(i))) {
                ("", _) => NO_KEY,
                (_, Some(number)) => *number,
                (name, None) => {
                    let number = numbers.len() as u32;
                    numbers.insert(name.to_owned(), number);
                    trace.keys.push(name.to_owned());
                    number
                }
            });
        }
        if let Some(i) = size_at {
            match size(field(i)).and_then(|n| u32::try_from(n).ok()) {
                Some(bytes) => trace.size.push(bytes),
                None => return bad(i, format!("`{}` is no size below 4 GiB", field(i)), SIZE),
            }
        }
    }
    if trace.at.is_empty() {
        let remedy = "write a line for each event below the header";
        return content.bad(top.as_ref(), 0, "there is no event in it", remedy);
    }
    Ok(trace)
}

fn read_values(bytes: &[u8], kind: Kind) -> Found<Vec<u64>> {
    let remedy = match kind {
        Kind::SizeDist => "the first field of each line is a size, `512` or `4KiB`",
        _ => "the first field of each line is a length of time with its unit, `2ms`",
    };
    let content = Content(bytes);
    let mut values = Vec::new();
    for (i, record) in content.reader(false).records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(e) => return content.unreadable(&e),
        };
        let text = record.get(0).unwrap_or_default();
        let read = match kind {
            Kind::SizeDist => size(text),
            _ => units::span(text).ok().map(|s| s.0),
        };
        match read {
            Some(value) => values.push(value),
            // A header.
            None if i == 0 && text.starts_with(|c: char| c.is_alphabetic()) => {}
            None => {
                let reason = format!("`{text}` is no value with a unit");
                return content.bad(record.position(), 0, &reason, remedy);
            }
        }
    }
    if values.is_empty() { content.bad(None, 0, "there is no value in it", remedy) } else { Ok(values) }
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
        assert_eq!(reason("at\n2\n1\n"), "line 3, column 1: the moments must ascend");
        assert_eq!(reason("at\nsoon\n"), "line 2, column 1: `soon` is no moment");
        let unknown = "line 1, column 4: there is no column `kye`; did you mean `key`?";
        assert_eq!(reason("at,kye\n1,a\n"), unknown);
        assert_eq!(reason("at\n"), "line 1, column 1: there is no event in it");
        assert_eq!(reason("at,size\n1,2,3\n"), "line 2, column 5: 3 fields, where the header has 2");
        assert_eq!(reason("at,size\n1\n"), "line 2, column 2: 1 fields, where the header has 2");
    }

    #[test]
    fn the_place_is_that_in_the_file_whatever_stands_before_it() {
        let reason = |text: &[u8]| read_trace(text).unwrap_err().1;
        let passed_over = b"# a recording\n\nat,size\r\n1,2\r\n\r\n# then\n\n2,  big\n";
        assert_eq!(reason(passed_over), "line 8, column 5: `big` is no size below 4 GiB");
        let quoted = "key,at,size\n\"M\u{fc}ller, \"\"A\"\"\nand sons\",1,big\n";
        assert_eq!(reason(quoted.as_bytes()), "line 3, column 13: `big` is no size below 4 GiB");
        assert_eq!(reason(b"at,key\n1,a\n2,b\xff\n"), "line 3, column 3: this is not UTF-8");
        let value = read_values(b"# measured\n2ms\n\n3\n", Kind::Dist).unwrap_err().1;
        assert_eq!(value, "line 4, column 1: `3` is no value with a unit");
    }

    #[test]
    fn values_may_have_a_header_and_further_columns() {
        let values = read_values(b"latency,code\n2ms,200\n1s,500\n", Kind::Dist).unwrap();
        assert_eq!(values, [2_000_000, 1_000_000_000]);
        assert!(read_values(b"2ms\nx\n", Kind::Dist).is_err());
    }
}
