//! `byte-rate`: a client above its bytes per second is made to wait until its mean is back at them.

use super::{Quota, QuotaView};
use crate::engine::{Span, Time};
use crate::model::catalog::{Default, Entry, Kind, Param};
use std::collections::VecDeque;

/// See its text.
pub static ENTRY: Entry<dyn Quota> = Entry {
    name: "byte-rate",
    summary: "A client above its bytes per second is made to wait until its mean is back at them.",
    doc: "What it does. Each broker sums the bytes of each client over eleven windows of one second. If the \
mean over the windows, O, is above the quota, T, the response tells the client to wait (O - T) / T times the \
length of the windows, rounded to milliseconds: exactly as long as it takes the mean to fall back to T. The \
request itself has been served by then, if it was to write; a fetch is answered at once with nothing, and does not \
count. Kafka's algorithm, with its settings quota.window.num (11) and \
quota.window.size.seconds (1).\n\n\
When it helps. One client that sends or reads too much is slowed down, and the others keep their share of \
the broker. Nothing is lost: the client's own buffer feels the pressure.\n\n\
When it hurts. A quiet client may send ten seconds' worth at once and is then silenced for long. The quota \
holds per broker, so what a client may do in total grows with the brokers it talks to. A \
consumer whose answers are as large as the windows permit is held back twice for each and gets half its quota.\n\n\
Seen in. Kafka's producer_byte_rate and consumer_byte_rate quotas; Confluent Cloud and MSK enforce their \
limits by them.",
    params: &[Param {
        name: "rate",
        kind: Kind::ByteRate,
        default: Default::Required,
        doc: "Bytes per second, per client and broker.",
    }],
    build: |args| Box::new(ByteRate { rate: args.number("rate"), samples: VecDeque::new() }),
};

/// Kafka's `quota.window.num`.
const SAMPLES: u64 = 11;
/// Kafka's `quota.window.size.seconds`.
const WINDOW: u64 = 1_000_000_000;

struct Sample {
    start: Time,
    last: Time,
    bytes: u64,
}

struct ByteRate {
    /// Bytes per second.
    rate: f64,
    /// Oldest first. As in Kafka a window begins with the first request after the one before has ended.
    samples: VecDeque<Sample>,
}

impl ByteRate {
    fn record(&mut self, now: Time, bytes: u64) {
        match self.samples.back_mut() {
            Some(sample) if now.since(sample.start).0 < WINDOW => {
                sample.last = now;
                sample.bytes += bytes;
            }
            _ => self.samples.push_back(Sample { start: now, last: now, bytes }),
        }
        // Kafka keeps one window more than it asks for, and those that reach into the time looked at.
        let obsolete = |s: &Sample| now.since(s.last).0 >= SAMPLES * WINDOW;
        while self.samples.len() as u64 > SAMPLES + 1 || self.samples.front().is_some_and(obsolete) {
            self.samples.pop_front();
        }
    }
    /// The time the samples stand for: since the oldest began, and as many whole windows more as are
    /// missing to ten (Kafka's `Rate.windowSize`).
    fn observed(&self, now: Time) -> Span {
        let since = self.samples.front().map_or(0, |s| now.since(s.start).0);
        Span(since + (SAMPLES - 1).saturating_sub(since / WINDOW) * WINDOW)
    }
}

impl Quota for ByteRate {
    fn throttle(&mut self, view: &QuotaView) -> Span {
        self.record(view.now, view.bytes);
        let bytes: u64 = self.samples.iter().map(|s| s.bytes).sum();
        // (bytes / W - T) / T * W, with the W taken out.
        let wait = bytes as f64 / self.rate - self.observed(view.now).secs();
        if wait > 0.0 { Span((libm::round(wait * 1e3) * 1e6) as u64) } else { Span::ZERO }
    }
    fn take_back(&mut self, view: &QuotaView) {
        if let Some(sample) = self.samples.back_mut() {
            sample.bytes -= view.bytes;
        }
    }
    fn most(&self) -> u64 {
        (self.rate * (SAMPLES - 1) as f64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::backpressure::quota::MEMBERS;
    use crate::model::catalog::Value;
    use crate::model::specimen::{self, make};

    fn quota(rate: f64) -> Box<dyn Quota> {
        make(&ENTRY, &[("rate", Value::Number(rate))])
    }

    #[test]
    fn the_family_is_well_described() {
        specimen::inspect(MEMBERS);
    }

    #[test]
    fn ten_windows_worth_pass_unthrottled_and_the_excess_is_waited_for() {
        // Ten full windows are assumed before the first: 10 s times 1000 B/s pass at once.
        let at = |bytes| quota(1000.0).throttle(&QuotaView { now: Time::ZERO, bytes });
        assert_eq!(at(10_000), Span::ZERO);
        assert_eq!(at(12_500), Span::millis(2500));
        // Half a second later the window is half a second longer.
        let mut late = quota(1000.0);
        assert_eq!(late.throttle(&QuotaView { now: Time::ZERO, bytes: 0 }), Span::ZERO);
        assert_eq!(late.throttle(&QuotaView { now: Time(500_000_000), bytes: 12_500 }), Span::millis(2000));
    }

    #[test]
    fn a_quota_of_nothing_holds_a_client_back_for_good() {
        assert_eq!(quota(0.0).throttle(&QuotaView { now: Time::ZERO, bytes: 1 }), Span::FOREVER);
    }

    #[test]
    fn what_is_taken_back_was_never_asked_for() {
        let (mut quota, full) = (quota(1000.0), QuotaView { now: Time::ZERO, bytes: 12_500 });
        assert_eq!(quota.throttle(&full), Span::millis(2500));
        quota.take_back(&full);
        // The answer may be as large as ten windows at the quota, and such a one has not to wait.
        let most = QuotaView { now: Time::ZERO, bytes: quota.most() };
        assert_eq!((most.bytes, quota.throttle(&most)), (10_000, Span::ZERO));
    }

    #[test]
    fn what_lies_eleven_seconds_back_is_forgotten() {
        let mut quota = quota(1000.0);
        assert_eq!(quota.throttle(&QuotaView { now: Time::ZERO, bytes: 15_000 }), Span::from_secs(5));
        let later = Time(11_000_000_000);
        assert_eq!(quota.throttle(&QuotaView { now: later, bytes: 10_000 }), Span::ZERO);
    }

    #[test]
    fn a_client_that_obeys_gets_its_quota_in_the_long_run() {
        for (bytes, gap) in
            [(700, Span::millis(3)), (45_000, Span::millis(200)), (1_000_000, Span::millis(50))]
        {
            let rate = 100_000.0;
            let mut quota = quota(rate);
            let (mut now, mut sent) = (Time::ZERO, 0);
            let end = Time(600_000_000_000);
            let mut most_over = 0.0_f64;
            while now < end {
                sent += bytes;
                let wait = quota.throttle(&QuotaView { now, bytes });
                most_over = most_over.max(sent as f64 - rate * now.secs());
                now = now + wait + gap;
            }
            // Never more than the windows' worth and one request ahead of the quota, nor far behind it.
            assert!(most_over <= 11.0 * rate + bytes as f64, "{bytes} B: {most_over} B over");
            let mean = sent as f64 / now.secs() / rate;
            assert!((0.97..1.04).contains(&mean), "{bytes} B every {gap}: {mean} of the quota");
        }
    }
}
