//! `laglab schema`: what editors need to complete and check scenarios while they are written.

use super::screen::out;
use super::stop::Stop;
use crate::scenario;
use clap::Args;

/// See `laglab schema --help`.
#[derive(Args)]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(&self) -> Result<u8, Stop> {
        let text = serde_json::to_string_pretty(&scenario::schema()).expect("a schema is JSON");
        out(&format!("{text}\n"))?;
        Ok(0)
    }
}
