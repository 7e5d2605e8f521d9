//! What the brokers remember of the idempotent producers of a partition: the epoch of each and its last five batches.
//!
//! Follows Kafka's `ProducerStateEntry` and `ProducerAppendInfo`. Of a producer that is not known Kafka takes any
//! number, since over TCP none comes before an earlier one that was lost; here the first has to be 0. Batches are
//! numbered without gaps, so that the last five are told by the next number. Knows nothing of what is in a batch.

use crate::model::ids::ProducerId;
use crate::model::record::REMEMBERED;

/// What to do with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next one.
    Append,
    /// It is one of the last five: answered as they were, and not appended again.
    Known,
    /// Refused: something before it is missing, or it is older than what is remembered, or of an earlier epoch.
    OutOfOrder,
}

/// See the module's text.
#[derive(Clone, Debug, Default)]
pub struct Sequences {
    /// Epoch and next number of each.
    producers: Vec<(ProducerId, u32, u32)>,
}

impl Sequences {
    /// A batch comes; if it is to be appended, it is counted as appended.
    pub fn judge(&mut self, producer: ProducerId, (epoch, number): (u32, u32)) -> Verdict {
        let state = match self.producers.iter_mut().position(|s| s.0 == producer) {
            Some(i) => &mut self.producers[i],
            None => {
                self.producers.push((producer, epoch, 0));
                self.producers.last_mut().expect("just pushed")
            }
        };
        let (_, known, next) = *state;
        let expected = if epoch > known { 0 } else { next };
        if epoch < known || number > expected || expected - number > REMEMBERED {
            Verdict::OutOfOrder
        } else if number < expected {
            Verdict::Known
        } else {
            (state.1, state.2) = (epoch, number + 1);
            Verdict::Append
        }
    }
    /// A batch is in the log no more: it is the next one again.
    pub fn take_back(&mut self, producer: ProducerId, (epoch, number): (u32, u32)) {
        if let Some(state) = self.producers.iter_mut().find(|s| s.0 == producer && s.1 == epoch) {
            state.2 = state.2.min(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: ProducerId = ProducerId(7);

    #[test]
    fn the_last_five_are_known_and_older_ones_are_not() {
        let mut sequences = Sequences::default();
        assert_eq!(sequences.judge(ME, (0, 1)), Verdict::OutOfOrder);
        for number in 0..7 {
            assert_eq!(sequences.judge(ME, (0, number)), Verdict::Append);
        }
        for number in 0..2 {
            assert_eq!(sequences.judge(ME, (0, number)), Verdict::OutOfOrder, "{number}");
        }
        for number in 2..7 {
            assert_eq!(sequences.judge(ME, (0, number)), Verdict::Known, "{number}");
        }
        assert_eq!(sequences.judge(ME, (0, 8)), Verdict::OutOfOrder);
        assert_eq!(sequences.judge(ME, (0, 7)), Verdict::Append);
        assert_eq!(sequences.judge(ProducerId(8), (0, 0)), Verdict::Append);
    }

    #[test]
    fn a_new_epoch_begins_at_zero_and_fences_the_old_one() {
        let mut sequences = Sequences::default();
        sequences.judge(ME, (0, 0));
        assert_eq!(sequences.judge(ME, (1, 1)), Verdict::OutOfOrder);
        assert_eq!(sequences.judge(ME, (1, 0)), Verdict::Append);
        assert_eq!(sequences.judge(ME, (0, 1)), Verdict::OutOfOrder);
        // What the old epoch appended is not among the last of the new one.
        assert_eq!(sequences.judge(ME, (0, 0)), Verdict::OutOfOrder);
        assert_eq!(sequences.judge(ME, (1, 0)), Verdict::Known);
    }

    #[test]
    fn what_was_cut_off_is_expected_again() {
        let mut sequences = Sequences::default();
        for number in 0..4 {
            sequences.judge(ME, (0, number));
        }
        sequences.take_back(ME, (0, 3));
        sequences.take_back(ME, (0, 2));
        assert_eq!(sequences.judge(ME, (0, 3)), Verdict::OutOfOrder);
        assert_eq!(sequences.judge(ME, (0, 2)), Verdict::Append);
        assert_eq!(sequences.judge(ME, (0, 1)), Verdict::Known);
    }
}
