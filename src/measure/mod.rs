//! Listens to facts and looks at snapshots: ledger, lag, latency, flow. Knows nothing of how the model works inside.

pub mod metric;
