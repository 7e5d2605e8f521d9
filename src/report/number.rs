//! Numbers as a person reads them: few digits, a unit that fits, and never more digits than the interval allows.
//!
//! Knows nothing of metrics or tables.

use crate::experiment::results::Estimate;

/// What a number counts or measures; decides its scale and what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A number of things, or a number without a unit.
    Count,
    /// Seconds.
    Seconds,
    /// Things per second.
    Rate,
    /// A share, written in percent.
    Share,
}

/// Written where a number is absent or undefined.
pub(crate) const ABSENT: &str = "–";
/// Keeps the groups of a number, and a number and its unit, on one line.
const NBSP: char = '\u{a0}';
/// The same, to put into a format string.
pub(crate) const NBSP_TEXT: &str = "\u{a0}";

/// A scale: values are divided by `per` and followed by `suffix`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    per: f64,
    suffix: &'static str,
}

const TIMES: [Scale; 6] = [
    Scale { per: 3600.0, suffix: "h" },
    Scale { per: 60.0, suffix: "min" },
    Scale { per: 1.0, suffix: "s" },
    Scale { per: 1e-3, suffix: "ms" },
    Scale { per: 1e-6, suffix: "µs" },
    Scale { per: 1e-9, suffix: "ns" },
];
/// From how many seconds on each of them is used: ten minutes read better as such, two as 120 s.
const TIMES_FROM: [f64; 6] = [36_000.0, 600.0, 1.0, 1e-3, 1e-6, 0.0];

impl Unit {
    /// The scale in which a number of this size is easy to read.
    pub(crate) fn scale(self, size: f64) -> Scale {
        let size = size.abs();
        match self {
            Unit::Count if size >= 1e9 => Scale { per: 1e9, suffix: "G" },
            Unit::Count if size >= 1e6 => Scale { per: 1e6, suffix: "M" },
            Unit::Count => Scale { per: 1.0, suffix: "" },
            Unit::Rate if size >= 1e6 => Scale { per: 1e6, suffix: "M/s" },
            Unit::Rate => Scale { per: 1.0, suffix: "/s" },
            Unit::Share => Scale { per: 0.01, suffix: "%" },
            Unit::Seconds if size == 0.0 => TIMES[2],
            Unit::Seconds => {
                let fitting = TIMES.iter().zip(TIMES_FROM).find(|(_, from)| size >= *from);
                *fitting.map_or(&TIMES[5], |(scale, _)| scale)
            }
        }
    }
}

impl Scale {
    fn with_suffix(self, number: String) -> String {
        match self.suffix {
            "" => number,
            "G" | "M" | "%" | "/s" | "M/s" => format!("{number}{}", self.suffix),
            suffix => format!("{number}{NBSP}{suffix}"),
        }
    }
}

/// A number to three significant digits, whole numbers below a million in full: `182`, `12 340`, `1.82M`, `35 ms`.
pub(crate) fn number(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let scale = unit.scale(value);
    let scaled = value / scale.per;
    let whole = scaled == libm::round(scaled) && scaled.abs() < 1e6;
    scale.with_suffix(fixed(scaled, if whole { 0 } else { decimals(scaled, 3) }))
}

/// A number to so many significant digits, whatever it is.
pub(crate) fn digits(value: f64, unit: Unit, digits: i32) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let scale = unit.scale(value);
    let scaled = value / scale.per;
    let text = fixed(scaled, decimals(scaled, digits));
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    scale.with_suffix(short.to_owned())
}

/// A number in as little room as an axis has: `0`, `250`, `1.5k`, `20k`, `3M`.
#[cfg(feature = "charts")]
pub(crate) fn short(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let size = value.abs();
    let (scale, suffix) = match unit {
        Unit::Seconds | Unit::Share => return number(value, unit),
        _ if size >= 999_950_000.0 => (1e9, "G"),
        _ if size >= 999_950.0 => (1e6, "M"),
        _ if size >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let scaled = value / scale;
    let digits = if scaled.abs() >= 100.0 { 0 } else { decimals(scaled, 3) };
    let text = fixed(scaled, digits);
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text.as_str() };
    format!("{text}{suffix}{}", if unit == Unit::Rate { "/s" } else { "" })
}

/// A ratio as it stands before "times": `2.4`, `31`.
#[cfg(feature = "charts")]
pub(crate) fn times(ratio: f64) -> String {
    if ratio.is_finite() { fixed(ratio, usize::from(ratio < 10.0)) } else { ABSENT.to_owned() }
}

/// A share in whole percent; what is there but small is not rounded away.
pub(crate) fn percent(share: f64) -> String {
    match share {
        s if !s.is_finite() => ABSENT.to_owned(),
        s if s > 0.0 && s < 0.01 => "under 1%".to_owned(),
        s if s < 1.0 && s > 0.99 => "over 99%".to_owned(),
        s => format!("{}%", libm::round(s * 100.0)),
    }
}

/// Half the width of an interval, or `None` when there is no interval (one replication).
///
/// An interval that was cut at a natural bound is not symmetric; then the longer side counts.
pub(crate) fn half_width(e: &Estimate) -> Option<f64> {
    let half = (e.high - e.mean).max(e.mean - e.low);
    (e.n > 1 && half.is_finite()).then_some(half)
}

/// A mean and the half width of its interval, the mean to the digits that the interval allows: `812 ± 40`.
pub(crate) fn estimate(e: &Estimate, unit: Unit) -> String {
    mean_and_half(e.mean, half_width(e), unit)
}

/// The same for a mean and half width that are not an [`Estimate`].
pub(crate) fn mean_and_half(mean: f64, half: Option<f64>, unit: Unit) -> String {
    let Some(half) = half.filter(|h| *h > 0.0 && mean.is_finite()) else {
        return number(mean, unit);
    };
    let scale = unit.scale(mean.abs().max(half));
    let (mean, half) = (mean / scale.per, half / scale.per);
    let digits = decimals(half, 2);
    let step = if half >= 100.0 { libm::pow(10.0, libm::floor(libm::log10(half)) - 1.0) } else { 1.0 };
    let to_step = |v: f64| libm::round(v / step) * step;
    let (mean, half) = if digits == 0 { (to_step(mean), to_step(half)) } else { (mean, half) };
    scale.with_suffix(format!("{}{NBSP}±{NBSP}{}", fixed(mean, digits), fixed(half, digits)))
}

/// A small share in words: `3.0 in 10 000`, `1.5 per million`.
pub(crate) fn small_share(share: f64) -> String {
    match share {
        s if s >= 0.01 => number(s, Unit::Share),
        s if s >= 1e-4 => format!("{}{NBSP}in{NBSP}10{NBSP}000", fixed(s * 1e4, decimals(s * 1e4, 2))),
        s if s >= 1e-7 => format!("{}{NBSP}per{NBSP}million", fixed(s * 1e6, decimals(s * 1e6, 2))),
        s => format!("{}{NBSP}per{NBSP}billion", fixed(s * 1e9, decimals(s * 1e9, 2))),
    }
}

/// How many decimals show `digits` significant digits of this number; 0 for large ones, at most 6.
fn decimals(value: f64, digits: i32) -> usize {
    if value == 0.0 {
        return 0;
    }
    let exponent = libm::floor(libm::log10(value.abs())) as i32;
    (digits - 1 - exponent).clamp(0, 6) as usize
}

/// A number with so many decimals, its thousands apart and a true minus sign.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let is_zero = text.bytes().all(|b| b == b'0' || b == b'.');
    let mut out = String::new();
    if value < 0.0 && !is_zero {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        // Four digits read well without a gap.
        if i > 0 && (whole.len() - i) % 3 == 0 && whole.len() > 4 {
            out.push(NBSP);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: String) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn numbers_keep_three_digits_and_a_fitting_unit() {
        let cases = [
            (0.0, Unit::Count, "0"),
            (182.0, Unit::Count, "182"),
            (1820.0, Unit::Count, "1820"),
            (12_340.0, Unit::Count, "12 340"),
            (1_820_000.0, Unit::Count, "1.82M"),
            (0.333_333, Unit::Count, "0.333"),
            (-5.0, Unit::Count, "−5"),
            (0.0, Unit::Seconds, "0 s"),
            (0.0351, Unit::Seconds, "35.1 ms"),
            (90.0, Unit::Seconds, "90 s"),
            (600.0, Unit::Seconds, "10 min"),
            (0.61, Unit::Share, "61%"),
            (f64::NAN, Unit::Count, "–"),
            (f64::INFINITY, Unit::Seconds, "–"),
        ];
        for (value, unit, text) in cases {
            assert_eq!(plain(number(value, unit)), text);
        }
    }

    #[test]
    fn as_many_digits_as_asked_for_and_no_idle_zeros() {
        let texts = [
            (0.005, Unit::Seconds),
            (0.023_025_85, Unit::Seconds),
            (0.8, Unit::Count),
            (2500.0, Unit::Count),
        ]
        .map(|(v, unit)| plain(digits(v, unit, 4)));
        assert_eq!(texts, ["5 ms", "23.03 ms", "0.8", "2500"]);
        assert_eq!(digits(f64::NAN, Unit::Count, 4), "–");
    }

    #[cfg(feature = "charts")]
    #[test]
    fn short_numbers_do_not_claim_a_thousand_thousands() {
        let cases =
            [(0.0, "0"), (250.0, "250"), (1500.0, "1.5k"), (20_000.0, "20k"), (999_999.0, "1M"), (3e6, "3M")];
        for (value, text) in cases {
            assert_eq!(short(value, Unit::Count), text);
        }
    }

    #[test]
    fn an_interval_decides_the_digits_of_its_mean() {
        let cases = [
            (812.345, 40.2, Unit::Count, "812 ± 40"),
            (182_412.0, 2134.0, Unit::Count, "182 400 ± 2100"),
            (0.012_34, 0.000_31, Unit::Seconds, "12.34 ± 0.31 ms"),
            (3.0, 0.0, Unit::Count, "3"),
            (0.0, 12.3, Unit::Count, "0 ± 12"),
            (-0.2, 12.3, Unit::Count, "0 ± 12"),
        ];
        for (mean, half, unit, text) in cases {
            assert_eq!(plain(mean_and_half(mean, Some(half), unit)), text);
        }
        assert_eq!(mean_and_half(7.25, None, Unit::Count), "7.25");
        assert_eq!(mean_and_half(f64::NAN, Some(1.0), Unit::Count), "–");
    }

    #[test]
    fn one_replication_has_no_interval() {
        let one = Estimate { mean: 5.0, low: 5.0, high: 5.0, n: 1 };
        assert_eq!(half_width(&one), None);
        let cut = Estimate { mean: 5.0, low: 0.0, high: 12.0, n: 4 };
        assert_eq!(half_width(&cut), Some(7.0));
    }

    #[test]
    fn small_shares_are_said_of_so_many() {
        assert_eq!(plain(small_share(1.4979e-6)), "1.5 per million");
        assert_eq!(plain(small_share(2.995e-4)), "3.0 in 10 000");
        assert_eq!(plain(small_share(0.25)), "25%");
    }
}
