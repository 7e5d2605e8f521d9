//! Everything that begins a rebalance.

use super::cases;

cases! {
    /// The second consumer starts when the first has formed the group, at 3 s.
    join produces "rebalances.join";
    r#"
        group.sink.formed = false
        group.sink.consumers = 2
        group.sink.start-spacing = "5s"
    "#
    without r#"group.sink.start-spacing = "1s""#
    books "created 100, applied 100, rebalances.join 1";

    /// The one without a partition leaves, so nothing is held up.
    leave produces "rebalances.leave";
    r#"
        group.sink.consumers = 2
        fault = [{ at = "5050ms", leave = "sink/1" }]
    "#
    without "fault = []"
    books "created 100, applied 100, rebalances.leave 1";

    /// Frozen after its commit of 2.01 s it is put out at 8.01 s, and wakes when the run is over.
    session_timeout produces "rebalances.session-timeout";
    r#"
        group.sink.consumers = 2
        group.sink.session-timeout = "6s"
        group.sink.heartbeat-interval = "2s"
        fault = [{ at = "2050ms", pause = "sink/0", for = "1m" }]
    "#
    without r#"group.sink.session-timeout = "2m""#
    books "created 100, applied 100, rebalances.session-timeout 1";

    /// The event of 5.1 s takes from then to 6.6 s, but without a poll the consumer leaves at 6.1 s. It is back at
    /// 6.6 s. The other one would hear from its heartbeat at 9 s, but nobody waits longer for it than a poll may
    /// take; so it is put out, too, and joins anew.
    poll_timeout produces "rebalances.poll-timeout";
    r#"
        group.sink.consumers = 2
        group.sink.max-poll-interval = "1s"
        fault = [{ at = "5050ms", slow = "sink/0", factor = 150, for = "2s" }]
    "#
    without r#"group.sink.max-poll-interval = "2s""#
    books "created 100, applied 100, duplicates.expelled 1, extra-deliveries.expelled 1,
        rebalances.poll-timeout 1, rebalances.join 1";

    /// The first consumer gives one of two partitions up in the first round, so that the second can have it in
    /// the second.
    follow_up produces "rebalances.follow-up";
    r#"
        topic.work.partitions = 2
        group.sink.assignor = "cooperative-sticky"
        group.sink.formed = false
        group.sink.consumers = 2
        group.sink.start-spacing = "5s"
    "#
    without r#"group.sink.assignor = "range""#
    books "created 100, applied 100, rebalances.join 1, rebalances.follow-up 1";

    /// The second consumer leaves and comes back. The first hears of it at 6.2 s, in the answer to its heartbeat of
    /// 6 s, commits, and has joined at 6.5 s. The second freezes at 6.55 s, before it hears that it should sync.
    /// The group works without it (a rebalance that began when it left) and puts it out at 16.5 s. It wakes at
    /// 26.55 s and joins anew.
    sync_timeout produces "rebalances.sync-timeout";
    r#"
        duration = "40s"
        group.sink.consumers = 2
        group.sink.commit = { every = "1s" }
        group.sink.max-poll-interval = "10s"
        group.sink.network = { delay = "100ms" }
        fault = [{ at = "5050ms", leave = "sink/1", restart-after = "1s" }, { at = "6550ms", pause = "sink/1", for = "20s" }]
    "#
    without r#"group.sink.max-poll-interval = "30s""#
    books "created 400, applied 400, rebalances.leave 1, rebalances.sync-timeout 1, rebalances.join 1";

    /// Clients hear at 5 s of what was added at 3.05 s, and the only member, which leads, joins again.
    partitions_added produces "rebalances.partitions-added", "fault.add-partitions";
    r#"
        cluster.metadata-max-age = "5s"
        fault = [{ at = "3050ms", add-partitions = "work", to = 2 }]
    "#
    without "fault = []"
    books "created 100, applied 100, rebalances.partitions-added 1";

    /// The leader joins again at 5 s, the other member hears of it from its heartbeat of 6 s. By then events 52, 54,
    /// 56, 58 and 60 are in the new partition, and whoever gets it begins behind them.
    what_comes_before_the_group_notices produces "lost.offset-reset";
    r#"
        cluster.metadata-max-age = "5s"
        producer.source.partitioner = "round-robin"
        group.sink.consumers = 2
        group.sink.auto-offset-reset = "latest"
        fault = [{ at = "3050ms", add-partitions = "work", to = 2 }]
    "#
    without r#"group.sink.auto-offset-reset = "earliest""#
    books "created 100, applied 95, lost.offset-reset 5, rebalances.partitions-added 1";

    /// The same, but it is the first, the leader, that freezes. The second waits for its assignment until it is
    /// sent back to join at 16.5 s, and then has the group to itself: one rebalance, begun by who left, and
    /// another when the leader wakes.
    the_leader_does_not_sync produces "rebalances.leave";
    r#"
        duration = "40s"
        group.sink.consumers = 2
        group.sink.commit = { every = "1s" }
        group.sink.max-poll-interval = "10s"
        group.sink.network = { delay = "100ms" }
        fault = [{ at = "5050ms", leave = "sink/1", restart-after = "1s" }, { at = "6550ms", pause = "sink/0", for = "20s" }]
    "#
    without "fault = []"
    books "created 400, applied 400, rebalances.leave 1, rebalances.join 1";

    /// The first consumer is told at 4 s to sync. Before its sync arrives at 6 s the second has joined, and the
    /// first is sent back. So it is there when the second leaves at 20.05 s, and has everything to itself. The
    /// rebalance of both comings was the group's first, which does not count.
    a_member_joins_before_the_sync produces "rebalances.leave";
    r#"
        duration = "40s"
        group.sink.formed = false
        group.sink.consumers = 2
        group.sink.start-spacing = "3500ms"
        group.sink.network = { delay = "1s" }
        fault = [{ at = "20050ms", leave = "sink/1" }]
    "#
    without "fault = []"
    books "created 400, applied 400, rebalances.leave 1";
}
