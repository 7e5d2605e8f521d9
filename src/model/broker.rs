//! A broker as a server with one line: each request costs time per request and per byte.
//!
//! Followers' fetches are jobs like any other. Leaves out: disk, request queue limits.
//! It knows requests and fetches by id; what they carry and who waits for them is the world's business.

use crate::engine::{Dist, Span, Stream, Time};
use crate::model::backpressure::Quota;
use crate::model::backpressure::quota::QuotaView;
use crate::model::catalog::Choice;
use crate::model::ids::{BrokerId, ConsumerId, ProducerId, RequestId};
use crate::model::plan::ClusterPlan;
use std::collections::VecDeque;

/// Something a broker does for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Append what a produce request carries.
    Produce(RequestId),
    /// Look for what a fetch asks for.
    Fetch(RequestId),
    /// Send what a fetch found.
    Deliver(RequestId),
    /// Answer a follower's fetch (the number and the epoch of its link).
    Feed(u32, u32),
    /// Store what such an answer brought.
    Store(u32, u32),
}

/// See the module's text.
pub struct Broker {
    /// Who this is.
    pub id: BrokerId,
    /// Whether it runs.
    pub up: bool,
    /// The controller does not count on it.
    pub fenced: bool,
    /// It cannot reach other brokers.
    pub cut: bool,
    /// Nor the controller.
    pub isolated: bool,
    /// Raised when it stops or starts, or is in touch again; what was announced of it before is void.
    pub incarnation: u32,
    /// Raised whenever the end of the running job changes; older announcements of it are void.
    pub epoch: u32,
    request_cost: Dist,
    byte_cost: f64,
    slow: f64,
    rng: Stream,
    line: VecDeque<(Job, u64)>,
    /// The job in service, its length and its end.
    current: Option<(Job, Span, Time)>,
    quota: Option<Choice<dyn Quota>>,
    quotas: Vec<Option<Box<dyn Quota>>>,
    fetch_quota: Option<Choice<dyn Quota>>,
    fetch_quotas: Vec<Option<Box<dyn Quota>>>,
}

impl Broker {
    /// Broker `id` of a cluster.
    pub fn new(plan: &ClusterPlan, id: BrokerId, rng: Stream) -> Self {
        Broker {
            id,
            up: true,
            fenced: false,
            cut: false,
            isolated: false,
            incarnation: 0,
            epoch: 0,
            request_cost: plan.request_cost.clone(),
            byte_cost: plan.byte_cost,
            slow: 1.0,
            rng,
            line: VecDeque::new(),
            current: None,
            quota: plan.quota.clone(),
            quotas: Vec::new(),
            fetch_quota: plan.fetch_quota.clone(),
            fetch_quotas: Vec::new(),
        }
    }
    /// Whether it does everything at once.
    #[inline]
    pub fn instant(&self) -> bool {
        // No cost is negative, so the bits of zero are all zero.
        self.byte_cost.to_bits() == 0 && self.request_cost.is_zero()
    }
    /// Takes a job; returns when it is done if it starts at once.
    pub fn submit(&mut self, job: Job, bytes: u64, now: Time) -> Option<Time> {
        debug_assert!(self.up, "a dead broker takes no job");
        if self.current.is_some() {
            self.line.push_back((job, bytes));
            return None;
        }
        Some(self.begin(job, bytes, now))
    }
    fn begin(&mut self, job: Job, bytes: u64, now: Time) -> Time {
        let of_a_request = matches!(job, Job::Deliver(_) | Job::Store(..));
        let per_request = if of_a_request { 0 } else { self.request_cost.sample(&mut self.rng) };
        let cost = Span(per_request) + Span((bytes as f64 * self.byte_cost + 0.5) as u64);
        let length = if self.slow == 1.0 { cost } else { cost.scaled(self.slow) };
        self.current = Some((job, length, now + length));
        self.epoch += 1;
        now + length
    }
    /// The running job is done: what it was, how long it took, and when the next one is done.
    pub fn finish(&mut self, now: Time) -> (Job, Span, Option<Time>) {
        let (job, length, _) = self.current.take().expect("a job was announced");
        let next = self.line.pop_front().map(|(job, bytes)| self.begin(job, bytes, now));
        (job, length, next)
    }
    /// Everything takes `factor` times as long from now on; returns the new end of the running job.
    pub fn slow_down(&mut self, factor: f64, now: Time) -> Option<Time> {
        let ratio = factor / self.slow;
        self.slow = factor;
        let (_, length, end) = self.current.as_mut()?;
        let left = end.since(now);
        let stretched = left.scaled(ratio);
        *length = Span(length.0 - left.0) + stretched;
        *end = now + stretched;
        self.epoch += 1;
        Some(*end)
    }
    /// The broker dies; the jobs it had are returned.
    pub fn stop(&mut self) -> Vec<Job> {
        self.up = false;
        self.epoch += 1;
        let current = self.current.take().map(|(job, _, _)| job);
        current.into_iter().chain(self.line.drain(..).map(|(job, _)| job)).collect()
    }
    /// The throttle time for a produce request of this client.
    #[inline]
    pub fn throttle(&mut self, client: ProducerId, bytes: u64, now: Time) -> Span {
        if self.quota.is_none() { Span::ZERO } else { self.ask_quota(client, bytes, now) }
    }
    fn ask_quota(&mut self, client: ProducerId, bytes: u64, now: Time) -> Span {
        let Some(quota) = &self.quota else { return Span::ZERO };
        of_client(&mut self.quotas, client.index(), quota).throttle(&QuotaView { now, bytes })
    }
    /// The throttle time for an answer of so many bytes to this client's fetch. If it is not zero, the answer goes
    /// without its records.
    pub fn throttle_fetch(&mut self, client: ConsumerId, bytes: u64, now: Time) -> Span {
        let Some(quota) = &self.fetch_quota else { return Span::ZERO };
        let (quota, view) =
            (of_client(&mut self.fetch_quotas, client.index(), quota), QuotaView { now, bytes });
        let wait = quota.throttle(&view);
        if !wait.is_zero() {
            quota.take_back(&view);
        }
        wait
    }
    /// The most bytes this client's fetch may be answered with.
    pub fn most_per_fetch(&mut self, client: ConsumerId) -> u64 {
        let Some(quota) = &self.fetch_quota else { return u64::MAX };
        of_client(&mut self.fetch_quotas, client.index(), quota).most()
    }
}

/// The quota of one client, from the first time on that it is asked for.
fn of_client<'q>(
    all: &'q mut Vec<Option<Box<dyn Quota>>>,
    client: usize,
    quota: &Choice<dyn Quota>,
) -> &'q mut dyn Quota {
    if all.len() <= client {
        all.resize_with(client + 1, || None);
    }
    all[client].get_or_insert_with(|| quota.build()).as_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StreamKey;

    #[test]
    fn jobs_wait_in_line_and_a_slow_down_stretches_what_is_left() {
        let plan = ClusterPlan {
            brokers: 1,
            request_cost: Dist::Constant(100),
            byte_cost: 1.0,
            failover: None,
            replication: crate::model::plan::ReplicationPlan::default(),
            retention_check: Span::from_secs(300),
            initial_task_delay: Span::from_secs(30),
            cleaner_backoff: Span::from_secs(15),
            offsets_retention: Span::from_secs(7 * 24 * 3600),
            quota: None,
            fetch_quota: None,
        };
        let mut broker = Broker::new(&plan, BrokerId(0), StreamKey::new(1, 0).stream("broker"));
        let (a, b) = (Job::Produce(RequestId(0)), Job::Fetch(RequestId(1)));
        assert_eq!(broker.submit(a, 50, Time(0)), Some(Time(150)));
        assert_eq!(broker.submit(b, 0, Time(10)), None);
        assert_eq!(broker.slow_down(2.0, Time(50)), Some(Time(250)));
        assert_eq!(broker.finish(Time(250)), (a, Span(250), Some(Time(450))));
        assert_eq!(broker.stop(), vec![b]);
    }
}
