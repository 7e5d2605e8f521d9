//! The faults of a plan, and whom they strike.

use super::Draw;
use laglab::engine::Time;
use laglab::model::catalog::{Args, Entry, Kind, Param, TargetKind, Value};
use laglab::model::fault;
use laglab::model::ids::{BrokerId, DownstreamId, GroupId, ProducerId, TopicId};
use laglab::model::plan::*;
use std::sync::Arc;

impl Draw {
    pub(super) fn faults(&mut self, plan: &Plan) -> Vec<FaultPlan> {
        if self.rng.happens(0.2) {
            return Vec::new();
        }
        let often = self.log(0.05, 0.6);
        let mut faults = Vec::new();
        let of_kafka =
            |e: &&&Entry<dyn fault::Fault>| !e.name.ends_with("-shard") && !e.name.ends_with("-shards");
        for entry in fault::MEMBERS.iter().filter(of_kafka) {
            while faults.len() < 8 && self.rng.happens(often) {
                let Some(target) = self.target(entry.params, plan) else { break };
                let mut what = self.this(fault::MEMBERS, entry.name);
                if let Target::Topic(t) = target {
                    let more = self.below(9) as u64;
                    let to = u64::from(plan.topics[t.index()].partitions) + more;
                    what.args = Arc::new(Args(vec![("to", Value::Count(to))]));
                }
                let endless = !["pause", "leave"].contains(&entry.name) && self.rng.happens(0.15);
                faults.push(FaultPlan {
                    when: self.when(),
                    lasts: if endless { None } else { Some(self.part(0.001, 0.5)) },
                    target,
                    what,
                    label: entry.name.to_owned(),
                });
            }
        }
        faults
    }
    pub(super) fn when(&mut self) -> When {
        if self.rng.happens(0.6) {
            let mut at: Vec<Time> = (0..=self.below(3)).map(|_| self.moment()).collect();
            at.sort_unstable();
            return When::At(at);
        }
        let (a, b) = (self.moment(), self.moment());
        When::Random {
            mtbf: self.part(0.05, 2.0),
            mttr: self.part(0.002, 0.3),
            from: a.min(b),
            until: a.max(b),
        }
    }
    pub(super) fn target(&mut self, params: &[Param], plan: &Plan) -> Option<Target> {
        let Some(Kind::Target(kind)) = params.first().map(|p| p.kind) else { return None };
        let group = GroupId::from(self.below(plan.groups.len()));
        let consumers = plan.groups[group.index()].consumers as usize;
        Some(match kind {
            TargetKind::Consumer => match self.below(3) {
                0 => Target::Group(group),
                _ => Target::Consumer(group, self.below(consumers) as u32),
            },
            TargetKind::Group => Target::Group(group),
            TargetKind::Broker => Target::Broker(BrokerId(self.below(plan.cluster.brokers as usize) as u32)),
            TargetKind::Rack => Target::Rack(self.below(plan.cluster.replication.racks as usize) as u32),
            TargetKind::Producer => self.producers_struck(plan),
            TargetKind::Downstream => {
                let n = plan.downstreams.len();
                if n == 0 {
                    return None;
                }
                Target::Downstream(DownstreamId(self.below(n) as u32))
            }
            TargetKind::Topic => Target::Topic(TopicId::from(self.below(plan.topics.len()))),
            TargetKind::Client => match self.below(3) {
                0 => Target::Consumer(group, self.below(consumers) as u32),
                1 => Target::Group(group),
                _ => self.producers_struck(plan),
            },
        })
    }
    fn producers_struck(&mut self, plan: &Plan) -> Target {
        let table = self.below(plan.producers.len());
        let ProducerId(first) = ProducerPlan::first_id(plan, table);
        let n = plan.producers[table].instances;
        if self.coin() {
            Target::Producers { first: ProducerId(first), count: n }
        } else {
            Target::Producers { first: ProducerId(first + self.below(n as usize) as u32), count: 1 }
        }
    }
}
