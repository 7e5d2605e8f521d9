//! What the engine costs per event: holding events in the queue, and drawing random numbers.
//!
//! `cargo bench --bench engine`. HOLD is the classic measure of event queues (Vaucher and Duval 1975): take
//! the earliest event, look at it, schedule its successor. Knows nothing of messages.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use laglab::engine::{Dist, EventQueue, HeapQueue, Rank, StreamKey, Time, WheelQueue};
use laglab::stats::Histogram;
use std::hint::black_box;

/// As large as the events of the simulator.
#[derive(Clone, Copy)]
struct Event {
    kind: u32,
    target: u32,
    payload: [u64; 2],
}

impl Event {
    fn happen(&mut self) {
        self.kind = self.kind.wrapping_add(1);
        self.payload[0] = self.payload[0].wrapping_add(u64::from(self.target));
        self.payload[1] ^= self.payload[0].rotate_left(7);
    }
}

fn hold<Q: EventQueue<Event> + Default>(c: &mut Criterion, name: &str) {
    let mut group = c.benchmark_group(name);
    for pending in [1_000_u32, 100_000, 1_000_000] {
        let gap = Dist::exponential(1e9).expect("the mean is above zero");
        let mut stream = StreamKey::new(42, 0).stream("hold");
        let mut queue = Q::default();
        let hold = |queue: &mut Q, stream: &mut _| {
            let (at, mut event) = queue.pop().expect("as many go in as come out");
            event.happen();
            queue.push(Time(at.0 + gap.sample(stream)), Rank::Normal, event);
        };
        for target in 0..pending {
            let event = Event { kind: 0, target, payload: [u64::from(target), 1] };
            queue.push(Time(gap.sample(&mut stream)), Rank::Normal, event);
        }
        // Once around, so that the queue is as it will stay.
        for _ in 0..pending {
            hold(&mut queue, &mut stream);
        }
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::from_parameter(pending), |b| {
            b.iter(|| hold(&mut queue, &mut stream));
        });
    }
    group.finish();
}

fn queues(c: &mut Criterion) {
    hold::<WheelQueue<Event>>(c, "hold/wheel");
    hold::<HeapQueue<Event>>(c, "hold/heap");
}

fn draws(c: &mut Criterion) {
    let mut group = c.benchmark_group("draw");
    let dists = [
        ("exponential", Dist::exponential(1e9)),
        ("lognormal", Dist::lognormal(1e9, 1.5)),
        ("gamma", Dist::gamma(1e9, 0.7)),
        ("pareto", Dist::pareto(1e9, 2.5)),
        ("empirical", Dist::empirical((0..1_000).collect())),
    ];
    for (name, dist) in dists {
        let dist = dist.expect("the parameters are in range");
        let mut stream = StreamKey::new(42, 0).stream(name);
        group.bench_function(name, |b| b.iter(|| dist.sample(&mut stream)));
    }
    let per_event = StreamKey::new(42, 0).per_event("unit");
    let mut ordinal = 0;
    group.bench_function("unit of an event", |b| {
        b.iter(|| {
            ordinal += 1;
            per_event.at(ordinal).unit()
        });
    });
    group.finish();
}

fn histogram(c: &mut Criterion) {
    let dist = Dist::lognormal(1e7, 2.0).expect("the parameters are in range");
    let mut stream = StreamKey::new(42, 0).stream("histogram");
    let values: Vec<u64> = (0..4_096).map(|_| dist.sample(&mut stream)).collect();
    let mut group = c.benchmark_group("histogram");
    group.throughput(Throughput::Elements(values.len() as u64));
    let mut histogram = Histogram::default();
    group.bench_function("record 4096", |b| {
        b.iter(|| values.iter().for_each(|v| histogram.record(black_box(*v))));
    });
    group.bench_function("quantile", |b| b.iter(|| histogram.quantile(black_box(0.99))));
    group.finish();
}

criterion_group!(benches, queues, draws, histogram);
criterion_main!(benches);
