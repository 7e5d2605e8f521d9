//! One run of a station, from the first customer to the last.

use super::{Source, StationPlan, StationRecord};
use crate::engine::{Dist, EventQueue, Rank, Span, Stream, StreamKey, Time};
use crate::stats::Histogram;
use std::collections::VecDeque;

/// The random streams of a station: of each class, one for its arrivals and one for its services.
#[derive(Clone, Debug)]
pub struct Streams(pub Vec<(Stream, Stream)>);

impl Streams {
    /// Those of one run, each by its own name.
    pub fn new(plan: &StationPlan, key: StreamKey) -> Streams {
        let one = |i| (key.stream(&format!("class.{i}/arrivals")), key.stream(&format!("class.{i}/service")));
        Streams((0..plan.classes.len()).map(one).collect())
    }
}

/// What can be due.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// The next customer of a class comes.
    Arrival(u8),
    /// A customer who came then has been served.
    Served(u8, Time),
}

/// The station while it runs.
struct Station<'a> {
    plan: &'a StationPlan,
    streams: Streams,
    record: StationRecord,
    /// Of each class, when those who wait came.
    lines: Vec<VecDeque<Time>>,
    free: u32,
    inside: u32,
    waiting: u32,
    /// Arrivals still to come.
    left: u64,
    /// Up to when `area` and `busy` are summed.
    now: Time,
}

/// Runs the station on this queue, which must be empty.
///
/// # Panics
/// If there are no classes, more than 255 of them, or no servers.
pub fn run<Q: EventQueue<Due>>(plan: &StationPlan, streams: Streams, mut queue: Q) -> StationRecord {
    assert!(
        !plan.classes.is_empty() && plan.servers > 0,
        "a station serves somebody, and has servers for it"
    );
    let n = u8::try_from(plan.classes.len()).expect("fewer than 256 classes");
    let mut station = Station {
        plan,
        streams,
        record: StationRecord {
            classes: (0..n).map(|_| super::ClassRecord::default()).collect(),
            area: 0,
            busy: 0,
            last_arrival: Time::ZERO,
            end: Time::ZERO,
            served_by_then: 0,
            events: 0,
        },
        lines: vec![VecDeque::new(); usize::from(n)],
        free: plan.servers,
        inside: 0,
        waiting: 0,
        left: plan.customers,
        now: Time::ZERO,
    };
    if plan.distribution {
        station.record.classes.iter_mut().for_each(|c| c.sojourns = Some(Histogram::default()));
    }
    for class in 0..n {
        let together = match &plan.classes[usize::from(class)].source {
            Source::Outside(_) => 1,
            Source::Returning { population, .. } => *population,
        };
        for _ in 0..together {
            station.invite(class, &mut queue);
        }
    }
    while let Some((at, due)) = queue.pop() {
        if station.left == 0 && matches!(due, Due::Arrival(_)) {
            // Nobody comes any more.
            continue;
        }
        station.advance(at);
        match due {
            Due::Arrival(class) => station.arrive(class, &mut queue),
            Due::Served(class, came) => station.leave(class, came, &mut queue),
        }
    }
    station.record.end = station.now;
    station.record
}

impl Station<'_> {
    #[inline(always)]
    fn advance(&mut self, at: Time) {
        let held = u128::from(at.since(self.now).0);
        self.record.area += u128::from(self.inside) * held;
        self.record.busy += u128::from(self.plan.servers - self.free) * held;
        self.record.events += 1;
        self.now = at;
    }

    /// The next arrival of a class.
    #[inline(always)]
    fn invite<Q: EventQueue<Due>>(&mut self, class: u8, queue: &mut Q) {
        let (Source::Outside(gap) | Source::Returning { away: gap, .. }) =
            &self.plan.classes[usize::from(class)].source;
        let at = self.now + Span(gap.sample(&mut self.streams.0[usize::from(class)].0));
        queue.push(at, Rank::Normal, Due::Arrival(class));
    }

    #[inline(always)]
    fn arrive<Q: EventQueue<Due>>(&mut self, class: u8, queue: &mut Q) {
        self.left -= 1;
        if self.left == 0 {
            self.record.last_arrival = self.now;
            self.record.served_by_then = self.record.classes.iter().map(|c| c.served).sum();
        }
        let from_outside = matches!(self.plan.classes[usize::from(class)].source, Source::Outside(_));
        if from_outside {
            self.invite(class, queue);
        }
        let full = self.plan.capacity.is_some_and(|most| self.inside >= most);
        let record = &mut self.record.classes[usize::from(class)];
        record.arrived += 1;
        if full {
            record.turned_away += 1;
            if !from_outside {
                self.invite(class, queue);
            }
            return;
        }
        self.inside += 1;
        if self.free > 0 {
            self.serve(class, self.now, queue);
        } else {
            record.waited += 1;
            self.waiting += 1;
            self.lines[usize::from(class)].push_back(self.now);
        }
    }

    /// Begins the service of a customer who came then.
    #[inline(always)]
    fn serve<Q: EventQueue<Due>>(&mut self, class: u8, came: Time, queue: &mut Q) {
        self.free -= 1;
        self.record.classes[usize::from(class)].wait += u128::from(self.now.since(came).0);
        let service: &Dist = &self.plan.classes[usize::from(class)].service;
        let length = service.sample(&mut self.streams.0[usize::from(class)].1);
        queue.push(self.now + Span(length), Rank::Normal, Due::Served(class, came));
    }

    #[inline(always)]
    fn leave<Q: EventQueue<Due>>(&mut self, class: u8, came: Time, queue: &mut Q) {
        self.free += 1;
        self.inside -= 1;
        let length = self.now.since(came).0;
        let record = &mut self.record.classes[usize::from(class)];
        record.served += 1;
        record.sojourn += u128::from(length);
        if let Some(all) = &mut record.sojourns {
            all.record(length);
        }
        if self.waiting > 0 {
            self.waiting -= 1;
            let first = self.lines.iter_mut().zip(0_u8..).find_map(|(line, c)| Some((c, line.pop_front()?)));
            let (next, came) = first.expect("whoever waits stands in a line");
            self.serve(next, came, queue);
        }
        if let Source::Returning { .. } = self.plan.classes[usize::from(class)].source {
            self.invite(class, queue);
        }
    }
}
