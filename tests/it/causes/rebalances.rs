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

    /// The second consumer leaves and comes back, and the first hears of it from its heartbeat of 6 s. At 6.3 s
    /// both have joined; at 6.35 s the second freezes and does not hear that it should sync. The first leads the
    /// group, which works (and was begun by who left), until at 16.3 s the other is put out. That one wakes at
    /// 26.35 s and joins anew.
    sync_timeout produces "rebalances.sync-timeout";
    r#"
        duration = "40s"
        group.sink.consumers = 2
        group.sink.max-poll-interval = "10s"
        group.sink.network = { delay = "100ms" }
        fault = [{ at = "5050ms", leave = "sink/1", restart-after = "1s" }, { at = "6350ms", pause = "sink/1", for = "20s" }]
    "#
    without r#"group.sink.max-poll-interval = "30s""#
    books "created 400, applied 400, rebalances.leave 1, rebalances.sync-timeout 1, rebalances.join 1";

    /// The same, but it is the leader that freezes. The other one waits for its assignment until, at 16.3 s, it
    /// is sent back to join: one rebalance, begun by who left, and another when the leader wakes.
    the_leader_does_not_sync produces "rebalances.leave";
    r#"
        duration = "40s"
        group.sink.consumers = 2
        group.sink.max-poll-interval = "10s"
        group.sink.network = { delay = "100ms" }
        fault = [{ at = "5050ms", leave = "sink/1", restart-after = "1s" }, { at = "6350ms", pause = "sink/0", for = "20s" }]
    "#
    without "fault = []"
    books "created 400, applied 400, rebalances.leave 1, rebalances.join 1";

    /// The first consumer is told at 4 s to sync. Before its sync arrives at 6 s the second has joined, and the
    /// first is sent back: none has been lost when the second leaves again, and that is the only rebalance after
    /// the first.
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

    /// The second consumer leaves at 9.95 s, and the run ends before the first has heard of it: a rebalance that
    /// never ended is none.
    one_that_never_ends produces "applied";
    r#"
        end = "stop"
        group.sink.consumers = 2
        fault = [{ at = "9950ms", leave = "sink/1" }]
    "#
    without r#"
        end = "stop"
        fault = [{ at = "0s", crash = "sink/0" }]
    "#
    books "created 100, applied 100";
}
