//! How wide a text will be, without a font engine: advance widths of the embedded Noto Sans.
//!
//! The numbers are the `hmtx` table of the fonts in `assets/fonts`, in thousandths of the font size, for
//! the printable ASCII characters; a test lays out text with the real font and compares. Kerning is left out.

const REGULAR: [u16; 95] = [
    260, 269, 408, 646, 572, 831, 732, 225, 300, 300, 551, 572, 268, 322, 268, 372, 572, 572, 572, 572, 572,
    572, 572, 572, 572, 572, 268, 268, 572, 572, 572, 434, 899, 639, 650, 632, 730, 556, 519, 728, 741, 339,
    273, 619, 524, 907, 760, 781, 605, 781, 622, 549, 556, 731, 600, 930, 586, 566, 572, 329, 372, 329, 572,
    444, 281, 561, 615, 480, 615, 564, 344, 615, 618, 258, 258, 534, 258, 935, 618, 605, 615, 615, 413, 479,
    361, 618, 508, 786, 529, 510, 470, 380, 551, 380, 572,
];

const SEMIBOLD: [u16; 95] = [
    260, 277, 452, 646, 572, 875, 743, 250, 324, 324, 546, 572, 279, 320, 276, 399, 572, 572, 572, 572, 572,
    572, 572, 572, 572, 572, 276, 279, 572, 572, 572, 461, 898, 672, 659, 638, 732, 558, 538, 726, 756, 370,
    309, 647, 546, 929, 793, 787, 615, 787, 643, 550, 569, 747, 631, 953, 638, 603, 576, 330, 399, 330, 572,
    423, 333, 585, 626, 502, 626, 585, 371, 626, 638, 283, 283, 588, 283, 960, 638, 617, 626, 626, 434, 493,
    406, 638, 547, 830, 560, 548, 484, 389, 551, 389, 572,
];

/// Width of a text in pixels at a font size in pixels.
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let table = if bold { &SEMIBOLD } else { &REGULAR };
    let advance = |c: char| match c {
        ' '..='~' => u32::from(table[c as usize - 32]),
        '\u{a0}' => 260,
        '…' => 831,
        '–' => 500,
        '·' => 268,
        // Like a digit: most other letters of the subset are near it.
        _ => 600,
    };
    text.chars().map(|c| f64::from(advance(c))).sum::<f64>() * size / 1000.0
}
