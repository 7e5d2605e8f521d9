//! The wire between a client and the brokers: delay, loss and cuts, each way.
//!
//! Knows nothing of what travels on it. A lost message is lost for good: whoever waits for it times out.

use crate::engine::{Dist, Span, Stream, Time};
use crate::model::lever::Way;
use crate::model::plan::WirePlan;

/// One direction.
#[derive(Clone, Debug)]
struct Direction {
    delay: Dist,
    loss: f64,
    /// From faults, on top.
    extra: Span,
    extra_loss: f64,
    cut: bool,
    /// Brokers that cannot be reached this way.
    cut_from: Vec<usize>,
    /// Last arrival per broker, for wires that keep the order.
    last: Vec<Time>,
    /// Nothing but the delay happens on it.
    calm: bool,
}

/// See the module's text.
#[derive(Clone, Debug)]
pub struct Wire {
    out: Direction,
    back: Direction,
    ordered: bool,
    rng: Stream,
}

impl Direction {
    fn new(delay: &Dist, loss: f64, brokers: u32) -> Self {
        let last = vec![Time::ZERO; brokers as usize];
        let (extra, extra_loss) = (Span::ZERO, 0.0);
        let delay = delay.clone();
        let calm = loss == 0.0;
        Direction { delay, loss, extra, extra_loss, cut: false, cut_from: Vec::new(), last, calm }
    }
    #[inline(always)]
    fn pass(&mut self, broker: usize, now: Time, ordered: bool, rng: &mut Stream) -> Option<Time> {
        if self.calm && !ordered {
            return Some(now + Span(self.delay.sample(rng)));
        }
        self.pass_with_care(broker, now, ordered, rng)
    }
    #[inline(never)]
    fn pass_with_care(&mut self, broker: usize, now: Time, ordered: bool, rng: &mut Stream) -> Option<Time> {
        if self.cut || rng.happens(self.loss) || rng.happens(self.extra_loss) {
            return None;
        }
        if !self.cut_from.is_empty() && self.cut_from.contains(&broker) {
            return None;
        }
        let mut at = now + Span(self.delay.sample(rng)) + self.extra;
        if ordered {
            at = at.max(self.last[broker]);
            self.last[broker] = at;
        }
        Some(at)
    }
    fn instant(&self) -> bool {
        self.delay.is_zero() && self.loss == 0.0
    }
}

impl Wire {
    /// A wire to every broker. `rng` is the wire's own stream.
    pub fn new(plan: &WirePlan, brokers: u32, rng: Stream) -> Self {
        Wire {
            out: Direction::new(&plan.out, plan.loss, brokers),
            back: Direction::new(&plan.back, plan.back_loss, brokers),
            ordered: plan.ordered,
            rng,
        }
    }
    /// When a message sent now reaches the broker; `None` if it is lost.
    #[inline]
    pub fn out(&mut self, broker: usize, now: Time) -> Option<Time> {
        self.out.pass(broker, now, self.ordered, &mut self.rng)
    }
    /// When a message the broker sends now reaches the client; `None` if it is lost.
    #[inline]
    pub fn back(&mut self, broker: usize, now: Time) -> Option<Time> {
        self.back.pass(broker, now, self.ordered, &mut self.rng)
    }
    /// Whether, faults aside, messages arrive the moment they are sent.
    pub fn instant(plan: &WirePlan) -> bool {
        Direction::new(&plan.out, plan.loss, 0).instant()
            && Direction::new(&plan.back, plan.back_loss, 0).instant()
    }

    fn each(&mut self, way: Way, f: impl Fn(&mut Direction)) {
        let change = |d: &mut Direction| {
            f(d);
            d.calm =
                !d.cut && d.cut_from.is_empty() && d.loss == 0.0 && d.extra_loss == 0.0 && d.extra.is_zero();
        };
        if way != Way::Back {
            change(&mut self.out);
        }
        if way != Way::Out {
            change(&mut self.back);
        }
    }
    /// Messages take this much longer; zero is normal.
    pub fn delay(&mut self, way: Way, extra: Span) {
        self.each(way, |d| d.extra = extra);
    }
    /// This share is lost on top of the wire's own; 0 is normal.
    pub fn lose(&mut self, way: Way, share: f64) {
        self.each(way, |d| d.extra_loss = share);
    }
    /// Nothing gets through, or all does again.
    pub fn cut(&mut self, way: Way, cut: bool) {
        self.each(way, |d| d.cut = cut);
    }
    /// Nothing gets through to and from one broker, or all does again.
    pub fn cut_from(&mut self, way: Way, broker: usize, cut: bool) {
        self.each(way, |d| {
            d.cut_from.retain(|b| *b != broker);
            if cut {
                d.cut_from.push(broker);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamKey;

    fn wire(delay: Dist, loss: f64, ordered: bool) -> Wire {
        let plan = WirePlan { out: delay.clone(), back: delay, loss, back_loss: 0.0, ordered };
        Wire::new(&plan, 1, StreamKey::new(1, 0).stream("wire"))
    }

    #[test]
    fn an_ordered_wire_never_overtakes() {
        let mut wire = wire(Dist::exponential(1e6).unwrap(), 0.0, true);
        let arrivals: Vec<_> = (0..1000).map(|i| wire.out(0, Time(i * 1000)).unwrap()).collect();
        assert!(arrivals.is_sorted());
    }

    #[test]
    fn loss_and_cuts_hit_their_direction_only() {
        for ordered in [true, false] {
            let mut wire = wire(Dist::ZERO, 0.0, ordered);
            wire.lose(Way::Out, 1.0);
            assert_eq!((wire.out(0, Time(5)), wire.back(0, Time(5))), (None, Some(Time(5))));
            wire.lose(Way::Out, 0.0);
            wire.cut(Way::Back, true);
            assert_eq!((wire.out(0, Time(6)), wire.back(0, Time(6))), (Some(Time(6)), None));
            wire.cut(Way::Both, false);
            wire.cut_from(Way::Both, 0, true);
            assert_eq!((wire.out(0, Time(6)), wire.back(0, Time(6))), (None, None));
            wire.cut_from(Way::Both, 0, false);
            wire.delay(Way::Both, Span(7));
            assert_eq!((wire.out(0, Time(6)), wire.back(0, Time(6))), (Some(Time(13)), Some(Time(13))));
            wire.delay(Way::Both, Span::ZERO);
            assert_eq!((wire.out(0, Time(20)), wire.back(0, Time(20))), (Some(Time(20)), Some(Time(20))));
        }
    }
}
