//! Time, order and chance. Knows nothing of messages: it would serve any discrete-event model.

mod digest;
mod dist;
mod math;
mod places;
mod queue;
mod rng;
mod time;
mod wheel;
mod ziggurat;

pub use digest::{Digest, mix};
pub use dist::{BadDist, Dist};
pub use math::P;
pub use places::Places;
pub use queue::{EventQueue, HeapQueue, Rank};
pub use rng::{Chance, EventRng, Stream, StreamKey};
pub use time::{Span, Time};
pub use wheel::WheelQueue;
