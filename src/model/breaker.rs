//! A circuit breaker: stops calling a dependency that fails, and tries it again after a while.
//!
//! The state machine of Resilience4j with a count-based window and no automatic transition; slow calls
//! do not count as failures. It knows nothing of whose calls they are or what a refused caller does.

use crate::engine::Time;
use crate::model::plan::BreakerPlan;

/// What the breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Lets every call through and counts failures.
    Closed,
    /// Refuses every call.
    Open,
    /// Lets a few calls through, whose results decide.
    HalfOpen,
}

/// One breaker in front of one dependency.
#[derive(Clone, Debug)]
pub struct Breaker {
    plan: BreakerPlan,
    phase: Phase,
    /// Times it went from closed or half open to open.
    pub opened: u64,
}

#[derive(Clone, Debug)]
enum Phase {
    Closed(Window),
    /// Until then.
    Open(Time),
    /// With this many trial calls still to be permitted.
    HalfOpen(Window, u32),
}

/// The last results.
#[derive(Clone, Debug)]
struct Window {
    /// Whether each call failed; once full, the oldest is overwritten.
    failed: Vec<bool>,
    size: usize,
    next: usize,
    failures: usize,
}

impl Window {
    fn new(size: u32) -> Window {
        assert!(size > 0, "a breaker looks at one call or more");
        Window { failed: Vec::new(), size: size as usize, next: 0, failures: 0 }
    }
    fn record(&mut self, failed: bool) {
        if self.failed.len() < self.size {
            self.failed.push(failed);
        } else {
            self.failures -= usize::from(self.failed[self.next]);
            self.failed[self.next] = failed;
            self.next = (self.next + 1) % self.size;
        }
        self.failures += usize::from(failed);
    }
    /// Whether too many failed, or nothing while there are too few calls to tell. A minimum above the
    /// window's size counts as that size (Resilience4j's `CircuitBreakerMetrics`).
    fn verdict(&self, plan: &BreakerPlan) -> Option<bool> {
        let calls = self.failed.len();
        let enough = calls >= self.size.min(plan.min_calls as usize).max(1);
        enough.then(|| self.failures as f64 / calls as f64 >= plan.failure_rate)
    }
}

impl Breaker {
    /// A closed breaker that has seen no call.
    ///
    /// # Panics
    /// If the plan's window has no room for a call; also later, if it permits no trial call.
    pub fn new(plan: &BreakerPlan) -> Breaker {
        Breaker { plan: plan.clone(), phase: Phase::Closed(Window::new(plan.window)), opened: 0 }
    }
    /// Whether a call may be made now. If so, its result must be given to [`record`](Self::record) or the
    /// permission back by [`release`](Self::release), or a half-open breaker waits for it for ever.
    pub fn allow(&mut self, now: Time) -> bool {
        if let Phase::Open(until) = self.phase
            && now >= until
        {
            let trials = self.plan.trial_calls;
            self.phase = Phase::HalfOpen(Window::new(trials), trials);
        }
        match &mut self.phase {
            Phase::Closed(_) => true,
            Phase::Open(_) => false,
            Phase::HalfOpen(_, permits) => {
                let permitted = *permits > 0;
                *permits -= u32::from(permitted);
                permitted
            }
        }
    }
    /// Takes in the result of a call. One that comes while the breaker is open changes nothing; one that
    /// comes while it is half open counts, whenever its call began.
    pub fn record(&mut self, now: Time, ok: bool) {
        let (Phase::Closed(window) | Phase::HalfOpen(window, _)) = &mut self.phase else { return };
        window.record(!ok);
        match window.verdict(&self.plan) {
            Some(true) => {
                self.phase = Phase::Open(now + self.plan.open_for);
                self.opened += 1;
            }
            Some(false) if matches!(self.phase, Phase::HalfOpen(..)) => {
                self.phase = Phase::Closed(Window::new(self.plan.window));
            }
            _ => {}
        }
    }
    /// Gives a permission back whose call was never made, or whose result nobody will learn.
    pub fn release(&mut self) {
        if let Phase::HalfOpen(_, permits) = &mut self.phase {
            *permits = self.plan.trial_calls.min(*permits + 1);
        }
    }
    /// When the next call is permitted again, while it is open. (Half open with all trial calls under way it
    /// depends on their results, so that there is no such time.)
    pub fn retry_at(&self) -> Option<Time> {
        if let Phase::Open(until) = self.phase { Some(until) } else { None }
    }
    /// What it does with calls. An open breaker turns half open at the first call after its wait.
    pub fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open(_) => BreakerState::Open,
            Phase::HalfOpen(..) => BreakerState::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Span;
    use BreakerState::{Closed, HalfOpen, Open};

    fn plan(window: u32, min_calls: u32, trial_calls: u32) -> BreakerPlan {
        BreakerPlan { failure_rate: 0.5, window, min_calls, open_for: Span::from_secs(60), trial_calls }
    }

    const NOW: Time = Time(5_000_000_000);
    const RETRY: Time = Time(65_000_000_000);

    /// Gives results, `x` a failure and `.` a success, and tells the state after each as C, O or H.
    fn course(breaker: &mut Breaker, now: Time, results: &str) -> String {
        let step = |c: char| {
            breaker.record(now, c == '.');
            match breaker.state() {
                Closed => 'C',
                Open => 'O',
                HalfOpen => 'H',
            }
        };
        results.chars().map(step).collect()
    }

    fn open(plan: &BreakerPlan) -> Breaker {
        let mut breaker = Breaker::new(plan);
        while breaker.state() == Closed {
            breaker.record(NOW, false);
        }
        breaker
    }

    #[test]
    fn it_opens_at_the_threshold_and_not_before_enough_calls() {
        assert_eq!(course(&mut Breaker::new(&plan(10, 4, 1)), NOW, "xxxx"), "CCCO");
        assert_eq!(course(&mut Breaker::new(&plan(10, 4, 1)), NOW, ".x.x"), "CCCO");
        assert_eq!(course(&mut Breaker::new(&plan(10, 4, 1)), NOW, ".x..xx"), "CCCCCO");
        // The defaults: exactly 50 of 100.
        let mut breaker = Breaker::new(&plan(100, 100, 10));
        assert_eq!(course(&mut breaker, NOW, &".x".repeat(50)), "C".repeat(99) + "O");
        let mut breaker = Breaker::new(&plan(100, 100, 10));
        assert_eq!(course(&mut breaker, NOW, &(".".to_owned() + &".x".repeat(50))), "C".repeat(100) + "O");
    }

    #[test]
    fn only_the_last_calls_count() {
        // Two failures leave the window of four before the next two come.
        assert_eq!(course(&mut Breaker::new(&plan(4, 4, 1)), NOW, "x...x...x"), "CCCCCCCCC");
        assert_eq!(course(&mut Breaker::new(&plan(4, 4, 1)), NOW, "x....x.x"), "CCCCCCCO");
    }

    #[test]
    fn a_minimum_above_the_window_is_the_window() {
        assert_eq!(course(&mut Breaker::new(&plan(3, 100, 1)), NOW, "xxx"), "CCO");
    }

    #[test]
    fn every_short_history_opens_when_a_count_of_the_window_says_so() {
        for (window, min_calls) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 9)] {
            for history in 0u32..1 << 10 {
                let mut breaker = Breaker::new(&plan(window, min_calls, 1));
                let mut seen = Vec::new();
                for call in 0..10 {
                    seen.push(history >> call & 1 == 1);
                    breaker.record(NOW, !seen[seen.len() - 1]);
                    let last = &seen[seen.len().saturating_sub(window as usize)..];
                    let failures = last.iter().filter(|f| **f).count();
                    let expected = last.len() >= min_calls.min(window) as usize && 2 * failures >= last.len();
                    assert_eq!(
                        breaker.state() == Open,
                        expected,
                        "{seen:?} in {window}, at least {min_calls}"
                    );
                    if expected {
                        break;
                    }
                }
            }
        }
    }

    #[test]
    fn open_refuses_until_its_time_is_over() {
        let mut breaker = open(&plan(4, 4, 2));
        assert_eq!((breaker.opened, breaker.retry_at()), (1, Some(RETRY)));
        assert!(!breaker.allow(NOW));
        assert!(!breaker.allow(Time(RETRY.0 - 1)));
        assert_eq!(breaker.state(), Open);
        // No automatic transition: it stays open until somebody calls.
        assert!(breaker.allow(RETRY));
        assert_eq!((breaker.state(), breaker.retry_at()), (HalfOpen, None));
    }

    #[test]
    fn results_that_come_late_change_nothing_while_open() {
        let mut breaker = open(&plan(4, 4, 2));
        assert_eq!(course(&mut breaker, Time(RETRY.0 - 1), "....xxxx"), "OOOOOOOO");
        assert_eq!((breaker.opened, breaker.retry_at()), (1, Some(RETRY)));
    }

    #[test]
    fn half_open_permits_its_trial_calls_only() {
        let mut breaker = open(&plan(100, 100, 3));
        let permitted: Vec<bool> = (0..5).map(|_| breaker.allow(RETRY)).collect();
        assert_eq!(permitted, [true, true, true, false, false]);
        // A result is no new permission; a permission given back is.
        breaker.record(RETRY, true);
        assert!(!breaker.allow(RETRY));
        breaker.release();
        assert!(breaker.allow(RETRY));
        assert!(!breaker.allow(RETRY));
    }

    #[test]
    fn trial_results_decide() {
        let cases = [("....", "HHHC", 1), (".x..", "HHHC", 1), (".x.x", "HHHO", 2), ("xxxx", "HHHO", 2)];
        for (results, states, opened) in cases {
            let mut breaker = open(&plan(100, 100, 4));
            (0..4).for_each(|_| assert!(breaker.allow(RETRY)));
            assert_eq!(course(&mut breaker, RETRY, results), states);
            assert_eq!(breaker.opened, opened, "{results}");
        }
        // With fewer calls needed than permitted, those decide.
        let mut breaker = open(&plan(10, 2, 4));
        assert!(breaker.allow(RETRY));
        assert_eq!(course(&mut breaker, RETRY, "x."), "HO");
    }

    #[test]
    fn closing_and_opening_again_start_afresh() {
        let mut breaker = open(&plan(4, 4, 1));
        assert!(breaker.allow(RETRY));
        assert_eq!(course(&mut breaker, RETRY, "."), "C");
        // Nothing of the old window is left: three failures are too few again.
        assert_eq!(course(&mut breaker, RETRY, "xxxx"), "CCCO");
        assert_eq!(breaker.retry_at(), Some(RETRY + Span::from_secs(60)));
        assert!(breaker.allow(RETRY + Span::from_secs(60)));
        assert_eq!(course(&mut breaker, RETRY + Span::from_secs(61), "x"), "O");
        assert_eq!((breaker.opened, breaker.retry_at()), (3, Some(RETRY + Span::from_secs(121))));
    }
}
