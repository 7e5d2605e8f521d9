//! Random streams by name, and draws that belong to a numbered event.
//!
//! A stream is seeded by (scenario seed, replication, name) alone, never by the order in which
//! streams are made, so adding a component leaves every other component's draws as they were.
//! Knows nothing of what is drawn.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng, TryRng};
use std::convert::Infallible;

/// Where streams come from: one per run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamKey(u64);

/// A sequential stream: the next draw depends on how many came before it.
///
/// Use it for what is sequential by nature (arrivals of one producer, crashes of one consumer). For
/// what belongs to an event (its size, its service demand) use [`EventRng`].
#[derive(Clone, Debug)]
pub struct Stream(Xoshiro256PlusPlus);

/// Draws that are a function of a stream's name and an event's ordinal, whenever they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRng(u64);

/// The generator of one event's draws (SplitMix64; Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Chance(u64);

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline(always)]
fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl StreamKey {
    /// The streams of one run.
    pub fn new(seed: u64, replication: u32) -> Self {
        StreamKey(finish(
            finish(seed ^ 0x6C61_676C_6162).wrapping_add(GOLDEN.wrapping_mul(u64::from(replication) + 1)),
        ))
    }
    fn named(self, name: &str) -> u64 {
        // FNV-1a over the name, then mixed with the run's key.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        finish(self.0 ^ finish(hash))
    }
    /// The sequential stream called `name`, such as `producer.checkout/0/arrivals`.
    pub fn stream(self, name: &str) -> Stream {
        Stream(Xoshiro256PlusPlus::seed_from_u64(self.named(name)))
    }
    /// The per-event draws called `name`, such as `group.billing/service`.
    pub fn per_event(self, name: &str) -> EventRng {
        EventRng(self.named(name))
    }
}

impl EventRng {
    /// The draws of event number `ordinal`.
    #[inline(always)]
    pub fn at(self, ordinal: u64) -> Chance {
        Chance(finish(self.0 ^ ordinal.wrapping_mul(0xD6E8_FEB8_6659_FD93)))
    }
}

/// A uniform number in (0, 1] from 53 random bits; never 0, so that its logarithm exists.
#[inline(always)]
fn open_closed(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

macro_rules! generator {
    ($type:ty, |$self:ident| $next:expr) => {
        impl TryRng for $type {
            type Error = Infallible;
            #[inline(always)]
            fn try_next_u64(&mut $self) -> Result<u64, Infallible> {
                Ok($next)
            }
            #[inline(always)]
            fn try_next_u32(&mut self) -> Result<u32, Infallible> {
                Ok((self.next_u64() >> 32) as u32)
            }
            fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
                for chunk in out.chunks_mut(8) {
                    let bytes = self.next_u64().to_le_bytes();
                    chunk.copy_from_slice(&bytes[..chunk.len()]);
                }
                Ok(())
            }
        }
        impl $type {
            /// Uniform in (0, 1].
            #[inline(always)]
            pub fn unit(&mut self) -> f64 {
                open_closed(self.next_u64())
            }
            /// Uniform in `0..n`; `n` must not be 0. Lemire's multiplication with rejection, so without bias.
            #[inline(always)]
            pub fn below(&mut self, n: u64) -> u64 {
                debug_assert!(n > 0, "a choice among nothing");
                loop {
                    let wide = u128::from(self.next_u64()) * u128::from(n);
                    if (wide as u64) >= n || (wide as u64) >= n.wrapping_neg() % n {
                        return (wide >> 64) as u64;
                    }
                }
            }
            /// True with probability `p`.
            #[inline(always)]
            pub fn happens(&mut self, p: f64) -> bool {
                p > 0.0 && self.unit() <= p
            }
        }
    };
}

generator!(Stream, |self| self.0.next_u64());
generator!(Chance, |self| {
    self.0 = self.0.wrapping_add(GOLDEN);
    finish(self.0)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_name_seed_and_replication_only() {
        let draw = |seed, rep, name| StreamKey::new(seed, rep).stream(name).next_u64();
        assert_eq!(draw(7, 0, "a"), draw(7, 0, "a"));
        let all = [draw(7, 0, "a"), draw(7, 0, "b"), draw(7, 1, "a"), draw(8, 0, "a")];
        for (i, x) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|y| x != y));
        }
    }

    #[test]
    fn event_draws_do_not_depend_on_when_they_are_asked_for() {
        let draws = StreamKey::new(1, 0).per_event("service");
        let late = draws.at(5).unit();
        let _ = draws.at(4).unit();
        assert_eq!(late.to_bits(), draws.at(5).unit().to_bits());
    }

    #[test]
    fn event_draws_look_uniform_and_uncorrelated() {
        let draws = StreamKey::new(1, 0).per_event("x");
        let n = 200_000_u64;
        let xs: Vec<f64> = (0..n).map(|i| draws.at(i).unit()).collect();
        let mean = xs.iter().sum::<f64>() / n as f64;
        let lag = xs.windows(2).map(|w| (w[0] - 0.5) * (w[1] - 0.5)).sum::<f64>() / n as f64;
        // Standard errors: sqrt(1/12/n) = 6.5e-4 and (1/12)/sqrt(n) = 1.9e-4; five of them.
        assert!((mean - 0.5).abs() < 5.0 * 6.5e-4, "{mean}");
        assert!(lag.abs() < 5.0 * 1.9e-4, "{lag}");
    }
}
