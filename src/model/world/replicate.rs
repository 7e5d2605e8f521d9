//! How followers come by what leaders have: fetches between brokers, in-sync replicas, and up to where readers
//! and acks=all see.
//!
//! One fetch session per pair of leader and follower, as with Kafka's `num.replica.fetchers=1`: a fetch that
//! finds nothing waits at the leader and is answered by the next append; the next fetch tells the leader what
//! was stored. A session with nothing to carry costs no event (Kafka's empty answers every
//! `replica.fetch.wait.max.ms` only say that the follower lives). Who leads is decided in `elect`.

use super::{Ev, Receipt, World};
use crate::engine::{Span, Stream, Time};
use crate::model::broker::Job;
use crate::model::fact::Facts;
use crate::model::ids::{BrokerId, Offset, PartitionId, RequestId};
use std::collections::BTreeMap;

/// A link that is none.
const NO_LINK: u32 = u32::MAX;
/// Kafka `replica.fetch.response.max.bytes`.
const MOST_PER_ANSWER: u64 = 10 << 20;

/// Where a fetch session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// There is none: one of the two is down, or they cannot reach each other.
    #[default]
    Broken,
    /// A fetch or its answer is on its way, or in work.
    OnItsWay,
    /// A fetch waits at the leader for something to be appended.
    Parked,
}

/// One follower's fetch session with one leader.
#[derive(Debug)]
struct Link {
    leader: BrokerId,
    follower: BrokerId,
    stage: Stage,
    /// Raised when it breaks; what was announced before is void.
    epoch: u32,
    /// When a fetch last reached the leader.
    fetched: Time,
    /// Replicas that lack something, or have to show what they have.
    dirty: Vec<(PartitionId, u32)>,
    /// What the answer on its way brings: up to where.
    carried: Vec<(PartitionId, u32, Offset)>,
    bytes: u64,
    rng: Stream,
}

/// How one replica follows.
#[derive(Clone, Copy, Debug)]
struct Feed {
    link: u32,
    /// It stands in the link's list.
    dirty: bool,
}

/// All sessions, and how each replica follows.
#[derive(Debug, Default)]
pub(super) struct Links {
    all: Vec<Link>,
    of: BTreeMap<(BrokerId, BrokerId), u32>,
    /// Per partition and replica.
    feeds: Vec<Vec<Feed>>,
}

impl World {
    /// At the start every follower has a fetch waiting at its leader.
    pub(super) fn start_following(&mut self) {
        let none = Feed { link: NO_LINK, dirty: false };
        self.links.feeds = self.replicas.iter().map(|r| vec![none; r.all().len()]).collect();
        for p in 0..self.replicas.len() {
            self.turn_to_leader(PartitionId::from(p));
        }
        self.links.all.iter_mut().for_each(|link| link.stage = Stage::Parked);
    }

    /// Which session each replica of a partition follows by.
    fn turn_to_leader(&mut self, p: PartitionId) {
        let leader = self.replicas[p.index()].leader();
        for slot in 0..self.replicas[p.index()].all().len() {
            let follower = self.replicas[p.index()].all()[slot].broker;
            let link = match leader {
                Some(leader) if leader != follower => self.link(leader, follower),
                _ => NO_LINK,
            };
            self.links.feeds[p.index()][slot] = Feed { link, dirty: false };
        }
    }

    fn link(&mut self, leader: BrokerId, follower: BrokerId) -> u32 {
        if let Some(link) = self.links.of.get(&(leader, follower)) {
            return *link;
        }
        let rng = self.key.stream(&format!("broker.{}/follow/{}", follower.0, leader.0));
        let link = self.links.all.len() as u32;
        self.links.all.push(Link {
            leader,
            follower,
            stage: Stage::Broken,
            epoch: 0,
            fetched: self.now,
            dirty: Vec::new(),
            carried: Vec::new(),
            bytes: 0,
            rng,
        });
        self.links.of.insert((leader, follower), link);
        link
    }

    /// A partition has another leader: its followers turn to it.
    pub(super) fn follow_leader<F: Facts>(&mut self, p: PartitionId, facts: &mut F) {
        if self.replicas[p.index()].several() {
            self.turn_to_leader(p);
            for slot in 0..self.replicas[p.index()].all().len() {
                self.show_itself(p, slot, facts);
            }
        }
    }

    /// A follower has to exchange a fetch with its leader, whether there is something for it or not.
    fn show_itself<F: Facts>(&mut self, p: PartitionId, slot: usize, facts: &mut F) {
        if !self.replicas[p.index()].several() {
            return;
        }
        let feed = &mut self.links.feeds[p.index()][slot];
        if feed.link == NO_LINK {
            return;
        }
        if !feed.dirty {
            feed.dirty = true;
            self.links.all[feed.link as usize].dirty.push((p, slot as u32));
        }
        let link = feed.link;
        match self.links.all[link as usize].stage {
            Stage::Broken => self.connect(link),
            Stage::Parked => self.feed(link, facts),
            Stage::OnItsWay => {}
        }
    }

    /// A follower begins to fetch, if it can reach its leader.
    fn connect(&mut self, link: u32) {
        let l = &self.links.all[link as usize];
        let [a, b] = [l.leader, l.follower].map(|b| &self.brokers[b.index()]);
        if l.stage == Stage::Broken && a.up && b.up && !a.cut && !b.cut {
            self.links.all[link as usize].stage = Stage::OnItsWay;
            self.send_fetch(link);
        }
    }

    fn between_brokers(&mut self, link: u32) -> Time {
        self.now + Span(self.plan.cluster.replication.delay.sample(&mut self.links.all[link as usize].rng))
    }
    fn send_fetch(&mut self, link: u32) {
        let at = self.between_brokers(link);
        let epoch = self.links.all[link as usize].epoch;
        self.at(at, Ev::Follow(link, epoch));
    }

    /// Something was appended behind `before`: followers may have it.
    #[inline]
    pub(super) fn feed_followers<F: Facts>(&mut self, p: PartitionId, before: Offset, facts: &mut F) {
        let replicas = &mut self.replicas[p.index()];
        replicas.appended(self.logs[p.index()].end());
        for slot in 0..replicas.all().len() {
            let feed = &mut self.links.feeds[p.index()][slot];
            if feed.link == NO_LINK {
                continue;
            }
            let link = &mut self.links.all[feed.link as usize];
            if !feed.dirty {
                feed.dirty = true;
                link.dirty.push((p, slot as u32));
                let at = if link.stage == Stage::Parked { self.now } else { link.fetched };
                self.replicas[p.index()].was_level(slot, before, at);
            }
            let (link, stage) = (feed.link, link.stage);
            match stage {
                Stage::Parked => self.feed(link, facts),
                // It broke when there was nothing to bring, and whoever was away is back.
                Stage::Broken => self.connect(link),
                Stage::OnItsWay => {}
            }
        }
    }

    /// The leader answers a fetch with what the follower lacks.
    fn feed<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let most = self.plan.cluster.replication.fetch_max_bytes;
        let link = &mut self.links.all[id as usize];
        link.stage = Stage::OnItsWay;
        link.bytes = 0;
        let mut dirty = std::mem::take(&mut link.dirty);
        let mut carried = std::mem::take(&mut link.carried);
        let mut bytes = 0;
        dirty.retain(|(p, slot)| {
            let feed = &mut self.links.feeds[p.index()][*slot as usize];
            if feed.link != id || bytes >= MOST_PER_ANSWER {
                return feed.link == id;
            }
            let from = self.replicas[p.index()].all()[*slot as usize].end;
            let (to, size) = self.logs[p.index()].follow(from, most, &self.batches);
            bytes += size;
            carried.push((*p, *slot, to));
            feed.dirty = to < self.logs[p.index()].end();
            feed.dirty
        });
        let link = &mut self.links.all[id as usize];
        (link.dirty, link.carried, link.bytes) = (dirty, carried, bytes);
        let (leader, epoch) = (link.leader, link.epoch);
        let server = &mut self.brokers[leader.index()];
        if server.instant() {
            self.send_feed(id, epoch, facts);
        } else if let Some(done) = server.submit(Job::Feed(id, epoch), bytes, self.now) {
            let epoch = server.epoch;
            self.at(done, Ev::BrokerDone(leader, epoch));
        }
    }

    /// The answer leaves the leader.
    pub(super) fn send_feed<F: Facts>(&mut self, id: u32, epoch: u32, _: &mut F) {
        if self.links.all[id as usize].epoch == epoch {
            let at = self.between_brokers(id);
            self.at(at, Ev::Fed(id, epoch));
        }
    }

    /// The answer reaches the follower, which stores it.
    pub(super) fn fed<F: Facts>(&mut self, id: u32, epoch: u32, facts: &mut F) {
        let link = &self.links.all[id as usize];
        if link.epoch != epoch {
            return;
        }
        let (follower, bytes) = (link.follower, link.bytes);
        let server = &mut self.brokers[follower.index()];
        if server.instant() || bytes == 0 {
            self.store_feed(id, epoch, facts);
        } else if let Some(done) = server.submit(Job::Store(id, epoch), bytes, self.now) {
            let epoch = server.epoch;
            self.at(done, Ev::BrokerDone(follower, epoch));
        }
    }

    /// It is stored: the follower asks for more, and tells what it has.
    pub(super) fn store_feed<F: Facts>(&mut self, id: u32, epoch: u32, _: &mut F) {
        let link = &self.links.all[id as usize];
        if link.epoch != epoch {
            return;
        }
        for (p, slot, to) in &link.carried {
            if self.links.feeds[p.index()][*slot as usize].link == id {
                self.replicas[p.index()].received(*slot as usize, *to);
            }
        }
        self.send_fetch(id);
    }

    /// A follower's fetch reaches the leader.
    pub(super) fn follower_fetches<F: Facts>(&mut self, id: u32, epoch: u32, facts: &mut F) {
        let now = self.now;
        let link = &mut self.links.all[id as usize];
        if link.epoch != epoch {
            return;
        }
        link.fetched = now;
        let mut carried = std::mem::take(&mut link.carried);
        for (p, slot, _) in carried.drain(..) {
            if self.links.feeds[p.index()][slot as usize].link != id {
                continue;
            }
            let log = &self.logs[p.index()];
            let (end, visible) = (log.end(), log.visible());
            let replicas = &mut self.replicas[p.index()];
            self.logs[p.index()].is_shared(replicas.least_end());
            if replicas.fetched(slot as usize, end, visible, now) {
                facts.in_sync_changed(p, replicas.in_sync(), now);
            }
            self.raise_high_watermark(p, facts);
        }
        let link = &mut self.links.all[id as usize];
        link.carried = carried;
        if link.dirty.is_empty() {
            link.stage = Stage::Parked;
        } else {
            self.feed(id, facts);
        }
    }

    /// Readers and acks=all see up to where all in-sync replicas are known to be.
    pub(super) fn raise_high_watermark<F: Facts>(&mut self, p: PartitionId, facts: &mut F) {
        let log = &mut self.logs[p.index()];
        let to = self.replicas[p.index()].high_watermark(log.visible());
        if to > log.visible() {
            log.show(log.after_hole(to));
            self.appear(p, facts);
            self.answer_replicated(p, facts);
        }
    }

    /// Requests with acks=all whose records all in-sync replicas have are answered.
    fn answer_replicated<F: Facts>(&mut self, p: PartitionId, facts: &mut F) {
        let visible = self.logs[p.index()].visible();
        let too_few = self.replicas[p.index()].too_few();
        let mut i = 0;
        while let Some((end, request, place)) = self.awaiting[p.index()].get(i).copied() {
            if end > visible {
                i += 1;
                continue;
            }
            self.awaiting[p.index()].remove(i);
            if too_few {
                self.refuse_for_want_of_replicas(request, place as usize, facts);
            }
            self.one_less_to_wait_for(request, facts);
        }
    }

    /// NOT_ENOUGH_REPLICAS, before or after the append.
    pub(super) fn refuse_for_want_of_replicas<F: Facts>(
        &mut self,
        request: RequestId,
        place: usize,
        facts: &mut F,
    ) {
        let r = &mut self.requests[request.0];
        let batch = &self.batches[r.batches[place]];
        facts.too_few_in_sync(r.producer, batch.partition, &batch.records, self.now);
        if let Some(answer) = r.answers.get_mut(place) {
            *answer = Receipt::Refused;
        }
    }

    /// Followers that have not caught up for too long are dropped (Kafka's `isr-expiration`, every half of
    /// `replica.lag.time.max.ms`). A leader that cannot reach the controller can drop nobody.
    pub(super) fn drop_late_followers<F: Facts>(&mut self, facts: &mut F) {
        let (now, lag) = (self.now, self.plan.cluster.replication.max_lag);
        for p in 0..self.replicas.len() {
            let Some(leader) = self.leader[p] else { continue };
            let server = &self.brokers[leader.index()];
            if self.replicas[p].several()
                && server.up
                && !server.isolated
                && self.replicas[p].shrink(now, lag)
            {
                let p = PartitionId::from(p);
                facts.in_sync_changed(p, self.replicas[p.index()].in_sync(), now);
                self.raise_high_watermark(p, facts);
            }
        }
        let next = now + Span(lag.0 / 2);
        self.at(next, Ev::DropLate);
    }

    /// A broker stops, or is cut off: its sessions break.
    pub(super) fn break_links(&mut self, broker: BrokerId) {
        for (id, link) in self.links.all.iter_mut().enumerate() {
            if link.leader != broker && link.follower != broker {
                continue;
            }
            link.epoch += 1;
            link.stage = Stage::Broken;
            for (p, slot, _) in link.carried.drain(..) {
                let feed = &mut self.links.feeds[p.index()][slot as usize];
                if feed.link == id as u32 && !feed.dirty {
                    feed.dirty = true;
                    link.dirty.push((p, slot));
                }
            }
        }
    }

    /// A broker runs, or is reached again: its sessions begin anew.
    pub(super) fn mend_links<F: Facts>(&mut self, broker: BrokerId, facts: &mut F) {
        for p in 0..self.replicas.len() {
            let p = PartitionId::from(p);
            if let Some(slot) = self.replicas[p.index()].on(broker) {
                self.show_itself(p, slot, facts);
            }
        }
        for id in 0..self.links.all.len() {
            if self.links.all[id].leader == broker && !self.links.all[id].dirty.is_empty() {
                self.connect(id as u32);
            }
        }
    }
}
