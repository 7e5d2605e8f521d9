//! The values of a swept parameter as places on an axis: to scale where they are quantities, else evenly.

use crate::report::draw::axis::Axis;
use crate::report::draw::canvas::Ink;

/// Values with their places.
pub(crate) struct Places {
    /// The place of each value, from 0 to 1, in the order given.
    pub(crate) at: Vec<f64>,
    /// Whether the values are quantities, and so have an order.
    pub(crate) quantities: bool,
    /// Whether equal distances are equal ratios.
    pub(crate) log: bool,
}

/// Units as scenarios write them: what they measure, and how much of it.
const UNITS: [(&str, u8, f64); 22] = [
    ("", 0, 1.0),
    ("%", 1, 1.0),
    ("ns", 2, 1e-9),
    ("us", 2, 1e-6),
    ("ms", 2, 1e-3),
    ("s", 2, 1.0),
    ("m", 2, 60.0),
    ("h", 2, 3600.0),
    ("d", 2, 86_400.0),
    ("B", 3, 1.0),
    ("kB", 3, 1e3),
    ("MB", 3, 1e6),
    ("GB", 3, 1e9),
    ("KiB", 3, 1024.0),
    ("MiB", 3, 1_048_576.0),
    ("GiB", 3, 1_073_741_824.0),
    ("/s", 4, 1.0),
    ("/m", 4, 1.0 / 60.0),
    ("/h", 4, 1.0 / 3600.0),
    ("kB/s", 5, 1e3),
    ("MB/s", 5, 1e6),
    ("GB/s", 5, 1e9),
];

/// What a value measures and how much; `None` for a word or a table.
fn quantity(value: &str) -> Option<(u8, f64)> {
    let value = value.trim().trim_matches('"');
    let split = value.find(|c: char| !(c.is_ascii_digit() || ".-_".contains(c))).unwrap_or(value.len());
    let number: f64 = value[..split].replace('_', "").parse().ok()?;
    let (_, kind, size) = UNITS.iter().find(|(name, ..)| *name == value[split..].trim())?;
    Some((*kind, number * size))
}

/// Gives each value its place. Quantities that span more than a factor of 15 are spaced by their ratios.
pub(crate) fn places(values: &[String]) -> Places {
    let n = values.len();
    let evenly = || Places {
        at: (0..n).map(|i| if n > 1 { i as f64 / (n - 1) as f64 } else { 0.5 }).collect(),
        quantities: false,
        log: false,
    };
    let Some(found) = values.iter().map(|v| quantity(v)).collect::<Option<Vec<_>>>() else {
        return evenly();
    };
    let least = found.iter().map(|q| q.1).fold(f64::INFINITY, f64::min);
    let most = found.iter().map(|q| q.1).fold(f64::NEG_INFINITY, f64::max);
    // Also false for what is not a number.
    let usable = most > least && found.iter().all(|q| q.0 == found[0].0);
    if !usable {
        return evenly();
    }
    let log = least > 0.0 && most / least > 15.0;
    let place = |v: f64| if log { libm::log(v) } else { v };
    let (a, b) = (place(least), place(most));
    Places { at: found.iter().map(|q| (place(q.1) - a) / (b - a)).collect(), quantities: true, log }
}

/// An axis with a tick at every value that has room for its label.
pub(crate) fn axis(values: &[String], places: &Places, width: f64) -> Axis {
    const MARGIN: f64 = 0.05;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| places.at[a].total_cmp(&places.at[b]));
    let mut ticks: Vec<(f64, String)> = Vec::new();
    let mut taken = f64::NEG_INFINITY;
    for i in order {
        let x = (places.at[i] + MARGIN) / (1.0 + 2.0 * MARGIN) * width;
        let half = Ink::NOTE.width(&values[i]) / 2.0;
        if x - half > taken + 8.0 {
            ticks.push((places.at[i], values[i].clone()));
            taken = x + half;
        }
    }
    Axis::bare(-MARGIN, 1.0 + MARGIN).with_ticks(ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(values: &[&str]) -> Vec<f64> {
        places(&values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>()).at
    }

    #[test]
    fn quantities_are_to_scale_and_words_evenly_spaced() {
        assert_eq!(at(&["2", "4", "6", "12"]), [0.0, 0.2, 0.4, 1.0]);
        assert_eq!(at(&["range", "sticky", "cooperative"]), [0.0, 0.5, 1.0]);
        let by_ratio = at(&["100ms", "10s", "1s"]);
        assert_eq!(by_ratio[..2], [0.0, 1.0]);
        assert!((by_ratio[2] - 0.5).abs() < 1e-12);
        assert_eq!(at(&["500ms", "1s", "1.5s"]), [0.0, 0.5, 1.0]);
        assert_eq!(at(&["7"]), [0.5]);
        assert_eq!(at(&["1", "1s"]), [0.0, 1.0], "different units are words");
        assert_eq!(at(&["1_000", "2_000"]), [0.0, 1.0]);
    }
}
