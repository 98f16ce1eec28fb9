//! An in-memory, versioned key-value store, sharded by run, with constant-time snapshots.
//!
//! [`ShardedStore`] is the store. Start there. [`UnifiedStore`] is the simple store it replaces,
//! kept as a baseline, and [`migrate`] carries one over into the other. [`Storage`] is what any
//! store must do to be measured and verified by the harness of this workspace.
//!
//! How it works, and why, is told where it happens: `clock` and `pins` hold the snapshot protocol,
//! `table` the reads that take no lock, `shard` and `contents` one run and its versions.

mod arena;
mod bytes;
mod cell;
mod clock;
mod contents;
mod directory;
mod error;
mod id;
mod key;
mod migrate;
mod order;
mod pins;
mod recent;
mod run_handle;
mod run_map;
mod shard;
mod sharded;
mod snapshot;
mod statistics;
mod storage;
mod sync;
mod table;
mod transaction;
mod unified;
mod unlocked;
mod value;
mod version;
mod write_set;

pub use error::{Conflict, ConflictKind, Error};
pub use id::RunId;
pub use key::Key;
pub use migrate::{MigrateError, Progress, migrate};
pub use run_handle::RunHandle;
pub use sharded::ShardedStore;
pub use snapshot::{Snapshot, SnapshotOn, SnapshotRef};
pub use statistics::{Reclaimed, Statistics};
pub use storage::{
    Capabilities, Direct, Held, NoSnapshot, NoTransaction, Session, SnapshotReads, Storage,
    TransactionWork,
};
pub use transaction::Transaction;
pub use unified::{UnifiedSnapshot, UnifiedStore};
pub use value::{Deleted, Entry, Value, Versioned};
pub use version::Version;
pub use write_set::WriteSet;
