//! Charts as PNG: the SVG rasterised at twice its size with the embedded fonts, so both look the same.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/noto-sans-regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/noto-sans-semibold.ttf");
/// Pixels of the picture per pixel of the chart, for dense screens and print.
const ZOOM: f32 = 2.0;

/// Turns charts into pictures; holds the fonts.
pub(crate) struct Rasteriser {
    options: Options<'static>,
}

impl Rasteriser {
    /// Loads the embedded fonts.
    pub(crate) fn new() -> Self {
        let mut options = Options { font_family: "Noto Sans".to_owned(), ..Options::default() };
        for font in [REGULAR, SEMIBOLD] {
            options.fontdb_mut().load_font_data(font.to_vec());
        }
        Rasteriser { options }
    }

    /// The bytes of a PNG file.
    pub(crate) fn png(&self, svg: &str) -> Vec<u8> {
        let tree = Tree::from_str(svg, &self.options).expect("our own charts are valid SVG");
        let size = tree.size();
        let (width, height) = (size.width() * ZOOM, size.height() * ZOOM);
        let mut picture =
            Pixmap::new(width as u32, height as u32).expect("charts are neither empty nor huge");
        resvg::render(&tree, Transform::from_scale(ZOOM, ZOOM), &mut picture.as_mut());
        picture.encode_png().expect("a picture in memory can be encoded")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::draw::glyphs;

    /// Width of a text as the real font engine lays it out.
    fn laid_out(text: &str, weight: u32) -> f32 {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2000\" height=\"50\"><text y=\"30\" \
             font-family=\"Noto Sans\" font-size=\"20\" font-weight=\"{weight}\">{text}</text></svg>"
        );
        let tree = Tree::from_str(&svg, &Rasteriser::new().options).expect("valid");
        tree.root().children()[0].bounding_box().width()
    }

    #[test]
    fn estimated_text_widths_are_those_of_the_font() {
        for text in
            ["orders-3 carries 61% of the lag", "12\u{a0}340 ± 210 (none seen)", "WAVE toil, QUAY 777 ms"]
        {
            for (weight, bold) in [(400, false), (600, true)] {
                let (real, estimated) = (f64::from(laid_out(text, weight)), glyphs::width(text, 20.0, bold));
                assert!((estimated / real - 1.0).abs() < 0.04, "{text} {weight}: {estimated} for {real}");
            }
        }
    }
}
