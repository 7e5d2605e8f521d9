//! Every kind of failure of processing.

use super::cases;

cases! {
    /// Two tries of each event.
    random produces "failures.random";
    r#"
        group.sink.failures = { random = { probability = "100%" } }
        group.sink.retry = { attempts = 2, then = "dead-letter" }
    "#
    without r#"group.sink.failures = { random = { probability = "0%" } }"#
    books "created 100, dead-lettered 100, failures 200";

    /// Two tries of each event.
    poison produces "failures.poison";
    r#"
        group.sink.failures = { poison = { share = "100%" } }
        group.sink.retry = { attempts = 2, then = "dead-letter" }
    "#
    without r#"group.sink.failures = { poison = { share = "0%" } }"#
    books "created 100, dead-lettered 100, failures 200";

    /// All events are about key 0, none about key 1.
    by_key produces "failures.by-key";
    r#"
        producer.source.keys = { weighted = { weights = [1, 0] } }
        group.sink.failures = { by-key = { key = 0 } }
        group.sink.retry = { attempts = 2, then = "dead-letter" }
    "#
    without "group.sink.failures = { by-key = { key = 1 } }"
    books "created 100, dead-lettered 100, failures 200";

    /// Two tries of each of the 20 events from 8 s on.
    by_schema produces "failures.by-schema";
    r#"
        producer.source.schema = [["0s", 1], ["8s", 2]]
        group.sink.failures = { by-schema = { version = 2 } }
        group.sink.retry = { attempts = 2, then = "dead-letter" }
    "#
    without "group.sink.failures = { by-schema = { version = 3 } }"
    books "created 100, applied 80, dead-lettered 20, failures 40";
}
