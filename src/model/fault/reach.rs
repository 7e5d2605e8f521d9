//! Whom a target stands for, and levers that are pulled and put back: what most faults are made of.

use super::FaultView;
use crate::engine::Span;
use crate::model::catalog::{Default, Kind, Param, TargetKind};
use crate::model::ids::{BrokerId, DownstreamId, GroupId, ProducerId, TopicId};
use crate::model::lever::{Client, Lever};
use crate::model::plan::Target;

/// A fault's first parameter, which bears the fault's own name.
pub(super) const fn target(name: &'static str, kind: TargetKind) -> Param {
    let doc = match kind {
        TargetKind::Consumer => "One consumer (`billing/2`, counted from 0), or all of a group (`billing`).",
        TargetKind::Group => "The group.",
        TargetKind::Broker => "The broker, counted from 0.",
        TargetKind::Rack => "The rack, counted from 0.",
        TargetKind::Producer => "One producer instance (`checkout/0`), or all of them (`checkout`).",
        TargetKind::Downstream => "The dependency.",
        TargetKind::Topic => "The topic.",
        TargetKind::Client => {
            "A producer or a consumer, one instance (`checkout/0`) or all of them (`checkout`)."
        }
    };
    Param { name, kind: Kind::Target(kind), default: Default::Required, doc }
}

/// A shard of the topic that is struck.
pub(super) const fn shard(name: &'static str, doc: &'static str) -> Param {
    Param { name, kind: Kind::Count { min: 0, max: 1_000_000 }, default: Default::Required, doc }
}

/// How long a fault lasts.
pub(super) const FOR: Param = Param {
    name: "for",
    kind: Kind::Span,
    default: Default::Absent,
    doc: "How long it lasts; without it, to the end of the run.",
};

/// How long a process is away.
pub(super) const RESTART_AFTER: Param = Param {
    name: "restart-after",
    kind: Kind::Span,
    default: Default::Absent,
    doc: "How long until it is started again; without it, never.",
};

/// How much slower something is.
pub(super) const FACTOR: Param = Param {
    name: "factor",
    kind: Kind::Number { min: 0.001, max: 1_000_000.0 },
    default: Default::Required,
    doc: "How many times as long it takes as it should; below 1 it is faster.",
};

impl FaultView {
    /// The consumers the target stands for: those of a group that have ever started.
    ///
    /// # Panics
    /// If it is neither consumer nor group, as each of these if it is of another kind.
    pub(super) fn struck_consumers(&self) -> impl Iterator<Item = (GroupId, u32)> + use<> {
        let (group, consumers) = match self.target {
            Target::Consumer(group, index) => (group, index..index + 1),
            Target::Group(group) => (group, 0..self.consumers),
            other => panic!("a fault of consumers strikes {other:?}"),
        };
        consumers.map(move |index| (group, index))
    }
    /// The producer instances the target stands for.
    pub(super) fn struck_producers(&self) -> impl Iterator<Item = ProducerId> + use<> {
        let Target::Producers { first, count } = self.target else {
            panic!("a fault of producers strikes {:?}", self.target)
        };
        (first.0..first.0 + count).map(ProducerId)
    }
    /// The owners of the wires the target stands for.
    pub(super) fn struck_clients(&self) -> Vec<Client> {
        if let Target::Producers { .. } = self.target {
            return self.struck_producers().map(Client::Producer).collect();
        }
        self.struck_consumers().map(|(group, index)| Client::Consumer(group, index)).collect()
    }
    /// The group struck as a whole.
    pub(super) fn struck_group(&self) -> GroupId {
        let Target::Group(group) = self.target else { panic!("a fault of groups strikes {:?}", self.target) };
        group
    }
    /// The broker struck.
    pub(super) fn struck_broker(&self) -> BrokerId {
        let Target::Broker(broker) = self.target else {
            panic!("a fault of brokers strikes {:?}", self.target)
        };
        broker
    }
    /// The dependency struck.
    pub(super) fn struck_downstream(&self) -> DownstreamId {
        let Target::Downstream(downstream) = self.target else {
            panic!("a fault of dependencies strikes {:?}", self.target)
        };
        downstream
    }
    /// The topic struck.
    pub(super) fn struck_topic(&self) -> TopicId {
        let Target::Topic(topic) = self.target else { panic!("a fault of topics strikes {:?}", self.target) };
        topic
    }
    /// For each of `struck` one lever at once, and one when the fault is over, if it ends.
    pub(super) fn while_it_lasts<T>(
        &self,
        struck: impl IntoIterator<Item = T>,
        pull: impl Fn(&T) -> Lever,
        put_back: impl Fn(&T) -> Lever,
    ) -> Vec<(Span, Lever)> {
        let struck: Vec<T> = struck.into_iter().collect();
        let begin = struck.iter().map(|one| (Span::ZERO, pull(one)));
        let end = self.lasts.into_iter().flat_map(|span| struck.iter().map(move |one| (span, one)));
        begin.chain(end.map(|(span, one)| (span, put_back(one)))).collect()
    }
}
