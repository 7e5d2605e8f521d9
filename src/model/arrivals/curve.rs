//! A Poisson process whose rate is a chain of straight lines, by exact inversion of its cumulative rate.
//!
//! Between arrivals an exponential amount of cumulative rate passes (Cinlar 1975; Lewis and Shedler
//! 1979); within a straight line the moment at which it has passed solves a quadratic. Knows nothing
//! of how the lines came about.

use super::Arrivals;
use super::clock::unit_gap;
use crate::engine::{Stream, Time};

/// One straight line, in nanoseconds and events per nanosecond.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: u64,
    /// Infinite for the last.
    length: f64,
    from: f64,
    to: f64,
}

impl Piece {
    /// Rate `into` nanoseconds after the start.
    fn rate(&self, into: f64) -> f64 {
        if self.from == self.to { self.from } else { self.from + self.slope() * into }
    }
    fn slope(&self) -> f64 {
        (self.to - self.from) / self.length
    }
    /// Events expected from `a` to `b` nanoseconds after the start.
    fn events(&self, a: f64, b: f64) -> f64 {
        let height = (self.rate(a) + self.rate(b)) / 2.0;
        // An endless piece without events would otherwise be 0 times infinity.
        if height > 0.0 { height * (b - a) } else { 0.0 }
    }
    /// How long after `into` this many events are expected to have come: the root of
    /// slope/2 d^2 + rate d = events, in the form that does not cancel and holds for slope 0.
    fn wait(&self, into: f64, events: f64) -> f64 {
        let rate = self.rate(into);
        let slope = if self.from == self.to { 0.0 } else { self.slope() };
        let root = libm::sqrt((rate * rate + 2.0 * slope * events).max(0.0));
        2.0 * events / (rate + root)
    }
}

/// Where such a process stands.
pub(super) struct Curve {
    pieces: Vec<Piece>,
    piece: usize,
    /// Time since the start of the piece.
    into: f64,
}

impl Curve {
    /// Rates per second at moments, ascending. The first rate also holds before its moment, the last one
    /// after; two rates at one moment are a jump.
    pub(super) fn new(points: &[(Time, f64)]) -> Self {
        let per_nano = |rate: f64| rate / 1e9;
        let mut pieces = Vec::with_capacity(points.len() + 1);
        if let Some((at, rate)) = points.first().filter(|(at, _)| *at > Time::ZERO) {
            let rate = per_nano(*rate);
            pieces.push(Piece { start: 0, length: at.0 as f64, from: rate, to: rate });
        }
        for pair in points.windows(2).filter(|p| p[1].0 > p[0].0) {
            let ((start, from), (end, to)) = (pair[0], pair[1]);
            let (from, to) = (per_nano(from), per_nano(to));
            pieces.push(Piece { start: start.0, length: (end - start).0 as f64, from, to });
        }
        if let Some((at, rate)) = points.last() {
            let rate = per_nano(*rate);
            pieces.push(Piece { start: at.0, length: f64::INFINITY, from: rate, to: rate });
        }
        Curve { pieces, piece: 0, into: 0.0 }
    }
    fn next(&mut self, rng: &mut Stream) -> Option<Time> {
        let mut events = unit_gap(rng);
        loop {
            let piece = self.pieces.get(self.piece)?;
            let left = piece.events(self.into, piece.length);
            if events < left {
                self.into = (self.into + piece.wait(self.into, events)).min(piece.length);
                let at = Time(piece.start.saturating_add((self.into + 0.5) as u64));
                return (at < Time::NEVER).then_some(at);
            }
            events -= left;
            self.piece += 1;
            self.into = 0.0;
        }
    }
}

impl Arrivals for Curve {
    fn fill(&mut self, n: usize, rng: &mut Stream, out: &mut Vec<Time>) {
        for _ in 0..n {
            let Some(at) = self.next(rng) else { return };
            out.push(at);
        }
    }
    fn mean_rate(&self, from: Time, to: Time) -> f64 {
        if to <= from {
            return 0.0;
        }
        let within = |piece: &Piece| {
            let start = piece.start as f64;
            let (a, b) = (from.0 as f64 - start, to.0 as f64 - start);
            let (a, b) = (a.clamp(0.0, piece.length), b.clamp(0.0, piece.length));
            if b > a { piece.events(a, b) } else { 0.0 }
        };
        self.pieces.iter().map(within).sum::<f64>() / (to - from).secs()
    }
}
