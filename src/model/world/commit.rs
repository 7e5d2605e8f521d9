//! How positions become committed offsets: on the wire, at the coordinator, and what comes after the answer.

use super::{CommitNote, Ev, World};
use crate::engine::Span;
use crate::model::consumer::{After, Membership};
use crate::model::coordinator::{Beat, Member};
use crate::model::fact::{Facts, Reader};
use crate::model::ids::ConsumerId;
use crate::model::plan::{Commit, Processing};

impl World {
    /// Commits the positions and goes on when the answer is there (Kafka's `commitSync`).
    pub(super) fn commit_and_then<F: Facts>(&mut self, c: ConsumerId, after: After, facts: &mut F) {
        self.consumers[c.index()].committing = Some(after);
        if self.commits_with_outputs(c, facts) {
            return;
        }
        if !self.send_commit(c, true, facts) {
            self.go_on(c, facts);
        }
    }

    /// Sends the positions to the coordinator; `false` if there is nothing to wait for.
    pub(super) fn send_commit<F: Facts>(&mut self, c: ConsumerId, awaited: bool, facts: &mut F) -> bool {
        let Some(note) = self.note_to_commit(c, awaited, facts) else { return false };
        self.commit_note(note, facts);
        awaited
    }
    pub(super) fn commit_note<F: Facts>(&mut self, note: CommitNote, facts: &mut F) {
        let id = self.commits.place();
        self.commits[id] = note;
        self.hand_in_commit(id, facts);
    }
    /// The positions that are to be committed, if there are any.
    pub(super) fn note_to_commit<F: Facts>(
        &mut self,
        c: ConsumerId,
        awaited: bool,
        facts: &mut F,
    ) -> Option<CommitNote> {
        let streaming =
            self.groups[self.consumers[c.index()].group.index()].plan.processing == Processing::Streaming;
        let handed = matches!(
            self.groups[self.consumers[c.index()].group.index()].plan.commit,
            Commit::Auto(_) | Commit::Before
        );
        let consumer = &mut self.consumers[c.index()];
        if consumer.membership == Membership::Out || consumer.expelled {
            return None;
        }
        let mut offsets = Vec::new();
        let mut next = 0;
        while let Some(i) = consumer.moved.next(next) {
            next = i + 1;
            let o = consumer.owned[i];
            // Commits after the work name what is done; the others what was handed out.
            let by_work = !handed && (streaming || consumer.busy());
            let lowest = if by_work { consumer.lowest_in_hand(o.partition) } else { None };
            // What is in hand from an earlier ownership, or from before a replay, may lie beyond the position: that
            // comes again.
            let upto = lowest.map_or(o.position, |lowest| lowest.min(o.position));
            if upto > o.committing {
                consumer.owned[i].committing = upto;
                offsets.push((o.index, upto));
            }
            // What was in hand when the partition was taken anew lies beyond its position.
            if lowest.is_none() && o.position <= consumer.owned[i].committing {
                consumer.moved.remove(i);
            }
        }
        if offsets.is_empty() {
            return None;
        }
        facts.commit_sent(consumer.group);
        Some(CommitNote {
            consumer: c,
            life: consumer.life,
            number: consumer.number,
            generation: consumer.generation,
            offsets,
            awaited,
            stale: false,
        })
    }

    /// Puts a commit on the wire. One that is lost is sent again if its sender waits for it; otherwise nobody
    /// notices, and the next commit names the same positions.
    pub(super) fn hand_in_commit<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let (now, coordinator) = (self.now, self.brokers.len());
        let c = self.commits[id].consumer;
        if std::mem::take(&mut self.commits[id].stale) {
            let mut offsets = std::mem::take(&mut self.commits[id].offsets);
            offsets.retain(|(index, _)| self.place_of(c, *index).is_some());
            self.commits[id].offsets = offsets;
            self.commits[id].generation = self.consumers[c.index()].generation;
        }
        let note = &self.commits[id];
        if note.life != self.consumers[c.index()].life {
            self.commits.leave(id);
            return;
        }
        let stands_still = self.consumers[c.index()].paused.is_some();
        let arrival = if stands_still { None } else { self.consumer_wires[c.index()].out(coordinator, now) };
        match arrival {
            Some(at) if at == now => self.commit_arrives(id, facts),
            Some(at) => self.at(at, Ev::Commit(id)),
            None if self.commits[id].awaited => self.at(now + super::RESEND, Ev::CommitAgain(id)),
            None => {
                let note = std::mem::take(&mut self.commits[id]);
                self.commits.leave(id);
                self.forget_commit(&note);
            }
        }
    }

    /// A commit came to nothing: what it named is still to be committed.
    fn forget_commit(&mut self, note: &CommitNote) {
        for (index, _) in &note.offsets {
            if let Some(place) = self.place_of(note.consumer, *index) {
                let consumer = &mut self.consumers[note.consumer.index()];
                let coordinator = &self.groups[consumer.group.index()].coordinator;
                consumer.owned[place].committing = coordinator.offset(*index as usize).unwrap_or(0);
                consumer.moved.insert(place);
            }
        }
    }

    /// A commit reaches the coordinator.
    pub(super) fn commit_arrives<F: Facts>(&mut self, id: u32, facts: &mut F) {
        let now = self.now;
        let note = std::mem::take(&mut self.commits[id]);
        self.commits.leave(id);
        let c = note.consumer;
        let g = self.consumers[c.index()].group;
        let same_life = self.consumers[c.index()].life == note.life;
        let who = Member { consumer: c, number: note.number };
        let verdict = self.groups[g.index()].coordinator.commit(who, note.generation, now);
        if verdict == Beat::Fine {
            self.take_offsets(&note, facts);
        } else if verdict == Beat::Stale && same_life && self.member(c) == who {
            self.commit_with_new_epoch(note);
            return;
        } else if same_life {
            if verdict != Beat::Rejoin && self.member(c) == who {
                self.consumers[c.index()].expelled = true;
            }
            self.forget_commit(&note);
        }
        if note.awaited && same_life {
            let coordinator = self.brokers.len();
            match self.consumer_wires[c.index()].back(coordinator, now) {
                Some(at) if at == now => self.commit_answered(c, note.life, facts),
                Some(at) => self.at(at, Ev::CommitAnswer(c, note.life)),
                None => self.at(now + super::RESEND, Ev::CommitAnswer(c, note.life)),
            }
        }
    }

    /// The coordinator takes the positions of a commit.
    pub(super) fn take_offsets<F: Facts>(&mut self, note: &CommitNote, facts: &mut F) {
        let (c, now) = (note.consumer, self.now);
        let g = self.consumers[c.index()].group;
        let who = Member { consumer: c, number: note.number };
        for (index, offset) in &note.offsets {
            let partition = self.groups[g.index()].partitions[*index as usize];
            let before = self.groups[g.index()].coordinator.offset(*index as usize).unwrap_or(0);
            if *offset <= before || !self.groups[g.index()].coordinator.may_commit(who, *index as usize) {
                // A later commit has overtaken this one on the way, or the lease is another worker's by now.
                continue;
            }
            self.groups[g.index()].coordinator.set_offset(*index as usize, *offset);
            let reader = Reader { group: g, consumer: c, partition };
            facts.committed(reader, before, *offset, now);
            self.lower_floor(g.index(), *index as usize);
            if !self.shards.is_empty() {
                self.see_shard_end(g, *index as usize);
            }
            self.outputs_committed(c, *index, *offset, facts);
        }
    }

    /// The epoch of a commit was out of date: it is sent again after Kafka's retry.backoff.ms, with the one the
    /// consumer has by then, for what it still owns.
    fn commit_with_new_epoch(&mut self, mut note: CommitNote) {
        note.stale = true;
        let id = self.commits.place();
        self.commits[id] = note;
        self.at(self.now + Span::millis(100), Ev::CommitAgain(id));
    }

    /// The answer to a synchronous commit is there.
    pub(super) fn commit_answered<F: Facts>(&mut self, c: ConsumerId, life: u32, facts: &mut F) {
        let consumer = &mut self.consumers[c.index()];
        if consumer.life != life {
            return;
        }
        if consumer.paused.is_some() {
            consumer.commit_answer_waits = true;
        } else if consumer.committing.is_some() {
            self.go_on(c, facts);
        } else {
            self.record_committed(c, facts);
        }
    }

    pub(super) fn go_on<F: Facts>(&mut self, c: ConsumerId, facts: &mut F) {
        match self.consumers[c.index()].committing.take() {
            Some(After::Poll) => self.poll(c, facts),
            Some(After::Process) => self.process(c, facts),
            Some(After::Rejoin) => self.give_up_and_join(c, facts),
            Some(After::Leave) => self.leave_group(c, facts),
            None => {}
        }
    }
}
