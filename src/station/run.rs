//! One run of a station, from the first customer to the last.

use super::{Class, ClassRecord, Source, StationPlan, StationRecord};
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

/// A class while the station runs: who comes, who waits, and what became of them.
struct Booth {
    gap: Dist,
    from_outside: bool,
    service: Dist,
    arrivals: Stream,
    services: Stream,
    /// When those who wait came.
    line: VecDeque<Time>,
    record: ClassRecord,
}

/// The station while it runs.
struct Station {
    booths: Vec<Booth>,
    servers: u32,
    capacity: u32,
    free: u32,
    inside: u32,
    waiting: u32,
    /// Arrivals still to come.
    left: u64,
    /// Up to when `area` and `busy` are summed.
    now: Time,
    area: u128,
    busy: u128,
    events: u64,
    last_arrival: Time,
    served_by_then: u64,
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
    let booth = |(class, (arrivals, services)): (&Class, (Stream, Stream))| {
        let (Source::Outside(gap) | Source::Returning { away: gap, .. }) = &class.source;
        Booth {
            gap: gap.clone(),
            from_outside: matches!(class.source, Source::Outside(_)),
            service: class.service.clone(),
            arrivals,
            services,
            line: VecDeque::new(),
            record: ClassRecord {
                sojourns: plan.distribution.then(Histogram::default),
                ..ClassRecord::default()
            },
        }
    };
    let mut station = Station {
        booths: plan.classes.iter().zip(streams.0).map(booth).collect(),
        servers: plan.servers,
        capacity: plan.capacity.unwrap_or(u32::MAX),
        free: plan.servers,
        inside: 0,
        waiting: 0,
        left: plan.customers,
        now: Time::ZERO,
        area: 0,
        busy: 0,
        events: 0,
        last_arrival: Time::ZERO,
        served_by_then: 0,
    };
    for (number, class) in (0..).zip(&plan.classes) {
        assert!(number < 255, "fewer than 256 classes");
        let together = match &class.source {
            Source::Outside(_) => 1,
            Source::Returning { population, .. } => *population,
        };
        for _ in 0..together {
            station.invite(number as u8, &mut queue);
        }
    }
    while let Some((at, due)) = queue.pop() {
        match due {
            // Nobody comes any more.
            Due::Arrival(_) if station.left == 0 => {}
            Due::Arrival(class) => station.arrive(class, at, &mut queue),
            Due::Served(class, came) => station.leave(class, came, at, &mut queue),
        }
    }
    StationRecord {
        classes: station.booths.into_iter().map(|b| b.record).collect(),
        area: station.area,
        busy: station.busy,
        last_arrival: station.last_arrival,
        end: station.now,
        served_by_then: station.served_by_then,
        events: station.events,
    }
}

impl Station {
    #[inline(always)]
    fn advance(&mut self, at: Time) {
        let held = u128::from(at.since(self.now).0);
        self.area += u128::from(self.inside) * held;
        self.busy += u128::from(self.servers - self.free) * held;
        self.events += 1;
        self.now = at;
    }

    /// The next arrival of a class.
    #[inline(always)]
    fn invite<Q: EventQueue<Due>>(&mut self, class: u8, queue: &mut Q) {
        let booth = &mut self.booths[usize::from(class)];
        let at = self.now + Span(booth.gap.sample(&mut booth.arrivals));
        queue.push(at, Rank::Normal, Due::Arrival(class));
    }

    #[inline(always)]
    fn arrive<Q: EventQueue<Due>>(&mut self, class: u8, at: Time, queue: &mut Q) {
        self.advance(at);
        self.left -= 1;
        if self.left == 0 {
            self.last_arrival = self.now;
            self.served_by_then = self.booths.iter().map(|b| b.record.served).sum();
        }
        let booth = &mut self.booths[usize::from(class)];
        booth.record.arrived += 1;
        let full = self.inside >= self.capacity;
        if full || booth.from_outside {
            let at = self.now + Span(booth.gap.sample(&mut booth.arrivals));
            queue.push(at, Rank::Normal, Due::Arrival(class));
        }
        if full {
            booth.record.turned_away += 1;
            return;
        }
        self.inside += 1;
        if self.free > 0 {
            self.free -= 1;
            booth.serve(class, at, at, queue);
        } else {
            booth.record.waited += 1;
            self.waiting += 1;
            booth.line.push_back(at);
        }
    }

    #[inline(always)]
    fn leave<Q: EventQueue<Due>>(&mut self, class: u8, came: Time, at: Time, queue: &mut Q) {
        self.advance(at);
        self.inside -= 1;
        let length = at.since(came).0;
        let booth = &mut self.booths[usize::from(class)];
        booth.record.served += 1;
        booth.record.sojourn += u128::from(length);
        if let Some(all) = &mut booth.record.sojourns {
            all.record(length);
        }
        let comes_back = !booth.from_outside;
        if self.waiting > 0 {
            self.waiting -= 1;
            let first =
                self.booths.iter_mut().zip(0_u8..).find_map(|(b, c)| Some((b.line.pop_front()?, b, c)));
            let (came, next, number) = first.expect("whoever waits stands in a line");
            next.serve(number, came, at, queue);
        } else {
            self.free += 1;
        }
        if comes_back {
            self.invite(class, queue);
        }
    }
}

impl Booth {
    /// Begins the service of a customer who came then.
    #[inline(always)]
    fn serve<Q: EventQueue<Due>>(&mut self, class: u8, came: Time, now: Time, queue: &mut Q) {
        self.record.wait += u128::from(now.since(came).0);
        let length = self.service.sample(&mut self.services);
        queue.push(now + Span(length), Rank::Normal, Due::Served(class, came));
    }
}
