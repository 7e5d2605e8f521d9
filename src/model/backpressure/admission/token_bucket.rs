//! `token-bucket`: events above a rate are refused, short bursts are not.

use super::{Admission, Admit, AdmitView};
use crate::engine::Time;
use crate::model::catalog::{Args, Default, Entry, Kind, Param};
use crate::model::cause::ShedReason;

/// See its text.
pub static ENTRY: Entry<dyn Admission> = Entry {
    name: "token-bucket",
    summary: "Events above a rate are refused; a bucket of tokens lets short bursts pass.",
    doc: "What it does. A bucket holds `burst` tokens and is refilled at `rate`; an event takes one token, \
or is refused if there is none. In any time t at most burst + rate * t events pass. The bucket starts full. \
The send buffer has no limit. Counting is in whole numbers (of nanoseconds times billionths of an event), so \
it is exact.\n\n\
When it helps. It protects whoever comes after from more than it was built for, whatever the cause, and is \
simple to explain to those who are refused.\n\n\
When it hurts. It knows nothing of how the system fares: too low a rate wastes capacity, too high a rate \
protects nothing when consumers are slow. Each instance has a bucket of its own.\n\n\
Seen in. API gateways, AWS throttling, Envoy's local rate limit, tc and other traffic shapers.",
    params: &[
        Param {
            name: "rate",
            kind: Kind::Rate,
            default: Default::Required,
            doc: "Events per second that pass in the long run, per producer instance.",
        },
        Param {
            name: "burst",
            kind: Kind::Count { min: 1, max: 1_000_000_000 },
            default: Default::Is("1000"),
            doc: "Events that may pass at once after a quiet time.",
        },
    ],
    build: |args| Box::new(TokenBucket::new(args)),
};

/// Tokens are counted in units of 1e-18: refilling by a whole number of billionths of an event per second
/// is then a whole number of units per nanosecond.
const TOKEN: u128 = 1_000_000_000_000_000_000;

struct TokenBucket {
    /// Units per nanosecond.
    rate: u128,
    full: u128,
    level: u128,
    /// When `level` was true.
    at: Time,
}

impl TokenBucket {
    fn new(args: &Args) -> Self {
        let full = u128::from(args.count("burst")) * TOKEN;
        let rate = libm::round(args.number("rate") * 1e9) as u128;
        TokenBucket { rate, full, level: full, at: Time::ZERO }
    }
}

impl Admission for TokenBucket {
    fn decide(&mut self, view: &AdmitView) -> Admit {
        let gained = self.rate.saturating_mul(u128::from(view.now.since(self.at).0));
        self.level = self.level.saturating_add(gained).min(self.full);
        self.at = self.at.max(view.now);
        if self.level < TOKEN {
            return Admit::Refuse(ShedReason::RateLimit);
        }
        self.level -= TOKEN;
        Admit::Accept
    }
}
