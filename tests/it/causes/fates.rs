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
