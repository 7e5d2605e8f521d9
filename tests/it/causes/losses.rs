//! Every cause of loss.

use super::cases;

cases! {
    /// The 10 events of 2.1 s to 3.0 s meet the cut; each request is given up after its first try.
    producer_gave_up produces "lost.producer-gave-up";
    r#"
        producer.source.idempotence = false
        producer.source.retries = 0
        producer.source.request-timeout = "500ms"
        producer.source.max-in-flight = 1000
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without "producer.source.retries = 10"
    books "created 100, applied 90, lost.producer-gave-up 10";

    /// Events 2.1 to 2.3 fill the buffer until the first of them has been sent again, at 2.1 + 1 + 0.15 s.
    /// Meanwhile the caller of 2.4 waits from 2.4 to 2.65, that of 2.5 from then to 2.9, that of 2.6 to 3.15,
    /// each in vain; that of 2.7 gets in at 3.25.
    buffer_timeout produces "lost.buffer-timeout";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        producer.source.backpressure = { block = { buffer-memory = "300B", max-block = "250ms" } }
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without r#"producer.source.backpressure = { block = { buffer-memory = "300B", max-block = "1m" } }"#
    books "created 100, applied 97, lost.buffer-timeout 3";

    /// A batch takes six events (the last one at the end of its linger), so that of 4.8 s holds five at 5.25.
    /// The 10 events of the second without the producer are never created.
    producer_crashed produces "lost.producer-crashed";
    r#"
        producer.source.linger = "500ms"
        fault = [{ at = "5250ms", producer-crash = "source/0", restart-after = "1s" }]
    "#
    without r#"producer.source.linger = "0s""#
    books "created 90, applied 85, lost.producer-crashed 5";

    /// The event of 5.0 s would reach the follower at 5.03 s. The controller misses the leader at 5.52 s, and the
    /// others are sent when the producer asks who leads now, at 5.72 s.
    not_replicated produces "lost.not-replicated";
    r#"
        cluster.brokers = 2
        cluster.failover = "500ms"
        cluster.inter-broker-delay = "30ms"
        topic.work.replication-factor = 2
        producer.source.acks = "leader"
        fault = [{ at = "5020ms", broker-outage = 0, for = "2s" }]
    "#
    without r#"producer.source.acks = "all""#
    books "created 100, applied 99, lost.not-replicated 1";

    /// Broker 1 dies at 2.05 s with the first 20 events, and is back when broker 0 dies at 5.05 s, which only has
    /// the next 30. They were acknowledged without it, and are not yet read.
    lone_replica produces "lost.lone-replica";
    r#"
        cluster.brokers = 2
        cluster.failover = "500ms"
        topic.work.replication-factor = 2
        topic.work.unclean-leader-election = true
        fault = [{ at = "2050ms", broker-outage = 1, for = "3010ms" }, { at = "5050ms", broker-outage = 0, for = "3s" }, { at = "2060ms", pause = "sink/0", for = "4s" }]
    "#
    without "topic.work.unclean-leader-election = false"
    books "created 100, applied 70, lost.lone-replica 30";

    /// The same, and the producer had not asked for more than the leader's word.
    unclean_election produces "lost.unclean-election";
    r#"
        cluster.brokers = 2
        cluster.failover = "500ms"
        topic.work.replication-factor = 2
        topic.work.unclean-leader-election = true
        producer.source.acks = "leader"
        fault = [{ at = "2050ms", broker-outage = 1, for = "3010ms" }, { at = "5050ms", broker-outage = 0, for = "3s" }, { at = "2060ms", pause = "sink/0", for = "4s" }]
    "#
    without "topic.work.unclean-leader-election = false"
    books "created 100, applied 70, lost.unclean-election 30";

    /// The 10 events of 4.1 s to 5.0 s are in no consumer's hands and on no disk.
    power_loss produces "lost.power-loss";
    r#"
        fault = [{ at = "5050ms", power-loss = 0, unflushed = "1s", for = "1s" }, { at = "4050ms", pause = "sink/0", for = "3s" }]
    "#
    without r#"
        cluster.brokers = 2
        topic.work.replication-factor = 2
    "#
    books "created 100, applied 90, lost.power-loss 10";

    /// The controller gives up on broker 0 at 5.55 s: what it took since 5.05 s is cut off, 5 events, and what it
    /// takes until 7.05 s, 15 events, is nowhere else.
    isolated_leader produces "lost.isolated-leader";
    r#"
        cluster.brokers = 2
        cluster.failover = "500ms"
        topic.work.replication-factor = 2
        producer.source.acks = "leader"
        fault = [{ at = "5050ms", broker-isolation = 0, for = "2s" }]
    "#
    without r#"producer.source.acks = "all""#
    books "created 100, applied 80, lost.isolated-leader 15, lost.not-replicated 5";

    /// The shard begins with five tokens and gets one every two events: each of the first nine finds one, and then
    /// every second event, of 0.9 s, 1.1 s and so on to 9.9 s, finds half of one.
    throughput_exceeded produces "lost.throughput-exceeded";
    r#"
        topic.work.broker = "kinesis"
        topic.work.write-records = "5/s"
        producer.source.retries = 0
    "#
    without r#"topic.work.write-records = "10/s""#
    books "created 100, applied 54, lost.throughput-exceeded 46, topic.work.throughput-exceeded 46";

    /// The 10 events of 2.1 s to 3.0 s meet the cut, and nobody expects an answer.
    unacknowledged_send produces "lost.unacknowledged-send";
    r#"
        producer.source.acks = "none"
        producer.source.idempotence = false
        fault = [{ at = "2050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without r#"producer.source.acks = "all""#
    books "created 100, applied 90, lost.unacknowledged-send 10";

    /// The event of 5.0 s is committed at once, and would be done at 5.09.
    committed_before_effect produces "lost.committed-before-effect";
    r#"
        group.sink.service-time = "90ms"
        group.sink.delivery = "at-most-once"
        group.sink.commit = "before-processing"
        fault = [{ at = "5050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"
        group.sink.delivery = "at-least-once"
        group.sink.commit = "after-batch"
    "#
    books "created 100, applied 99, lost.committed-before-effect 1, rebalances.join 1";

    /// At 5.05 s the workers have 4.8, 4.9 and 5.0 in hand. The poll of 5.0 s has committed what polls before
    /// it returned: the first two.
    committed_while_in_work produces "lost.committed-while-in-work";
    r#"
        group.sink.service-time = "350ms"
        group.sink.processing = "streaming"
        group.sink.concurrency = 10
        group.sink.commit = { every = "1s" }
        fault = [{ at = "5050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"group.sink.commit = "after-record""#
    books "created 100, applied 98, lost.committed-while-in-work 2, extra-deliveries.crash-before-commit 1,
        rebalances.join 1";

    /// The 20 events from 8 s on fail three times each.
    skipped_after_retries produces "lost.skipped-after-retries";
    r#"
        producer.source.schema = [["0s", 1], ["8s", 2]]
        group.sink.failures = { by-schema = { version = 2 } }
        group.sink.retry = { attempts = 3, then = "skip" }
    "#
    without r#"group.sink.retry = { attempts = 3, then = "dead-letter" }"#
    books "created 100, applied 80, lost.skipped-after-retries 20, failures 60";

    /// The broker of a compacted topic wants keys.
    invalid_record produces "lost.invalid-record";
    r#"
        topic.work.cleanup-policy = "compact"
        producer.source.keys = "none"
    "#
    without r#"topic.work.cleanup-policy = "delete""#
    books "created 100, lost.invalid-record 100";

    /// Of the dead consumer there are 31 effects, the last of 3.0 s, and a commit at 3.01. So its session ends
    /// at 9.01, when its next life gets the partition. By then the look of 9 s has removed what is older than
    /// 7 s: events 31 to 69, since every event is a segment.
    retention produces "lost.retention";
    r#"
        topic.work.retention = "2s"
        topic.work.segment-bytes = "100B"
        cluster.initial-task-delay = "1s"
        cluster.retention-check = "1s"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "3050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"topic.work.retention = "none""#
    books "created 100, applied 61, lost.retention 39, rebalances.join 1";

    /// The same, and the next life may not choose where to go on: it stops, and the rest goes the same way.
    retention_stops_who_may_not_choose produces "lost.retention";
    r#"
        topic.work.retention = "2s"
        topic.work.segment-bytes = "100B"
        cluster.initial-task-delay = "1s"
        cluster.retention-check = "1s"
        group.sink.auto-offset-reset = "none"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "3050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"topic.work.retention = "none""#
    books "created 100, applied 31, lost.retention 69, stopped 1, rebalances.join 1";

    /// The same with segments of ten events. The segment of events 60 to 69 begins at 6.0 s and ends at 6.9 s, before
    /// the 7 s that may be removed, and the next one holds events that are younger: it is the same 39.
    retention_by_whole_segments produces "lost.retention";
    r#"
        topic.work.retention = "2s"
        topic.work.segment-time = "900ms"
        cluster.initial-task-delay = "1s"
        cluster.retention-check = "1s"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "3050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"topic.work.segment-time = "7d""#
    books "created 100, applied 61, lost.retention 39, rebalances.join 1";

    /// Segments of 15 events: the one that begins with event 60 ends with 74, so it stays, and 60 to 69 with it.
    a_segment_keeps_its_old_records produces "lost.retention";
    r#"
        topic.work.retention = "2s"
        topic.work.segment-bytes = "1500B"
        cluster.initial-task-delay = "1s"
        cluster.retention-check = "1s"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "3050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"topic.work.segment-bytes = "1MiB""#
    books "created 100, applied 71, lost.retention 29, rebalances.join 1";

    /// The first look comes at 30 s: too late.
    the_first_look_takes_its_time produces "lost.retention";
    r#"
        topic.work.retention = "2s"
        topic.work.segment-bytes = "100B"
        cluster.initial-task-delay = "8s"
        cluster.retention-check = "10s"
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "3050ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"cluster.initial-task-delay = "30s""#
    books "created 100, applied 71, lost.retention 29, rebalances.join 1";

    /// The group waits 2.95 s for more members, and then begins after the 30 events of that time.
    offset_reset produces "lost.offset-reset";
    r#"
        group.sink.formed = false
        group.sink.initial-rebalance-delay = "2950ms"
        group.sink.auto-offset-reset = "latest"
    "#
    without r#"group.sink.auto-offset-reset = "earliest""#
    books "created 100, applied 70, lost.offset-reset 30";

    /// The same, but it begins with what was created at 1.96 s or later: the 10 events of 2.0 to 2.9 s.
    reset_by_duration produces "lost.offset-reset";
    r#"
        group.sink.formed = false
        group.sink.initial-rebalance-delay = "2950ms"
        group.sink.auto-offset-reset = { back = "990ms" }
    "#
    without r#"group.sink.auto-offset-reset = "earliest""#
    books "created 100, applied 80, lost.offset-reset 20";

    /// The key of the event of 5.0 s is there at 5.002 (a look-up and a write), its effect would be at 5.052.
    key_without_effect produces "lost.key-without-effect";
    r#"
        group.sink.service-time = "50ms"
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { latency = "1ms", write = "record-before-effect" }
        fault = [{ at = "5020ms", crash = "sink/0", restart-after = "1s" }]
    "#
    without r#"group.sink.dedupe = { latency = "1ms", write = "atomic" }"#
    books "created 100, applied 99, lost.key-without-effect 1, extra-deliveries.crash-before-commit 1,
        rebalances.join 1";

    /// A transaction takes 5 events, as the next begins 0.5 s after the first of the last one. The producer dies at
    /// 5.25 s, with the events of 5.0, 5.1 and 5.2 s in one that is open, and its next life aborts it 1 s later. The 10
    /// events of that second are never created.
    transaction_aborted produces "lost.transaction-aborted";
    r#"
        producer.source.transactional = { commit-interval = "450ms" }
        group.sink.isolation-level = "read-committed"
        fault = [{ at = "5250ms", producer-crash = "source/0", restart-after = "1s" }]
    "#
    without r#"group.sink.isolation-level = "read-uncommitted""#
    books "created 90, applied 87, lost.transaction-aborted 3, producer.source.transactions 18, producer.source.transactions-aborted 1";

    /// Nobody comes back: the coordinator's scan at 20 s is the first that finds the transaction older than 10 s.
    transaction_timed_out produces "lost.transaction-aborted";
    r#"
        producer.source.transactional = { commit-interval = "450ms", timeout = "10s" }
        group.sink.isolation-level = "read-committed"
        fault = [{ at = "5250ms", producer-crash = "source/0" }]
    "#
    without r#"group.sink.isolation-level = "read-uncommitted""#
    books "created 53, applied 50, lost.transaction-aborted 3, producer.source.transactions 10, producer.source.transactions-aborted 1";
}
