//! Every fate that is neither a loss nor a refusal, and every place where an event may be that has none yet.

use super::cases;

cases! {
    /// Nothing goes wrong. (Without a consumer from the first event on, nothing is done.)
    applied produces "applied";
    ""
    without r#"
        end = "stop"
        fault = [{ at = "0s", crash = "sink/0" }]
    "#
    books "created 100, applied 100";

    /// The 20 events from 8 s on fail three times each.
    dead_lettered produces "dead-lettered";
    r#"
        producer.source.schema = [["0s", 1], ["8s", 2]]
        group.sink.failures = { by-schema = { version = 2 } }
        group.sink.retry = { attempts = 3, then = "dead-letter" }
    "#
    without r#"group.sink.retry = { attempts = 3, then = "skip" }"#
    books "created 100, applied 80, dead-lettered 20, failures 60";

    /// All events have one key, and every event is a segment. At 1.05 s events 0 to 10 are done. The cleaner leaves 39
    /// and the active 40 at 4.02 s, 79 and 80 at 8.04 s; the consumer goes on at 8.05 s, and never sees 11 to 78.
    expired produces "expired";
    r#"
        topic.work.cleanup-policy = "compact"
        topic.work.segment-bytes = "100B"
        cluster.cleaner-backoff = "4020ms"
        producer.source.keys = { uniform = { count = 1 } }
        fault = [{ at = "1050ms", pause = "sink/0", for = "7s" }]
    "#
    without r#"topic.work.cleanup-policy = "delete""#
    books "created 100, applied 32, expired 68";

    /// Every event deletes a key of its own. The cleaner comes at 3.01, 6.02 and 9.03 s, and takes the markers away
    /// that it saw the time before: 0 to 29, and 30 to 59. At 1.05 s events 0 to 10 are done.
    expired_delete_markers produces "expired";
    r#"
        topic.work.cleanup-policy = "compact"
        topic.work.segment-bytes = "100B"
        topic.work.min-cleanable-dirty-ratio = "0%"
        topic.work.delete-retention = "1s"
        cluster.cleaner-backoff = "3010ms"
        producer.source.keys = { uniform = { count = 1_000_000 } }
        producer.source.deletes = "100%"
        fault = [{ at = "1050ms", pause = "sink/0", for = "9s" }]
    "#
    without r#"producer.source.deletes = "0%""#
    books "created 100, applied 51, expired 49";

    /// The same cleaner leaves segments alone in which something is younger than 4 s: at 6.02 s it comes to event 20,
    /// and at 9.03 s to event 50.
    a_young_segment_is_left_alone produces "expired";
    r#"
        topic.work.cleanup-policy = "compact"
        topic.work.segment-bytes = "100B"
        topic.work.min-compaction-lag = "4s"
        cluster.cleaner-backoff = "3010ms"
        producer.source.keys = { uniform = { count = 1 } }
        fault = [{ at = "1050ms", pause = "sink/0", for = "9s" }]
    "#
    without r#"topic.work.min-compaction-lag = "1h""#
    books "created 100, applied 61, expired 39";

    /// No segment lasts longer than a record may be dirty: a second one begins at 5.1 s, and at 6.02 s the cleaner leaves
    /// event 50 of the first.
    no_segment_outlasts_the_longest_lag produces "expired";
    r#"
        topic.work.cleanup-policy = "compact"
        topic.work.max-compaction-lag = "5s"
        cluster.cleaner-backoff = "3010ms"
        producer.source.keys = { uniform = { count = 1 } }
        fault = [{ at = "1050ms", pause = "sink/0", for = "9s" }]
    "#
    without r#"topic.work.max-compaction-lag = "none""#
    books "created 100, applied 61, expired 39";

    /// A consumer freezes at 2.02 s, when the key of the event of 2.0 s is recorded and its work has begun. Its
    /// successor finds the key and takes the event for done, which would be a loss; but at 9.5 s the first one
    /// goes on, fails, and dead-letters it like all the others.
    dead_letter_after_all produces "dead-lettered";
    r#"
        group.sink.consumers = 2
        group.sink.service-time = "50ms"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "1s"
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { latency = "1ms", write = "record-before-effect" }
        group.sink.failures = { poison = { share = "100%" } }
        group.sink.retry = { attempts = 1, then = "dead-letter" }
        fault = [{ at = "2020ms", pause = "sink/0", for = "7480ms" }]
    "#
    without r#"group.sink.failures = { poison = { share = "0%" } }"#
    books "created 100, dead-lettered 100, failures 100, extra-deliveries.expelled 1, rebalances.session-timeout 1,
        rebalances.join 1";

    /// From 8.05 s on nothing gets through: 8.1 to 8.3 fill the buffer, and the callers of 8.4 to 9.9 wait.
    waiting_in_the_application produces "pending.application";
    r#"
        end = "stop"
        producer.source.backpressure = { block = { buffer-memory = "300B" } }
        fault = [{ at = "8050ms", network-cut = "source/0", way = "out" }]
    "#
    without r#"producer.source.backpressure = { block = { buffer-memory = "3000B" } }"#
    books "created 100, applied 81, pending.application 16, pending.producer 3";

    /// From 8.05 s on nothing gets through.
    waiting_in_the_producer produces "pending.producer";
    r#"
        end = "stop"
        fault = [{ at = "8050ms", network-cut = "source/0", way = "out" }]
    "#
    without "fault = []"
    books "created 100, applied 81, pending.producer 19";

    /// From 8.05 s on nobody reads.
    waiting_in_the_log produces "pending.log";
    r#"
        end = "stop"
        fault = [{ at = "8050ms", pause = "sink/0", for = "30s" }]
    "#
    without r#"end = "drain""#
    books "created 100, applied 81, pending.log 19";

    /// The last event would be done at 9.99 s.
    waiting_in_the_consumer produces "pending.consumer";
    r#"
        end = "stop"
        group.sink.service-time = "90ms"
        fault = [{ at = "9950ms", pause = "sink/0", for = "30s" }]
    "#
    without r#"end = "drain""#
    books "created 100, applied 99, pending.consumer 1";
}
