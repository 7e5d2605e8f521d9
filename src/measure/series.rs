//! Quantities over time on a fixed grid, with the extremes of each bucket.

use crate::engine::Span;
use crate::measure::findings::Series;

/// A series being recorded: several samples make a bucket.
#[derive(Debug)]
pub struct Track {
    name: String,
    unit: &'static str,
    value: Vec<f64>,
    min: Vec<f64>,
    max: Vec<f64>,
}

impl Track {
    /// An empty one.
    pub fn new(name: String, unit: &'static str) -> Self {
        Track { name, unit, value: Vec::new(), min: Vec::new(), max: Vec::new() }
    }
    /// A sample in bucket `bucket`; the last one of a bucket is its value.
    pub fn sample(&mut self, bucket: usize, x: f64) {
        if bucket < self.value.len() {
            self.value[bucket] = x;
            self.min[bucket] = self.min[bucket].min(x);
            self.max[bucket] = self.max[bucket].max(x);
            return;
        }
        self.value.push(x);
        self.min.push(x);
        self.max.push(x);
    }
    /// The record.
    pub fn finish(self, step: Span) -> Series {
        Series { name: self.name, unit: self.unit, step, value: self.value, min: self.min, max: self.max }
    }
}

/// A count that grows; each sample gives its rate since the one before.
#[derive(Debug)]
pub struct RateTrack {
    track: Track,
    last: u64,
    /// Count at the beginning of the current bucket.
    bucket_start: (usize, u64),
}

impl RateTrack {
    /// An empty one.
    pub fn new(name: String) -> Self {
        RateTrack { track: Track::new(name, "events/s"), last: 0, bucket_start: (0, 0) }
    }
    /// The count at a sample, `samples` of which (each `every` long) make a bucket.
    pub fn sample(&mut self, bucket: usize, count: u64, every: Span, position: u64) {
        let rate = (count - self.last) as f64 / every.secs();
        if self.bucket_start.0 != bucket {
            self.bucket_start = (bucket, self.last);
        }
        self.last = count;
        self.track.sample(bucket, rate);
        // The bucket's value is its mean.
        let mean = (count - self.bucket_start.1) as f64 / (every.secs() * (position + 1) as f64);
        *self.track.value.last_mut().expect("just sampled") = mean;
    }
    /// The record.
    pub fn finish(self, step: Span) -> Series {
        self.track.finish(step)
    }
}
