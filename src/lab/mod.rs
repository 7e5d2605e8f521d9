//! Questions, expectations, verdicts, explanations: what results mean. Knows nothing of formats or files.

pub mod explain;

mod judge;
mod quantity;
mod scope;

pub use judge::judge;
