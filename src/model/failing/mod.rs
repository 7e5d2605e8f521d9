//! Family `failures`: which records does processing fail on?

use crate::engine::{Chance, Time};
use crate::model::catalog::family;

/// What may decide a failure.
#[derive(Clone, Debug)]
pub struct FailView {
    /// The event's key, or `NO_KEY`.
    pub key: u32,
    /// The schema version it was written with.
    pub schema: u32,
    /// When it was created.
    pub created: Time,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Draws that are the same for every try of this event.
    pub of_event: Chance,
    /// Draws of this try.
    pub of_try: Chance,
}

/// Decides for one group.
pub trait Failing {
    /// Whether this try fails.
    fn fails(&self, view: &mut FailView) -> bool;
}

#[cfg(test)]
mod tests;

family! {
    /// Every kind of failure.
    "failures" of dyn Failing { random, poison, by_key, by_schema }
}
