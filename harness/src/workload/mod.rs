//! What is asked of a subject: keys, mixes and placements, as operation streams from one seed.

pub mod keys;
pub mod mix;
pub mod placement;
pub mod sealed;
pub mod stream;

pub use keys::KeySet;
pub use mix::Mix;
pub use placement::Placement;
pub use sealed::{Origin, Writer};
pub use stream::{Kind, Operation, Sample, Stream};
