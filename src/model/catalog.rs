//! What can be chosen and set: families with their members, and parameters with kind, default and meaning.
//!
//! One description feeds the scenario reader, the JSON Schema, `laglab list`, `laglab explain`, the
//! printed defaults and the property tests. It knows nothing of TOML.

use crate::engine::{Dist, Span, Time};
use std::fmt;
use std::sync::Arc;

/// What a parameter accepts, and how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number from `min` to `max`.
    Count {
        /// Least accepted value.
        min: u64,
        /// Greatest accepted value.
        max: u64,
    },
    /// A plain decimal number from `min` to `max`, such as a Zipf exponent or a factor.
    Number {
        /// Least accepted value.
        min: f64,
        /// Greatest accepted value.
        max: f64,
    },
    /// A share from 0 to 1, written `"5%"` or `0.05`.
    Ratio,
    /// A length of time with its unit, `"250ms"`.
    Span,
    /// A length of time as a constant (`"2ms"`) or a distribution (`{ lognormal = { mean = "2ms", cv = 1.5 } }`).
    Dist,
    /// A size in bytes as a constant (`"1KiB"`) or a distribution.
    SizeDist,
    /// A number of bytes with its unit, `"16KiB"`.
    Bytes,
    /// Bytes per second, `"30MB/s"`.
    ByteRate,
    /// Events per second, `"2000/s"`; also `/m` and `/h`.
    Rate,
    /// Any text.
    Text,
    /// One of these words; each with its meaning.
    Word(&'static [(&'static str, &'static str)]),
    /// A list of shares or weights, `[0.1, 0.9]`.
    Weights,
    /// Whole numbers, `[2, 3]`.
    Counts,
    /// Rates at moments, joined by straight lines: `[["0s", "500/s"], ["2m", "5000/s"]]`.
    Profile,
    /// A CSV file: `at`, and optionally `key` and `size`.
    Trace,
    /// A member of a family: its name, or a table with its name as the one key.
    Family(&'static str),
    /// What a fault strikes.
    Target(TargetKind),
    /// This, or the word `"none"` to go without.
    OrNone(&'static Kind),
    /// A moment of the run, or a list of them: `"3m"`, `["3m", "5m"]`.
    Moments,
    /// Schema versions by the moment from which they hold: `[["0s", 1], ["5m", 2]]`.
    Versions,
    /// The name of something the scenario describes elsewhere: a `topic`, a `downstream`.
    Name(&'static str),
    /// A list of such names.
    Names(&'static str),
    /// A table of its own, described as the section of this name.
    Table(&'static str),
}

/// What kind of thing a fault strikes, and how it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// `"billing/2"` (one consumer, numbered from 0) or `"billing"` (all of the group).
    Consumer,
    /// `"billing"`.
    Group,
    /// `"1"` (broker 1, numbered from 0).
    Broker,
    /// `"1"` (rack 1, numbered from 0).
    Rack,
    /// `"checkout/0"` (one instance) or `"checkout"` (all of them).
    Producer,
    /// `"fraud"`.
    Downstream,
    /// `"orders"`.
    Topic,
    /// A producer or a consumer: whose wires to the brokers.
    Client,
}

/// One parameter: its name, what it accepts, and what happens without it.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// As written in a scenario, in kebab case.
    pub name: &'static str,
    /// What it accepts.
    pub kind: Kind,
    /// What holds when it is not written.
    pub default: Default,
    /// One sentence: what it means, and where its default comes from.
    pub doc: &'static str,
}

/// What holds when a parameter is not written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// It must be written.
    Required,
    /// It is absent, which the parameter's text explains.
    Absent,
    /// This, in the notation of a scenario (TOML value text without outer quotes: `5ms`, `16KiB`, `true`).
    Is(&'static str),
}

/// A value read and checked against its parameter's kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// See [`Kind::Flag`].
    Flag(bool),
    /// See [`Kind::Count`].
    Count(u64),
    /// See [`Kind::Number`], [`Kind::Ratio`], [`Kind::Rate`] and [`Kind::ByteRate`] (both per second).
    Number(f64),
    /// See [`Kind::Span`].
    Span(Span),
    /// See [`Kind::Dist`] and [`Kind::SizeDist`] (nanoseconds or bytes).
    Dist(Dist),
    /// See [`Kind::Bytes`].
    Bytes(u64),
    /// See [`Kind::Text`], [`Kind::Word`], [`Kind::Target`] and [`Kind::Name`].
    Text(String),
    /// See [`Kind::Weights`].
    Weights(Vec<f64>),
    /// See [`Kind::Counts`].
    Counts(Vec<u64>),
    /// See [`Kind::Profile`]: moments and events per second.
    Profile(Vec<(Time, f64)>),
    /// See [`Kind::Trace`].
    Trace(Arc<Trace>),
    /// See [`Kind::Moments`].
    Moments(Vec<Time>),
    /// See [`Kind::Versions`].
    Versions(Vec<(Time, u32)>),
}

/// A recorded workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// When each event is created, in order.
    pub at: Vec<Time>,
    /// Its key as an index into `keys`, or `u32::MAX` for none; empty if the file has no key column.
    pub key: Vec<u32>,
    /// The distinct keys in order of first appearance.
    pub keys: Vec<String>,
    /// Its size in bytes; empty if the file has no size column.
    pub size: Vec<u32>,
}

/// Checked parameter values of one chosen member or section.
///
/// The accessors panic when a parameter is asked for that its description does not have, or as
/// another kind: that is a mistake of the code that asks.
#[derive(Clone, Debug, PartialEq, std::default::Default)]
pub struct Args(pub Vec<(&'static str, Value)>);

macro_rules! accessors {
    ($($(#[$doc:meta])* $get:ident $try_get:ident $variant:ident -> $type:ty),* $(,)?) => { $(
        $(#[$doc])*
        pub fn $get(&self, name: &str) -> $type {
            self.$try_get(name).unwrap_or_else(|| panic!("parameter `{name}` is described, with a default or required"))
        }
        /// The same for a parameter that may be absent.
        pub fn $try_get(&self, name: &str) -> Option<$type> {
            match self.find(name)? {
                Value::$variant(v) => Some(v.clone()),
                other => panic!("parameter `{name}` was read as {other:?}"),
            }
        }
    )* };
}

impl Args {
    fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
    accessors! {
        /// A flag.
        flag try_flag Flag -> bool,
        /// A whole number.
        count try_count Count -> u64,
        /// A number, ratio or rate per second.
        number try_number Number -> f64,
        /// A length of time.
        span try_span Span -> Span,
        /// A distribution.
        dist try_dist Dist -> Dist,
        /// A number of bytes.
        bytes try_bytes Bytes -> u64,
        /// A text or word.
        text try_text Text -> String,
        /// A list of weights.
        weights try_weights Weights -> Vec<f64>,
        /// A list of whole numbers.
        counts try_counts Counts -> Vec<u64>,
        /// A profile of rates.
        profile try_profile Profile -> Vec<(Time, f64)>,
        /// A recorded workload.
        trace try_trace Trace -> Arc<Trace>,
        /// Moments of the run.
        moments try_moments Moments -> Vec<Time>,
        /// Schema versions.
        versions try_versions Versions -> Vec<(Time, u32)>,
    }
}

/// A member of a family: everything the rest of the program needs to know about it.
pub struct Entry<T: ?Sized + 'static> {
    /// As written in a scenario, in kebab case.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What it does, when it helps, when it hurts, where it is seen: paragraphs of plain text.
    pub doc: &'static str,
    /// Its parameters. A member with exactly one required parameter may be written in short form,
    /// `{ name = value }`, if that parameter is called `value`.
    pub params: &'static [Param],
    /// Makes one from checked values.
    pub build: fn(&Args) -> Box<T>,
}

/// A member chosen, with its values.
pub struct Choice<T: ?Sized + 'static> {
    /// Which.
    pub entry: &'static Entry<T>,
    /// With which values.
    pub args: Arc<Args>,
}

impl<T: ?Sized> Choice<T> {
    /// The member `name` of `members` with these values.
    pub fn of(members: &'static [&'static Entry<T>], name: &str, args: Args) -> Self {
        let entry = members
            .iter()
            .find(|e| e.name == name)
            .unwrap_or_else(|| panic!("`{name}` is a member of its family"));
        Choice { entry, args: Arc::new(args) }
    }
    /// Whether the other is this one, or a copy of it.
    pub fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.entry, other.entry) && Arc::ptr_eq(&self.args, &other.args)
    }
    /// One of it, ready to use.
    pub fn build(&self) -> Box<T> {
        (self.entry.build)(&self.args)
    }
}
impl<T: ?Sized> Clone for Choice<T> {
    fn clone(&self) -> Self {
        Choice { entry: self.entry, args: self.args.clone() }
    }
}
impl<T: ?Sized> fmt::Debug for Choice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.entry.name, self.args.0)
    }
}

/// A family member as `laglab list` and the schema see it, whatever it builds.
#[derive(Clone, Copy)]
pub struct Member {
    /// The family.
    pub family: &'static str,
    /// The member.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Paragraphs.
    pub doc: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
}

impl<T: ?Sized> Entry<T> {
    /// This member without what it builds.
    pub const fn member(&self, family: &'static str) -> Member {
        Member { family, name: self.name, summary: self.summary, doc: self.doc, params: self.params }
    }
}

/// Declares the files of a family and lists their entries: adding a member is one file and one line here.
macro_rules! family {
    ($(#[$doc:meta])* $family:literal of $trait:ty { $($member:ident),* $(,)? }) => {
        $(pub mod $member;)*
        /// The family's name, as scenarios and `laglab list` write it.
        pub const FAMILY: &str = $family;
        $(#[$doc])*
        pub static MEMBERS: &[&$crate::model::catalog::Entry<$trait>] = &[$(&$member::ENTRY),*];
    };
}
pub(crate) use family;
