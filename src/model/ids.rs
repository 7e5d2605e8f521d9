//! Names of things as small integers: the model speaks in ids, and names return only in reports.

/// Defines a newtype id over `u32` that indexes a dense table.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub u32);
        impl $name {
            /// The position in the table this id points into.
            #[inline(always)]
            pub const fn index(self) -> usize { self.0 as usize }
        }
        impl From<usize> for $name {
            fn from(i: usize) -> Self { $name(u32::try_from(i).expect("ids fit 32 bits")) }
        }
    )* };
}

id! {
    /// One producer instance (an entry `[producer.x]` with `instances = n` makes n of them).
    ProducerId,
    /// A topic.
    TopicId,
    /// A partition, numbered over all topics of the scenario.
    PartitionId,
    /// A broker of the cluster.
    BrokerId,
    /// A consumer group.
    GroupId,
    /// A consumer instance, numbered over all groups, in order of first start.
    ConsumerId,
    /// A dependency called while processing.
    DownstreamId,
    /// A batch of records, while the producer or a log holds it.
    BatchId,
    /// A produce or fetch request on its way.
    RequestId,
}

/// Position of a record in its partition's log.
pub type Offset = u64;

/// A business fact created once: its producer instance and its ordinal there.
///
/// The order of ids within one producer is the order of creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(pub u64);

impl EventId {
    const ORDINAL_BITS: u32 = 44;

    /// The `ordinal`-th event of `producer`.
    #[inline(always)]
    pub const fn new(producer: ProducerId, ordinal: u64) -> Self {
        EventId(((producer.0 as u64) << Self::ORDINAL_BITS) | ordinal)
    }
    /// Who created it.
    #[inline(always)]
    pub const fn producer(self) -> ProducerId {
        ProducerId((self.0 >> Self::ORDINAL_BITS) as u32)
    }
    /// How many events this producer had created before it.
    #[inline(always)]
    pub const fn ordinal(self) -> u64 {
        self.0 & ((1 << Self::ORDINAL_BITS) - 1)
    }
}
