//! `keda`: as many consumers as the lag divided by a threshold, by way of Kubernetes' autoscaler.

use super::{ScaleView, Scaling};
use crate::engine::{Span, Time};
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use std::collections::VecDeque;

/// See its text.
pub static ENTRY: Entry<dyn Scaling> = Entry {
    name: "keda",
    summary: "As many consumers as the lag divided by a threshold, by way of Kubernetes' autoscaler.",
    doc: "What it does. KEDA reads the group's lag every `polling-interval`. Every 15 s Kubernetes' \
Horizontal Pod Autoscaler divides it by `lag-threshold` and rounds up. Within 10 % of the present number it \
changes nothing. Upwards it goes at once, but by no more than +100 % or +4 consumers, whichever is more, in \
15 s. Downwards it goes to the highest number it wanted in the last `scale-down-window`. Unless idle \
consumers are allowed, lag counts for no more consumers than there are partitions. The rules are those of \
KEDA 2.21 and of the autoscaler's default behaviour; scaling to zero is left out.\n\n\
When it helps. Load that changes over minutes, with processing that is slow compared with a rebalance: lag \
says directly whether there are enough consumers.\n\n\
When it hurts. Lag is what has piled up, not what comes in, so this overshoots: it adds consumers until the \
pile is gone, then removes them and the pile comes back. Every change rebalances the group, which adds to \
the lag. The default threshold of 10 records asks for every consumer there is at the slightest delay.\n\n\
Seen in. KEDA's Apache Kafka scaler on Kubernetes.",
    params: &[
        Param {
            name: "lag-threshold",
            kind: Kind::Count { min: 1, max: 1_000_000_000 },
            default: Default::Is("10"),
            doc: "Records of lag that one consumer is there for; KEDA's lagThreshold.",
        },
        Param {
            name: "min",
            kind: Kind::Count { min: 1, max: 100_000 },
            default: Default::Is("1"),
            doc: "Fewest consumers; the autoscaler's minReplicas (KEDA itself goes down to 0).",
        },
        Param {
            name: "max",
            kind: Kind::Count { min: 1, max: 100_000 },
            default: Default::Is("100"),
            doc: "Most consumers; KEDA's maxReplicaCount.",
        },
        Param {
            name: "polling-interval",
            kind: Kind::Span,
            default: Default::Is("30s"),
            doc: "How often the lag is read, in effect at the next evaluation (every 15 s); KEDA's pollingInterval.",
        },
        Param {
            name: "scale-down-window",
            kind: Kind::Span,
            default: Default::Is("300s"),
            doc: "The highest number wanted in this time holds; the autoscaler's \
scaleDown.stabilizationWindowSeconds.",
        },
        Param {
            name: "allow-idle-consumers",
            kind: Kind::Flag,
            default: Default::Is("false"),
            doc: "Whether there may be more consumers than partitions; KEDA's allowIdleConsumers.",
        },
    ],
    build: |args| Box::new(Keda::new(args)),
};

/// The autoscaler's `--horizontal-pod-autoscaler-sync-period`.
const SYNC: Span = Span::from_secs(15);

struct Keda {
    threshold: u64,
    min: u32,
    max: u32,
    polling: Span,
    window: Span,
    allow_idle: bool,
    /// The lag that was last read, and when the next reading is due.
    lag: u64,
    next_poll: Time,
    /// What was wanted when, before limits; oldest first.
    wanted: VecDeque<(Time, u32)>,
}

impl Keda {
    fn new(args: &Args) -> Self {
        let count = |name| u32::try_from(args.count(name)).expect("limited to 100000");
        Keda {
            threshold: args.count("lag-threshold"),
            min: count("min"),
            max: count("max").max(count("min")),
            polling: args.span("polling-interval").max(Span(1)),
            window: args.span("scale-down-window"),
            allow_idle: args.flag("allow-idle-consumers"),
            lag: 0,
            next_poll: Time::ZERO,
            wanted: VecDeque::new(),
        }
    }
    /// KEDA's `getTotalLag`.
    fn poll(&mut self, view: &ScaleView<'_>) {
        let total = view.lag.iter().fold(0u64, |sum, lag| sum.saturating_add(*lag));
        let partitions = view.lag.len() as u64;
        let too_many = !self.allow_idle && total / self.threshold > partitions;
        self.lag = if too_many { partitions * self.threshold } else { total };
    }
    /// The autoscaler's `GetExternalPerPodMetricReplicas`: no change within a tolerance of 10 %.
    fn wanted(&self, consumers: u32) -> u32 {
        let (lag, target) = (u128::from(self.lag), u128::from(self.threshold) * u128::from(consumers));
        if lag.abs_diff(target) * 10 <= target {
            return consumers;
        }
        u32::try_from(self.lag.div_ceil(self.threshold)).unwrap_or(u32::MAX)
    }
    /// The highest number wanted in the window before `now`, for going down.
    fn stabilized(&mut self, now: Time) -> u32 {
        while self.wanted.len() > 1 && self.wanted[0].0 + self.window <= now {
            self.wanted.pop_front();
        }
        self.wanted.iter().map(|(_, n)| *n).max().unwrap_or(self.min)
    }
}

impl Scaling for Keda {
    fn every(&self) -> Span {
        SYNC
    }
    fn desired(&mut self, view: &ScaleView<'_>) -> u32 {
        if view.now >= self.next_poll {
            self.poll(view);
            let due = view.now.since(self.next_poll).0 / self.polling.0 + 1;
            self.next_poll += Span(self.polling.0.saturating_mul(due));
        }
        let now = view.consumers;
        if now < self.min || now > self.max {
            return now.clamp(self.min, self.max);
        }
        if self.wanted.is_empty() {
            // The autoscaler takes the number it finds for its first recommendation.
            self.wanted.push_back((view.now, now));
        }
        let wanted = self.wanted(now);
        self.wanted.push_back((view.now, wanted));
        let stabilized = self.stabilized(view.now);
        if wanted > now {
            // Policies of the default behaviour, whichever allows more: +100 % and +4 in 15 s, one evaluation.
            wanted.min(now.saturating_mul(2).max(now.saturating_add(4))).min(self.max)
        } else {
            stabilized.min(now).max(self.min)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::backpressure::scaling::MEMBERS;
    use crate::model::catalog::Value;
    use crate::model::specimen::{self, make};

    /// The autoscaler and the group it scales, for which every change takes effect at once.
    struct Bench {
        rule: Box<dyn Scaling>,
        now: Time,
        consumers: u32,
    }

    impl Bench {
        fn new(consumers: u32, given: &[(&'static str, Value)]) -> Bench {
            Bench { rule: make(&ENTRY, given), now: Time::ZERO, consumers }
        }
        /// The numbers after each of `n` evaluations with this lag.
        fn run(&mut self, n: usize, lag: &[u64]) -> Vec<u32> {
            let step = |_| {
                self.consumers =
                    self.rule.desired(&ScaleView { now: self.now, lag, consumers: self.consumers });
                self.now += self.rule.every();
                self.consumers
            };
            (0..n).map(step).collect()
        }
    }

    #[test]
    fn the_family_is_well_described() {
        specimen::inspect(MEMBERS);
    }

    #[test]
    fn going_up_doubles_or_adds_four() {
        let mut bench = Bench::new(1, &[]);
        assert_eq!(bench.run(8, &[1000; 200]), [5, 10, 20, 40, 80, 100, 100, 100]);
    }

    #[test]
    fn lag_counts_for_no_more_than_the_partitions() {
        let lag = [1_000_000; 6];
        assert_eq!(Bench::new(1, &[]).run(3, &lag), [5, 6, 6]);
        let idle = [("allow-idle-consumers", Value::Flag(true)), ("max", Value::Count(15))];
        assert_eq!(Bench::new(1, &idle).run(4, &lag), [5, 10, 15, 15]);
    }

    #[test]
    fn near_the_target_nothing_changes() {
        let at_once = [("scale-down-window", Value::Span(Span::ZERO))];
        for (lag, expected) in [(89, 9), (90, 10), (100, 10), (110, 10), (111, 12)] {
            let mut partitions = [0; 12];
            partitions[7] = lag;
            assert_eq!(Bench::new(10, &at_once).run(1, &partitions), [expected], "lag {lag}");
        }
        // With a window, the number found at first holds.
        assert_eq!(Bench::new(10, &[]).run(1, &[7; 12]), [10]);
    }

    #[test]
    fn the_lag_is_as_old_as_the_last_poll() {
        let mut bench = Bench::new(1, &[("allow-idle-consumers", Value::Flag(true))]);
        assert_eq!(bench.run(1, &[10]), [1]);
        // The next poll is due 30 s after the first: one evaluation still sees the old lag.
        assert_eq!(bench.run(2, &[50]), [1, 5]);
    }

    #[test]
    fn polls_keep_their_grid() {
        let interval = [("polling-interval", Value::Span(Span::from_secs(20)))];
        let mut bench = Bench::new(1, &interval);
        let lag = |n: u64| [n, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        // Due at 0, 20, 40, 60 s and so seen at 0, 30, 45, 60 s.
        assert_eq!(bench.run(1, &lag(10)), [1]);
        assert_eq!(bench.run(1, &lag(20)), [1]);
        assert_eq!(bench.run(1, &lag(30)), [3]);
        assert_eq!(bench.run(1, &lag(40)), [4]);
        assert_eq!(bench.run(1, &lag(50)), [5]);
    }

    #[test]
    fn going_down_waits_for_the_window() {
        let mut bench = Bench::new(8, &[]);
        let lag = |n: u64| [n, 0, 0, 0, 0, 0, 0, 0];
        // 8 is wanted at 0 s and 15 s; that is forgotten 300 s later, and 5 (wanted until 135 s) holds then.
        assert_eq!(bench.run(2, &lag(80)), [8; 2]);
        let mut course = bench.run(8, &lag(50));
        course.extend(bench.run(20, &lag(0)));
        let expected: Vec<u32> = [vec![8; 19], vec![5; 8], vec![1; 1]].concat();
        assert_eq!(course, expected);
    }

    #[test]
    fn numbers_outside_the_limits_are_put_right_at_once() {
        let limits = [("min", Value::Count(3)), ("max", Value::Count(6))];
        for (consumers, expected) in [(0, 3), (2, 3), (50, 6)] {
            assert_eq!(Bench::new(consumers, &limits).run(1, &[0; 100]), [expected]);
        }
        let mut bench = Bench::new(6, &limits);
        assert_eq!(bench.run(30, &[0; 100])[29], 3);
    }

    #[test]
    fn lag_piles_up_and_the_rule_overshoots() {
        // 100 records a second come in and a consumer does 10: ten are enough, and lag keeps adding more.
        let mut bench = Bench::new(1, &[("lag-threshold", Value::Count(100))]);
        let mut lag = 0_u64;
        let mut course = Vec::new();
        for _ in 0..60 {
            let mut partitions = [0; 100];
            partitions[0] = lag;
            course.extend(bench.run(1, &partitions));
            lag = (lag + 100 * 15).saturating_sub(u64::from(bench.consumers) * 10 * 15);
        }
        let peak = *course.iter().max().unwrap();
        let first = course.iter().position(|n| *n == peak).unwrap();
        let stays = course[first..].iter().take_while(|n| **n == peak).count();
        assert!(peak >= 20, "{course:?}");
        assert!(stays as u64 * 15 >= 300, "{course:?}");
        assert!(course[first + stays..].iter().any(|n| *n < 10), "and then it has too few: {course:?}");
    }
}
