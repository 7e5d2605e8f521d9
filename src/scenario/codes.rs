//! Every complaint by its code: what `laglab explain E012` says. Codes are never given a second meaning.

/// A kind of complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `E` for what prevents a run, `W` for what a reader should know, and a number.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What it means and what to do about it.
    pub text: &'static str,
}

macro_rules! codes {
    ($($name:ident $code:literal $title:literal $text:literal)*) => {
        $(pub(super) const $name: &str = $code;)*
        static CODES: &[Code] = &[$(Code { code: $code, title: $title, text: $text }),*];
    };
}

/// Every code, errors first.
pub fn codes() -> &'static [Code] {
    CODES
}

codes! {
    SYNTAX "E001" "This is not TOML"
        "The text breaks a rule of TOML itself: a quote or bracket that is not closed, a key without a value, \
a value without quotes. Values with a unit are texts and need quotes: `linger = \"5ms\"`. As long as this stands, \
complaints about other places may be incomplete."
    DUPLICATE "E002" "A key is written twice"
        "TOML permits each key once per table, and each table once. Join the two, or rename one. Kafka's name and \
ours for one setting count as the same key."
    UNKNOWN_KEY "E003" "There is no such key"
        "Every key is checked, so that a misspelt setting cannot be silently without effect. Names follow Kafka's \
in kebab case (`max.poll.records` is `max-poll-records`, `linger.ms` is `linger`), and Kafka's own are understood too, \
in quotes and with Kafka's units: `\"linger.ms\" = 5`. `laglab list` shows ours, `laglab list kafka` Kafka's."
    MISSING_KEY "E004" "A key must be written"
        "This setting has no default, because no value would be right for most scenarios."
    WRONG_TYPE "E005" "A value of another kind is needed"
        "For example a text where a whole number belongs, or a list where one value belongs."
    NO_UNIT "E006" "A unit is missing"
        "Times, sizes and rates are written with their unit, because `5` could be milliseconds or seconds. They are \
texts: `\"250ms\"`, `\"16KiB\"`, `\"2000/s\"`, `\"30MB/s\"`."
    BAD_UNIT "E007" "The unit does not fit"
        "Times: ns, us, ms, s, m (or min), h, d; also together, `1m30s`. Sizes: B, KB, KiB, MB, MiB, GB, GiB, TB, \
TiB (KB is 1000 bytes, KiB 1024). Rates: /s, /m, /h, /d. Shares: % or a plain number from 0 to 1."
    BAD_VALUE "E008" "The value cannot be understood"
        "It begins like a value of the right kind, but does not go on as one."
    OUT_OF_RANGE "E009" "The value is out of range"
        "The message says which range is meant. Nothing here can be negative."
    UNKNOWN_WORD "E010" "There is no such choice"
        "Only the words named in the message are understood."
    UNKNOWN_MEMBER "E011" "There is no such member of the family"
        "Families are the replaceable rules: arrival processes, partitioners, assignors, backoffs, faults. \
`laglab list` shows the members of each, `laglab explain NAME` what one does."
    ONE_CHOICE "E012" "Exactly one choice belongs here"
        "A member of a family is written as its name (`\"round-robin\"`), or as a table with its name as the one \
key (`{ zipf = { count = 1000 } }`); and a `[[fault]]` names one kind of fault with its target \
(`crash = \"billing/2\"`)."
    UNKNOWN_NAME "E013" "Nothing has this name"
        "Topics, producers, groups and dependencies are known by the names of their tables: `[topic.orders]` is \
called `orders`."
    NO_SUCH_INDEX "E014" "There are not so many"
        "Consumers, producer instances and brokers are numbered from 0, so the last of 4 is number 3."
    BAD_NAME "E015" "This name cannot be used"
        "Names appear in metrics, file names and charts, where `billing/2` means consumer 2 of `billing`. They \
may hold letters, digits, `-`, `_` and `.`."
    BAD_DISTRIBUTION "E016" "There is no such distribution"
        "Means, coefficients of variation and shapes must be above 0, a Pareto shape above 1 (otherwise it has no \
mean), and the lower end of a range not above its upper end."
    BAD_LIST "E017" "The list cannot be used"
        "Weights are not negative and not all 0; moments ascend; lists are not empty unless the message says so."
    NO_FILE "E018" "The file cannot be read"
        "Recordings and measured values are read from CSV files; their paths are relative to the scenario."
    BAD_FILE "E019" "The file's content cannot be used"
        "A recording has one line per event: its moment, and optionally key and size, under a header with the \
columns `at`, `key` and `size`. A bare number is taken as seconds; units are understood. A file of measured values \
has one value per line, each with its unit."
    NOTHING_TO_DO "E020" "Nothing would happen"
        "An experiment needs a duration above zero, at least one topic, one producer and one group."
    NO_EVENTS "E021" "The rate is zero"
        "This producer would never create an event. Leave its table out, or give it a rate above zero."
    COMMIT_CONTRADICTION "E022" "Delivery and commit contradict each other"
        "At-most-once means that the offset is committed before the effect; at-least-once and effectively-once, \
that it is committed after it. `delivery` alone sets `commit` accordingly."
    NO_USE_OF_STORE "E023" "Nobody asks the idempotency store"
        "Only groups with `delivery = \"effectively-once\"` look events up before their effect."
    DELIVERY_TIMEOUT "E024" "The delivery timeout is too short"
        "Kafka refuses a producer whose `delivery.timeout.ms` is below `linger.ms + request.timeout.ms`: it would \
give up before the first answer can be late."
    IDEMPOTENCE "E025" "Idempotence needs other settings"
        "Kafka's idempotent producer needs `acks=all`, `retries` above 0 and at most 5 requests in flight, because \
a broker remembers the last 5 batches of each producer. Kafka refuses the combination if idempotence was asked for, \
and since 4.0 more than 5 requests in flight also where it is only the default."
    WARM_UP "E026" "Nothing is left after the warm-up"
        "Events created during the warm-up are left out of every statistic, so it must be shorter than the run."
    FAULT_TIMING "E027" "It is not clear when the fault strikes"
        "A fault strikes at given moments (`at = \"3m\"` or a list), again and again (`every = \"1m\"`, with `times` \
or `until`), or at random (`mtbf` and `mttr`: mean time between failures, and to repair)."
    FIXED_BY_DESIGN "E028" "This cannot differ between variants"
        "Variants and sweep points are compared run by run on the same random numbers, which needs the same seed, \
length, warm-up, precision and number of replications. Set them for all with `--set`, or in another file."
    NO_SUCH_PATH "E029" "The path leads nowhere"
        "Variants, sweeps and `--set` name a setting by its dotted path, such as `group.billing.consumers` or \
`fault.0.at`. A name with a dot in it is quoted: `topic.\"orders.v1\".partitions`."
    EMPTY_VARIANT "E030" "The variant changes nothing"
        "It would repeat the scenario as written under another name."
    SWEEP "E031" "The sweep cannot be made"
        "A sweep names one or two dotted paths, each with the list of its values: \
`\"group.billing.consumers\" = [2, 4, 8]`."
    EXPECTATION "E032" "The expectation cannot be read"
        "An expectation compares two sums: `group.billing.lag.p99 < 30s`, `group.billing.lost@base == 0`, \
`producer.a.created > 2 * producer.b.created + 10`. Relations are < <= > >= == and !=."
    UNKNOWN_METRIC "E033" "There is no such metric"
        "A metric is named by what it belongs to: `group.billing.latency.p99`, `topic.orders.skew`. \
`laglab list metrics` shows them all."
    UNITS_DIFFER "E034" "The two sides have different units"
        "A time can be compared with a time, a share with a share. `lag.p99` counts records; compared with a time \
it stands for `lag-time.p99`."
    NO_SUCH_VARIANT "E035" "There is no such variant or sweep point"
        "After `@` stands `base` or the name of a variant; in brackets, a value of the sweep as written there: \
`group.billing.lost@base[group.billing.consumers=8]`."
    TOO_MUCH "E036" "This is too much work"
        "The expected number of messages or the memory for them is beyond what a machine handles in reasonable \
time. Shorten the run, lower the rates, use fewer replications or points, or insist with `--unlimited`."
    EXCLUSIVE "E037" "Two settings exclude each other"
        "Each of them alone is fine. The message says what both together would mean."
    PRECISION "E038" "The precision cannot be reached like this"
        "`[precision]` names metrics with a share above 0 %, and `max-replications`, which is not below `replications`: \
`\"group.billing.latency.p99\" = \"5%\"` makes replications until half the 95 % interval of that metric is at most \
5 % of its mean."
    REMOVED "E039" "Kafka has this setting no more"
        "Kafka 4 does not know it, and would pass over it with a warning at most. The message says since which \
version, and what took its place."
    NOT_MODELLED "E040" "Kafka has this setting, laglab does not model it"
        "It would have no effect, and nothing is passed over in silence. Take the line out, or write what the \
message names as the nearest."
    HEARTBEAT_REFUSED "E041" "No heartbeat comes before the session ends"
        "Kafka refuses a consumer whose `heartbeat.interval.ms` is not below its `session.timeout.ms`; a third of it \
at most is advised."

    IDLE_CONSUMERS "W001" "There are more consumers than partitions"
        "A partition is read by one consumer of a group at a time, so the consumers beyond the number of partitions \
stand idle. They do take over when another one dies."
    OVERLOAD "W002" "More comes in than goes out"
        "The group's consumers together process less per second than is created, so its lag grows without end. \
Averages over such a run depend on its length."
    HOT_PARTITION "W003" "One partition gets more than one consumer can take"
        "The key distribution sends so much to one partition that the consumer that reads it cannot keep up, \
whatever the number of consumers. Its lag grows while others stand idle."
    HEARTBEAT "W004" "Heartbeats are too rare for the session timeout"
        "A consumer is put out of its group when no heartbeat arrives for the session timeout. Kafka advises at \
most a third of it, so that two lost heartbeats do no harm."
    LONG_POLL "W005" "A full poll takes longer than the poll interval"
        "A consumer that does not poll within `max-poll-interval` leaves its group; the records it holds are then \
processed again by another. Lower `max-poll-records`, or raise the interval."
    IDEMPOTENCE_OFF "W006" "Idempotence is switched off"
        "Kafka's idempotent producer needs `acks=all` and `retries` above 0. If idempotence is not asked for \
explicitly, Kafka switches it off without a word. So does this model, with one."
    NEVER_STRIKES "W007" "The fault never strikes"
        "All its moments lie after the end of the workload."
    SAME_AS_BASE "W008" "The variant equals the scenario as written"
        "Its changes set what holds anyway, so every difference will be exactly zero."
    UNCONNECTED "W009" "A topic has no reader or no writer"
        "What is written to a topic that no group reads has no fate; a group that reads a topic without a producer \
stands idle."
    NO_EFFECT "W010" "A setting has no effect"
        "What it acts on does not occur in this scenario."
    FETCH_WAIT "W011" "A fetch waits longer than its request may take"
        "The broker holds back the answer to a fetch until `fetch.min.bytes` are there or `fetch.max.wait.ms` has \
passed; the consumer gives the request up after `request.timeout.ms`, 30 s. Where the first is not the shorter, every \
idle fetch ends in a new connection."
    NO_BATCHING "W012" "Lingering fills no batch"
        "`linger` waits for more events of a batch. A batch that has no room for a second event is full at once, so \
that nothing waits and every request carries one event."
    EARLY_COMMIT "W013" "Automatic commits cover records that are still in work"
        "Kafka's automatic commit covers what earlier polls returned, done or not. A consumer that hands records to \
workers and polls on commits them before their effects: a crash then loses them."
    EXPIRED_OFFSETS "W014" "A group without offsets skips what is in the log"
        "Committed offsets of a group without members are removed after `offsets.retention.minutes`. A group that \
comes back later goes where `auto.offset.reset` says; with `latest`, past all that is still in the log."
    NO_SPARE_REPLICA "W015" "Every replica must be in sync"
        "With `min.insync.replicas` as high as the replication factor, one broker that is away, for a restart too, \
keeps acks=all from writing to the partitions it has a replica of. One less is usual."
    LEADER_ALONE "W016" "The leader alone acknowledges"
        "With acks=1 an event is acknowledged before any follower has it. A leader that dies in that time takes it \
along, whatever the replication factor; with acks=all it does not."
    KEYLESS "W017" "A compacted topic takes no event without a key"
        "Compaction keeps the latest record of each key, so Kafka's brokers refuse a batch in which a record has none \
(INVALID_RECORD). The producer does not send it again: its events are lost by `invalid-record`."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_numbered_without_gaps_and_explained_in_sentences() {
        for letter in ["E", "W"] {
            let numbers: Vec<_> = codes().iter().filter(|c| c.code.starts_with(letter)).collect();
            for (i, c) in numbers.iter().enumerate() {
                assert_eq!(c.code, format!("{letter}{:03}", i + 1));
                assert!(c.text.ends_with('.') && !c.title.ends_with('.'), "{}", c.code);
            }
        }
    }
}
