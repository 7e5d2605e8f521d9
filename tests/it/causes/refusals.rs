//! Every reason to refuse an event.
//!
//! Most begin alike: from 2.05 s to 3.05 s nothing gets through to the broker, so what is sent at 2.1 s holds
//! its room in the buffer until it has been sent again, at 2.1 + 1 + 0.15 s.

use super::cases;

cases! {
    /// Three events fill the buffer. Those of 2.4 s to 3.2 s find no room.
    drop_newest produces "shed.drop-newest";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        producer.source.backpressure = { drop-newest = { buffer-memory = "300B" } }
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without r#"producer.source.backpressure = { drop-newest = { buffer-memory = "2000B" } }"#
    books "created 100, applied 91, shed.drop-newest 9";

    /// The event of 2.1 s is on its way and those of 2.2 and 2.3 wait. Each of the 9 that come until 3.2 s
    /// takes the place of the oldest that waits.
    drop_oldest produces "shed.drop-oldest";
    r#"
        producer.source.idempotence = false
        producer.source.max-in-flight = 1
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        producer.source.backpressure = { drop-oldest = { buffer-memory = "300B" } }
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without r#"producer.source.backpressure = { drop-oldest = { buffer-memory = "2000B" } }"#
    books "created 100, applied 91, shed.drop-oldest 9";

    /// All that is in the buffer is on its way, so it is the newest that goes.
    no_oldest_to_drop produces "shed.drop-newest";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        producer.source.backpressure = { drop-oldest = { buffer-memory = "300B" } }
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without "producer.source.max-in-flight = 1"
    books "created 100, applied 91, shed.drop-newest 9";

    /// All events are of the lesser class, to which half of the buffer is open: 2.1 and 2.2 get in, and 2.3 to
    /// 3.2 do not. If all are of the better class they fill the whole buffer, and what comes then is refused
    /// for want of room.
    priority produces "shed.priority";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        producer.source.priorities = [0, 1]
        producer.source.backpressure = { shed-by-priority = { buffer-memory = "400B", start = "50%" } }
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without "producer.source.priorities = [1, 0]"
    books "created 100, applied 90, shed.priority 10";

    /// Every other event finds half a token only.
    rate_limit produces "shed.rate-limit";
    r#"producer.source.backpressure = { token-bucket = { rate = "5/s", burst = 1 } }"#
    without r#"producer.source.backpressure = { token-bucket = { rate = "10/s", burst = 1 } }"#
    books "created 100, applied 50, shed.rate-limit 50";

    /// The consumer stands still from 2.05 s to 5.05 s. What the producer hears at 3 s is a lag of 10, at 4 s
    /// of 20, at 5 s of 20, and at 6 s of nothing: 20 events fall between the second and the last report.
    lag_admission produces "shed.lag-admission";
    r#"
        producer.source.backpressure = { lag-aware = { high = 15, low = 0, every = "1s" } }
        fault = [{ at = "2050ms", pause = "sink/0", for = "3s" }]
    "#
    without r#"producer.source.backpressure = { lag-aware = { high = 30, low = 0, every = "1s" } }"#
    books "created 100, applied 80, shed.lag-admission 20";
}
