//! The colours of charts and pages, light and dark.
//!
//! Charts are drawn in the light colours. Each role has a colour of its own that no other role has, so a
//! page can replace it by a CSS variable and serve both light and dark. Lines use the Okabe-Ito palette
//! (distinct to colour-blind readers); text uses darker relatives of it, readable on white.

use plotters::style::RGBColor;

/// A colour.
pub(crate) type Colour = RGBColor;

/// Behind everything.
pub(crate) const BACKGROUND: Colour = RGBColor(255, 255, 255);
/// Titles and values.
pub(crate) const INK: Colour = RGBColor(31, 36, 48);
/// Axis labels and whatever is only context.
pub(crate) const MUTED: Colour = RGBColor(95, 102, 116);
/// The many lines behind the few that matter.
pub(crate) const FAINT: Colour = RGBColor(168, 174, 184);
/// Grid lines.
pub(crate) const GRID: Colour = RGBColor(230, 232, 236);
/// Areas that mean "nothing to do".
pub(crate) const CALM: Colour = RGBColor(222, 225, 231);
/// Band of a fault, and its name.
pub(crate) const FAULT: Colour = RGBColor(184, 74, 1);
/// Band of a rebalance or scaling step, and its name.
pub(crate) const REBALANCE: Colour = RGBColor(1, 94, 146);
/// On coloured areas, in light and dark.
pub(crate) const WHITE: Colour = RGBColor(254, 254, 254);
/// On bright coloured areas, in light and dark.
pub(crate) const BLACK: Colour = RGBColor(1, 1, 1);

/// One of the colours that tell things apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hue {
    /// For lines and areas.
    pub(crate) fill: Colour,
    /// For text.
    pub(crate) text: Colour,
}

/// Blue, vermillion, bluish green, orange, reddish purple, sky blue.
pub(crate) const HUES: [Hue; 6] = [
    Hue { fill: RGBColor(0, 114, 178), text: RGBColor(0, 100, 158) },
    Hue { fill: RGBColor(213, 94, 0), text: RGBColor(178, 78, 0) },
    Hue { fill: RGBColor(0, 158, 115), text: RGBColor(0, 118, 86) },
    Hue { fill: RGBColor(230, 159, 0), text: RGBColor(146, 100, 0) },
    Hue { fill: RGBColor(204, 121, 167), text: RGBColor(158, 74, 121) },
    Hue { fill: RGBColor(86, 180, 233), text: RGBColor(32, 118, 168) },
];

/// The hue of the `i`-th of several things; they repeat after [`HUES`].
pub(crate) fn hue(i: usize) -> Hue {
    HUES[i % HUES.len()]
}

/// CSS variable, light colour, dark colour.
const ROLES: [(&str, Colour, &str); 22] = [
    ("bg", BACKGROUND, "#11141B"),
    ("ink", INK, "#E6E9EF"),
    ("muted", MUTED, "#A3ABB9"),
    ("faint", FAINT, "#5C6473"),
    ("grid", GRID, "#2A2F3A"),
    ("calm", CALM, "#2E3440"),
    ("fault", FAULT, "#FF9D5C"),
    ("rebalance", REBALANCE, "#7CC4F2"),
    ("white", WHITE, "#FEFEFE"),
    ("black", BLACK, "#010101"),
    ("c0", HUES[0].fill, "#3D9BE0"),
    ("c1", HUES[1].fill, "#F0803C"),
    ("c2", HUES[2].fill, "#2EBE94"),
    ("c3", HUES[3].fill, "#F0B93C"),
    ("c4", HUES[4].fill, "#E296BE"),
    ("c5", HUES[5].fill, "#8CCBF5"),
    ("t0", HUES[0].text, "#6DB6EE"),
    ("t1", HUES[1].text, "#FF9A5E"),
    ("t2", HUES[2].text, "#4CD3AC"),
    ("t3", HUES[3].text, "#F3C65E"),
    ("t4", HUES[4].text, "#EBB0CF"),
    ("t5", HUES[5].text, "#A5D6F8"),
];

fn hex(c: Colour) -> String {
    format!("#{:02X}{:02X}{:02X}", c.0, c.1, c.2)
}

/// The chart with its colours given by CSS variables, each with the light colour to fall back on.
pub(crate) fn themed(svg: &str) -> String {
    ROLES.iter().fold(svg.to_owned(), |svg, (name, light, _)| {
        let light = hex(*light);
        svg.replace(&format!("\"{light}\""), &format!("\"var(--{name},{light})\""))
    })
}

/// CSS declarations of the variables: light, and dark.
pub(crate) fn variables() -> (String, String) {
    let light = ROLES.iter().map(|(name, light, _)| format!("--{name}:{};", hex(*light)));
    let dark = ROLES.iter().map(|(name, _, dark)| format!("--{name}:{dark};"));
    (light.collect(), dark.collect())
}

/// Viridis, from 0 (dark) to 1 (bright), in 48 steps, so that equal-looking cells can be joined.
pub(crate) fn viridis(share: f64) -> Colour {
    use plotters::style::colors::colormaps::{ColorMap, ViridisRGB};
    const STEPS: f64 = 47.0;
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    ViridisRGB.get_color((libm::round(share * STEPS) / STEPS) as f32)
}

/// What can be read on a viridis cell.
pub(crate) fn on_viridis(share: f64) -> Colour {
    if share > 0.55 { BLACK } else { WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_colour_of_its_own() {
        for (i, (name, colour, _)) in ROLES.iter().enumerate() {
            assert!(ROLES[..i].iter().all(|(_, other, _)| other != colour), "{name}");
        }
        let used = (0..=100).map(|i| viridis(f64::from(i) / 100.0));
        assert!(used.into_iter().all(|c| ROLES.iter().all(|(_, role, _)| *role != c)));
    }

    #[test]
    fn text_is_readable_on_the_background() {
        // WCAG 2.1: relative luminance and a contrast of at least 4.5 for text.
        let channel = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        };
        let luminance = |c: Colour| 0.2126 * channel(c.0) + 0.7152 * channel(c.1) + 0.0722 * channel(c.2);
        let parse = |hex: &str| {
            let at = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).expect("hexadecimal");
            RGBColor(at(1), at(3), at(5))
        };
        let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        let texts = ROLES.iter().filter(|(name, _, _)| {
            ["ink", "muted", "fault", "rebalance"].contains(name) || name.starts_with('t')
        });
        for (name, light, dark) in texts {
            assert!(contrast(luminance(*light), 1.0) >= 4.5, "{name} on white");
            assert!(contrast(luminance(parse(dark)), luminance(parse("#11141B"))) >= 4.5, "{name} on dark");
        }
    }

    #[test]
    fn a_themed_chart_has_no_bare_role_colour() {
        let svg = themed("<rect fill=\"#FFFFFF\"/><text fill=\"#1F2430\"/><rect fill=\"#440154\"/>");
        assert_eq!(
            svg,
            "<rect fill=\"var(--bg,#FFFFFF)\"/><text fill=\"var(--ink,#1F2430)\"/><rect fill=\"#440154\"/>"
        );
    }
}
