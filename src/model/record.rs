//! Records, and the batches they travel in. Knows nothing of who sends or reads them.

use crate::engine::Time;
use crate::model::cause::LossCause;
use crate::model::ids::{BatchId, EventId, Offset, PartitionId, ProducerId};

/// One stored or travelling copy of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose copy it is.
    pub event: EventId,
    /// When the event was created.
    pub created: Time,
    /// Its key, or `NO_KEY`.
    pub key: u32,
    /// Bytes.
    pub size: u32,
}

impl Record {
    /// Orders records of one producer by their creation.
    pub fn creation_order(&self) -> (Time, EventId) {
        (self.created, self.event)
    }
}

/// So many of an idempotent producer's last batches a broker remembers per partition (Kafka's `ProducerStateEntry`).
pub const REMEMBERED: u32 = 5;

/// Records of one producer for one partition, sent and appended together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The records, in the order of creation.
    pub records: Vec<Record>,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of the largest of them that was ever in it.
    pub largest: u32,
    /// Who made it.
    pub producer: ProducerId,
    /// Where it goes.
    pub partition: PartitionId,
    /// When its first record was created: linger and delivery timeout count from here.
    pub opened: Time,
    /// How often it was sent.
    pub sends: u32,
    /// Not before this moment may it be sent again.
    pub retry_at: Time,
    /// Kafka's producer epoch and base sequence of this batch; meaningful with idempotence only.
    pub sequence: (u32, u32),
    /// The producer's transaction it belongs to, counted from 1; 0 for none.
    pub transaction: u32,
    /// Where its first copy was appended, if it was. No part may know this but the log.
    pub appended: Option<(PartitionId, Offset)>,
    /// What its events were lost by, if the last holder lets it go and no copy was appended.
    pub lost_as: LossCause,
    /// How many hold it: its producer, requests on their way, and log entries.
    pub(super) refs: u32,
}

impl Batch {
    /// Whether there is only one holder left.
    #[inline(always)]
    pub fn held_once(&self) -> bool {
        self.refs == 1
    }
    /// One more record.
    #[inline(always)]
    pub fn push(&mut self, record: Record) {
        self.bytes += u64::from(record.size);
        self.largest = self.largest.max(record.size);
        self.records.push(record);
    }
}

/// All batches of a run; the room of finished ones is used again.
#[derive(Debug, Default)]
pub struct Batches {
    all: Vec<Batch>,
    free: Vec<BatchId>,
}

impl Batches {
    /// An empty batch held once, by its producer.
    #[inline]
    pub fn open(&mut self, producer: ProducerId, partition: PartitionId, opened: Time) -> BatchId {
        if let Some(id) = self.free.pop() {
            let batch = &mut self.all[id.index()];
            batch.producer = producer;
            batch.partition = partition;
            batch.opened = opened;
            batch.lost_as = LossCause::ProducerGaveUp;
            batch.transaction = 0;
            batch.refs = 1;
            return id;
        }
        let id = BatchId::from(self.all.len());
        self.all.push(Batch {
            records: Vec::new(),
            bytes: 0,
            largest: 0,
            producer,
            partition,
            opened,
            sends: 0,
            retry_at: Time::ZERO,
            sequence: (0, 0),
            transaction: 0,
            appended: None,
            lost_as: LossCause::ProducerGaveUp,
            refs: 1,
        });
        id
    }
    /// One more holder.
    #[inline]
    pub fn hold(&mut self, id: BatchId) {
        self.all[id.index()].refs += 1;
    }
    /// One holder less; the last one frees it.
    #[inline]
    pub fn release(&mut self, id: BatchId) {
        let batch = &mut self.all[id.index()];
        assert!(batch.refs > 0, "a batch is released once per holder");
        batch.refs -= 1;
        if batch.refs == 0 {
            batch.records.clear();
            batch.bytes = 0;
            batch.largest = 0;
            batch.sends = 0;
            batch.retry_at = Time::ZERO;
            batch.appended = None;
            self.free.push(id);
        }
    }
    /// How many are held by anyone.
    pub fn held(&self) -> usize {
        self.all.len() - self.free.len()
    }
}

impl std::ops::Index<BatchId> for Batches {
    type Output = Batch;
    #[inline(always)]
    fn index(&self, id: BatchId) -> &Batch {
        &self.all[id.index()]
    }
}
impl std::ops::IndexMut<BatchId> for Batches {
    #[inline(always)]
    fn index_mut(&mut self, id: BatchId) -> &mut Batch {
        &mut self.all[id.index()]
    }
}
