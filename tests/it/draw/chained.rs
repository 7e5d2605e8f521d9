//! Plans with a stage in between: what one group makes of its records goes to another topic, in transactions or not,
//! and another group reads that.

use super::Draw;
use laglab::engine::Span;
use laglab::model::arrivals;
use laglab::model::catalog::{Args, Choice, Value};
use laglab::model::fault;
use laglab::model::ids::{GroupId, TopicId};
use laglab::model::plan::*;

/// The plan of this seed, with its first group as the stage.
pub fn chained_plan(seed: u64) -> Plan {
    let mut plan = super::plan(seed);
    Draw::again(seed, &plan, "chain").chain(&mut plan);
    plan
}

impl Draw {
    fn chain(&mut self, plan: &mut Plan) {
        let stage = GroupId(0);
        let in_transactions = self.rng.happens(0.6);
        let group = &mut plan.groups[stage.index()];
        group.scaling = None;
        group.flow = None;
        group.processing = Processing::Barrier;
        if in_transactions || group.commit == Commit::AfterRecord {
            group.commit = Commit::AfterBatch;
        }
        if group.delivery == Delivery::AtMostOnce && group.commit != Commit::Before {
            group.delivery = Delivery::AtLeastOnce;
        }
        let group = plan.groups[stage.index()].clone();
        let fits = |p: &&ProducerPlan| group.topics.contains(&p.topic);
        let keys = plan.producers.iter().find(fits).map(|p| p.keys.clone());

        let result = TopicId::from(plan.topics.len());
        let topic = self.topic(plan.topics.len(), plan.cluster.brokers);
        plan.topics.push(TopicPlan { name: "result".into(), ..topic });

        let mut made = self.producer(0, plan.topics.len(), (0.5, 0.2), 0.0);
        made.name = "made".into();
        made.instances = group.consumers;
        (made.topic, made.from) = (result, Some(stage));
        made.arrivals =
            Choice::of(arrivals::MEMBERS, "output-of", Args(vec![("value", Value::Text(group.name))]));
        made.keys = keys.unwrap_or(made.keys);
        made.recorded_sizes = None;
        if in_transactions {
            (made.acks, made.idempotence) = (Acks::All, true);
            made.retries = self.one(&[1, 5, u32::MAX - 1]);
            let timeout = self.millis(10, 60_000);
            let interval = if self.coin() { Span::ZERO } else { self.part(0.0005, 0.3) };
            made.transactional = Some(TransactionPlan { commit_interval: interval, timeout });
        }
        plan.producers.push(made);

        let odds = self.group_odds((0.5, 0.2));
        let reader = self.group(0, 1, 0, &odds);
        let isolation = self.one(&[Isolation::ReadUncommitted, Isolation::ReadCommitted]);
        plan.groups.push(GroupPlan { name: "reader".into(), topics: vec![result], isolation, ..reader });

        for name in ["crash", "pause", "network-cut"] {
            if self.coin() {
                let Some(target) = self.target(fault_target(name), plan) else { continue };
                let target = if self.coin() { Target::Group(stage) } else { target };
                plan.faults.push(FaultPlan {
                    when: self.when(),
                    lasts: Some(self.part(0.001, 0.5)),
                    target,
                    what: self.this(fault::MEMBERS, name),
                    label: name.to_owned(),
                });
            }
        }
    }
}

fn fault_target(name: &str) -> &'static [laglab::model::catalog::Param] {
    fault::MEMBERS.iter().find(|e| e.name == name).expect("a fault").params
}
