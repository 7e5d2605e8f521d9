//! Where words go: labels that must not collide, lines that must not be too long.
//!
//! Knows sizes in pixels and nothing else.

use crate::report::draw::canvas::Ink;

/// Moves label centres apart so that neighbours are `gap` apart and all lie in `low..=high`, each as near
/// to where it wants to be as the others let it. Gives the places in the order of the wishes. Where there
/// is not room for all, they share the room evenly.
pub(crate) fn spread(wishes: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let n = wishes.len();
    if n == 0 {
        return Vec::new();
    }
    let gap = if n > 1 { gap.min((high - low).max(0.0) / (n - 1) as f64) } else { gap };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| wishes[a].total_cmp(&wishes[b]).then(a.cmp(&b)));
    // Labels that touch form a block: the sum of where each member would have the block begin, and how many.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for &i in &order {
        let mut block = (wishes[i].clamp(low, high), 1);
        while let Some(&(sum, count)) = blocks.last() {
            if sum / count as f64 + gap * count as f64 <= block.0 / block.1 as f64 {
                break;
            }
            blocks.pop();
            block = (sum + block.0 - gap * (count * block.1) as f64, count + block.1);
        }
        blocks.push(block);
    }
    let mut places = vec![0.0; n];
    let mut ranks = order.iter();
    for (sum, count) in blocks {
        for (k, &i) in ranks.by_ref().take(count).enumerate() {
            places[i] = sum / count as f64 + gap * k as f64;
        }
    }
    squeeze(&mut places, &order, gap, low, high);
    places
}

/// Pushes what sticks out at either end back inside, and its neighbours along.
fn squeeze(places: &mut [f64], order: &[usize], gap: f64, low: f64, high: f64) {
    let mut limit = low;
    for &i in order {
        places[i] = places[i].max(limit);
        limit = places[i] + gap;
    }
    let mut limit = high;
    for &i in order.iter().rev() {
        places[i] = places[i].min(limit);
        limit = places[i] - gap;
    }
}

/// Breaks a text at blanks into at most `most` lines no wider than `room`; the last line loses its middle
/// if it must.
pub(crate) fn wrapped(text: &str, room: f64, ink: Ink, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let full = lines.len() == most;
        match lines.last_mut() {
            Some(line) if full || ink.width(line) + ink.width(" ") + ink.width(word) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| shortened_to(line, room, ink)).collect()
}

/// The text, without its middle if it is wider than `room`: the end tells `worker-1` from `worker-2`.
pub(crate) fn shortened_to(text: &str, room: f64, ink: Ink) -> String {
    if ink.width(text) <= room {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let cut = |keep: usize| -> String {
        let tail = keep / 3;
        let head = chars[..keep - tail].iter();
        head.chain(&['…']).chain(&chars[chars.len() - tail..]).collect()
    };
    let keep = (1..chars.len()).rev().find(|keep| ink.width(&cut(*keep)) <= room);
    keep.map_or_else(|| "…".to_owned(), cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0], 15.0, 0.0, 100.0), [50.0, 10.0]);
        assert_eq!(spread(&[50.0, 50.0], 10.0, 0.0, 100.0), [45.0, 55.0]);
        assert_eq!(spread(&[0.0, 0.0, 0.0], 10.0, 0.0, 100.0), [0.0, 10.0, 20.0]);
        assert!(spread(&[], 10.0, 0.0, 100.0).is_empty());
    }

    #[test]
    fn long_texts_lose_their_middle_and_wrap() {
        let short = shortened_to("variant-with-a-long-name-17", 100.0, Ink::NAME);
        assert!(short.contains('…') && short.ends_with("17") && Ink::NAME.width(&short) <= 100.0, "{short}");
        let lines = wrapped("one two three four five six seven", 60.0, Ink::NAME, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|l| Ink::NAME.width(l) <= 60.0), "{lines:?}");
    }

    proptest! {
        #[test]
        fn labels_never_collide_nor_leave(wishes in proptest::collection::vec(-50.0..400.0f64, 1..20)) {
            let places = spread(&wishes, 14.0, 0.0, 300.0);
            let mut sorted = places.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert!(sorted[0] >= -1e-9 && sorted[sorted.len() - 1] <= 300.0 + 1e-9);
            for pair in sorted.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 14.0 - 1e-6, "{sorted:?}");
            }
            for i in 0..wishes.len() {
                for j in 0..wishes.len() {
                    prop_assert!(!(wishes[i] < wishes[j] && places[i] > places[j]), "order is kept");
                }
            }
        }
    }
}
