//! What a running experiment tells outward, and the one thing it may be told.

use crate::engine::Span;

/// Somebody who looks at a running experiment.
pub trait Watch: Sync {
    /// Whether the run should stop early.
    fn cancelled(&self) -> bool {
        false
    }
    /// A run has reached this simulated time.
    fn progress(&self, done: Span) {
        let _ = done;
    }
}

/// Nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;
impl Watch for Nobody {}
