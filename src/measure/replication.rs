//! What became of leaders and replicas: elections, records cut off, and for how long partitions had too few
//! in-sync replicas or no leader. Knows nothing of what the records were.

use crate::engine::Time;
use crate::model::plan::Plan;

/// What one partition is short of, and since when.
#[derive(Clone, Copy, Debug)]
struct Standing {
    in_sync: u32,
    led: bool,
    since: Time,
}

/// Sums over the partitions of a topic.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OfTopic {
    pub(super) elections: u64,
    pub(super) unclean: u64,
    pub(super) shrinks: u64,
    pub(super) truncated: u64,
    /// Partition-nanoseconds.
    pub(super) under_replicated: u64,
    pub(super) under_min: u64,
    pub(super) offline: u64,
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Replication {
    partitions: Vec<Standing>,
    topic_of: Vec<usize>,
    /// Replication factor and least number of in-sync replicas, per topic.
    asked: Vec<(u32, u32)>,
    /// Counted up to here.
    end: Time,
    pub(super) topics: Vec<OfTopic>,
}

impl Replication {
    pub(super) fn new(plan: &Plan) -> Self {
        let topic_of: Vec<usize> = plan
            .topics
            .iter()
            .enumerate()
            .flat_map(|(t, topic)| (0..topic.partitions).map(move |_| t))
            .collect();
        let whole = |t: &usize| Standing {
            in_sync: plan.topics[*t].replication_factor,
            led: true,
            since: Time::ZERO,
        };
        Replication {
            partitions: topic_of.iter().map(whole).collect(),
            topic_of,
            asked: plan.topics.iter().map(|t| (t.replication_factor, t.min_insync)).collect(),
            end: Time(plan.duration.0),
            topics: vec![OfTopic::default(); plan.topics.len()],
        }
    }
    fn count(&mut self, partition: usize, at: Time) {
        let at = at.min(self.end);
        let (topic, p) = (self.topic_of[partition], &mut self.partitions[partition]);
        let length = at.0.saturating_sub(p.since.0);
        p.since = p.since.max(at);
        let ((factor, least), sums) = (self.asked[topic], &mut self.topics[topic]);
        sums.under_replicated += if p.in_sync < factor { length } else { 0 };
        sums.under_min += if p.in_sync < least { length } else { 0 };
        sums.offline += if p.led { 0 } else { length };
    }
    pub(super) fn in_sync(&mut self, partition: usize, in_sync: u32, at: Time) {
        self.count(partition, at);
        let p = &mut self.partitions[partition];
        self.topics[self.topic_of[partition]].shrinks += u64::from(in_sync < p.in_sync);
        p.in_sync = in_sync;
    }
    pub(super) fn led(&mut self, partition: usize, led: bool, unclean: bool, at: Time) {
        self.count(partition, at);
        self.partitions[partition].led = led;
        let sums = &mut self.topics[self.topic_of[partition]];
        sums.elections += u64::from(led);
        sums.unclean += u64::from(unclean);
    }
    pub(super) fn truncated(&mut self, partition: usize, records: u64) {
        self.topics[self.topic_of[partition]].truncated += records;
    }
    /// The run is over.
    pub(super) fn close(&mut self) {
        for p in 0..self.partitions.len() {
            self.count(p, self.end);
        }
    }
}
