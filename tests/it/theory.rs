//! Closed formulas as the judge: whatever the pipeline is made of, its queues must behave like queues.

use crate::support::*;
use laglab::engine::Dist;
use laglab::stats::mean_interval;

#[test]
fn m_m_1_waits_as_it_should() {
    let plan = pipeline(800.0, Dist::exponential(1e6).unwrap(), 1, 100);
    let values: Vec<f64> = (0..20).map(|r| metric(&run(&plan, r), "group.sink.latency.mean")).collect();
    let interval = mean_interval(&values, 0.999);
    // W = 1 / (mu - lambda) = 5 ms.
    assert!(interval.covers(5e-3), "{interval:?}");
}
