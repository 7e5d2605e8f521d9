//! What is looked at with every sample: the lag of each group, in records and in time.
//!
//! Looks at a snapshot of the world; what it is told between two samples it hears elsewhere.

use super::Measure;
use crate::engine::Span;
use crate::model::fact::View;
use crate::model::ids::GroupId;

impl Measure {
    /// Where something was appended, whoever reads it may be behind.
    pub(super) fn note_fresh(&mut self) {
        let mut next = 0;
        while let Some(p) = self.fresh.next(next) {
            next = p + 1;
            for g in &self.readers[self.topic_of[p].index()] {
                let book = &mut self.groups[*g];
                book.behind.insert(book.place_of[p] as usize);
            }
        }
        self.fresh.clear(self.topic_of.len());
    }

    pub(super) fn sample_group(&mut self, g: usize, bucket: usize, view: &dyn View) {
        let (now, every) = (view.now(), self.every);
        let in_work = now <= self.work_end;
        let measured = now > self.warm_up && in_work;
        let book = &mut self.groups[g];
        let (mut lag, mut oldest) = (0u64, Span::ZERO);
        if !book.partition_lag.is_empty() {
            book.behind.fill(book.partitions.len());
        }
        let mut next = 0;
        while let Some(i) = book.behind.next(next) {
            next = i + 1;
            let p = book.partitions[i];
            let done = book.ledger.done_upto(p);
            let behind = view.log_end(p) - done;
            let (start, seen) = (view.log_start(p), view.high_watermark(p));
            let committed = view.committed(GroupId::from(g), p).unwrap_or(0);
            assert!(
                start <= seen && seen <= view.log_end(p) && committed <= seen,
                "{p:?} at {now}: the log starts at {start}, is seen up to {seen}, ends at {}, and {committed} is committed",
                view.log_end(p)
            );
            lag += behind;
            if behind == 0 {
                book.behind.remove(i);
            } else if let Some(created) = view.created(p, done) {
                oldest = oldest.max(now.since(created));
            }
            if measured {
                book.partition_sums[i] += behind as f64;
            }
            if let Some(track) = book.partition_lag.get_mut(i) {
                track.sample(bucket, behind as f64);
            }
        }
        let running = view.running(GroupId::from(g));
        book.lag.sample(bucket, lag as f64);
        book.lag_time.sample(bucket, oldest.secs());
        book.consumers.sample(bucket, f64::from(running));
        let position = self.samples % self.per_bucket;
        book.applied_rate.sample(bucket, book.ledger.applied_ever, every, position);
        book.consumers_max = book.consumers_max.max(running);
        if in_work {
            book.consumer_ns += f64::from(running) * every.0 as f64;
        }
        if measured {
            book.lag_samples.push(lag as f64);
            book.lag_time_samples.push(oldest.secs());
            book.capacity += f64::from(running) * book.workers * every.0 as f64;
        }
        if now >= self.warm_up && book.busy_at.0.is_none() {
            book.busy_at.0 = Some(book.busy);
        }
        match self.first_fault {
            None if measured => book.lag_before = book.lag_before.max(lag as f64),
            Some(_) if self.faults_over.is_some_and(|over| now >= over) => {
                if lag as f64 > book.lag_before {
                    book.calm_since = None;
                } else {
                    book.calm_since.get_or_insert(now);
                }
            }
            _ => {}
        }
    }
}
