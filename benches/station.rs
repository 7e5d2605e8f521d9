//! What a customer of a plain station costs, beside a loop written by hand for M/M/1 alone.
//!
//! `cargo bench --bench station`. Load 0.9, mean service 1 ms: the mean wait approaches 9 ms.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use laglab::engine::{Dist, HeapQueue, StreamKey, WheelQueue};
use laglab::station::{StationPlan, Streams, run};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const CUSTOMERS: u64 = 1_000_000;

fn dists() -> (Dist, Dist) {
    (Dist::exponential(1e6 / 0.9).expect("above zero"), Dist::exponential(1e6).expect("above zero"))
}

/// Arrivals and services on a binary heap, and the sum of the waits.
fn by_hand() -> u128 {
    let (gap, service) = dists();
    let key = StreamKey::new(1, 0);
    let (mut arrivals, mut services) = (key.stream("arrivals"), key.stream("service"));
    let mut heap = BinaryHeap::new();
    let mut line: VecDeque<u64> = VecDeque::new();
    let (mut busy, mut left, mut wait) = (false, CUSTOMERS, 0_u128);
    heap.push(Reverse((gap.sample(&mut arrivals), 0_u64)));
    // Even for an arrival, odd for the end of a service.
    let mut sequence = 0;
    while let Some(Reverse((now, what))) = heap.pop() {
        sequence += 2;
        if what & 1 == 0 {
            left -= 1;
            if left > 0 {
                heap.push(Reverse((now + gap.sample(&mut arrivals), sequence)));
            }
            if busy {
                line.push_back(now);
            } else {
                busy = true;
                heap.push(Reverse((now + service.sample(&mut services), sequence + 1)));
            }
        } else if let Some(came) = line.pop_front() {
            wait += u128::from(now - came);
            heap.push(Reverse((now + service.sample(&mut services), sequence + 1)));
        } else {
            busy = false;
        }
    }
    wait
}

fn stations(criterion: &mut Criterion) {
    let (gap, service) = dists();
    let plan = StationPlan::single(gap, service, CUSTOMERS);
    let with = plan.clone().with_distribution();
    let streams = |plan: &StationPlan| Streams::new(plan, StreamKey::new(1, 0));
    let mut group = criterion.benchmark_group("m-m-1");
    group.sample_size(10).throughput(Throughput::Elements(CUSTOMERS));
    group.bench_function("by-hand", |b| b.iter(by_hand));
    group.bench_function("station/wheel", |b| {
        b.iter(|| run(&plan, streams(&plan), WheelQueue::default()).area)
    });
    group
        .bench_function("station/heap", |b| b.iter(|| run(&plan, streams(&plan), HeapQueue::default()).area));
    group.bench_function("station/wheel+distribution", |b| {
        b.iter(|| run(&with, streams(&with), WheelQueue::default()).area);
    });
    group.finish();
}

criterion_group!(benches, stations);
criterion_main!(benches);
