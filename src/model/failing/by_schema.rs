//! `by-schema`: records of a newer schema fail.

use super::{FailView, Failing};
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Failing> = Entry {
    name: "by-schema",
    summary: "Records written with a schema version or a later one always fail.",
    doc: "What it does. Every try of a record fails if it was written with the given schema version \
or a later one. Which version a record has, its producer decides.\n\n\
When it helps. It shows an incompatible change that reaches production: from one moment on every \
record fails, and dead letters or a standing partition are the only choices left.\n\n\
When it hurts. It is all or nothing; a change that only some records stumble over is better shown by \
`poison`.\n\n\
Seen in. A field that was renamed or removed while old consumers still read it, where no registry \
checks compatibility.",
    params: &[Param {
        name: "version",
        kind: Kind::Count { min: 1, max: u32::MAX as u64 },
        default: Default::Required,
        doc: "The first schema version that cannot be processed.",
    }],
    build: |args| Box::new(BySchema { version: args.count("version") }),
};

struct BySchema {
    version: u64,
}

impl Failing for BySchema {
    fn fails(&self, view: &mut FailView) -> bool {
        u64::from(view.schema) >= self.version
    }
}
