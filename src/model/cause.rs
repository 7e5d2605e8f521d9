//! Why an event was lost, refused, delivered again or applied again: the closed lists the ledger uses.
//!
//! The names are those of metrics (`group.billing.lost.retention`) and of `laglab explain`.

/// Declares an enum whose members have a name and a sentence.
macro_rules! causes {
    ($(#[$doc:meta])* $type:ident { $($(#[$mdoc:meta])* $member:ident = $name:literal: $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $type { $(#[doc = $text] $member),* }
        impl $type {
            /// Every member, in order.
            pub const ALL: &[$type] = &[$($type::$member),*];
            /// As metrics write it.
            pub const fn name(self) -> &'static str {
                match self { $($type::$member => $name),* }
            }
            /// One sentence for people.
            pub const fn text(self) -> &'static str {
                match self { $($type::$member => $text),* }
            }
            /// Its position in `ALL`.
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

causes! {
    /// Why an event's effect never happens.
    LossCause {
        ProducerGaveUp = "producer-gave-up": "The producer ran out of retries or of its delivery timeout.",
        BufferTimeout = "buffer-timeout": "The caller blocked on a full send buffer until its patience ended.",
        ProducerCrashed = "producer-crashed": "The producer died with the event still in its memory.",
        UnacknowledgedSend = "unacknowledged-send": "The request was lost and, with acks=0, nobody noticed.",
        CommittedBeforeEffect = "committed-before-effect": "The offset was committed first, and the consumer died before the effect.",
        CommittedWhileInWork = "committed-while-in-work": "The automatic commit covered a record that a worker still had in hand when the consumer died.",
        SkippedAfterRetries = "skipped-after-retries": "Every permitted try failed and the record was passed over.",
        NotReplicated = "not-replicated": "It was acknowledged before another replica had it, and the leadership moved (acks=1, or 0).",
        UncleanElection = "unclean-election": "A replica that was not in sync became the leader and did not have it.",
        LoneReplica = "lone-replica": "It was acknowledged with acks=all while the leader was the only in-sync replica, and that replica was lost.",
        PowerLoss = "power-loss": "It was in the memory of a broker that lost its power, and on no other.",
        IsolatedLeader = "isolated-leader": "A broker that led no more, and did not know it, acknowledged it.",
        InvalidRecord = "invalid-record": "It has no key, and the topic is compacted: its broker refused the batch.",
        Retention = "retention": "Retention removed the record before the group had read it.",
        OffsetReset = "offset-reset": "The group had no valid offset and went to the log end, past the record.",
        KeyWithoutEffect = "key-without-effect": "The idempotency key was recorded, the consumer died before the effect, and the next delivery was taken for a duplicate.",
        TransactionAborted = "transaction-aborted": "Its transaction was aborted, and the group reads only what is committed; or it was dropped with the transaction before it was sent.",
        ThroughputExceeded = "throughput-exceeded": "A shard was asked for more than it takes, refused the record, and the producer ran out of retries or of its delivery timeout.",
    }
}

causes! {
    /// Why an event is refused on purpose, before it is sent.
    ShedReason {
        DropNewest = "drop-newest": "The send buffer was full and the newest event was dropped.",
        DropOldest = "drop-oldest": "The send buffer was full and the oldest event was dropped.",
        Priority = "priority": "The buffer was filling and the event's class was not important enough.",
        RateLimit = "rate-limit": "The event was above the permitted rate.",
        LagAdmission = "lag-admission": "The consumers were too far behind.",
    }
}

causes! {
    /// Why a record is delivered, or its effect applied, more than once.
    DuplicateCause {
        ProducerRetry = "producer-retry": "The producer sent it again although the first copy had been appended (lost or late acknowledgement, no idempotence).",
        CrashBeforeCommit = "crash-before-commit": "The consumer died after the delivery and before the commit.",
        RevokedBeforeCommit = "revoked-before-commit": "The partition was taken away before the commit.",
        Expelled = "expelled": "The member was put out of the group (session or poll timeout) before the commit.",
        Zombie = "zombie": "A consumer that no longer owned the partition applied it as well.",
        KeyExpired = "key-expired": "The idempotency key was older than its time to live.",
        KeyEvicted = "key-evicted": "The idempotency store was full and had dropped the key.",
        KeyNotRecorded = "key-not-recorded": "The effect happened, and the consumer died before its key was recorded.",
        StoreDown = "store-down": "The idempotency store was down and the consumer went on without it.",
        CallTimedOut = "call-timed-out": "A downstream call had succeeded after its caller stopped waiting, and was made again.",
        OffsetReset = "offset-reset": "The group had no valid offset and went back to the log start.",
        Replay = "replay": "The group went back on purpose and read it again.",
        ProducedAgain = "produced-again": "A group further up processed its own input again, and sent what came of it again.",
        TransactionAborted = "transaction-aborted": "The transaction in which it was processed was aborted, and it was processed again.",
        LeaseTaken = "lease-taken": "Another worker took the lease before the checkpoint: to have its share, or because it was not renewed in time.",
    }
}

causes! {
    /// Where an event is that has no final fate yet.
    Place {
        Application = "application": "Waiting for room in the send buffer.",
        Producer = "producer": "In the send buffer or on its way to the broker.",
        Log = "log": "In the log, not yet delivered.",
        Consumer = "consumer": "Delivered, and not yet done.",
    }
}

causes! {
    /// What began a rebalance.
    RebalanceCause {
        Join = "join": "A member joined.",
        Leave = "leave": "A member left.",
        SessionTimeout = "session-timeout": "A member's heartbeats stopped.",
        PollTimeout = "poll-timeout": "A member did not poll in time.",
        FollowUp = "follow-up": "The second round of a cooperative rebalance.",
        SyncTimeout = "sync-timeout": "A member did not sync in time.",
        PartitionsAdded = "partitions-added": "The group's leader heard that a topic has more partitions.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_texts_are_sentences() {
        fn check(all: Vec<(&str, &str)>) {
            for (i, (name, text)) in all.iter().enumerate() {
                assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
                assert!(text.ends_with('.'), "{text}");
                assert!(all[i + 1..].iter().all(|(n, _)| n != name), "{name} twice");
            }
        }
        check(LossCause::ALL.iter().map(|c| (c.name(), c.text())).collect());
        check(ShedReason::ALL.iter().map(|c| (c.name(), c.text())).collect());
        check(DuplicateCause::ALL.iter().map(|c| (c.name(), c.text())).collect());
        check(Place::ALL.iter().map(|c| (c.name(), c.text())).collect());
        check(RebalanceCause::ALL.iter().map(|c| (c.name(), c.text())).collect());
    }
}
