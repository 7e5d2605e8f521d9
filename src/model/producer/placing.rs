//! Where an event goes that no table has a lane for: what the partitioner sees of it, and of the lanes.

use super::Lanes;
use crate::engine::Stream;
use crate::model::partitioning::{Partitioner, PlaceView};
use crate::model::record::Record;

/// Asks the partitioner where an event goes.
#[inline(never)]
pub(super) fn choose_lane(
    partitioner: &mut dyn Partitioner,
    rng: &mut Stream,
    record: &Record,
    lanes: &Lanes,
    batch_size: u64,
) -> u32 {
    let view = PlaceView {
        key: record.key,
        ordinal: record.event.ordinal(),
        size: record.size,
        partitions: lanes.count(),
        batch_size,
        queues: lanes,
    };
    partitioner.place(&view, rng)
}
