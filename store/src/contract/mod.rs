//! The interface of any store of this kind: run ids, keys, values, versions, write sets and errors,
//! and the traits that a store implements to be measured and verified.
//!
//! Nothing in here depends on [`ShardedStore`](crate::ShardedStore).

pub(crate) mod bytes;
mod error;
mod id;
pub(crate) mod key;
mod snapshot_owners;
mod storage;
mod value;
mod version;
pub(crate) mod write_set;

pub use error::{Conflict, ConflictKind, Error};
pub use id::RunId;
pub use key::Key;
pub use storage::{
    Capabilities, Direct, Held, NoSnapshot, NoTransaction, Session, SnapshotReads, Storage,
    TransactionWork,
};
pub use value::{Deleted, Entry, Value, Versioned};
pub use version::Version;
pub use write_set::WriteSet;
