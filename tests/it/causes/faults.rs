//! Every fault, with what it does to a system that nothing else troubles.
//!
//! Unless said otherwise a fault lasts from 5.05 s to 6.05 s, and 10 events come meanwhile: 5.1 to 6.0.

use super::cases;

cases! {
    /// The session of the dead life runs from its last commit, at 5.01 s, to 50.01 s. Then the next life gets
    /// the first record, that of 5.1 s, and is done with it 10 ms later.
    crash produces "fault.crash";
    r#"fault = [{ at = "5050ms", crash = "sink/0", restart-after = "1s" }]"#
    without "fault = []"
    books "created 100, applied 100, rebalances.join 1, takeover 44.96, latency.max 44.92";

    /// Who comes back finds an empty group, and waits 3 s for others: from 6.05 s to 9.05 s.
    leave produces "fault.leave";
    r#"fault = [{ at = "5050ms", leave = "sink/0", restart-after = "1s" }]"#
    without "fault = []"
    books "created 100, applied 100, rebalances.join 1, stalled 4, latency.max 3.96";

    /// The event of 5.1 s is done at 6.06 s.
    pause produces "fault.pause";
    r#"fault = [{ at = "5050ms", pause = "sink/0", for = "1s" }]"#
    without "fault = []"
    books "created 100, applied 100, stalled 1, latency.max 0.96";

    /// The events of 5.1 to 6.0 s are taken at 6.05 s, in one poll, and take 10 ms each: that of 5.1 s is done
    /// at 6.06 s, and the group stays as it is.
    hold produces "fault.hold";
    r#"fault = [{ at = "5050ms", hold = "sink/0", for = "1s" }]"#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.96";

    /// Four times 10 ms.
    slow produces "fault.slow";
    r#"fault = [{ at = "5050ms", slow = "sink/0", factor = 4, for = "1s" }]"#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.04";

    /// Number 0, which has the only partition, leaves at 3.05 s and is back at 4.05 s, before the other has
    /// heard of a rebalance from its heartbeat at 6 s: one rebalance does for both, and event 3.1 is done at
    /// 6.01 s. Number 1 leaves at 13.05 s, and all goes the same way, with the partition in good hands.
    rolling_restart produces "fault.rolling-restart";
    r#"
        duration = "30s"
        group.sink.consumers = 2
        fault = [{ at = "3050ms", rolling-restart = "sink", each = "1s", gap = "10s" }]
    "#
    without "fault = []"
    books "created 300, applied 300, rebalances.leave 2, stalled 2.95, latency.max 2.91";

    /// What is due meanwhile is never created.
    producer_crash produces "fault.producer-crash";
    r#"fault = [{ at = "5050ms", producer-crash = "source/0", restart-after = "1s" }]"#
    without "fault = []"
    books "created 90, applied 90";

    /// The other broker leads from 5.55 s on. The producer asks for the leader at 5.15 s, 5.35 s and 5.75 s.
    broker_outage produces "fault.broker-outage";
    r#"
        cluster.brokers = 2
        cluster.failover = "500ms"
        cluster.inter-broker-delay = "0s"
        topic.work.replication-factor = 2
        fault = [{ at = "5050ms", broker-outage = 0, for = "2s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.66";

    /// The same for a rack of one broker.
    rack_outage produces "fault.rack-outage";
    r#"
        cluster.brokers = 2
        cluster.racks = 2
        cluster.failover = "500ms"
        cluster.inter-broker-delay = "0s"
        topic.work.replication-factor = 2
        fault = [{ at = "5050ms", rack-outage = 0, for = "2s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.66";

    /// And for a power loss, which takes nothing that the other broker has.
    power_loss produces "fault.power-loss";
    r#"
        cluster.brokers = 2
        cluster.failover = "500ms"
        cluster.inter-broker-delay = "0s"
        topic.work.replication-factor = 2
        fault = [{ at = "5050ms", power-loss = 0, for = "2s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.66";

    /// The other broker leads at once; the producer hears of it 100 ms later.
    broker_restart produces "fault.broker-restart";
    r#"
        cluster.brokers = 2
        cluster.inter-broker-delay = "0s"
        topic.work.replication-factor = 2
        fault = [{ at = "5050ms", broker-restart = 0, for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.06";

    /// Nobody sees the event of 5.1 s before the follower has it.
    broker_isolation produces "fault.broker-isolation";
    r#"
        cluster.brokers = 2
        cluster.inter-broker-delay = "0s"
        topic.work.replication-factor = 2
        fault = [{ at = "5050ms", broker-isolation = 0, out-of-reach = "brokers", for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.96";

    /// 20 ms for the request and 10 ms for the work: the fetch is there before.
    broker_slow produces "fault.broker-slow";
    r#"
        cluster.request-cost = "1ms"
        fault = [{ at = "5050ms", broker-slow = 0, factor = 20, for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.03";

    /// 40 ms on the way and 10 ms of work.
    network_delay produces "fault.network-delay";
    r#"fault = [{ at = "5050ms", network-delay = "source/0", extra = "40ms", way = "out", for = "1s" }]"#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.05";

    /// Five requests are lost, as many as may be on their way at once. The first is sent again 1.15 s later, and
    /// done after 10 ms.
    network_loss produces "fault.network-loss";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        fault = [{ at = "5050ms", network-loss = "source/0", share = "100%", way = "out", for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, producer.source.retries 5, latency.max 1.16";

    /// As before.
    network_cut produces "fault.network-cut";
    r#"
        producer.source.idempotence = false
        producer.source.request-timeout = "1s"
        producer.source.retry-backoff = { fixed = "150ms" }
        fault = [{ at = "5050ms", network-cut = "source/0", way = "out", for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, producer.source.retries 5, latency.max 1.16";

    /// 10 ms of work and a call of three times 10 ms.
    downstream_slow produces "fault.downstream-slow";
    r#"
        downstream.bank = { latency = "10ms" }
        group.sink.downstream = { name = "bank" }
        fault = [{ at = "5050ms", downstream-slow = "bank", factor = 3, for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.04";

    /// Two calls for each of the 10 events fail.
    downstream_outage produces "fault.downstream-outage";
    r#"
        downstream.bank = { latency = "10ms" }
        group.sink.downstream = { name = "bank" }
        group.sink.retry = { attempts = 2, then = "dead-letter" }
        fault = [{ at = "5050ms", downstream-outage = "bank", for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 90, dead-lettered 10, failures 20, downstream.bank.errors 20";

    /// The event of 5.1 s waits for the store until 6.05 s, and takes 1 ms for the look-up, 10 ms of work and
    /// 1 ms for the effect with its key.
    store_outage produces "fault.store-outage";
    r#"
        group.sink.delivery = "effectively-once"
        group.sink.dedupe = { latency = "1ms" }
        fault = [{ at = "5050ms", store-outage = "sink", for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 100, latency.max 0.962";

    /// The events of 4.1 to 5.0 s are done again at 5.05 s, one after the other: that of 5.1 s waits for two
    /// of them, until 5.15 s, and is done at 5.16 s.
    replay produces "fault.replay", "duplicates.replay";
    r#"fault = [{ at = "5050ms", replay = "sink", back = "990ms" }]"#
    without "fault = []"
    books "created 100, applied 100, duplicates.replay 10, extra-deliveries.replay 10, latency.max 0.06";

    /// Two tries of each of the 10 events fail.
    poison produces "fault.poison";
    r#"
        group.sink.retry = { attempts = 2, then = "dead-letter" }
        fault = [{ at = "5050ms", poison = "sink", for = "1s" }]
    "#
    without "fault = []"
    books "created 100, applied 90, dead-lettered 10, failures 20";

    /// Until 5.0 s as with every shard of five a second: those of 0.9 s, 1.1 s and so on to 4.9 s are refused. The child
    /// that has the key begins with five tokens of its own, so that those of 6.0 s, 6.2 s and so on to 9.8 s are.
    split_shard produces "fault.split-shard";
    r#"
        topic.work.broker = "kinesis"
        topic.work.write-records = "5/s"
        producer.source.retries = 0
        producer.source.keys = { uniform = { count = 1 } }
        fault = [{ at = "5050ms", split-shard = "work", shard = 0 }]
    "#
    without "fault = []"
    books "created 100, applied 59, lost.throughput-exceeded 41";

    /// The same with two shards, of which the key uses one, and the child of both.
    merge_shards produces "fault.merge-shards";
    r#"
        topic.work.broker = "kinesis"
        topic.work.partitions = 2
        topic.work.write-records = "5/s"
        producer.source.retries = 0
        producer.source.keys = { uniform = { count = 1 } }
        fault = [{ at = "5050ms", merge-shards = "work", shard = 0, with = 1 }]
    "#
    without "fault = []"
    books "created 100, applied 59, lost.throughput-exceeded 41";
}
