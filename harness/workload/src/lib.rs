//! The load on a subject. A workload defines the mix of operations, the key distribution, the shape
//! of keys and values, and the role of each thread; a placement assigns threads to runs. A
//! workload, a placement and a seed determine the operation streams.

#![deny(clippy::print_stderr, clippy::print_stdout)]

mod catalogue;
pub mod checksummed_values;
pub mod definition;
pub mod distribution;
pub mod keys;
pub mod kind;
mod listing;
pub mod mix;
pub mod operation;
mod padding;
pub mod placement;
pub mod roles;
pub mod shape;
pub mod sizes;
pub mod stream;
mod text;

pub use checksummed_values::{Origin, ValueWriter};
pub use definition::{Settings, Workload, WorkloadError};
pub use distribution::KeyDistribution;
pub use keys::KeySet;
pub use kind::OperationKind;
pub use mix::Mix;
pub use operation::{KeyAccess, Opcode, Operation};
pub use placement::{Placement, Runs};
pub use roles::Roles;
pub use shape::KeyShape;
pub use sizes::ValueSizes;
pub use stream::{LastWrite, Sample, Stream, WriteAgo};
pub use text::WorkloadList;
