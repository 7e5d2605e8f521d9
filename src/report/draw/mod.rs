//! The drawing base of all charts: colours, text, axes, panels, on top of plotters' SVG backend.
//!
//! Knows nothing of results.

pub(crate) mod axis;
pub(crate) mod canvas;
pub(crate) mod glyphs;
pub(crate) mod label;
pub(crate) mod panel;
pub(crate) mod theme;
