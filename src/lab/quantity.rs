//! Numbers as sentences show them: a metric's value with its unit, to three figures.

use crate::measure::metric::{Of, Unit, find};

/// The unit of a metric by its full name (`group.billing.lag.p99`); the name in the middle may hold dots.
pub(super) fn unit(metric: &str) -> Option<Unit> {
    const KINDS: [Of; 5] = [Of::Group, Of::Producer, Of::Topic, Of::Broker, Of::Downstream];
    let of = KINDS.into_iter().find(|of| metric.split('.').next() == Some(of.prefix()))?;
    let dots = metric.match_indices('.').skip(1);
    dots.filter_map(|(at, _)| find(of, &metric[at + 1..])).map(|m| m.unit).next()
}

/// A value in its unit: `3`, `12.3 s`, `4.56 ms`, `120/s`, `2.5 %`.
pub(super) fn show(value: f64, unit: Option<Unit>) -> String {
    match unit {
        Some(Unit::Seconds) => seconds(value),
        Some(Unit::PerSecond) => format!("{}/s", figures(value)),
        Some(Unit::Bytes) => format!("{} B", figures(value)),
        Some(Unit::Count | Unit::Ratio) | None => figures(value),
    }
}

fn seconds(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || size >= 1.0 {
        format!("{} s", figures(value))
    } else if size >= 1e-3 {
        format!("{} ms", figures(value * 1e3))
    } else {
        format!("{} us", figures(value * 1e6))
    }
}

/// Three significant figures; whole numbers and large ones in full.
fn figures(value: f64) -> String {
    let size = value.abs();
    if value == libm::round(value) && size < 1e15 {
        // Adding zero turns -0 into 0.
        return format!("{:.0}", value + 0.0);
    }
    let decimals = match size {
        s if s >= 100.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 1e-4 => 2 + (-libm::floor(libm::log10(s))) as usize,
        _ => return format!("{value:.2e}"),
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_from_the_catalogue_even_with_dots_in_a_name() {
        assert_eq!(unit("group.billing.latency.p99.9"), Some(Unit::Seconds));
        assert_eq!(unit("group.billing.eu.v1.lost.retention"), Some(Unit::Count));
        assert_eq!(unit("topic.orders.bytes"), Some(Unit::Bytes));
        assert_eq!(unit("group.billing.no-such"), None);
        assert_eq!(unit("nothing"), None);
    }

    #[test]
    fn values_show_three_figures_in_a_fitting_unit() {
        let cases = [
            (0.0, Some(Unit::Seconds), "0 s"),
            (12.345, Some(Unit::Seconds), "12.3 s"),
            (-0.004567, Some(Unit::Seconds), "-4.57 ms"),
            (123456.0, Some(Unit::Count), "123456"),
            (-10.0, Some(Unit::Count), "-10"),
            (-0.0, Some(Unit::Count), "0"),
            (1234.5, Some(Unit::PerSecond), "1234/s"),
            (0.012345, Some(Unit::Ratio), "0.0123"),
            (0.00000123, None, "1.23e-6"),
        ];
        for (value, unit, text) in cases {
            assert_eq!(show(value, unit), text);
        }
    }
}
