//! Quantities with their units: from text to whole nanoseconds, bytes and rates, and back.
//!
//! Numbers are read as exact decimals; only what cannot be whole (a rate, a share) becomes a float.
//! Knows nothing of places in a file.

use super::codes;
use crate::engine::Span;

/// Why a quantity cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    /// Its code.
    pub code: &'static str,
    /// What is wrong with it.
    pub reason: String,
    /// What would be right.
    pub help: &'static str,
}

const TIMES: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];
const SIZES: &[(&str, u64)] = &[
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
    ("TB", 1_000_000_000_000),
    ("TiB", 1 << 40),
];
const BITS: &[(&str, u64)] = &[("kbit", 1_000), ("Mbit", 1_000_000), ("Gbit", 1_000_000_000)];
/// Seconds in each unit that may stand below a rate.
const PER: &[(&str, u64)] = &[("s", 1), ("m", 60), ("min", 60), ("h", 3_600), ("d", 86_400)];

pub(super) const TIME_HELP: &str =
    "a length of time with its unit: \"250ms\", \"1.5s\", \"2m\", \"1h30m\" (ns, us, ms, s, m, h, d)";
pub(super) const SIZE_HELP: &str =
    "a size with its unit: \"100B\", \"1KiB\", \"16MB\" (B, KB, KiB, MB, MiB, GB, GiB)";
pub(super) const RATE_HELP: &str = "a rate with its unit: \"2000/s\", \"90/m\", \"5/h\"";
pub(super) const BYTE_RATE_HELP: &str = "a rate with its unit: \"30MB/s\", \"100MiB/s\", \"1Gbit/s\"";
pub(super) const RATIO_HELP: &str = "a share: \"5%\" or 0.05";

/// A decimal number: `digits / 10^places`.
#[derive(Clone, Copy)]
struct Decimal {
    digits: u128,
    places: u32,
}

impl Decimal {
    /// Times `factor`, rounded to the nearest whole number.
    fn times(self, factor: u64) -> Option<u64> {
        let scale = 10u128.pow(self.places);
        let product = self.digits.checked_mul(u128::from(factor))?;
        u64::try_from((product + scale / 2) / scale).ok()
    }
    fn float(self) -> f64 {
        self.digits as f64 / 10u128.pow(self.places) as f64
    }
}

/// The number a text begins with, and what follows it.
fn number(text: &str) -> Option<(Decimal, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let digits = digits.replace('_', "");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if whole.is_empty() || whole.len() + fraction.len() > 24 || fraction.contains('.') {
        return None;
    }
    let value = format!("{whole}{fraction}").parse().ok()?;
    Some((Decimal { digits: value, places: fraction.len() as u32 }, rest.trim_start()))
}

fn not_understood(text: &str, help: &'static str) -> Bad {
    if text.trim_start().starts_with('-') {
        return Bad { code: codes::OUT_OF_RANGE, reason: format!("`{text}` is negative"), help };
    }
    Bad { code: codes::BAD_VALUE, reason: format!("`{text}` is no number with a unit"), help }
}

fn too_large(text: &str, help: &'static str) -> Bad {
    Bad { code: codes::OUT_OF_RANGE, reason: format!("`{text}` is too large"), help }
}

fn factor(unit: &str, units: &[(&str, u64)], text: &str, help: &'static str) -> Result<u64, Bad> {
    if let Some((_, factor)) = units.iter().find(|(u, _)| *u == unit) {
        return Ok(*factor);
    }
    if unit.is_empty() {
        return Err(Bad { code: codes::NO_UNIT, reason: format!("`{text}` has no unit"), help });
    }
    let meant = units.iter().find(|(u, _)| u.eq_ignore_ascii_case(unit));
    let meant = meant.map(|(u, _)| format!("; did you mean `{u}`?")).unwrap_or_default();
    Err(Bad { code: codes::BAD_UNIT, reason: format!("`{unit}` is no unit here{meant}"), help })
}

/// A length of time, also in several parts: `1m30s`.
pub(super) fn span(text: &str) -> Result<Span, Bad> {
    let mut rest = text.trim();
    let mut nanos = 0u64;
    loop {
        let (value, after) = number(rest).ok_or_else(|| not_understood(text, TIME_HELP))?;
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        let part = value.times(factor(unit, TIMES, text, TIME_HELP)?);
        nanos = part.and_then(|p| nanos.checked_add(p)).ok_or_else(|| too_large(text, TIME_HELP))?;
        rest = next.trim_start();
        if rest.is_empty() {
            return Ok(Span(nanos));
        }
    }
}

/// A number of bytes.
pub(super) fn bytes(text: &str) -> Result<u64, Bad> {
    let (value, unit) = number(text.trim()).ok_or_else(|| not_understood(text, SIZE_HELP))?;
    value.times(factor(unit, SIZES, text, SIZE_HELP)?).ok_or_else(|| too_large(text, SIZE_HELP))
}

/// Bytes per second.
pub(super) fn byte_rate(text: &str) -> Result<f64, Bad> {
    let help = BYTE_RATE_HELP;
    let (value, unit) = number(text.trim()).ok_or_else(|| not_understood(text, help))?;
    let Some((size, per)) = unit.split_once('/') else {
        let code = if unit.is_empty() { codes::NO_UNIT } else { codes::BAD_UNIT };
        return Err(Bad { code, reason: format!("`{text}` is not per second"), help });
    };
    let bits = BITS.iter().find(|(u, _)| *u == size).map(|(_, f)| *f as f64 / 8.0);
    let size = bits.map_or_else(|| factor(size, SIZES, text, help).map(|f| f as f64), Ok)?;
    Ok(value.float() * size / factor(per, PER, text, help)? as f64)
}

/// Events per second.
pub(super) fn rate(text: &str) -> Result<f64, Bad> {
    let help = RATE_HELP;
    let (value, unit) = number(text.trim()).ok_or_else(|| not_understood(text, help))?;
    let Some(per) = unit.strip_prefix('/') else {
        let code = if unit.is_empty() { codes::NO_UNIT } else { codes::BAD_UNIT };
        return Err(Bad { code, reason: format!("`{text}` is not per second, minute or hour"), help });
    };
    Ok(value.float() / factor(per.trim(), PER, text, help)? as f64)
}

/// A share, of which `5%` is 0.05; not yet checked to be at most 1.
pub(super) fn ratio(text: &str) -> Result<f64, Bad> {
    let (value, unit) = number(text.trim()).ok_or_else(|| not_understood(text, RATIO_HELP))?;
    match unit {
        "%" => Ok(Decimal { digits: value.digits, places: value.places + 2 }.float()),
        "" => Ok(value.float()),
        other => Err(Bad {
            code: codes::BAD_UNIT,
            reason: format!("`{other}` is no unit of a share"),
            help: RATIO_HELP,
        }),
    }
}

/// A length of time in the largest unit that divides it.
pub(super) fn show_span(span: Span) -> String {
    const UNITS: [(u64, &str); 7] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    if span.is_zero() {
        return "0s".into();
    }
    let (unit, name) = UNITS.iter().find(|(u, _)| span.0.is_multiple_of(*u)).expect("1 divides everything");
    format!("{}{name}", span.0 / unit)
}

/// A number for people: three digits, in thousands where it is long.
pub(super) fn show_count(n: f64) -> String {
    let (value, suffix) = match n {
        n if n >= 1e12 => (n / 1e12, " trillion"),
        n if n >= 1e9 => (n / 1e9, " billion"),
        n if n >= 1e6 => (n / 1e6, " million"),
        n => (n, ""),
    };
    let text = if value >= 100.0 || value == libm::floor(value) {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    };
    format!("{text}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact() {
        let cases = [
            ("250ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("1m30s", 90_000_000_000),
            ("2 h", 7_200_000_000_000),
            ("0.1us", 100),
            ("7d", 604_800_000_000_000),
            ("1_000us", 1_000_000),
            ("3min", 180_000_000_000),
        ];
        for (text, nanos) in cases {
            assert_eq!(span(text), Ok(Span(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_own_code() {
        let time = |t| span(t).unwrap_err().code;
        assert_eq!(time("250"), codes::NO_UNIT);
        assert_eq!(time("250 apples"), codes::BAD_UNIT);
        assert_eq!(time("-5s"), codes::OUT_OF_RANGE);
        assert_eq!(time("soon"), codes::BAD_VALUE);
        assert_eq!(time("1.2.3s"), codes::BAD_VALUE);
        assert_eq!(time("99999999999d"), codes::OUT_OF_RANGE);
        assert_eq!(bytes("10mb").unwrap_err().reason, "`mb` is no unit here; did you mean `MB`?");
        assert_eq!(rate("2000").unwrap_err().code, codes::NO_UNIT);
        assert_eq!(rate("2000ms").unwrap_err().code, codes::BAD_UNIT);
    }

    #[test]
    fn sizes_rates_and_shares() {
        assert_eq!(bytes("1.5 KiB"), Ok(1536));
        assert_eq!(byte_rate("30MB/s"), Ok(30e6));
        assert_eq!(byte_rate("1Gbit/s"), Ok(125e6));
        assert_eq!(rate("90/m"), Ok(1.5));
        assert_eq!(ratio("7%"), Ok(0.07));
        assert_eq!(ratio("0.5"), Ok(0.5));
    }

    #[test]
    fn times_read_back_as_they_are_shown() {
        for nanos in [0, 1, 999, 1_000_500_000, 90_000_000_000, 86_400_000_000_000, u64::MAX] {
            assert_eq!(span(&show_span(Span(nanos))), Ok(Span(nanos)));
        }
    }
}
