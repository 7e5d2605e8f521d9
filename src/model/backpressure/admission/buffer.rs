//! The send buffer's limit, which several members share.

use super::AdmitView;
use crate::model::catalog::{Args, Default, Kind, Param};

/// How many bytes the buffer holds.
pub(super) const MEMORY: Param = Param {
    name: "buffer-memory",
    kind: Kind::Bytes,
    default: Default::Is("32MiB"),
    doc: "Bytes the send buffer holds, unacknowledged ones included; Kafka's buffer.memory.",
};

/// A limit in bytes.
#[derive(Clone, Copy)]
pub(super) struct Buffer(u64);

impl Buffer {
    pub(super) fn new(args: &Args) -> Self {
        Buffer(args.bytes(MEMORY.name))
    }
    /// Its size in bytes.
    pub(super) fn memory(self) -> u64 {
        self.0
    }
    /// Bytes that still fit.
    pub(super) fn room(self, buffered: u64) -> u64 {
        self.0.saturating_sub(buffered)
    }
    /// Whether the event still fits.
    pub(super) fn has_room(self, view: &AdmitView) -> bool {
        view.buffered.saturating_add(u64::from(view.size)) <= self.0
    }
    /// Whether the event would fit if nothing else were in.
    pub(super) fn could_hold(self, view: &AdmitView) -> bool {
        u64::from(view.size) <= self.0
    }
}
