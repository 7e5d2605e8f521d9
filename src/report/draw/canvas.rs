//! A sheet to draw on, in pixels with fractions; behind it plotters' SVG backend at eight times the size.
//!
//! The backend knows whole coordinates only, which makes curves look like stairs; at eightfold size they
//! do not, and the view box scales the picture back. Rectangles are marked `crispEdges`, else the cells
//! of a heat map show seams.

use crate::report::draw::label::shortened_to;
use crate::report::draw::theme::{BACKGROUND, Colour, INK, MUTED};
use plotters::coord::Shift;
use plotters::prelude::{
    Circle, Color, DrawingArea, FontDesc, FontFamily, FontStyle, IntoDrawingArea, PathElement, Polygon,
    Rectangle, SVGBackend, ShapeStyle, Text,
};
use plotters::style::IntoFont;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// How many backend units a pixel has.
pub(crate) const SCALE: f64 = 8.0;
/// The families to try for text, the embedded one first.
const FONTS: &str = "'Noto Sans', 'Segoe UI', system-ui, sans-serif";

/// A point in pixels from the upper left corner.
pub(crate) type Point = (f64, f64);

/// A plotters area on our sheet.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// How text looks, and which of its points stands at the given place.
#[derive(Clone, Copy)]
pub(crate) struct Ink {
    /// Font size in pixels.
    pub(crate) size: f64,
    /// Its colour.
    pub(crate) colour: Colour,
    /// Semi-bold instead of regular.
    pub(crate) bold: bool,
    /// Which end is at the place.
    pub(crate) h: HPos,
    /// Which edge is at the place.
    pub(crate) v: VPos,
}

impl Ink {
    /// Left-aligned, vertically centred text.
    pub(crate) const fn new(size: f64, colour: Colour) -> Ink {
        Ink { size, colour, bold: false, h: HPos::Left, v: VPos::Center }
    }
    /// What labels and notes are written in.
    pub(crate) const NOTE: Ink = Ink::new(12.0, MUTED);
    /// What names and values are written in.
    pub(crate) const NAME: Ink = Ink::new(12.5, INK);

    pub(crate) const fn bold(self) -> Ink {
        Ink { bold: true, ..self }
    }
    pub(crate) const fn colour(self, colour: Colour) -> Ink {
        Ink { colour, ..self }
    }
    pub(crate) const fn right(self) -> Ink {
        Ink { h: HPos::Right, ..self }
    }
    pub(crate) const fn centred(self) -> Ink {
        Ink { h: HPos::Center, ..self }
    }
    pub(crate) const fn top(self) -> Ink {
        Ink { v: VPos::Top, ..self }
    }
    /// How wide a text is.
    pub(crate) fn width(self, text: &str) -> f64 {
        super::glyphs::width(text, self.size, self.bold)
    }
    /// As plotters wants it. The SVG backend divides sizes by 1.24, which is undone here.
    pub(crate) fn style(self) -> plotters::style::TextStyle<'static> {
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FONTS), self.size * SCALE * 1.24, style);
        font.into_font().color(&self.colour).pos(Pos::new(self.h, self.v))
    }
}

/// A line's colour, opacity and width in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Stroke {
    /// Its colour.
    pub(crate) colour: Colour,
    /// From 0 to 1.
    pub(crate) alpha: f64,
    /// In pixels.
    pub(crate) width: f64,
    /// Broken into dashes.
    pub(crate) dashed: bool,
}

impl Stroke {
    /// An opaque unbroken line.
    pub(crate) const fn new(colour: Colour, width: f64) -> Stroke {
        Stroke { colour, alpha: 1.0, width, dashed: false }
    }
    /// As plotters wants it.
    pub(crate) fn style(self) -> ShapeStyle {
        ShapeStyle::from(&self.colour.mix(self.alpha)).stroke_width(units(self.width).max(1) as u32)
    }
}

/// Pixels in whole backend units.
pub(crate) fn units(pixels: f64) -> i32 {
    libm::round(pixels * SCALE) as i32
}

fn at(p: Point) -> (i32, i32) {
    (units(p.0), units(p.1))
}

/// The sheet.
pub(crate) struct Canvas<'a> {
    root: Area<'a>,
}

/// Draws a picture of this size in pixels; `alt` says in words what it shows.
pub(crate) fn picture(width: f64, height: f64, alt: &str, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let mut svg = String::new();
    let size = (units(width) as u32, units(height) as u32);
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&BACKGROUND).expect(INTO_A_STRING);
        let canvas = Canvas { root };
        draw(&canvas);
        canvas.root.present().expect(INTO_A_STRING);
    }
    finished(&svg, (width, height), size, alt)
}

/// Why drawing cannot fail.
pub(crate) const INTO_A_STRING: &str = "drawing into a string cannot fail";

impl<'a> Canvas<'a> {
    /// A part of the sheet for plotters' own charts: left, top, width, height.
    pub(crate) fn part(&self, x: f64, y: f64, width: f64, height: f64) -> Area<'a> {
        self.root.clone().shrink(at((x, y)), at((width, height)))
    }

    /// Writes a line of text.
    pub(crate) fn text(&self, place: Point, text: &str, ink: Ink) {
        self.root.draw(&Text::new(clean(text), at(place), ink.style())).expect(INTO_A_STRING);
    }

    /// Writes a line of text, without its middle if it is wider than `room`.
    pub(crate) fn text_within(&self, place: Point, text: &str, ink: Ink, room: f64) {
        self.text(place, &shortened_to(text, room, ink), ink);
    }

    /// Draws lines from point to point.
    pub(crate) fn line(&self, points: &[Point], stroke: Stroke) {
        if stroke.dashed {
            for piece in dashes(points, 6.0, 3.5) {
                self.line(&piece, Stroke { dashed: false, ..stroke });
            }
        } else if points.len() > 1 {
            let path: Vec<_> = points.iter().map(|p| at(*p)).collect();
            self.root.draw(&PathElement::new(path, stroke.style())).expect(INTO_A_STRING);
        }
    }

    /// Fills a rectangle between two corners.
    pub(crate) fn rect(&self, a: Point, b: Point, colour: Colour, alpha: f64) {
        let style = ShapeStyle::from(&colour.mix(alpha)).filled();
        self.root.draw(&Rectangle::new([at(a), at(b)], style)).expect(INTO_A_STRING);
    }

    /// Fills the area inside a closed line.
    pub(crate) fn area(&self, outline: &[Point], colour: Colour, alpha: f64) {
        let path: Vec<_> = outline.iter().map(|p| at(*p)).collect();
        self.root.draw(&Polygon::new(path, colour.mix(alpha))).expect(INTO_A_STRING);
    }

    /// Fills a circle, with a thin ring of background so that it stands out from lines.
    pub(crate) fn dot(&self, centre: Point, radius: f64, colour: Colour) {
        for (r, c) in [(radius + 1.2, BACKGROUND), (radius, colour)] {
            self.root.draw(&Circle::new(at(centre), units(r), c.filled())).expect(INTO_A_STRING);
        }
    }

    /// A small square of colour and a text after it; gives where the text ends.
    pub(crate) fn swatch(&self, (x, y): Point, colour: Colour, text: &str, ink: Ink) -> f64 {
        self.rect((x, y - 5.0), (x + 10.0, y + 5.0), colour, 1.0);
        self.text((x + 15.0, y), text, ink);
        x + 15.0 + ink.width(text)
    }
}

/// Cuts a line into dashes of `on` pixels with gaps of `off`.
fn dashes(points: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let (mut left, mut drawing) = (on, true);
    let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (mut a, b) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let length = libm::sqrt(dx * dx + dy * dy);
            if length <= left {
                left -= length;
                if drawing {
                    piece.push(b);
                }
                break;
            }
            a = (a.0 + dx * left / length, a.1 + dy * left / length);
            if drawing {
                piece.push(a);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![a];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
    }
    if drawing && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

/// Control characters are not allowed in XML.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text made safe for XML and HTML, in elements and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Gives the picture its true size and the fixes described above.
fn finished(svg: &str, (width, height): Point, size: (u32, u32), alt: &str) -> String {
    let raw = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    let real = format!("width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\"", escaped(alt));
    let svg = svg.replacen(&raw, &real, 1);
    // The sheet's own background is the first rectangle; nothing else precedes it.
    svg.replace("<rect ", "<rect shape-rendering=\"crispEdges\" ")
        .replace("<polyline ", "<polyline stroke-linejoin=\"round\" ")
        .replace(
            "font-family=\"&apos;Noto Sans&apos;, &apos;Segoe UI&apos;, ",
            "font-family=\"'Noto Sans', 'Segoe UI', ",
        )
        .replace("font-weight=\"bold\"", "font-weight=\"600\"")
        .replace(" opacity=\"1\"", "")
        .replace(" \"/>", "\"/>")
        .replace("\n</text>", "</text>")
        .split("<text ")
        .map(|part| part.replacen(">\n", ">", 1))
        .collect::<Vec<_>>()
        .join("<text ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_its_size_and_words() {
        let svg = picture(90.0, 40.0, "a <b> & \"c\"", |c| c.text((5.0, 5.0), "x < y\u{1}", Ink::NAME));
        assert!(svg.starts_with("<svg width=\"90\" height=\"40\" role=\"img\" aria-label=\"a &lt;b&gt; &amp; &quot;c&quot;\" viewBox=\"0 0 720 320\""), "{svg}");
        assert!(svg.contains(">x &lt; y </text>"), "{svg}");
        assert!(svg.contains("font-family=\"'Noto Sans',"), "{svg}");
    }

    #[test]
    fn dashes_cover_their_share_of_the_line() {
        let pieces = dashes(&[(0.0, 0.0), (50.0, 0.0), (95.0, 0.0)], 6.0, 3.5);
        assert_eq!(pieces.len(), 10);
        let drawn: f64 = pieces.iter().map(|p| p.last().expect("two ends").0 - p[0].0).sum();
        assert!((drawn - 60.0).abs() < 1e-9, "{drawn}");
        assert!(dashes(&[], 6.0, 3.5).is_empty());
    }
}
