//! `pause-resume`: a consumer with too much in its queue stops fetching until the queue is short again.

use super::{Flow, FlowView};
use crate::model::catalog::{Default, Entry, Kind, Param};

/// See its text.
pub static ENTRY: Entry<dyn Flow> = Entry {
    name: "pause-resume",
    summary: "A consumer with too much in its queue stops fetching until the queue is short again.",
    doc: "What it does. When `high` records are polled and not yet done, the consumer pauses its partitions: \
it keeps its place in the group and goes on polling, but gets no records. When no more than `low` are left \
it resumes. What was already fetched or is on its way still arrives.\n\n\
When it helps. A consumer that hands records to workers keeps its memory bounded and still polls in time, so \
it is not put out of the group while its workers are slow.\n\n\
When it hurts. With `low` too small the workers run dry while the next fetch is on its way; with `high` too \
close to it the consumer switches to and fro. The lag does not go away, it waits at the broker.\n\n\
Seen in. KafkaConsumer.pause() and resume(), Spring Kafka's container pausing, Alpakka and Reactor Kafka, \
Confluent's parallel consumer.",
    params: &[
        Param {
            name: "high",
            kind: Kind::Count { min: 1, max: 1_000_000_000_000 },
            default: Default::Required,
            doc: "Records polled but not yet done at which it pauses.",
        },
        Param {
            name: "low",
            kind: Kind::Count { min: 0, max: 1_000_000_000_000 },
            default: Default::Absent,
            doc: "Records left at which it resumes, less than `high`; without it, half of `high`.",
        },
    ],
    build: |args| {
        let high = args.count("high");
        Box::new(PauseResume { high, low: args.try_count("low").unwrap_or(high / 2).min(high - 1) })
    },
};

struct PauseResume {
    high: u64,
    low: u64,
}

impl Flow for PauseResume {
    fn pause(&mut self, view: &FlowView) -> bool {
        if view.paused { view.queued > self.low } else { view.queued >= self.high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::backpressure::flow::MEMBERS;
    use crate::model::catalog::Value;
    use crate::model::specimen::{self, make};

    #[test]
    fn the_family_is_well_described() {
        specimen::inspect(MEMBERS);
    }

    #[test]
    fn it_pauses_at_the_upper_and_resumes_at_the_lower_mark() {
        let mut flow = make(&ENTRY, &[("high", Value::Count(10)), ("low", Value::Count(4))]);
        let mut paused = false;
        let course = [(9, false), (10, true), (9, true), (5, true), (4, false), (9, false), (12, true)];
        for (queued, expected) in course {
            paused = flow.pause(&FlowView { queued, paused });
            assert_eq!(paused, expected, "with {queued} queued");
        }
    }

    #[test]
    fn it_never_flutters_at_one_level() {
        // `low` at or above `high` counts as one less than `high`, and alone `high` gives half of it.
        for (given, low) in [(Some(50), 9), (None, 5)] {
            let mut values = vec![("high", Value::Count(10))];
            values.extend(given.map(|n| ("low", Value::Count(n))));
            let mut flow = make(&ENTRY, &values);
            assert!(flow.pause(&FlowView { queued: low + 1, paused: true }));
            assert!(!flow.pause(&FlowView { queued: low, paused: true }));
            assert!(!flow.pause(&FlowView { queued: low, paused: false }));
        }
    }
}
