//! Stand-in.
use crate::experiment::results::Results;
/// Style.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Colour.
    pub colour: bool,
}
/// Summary.
pub fn summary(r: &Results, _width: usize, _style: Style) -> String {
    format!("{}\n", r.title)
}
