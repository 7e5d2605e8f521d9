//! What a group makes of the records it reads: one output per record, whoever made it and however often.
//!
//! A record that is processed again gives the same output again: another copy of one event. This keeps, for each
//! input record that somebody may still process again, where its output is. Plain state: knows nothing of
//! producers, transactions or time.

use crate::model::cause::LossCause;
use crate::model::ids::{EventId, Offset, PartitionId, ProducerId};
use crate::model::record::Record;
use std::collections::{BTreeMap, VecDeque};

/// The output of one input record.
#[derive(Clone, Copy, Debug)]
struct Output {
    record: Record,
    /// Where all its copies go.
    partition: PartitionId,
    /// Copies that are with a producer, or on their way.
    travelling: u32,
    /// The first copy in the log.
    first: Option<Offset>,
    /// The copy that counts for those who read only what is committed, if there is one.
    stands: Option<Offset>,
    /// Whose that is.
    by: ProducerId,
    /// Whether that can change no more.
    decided: bool,
    /// How the last copy went that came to nothing.
    lost_by: LossCause,
    /// Nobody will make it again, and no copy counts.
    lost: bool,
}

impl Output {
    fn place(&self) -> Left {
        if self.first.is_some() { Left::Aborted } else { Left::Nowhere }
    }
}

/// Outputs of the records of one input partition, from `base` on.
#[derive(Debug, Default)]
struct Inputs {
    base: Offset,
    made: VecDeque<Option<Output>>,
    /// Below it, nothing is processed again without need.
    committed: Offset,
}

/// What a copy is that was appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Where the first copy lies, if this is another.
    pub of: Option<Offset>,
    /// The same for those who read only what is committed.
    pub of_committed: Option<Offset>,
    /// The copy that will never count for them: an earlier one, or this.
    pub superseded: Option<Offset>,
}

/// What becomes of an output when a copy of it is cut off from its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Readers may have had it: for them it ends here, unless it is made again.
    Seen,
    /// Another copy stands, or may come yet.
    MayCome,
    /// Nobody will make it again.
    Lost(Left),
}

/// What an abort has done to a copy's event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aborted {
    /// The record, if it had counted until now.
    pub stood: Option<Record>,
    /// Nobody will make the event again: its input is committed.
    pub lost: bool,
}

/// Where an output is that has no copy that counts: at the end, or when it is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// In no log at all.
    Nowhere,
    /// In the log, aborted: only who reads everything has it.
    Aborted,
}

/// See the module's text.
#[derive(Debug)]
pub struct Outputs {
    inputs: Vec<Inputs>,
    /// Which input gave which event.
    of: BTreeMap<EventId, (u32, Offset)>,
    /// Copies that stand by a transaction that is open, by whose it is.
    open: BTreeMap<ProducerId, Vec<(EventId, Offset)>>,
    /// The group may go back to where it has been: nothing is ever forgotten.
    keeps_all: bool,
}

impl Outputs {
    /// None yet, of so many input partitions.
    pub fn new(inputs: usize, keeps_all: bool) -> Self {
        let inputs = (0..inputs).map(|_| Inputs::default()).collect();
        Outputs { inputs, of: BTreeMap::new(), open: BTreeMap::new(), keeps_all }
    }
    fn at(&mut self, index: u32, offset: Offset) -> Option<&mut Output> {
        let inputs = &mut self.inputs[index as usize];
        let i = offset.checked_sub(inputs.base)?;
        inputs.made.get_mut(i as usize)?.as_mut()
    }
    /// An event's output, where its input lies, and up to where that partition is committed; unless it is forgotten.
    fn known(&mut self, event: EventId) -> Option<(&mut Output, Offset, Offset)> {
        let (index, offset) = *self.of.get(&event)?;
        let inputs = &mut self.inputs[index as usize];
        let output = inputs.made[(offset - inputs.base) as usize].as_mut();
        Some((output.expect("what has an event was made"), offset, inputs.committed))
    }
    fn by_event(&mut self, event: EventId) -> (&mut Output, Offset, Offset) {
        self.known(event).expect("it is not forgotten while a copy travels")
    }

    /// Which input partition an event came of, unless that is forgotten.
    pub fn input_of(&self, event: EventId) -> Option<u32> {
        self.of.get(&event).map(|(index, _)| *index)
    }
    /// An input record was processed for the first time: its output.
    pub fn make(&mut self, index: u32, offset: Offset, record: Record, partition: PartitionId) {
        let inputs = &mut self.inputs[index as usize];
        if inputs.made.is_empty() && !self.keeps_all {
            inputs.base = offset;
        }
        // A zombie may be ahead of everybody else, or behind.
        while offset < inputs.base {
            inputs.made.push_front(None);
            inputs.base -= 1;
        }
        let i = (offset - inputs.base) as usize;
        if i >= inputs.made.len() {
            inputs.made.resize(i + 1, None);
        }
        inputs.made[i] = Some(Output {
            record,
            partition,
            travelling: 1,
            first: None,
            stands: None,
            by: record.event.producer(),
            decided: false,
            lost_by: LossCause::ProducerCrashed,
            lost: false,
        });
        self.of.insert(record.event, (index, offset));
    }
    /// Whether it was made before. If so: the same record, unless it was given up for good, and where it goes.
    pub fn make_again(&mut self, index: u32, offset: Offset) -> Option<Option<(Record, PartitionId)>> {
        let output = self.at(index, offset)?;
        if output.lost {
            return Some(None);
        }
        output.travelling += 1;
        Some(Some((output.record, output.partition)))
    }

    /// A copy of `maker`'s was appended. `decided`: it counts at once; `doomed`: its transaction will be aborted,
    /// because its maker is not the input's owner any more.
    pub fn appended(
        &mut self,
        event: EventId,
        at: Offset,
        maker: ProducerId,
        (decided, doomed): (bool, bool),
    ) -> Appended {
        let (output, ..) = self.by_event(event);
        output.travelling -= 1;
        let of = output.first;
        output.first.get_or_insert(at);
        if doomed {
            return Appended { of, of_committed: None, superseded: Some(at) };
        }
        // Copies of one transaction count together or not at all.
        let settled = output.decided || !decided && output.by == maker;
        if let (Some(stands), true) = (output.stands, settled) {
            return Appended { of, of_committed: Some(stands), superseded: None };
        }
        let superseded = output.stands.replace(at);
        (output.by, output.decided) = (maker, decided);
        if !decided {
            self.open.entry(maker).or_default().push((event, at));
        }
        Appended { of, of_committed: None, superseded }
    }
    /// A transaction is decided: if it is committed, what stands by it stands for good. If it is aborted, each copy
    /// [hears](Self::aborted) of it from its marker.
    pub fn transaction_ended(&mut self, whose: ProducerId, committed: bool) {
        let copies = self.open.remove(&whose).unwrap_or_default();
        for (event, at) in copies.into_iter().filter(|_| committed) {
            // What another copy has decided may be forgotten.
            if let Some((output, ..)) = self.known(event) {
                output.decided |= output.stands == Some(at);
            }
        }
    }
    /// A copy's transaction was aborted.
    pub fn aborted(&mut self, event: EventId, at: Offset) -> Aborted {
        let Some((output, offset, committed)) = self.known(event) else { return Aborted::default() };
        if output.stands != Some(at) || output.decided {
            return Aborted::default();
        }
        (output.stands, output.lost_by) = (None, LossCause::TransactionAborted);
        output.lost = offset < committed && output.travelling == 0;
        Aborted { stood: Some(output.record), lost: output.lost }
    }
    /// A copy was given up on the way: where the output is if it is lost by that.
    pub fn dropped(&mut self, event: EventId, cause: LossCause) -> Option<Left> {
        let (output, offset, committed) = self.by_event(event);
        output.travelling -= 1;
        output.lost_by = cause;
        output.lost = offset < committed && output.travelling == 0 && output.stands.is_none();
        output.lost.then_some(output.place())
    }

    /// A copy was cut off from its log, and all that came after it. `seen`: readers may have had it; `kept`: its
    /// producer still has it, and sends it again. Nothing, if the output is forgotten.
    pub fn cut_off(
        &mut self,
        event: EventId,
        at: Offset,
        (seen, kept): (bool, bool),
        cause: LossCause,
    ) -> Option<Cut> {
        let (output, offset, committed) = self.known(event)?;
        output.lost_by = cause;
        if seen {
            return Some(Cut::Seen);
        }
        if output.first == Some(at) {
            output.first = None;
        }
        if output.stands == Some(at) {
            (output.stands, output.decided) = (None, false);
        }
        output.travelling += u32::from(kept);
        let gone = output.stands.is_none() && output.travelling == 0 && offset < committed;
        if !gone || output.lost {
            return Some(Cut::MayCome);
        }
        output.lost = true;
        Some(Cut::Lost(output.place()))
    }

    /// The inputs below `upto` are committed. Names the outputs that are lost with that, because nobody will make them
    /// again: whoever committed took their inputs for done.
    pub fn commit(&mut self, index: u32, upto: Offset, lost: &mut Vec<(Record, LossCause, Left)>) {
        let inputs = &mut self.inputs[index as usize];
        let from = inputs.committed.max(inputs.base);
        inputs.committed = inputs.committed.max(upto);
        let reached = (upto.max(inputs.base) - inputs.base).min(inputs.made.len() as u64) as usize;
        let from = ((from - inputs.base) as usize).min(reached);
        for output in inputs.made.range_mut(from..reached).flatten() {
            if output.stands.is_none() && output.travelling == 0 && !output.lost {
                output.lost = true;
                lost.push((output.record, output.lost_by, output.place()));
            }
        }
    }
    /// The group goes back.
    pub fn go_back(&mut self, index: u32, to: Offset) {
        let inputs = &mut self.inputs[index as usize];
        inputs.committed = inputs.committed.min(to);
    }
    /// Nobody processes anything below `floor` again.
    pub fn forget(&mut self, index: u32, floor: Offset) {
        if self.keeps_all {
            return;
        }
        let inputs = &mut self.inputs[index as usize];
        while inputs.base < floor.min(inputs.committed)
            && let Some(first) = inputs.made.front()
        {
            if let Some(output) = first {
                let over = output.lost || output.decided && output.stands.is_some();
                if output.travelling > 0 || !over {
                    return;
                }
                self.of.remove(&output.record.event);
            }
            inputs.made.pop_front();
            inputs.base += 1;
        }
    }

    /// What has no copy that counts, and is not given up.
    pub fn left(&self) -> impl Iterator<Item = (Record, Left)> {
        let all = self.inputs.iter().flat_map(|i| i.made.iter().flatten());
        all.filter(|o| !o.lost && o.stands.is_none()).map(|o| (o.record, o.place()))
    }
    /// How many are kept.
    pub fn kept(&self) -> usize {
        self.of.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Time;
    use crate::model::ids::ProducerId;

    const A: ProducerId = ProducerId(1);
    const B: ProducerId = ProducerId(2);

    fn record(n: u64) -> Record {
        Record { event: EventId::new(ProducerId(1), n), created: Time(n), key: 0, size: 10 }
    }
    fn made(offsets: std::ops::Range<Offset>) -> Outputs {
        let mut outputs = Outputs::new(1, false);
        offsets.for_each(|at| outputs.make(0, at, record(at), PartitionId(7)));
        outputs
    }

    #[test]
    fn a_second_copy_is_a_copy_of_the_first() {
        let mut outputs = made(0..2);
        let event = record(0).event;
        assert_eq!(outputs.appended(event, 40, A, (true, false)), Appended::default());
        assert_eq!(outputs.make_again(0, 0), Some(Some((record(0), PartitionId(7)))));
        let again = Appended { of: Some(40), of_committed: Some(40), superseded: None };
        assert_eq!(outputs.appended(event, 50, A, (true, false)), again);
        assert_eq!(outputs.make_again(0, 5), None);
    }

    #[test]
    fn in_transactions_one_copy_counts() {
        let mut outputs = made(0..1);
        let event = record(0).event;
        outputs.appended(event, 40, A, (false, false));
        // Aborted, and made again.
        assert_eq!(outputs.aborted(event, 40), Aborted { stood: Some(record(0)), lost: false });
        assert_eq!(outputs.left().collect::<Vec<_>>(), [(record(0), Left::Aborted)]);
        outputs.make_again(0, 0);
        let again = Appended { of: Some(40), of_committed: None, superseded: None };
        assert_eq!(outputs.appended(event, 50, A, (false, false)), again);
        // Once more in the same transaction, because its group went back meanwhile.
        outputs.make_again(0, 0);
        let twice = Appended { of: Some(40), of_committed: Some(50), superseded: None };
        assert_eq!(outputs.appended(event, 55, A, (false, false)), twice);
        // The next owner makes it before the abort is known; the late abort changes nothing.
        outputs.make_again(0, 0);
        let takes_over = Appended { of: Some(40), of_committed: None, superseded: Some(50) };
        assert_eq!(outputs.appended(event, 60, B, (false, false)), takes_over);
        assert_eq!(outputs.aborted(event, 50), Aborted::default());
        // A zombie's never counts.
        outputs.make_again(0, 0);
        let doomed = Appended { of: Some(40), of_committed: None, superseded: Some(70) };
        assert_eq!(outputs.appended(event, 70, A, (false, true)), doomed);
        let mut lost = Vec::new();
        outputs.transaction_ended(B, true);
        outputs.commit(0, 1, &mut lost);
        assert!(lost.is_empty() && outputs.left().next().is_none());
        outputs.forget(0, 1);
        assert_eq!(outputs.kept(), 0);
    }

    #[test]
    fn an_output_is_lost_when_nobody_will_make_it_again() {
        let mut outputs = made(0..3);
        let cause = LossCause::ProducerGaveUp;
        assert_eq!(outputs.dropped(record(0).event, cause), None);
        let mut lost = Vec::new();
        outputs.commit(0, 2, &mut lost);
        assert_eq!(lost, [(record(0), cause, Left::Nowhere)]);
        // Given up for good: made again by nobody.
        assert_eq!(outputs.make_again(0, 0), Some(None));
        // The next is committed and still on its way.
        assert_eq!(outputs.dropped(record(1).event, LossCause::ProducerCrashed), Some(Left::Nowhere));
        assert_eq!(outputs.left().collect::<Vec<_>>(), [(record(2), Left::Nowhere)]);
        outputs.forget(0, 3);
        assert_eq!(outputs.kept(), 1);
    }

    #[test]
    fn what_is_cut_off_comes_again_or_is_lost() {
        let (cause, unseen) = (LossCause::NotReplicated, (false, false));
        let mut outputs = made(0..3);
        for n in 0..3 {
            outputs.appended(record(n).event, 40 + n, A, (true, false));
        }
        let mut lost = Vec::new();
        outputs.commit(0, 2, &mut lost);
        // The third may be made again, the second is with its producer, of the first there is nothing any more.
        assert_eq!(outputs.cut_off(record(2).event, 42, unseen, cause), Some(Cut::MayCome));
        assert_eq!(outputs.cut_off(record(1).event, 41, (false, true), cause), Some(Cut::MayCome));
        assert_eq!(outputs.cut_off(record(0).event, 40, unseen, cause), Some(Cut::Lost(Left::Nowhere)));
        assert_eq!(outputs.appended(record(1).event, 50, A, (true, false)), Appended::default());
        assert_eq!(outputs.left().collect::<Vec<_>>(), [(record(2), Left::Nowhere)]);
        // What readers may have had is the original of whatever comes.
        assert_eq!(outputs.cut_off(record(1).event, 50, (true, false), cause), Some(Cut::Seen));
        outputs.make_again(0, 1);
        let again = Appended { of: Some(50), of_committed: Some(50), superseded: None };
        assert_eq!(outputs.appended(record(1).event, 60, A, (true, false)), again);
    }

    #[test]
    fn who_takes_an_input_for_done_loses_what_is_aborted_later() {
        let mut outputs = made(0..1);
        outputs.appended(record(0).event, 40, A, (false, false));
        let mut lost = Vec::new();
        // The next owner has not made it again: somebody told it that it was done.
        outputs.commit(0, 1, &mut lost);
        assert!(lost.is_empty());
        assert_eq!(outputs.aborted(record(0).event, 40), Aborted { stood: Some(record(0)), lost: true });
        assert!(outputs.left().next().is_none());
        outputs.forget(0, 1);
        assert_eq!(outputs.kept(), 0);
    }
}
