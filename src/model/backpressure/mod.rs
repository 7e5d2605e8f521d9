//! Backpressure: what happens where more comes in than goes out? Four families by the place that answers.

pub mod admission;
pub mod flow;
pub mod quota;
pub mod scaling;

pub use admission::Admission;
pub use flow::Flow;
pub use quota::Quota;
pub use scaling::Scaling;
