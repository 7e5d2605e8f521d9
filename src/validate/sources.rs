//! Where formulas and figures come from, each written once.

pub(super) const KLEINROCK_M_M_1: &str = "Kleinrock, Queueing Systems I, 1975, section 3.2";
pub(super) const KLEINROCK_SOJOURN: &str = "Kleinrock, Queueing Systems I, 1975, section 5.7";
pub(super) const POLLACZEK: &str =
    "Pollaczek 1930 and Khinchine 1932; Kleinrock, Queueing Systems I, 1975, section 5.6";
pub(super) const ERLANG_C: &str = "Erlang 1917; Kleinrock, Queueing Systems I, 1975, section 3.5";
pub(super) const ERLANG_B: &str =
    "Erlang 1917; Kleinrock, Queueing Systems I, 1975, section 3.6; for any service: Sevastyanov 1957";
pub(super) const BIRTH_DEATH: &str = "birth and death; Kleinrock, Queueing Systems I, 1975, section 3.8";
pub(super) const COBHAM: &str =
    "Cobham, Operations Research 1954; Kleinrock, Queueing Systems II, 1976, section 3.6";
pub(super) const CONSERVATION: &str =
    "Kleinrock's conservation law, 1965; Kleinrock, Queueing Systems II, 1976, section 3.4";
pub(super) const BAILEY: &str = "Bailey, J. R. Stat. Soc. B 1954 (partial batches)";
pub(super) const LITTLE: &str = "Little, Operations Research 1961";
pub(super) const UTILISATION: &str = "the utilisation law: Denning and Buzen, Computing Surveys 1978";
pub(super) const SUPERPOSITION: &str =
    "independent Poisson processes add up to one; Kleinrock, Queueing Systems I, 1975, section 2.5";
pub(super) const SPLITTING: &str =
    "a Poisson process split at random is Poisson; Kleinrock, Queueing Systems I, 1975, section 2.5";
pub(super) const GEOMETRIC: &str = "a geometric number of exponential services is exponential; Kleinrock, Queueing Systems I, 1975, section 4.2";
pub(super) const REPAIRMAN: &str = "Palm 1947; Kleinrock, Queueing Systems I, 1975, section 3.10";
pub(super) const WINDOW: &str = "asymptotic bounds: Denning and Buzen, Computing Surveys 1978; \"Some queuing theory\", RabbitMQ blog, 11 May 2012";
pub(super) const LINGER: &str =
    "Poisson arrivals during a constant wait; Kafka's RecordAccumulator waits from a batch's first record";
pub(super) const ARITHMETIC: &str = "arithmetic";
pub(super) const AUTO_COMMIT: &str = "Kafka's ConsumerCoordinator commits inside poll(); half a period by renewal reward: Ross, Stochastic Processes, section 3.6";
pub(super) const RENEWAL: &str = "renewal reward: Ross, Stochastic Processes, section 3.6";
pub(super) const SESSION: &str =
    "Kafka's classic group protocol (KIP-62): a session begins anew with each heartbeat";
pub(super) const BARRIER: &str = "Kafka's classic group protocol: members hear of a rebalance from their heartbeats; greatest of n uniform times";
pub(super) const HANDOVER: &str = "Kafka's consumer group protocol (KIP-848): a member learns of its assignment from its own heartbeats, every 5 s";
pub(super) const STATIC: &str =
    "static membership (KIP-345): who is back within its session takes its seat again";
pub(super) const FLUID: &str =
    "the fluid limit of a queue: Newell, Applications of Queueing Theory, 1982, chapter 2";
pub(super) const RETENTION: &str =
    "Kafka's LogManager removes segments that are older than retention.ms at each of its checks";
pub(super) const BOTTLENECK: &str = "the slowest station: Denning and Buzen, Computing Surveys 1978";
pub(super) const ZIPF: &str = "the Zipf distribution's normalising sum";
pub(super) const OCCUPANCY: &str =
    "the occupancy problem: Feller, An Introduction to Probability Theory I, section IV.2";
pub(super) const RANGE: &str = "Kafka's RangeAssignor: a topic's partitions in blocks";
pub(super) const BERNOULLI: &str = "a geometric distribution cut off after its last try";
pub(super) const BUCKET: &str =
    "the definition of a token bucket: burst + rate t; Tanenbaum, Computer Networks, section 5.3";
pub(super) const QUOTA: &str = "Kafka's quotas hold the mean over eleven windows of a second (QuotaUtils)";
