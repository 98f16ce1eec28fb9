//! What is asked of a subject: a workload is a mix of operations, how keys are chosen, what keys and
//! values look like, and who does what; a placement says who works in which run. Both together, and
//! one seed, make the operation streams.

mod catalogue;
pub mod definition;
pub mod distribution;
mod filler;
pub mod keys;
pub mod kind;
mod listing;
pub mod mix;
pub mod operation;
pub mod placement;
pub mod roles;
pub mod sealed;
pub mod shape;
pub mod sizes;
pub mod stream;
mod text;

pub use definition::{Settings, Workload, WorkloadError};
pub use distribution::KeyDistribution;
pub use keys::KeySet;
pub use kind::OperationKind;
pub use mix::Mix;
pub use operation::{Code, Operation, Part};
pub use placement::{Placement, Runs};
pub use roles::Roles;
pub use sealed::{Origin, Writer};
pub use shape::KeyShape;
pub use sizes::ValueSizes;
pub use stream::{LastWrite, Sample, Stream};
