//! Every cause of a duplicate.

use super::cases;

cases! {
    /// The answers to the 10 requests of 2.1 s to 3.0 s are lost. Each is sent again after 1.15 s, when the cut
    /// is over.
    producer_retry produces "duplicates.producer-retry";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        producer.source.max-in-flight = 1000
        fault = [{ at = "2050ms", network-cut = "source/0", way = "back", for = "1s" }]
    "#
    without r#"
        producer.source.idempotence = true
        producer.source.max-in-flight = 5
    "#
    books "created 100, applied 100, duplicates.producer-retry 10";

    /// One event has two copies in the log. The call for the first is 300 times as slow as it should be, from
    /// 2.11 s to 5.11 s, so that it is the second that is done first: at 3.27 s.
    a_copy_is_done_first produces "duplicates.producer-retry";
    r#"
        downstream.bank = { latency = "10ms" }
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        group.sink.downstream = { name = "bank" }
        group.sink.processing = "streaming"
        group.sink.concurrency = 50
        group.sink.commit = "after-record"
        fault = [{ at = "2050ms", network-cut = "source/0", way = "back", for = "100ms" }, { at = "2050ms", downstream-slow = "bank", factor = 300, for = "100ms" }]
    "#
    without "producer.source.idempotence = true"
    books "created 100, applied 100, duplicates.producer-retry 1";

    /// One event has two copies in the log. Nothing has been committed at 3.55 s, when 37 records are done:
    /// those of 36 events, and the copy. All are done again, and the producer has no part in that.
    a_copy_is_done_again produces "duplicates.producer-retry", "duplicates.crash-before-commit";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        group.sink.commit = { every = "1m" }
        fault = [{ at = "2050ms", network-cut = "source/0", way = "back", for = "100ms" }, { at = "3550ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, duplicates.producer-retry 1, duplicates.crash-before-commit 37,
        extra-deliveries.crash-before-commit 37, rebalances.join 1";

    /// The poll of 5.0 s has committed what was there before it. The 6 events of 5.0 s to 5.5 s are done again.
    crash_before_commit produces "duplicates.crash-before-commit";
    r#"
        group.sink.commit = { every = "1s" }
        fault = [{ at = "5550ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"group.sink.commit = "after-batch""#
    books "created 100, applied 100, duplicates.crash-before-commit 6, extra-deliveries.crash-before-commit 6,
        rebalances.join 1";

    /// A second consumer joins at 5 s, of which the first, formed at 3 s, hears from its heartbeat at 5.95 s. It
    /// gives up both partitions while its workers have 5.7, 5.8 and 5.9 in hand. They finish all the same.
    revoked_before_commit produces "duplicates.revoked-before-commit";
    r#"
        topic.work.partitions = 2
        producer.source.partitioner = "round-robin"
        group.sink.consumers = 2
        group.sink.formed = false
        group.sink.start-spacing = "5s"
        group.sink.heartbeat-interval = "2950ms"
        group.sink.service-time = "330ms"
        group.sink.processing = "streaming"
        group.sink.concurrency = 10
        group.sink.commit = "after-record"
    "#
    without r#"
        group.sink.processing = "barrier"
        group.sink.concurrency = 4
    "#
    books "created 100, applied 100, duplicates.revoked-before-commit 3,
        extra-deliveries.revoked-before-commit 3, rebalances.join 1";

    /// The event of 5.1 s takes from then to 6.6 s, but without a poll the consumer is put out at 6.1 s. Its
    /// commit is refused; it joins anew and, 3 s later, gets the event again.
    expelled produces "duplicates.expelled";
    r#"
        group.sink.max-poll-interval = "1s"
        fault = [{ at = "5050ms", slow = "sink/0", factor = 150, for = "2s" }]
    "#
    without r#"group.sink.max-poll-interval = "2s""#
    books "created 100, applied 100, duplicates.expelled 1, extra-deliveries.expelled 1, rebalances.join 1";

    /// A consumer freezes with the event of 2.0 s in hand and 40 ms of work left. Its session ends at 8 s, and
    /// the other one does the event at 8.09 s or, if it hears of that a heartbeat later, at 9.09 s. The first
    /// wakes at 9.55 s.
    zombie produces "duplicates.zombie";
    r#"
        group.sink.consumers = 2
        group.sink.service-time = "90ms"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "1s"
        fault = [{ at = "2050ms", pause = "sink/0", for = "7500ms" }]
    "#
    without r#"group.sink.session-timeout = "10s""#
    books "created 100, applied 100, duplicates.zombie 1, extra-deliveries.expelled 1,
        rebalances.session-timeout 1, rebalances.join 1";

    /// As with a crash before the commit; what is done again is some 40 s old, and its keys are gone.
    key_expired produces "duplicates.key-expired";
    r#"
        group.sink.commit = { every = "1s" }
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { ttl = "2s" }
        fault = [{ at = "5550ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"group.sink.dedupe = { ttl = "1m" }"#
    books "created 100, applied 100, duplicates.key-expired 6, extra-deliveries.crash-before-commit 6,
        rebalances.join 1";

    /// As before, with a store that knows the last two of the six. The first one that is done again drives out
    /// the key of the fifth, the second that of the sixth.
    key_evicted produces "duplicates.key-evicted";
    r#"
        group.sink.commit = { every = "1s" }
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { capacity = 2 }
        fault = [{ at = "5550ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without "group.sink.dedupe = { capacity = 6 }"
    books "created 100, applied 100, duplicates.key-evicted 6, extra-deliveries.crash-before-commit 6,
        rebalances.join 1";

    /// The effect of the event of 5.0 s comes at 5.03 s (look-up and work), its key would at 5.05 s.
    key_not_recorded produces "duplicates.key-not-recorded";
    r#"
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { latency = "20ms", write = "record-after-effect" }
        fault = [{ at = "5040ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"group.sink.dedupe = { latency = "20ms", write = "atomic" }"#
    books "created 100, applied 100, duplicates.key-not-recorded 1, extra-deliveries.crash-before-commit 1,
        rebalances.join 1";

    /// The same with a consumer that does not die, but freezes for longer than its session: the key is missing,
    /// but what brought the event to another is that it was put out.
    a_key_comes_too_late produces "duplicates.expelled";
    r#"
        group.sink.consumers = 2
        group.sink.session-timeout = "3s"
        group.sink.heartbeat-interval = "1s"
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { latency = "20ms", write = "record-after-effect" }
        fault = [{ at = "5040ms", pause = "sink/0", for = "30s" }]
    "#
    without r#"group.sink.dedupe = { latency = "20ms", write = "atomic" }"#
    books "created 100, applied 100, duplicates.expelled 1, extra-deliveries.expelled 1,
        rebalances.session-timeout 1";

    /// As with a crash before the commit; when the six events come again nobody can tell.
    store_down produces "duplicates.store-down";
    r#"
        group.sink.commit = { every = "1s" }
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { when-down = "pass" }
        fault = [{ at = "5550ms", crash = "sink/0", restart-after = "1s" }, { at = "6s", store-outage = "sink", for = "1m" }]
    "#
    without r#"group.sink.dedupe = { when-down = "wait" }"#
    books "created 100, applied 100, duplicates.store-down 6, extra-deliveries.crash-before-commit 6,
        rebalances.join 1";

    /// As before, but the store was down when three of the six came first: 5.2 s to 5.4 s.
    store_down_at_first produces "duplicates.store-down";
    r#"
        group.sink.commit = { every = "1s" }
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { when-down = "pass" }
        fault = [{ at = "5150ms", store-outage = "sink", for = "300ms" }, { at = "5550ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"group.sink.dedupe = { when-down = "wait" }"#
    books "created 100, applied 100, duplicates.store-down 3, extra-deliveries.crash-before-commit 6,
        rebalances.join 1";

    /// The call for the event of 5.1 s takes 60 ms instead of 30 ms, and succeeds at 5.17 s; 10 ms before, its
    /// caller has lost patience.
    call_timed_out produces "duplicates.call-timed-out";
    r#"
        downstream.bank = { latency = "30ms" }
        group.sink.downstream = { name = "bank", timeout = "50ms" }
        fault = [{ at = "5050ms", downstream-slow = "bank", factor = 2, for = "100ms" }]
    "#
    without r#"group.sink.downstream = { name = "bank", timeout = "70ms" }"#
    books "created 100, applied 100, duplicates.call-timed-out 1, failures 1";

    /// A consumer dies at 5.02 s while a call is on its way, which succeeds at 5.04 s. The event comes again
    /// when the session is over, 45 s after the commit of 4.94 s, and the first call of then times out: its
    /// effect is the crash's doing, and that of the second call the impatience's.
    a_call_times_out_after_a_crash produces "duplicates.call-timed-out", "duplicates.crash-before-commit";
    r#"
        downstream.bank = { latency = "30ms" }
        group.sink.downstream = { name = "bank", timeout = "50ms" }
        duration = "51s"
        fault = [{ at = "5020ms", crash = "sink/0", restart-after = "1s" }, { at = "49945ms", downstream-slow = "bank", factor = 2, for = "10ms" }]
    "#
    without "fault = []"
    books "created 510, applied 510, duplicates.call-timed-out 1, duplicates.crash-before-commit 1,
        extra-deliveries.crash-before-commit 1, failures 1, rebalances.join 1";

    /// The group is empty from 11.01 s (a session after its commit of 5.01 s) to 14.05 s, and forgets that it
    /// has done 51 events.
    offset_reset produces "duplicates.offset-reset";
    r#"
        cluster.offsets-retention = "3s"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "5050ms", crash = "sink/0", restart-after = "9s" }]
    "#
    without r#"cluster.offsets-retention = "4s""#
    books "created 100, applied 100, duplicates.offset-reset 51, extra-deliveries.offset-reset 51,
        rebalances.join 1";

    /// Worker 0 has done the 46 events up to 4.5 s, and would write its first checkpoint at 5.0 s. Its lease has not
    /// been renewed since 4.5 s when worker 1 looks for the second time, and all is done again.
    lease_taken produces "duplicates.lease-taken";
    r#"
        topic.work.broker = "kinesis"
        group.sink.consumers = 2
        group.sink.commit = { every = "5s" }
        group.sink.failover-time = "1s"
        group.sink.lease-assignment-interval = "2s"
        fault = [{ at = "4850ms", pause = "sink/0", for = "1m" }]
    "#
    without r#"group.sink.commit = "after-batch""#
    books "created 100, applied 100, duplicates.lease-taken 46, extra-deliveries.lease-taken 46";

    /// The stage has committed at the poll of 5.0 s what it had done before. It does the 6 events of 5.0 s to 5.5 s
    /// again, and sends what comes of them again.
    produced_again produces "duplicates.produced-again";
    r#"
        topic.result = { partitions = 1 }
        producer.made = { topic = "result", rate = { output-of = "stage" }, linger = "0s" }
        group.stage = { topic = "work", service-time = "10ms", commit = { every = "1s" } }
        group.sink.topic = "result"
        fault = [{ at = "5550ms", crash = "stage/0", restart-after = "1s" }]
    "#
    without r#"group.stage.commit = "after-batch""#
    books "created 100, applied 100, duplicates.produced-again 6";

    /// What came of the event of 2.1 s gets no answer for its delivery timeout of 1 s. Its transaction is aborted when
    /// the cut is over, and the event is done again.
    transaction_of_a_stage_aborted produces "duplicates.transaction-aborted";
    r#"
        topic.result = { partitions = 1 }
        producer.made = { topic = "result", rate = { output-of = "sink" }, linger = "0s", transactional = { commit-interval = "0s" }, request-timeout = "500ms", delivery-timeout = "1s" }
        group.next = { topic = "result", service-time = "1ms" }
        fault = [{ at = "2050ms", network-cut = "made/0", for = "2s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, duplicates.transaction-aborted 1, extra-deliveries.transaction-aborted 1";
}
