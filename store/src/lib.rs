//! An in-memory, versioned key-value store, sharded by run, with constant-time snapshots.
//!
//! [`ShardedStore`] is the store. Start there.
//!
//! Three modules stand apart from it: [`contract`], the interface of any such store; [`baseline`],
//! the simple store that it replaces; and [`inspect`], for tests and measurements only.
//!
//! The modules explain how it works, and why: `clock` and `pins` the snapshot protocol, `table` the
//! reads that take no lock, `shard` and `contents` one run and its versions.

mod arena;
mod as_storage;
pub mod baseline;
mod cell;
mod clock;
mod contents;
pub mod contract;
mod directory;
pub mod inspect;
mod order;
mod pins;
mod recent;
mod run_handle;
mod run_map;
mod shard;
mod sharded;
mod snapshot;
mod statistics;
mod sync;
mod table;
mod transaction;
mod unlocked;
mod word;

pub use contract::{
    Conflict, ConflictKind, Deleted, Entry, Error, Key, RunId, Value, Version, Versioned, WriteSet,
};
pub use run_handle::RunHandle;
pub use sharded::ShardedStore;
pub use snapshot::{Snapshot, SnapshotOn, SnapshotRef};
pub use statistics::{Reclaimed, Statistics};
pub use transaction::Transaction;

#[doc(no_inline)]
pub use baseline::{MigrateError, Progress, UnifiedSnapshot, UnifiedStore, migrate};
#[doc(no_inline)]
pub use contract::{
    Capabilities, Direct, Held, NoSnapshot, NoTransaction, Session, SnapshotReads, Storage,
    TransactionWork,
};
